"""What was credited to an account for a line: the one question that settling asks."""

from __future__ import annotations

from decimal import Decimal

from returns.models import BusinessLine, MatchStatus, MemoKind, MemoLine, MemoStatus, RmaLine
from returns.models.business import CREDITABLE

DONE = (MemoStatus.ISSUED, MemoStatus.SETTLED)


def credited(line: RmaLine) -> Decimal | None:
    """What its credit memos come to, less debit notes; None while the line isn't credited yet. Where nothing is to be credited: 0."""
    own = BusinessLine.objects.filter(pk=line.pk).first()
    if own is None:
        return Decimal(0)
    rows = list(MemoLine.objects.filter(line=own, void=False).select_related("memo"))
    if not any(row.first and row.memo.status in DONE for row in rows):
        nothing = MatchStatus(own.status) in CREDITABLE and not own.found and not rows
        return Decimal(0) if nothing else None
    return sum(
        (row.amount if row.memo.kind == MemoKind.CREDIT else -row.amount for row in rows if row.memo.status in DONE),
        Decimal(0),
    )
