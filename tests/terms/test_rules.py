from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from returns import policy
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices.models import ProductModel, Variant
from revlog.terms import queries
from revlog.terms.models import RuleSet
from revlog.terms.services import prices, rules, warranties
from revlog.terms.services.rules import UnableToPublish
from tests.cast import Cast
from tests.factories import terms


def body(**parameters: object) -> dict[str, object]:
    return dict(policy.SHIPPED) | {"parameters": dict(policy.SHIPPED["parameters"]) | parameters}


def test_what_nobody_published_stands_at_version_zero(cast: Cast, at: datetime) -> None:
    ruling = queries.in_force(policy.KIND, at=at)

    assert (ruling.version, ruling.body) == (0, policy.SHIPPED)


def test_publishing_numbers_dates_and_compares(cast: Cast, at: datetime) -> None:
    drafted = rules.draft(kind=policy.KIND, body=body(window_days=14), by=cast.admin, at=at)
    assert queries.in_force(policy.KIND, at=at).version == 0

    done = rules.publish(drafted, by=cast.maria, at=at)

    assert [(change.where, change.before, change.after) for change in done.changes] == [
        ("parameters.window_days", "30", "14")
    ]
    assert queries.in_force(policy.KIND, at=at).version == 1
    kinds = Entry.objects.filter(chain_id=drafted.pk).order_by("sequence").values_list("kind", flat=True)
    assert list(kinds) == ["terms.rules_drafted", "terms.rules_published"]


def test_rules_hold_from_their_day_and_old_decisions_keep_theirs(cast: Cast, at: datetime) -> None:
    later = at + timedelta(days=10)
    drafted = rules.draft(kind=policy.KIND, body=body(window_days=14), by=cast.admin, at=at)
    rules.publish(drafted, valid_from=later, by=cast.maria, at=at)

    assert queries.in_force(policy.KIND, at=at).version == 0
    assert queries.in_force(policy.KIND, at=later).version == 1
    assert queries.of_version(policy.KIND, 0).body == policy.SHIPPED
    assert queries.of_version(policy.KIND, 1).parameters["window_days"] == 14


def test_ones_own_rules_come_before_everybodys(cast: Cast, at: datetime) -> None:
    for organization, days in ((None, 20), (cast.retailer.pk, 60)):
        row = rules.draft(
            kind=policy.KIND, body=body(window_days=days), organization=organization, by=cast.admin, at=at
        )
        rules.publish(row, by=cast.maria, at=at)

    def days_for(organization: object) -> object:
        return queries.in_force(policy.KIND, at=at, organization=organization).parameters["window_days"]  # type: ignore[arg-type]

    assert (days_for(cast.retailer.pk), days_for(cast.vega.pk), days_for(None)) == (60, 20, 20)


def test_rules_are_found_also_when_another_thread_empties_what_is_kept_meanwhile(cast: Cast, at: datetime) -> None:
    for organization, days in ((None, 20), (cast.retailer.pk, 60)):
        row = rules.draft(
            kind=policy.KIND, body=body(window_days=days), organization=organization, by=cast.admin, at=at
        )
        rules.publish(row, by=cast.maria, at=at)
    queries.in_force(policy.KIND, at=at)
    emptied = []

    def other_thread(execute: Callable[..., object], sql: str, *rest: object) -> object:
        if '"body"' in sql:
            queries._made_ready.clear()
            emptied.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(other_thread):
        found = queries.in_force_each([(policy.KIND, None), (policy.KIND, cast.retailer.pk)], at=at)

    assert len(emptied) == 1
    assert [one.parameters["window_days"] for one in found] == [20, 60]


def test_rules_read_once_are_the_ones_that_are_found_each_time(cast: Cast, at: datetime) -> None:
    later = at + timedelta(days=10)
    for organization, days, begin in ((None, 20, at), (None, 25, later), (cast.retailer.pk, 60, later)):
        row = rules.draft(
            kind=policy.KIND, body=body(window_days=days), organization=organization, by=cast.admin, at=at
        )
        rules.publish(row, valid_from=begin, by=cast.maria, at=at)
    moments, owners = (at - timedelta(days=1), at, later), (None, cast.retailer.pk, cast.vega.pk)

    asked = [queries.in_force(policy.KIND, at=moment, organization=one) for moment in moments for one in owners]
    with queries.rules_read_once():
        read = [queries.in_force(policy.KIND, at=moment, organization=one) for moment in moments for one in owners]
        row = rules.draft(kind=policy.KIND, body=body(window_days=1), by=cast.admin, at=at)
        rules.publish(row, valid_from=later + timedelta(days=1), by=cast.maria, at=at)
        assert queries.in_force(policy.KIND, at=later + timedelta(days=2)).parameters["window_days"] == 1

    assert read == asked
    assert [one.parameters["window_days"] for one in asked] == [30, 30, 30, 20, 20, 20, 25, 60, 25]
    assert queries.in_force(policy.KIND, at=later + timedelta(days=2)).parameters["window_days"] == 1


