"""What can be said of picks: on the list's chain what it is and what became of it, on each unit's that it was fetched or not."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class PicksReleased(Fact, kind="storage.picks_released", staff=_("{units:unit|units} to fetch, {target!w}.")):
    number: str
    hub: str
    target: str
    units: int


class PicksAssigned(Fact, kind="storage.picks_assigned", staff=_("Handed to {person!n} to fetch.")):
    """To whom is an account's reference, as in every entry's actor; never a name."""

    number: str
    person: str


class Picked(Fact, kind="storage.picked", staff=_("Fetched from {place}, list {number}.")):
    number: str
    place: str


class PickedShort(Fact, kind="storage.picked_short", staff=_("Not fetched from {place}, list {number}: {reason!w}.")):
    number: str
    place: str
    reason: str


class PicksBrought(
    Fact, kind="storage.picks_brought", staff=_("{units:unit|units} brought to {place}[, {short} not fetched].")
):
    """With the Merkle root over the digests of the units' own entries."""

    number: str
    place: str
    units: int
    short: int | None
    root: str


class PicksCancelled(Fact, kind="storage.picks_cancelled", staff=_("Cancelled: {reason}.")):
    number: str
    reason: str
