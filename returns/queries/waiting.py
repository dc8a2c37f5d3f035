"""Which units of a return are kept as they are while their customer may still appeal."""

from __future__ import annotations

from typing import Any

from returns.models import Rma, RmaUnit, UnitStatus
from returns.queries.inbox import REFUSALS
from revlog.devices.models import HoldKind


def kept(rma: Rma) -> list[dict[str, Any]]:
    """Each with what was decided and until when it waits."""
    rows = RmaUnit.objects.filter(
        line__rma=rma,
        status__in=[UnitStatus.ACCEPTED, UnitStatus.REFUSED],
        device__hold_rows__kind=HoldKind.AWAITING_OWNER,
        device__hold_rows__placed_by=REFUSALS.reference,
        device__hold_rows__released_at=None,
        device__waiting_due__isnull=False,
    ).order_by("line__position", "position")
    told = rows.values_list("pk", "status", "device__waiting_due")
    return [{"unit": pk, "status": status, "until": until} for pk, status, until in told]