def test_nobody_publishes_what_they_drafted_nor_twice_nor_for_the_past(cast: Cast, at: datetime) -> None:
    drafted = rules.draft(kind=policy.KIND, body=body(), by=cast.maria, at=at)

    with pytest.raises(UnableToPublish, match="nobody publishes rules that they drafted"):
        rules.publish(drafted, by=cast.maria, at=at)
    with pytest.raises(NotAllowed):
        rules.publish(drafted, by=cast.admin, at=at)
    other = rules.draft(kind=policy.KIND, body=body(), by=cast.admin, at=at)
    with pytest.raises(UnableToPublish, match="from now or later"):
        rules.publish(other, valid_from=at - timedelta(days=1), by=cast.maria, at=at)
    rules.publish(other, by=cast.maria, at=at)
    with pytest.raises(UnableToPublish, match="published already, as version 1"):
        rules.publish(other, by=cast.maria, at=at)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (
            {"rules": [], "seasons": [{"from": "2026-12-01", "to": "2026-11-01", "until": "2027-01-31"}]},
            "body.seasons[0]",
        ),
        ({"rules": [], "regions": {"nordics": ["Sweden"]}}, "body.regions.nordics"),
        ({"parameters": {"window_days": -1}, "rules": []}, "body.parameters.window_days"),
        ({"parameters": {"refund_on": "never"}, "rules": []}, "body.parameters.refund_on"),
        ({"rules": [{"id": "a", "then": {}}]}, "body.rules[0].then.allow"),
        ({"rules": [{"id": "a", "then": {"allow": True, "outcomes": ["gold"]}}]}, "body.rules[0].then.outcomes"),
        ({"rules": [{"id": "a", "then": {"allow": True, "fee_percent": "101"}}]}, "body.rules[0].then.fee_percent"),
        ({"rules": [{"id": "a", "then": {"allow": True, "goods": "burn"}}]}, "body.rules[0].then.goods"),
        ({"rules": [{"id": "a", "then": {"allow": True, "photos": 99}}]}, "body.rules[0].then.photos"),
        ({"rules": [{"id": "a", "then": {"allow": True, "gift_wrap": 1}}]}, "body.rules[0].then.gift_wrap"),
        ({"rules": [{"id": "a", "then": {"allow": True, "window": {"days": "x"}}}]}, "body.rules[0].then.window.days"),
        (
            {"rules": [{"id": "a", "then": {"allow": True, "fee_waived_for": ["BORED"]}}]},
            "body.rules[0].then.fee_waived_for",
        ),
    ],
)
def test_return_rules_that_cannot_be_are_refused_before_they_are_drafts(
    cast: Cast, at: datetime, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        rules.draft(kind=policy.KIND, body=wrong, by=cast.admin, at=at)

    assert [reason.field for reason in refusal.value.reasons] == [field]
    assert not RuleSet.objects.exists()


def test_rules_of_no_kind_are_refused(cast: Cast, at: datetime) -> None:
    with pytest.raises(BadInput, match="There are no rules called cooking"):
        rules.draft(kind="cooking", body={}, by=cast.admin, at=at)
    with pytest.raises(NotAllowed):
        rules.draft(kind=policy.KIND, body=body(), by=cast.sam, at=at)


def test_a_price_is_the_variants_then_the_models_and_the_latest_that_has_begun(cast: Cast, at: datetime) -> None:
    product = ProductModel.objects.create(
        manufacturer="Lenovo", name="ThinkPad T480", device_class="laptop", created_at=at
    )
    variant = Variant.objects.create(product=product, name="16 GB", sku="T480-16", created_at=at)
    told = {"product": product, "grade": "B", "currency": "EUR", "by": cast.anouk, "at": at}
    prices.set_price(amount=Decimal(200), **told)  # type: ignore[arg-type]
    prices.set_price(amount=Decimal(240), variant=variant, **told)  # type: ignore[arg-type]
    prices.set_price(amount=Decimal(180), valid_from=at + timedelta(days=5), **told)  # type: ignore[arg-type]

    def price(**asked: object) -> object:
        found = queries.expected_price(grade="B", **({"at": at} | asked))  # type: ignore[arg-type]
        return found.amount if found else None

    assert price(variant=variant) == 240
    assert price(product=product) == 200
    assert price(product=product, at=at + timedelta(days=6)) == 180
    assert price(product=product, at=at - timedelta(days=1)) is None
    assert queries.expected_prices(at=at, product=product, variant=variant)["B"].amount == 240
    assert queries.expected_price(grade="A", at=at, product=product) is None
    with pytest.raises(NotAllowed):
        prices.set_price(amount=Decimal(1), **(told | {"by": cast.ines}))  # type: ignore[arg-type]
    with pytest.raises(BadInput):
        prices.set_price(amount=Decimal(-1), **told)  # type: ignore[arg-type]


def test_a_warranty_runs_to_the_same_day_of_a_later_month_and_is_granted_once(cast: Cast, at: datetime) -> None:
    line = terms.order(cast, at=at).lines.get()
    first = warranties.grant(order_line=line, months=12, starts_on=at.date(), by=cast.anouk, at=at)
    again = warranties.grant(order_line=line, months=24, starts_on=at.date(), by=cast.anouk, at=at)

    assert (first.pk, str(first.ends_on)) == (again.pk, "2027-11-02")
    assert queries.warranty_of(line, at=at + timedelta(days=364)) == first
    assert queries.warranty_of(line, at=at + timedelta(days=366)) is None
    assert warranties.after_months(at.date().replace(month=8, day=31), 6).isoformat() == "2027-02-28"


def test_a_rate_makes_a_currency_usable(cast: Cast, at: datetime) -> None:
    assert queries.rate("EUR", at=at) == 1
    assert queries.rate("GBP", at=at) is None
    drafted = rules.draft(kind="terms.rates", body={"parameters": {"GBP": "1.17"}}, by=cast.admin, at=at)
    rules.publish(drafted, by=cast.maria, at=at)

    assert queries.rate("GBP", at=at) == Decimal("1.17")
    with pytest.raises(BadInput):
        rules.draft(kind="terms.rates", body={"parameters": {"GBP": "0"}}, by=cast.admin, at=at)
