"""The sums of quotes and of what inspection makes of them: pure, with worked examples."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from returns import iban
from returns.policy import tradein, tradein_law
from returns.policy.tradein import Found, Promise, Recovery
from revlog.terms import ruling
from revlog.terms.ruling import Ruling
from tests.factories.tradein import GOOD

RULES = Ruling(tradein.KIND, 0, tradein.SHIPPED)
LAW = Ruling(tradein_law.KIND, 0, tradein_law.SHIPPED)
PRICES = {"A": Decimal(400), "B": Decimal(340), "C": Decimal(260), "D": Decimal(120)}


@pytest.mark.parametrize(
    ("changes", "grade", "amount"),
    [
        # 400 − 30 % margin − 12 handling
        ({"body": "clean"}, "A", "268.00"),
        # 340 − 102 − 12
        ({}, "B", "226.00"),
        # The worst answer decides: 260 − 78 − 12
        ({"screen": "deep"}, "C", "170.00"),
        # 340 − 102 − 12 − 25 for the battery
        ({"battery": "worn"}, "B", "201.00"),
        # 340 − 102 − 12 − 10 % for the SIM lock
        ({"carrier_lock": "locked"}, "B", "192.00"),
        # 120 − 36 − 12 − 20 % for the screen − 25 for the battery
        ({"screen": "broken", "battery": "worn"}, "D", "23.00"),
    ],
)
def test_a_quote_is_the_expected_price_less_margin_and_what_the_answers_cost(
    changes: dict[str, str], grade: str, amount: str
) -> None:
    made = tradein.quote(RULES, prices=PRICES, answers=GOOD | changes, device_class="phone")
    assert (made.ends, made.grade, made.amount) == (tradein.BUY, grade, Decimal(amount))
    assert sum(step.amount for step in made.steps) == made.amount
    assert all(step.what for step in made.steps)
    assert made.uplift == (made.amount / 10).quantize(Decimal("0.01"))


@pytest.mark.parametrize(
    ("changes", "prices", "ends"),
    [
        # 120 − 36 − 12 − 60 − 24 is below nothing
        ({"powers_on": "no", "screen": "broken"}, PRICES, tradein.RECYCLE),
        # 24 − 7.20 − 12 is less than the least that we pay
        ({}, {"B": Decimal(24)}, tradein.RECYCLE),
        ({"account": "no"}, PRICES, tradein.STOP),
        ({"battery": "swollen"}, PRICES, tradein.STOP),
        # Grade B has no price, and A's is none for it.
        ({}, {"A": Decimal(400)}, tradein.ASK),
        ({}, {}, tradein.ASK),
    ],
)
def test_a_quote_without_a_sum_says_how_it_ends(changes: dict[str, str], prices: dict[str, Decimal], ends: str) -> None:
    made = tradein.quote(RULES, prices=prices, answers=GOOD | changes, device_class="phone")
    assert (made.ends, made.amount) == (ends, 0)
    assert bool(made.why) == (ends == tradein.STOP)


def promise(**changes: object) -> Promise:
    values: dict[str, object] = {
        "amount": Decimal("226.00"), "grade": "B", "prices": PRICES, "answers": GOOD, "device_class": "phone"
    }  # fmt: skip
    return Promise(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("grade", "codes", "less"),
    [
        ("B", (), "0"),
        ("A", (), "0"),
        ("NEW", (), "0"),
        # What C would have been quoted is 170
        ("C", (), "56.00"),
        # 120 − 36 − 12
        ("D", (), "154.00"),
        ("B", ("locked",), "226.00"),
        ("D", ("SWAPPED", "locked"), "226.00"),
        ("B", ("battery_worn",), "25.00"),
        ("C", ("battery",), "81.00"),
        # An untested thing isn't compared at all (truing.is_ready); a grade that we don't know is worth nothing.
        ("NA", (), "226.00"),
    ],
)
def test_what_came_is_compared_with_what_was_promised(grade: str, codes: tuple[str, ...], less: str) -> None:
    found = tradein.compare(RULES, promise(), Found(grade, frozenset(codes)))
    assert found.total == Decimal(less)
    assert sum((Decimal(row["amount"]) for row in found.rows), Decimal(0)) == found.total
    assert all(row["why"] for row in found.rows)


def test_within_the_tolerance_it_is_as_promised() -> None:
    # C is worth 6 less here than B, and 3 % of 226 is 6.78.
    near = PRICES | {"C": Decimal("331.43")}
    assert tradein.compare(RULES, promise(prices=near), Found("C")).total == 0
    over = PRICES | {"C": Decimal("329.00")}
    assert tradein.compare(RULES, promise(prices=over), Found("C")).total == Decimal("7.70")


def test_what_was_told_is_not_taken_off_twice() -> None:
    told = promise(amount=Decimal("201.00"), answers=GOOD | {"battery": "worn"})
    assert tradein.compare(RULES, told, Found("B", frozenset({"battery_worn"}))).total == 0


def test_a_sum_that_a_person_set_falls_in_proportion() -> None:
    by_hand = promise(amount=Decimal("300.00"))
    # 300 × (340 − 260) / 340
    assert tradein.compare(RULES, by_hand, Found("C")).total == Decimal("70.59")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"parameters": {"uplift_percent": 101}}, "percent"),
        ({"parameters": {"valid_days": 0}}, "days"),
        ({"parameters": {"least": "-1"}}, "amount"),
        ({"parameters": {"best_grade": "E"}}, "grade"),
        ({"findings": [{"id": "x", "codes": ["locked"], "percent": 10}]}, "no_why"),
        ({"findings": [{"id": "x"}]}, "finding"),
        ({"rules": [{"id": "all", "then": {"margin_percent": 120}}]}, "percent"),
    ],
)
def test_rules_that_make_no_sense_are_not_published(change: dict[str, object], code: str) -> None:
    found = ruling.problems(tradein.SHIPPED | change, ruling.kind(tradein.KIND))
    assert code in {reason.code for reason in found}


@pytest.mark.parametrize(
    ("country", "amount", "identity", "days", "vat"),
    [
        ("DE", "10.00", True, 0, "margin"),
        ("NL", "10.00", True, 3, "margin"),
        ("AT", "900.00", False, 0, "margin"),
        ("GB", "10.00", False, 0, "margin"),
        ("US", "10.00", False, 0, "none"),
    ],
)
def test_the_law_of_a_country_is_a_dated_row(country: str, amount: str, identity: bool, days: int, vat: str) -> None:
    law = tradein_law.of(LAW, country, date(2026, 11, 2))
    assert (law.asks_identity(Decimal(amount)), law.holding_days) == (identity, days)
    assert law.vat(business=False, abroad=False) == vat


def test_of_two_laws_the_stricter_counts_and_vat_is_the_sellers() -> None:
    usual, belgium, nl, es = (tradein_law.of(LAW, country, date(2026, 11, 2)) for country in ("US", "BE", "NL", "ES"))
    for own, site in ((belgium, nl), (nl, belgium)):
        both = tradein_law.stricter(own, site)
        assert (both.identity_from, both.keep_number, both.holding_days, both.keep_months) == (0, True, 3, 84)
    assert tradein_law.stricter(nl, es).holding_days == 15
    abroad = tradein_law.stricter(usual, nl)
    assert (abroad.id, abroad.vat(business=False, abroad=True), abroad.holding_days) == ("usual+nl", "none", 3)
    assert tradein_law.stricter(belgium, belgium) == belgium


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("NL91 ABNA 0417 1643 00", True),
        ("de89370400440532013000", True),
        ("GB82-WEST-1234-5698-7654-32", True),
        ("NL91 ABNA 0417 1643 01", False),
        ("NL91 ABNA 0417 1643", False),
        ("XX91ABNA0417164300", False),
        ("", False),
    ],
)
def test_an_iban_is_checked_by_its_digits_and_its_length(text: str, fine: bool) -> None:
    assert (iban.normal(text) is not None) == fine


# By what it will bring us -----------------------------------------------------------------------------------------------------------

BRINGS = {
    "A": Recovery(Decimal(330), Decimal(15)),
    "B": Recovery(Decimal(280), Decimal(15)),
    "C": Recovery(Decimal(200), Decimal(15)),
    "D": Recovery(Decimal(60), Decimal(15)),
}


def by_recovery(**parameters: object) -> Ruling:
    rules = [{"id": "all", "then": {"recovery_margin_percent": 20, "margin_percent": 90}, "why": "What we keep."}]
    body = dict(tradein.SHIPPED) | {"rules": rules, "parameters": {**tradein.SHIPPED["parameters"], **parameters}}
    assert ruling.problems(body, tradein.TRADE_IN) == []
    return Ruling(tradein.KIND, 3, body)


def test_an_offer_may_begin_with_what_it_will_bring_us_and_each_step_says_what_lowers_it() -> None:
    told = {"prices": PRICES, "answers": GOOD | {"battery": "worn"}, "device_class": "phone", "recoveries": BRINGS}
    made = tradein.quote(by_recovery(), **told)  # type: ignore[arg-type]
    # 340 − 60 to sell it − 15 to bring and check it = 265, of which we keep a fifth; 25 for the battery
    assert [step.amount for step in made.steps] == [Decimal(each) for each in ("340", "-60", "-15", "-53.00", "-25.00")]
    assert (made.ends, made.amount) == (tradein.BUY, Decimal("187.00"))
    # Where nobody knows what it will bring, the margin on the price counts.
    assert tradein.quote(by_recovery(), **(told | {"recoveries": {}})).amount == Decimal("9.00")  # type: ignore[arg-type]


def test_no_offer_begins_above_what_is_left_of_what_it_will_bring_us() -> None:
    poor = {"B": Recovery(Decimal(180), Decimal(15))}
    told = {"prices": PRICES, "answers": GOOD, "device_class": "phone"}
    assert tradein.quote(RULES, recoveries=BRINGS, **told).amount == Decimal("226.00")  # type: ignore[arg-type]
    made = tradein.quote(RULES, recoveries=poor, **told)  # type: ignore[arg-type]
    assert (made.amount, made.steps[-1].rule) == (Decimal("165.00"), "most_of_recovery")
    loss = {"B": Recovery(Decimal(10), Decimal(15))}
    assert tradein.quote(RULES, recoveries=loss, **told).ends == tradein.RECYCLE  # type: ignore[arg-type]


def test_what_comes_in_another_grade_is_worth_what_that_grade_brings_as_it_was_foretold() -> None:
    told = {"prices": PRICES, "answers": GOOD, "device_class": "phone"}
    made = tradein.quote(by_recovery(), recoveries=BRINGS, **told)  # type: ignore[arg-type]
    kept = tradein.recoveries_of({grade: one.kept() for grade, one in BRINGS.items()})
    less = tradein.compare(by_recovery(), Promise(amount=made.amount, grade="B", recoveries=kept, **told), Found("C"))
    # 265 and 185, less a fifth: 212 and 148
    assert (made.amount, less.total) == (Decimal("212.00"), Decimal("64.00"))
    assert [row["rule"] for row in less.rows] == ["grade"]
