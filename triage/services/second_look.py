"""A second look: while its customer appeals, nobody whose own work is disputed inspects or grades a unit again."""

from __future__ import annotations

from returns.facts import DisputeEnded, UnitDisputed
from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.common.errors import Reason
from revlog.custody.models import Entry
from revlog.devices.models import Device, HoldKind


def disputed_work_of(device: Device) -> list[str]:
    """Who looked at the unit before its customer appealed, as its own chain tells; empty when no appeal is open."""
    if HoldKind.AWAITING_OWNER not in device.holds:
        return []
    last = (
        Entry.objects.filter(chain_id=device.pk, kind__in=[UnitDisputed.kind, DisputeEnded.kind])
        .order_by("-sequence")
        .first()
    )
    return list(last.payload["inspectors"]) if last is not None and last.kind == UnitDisputed.kind else []


def reasons_against(device: Device, *, by: Actor) -> list[Reason]:
    """Why ``by`` may not look at it again."""
    return separations.reasons_against("grade_appeal", doer=disputed_work_of(device), by=by)
