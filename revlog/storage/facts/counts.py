"""What can be said of counting a place: on its own chain what was asked, found and settled, on each unit's that it was seen or found."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class CountRequested(Fact, kind="storage.count_requested", staff=_("To be counted ({number}): {why!w}.")):
    number: str
    place: str
    hub: str
    why: str
    due: str | None = None


class CountAssigned(Fact, kind="storage.count_assigned", staff=_("Count {number} handed to {person!n}.")):
    """To whom is an account's reference, as in every entry's actor; never a name."""

    number: str
    person: str


class PlaceCounted(
    Fact,
    kind="storage.place_counted",
    staff=_(
        "Counted ({number}): {units} of {expected} as they should be[, {missing} not there][, {extra} that belong elsewhere]"
        "[, {wrong} in another number][, {unknown} unknown]."
    ),
):
    """What one person asserts who saw it, ``round`` for round. ``root`` is over the digests of the entries on the units' chains, by which
    each of them was seen; ``moved`` came, went or were fetched meanwhile and are no part of it."""

    number: str
    place: str
    hub: str
    round: int
    expected: int
    units: int
    root: str
    missing: int | None = None
    extra: int | None = None
    wrong: int | None = None
    unknown: int | None = None
    moved: int | None = None


class ContainerMissed(
    Fact,
    kind="storage.container_missed",
    staff=_("Not there when {place} was counted ({number}), with {units:unit|units} in it."),
):
    """From then on nobody knows where it stands; what is in it is still in it."""

    number: str
    container: str
    place: str
    hub: str
    units: int
    containers: int
    root: str


class ContainerFound(
    Fact,
    kind="storage.container_found",
    staff=_("Found in {place} when it was counted ({number})[, not in {before}], with {units:unit|units} in it."),
):
    number: str
    container: str
    place: str
    hub: str
    before: str | None = None
    units: int
    containers: int
    root: str


class SeenInCount(
    Fact,
    kind="storage.seen",
    staff=_("Seen in {place} when it was counted ({number})."),
    client=_("Seen where it should be, in a count."),
):
    number: str
    place: str
    hub: str
    pieces: int | None = None


class FoundInCount(
    Fact,
    kind="storage.found",
    staff=_("Found in {place} when it was counted ({number})[, not in {before}]."),
    client=_("Found in a count."),
):
    """Where it lies was said wrong: ``corrects`` is the digest of the entry that said so."""

    number: str
    place: str
    hub: str
    before: str | None = None
    corrects: str | None = None


class CountApproved(
    Fact,
    kind="storage.count_approved",
    staff=_(
        "Count {number} settled[: {missing} missing][, {here} found here][, {back} brought elsewhere][, {adjusted} numbers corrected]"
        "[, {left} no difference after all]."
    ),
):
    """``root`` is over the digests of the entries that it wrote on units' chains."""

    number: str
    place: str
    hub: str
    root: str
    missing: int | None = None
    here: int | None = None
    back: int | None = None
    adjusted: int | None = None
    left: int | None = None
    reason: str | None = None


class CountedAgain(Fact, kind="storage.count_again", staff=_("Count {number}: to be counted again.")):
    number: str
    place: str


class CountCancelled(Fact, kind="storage.count_cancelled", staff=_("Count {number} cancelled: {reason}.")):
    number: str
    place: str
    reason: str
