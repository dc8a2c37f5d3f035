"""The sums behind it: what a kit's price says of its parts, and when papers agree."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns import kits, matching
from returns.matching import Found
from returns.models import MatchStatus
from returns.policy import business as business_rules
from returns.policy.business import Limits
from revlog.terms import ruling
from tests.factories.business import KIT

D = Decimal
STRICT = Limits(D(0), D(0), {"good": D(100), "damaged": D(0), "wrong": D(0), "expired": D(0)})
LOOSE = Limits(D(1), D(2), STRICT.credit)


@given(
    st.decimals(min_value=0, max_value=10_000, places=2),
    st.lists(st.integers(min_value=1, max_value=1000).map(Decimal), min_size=1, max_size=12),
)
def test_parts_of_a_price_are_the_price_to_the_cent(amount: Decimal, weights: list[Decimal]) -> None:
    parts = kits.divided(amount, weights)
    assert sum(parts, D(0)) == amount
    assert all(
        abs(part - amount * weight / sum(weights)) < D("0.01") for part, weight in zip(parts, weights, strict=True)
    )


@given(
    st.decimals(min_value=0, max_value=1000, places=2),
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 50)), min_size=1, max_size=5),
    st.integers(1, 4),
    st.data(),
)
def test_parts_that_come_back_one_after_the_other_never_bring_more_than_their_kits(
    price: Decimal, told: list[tuple[int, int]], bought: int, data: st.DataObject
) -> None:
    parts = [{"sku": f"P{n}", "quantity": quantity, "share": str(share)} for n, (quantity, share) in enumerate(told)]
    total = D(0)
    for part in parts:
        left, before = int(str(part["quantity"])) * bought, 0
        while left:
            pieces = data.draw(st.integers(1, left))
            total += kits.worth(price, parts, str(part["sku"]), before=before, pieces=pieces)
            before, left = before + pieces, left - pieces
    assert total == price * bought


def test_a_missing_part_is_worth_its_share() -> None:
    assert kits.share(D("100.00"), KIT, "dock-1") == D("80.00")
    assert [kits.worth(D("100.00"), KIT, "CABLE-1", before=n, pieces=1) for n in range(4)] == [
        D("6.67"), D("6.67"), D("6.66"), D("6.67"),
    ]  # fmt: skip
    assert kits.worth(D("100.00"), KIT, "NOTHING", before=0, pieces=1) == 0


def line(**changes: Any) -> Found:
    values: dict[str, Any] = {
        "announced": 40, "price": D("25.00"), "sold_price": D("25.00"), "received": 40, "conditions": {"good": 40}, "ready": True,
    }  # fmt: skip
    return Found(**(values | changes))


@pytest.mark.parametrize(
    ("found", "limits", "status", "why", "amount"),
    [
        (line(), STRICT, "matched", [], "1000.00"),
        (line(ready=False, received=12, conditions={"good": 12}), STRICT, "open", ["short"], "300.00"),
        (line(received=38, conditions={"good": 38}), STRICT, "disputed", ["short"], "950.00"),
        (
            line(received=38, conditions={"good": 38}),
            Limits(D(5), D(0), STRICT.credit),
            "tolerated",
            ["short"],
            "950.00",
        ),
        (line(received=41, conditions={"good": 41}), STRICT, "disputed", ["over"], "1000.00"),
        (line(conditions={"good": 30, "damaged": 10}), STRICT, "disputed", ["damaged"], "750.00"),
        (
            line(conditions={"good": 30, "damaged": 10}),
            Limits(D(0), D(0), STRICT.credit | {"damaged": D(100)}),  # type: ignore[operator]
            "matched",
            [],
            "1000.00",
        ),
        (line(conditions={"good": 38, "expired": 2}), LOOSE, "disputed", ["expired"], "950.00"),
        (line(wrong_lot=5), STRICT, "disputed", ["wrong_lot"], "875.00"),
        (line(other_lot=5), STRICT, "matched", ["other_lot"], "1000.00"),
        (line(claimed=D("25.01")), STRICT, "disputed", ["price"], "1000.00"),
        (line(claimed=D("25.01")), LOOSE, "tolerated", ["price"], "1000.00"),
        (line(missing_worth=D("6.67")), LOOSE, "tolerated", ["incomplete"], "993.33"),
        (
            line(price=D("0.05"), sold_price=D("0.05"), conditions={"good": 39, "wrong": 1}),
            LOOSE,
            "disputed",
            ["wrong"],
            "1.95",
        ),
    ],
)
def test_papers_agree_or_say_in_what_they_differ(
    found: Found, limits: Limits, status: str, why: list[str], amount: str
) -> None:
    verdict = matching.judge(found, limits, currency="EUR")
    assert (verdict.status, list(verdict.why), verdict.found) == (status, why, D(amount))


@given(st.integers(1, 50), st.tuples(*[st.integers(0, 30)] * 4), st.integers(0, 30))
def test_no_more_is_ever_credited_than_was_announced(announced: int, split: tuple[int, ...], wrong_lot: int) -> None:
    conditions = dict(zip(("good", "damaged", "wrong", "expired"), split, strict=True))
    whole = Limits(D(0), D(0), dict.fromkeys(conditions, D(100)))
    found = line(announced=announced, received=sum(split), conditions=conditions, wrong_lot=min(wrong_lot, sum(split)))
    for limits in (STRICT, whole):
        verdict = matching.judge(found, limits, currency="EUR")
        assert D(0) <= verdict.found <= verdict.announced
        assert (verdict.status == MatchStatus.MATCHED) <= (verdict.found == verdict.announced)


def test_tolerances_and_shares_follow_the_reason_and_may_be_a_customers_own() -> None:
    shipped = ruling.Ruling(business_rules.MATCHING, 0, business_rules.MAY_DIFFER)
    of = {"customer": "buyer", "category": "", "device_class": "other", "value": D(100)}
    assert business_rules.limits(shipped, reason="EXPIRED", **of).credit["expired"] == 100  # type: ignore[arg-type]
    assert business_rules.limits(shipped, reason="GIFT", **of).credit["expired"] == 0  # type: ignore[arg-type]
    body = {
        **business_rules.MAY_DIFFER,
        "rules": [
            {
                "id": "iberia",
                "when": {"fact": "customer", "op": "==", "value": "buyer"},
                "then": {"percent": "5", "amount": "0"},
            },
            *business_rules.MAY_DIFFER["rules"],
        ],
    }
    own = business_rules.limits(ruling.Ruling(business_rules.MATCHING, 1, body), reason="GIFT", **of)  # type: ignore[arg-type]
    assert (own.rule, own.percent, own.credit["good"], own.credit["wrong"]) == ("iberia", 5, 100, 0)
    wrong = {"rules": [{"id": "x", "then": {"percent": "200", "credit": {"good": 101, "blue": 1}}}]}
    found = ruling.problems(wrong, ruling.kind(business_rules.MATCHING))
    assert {reason.code for reason in found} == {"limit", "credit"}
    steps = {"rules": [{"id": "x", "then": {"allow": True, "steps": 3}}]}
    assert [reason.code for reason in ruling.problems(steps, ruling.kind(business_rules.OPENING))] == ["steps"]
