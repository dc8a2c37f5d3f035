"""What can be said of a hazard: on the case's chain, on those of the units and of the places. Who did it is each entry's actor."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class HazardReported(
    Fact,
    kind="storage.hazard_reported",
    staff=_(
        "{number}: {danger!w} at {hub!h}[, {unit}][, in {place}]; {units:unit|units} frozen, to be assessed by {due!t}."
    ),
):
    """On the case's chain, with the Merkle root over the entries of the units that were frozen."""

    number: str
    hub: str
    danger: str
    unit: str | None = None
    place: str | None = None
    units: int
    root: str
    due: str


class HazardRecognized(
    Fact, kind="storage.hazard_recognized", staff=_("It is {danger!w}, not {before!w}; to be assessed by {due!t}.")
):
    number: str
    danger: str
    before: str
    due: str


class HazardPictured(Fact, kind="storage.hazard_pictured", staff=_("Photo taken.")):
    number: str
    photo: str


class HazardSpread(Fact, kind="storage.hazard_spread", staff=_("{units:more unit|more units} that lay there frozen.")):
    """Units that came into a place while it was being frozen."""

    number: str
    units: int
    root: str


class HazardSuspected(
    Fact,
    kind="storage.hazard_suspected",
    staff=_("May be dangerous ({danger!w}): {number}."),
    client=_("May be dangerous ({danger!w}); a safety assessor looks at it."),
    customer=_("We need to look closer before we go on."),
):
    """On the unit's chain."""

    number: str
    danger: str


class HazardAssessed(
    Fact,
    kind="storage.hazard_assessed",
    staff=_("Assessed in {number}: {verdict!w}, {basis!w}[, {criteria!x}][, {goods}][; packed by {packing}]."),
    client=_("Assessed by a safety assessor: {verdict!w}."),
):
    """On the unit's chain: what it is, by whose criteria, which of them, and what that asks of its packing."""

    number: str
    verdict: str
    basis: str
    criteria: str | None = None
    goods: str | None = None
    packing: str | None = None


class HazardClosed(
    Fact,
    kind="storage.hazard_closed",
    staff=_(
        "Assessed: {verdict!w}, {basis!w}[, {criteria!x}][, {goods}]. {released} released, {damaged} damaged, {critical} critical."
    ),
):
    number: str
    verdict: str
    basis: str
    criteria: str | None = None
    goods: str | None = None
    released: int
    damaged: int
    critical: int
    root: str


class HazardPacked(
    Fact,
    kind="storage.hazard_packed",
    staff=_("Packed by {packing}, marked “{mark}”."),
    client=_("Packed as dangerous goods."),
):
    packing: str
    mark: str


class HazardLifted(
    Fact,
    kind="storage.hazard_lifted",
    staff=_("No longer {before!w}: {reason}."),
    client=_("No longer dangerous: {reason}."),
):
    before: str
    reason: str


class PlaceFrozen(
    Fact, kind="storage.place_frozen", staff=_("Frozen by {number}: nothing goes in or out. {units:unit|units} in it.")
):
    """On the chain of the place or container."""

    place: str
    number: str
    units: int
    why: str
    """What it waits for: an assessor, or an inspection."""


class PlaceFreed(Fact, kind="storage.place_freed", staff=_("Free again after {number}: {why!w}.")):
    place: str
    number: str
    why: str


class LooksAsked(
    Fact, kind="storage.looks_asked", staff=_("{containers:container|containers} of {owner!o} to be inspected again.")
):
    """On the case's chain."""

    number: str
    containers: int
    owner: str
