"""The synthetic returns: each row that came back before it was ordered is named by its line, and nothing of it is accepted."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from returns.imports import mapping as mappings
from returns.imports import reading, refusals
from returns.models import ImportedRow, RmaLine
from returns.services import importing
from revlog.terms.models import Order
from tests.cast import Cast
from tests.factories import imports
from tests.real.conftest import data_set

REASONS = {
    "Defective": "DEFECTIVE",
    "Changed mind": "CHANGED_MIND",
    "Wrong item": "WRONG_ITEM",
    "Not as described": "NOT_AS_DESCRIBED",
}


def day(text: str) -> date:
    return datetime.strptime(text, "%d-%m-%y").date()  # noqa: DTZ007


@pytest.mark.slow
def test_every_impossible_row_is_named_and_none_is_accepted(cast: Cast) -> None:
    (path,) = (data_set("ecommerce-returns-synthetic") / "open").glob("*.csv")
    with Path(path).open(newline="") as file:
        rows = dict(enumerate(csv.DictReader(file), start=2))
    back = {line: row for line, row in rows.items() if row["Return_Date"]}
    impossible = {line for line, row in back.items() if day(row["Return_Date"]) < day(row["Order_Date"])}
    assert len(impossible) > 1_000

    run = imports.imported(reading.opened(path), mappings.named("ecommerce-returns-synthetic"))

    refused = {one.line: one for one in ImportedRow.objects.filter(run=run, outcome="refused")}
    assert set(refused) == impossible
    for line, one in refused.items():
        told = f"{day(rows[line]['Order_Date'])}, {day(rows[line]['Return_Date'])}"
        assert refusals.sentence(one.reason, one.told).endswith(f"ordered and returned: {told}.")
        assert one.document == rows[line]["Order_ID"]
    numbers = {rows[line]["Order_ID"] for line in impossible}
    assert not Order.objects.filter(number__in=numbers).exists()

    good = {line: row for line, row in rows.items() if line not in impossible}
    returned = [row for line, row in good.items() if line in back]
    total = sum((Decimal(row["Product_Price"]) * int(row["Order_Quantity"]) for row in good.values()), Decimal(0))
    credited = sum((Decimal(row["Product_Price"]) * int(row["Order_Quantity"]) for row in returned), Decimal(0))
    assert importing.figures(run) == {
        "order_lines": len(good),
        "return_lines": len(returned),
        "matched": len(returned),
        "unmatched": 0,
        "refused": len(impossible),
        "order_total": f"{total:.2f}",
        "return_total": f"{credited:.2f}",
    }
    assert Counter(RmaLine.objects.values_list("reason", flat=True)) == Counter(
        REASONS[row["Return_Reason"]] for row in returned
    )
    ordered = {row["Order_ID"]: day(row["Order_Date"]) for row in good.values()}
    for line in RmaLine.objects.select_related("rma", "order_line__order"):
        assert line.rma.opened_at.date() >= ordered[line.order_line.order.number]
