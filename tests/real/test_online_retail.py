"""Real invoices and cancellations: every credited line is matched or listed with its reason, and the totals agree with the file."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import F, Sum

from returns.imports import reading
from returns.models import ImportedMatch, ImportedRow, RmaLine, RowOutcome
from returns.services import importing
from revlog.terms.models import Order, OrderLine
from tests.cast import Cast
from tests.factories import imports
from tests.real import online_retail

MOST = 20_000


@pytest.mark.slow
def test_the_first_weeks_are_imported_as_an_independent_reckoning_says(cast: Cast, tmp_path: Path) -> None:
    source = reading.opened(online_retail.cut(MOST, tmp_path / "weeks.csv"))

    run = imports.imported(source)

    expected = online_retail.reckoned(MOST)
    assert importing.figures(run) == expected.figures()
    assert run.rows == run.order_lines + run.return_lines + run.refused == MOST
    assert min(expected.matched, expected.unmatched, expected.refused) > 20

    credited = ImportedRow.objects.exclude(outcome=RowOutcome.REFUSED)
    assert Counter(credited.values_list("reason", flat=True)) == Counter(
        {("" if why == "matched" else why): n for why, n in expected.why.items()}
    )
    sold = OrderLine.objects.aggregate(n=Sum(F("price") * F("quantity")))["n"]
    taken = RmaLine.objects.aggregate(n=Sum("settled_amount"))["n"]
    listed = credited.aggregate(n=Sum(F("price") * (F("quantity") - F("matched_quantity"))))["n"]
    assert sold == run.order_total
    assert Decimal(taken + listed) == run.return_total

    for match in ImportedMatch.objects.select_related("row", "rma_line__order_line__order")[:200]:
        line = match.rma_line.order_line
        assert (line.sku, line.order.ordered_at <= match.row.at) == (match.row.sku, True)
    names = Order.objects.values("number").distinct().count()
    assert (
        names
        == Order.objects.count()
        == len({row["InvoiceNo"] for row in online_retail.rows(MOST) if row["InvoiceNo"][0].isdigit()})
        - _refused_whole(MOST)
    )


def _refused_whole(most: int) -> int:
    """Invoices of which no row is a sale."""
    kept, seen = set(), set()
    for row in online_retail.rows(most):
        if row["InvoiceNo"][0].isdigit():
            seen.add(row["InvoiceNo"])
            if int(row["Quantity"]) > 0 and (Decimal(row["UnitPrice"]) > 0 or row["CustomerID"]):
                kept.add(row["InvoiceNo"])
    return len(seen - kept)
