"""What a hazard keeps from happening, whoever tries: units in frozen places stay, holds of a case end with its verdict."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from revlog.common.errors import Reason
from revlog.devices.models import Device, Hold, HoldKind, Location
from revlog.devices.services import placing, standing
from revlog.storage.models import HazardUnit, LookState, Reinspection
from revlog.storage.queries import hazards as queries

placing.guard(queries.reasons_against_limits)


@placing.guard
def frozen(devices: Sequence[Device], place: Location) -> list[Reason]:
    """Nothing goes into a frozen place; out of one only what is dangerous, to a place for it."""
    found = []
    if place.frozen_by:
        told = {"place": place.code, "number": place.frozen_by}
        found.append(Reason("frozen", _("%(place)s is frozen by %(number)s: nothing goes in or out") % told))
    first = {one.location_id: one for one in reversed(devices)}
    lay = {key: one.location for key, one in first.items() if key != place.pk and one.location is not None}
    for device in devices:
        source = lay.get(device.location_id)
        if source is None or not source.frozen_by or (device.hazard and place.hazard_class):
            continue
        told = {"tag": device.tag, "source": source.code, "number": source.frozen_by}
        found.append(
            Reason(
                "frozen_there",
                _("%(tag)s lies in %(source)s, which is frozen by %(number)s; a dangerous one goes to a place for it, all else stays")
                % told,
            )
        )  # fmt: skip
    return found


@standing.ending
def by_the_assessor(device: Device, row: Hold) -> list[Reason]:
    """A hold of an open case ends with the verdict, one for an inspection with the look: while somebody has yet to look."""
    if row.kind == HoldKind.RE_INSPECT:
        looks = Reinspection.objects.filter(Q(place=device.location_id) | Q(case__number=row.reason))
        if not looks.filter(state=LookState.WAITING).exists():
            return []
        return [Reason("inspection", _("This hold ends when its container has been inspected again."))]
    if row.kind != HoldKind.SAFETY:
        return []
    waiting = HazardUnit.objects.filter(device=device, verdict="").select_related("case").first()
    if waiting is None:
        return []
    return [Reason("assessor", _("This hold ends with the safety assessor's verdict in %s.") % waiting.case.number)]
