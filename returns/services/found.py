"""What triage found of a received unit, by its own chain: whether a second look is still to come, and which defects stand after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from returns.models import RmaUnit
from revlog.common.errors import Reason
from revlog.custody.models import Entry
from revlog.devices.models import Device
from triage import facts as triage

GRADED, INSPECTED = triage.Graded.kind, triage.Inspected.kind
APART = "looks_apart"
"""What a second look's fact says where a lead settles it."""
OF_LOOKS = "grade"
"""The field of a settled contradiction between two looks."""


def last(device: Device, kind: str, unit: RmaUnit) -> Entry | None:
    """The newest entry of that kind since the unit was received."""
    return _since(device, unit).filter(kind=kind).order_by("-sequence").first()


def waits_for_second_look(device: Device, unit: RmaUnit) -> bool:
    """Whether the unit was drawn for a second look that nobody has made yet, or two looks wait for a lead."""
    rows = _since(device, unit)
    drawn = rows.filter(kind=triage.SecondLookDrawn.kind).order_by("-sequence").first()
    if drawn is None:
        return False
    after = rows.filter(sequence__gt=drawn.sequence)
    if after.filter(kind=triage.SecondLookLapsed.kind).exists():
        return False
    done = after.filter(kind=triage.SecondLookDone.kind).order_by("-sequence").first()
    return done is None or (done.payload["verdict"] == APART and _settled(rows, done) is None)


def reasons_against_deciding(device: Device, unit: RmaUnit) -> list[Reason]:
    """Why no money is decided on what was found so far."""
    if not waits_for_second_look(device, unit):
        return []
    told = _("%s was drawn for a second look; what is paid for it is decided once that ended.") % device.tag
    return [Reason("second_look", told)]


def defects(device: Device, unit: RmaUnit) -> list[Mapping[str, Any]]:
    """What was seen by the last look; after two that were compared, what either saw, but for what a lead set aside."""
    looked = last(device, INSPECTED, unit)
    if looked is None:
        return []
    seen: list[Mapping[str, Any]] = list(looked.payload.get("defects", []))
    rows = _since(device, unit)
    done = rows.filter(kind=triage.SecondLookDone.kind).order_by("-sequence").first()
    if done is None or done.sequence < looked.sequence:
        return seen
    drawn = rows.filter(kind=triage.SecondLookDrawn.kind, sequence__lt=done.sequence).order_by("-sequence").first()
    before = rows.filter(kind=INSPECTED, sequence__lt=drawn.sequence).order_by("-sequence").first() if drawn else None
    first: list[Mapping[str, Any]] = list(before.payload.get("defects", [])) if before is not None else []
    settled = _settled(rows, done)
    # Where one look counts alone, its letter stands over the other's; where both count, over both.
    if settled is not None and len(settled.payload["over"]) == 1:
        return first if settled.payload["value"] == done.payload["first"] else seen
    return [*first, *seen]


def _since(device: Device, unit: RmaUnit) -> QuerySet[Entry]:
    rows = Entry.objects.filter(chain_id=device.pk)
    return rows.filter(occurred_at__gte=unit.received_at) if unit.received_at is not None else rows


def _settled(rows: QuerySet[Entry], done: Entry) -> Entry | None:
    settled = rows.filter(
        kind=triage.ContradictionSettled.kind, sequence__gt=done.sequence, payload__field=OF_LOOKS
    ).order_by("-sequence")
    return settled.first()
