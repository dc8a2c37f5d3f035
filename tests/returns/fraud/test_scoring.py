"""The score by itself: each signal fires and doesn't, groups and the whole are capped, and what is explained adds up."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from returns import policy
from returns.fraud import people, rules, scoring
from returns.policy import statutes
from returns.policy.cases import Case
from revlog.terms import ruling
from revlog.terms.ruling import Ruling

SHIPPED = Ruling(rules.KIND, 0, rules.SHIPPED)
SHOP, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
HARMLESS: dict[str, Any] = {
    "orders": 6, "returns": 1, "return_rate": 17, "refund_share": 10, "never_came": 0, "kept_before": 0, "returns_7": 0, "returns_30": 1,
    "first_order": False, "value": Decimal("449.00"), "value_percent": 120, "not_here": False, "claims_before": 0,
    "empty_boxes_before": 0, "advances_kept": 0, "confirmed_before": 0, "same_address": 1, "same_mailbox": 0,
    "same_payment": 0, "linked_returns_30": 0, "linked_confirmed": 0, "photos_reused": 0, "wrong_serials": 0,
    "serial_never_sold": False, "no_serials": 0, "empty_boxes": 0, "short_percent": 5, "weight_missing": 5,
    "imei_of_another_model": False,
    "on_a_list": 0,
}  # fmt: skip
FIRES: dict[str, dict[str, Any]] = {
    "returned_often_this_week": {"returns_7": 3},
    "returned_often_this_month": {"returns_30": 5},
    "sends_most_back": {"return_rate": 75},
    "gets_most_back": {"refund_share": 60},
    "never_sent": {"never_came": 3},
    "keeps_things": {"kept_before": 3},
    "first_order_of_value": {"first_order": True},
    "first_order_not_here": {"first_order": True, "not_here": True, "value": Decimal(20)},
    "far_above_usual": {"value_percent": 400},
    "not_here_again": {"not_here": True, "claims_before": 2},
    "empty_box_before": {"empty_boxes_before": 1},
    "advance_kept": {"advances_kept": 1},
    "confirmed_before": {"confirmed_before": 1},
    "same_address": {"same_address": 2},
    "same_mailbox": {"same_mailbox": 1},
    "same_payment": {"same_payment": 1},
    "linked_returns": {"linked_returns_30": 5},
    "linked_confirmed": {"linked_confirmed": 1},
    "photo_used_before": {"photos_reused": 1},
    "wrong_serial": {"wrong_serials": 1},
    "serial_never_sold": {"serial_never_sold": True},
    "serial_unreadable": {"no_serials": 1},
    "empty_box": {"empty_boxes": 1},
    "fewer_came": {"short_percent": 20},
    "too_light": {"weight_missing": 6},
    "reported_lost_or_stolen": {"on_a_list": 1},
    "imei_of_another_model": {"imei_of_another_model": True},
}


def test_every_signal_that_is_shipped_is_tried_here_and_what_is_harmless_or_unknown_fires_none() -> None:
    assert set(FIRES) == {rule["id"] for rule in rules.SHIPPED["rules"]}
    assert scoring.score(SHIPPED, HARMLESS) == scoring.Score(0, "auto", 0)
    assert scoring.score(SHIPPED, {}).points == 0


@pytest.mark.parametrize("code", FIRES)
def test_each_signal_fires_alone_and_says_what_it_compared(code: str) -> None:
    found = scoring.score(SHIPPED, HARMLESS | FIRES[code])

    assert found.codes == [code]
    assert found.points == found.signals[0].counted == found.signals[0].points > 0
    assert set(FIRES[code]) - {"value"} <= set(found.signals[0].facts) | {"value"}
    assert found.signals[0].why.endswith(".")


def test_the_explanation_adds_up_under_the_caps_and_the_whole_is_100_at_most() -> None:
    everything = {name: value for told in FIRES.values() for name, value in told.items()} | {"value": Decimal("449.00")}
    found = scoring.score(SHIPPED, HARMLESS | everything)

    assert found.points == sum(one.counted for one in found.signals) == 100
    assert found.of_group("history") == 80
    assert len(found.signals) == len(FIRES)
    assert found.band == "hold"


def test_the_bands_are_the_published_ones() -> None:
    body = dict(rules.SHIPPED) | {"parameters": dict(rules.SHIPPED["parameters"]) | {"look_from": 10, "hold_from": 15}}
    strict = Ruling(rules.KIND, 3, body)

    assert scoring.score(strict, {"returns_7": 3}).band == "look"
    assert scoring.score(strict, {"returns_30": 5}).band == "hold"
    assert scoring.score(strict, {"returns_30": 5}).version == 3
    assert scoring.score(SHIPPED, {"returns_30": 5}).band == "auto"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"mode": "first"}, "body.mode"),
        ({"parameters": {"look_from": 80, "hold_from": 70}}, "body.parameters.look_from"),
        ({"parameters": {"look_form": 80}}, "body.parameters.look_form"),
        ({"parameters": {"decide_days": 0}}, "body.parameters.decide_days"),
        (
            {"rules": [{"id": "x", "then": {"points": 101, "group": "links"}, "why": "Seen."}]},
            "body.rules[0].then.points",
        ),
        ({"rules": [{"id": "x", "then": {"points": 5, "group": "mood"}, "why": "Seen."}]}, "body.rules[0].then.group"),
        ({"rules": [{"id": "x", "then": {"points": 5, "group": "links"}}]}, "body.rules[0].why"),
    ],
)
def test_rules_that_make_no_sense_are_not_published(change: dict[str, Any], where: str) -> None:
    told = dict(rules.SHIPPED) | change
    if "parameters" in change:
        told["parameters"] = rules.SHIPPED["parameters"] | change["parameters"]

    found = ruling.problems(told, rules.RISK)

    assert where in {one.field for one in found}
    assert ruling.problems(rules.SHIPPED, rules.RISK) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Kade 12", "3011 AA Rotterdam"), ("KADE 12,", "3011AA rotterdam"), False),
        (("Kade 12", "3011 AA Rotterdam"), ("kade 12 ", "Rotterdam 3011 AA"), True),
        (("Hauptstraße 5", "04109 Leipzig"), ("Hauptstrasse 5", "04109 LEIPZIG"), True),
        (("Kim Jansen", "Kade 12", "3011 AA Rotterdam"), ("Sam Vos", "Kade 12", "3011 AA Rotterdam"), True),
        (("Kade 12", "3011 AA Rotterdam"), ("Kade 14", "3011 AA Rotterdam"), False),
    ],
)
def test_an_address_is_compared_by_what_means_one_door(one: Any, other: Any, same: bool) -> None:
    assert (people.address(one, "NL") == people.address(other, "NL")) is same
    assert people.address(("Somewhere",), "NL") == ""


def test_a_key_says_nothing_by_itself_and_nothing_across_sellers() -> None:
    told = people.keys(SHOP, email="Kim.Jansen+shop@gmail.com", lines=("Kade 12", "3011 AA Rotterdam"), payment="pi_1")

    assert set(told) == {"address", "mailbox", "payment"}
    assert all(len(one) == 64 and "kim" not in one for one in told.values())
    assert told["mailbox"] == people.keys(SHOP, email="kimjansen@googlemail.com")["mailbox"]
    assert told["mailbox"] != people.keys(OTHER, email="kimjansen@googlemail.com")["mailbox"]
    assert people.keys(SHOP, email="nobody", lines=("Rotterdam",)) == {}


@pytest.mark.parametrize(
    ("country", "back", "comes_back", "until"),
    [
        ("NL", None, True, None),
        ("NL", date(2026, 11, 5), True, date(2026, 11, 16)),
        ("NL", date(2026, 11, 20), True, date(2026, 11, 20)),
        ("NL", None, False, date(2026, 11, 16)),
        ("GB", date(2026, 11, 5), True, date(2026, 11, 19)),
        ("GB", None, True, None),
    ],
)
def test_the_law_says_by_when_a_withdrawal_is_paid(
    country: str,
    back: date | None,
    comes_back: bool,
    until: date | None,
) -> None:
    law = statutes.read(Ruling(statutes.KIND, 0, statutes.SHIPPED)).of("withdrawal", country, date(2026, 10, 20))
    assert law is not None

    found = statutes.refund_by(law, withdrawn_on=date(2026, 11, 2), comes_back=comes_back, back_on=back)

    assert found == until


def test_rules_may_use_score_and_band_and_the_law_stands_above_them() -> None:
    rule = {
        "id": "risky",
        "when": {"fact": "risk_band", "op": "in", "value": ["look", "hold"]},
        "then": {"allow": True, "approval": "person", "photos": 2, "refund_on": "acceptance"},
        "why": "A person looks.",
    }
    body = dict(policy.SHIPPED) | {"rules": [rule, *policy.SHIPPED["rules"]]}

    def decided(**changes: Any) -> policy.Answer:
        told: dict[str, Any] = {
            "reason": "CHANGED_MIND", "wanted": "refund", "today": date(2026, 11, 2), "delivered_on": date(2026, 10, 30),
            "sent": True, "country": "NL", "ordered_on": date(2026, 10, 25), "price": Decimal(449), "risk": 90, "risk_band": "hold",
        }  # fmt: skip
        return policy.decide(Ruling(policy.KIND, 1, body), Case(**(told | changes)))

    late = decided(delivered_on=date(2026, 10, 10), law_from=date(2026, 10, 10), ordered_on=date(2026, 10, 5))
    assert (late.allowed, late.steps, late.photos) == (True, 1, 2)
    withdrawn = decided()
    assert (withdrawn.allowed, withdrawn.steps, withdrawn.photos) == (True, 0, 0)
