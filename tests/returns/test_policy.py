"""Return rules without a database: what a rule may say, how several add up, and the law under all of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from returns import policy
from returns.policy import Answer, statutes
from returns.policy import checking as policy_check
from returns.policy.cases import Case, History
from revlog.terms import ruling
from revlog.terms.ruling import Ruling

TODAY = date(2026, 11, 2)


def case(*, days: int | None = 5, **changes: Any) -> Case:
    """A laptop for 449.00 that was delivered to the Netherlands so many days ago."""
    delivered = None if days is None else TODAY - timedelta(days=days)
    ordered = (delivered or TODAY) - timedelta(days=3)
    values: dict[str, Any] = {
        "reason": "CHANGED_MIND",
        "wanted": "refund",
        "today": TODAY,
        "ordered_on": ordered,
        "shipped_on": ordered + timedelta(days=2),
        "delivered_on": delivered,
        "law_from": delivered,
        "sent": True,
        "device_class": "laptop",
        "price": Decimal("449.00"),
        "country": "NL",
    }
    return Case(**(values | changes))


def decided(*rules: dict[str, Any], on: Case | None = None, mode: str = "first", **more: Any) -> Answer:
    body = {"mode": mode, "rules": [{"id": str(place)} | rule for place, rule in enumerate(rules)]} | more
    assert ruling.problems(body, policy.POLICY) == []
    return policy.decide(Ruling(policy.KIND, 1, body), on or case(days=20))


def shipped(on: Case, **parameters: Any) -> Answer:
    body = dict(policy.SHIPPED) | {"parameters": policy.SHIPPED["parameters"] | parameters}
    return policy.decide(Ruling(policy.KIND, 0, body), on)


ALLOW = {"allow": True}


# What a rule may compare ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "fits", "misses"),
    [
        ({"fact": "region", "value": "benelux"}, {"country": "BE"}, {"country": "DE"}),
        ({"fact": "consumer_law", "value": "eu"}, {"country": "FR"}, {"country": "US"}),
        ({"fact": "channel", "value": "web"}, {"channel": "web"}, {"channel": "store"}),
        ({"fact": "tags", "op": "contains", "value": "vip"}, {"tags": ["vip"]}, {"tags": ["final_sale"]}),
        ({"fact": "sku", "op": "in", "value": ["A-1"]}, {"sku": "A-1"}, {"sku": "A-2"}),
        ({"fact": "product", "value": "Lenovo T480"}, {"product": "Lenovo T480"}, {"product": ""}),
        ({"fact": "value", "op": ">", "value": "1000"}, {"value": Decimal(1001)}, {"quantity": 2}),
        ({"fact": "value", "op": ">", "value": "800"}, {"quantity": 2}, {"quantity": 1}),
        ({"fact": "days_since_order", "op": "<=", "value": 10}, {"ordered_on": TODAY}, {}),
        ({"fact": "days_since_shipment", "op": "<=", "value": 10}, {"shipped_on": TODAY}, {"shipped_on": None}),
        ({"fact": "return_rate", "op": ">=", "value": 50}, {"history": History(orders=4, return_rate=50)}, {}),
        ({"fact": "orders", "op": ">", "value": 3}, {"history": History(orders=4)}, {"history": History(orders=3)}),
        ({"fact": "refunded", "op": ">", "value": "99"}, {"history": History(refunded=Decimal(100))}, {}),
        ({"fact": "never_came", "op": ">=", "value": 1}, {"history": History(never_came=1)}, {}),
        ({"fact": "risk", "op": ">=", "value": 70}, {"risk": 70}, {"risk": None}),
        ({"fact": "answers.opened", "value": "used"}, {"answers": {"opened": "used"}}, {"answers": {}}),
        ({"fact": "gift", "value": True}, {"gift": True}, {"gift": False}),
        ({"fact": "kind", "value": "claim"}, {"kind": "claim"}, {}),
    ],
)
def test_every_fact_can_be_compared(condition: dict[str, Any], fits: dict[str, Any], misses: dict[str, Any]) -> None:
    rules = ({"when": condition, "then": ALLOW}, {"then": {"allow": False}})
    regions = {"benelux": ["BE", "NL", "LU"]}

    assert decided(*rules, on=case(**{"days": 20, **fits}), regions=regions).allowed
    assert not decided(*rules, on=case(**{"days": 20, "country": "US", **misses}), regions=regions).allowed


# What a rule may say ----------------------------------------------------------------------------------------------------------------


def test_a_rule_holds_only_within_its_window_and_the_next_one_is_tried_after() -> None:
    rules = (
        {
            "id": "vip",
            "when": {"fact": "tags", "op": "contains", "value": "vip"},
            "then": ALLOW | {"window": {"days": 60}},
        },
        {"id": "plain", "then": ALLOW | {"window": {"days": 20, "from": "order"}}},
        {"id": "late", "then": {"allow": False}, "why": "The return window has ended."},
    )

    vip = decided(*rules, on=case(days=60, tags=["vip"]))
    assert (vip.decision.rule, vip.until) == ("vip", TODAY)
    assert decided(*rules, on=case(days=61, tags=["vip"])).decision.rule == "late"
    # Ordered three days before it was delivered.
    plain = decided(*rules, on=case(days=17))
    assert (plain.decision.rule, plain.until) == ("plain", TODAY)
    assert decided(*rules, on=case(days=18)).decision.rule == "late"
    failed = [one.failed_at for one in decided(*rules, on=case(days=18)).decision.tried]
    assert failed[1].startswith("days_since_order <= 20")


def test_a_window_stays_open_where_its_day_is_not_known() -> None:
    answer = decided({"then": ALLOW | {"window": {"days": 1}}}, on=case(days=None, country="US"))

    assert (answer.allowed, answer.until) == (True, None)


def test_fees_are_summed_rounded_and_never_more_than_the_price() -> None:
    assert decided({"then": ALLOW | {"fee_percent": "10", "fee_amount": "4.95"}}).fee == Decimal("49.85")
    assert decided({"then": ALLOW | {"fee_amount": "500"}}).fee == Decimal("449.00")
    assert decided({"then": ALLOW | {"fee_percent": "33"}}, on=case(days=20, price=Decimal("9.99"))).fee == Decimal(
        "3.30"
    )


def test_a_fee_is_waived_by_reason_or_group_and_may_be_the_sellers() -> None:
    then = ALLOW | {"fee_amount": "5.00", "fee_waived_for": ["mismatch", "GIFT"]}

    assert decided({"then": then}).taken_off == Decimal("5.00")
    assert decided({"then": then}, on=case(days=20, reason="GIFT")).fee == 0
    assert decided({"then": then}, on=case(days=20, reason="SIZE")).fee == 0
    sellers = decided({"then": then | {"fee_payer": "seller"}})
    assert (sellers.fee, sellers.fee_payer, sellers.taken_off) == (Decimal("5.00"), "seller", Decimal(0))


def test_a_bonus_is_for_credit_and_exchange_alone() -> None:
    rule = {"then": ALLOW | {"bonus_percent": "10"}}

    assert decided(rule, on=case(days=20, wanted="credit")).bonus == Decimal("44.90")
    assert decided(rule, on=case(days=20, wanted="exchange")).bonus == Decimal("44.90")
    assert decided(rule).bonus == 0


def test_all_that_a_rule_says_is_in_the_answer() -> None:
    answer = decided(
        {
            "then": {
                "allow": True,
                "approval": "two",
                "photos": 2,
                "questions": ["opened"],
                "methods": ["label", "store"],
                "hub": "ROT",
                "goods": "donate",
                "refund_on": "receipt",
                "outcomes": ["credit", "refund"],
            }
        }
    )

    assert (answer.steps, answer.photos, answer.questions, answer.methods) == (2, 2, ("opened",), ("label", "store"))
    assert (answer.hub, answer.goods, answer.refund_on, answer.outcomes) == (
        "ROT",
        "donate",
        "receipt",
        ("refund", "credit"),
    )


def test_without_a_wish_it_says_what_may_be_had() -> None:
    answer = decided({"then": ALLOW | {"outcomes": ["repair"]}}, on=case(days=20, wanted=""))
    assert (answer.allowed, answer.outcomes) == (True, ("repair",))

    refused = decided({"then": ALLOW | {"outcomes": ["repair"]}})
    assert (refused.allowed, refused.why) == (False, "For this reason we offer: repair.")


# Collecting -------------------------------------------------------------------------------------------------------------------------


def collected(*thens: dict[str, Any], on: Case | None = None) -> Answer:
    rules = [{"then": then, "why": f"why {place}"} for place, then in enumerate(thens)]
    return decided(*rules, on=on, mode="collect")


def test_one_rule_that_blocks_wins_over_all_that_allow_and_is_named() -> None:
    answer = collected(ALLOW, {"allow": False}, {"allow": False}, ALLOW)

    assert (answer.allowed, answer.decision.rule, answer.why) == (False, "1", "why 1")
    assert answer.decision.rules == ("0", "1", "2", "3")


def test_nothing_that_allows_is_no() -> None:
    assert not collected({"fee_percent": "5"}, {"photos": 1}).allowed


def test_sums_add_up_lists_join_and_the_strictest_wins() -> None:
    answer = collected(
        ALLOW | {"approval": "two", "photos": 1, "questions": ["opened"], "refund_on": "acceptance", "hub": "A"},
        {"fee_percent": "10", "approval": "person", "photos": 3, "questions": ["complete", "opened"]},
        {"fee_percent": "5", "fee_amount": "1.00", "refund_on": "receipt", "hub": "B", "goods": "keep"},
    )

    assert (answer.fee, answer.steps, answer.photos) == (Decimal("68.35"), 2, 3)
    assert answer.questions == ("opened", "complete")
    assert (answer.refund_on, answer.hub, answer.goods) == ("acceptance", "B", "keep")
    assert answer.decision.rule == "0"


def test_what_is_offered_is_what_every_rule_offers() -> None:
    answer = collected(ALLOW | {"outcomes": ["refund", "credit", "repair"]}, {"outcomes": ["credit", "repair"]})
    assert answer.outcomes == ("credit", "repair")

    nothing = collected(ALLOW | {"outcomes": ["refund"]}, {"outcomes": ["repair"]})
    assert (nothing.allowed, nothing.why) == (False, "The rules leave nothing that we could offer for it.")


def test_waivers_of_all_rules_hold_for_all_fees() -> None:
    answer = collected(ALLOW | {"fee_amount": "5"}, {"fee_waived_for": ["remorse"]})

    assert answer.fee == 0


# The law ----------------------------------------------------------------------------------------------------------------------------

NEVER = {"id": "never", "then": {"allow": False}, "why": "No returns."}


@pytest.mark.parametrize(
    ("country", "ordered", "days", "allowed"),
    [
        ("NL", date(2026, 10, 1), 14, True),
        ("NL", date(2026, 10, 1), 15, False),
        ("NO", date(2026, 10, 1), 14, True),
        ("GB", date(2019, 6, 1), 14, True),  # before Brexit
        ("GB", date(2026, 10, 1), 14, True),  # after it: the same days, by another law
        ("GB", date(2026, 10, 1), 15, False),
        ("US", date(2026, 10, 1), 0, False),
        ("CH", date(2026, 10, 1), 0, False),
        ("NL", date(2014, 6, 12), 0, False),  # a day before the law held
        ("NL", date(2014, 6, 13), 0, True),
    ],
)
def test_withdrawal_is_the_law_of_the_country_and_of_the_day(
    country: str, ordered: date, days: int, allowed: bool
) -> None:
    delivered = TODAY - timedelta(days=days)
    answer = decided(NEVER, on=case(country=country, ordered_on=ordered, delivered_on=delivered, law_from=delivered))

    assert answer.allowed is allowed
    assert answer.decision.rule == ("statutory_withdrawal" if allowed else "never")


def test_the_law_of_a_country_is_named_with_the_decision() -> None:
    before = decided(NEVER, on=case(country="GB", ordered_on=date(2014, 7, 1)))
    after = decided(NEVER, on=case(country="NL"))

    assert before.law["withdrawal"]["id"] == "uk_withdrawal"
    assert before.law["guarantee"]["id"] == "eu_guarantee_1999"
    assert after.kept()["law"]["withdrawal"]["source"] == "2011/83/EU Art. 9, 13, 16"
    assert after.law["withdrawal"]["refund_days"] == 14


@pytest.mark.parametrize(
    "then",
    [
        {"allow": True, "fee_percent": "10"},
        {"allow": True, "approval": "two"},
        {"allow": True, "photos": 3},
        {"allow": True, "questions": ["opened"]},
        {"allow": True, "outcomes": ["credit"]},
    ],
)
def test_withdrawal_is_free_at_once_and_for_money_whatever_the_rules_ask(then: dict[str, Any]) -> None:
    answer = decided({"then": then}, on=case(days=14))

    assert (answer.allowed, answer.taken_off, answer.steps, answer.photos, answer.questions) == (
        True,
        Decimal(0),
        0,
        0,
        (),
    )
    assert answer.decision.rule == "statutory_withdrawal"


def test_what_the_law_leaves_out_can_be_ruled_away() -> None:
    assert not decided(NEVER, on=case(category="custom_made")).allowed
    assert not decided(NEVER, on=case(reason="DOA", kind="return", country="US")).allowed
    business = case(channel="b2b")
    assert not decided(NEVER, on=business, parameters={"business_channels": ["b2b"]}).allowed
    assert decided(NEVER, on=case(channel="web"), parameters={"business_channels": ["b2b"]}).allowed


def test_withdrawal_counts_from_the_last_part_of_an_order_that_was_split() -> None:
    split = case(days=20, law_from=TODAY - timedelta(days=14))

    assert decided(NEVER, on=split).allowed
    assert not decided(NEVER, on=case(days=20)).allowed


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({"delivered_on": date(2024, 11, 2)}, True),
        ({"delivered_on": date(2024, 11, 1)}, False),
        ({"delivered_on": date(2025, 11, 2), "tags": ["refurbished"]}, True),
        ({"delivered_on": date(2025, 11, 1), "tags": ["refurbished"]}, False),
        ({"delivered_on": date(2025, 11, 1), "tags": ["new"]}, True),
        ({"delivered_on": date(2026, 5, 2), "country": "GB"}, True),
        ({"delivered_on": date(2026, 5, 1), "country": "GB"}, False),
        ({"delivered_on": TODAY, "country": "US"}, False),
    ],
)
def test_a_fault_is_put_right_for_as_long_as_the_law_says(changes: dict[str, Any], allowed: bool) -> None:
    on = case(reason="BATTERY", wanted="repair", ordered_on=date(2024, 10, 1), **changes)

    answer = decided(NEVER, on=on)

    assert answer.allowed is allowed
    if allowed:
        assert (answer.decision.rule, answer.outcomes, answer.steps) == (
            "statutory_guarantee",
            ("repair", "replace"),
            1,
        )


def test_the_uk_gives_the_money_back_for_a_fault_in_thirty_days() -> None:
    on = case(reason="BATTERY", country="GB", days=30)
    assert decided({"then": ALLOW | {"outcomes": ["repair"]}}, on=on).allowed
    later = case(reason="BATTERY", country="GB", days=31)
    assert not decided({"then": ALLOW | {"outcomes": ["repair"]}}, on=later).allowed


def test_nothing_is_taken_off_for_what_was_wrong_at_delivery() -> None:
    answer = decided({"then": ALLOW | {"fee_percent": "10"}}, on=case(days=20, reason="DOA"))

    assert (answer.allowed, answer.taken_off) == (True, Decimal(0))


def test_published_statutes_are_the_ones_that_hold() -> None:
    rows = [dict(row) for row in statutes.SHIPPED["rows"]]
    rows[0]["days"] = 20
    known = statutes.read(Ruling(statutes.KIND, 4, {"rows": rows}))

    answer = policy.decide(Ruling(policy.KIND, 1, {"rules": [NEVER]}), case(days=20), law=known)

    assert (answer.allowed, answer.law["version"]) == (True, 4)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"from": "soon"}, "body.rows[0].from"),
        ({"to": "2000-01-01"}, "body.rows[0].to"),
        ({"days": -1}, "body.rows[0].days"),
        ({"countries": "NL"}, "body.rows[0].countries"),
        ({"right": "lunch"}, "body.rows[0].right"),
        ({"source": ""}, "body.rows[0].source"),
        ({"id": "uk_withdrawal"}, "body.rows[1].id"),
    ],
)
def test_a_statute_that_cannot_be_is_refused_at_its_place(change: dict[str, Any], field: str) -> None:
    rows = [dict(row) for row in statutes.SHIPPED["rows"]]
    rows[0] |= change

    assert [one.field for one in ruling.problems({"rows": rows}, statutes.STATUTES)] == [field]


# Seasons ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("season", [("2026-11-15", "2026-12-24", "2027-01-31"), ("11-15", "12-24", "01-31")])
def test_what_was_bought_before_christmas_may_come_back_until_the_end_of_january(season: tuple[str, str, str]) -> None:
    seasons = [dict(zip(("from", "to", "until"), season, strict=True))]
    rules = ({"id": "in", "then": ALLOW | {"window": {"days": 14}}}, {"id": "late", "then": {"allow": False}})

    def on(today: date, ordered: date) -> Answer:
        delivered = ordered + timedelta(days=2)
        found = case(today=today, ordered_on=ordered, shipped_on=ordered, delivered_on=delivered, law_from=delivered)
        return decided(*rules, on=found, seasons=seasons)

    bought = date(2026, 12, 20)
    assert on(date(2027, 1, 31), bought).until == date(2027, 1, 31)
    assert on(date(2027, 1, 31), bought).decision.rule == "in"
    assert on(date(2027, 2, 1), bought).decision.rule == "late"
    assert on(date(2027, 1, 20), date(2026, 12, 25)).decision.rule == "late"
    assert on(date(2027, 1, 20), date(2026, 11, 14)).decision.rule == "late"


def test_a_season_over_new_year_is_found_from_both_sides() -> None:
    season = {"from": "12-20", "to": "01-05", "until": "02-28"}

    assert policy_check.season_of(season, date(2026, 12, 31)) == date(2027, 2, 28)
    assert policy_check.season_of(season, date(2027, 1, 5)) == date(2027, 2, 28)
    assert policy_check.season_of(season, date(2027, 1, 6)) is None
    assert policy_check.season_of(season, date(2026, 12, 19)) is None


# What is shipped --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "rule", "outcomes", "steps", "goods"),
    [
        ({}, "in_window", ("refund", "credit", "exchange"), 0, "back"),
        ({"days": 31}, "too_late", (), 0, "back"),
        ({"reason": "BATTERY"}, "broken_in_window", policy.OUTCOMES, 0, "back"),
        ({"reason": "BATTERY", "price": Decimal(99)}, "wrong_in_window", (*policy.OUTCOMES[:3], "repair", "replace"), 0, "back"),
        ({"reason": "BATTERY", "days": 31, "wanted": "repair"}, "guarantee", ("exchange", "repair", "replace"), 1, "back"),
        ({"reason": "BATTERY", "price": Decimal(15)}, "not_worth_the_way", ("refund", "credit"), 0, "keep"),
        ({"reason": "WRONG_ITEM", "price": Decimal(15)}, "wrong_in_window", (*policy.OUTCOMES[:3], "repair", "replace"), 0, "back"),
        ({"reason": "SWOLLEN_BATTERY", "days": 900}, "not_safe", ("refund", "credit", "exchange", "replace"), 1, "back"),
        ({"risk": 70, "reason": "LATE"}, "looked_at_first", ("refund", "credit", "exchange", "repair", "replace"), 1, "back"),
        ({"reason": "DOA", "answers": {"wet": "yes"}, "wanted": "repair"}, "damaged_by_accident", ("repair",), 1, "back"),
        ({"sent": False, "days": None}, "not_sent_yet", (), 0, "back"),
        ({"origin": "undeliverable", "reason": "UNDELIVERABLE"}, "came_back_by_itself", ("refund", "credit", "exchange"), 0, "back"),
    ],
)  # fmt: skip
def test_the_shipped_rules(
    changes: dict[str, Any], rule: str, outcomes: tuple[str, ...], steps: int, goods: str
) -> None:
    answer = shipped(case(**changes))

    assert (answer.decision.rule, answer.outcomes, answer.steps, answer.goods) == (rule, outcomes, steps, goods)


def test_risk_never_stands_between_a_consumer_and_the_law() -> None:
    answer = shipped(case(days=14, risk=99))

    assert (answer.decision.rule, answer.steps) == ("statutory_withdrawal", 0)


def test_what_is_kept_of_a_decision_names_nobody() -> None:
    kept = shipped(case(history=History(orders=3, return_rate=33, returns=1))).kept()

    assert kept["inputs"]["return_rate"] == 33
    assert kept["inputs"]["price"] == "449.00"
    assert "risk" not in kept["inputs"]
    assert not {"email", "name", "address", "contact"} & set(kept["inputs"])
    assert kept["terms"] == {
        "steps": 0,
        "fee": "0",
        "fee_payer": "customer",
        "bonus": "0",
        "methods": [],
        "goods": "back",
        "hub": "",
        "refund_on": "acceptance",
    }
