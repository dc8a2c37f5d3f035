"""What every verb of hazards needs: rights, the row under lock, places frozen and freed, each with its entry.

Locks: units first by their ids, then places by theirs, then the case, then chains.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor, system
from revlog.accounts.models import Hub
from revlog.common.errors import DomainError, NotAllowed, Reason
from revlog.custody.facts import Fact
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.models import Device, Location
from revlog.devices.services import places as setting_up
from revlog.storage.facts import hazards as facts
from revlog.storage.models import FrozenPlace, HazardCase, HazardState, LookState, Reinspection
from revlog.storage.services.containers import keeping

CHAIN = "hazard"
HAZARDS = system("storage.hazards")


class UnableToAssess(DomainError):
    """The case can't be reported, assessed or changed like this now."""

    code = "unable_to_assess"


def require(by: Actor, hub: Hub, permission: str = "devices.hold") -> None:
    if not by.may(permission) or not hub.is_worked_by(by):
        raise NotAllowed(
            Reason("not_allowed", _("Hazards are handled by the people of their site."))
            if permission == "devices.hold"
            else Reason("not_allowed", _("This needs the right to assess and pack hazardous goods."))
        )


def locked(case: HazardCase) -> HazardCase:
    rows = HazardCase.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("hub", "device", "place").get(pk=case.pk)


def demand_open(case: HazardCase) -> None:
    if case.state != HazardState.OPEN:
        raise UnableToAssess(Reason("closed", _("%s is assessed already.") % case.number))


def say(case: HazardCase, fact: Fact, *, by: Actor, at: datetime) -> Entry:
    return ledger.append(case.pk, fact, by=by, at=at, hub=case.hub_id)


def root(devices: Sequence[Device]) -> str:
    """The Merkle root over what was said last of each of these taken units, in the order of their ids."""
    taken = sorted(devices, key=lambda one: one.pk)
    return keeping.root(one.head.digest for one in taken if one.head is not None)


def freeze(places: Iterable[Location], number: str, why: str, *, by: Actor, at: datetime) -> None:
    """Nothing goes in or out of these held places from now on."""
    for place in sorted(places, key=lambda one: one.pk):
        Location.objects.filter(pk=place.pk).update(frozen_by=number)
        place.frozen_by = number
        _say(
            place,
            facts.PlaceFrozen(place=place.code, number=number, units=place.devices.count(), why=why),
            by=by,
            at=at,
        )


def free(places: Iterable[uuid.UUID], number: str, why: str, *, by: Actor, at: datetime) -> None:
    """These held places are free again, unless another case or inspection freezes them still."""
    for place in (
        Location.objects.select_related("hub__organization", "parent", "client")
        .filter(pk__in=list(places))
        .order_by("pk")
    ):
        other = FrozenPlace.objects.filter(place=place, freed_at=None).values_list("case__number", flat=True).first()
        if other is None:
            waiting = Reinspection.objects.filter(place=place, state=LookState.WAITING)
            other = waiting.values_list("case__number", flat=True).first()
        Location.objects.filter(pk=place.pk).update(frozen_by=other or "")
        place.frozen_by = other or ""
        if other is None:
            _say(place, facts.PlaceFreed(place=place.code, number=number, why=why), by=by, at=at)


def _say(place: Location, fact: Fact, *, by: Actor, at: datetime) -> None:
    row = keeping.of_place(place)
    if row is not None:
        keeping.say(row, fact, by=by, at=at)
        return
    setting_up.with_chain(place, by=by, at=at)
    ledger.append(place.pk, fact, by=by, at=at, hub=place.hub_id)
