"""Before it ships: what it would bring, what rules make of that, and where it goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from returns import policy
from returns.policy import foreseen, replaying, statutes
from returns.policy.cases import Case, History
from revlog.devices.models import ProductModel
from revlog.terms import foretelling as port
from revlog.terms.foretelling import Declared, Freight, Spot
from revlog.terms.models import Price
from revlog.terms.ruling import Ruling
from triage import figures
from triage.figures import Figures
from triage.services import foretelling, foretold
from triage.services.foretold import Sheet

SHIPPED = figures.SHIPPED
FREIGHT = Freight(amount=Decimal("6.50"), by="figures:home")


def sheet(price: str, **more: Any) -> Sheet:
    told = {"A": Decimal(price), "B": Decimal(price) * Decimal("0.9"), "D": Decimal(price) * Decimal("0.4")}
    values: dict[str, Any] = {
        "price_new": Decimal(price), "price_a": Decimal(price), "prices": told, "decay": Decimal("0.03"), "grams": 400,
        "price_from": "price_book",
    }  # fmt: skip
    return Sheet(**(values | more))


def asked(**more: Any) -> Declared:
    values: dict[str, Any] = {
        "device_class": "accessory",
        "condition": "faulty",
        "faults": ("does_not_work",),
        "holds_data": False,
    }
    return Declared(**(values | more))


def told(price: str, freight: Freight = FREIGHT, **more: Any) -> port.Foretold:
    found = foretold.foretell(asked(**more), SHIPPED, sheet(price), freight)
    assert found is not None
    return found


# The sum ----------------------------------------------------------------------------------------------------------------------------


def test_the_answer_is_the_sum_of_its_lines_and_its_odds_are_whole() -> None:
    for price in ("4", "30", "300"):
        found = told(price)
        assert sum((line.amount for line in found.lines), Decimal(0)) == found.left
        assert sum(found.odds.values()) == 1
        assert sum(one.odds for one in found.ways) == 1
        assert found.ways[0].path == found.best


def test_a_better_price_never_brings_less_dearer_freight_never_leaves_more_and_pieces_add_up() -> None:
    lefts = [told(str(price)).left for price in range(2, 200, 9)]
    assert lefts == sorted(lefts)
    dear = told("30", freight=Freight(amount=Decimal("19.50"), by="figures:abroad"))
    assert told("30").left - dear.left == Decimal("13.00")
    one, three = told("30"), told("30", quantity=3)
    assert three.recovery == one.recovery * 3
    assert three.left == 3 * (one.recovery + one.decay - one.inspection) - FREIGHT.amount


def test_what_holds_data_costs_its_wipe_and_a_dead_phone_with_soldered_storage_can_only_be_destroyed() -> None:
    assert told("300", device_class="phone", holds_data=True).left < told("300", device_class="phone").left
    dead = foretold.case_of(
        asked(device_class="phone", faults=("no_power",), holds_data=True), "D", SHIPPED, sheet("300")
    )
    assert not dead.clearable
    assert foretold.case_of(
        asked(device_class="laptop", faults=("no_power",), holds_data=True), "D", SHIPPED, sheet("300")
    ).clearable


def test_a_kept_answer_is_reckoned_again_to_the_same_and_holds_no_place_but_a_country() -> None:
    first = told("30", lies=Spot(country="NL", postcode="3011AA"))
    kept = first.kept()
    assert "3011" not in str(kept)
    again = foretold.from_plain(kept["inputs"], Figures(version=SHIPPED.version, body=SHIPPED.body))
    assert again is not None
    assert (again.left, again.lines, again.digest) == (first.left, first.lines, first.digest)


def test_a_grade_that_figures_give_no_worth_says_nothing_of_a_new_one_and_breaks_nothing() -> None:
    known = figures.figures_of(Ruling(figures.KIND, 2, {"parameters": {"grade_factor": {"D": "0"}}}))
    model, price = ProductModel(name="Old", device_class="accessory"), Price(grade="D", amount=Decimal(5))
    found = foretelling._sheet(asked(), model, None, {"D": price}, known, at=datetime(2026, 11, 2, tzinfo=UTC))
    assert found is not None
    assert (found.price_new, found.prices) == (Decimal(5), {"D": Decimal(5)})


def test_planned_freight_grows_with_way_and_weight() -> None:
    def planned(country: str, grams: int) -> Decimal:
        return foretold.planned_freight(asked(lies=Spot(country=country)), "NL", grams, SHIPPED).amount

    assert planned("NL", 400) < planned("DE", 400) < planned("US", 400)
    assert planned("NL", 400) == planned("NL", 2000) < planned("NL", 9000)


# What rules make of it ----------------------------------------------------------------------------------------------------------------

TODAY = date(2026, 11, 2)


def case(found: port.Foretold | None, **more: Any) -> Case:
    values: dict[str, Any] = {
        "reason": "DOA", "wanted": "refund", "today": TODAY, "ordered_on": TODAY - timedelta(days=9),
        "delivered_on": TODAY - timedelta(days=5),
        "law_from": TODAY - timedelta(days=5), "sent": True, "device_class": "accessory", "price": Decimal("29.00"), "country": "NL",
        "history": History(orders=4, returns=1, return_rate=25),
    }  # fmt: skip
    seen = {"foreseen": foreseen.facts(found), "foretold": found} if found is not None else {}
    return Case(**(values | seen | more))


LAW = statutes.read(Ruling(statutes.KIND, 0, statutes.SHIPPED))


def shipped(on: Case) -> policy.Answer:
    return policy.decide(Ruling(policy.KIND, 0, policy.SHIPPED), on, law=LAW)


@pytest.mark.parametrize(
    ("price", "more", "rule", "goods"),
    [
        ("4", {}, "not_worth_its_freight", "keep"),
        ("90", {}, "wrong_in_window", "back"),
        (None, {}, "wrong_in_window", "back"),  # nobody knows a price: as ever
        ("4", {"price": Decimal(61)}, "wrong_in_window", "back"),
        ("4", {"device_class": "phone"}, "wrong_in_window", "back"),  # somebody's data is on it
        ("4", {"reason": "CHANGED_MIND"}, "in_window", "back"),
        ("4", {"reason": "WRONG_ITEM"}, "wrong_in_window", "back"),
        ("4", {"reason": "SWOLLEN_BATTERY"}, "not_safe", "back"),
        ("4", {"risk": 75}, "looked_at_first", "back"),
        ("4", {"history": None}, "wrong_in_window", "back"),  # nothing is known of who has it
        ("4", {"history": History(orders=9, kept_before=3)}, "kept_often", "back"),
        ("4", {"origin": "recall"}, "recalled", "back"),
    ],
)
def test_what_isn_t_worth_its_freight_stays_unless_there_is_a_reason_why_it_must_come(
    price: str | None, more: dict[str, Any], rule: str, goods: str
) -> None:
    answer = shipped(case(told(price) if price else None, **more))
    assert (answer.decision.rule, answer.goods) == (rule, goods)
    if rule == "kept_often":
        assert answer.needs_person
    if goods == "keep":
        assert answer.photos == 1
        assert not any(char.isdigit() for char in answer.why)  # the customer isn't told the sum


def test_it_is_asked_only_where_a_rule_could_turn_on_it() -> None:
    found = Ruling(policy.KIND, 0, policy.SHIPPED)

    def asks(**more: Any) -> bool:
        first = shipped(case(None, **more))
        return foreseen.matters(found, first.decision.inputs, first.decision.rules[0])

    assert asks()
    assert not asks(price=Decimal(449))
    assert not asks(reason="CHANGED_MIND")
    assert not asks(risk=75)
    assert not asks(price=Decimal(12))  # stays anyway


def test_a_decision_keeps_what_was_foretold_and_other_rules_are_tried_on_the_same() -> None:
    answer = shipped(case(told("4")))
    kept = answer.kept()
    assert Decimal(kept["foretold"]["left"]) == told("4").left < 0
    assert kept["inputs"]["worth_shipping"] is False
    rebuilt = replaying.case_of(kept["inputs"], kept["law_days"])
    assert rebuilt is not None
    assert shipped(rebuilt).decision.rule == "not_worth_its_freight"
    assert shipped(replace(rebuilt, foreseen={})).decision.rule == "wrong_in_window"
