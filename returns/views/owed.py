"""Of a return's page: what money didn't arrive, and what can be done about it."""

from __future__ import annotations

from typing import Any

from returns.models import Refund, RefundStatus, Rma
from returns.services import bouncing
from revlog.accounts.actors import Actor


def panel(rma: Rma, by: Actor) -> list[dict[str, Any]]:
    """Refunds that didn't arrive, and those paid by hand that may still come back; for whoever may pay. Else only what didn't arrive."""
    rows = Refund.objects.filter(line__rma=rma, status__in=[RefundStatus.FAILED, RefundStatus.PAID])
    may = by.may("returns.refund")
    found = []
    for row in rows.select_related("line__order_line").order_by("proposed_at", "id"):
        failed = row.status == RefundStatus.FAILED
        if not failed and (not may or bouncing.reasons_against_saying_it_came_back(row)):
            continue
        against = bouncing.reasons_against_paying_again(row, by=by) if failed and may else []
        found.append(
            {
                "row": row,
                "name": row.line.order_line.description,
                "failed": failed,
                "may": may,
                "reasons": [reason.sentence for reason in against],
            }
        )
    return found
