"""A hazard came with a client's goods: that client's other containers are looked into again before anything comes out of them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common.errors import Reason
from revlog.devices.models import Device, HoldKind, Location, LocationKind
from revlog.devices.services import moves, placing, standing
from revlog.storage.facts import hazards as facts
from revlog.storage.models import HazardCase, HazardState, LookState, Reinspection
from revlog.storage.queries import containers
from revlog.storage.services.hazards import freezing
from revlog.storage.services.hazards.freezing import HAZARDS, UnableToAssess

MOST = 500


def client_of(case: HazardCase) -> Organization | None:
    """Whose goods it came with; nobody where they are our own, or several companies' lay together."""
    if case.device is not None:
        owner: Organization | None = case.device.owner
    else:
        owners = set(case.units.values_list("device__owner_id", flat=True))
        owner = Organization.objects.filter(pk__in=owners).first() if len(owners) == 1 else None
    return owner if owner is not None and owner.kind != OrganizationKind.OPERATOR else None


def ask(case: HazardCase, *, by: Actor = HAZARDS, at: datetime) -> list[Reinspection]:
    """Freeze the client's other containers, here and elsewhere, and what stands in them, until somebody has looked into each."""
    owner = client_of(case)
    if owner is None:
        return []
    theirs = Exists(Device.objects.filter(location=OuterRef("pk"), owner=owner))
    rows = _free().filter(theirs).order_by("pk")
    return _ask(case, list(rows.values_list("pk", flat=True)[:MOST]), owner, by=by, at=at)


def _free() -> QuerySet[Location]:
    """Containers that neither a hazard nor an inspection has stopped."""
    rows = Location.objects.filter(kind=LocationKind.CONTAINER, active=True)
    rows = rows.exclude(pk__in=Reinspection.objects.filter(state=LookState.WAITING).values("place"))
    return rows.exclude(hazards__freed_at=None, hazards__isnull=False)


@transaction.atomic
def _ask(
    case: HazardCase, outer: Sequence[uuid.UUID], owner: Organization, *, by: Actor, at: datetime
) -> list[Reinspection]:
    keys = list(_free().filter(pk__in=containers.below(outer)).order_by("pk").values_list("pk", flat=True))
    # All that lies in them, whoever's it is: nothing comes out of a place that is frozen.
    units = moves.take(Device.objects.filter(location__in=keys).order_by("pk").values_list("pk", flat=True))
    placing.hold(keys)
    row = freezing.locked(case)
    if not keys or row.state != HazardState.OPEN:
        return []
    places = list(Location.objects.select_related("hub__organization", "parent", "client").filter(pk__in=keys))
    made = Reinspection.objects.bulk_create(
        [Reinspection(case=row, place=one, hub=one.hub, owner=owner, asked_at=at) for one in places]
    )
    standing.hold_many(units, HoldKind.RE_INSPECT, reason=row.number, by=by, at=at)
    freezing.say(row, facts.LooksAsked(number=row.number, containers=len(made), owner=owner.code), by=by, at=at)
    freezing.freeze(places, row.number, "inspection", by=by, at=at)
    return made


def sweep(case: HazardCase, *, by: Actor = HAZARDS, at: datetime) -> int:
    """Freeze and hold what came into these containers while they were being frozen. How many units that were."""
    waiting = case.looks.filter(state=LookState.WAITING)
    if (owner := client_of(case)) is not None:
        _ask(case, list(waiting.values_list("place_id", flat=True)), owner, by=by, at=at)
    with transaction.atomic():
        keys = list(waiting.order_by("place").values_list("place_id", flat=True))
        inside = Device.objects.filter(location__in=keys).exclude(holds__contains=[HoldKind.RE_INSPECT])
        taken = moves.take(inside.order_by("pk").values_list("pk", flat=True))
        placing.hold(keys)
        still = set(waiting.values_list("place_id", flat=True))
        missed = [one for one in taken if one.location_id in still]
        standing.hold_many(missed, HoldKind.RE_INSPECT, reason=case.number, by=by, at=at)
    return len(missed)


def of_place(place: uuid.UUID) -> Reinspection | None:
    rows = Reinspection.objects.filter(place=place, state=LookState.WAITING)
    return rows.select_related("place", "hub", "case", "owner").first()


def all_well(place: Location, *, by: Actor, at: datetime) -> Reinspection:
    """Somebody looked into a container and all is well: it and its units are free. Raises UnableToAssess."""
    look = of_place(place.pk)
    if look is None:
        raise UnableToAssess(Reason("not_asked", _("Nobody asked to inspect %s again.") % place.code))
    freezing.require(by, look.hub)
    return end(look, LookState.WELL, by=by, at=at)


@transaction.atomic
def end(look: Reinspection, state: LookState, *, by: Actor, at: datetime) -> Reinspection:
    units = moves.take(Device.objects.filter(location=look.place_id).order_by("pk").values_list("pk", flat=True))
    placing.hold([look.place_id])
    row = Reinspection.objects.select_for_update(no_key=True, of=("self",)).get(pk=look.pk)
    if row.state != LookState.WAITING:
        raise UnableToAssess(Reason("done", _("%s was inspected already.") % look.place.code))
    row.state, row.done_by, row.done_at = state, by.reference, at
    row.save(update_fields=["state", "done_by", "done_at"])
    standing.release_many(
        units, HoldKind.RE_INSPECT, placed_by=[HAZARDS.reference],
        reason="inspected, all well" if state == LookState.WELL else "not needed any more", by=by, at=at,
    )  # fmt: skip
    freezing.free([row.place_id], look.case.number, f"look.{state.value}", by=by, at=at)
    return row
