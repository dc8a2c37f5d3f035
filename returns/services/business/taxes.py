"""How lines of a memo are taxed: as they were sold, by the seller's word or by the rules of the day on which they were."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from returns import taxing
from returns.models import BusinessCase, Memo, MemoLine, RmaLine
from returns.taxing import Split
from revlog.terms import queries, vat
from revlog.terms.vat import Sold, Treatment


def treatment(line: RmaLine, case: BusinessCase, *, at: datetime) -> Treatment:
    """How what comes back was taxed when it was sold: a credit corrects that tax, by the rate of that day."""
    sold = line.order_line
    seller, customer = case.rma.seller, case.customer
    supplied = sold.shipped or sold.order.ordered_at
    return vat.treatment(
        Sold(
            tax=sold.tax,
            rate=sold.tax_rate,
            seller=seller.country,
            buyer=customer.country,
            buyer_vat_id=customer.vat_id,
            on=case.rma.hub.calendar.local(supplied).date(),
        ),
        queries.in_force(vat.KIND, at=at, organization=seller.pk).body,
    )


def of_row(row: MemoLine) -> Treatment:
    return Treatment(row.tax_kind, row.tax_rate)


def put(rows: Sequence[MemoLine], currency: str) -> None:
    """Write net and tax into the lines of a memo that isn't saved yet."""
    for row, part in zip(rows, taxing.split([(row.amount, of_row(row)) for row in rows], currency), strict=True):
        row.net, row.tax = part.net, part.tax


def sums(rows: Iterable[MemoLine]) -> list[Split]:
    """Net and tax of a memo by treatment. One that was made before taxes were kept has one sum, of which nothing is known."""
    return taxing.sums(Split(of_row(row), row.net if row.net is not None else row.amount, row.tax) for row in rows)


def of_memo(memo: Memo) -> list[Split]:
    return sums(memo.lines.all())
