"""From a kept sum, postings and a chain to what became of a decision, and from many to measured figures: pure, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from refurb import facts as bench
from resale import facts as resale
from triage import measuring, outturning
from triage.figures import RULES, SHIPPED
from triage.measuring import Case, Mended
from triage.outturning import Money, Said

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
SALE = {
    "path": "RESELL",
    "days": 21,
    "lines": [
        {"what": "grade_B", "amount": "186.70", "how": "216 × 0.97^(21/30) × 0.88"},
        {"what": "handling", "amount": "-6.00", "how": ""},
        {"what": "listing", "amount": "-2.00", "how": ""},
        {"what": "data_wipe", "amount": "-4.00", "how": "1 × 4"},
        {"what": "holding", "amount": "-2.10", "how": "..."},
    ],
}


def folded(path: dict[str, Any] | None, **changes: Any) -> outturning.Folded:
    told: dict[str, Any] = {
        "path": path, "expected": Decimal("172.60"), "usual_days": None, "decided_at": AT, "ended_at": AT + 30 * DAY, "end": "SOLD",
        "until": None, "money": [], "said": [],
    }  # fmt: skip
    return outturning.fold(**(told | changes))


def test_what_a_sale_brought_stands_beside_each_line_that_books_know() -> None:
    money = [Money(account=account, amount=Decimal(amount)) for account, amount in (
        ("sale", "200.00"), ("channel_fee", "-24.00"), ("refund", "-500.00"), ("purchase", "-90.00"),
    )]  # fmt: skip
    said = [Said(kind=resale.SoldTo.kind, at=AT + 29 * DAY, payload={"channel": "marketplace"})]

    found = folded(SALE, money=money, said=said).columns

    assert (found["days"], found["planned_days"], found["planned_price"]) == (30, 21, Decimal("216.00"))
    assert (found["expected_sale"], found["planned"]) == (Decimal("186.70"), Decimal("-12.00"))
    assert (found["sold_for"], found["channel_fee"], found["channel"]) == (
        Decimal("200.00"),
        Decimal("-24.00"),
        "marketplace",
    )
    assert found["holding"] == Decimal("-3.00")  # by the days it took
    assert found["came"] == Decimal("200.00") - 24 - 12 - 3
    assert found["checked"]


def test_what_went_back_into_stock_is_not_checked_and_an_unknown_path_counts_as_planned() -> None:
    assert not folded(SALE, end="RESTOCKED").columns["checked"]
    assert folded(SALE, end="RESTOCKED").columns["came"] == Decimal("186.70") - 12 - 3
    assert folded(None, end="RECYCLED", usual_days=14).columns["came"] == Decimal("172.60")
    assert folded(None, usual_days=14).columns["planned_days"] == 14


def test_minutes_and_parts_are_told_by_fault_with_their_corrections() -> None:
    def said(fact: Any, day: int, **payload: Any) -> Said:
        return Said(kind=fact.kind, at=AT + day * DAY, payload={"work": "WO-1"} | payload)

    events = [
        said(bench.WorkOpened, 1, faults=["display"]),
        said(bench.OperationDone, 1, operation="replace_part", minutes=50, fault="display"),
        said(bench.PartUsed, 1, amount="80.00"),
        said(bench.MinutesCorrected, 2, operation="replace_part", before=50, minutes=35),
        said(bench.OperationDone, 2, operation="clean", minutes=5),
        said(bench.WorkOpened, 3, work="WO-2", faults=["port", "fan"]),
        said(bench.OperationDone, 3, work="WO-2", operation="solder", minutes=20, fault="port"),
        said(bench.OperationDone, 3, work="WO-2", operation="test", minutes=9),
        said(bench.PartUsed, 3, work="WO-2", amount="12.00"),
    ]
    path = {"path": "REFURBISH", "days": 28, "lines": [
        {"what": "grade_B", "amount": "160", "how": "0.92 × 220 × 0.97^(28/30) × 0.88"}, {"what": "grade_D", "amount": "7", "how": ""},
        {"what": "labor_bench", "amount": "-17.07", "how": ""}, {"what": "display", "amount": "-85", "how": "", "note": "to_buy"},
    ]}  # fmt: skip
    money = [Money(account="labor", amount=Decimal(-40)), Money(account="parts", amount=Decimal(-92))]

    found = folded(path, said=events, money=money)

    assert [(one.work, one.fault, one.minutes, one.parts) for one in found.repairs] == [
        ("WO-1", "display", 40, Decimal("80.00")),
        ("WO-2", "port", 20, None),
    ]
    assert (found.columns["expected_work"], found.columns["planned_price"]) == (Decimal("-102.07"), None)
    assert (found.columns["labor"], found.columns["parts"]) == (Decimal(-40), Decimal(-92))
    assert folded(path, said=events, until=AT + 3 * DAY).repairs[-1].work == "WO-1"


def case(days: int, paid: str, **changes: Any) -> Case:
    told: dict[str, Any] = {
        "disposition": "RESELL", "device_class": "phone", "end": "SOLD", "channel": "marketplace", "again": False, "days": days,
        "sold_for": Decimal(paid), "channel_fee": Decimal(paid) * Decimal("-0.15"), "planned_price": Decimal(100),
    }  # fmt: skip
    return Case(**(told | changes))


def test_figures_are_measured_with_n_and_only_enough_of_them_are_drafted() -> None:
    # Six per cent a month, from a hundred that brought ninety on the first day.
    sales = [case(days, f"{90 * 0.94 ** (days / 30):.4f}") for days in range(2, 62, 3)]
    bench_cases = [case(40, "100", disposition="REFURBISH", again=place < 6, channel="") for place in range(30)]
    mended = [
        Mended(fault="display", device_class="laptop", minutes=40 + place % 3, parts=Decimal(70)) for place in range(21)
    ]
    few = [Mended(fault="display", device_class="phone", minutes=20, parts=None)] * 3

    found = {(one.table, one.name): one for one in measuring.measured([*sales, *bench_cases], [*mended, *few], SHIPPED)}

    decay = found["monthly_decay", "phone"]
    assert (decay.measured, decay.low, decay.high, decay.enough) == ("0.060", "0.060", "0.060", True)
    noisy = [case(days, f"{90 + days % 7 * 9}") for days in range(2, 62, 3)]
    assert not next(one for one in measuring.measured(noisy, [], SHIPPED) if one.table == "monthly_decay").enough
    assert (found["channel_fee", "marketplace"].measured, found["channel_fee", "marketplace"].n) == ("0.150", 20)
    assert (found["channel_days", "marketplace"].measured, found["channel_days", "marketplace"].in_force) == (
        "30",
        "21",
    )
    assert (found["yield", ""].measured, found["yield", ""].n) == ("0.800", 30)
    assert (found["repairs", "display"].in_force, found["repairs", "display"].measured) == ("32 + 85", "41 + 70")
    assert not found["repairs_of.phone", "display"].enough
    body = measuring.drafted({"yield": "0.90", "currency": "EUR"}, found.values())
    assert body["currency"] == "EUR"
    assert body["yield"] == "0.800"
    assert body["repairs"] == {"display": ["41", "70"]}
    assert "repairs_of" not in body
    assert RULES.check is not None
    assert RULES.check({"parameters": body}) == []


@pytest.mark.parametrize("points", [[], [(0.1, 0.2)] * 5, [(0.1, 0.0), (0.2, -0.1), (0.3, 0.2)]])
def test_a_decay_needs_sales_that_lie_apart(points: list[tuple[float, float]]) -> None:
    assert measuring.slope_of(points) is None
