"""Drafted risk, trade-in, business and unsold rules on past cases: by facts that were kept, also of what no rule saw anything in."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.test import Client

from returns.fraud import rules as risk_rules
from returns.models import Assessment, BusinessLine, Offer, Review, TradeIn, Trial, UnsoldLook
from returns.policy import business as business_rules
from returns.policy import tradein as tradein_rules
from returns.policy import unsold as unsold_rules
from returns.services import lists, receiving, trials
from returns.services.lists import NewListing
from returns.services.vendors import unsold
from revlog.accounts.models import Hub, Organization
from revlog.common import clock
from revlog.custody.services import reactions
from revlog.terms import ruling
from revlog.terms.models import RuleSet
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import business, returns, terms, tradein, vendors


def draft(cast: Cast, kind: str, *new: Mapping[str, Any], at: datetime, **parameters: object) -> RuleSet:
    """The shipped rules of a kind with others before them and other parameters."""
    shipped = ruling.kind(kind).shipped
    body = {
        **shipped,
        "parameters": {**shipped.get("parameters", {}), **parameters},
        "rules": [*new, *shipped["rules"]],
    }
    return rules.draft(kind=kind, body=body, by=cast.admin, at=at)


def tried(cast: Cast, row: RuleSet, at: datetime) -> Trial:
    trial = trials.start(rule_set=row, since=at.date(), until=at.date(), by=cast.admin, at=at)
    known = trials.Rulings()
    while trials.portion(trial.pk, rulings=known, by=trials.TRIALS, at=at, most=1):
        pass
    trial.refresh_from_db()
    return trial


def listed(cast: Cast, seller: Organization, kind: str, subject: str, at: datetime) -> None:
    told = NewListing(name="watched", kind=kind, subject=subject, why="Once too often.")
    lists.add(seller, told, by=cast.esra, at=at)


def money(trial: Trial, name: str) -> tuple[Decimal, Decimal]:
    sums = trial.sums["money"]["EUR"]
    return Decimal(sums["before"].get(name, 0)), Decimal(sums["after"].get(name, 0))


ON_LIST = {"fact": "lists", "op": "contains", "value": "watched"}


def test_risk_rules_say_whose_money_would_be_held_also_by_facts_that_no_signal_saw(cast: Cast, at: datetime) -> None:
    listed(cast, cast.retailer, "product", "USB-C-1M", at)
    dear, cheap, old = (
        returns.rma(cast, order=terms.order(cast, f"T-{number}", line, at=at, days=3), at=at)
        for number, line in enumerate(
            [terms.laptop_line(serials=()), terms.cable_line(2), terms.laptop_line(serials=())]
        )
    )
    for _each in range(3):
        reactions.drain(at=at, queues=["fast", "outside"])
    first = Assessment.objects.filter(rma=dear).earliest("number")
    assert (first.signals, first.inputs["value"], first.inputs["lists"]) == ([], "449.00", [])
    assert Review.objects.get(rma=cheap).inputs["lists"] == ["watched"]
    assert "kim@" not in str(list(Review.objects.values_list("inputs", flat=True)))
    # From before facts were kept.
    Assessment.objects.filter(rma=old).update(inputs={})
    Review.objects.filter(rma=old).update(inputs={})

    trial = tried(
        cast,
        draft(
            cast,
            risk_rules.KIND,
            {
                "id": "dear",
                "when": {"fact": "value", "op": ">", "value": "400.00"},
                "then": {"points": 100, "group": "receipt"},
                "why": "It is dear.",
            },
            {"id": "watched", "when": ON_LIST, "then": {"points": 40, "group": "links"}, "why": "It is watched."},
            at=at,
            cap_receipt=100,
            cap_links=40,
            look_from=40,
            hold_from=90,
        ),
        at,
    )

    assert (trial.status, trial.done, trial.skipped, trial.changed) == ("done", 3, 1, 2)
    assert trial.sums["changes"] == {"held": 1, "looked": 1}
    days = risk_rules.SHIPPED["parameters"]["decide_days"]
    assert trial.sums["counts"] == {"before": {}, "after": {"looked": 2, "held": 1, "days": days}}
    assert money(trial, "held") == (0, Decimal("449.00"))
    held = trial.changes.get(change="held")
    assert (held.case, held.before["band"], held.after["rule"], held.after["why"]) == (
        dear.pk, "auto", ["dear"], ["It is dear."],
    )  # fmt: skip
    assert not Review.objects.get(rma=dear).held


def test_trade_in_rules_say_what_would_have_been_offered_for_the_same_answers(cast: Cast, at: datetime) -> None:
    listed(cast, cast.operator, "serial", tradein.IMEI, at)
    plain, watched, old = (tradein.quoted(cast, at, serial=serial) for serial in ("", tradein.IMEI, ""))
    assert watched.inputs["lists"] == ["watched"]
    TradeIn.objects.filter(pk=old.pk).update(inputs={})
    stop = {"id": "watched", "when": ON_LIST, "then": {"stop": "We don't buy this one."}}
    row = draft(cast, tradein_rules.KIND, stop, at=at, phone_margin=40)

    trial = tried(cast, row, at)

    assert (trial.done, trial.skipped, trial.sums["changes"]) == (3, 1, {"money": 1, "dropped": 1})
    # 340 − 30 % − 12, twice; by the draft 340 − 40 % − 12, once.
    assert money(trial, "offered") == (Decimal("452.00"), Decimal("192.00"))
    assert money(trial, "accepted") == (0, 0)
    assert trial.changes.get(change="dropped").after["why"] == "We don't buy this one."
    plain.refresh_from_db()
    assert plain.amount == Decimal("226.00")

    rules.publish(row, by=cast.maria, at=at)
    again = tradein.quoted(cast, at + timedelta(seconds=1), serial=tradein.IMEI)
    assert (again.status, again.amount, again.why) == ("refused", None, "We don't buy this one.")


def test_trade_in_rules_say_what_would_be_paid_after_inspection(cast: Cast, at: datetime) -> None:
    # At a Dutch site somebody would have to look at the seller's document first.
    Hub.objects.filter(pk=cast.rotterdam.pk).update(country="AT")
    rma = tradein.accepted(cast, at)
    got = receiving.receive(returns.unit_of(rma), hub=cast.rotterdam, serial="", by=cast.ines, at=at)
    returns.graded(got.device, grade="C", at=at)
    row = TradeIn.objects.get()
    less = Offer.objects.get().amount
    assert (row.found["grade"], less <= Decimal("170.00")) == ("C", True)

    trial = tried(cast, draft(cast, tradein_rules.KIND, at=at, tolerance="60.00"), at)

    # Grade C brings 260 − 78 − 12 at most; the draft would tolerate that it is less than was promised.
    assert (money(trial, "accepted"), money(trial, "paid")) == (
        (Decimal("226.00"), Decimal("226.00")),
        (less, Decimal("226.00")),
    )
    change = trial.changes.get()
    assert (change.change, change.before["rule"], change.after["paid"]) == ("money", "grade", "226.00")


def test_business_rules_say_fees_approvals_and_what_would_be_refused(cast: Cast, at: datetime) -> None:
    business.order(cast, "B-1", business.toner(), business.phones("AA1", "AA2"))
    listed(cast, cast.retailer, "serial", "AA2", at)
    phone = business.told(2, sku="PHONE-1", lot="", quantity=1, serial="AA2")
    business.rma(cast, business.told(), phone, at=at)
    business.rma(cast, business.told(quantity=4), at=at)
    old = BusinessLine.objects.get(line__quantity=4)
    assert old.inputs["price"] == "25.00"
    BusinessLine.objects.filter(pk=old.pk).update(inputs={})

    trial = tried(
        cast,
        draft(
            cast,
            business_rules.OPENING,
            {"id": "watched", "when": ON_LIST, "then": {"allow": False}, "why": "Not this one."},
            {
                "id": "rotation",
                "when": {"fact": "reason", "value": "STOCK_ROTATION"},
                "then": {"allow": True, "steps": 1, "fee_percent": "10"},
                "why": "A tenth is kept.",
            },
            at=at,
        ),
        at,
    )

    assert (trial.done, trial.skipped, trial.sums["changes"]) == (3, 1, {"review": 1, "refused": 1})
    assert trial.sums["counts"] == {"before": {"allowed": 2}, "after": {"allowed": 1, "approvals": 1, "refused": 1}}
    assert (money(trial, "fee"), money(trial, "credit")) == (
        (0, Decimal("25.00")),
        (Decimal("449.00"), Decimal("225.00")),
    )
    # What businesses give back isn't tried by the rules for people.
    assert not trials.SUBJECTS["returns.policy"].past(since=at.date(), until=at.date()).exists()


def test_unsold_rules_say_what_would_be_found_and_by_which_way_it_goes(cast: Cast, at: datetime) -> None:
    vendors.agreed(cast)
    old = vendors.stock(cast)
    young = vendors.stock(cast, age=20, product=vendors.model("Hub"))
    dear = vendors.stock(cast, price="50.00", product=vendors.model("Dock"))
    unsold.sweep(at=at)
    unsold.sweep(at=at + timedelta(minutes=1))
    looks = {row.device_id: row for row in UnsoldLook.objects.all()}
    assert {pk: row.unsold for pk, row in looks.items()} == {old.pk: "overstock", young.pk: "", dear.pk: "overstock"}
    assert looks[young.pk].sums["price"] == "2.50"

    keep = {"id": "keep_dear", "when": {"fact": "value", "op": ">=", "value": "1000.00"}, "then": {"unsold": "no"}}
    trial = tried(cast, draft(cast, unsold_rules.KIND, keep, at=at, age_days=10, vendor_cost="3.00"), at)

    assert (trial.done, trial.skipped) == (3, 0)
    assert trial.sums["changes"] == {"found": 1, "spared": 1, "way": 1}
    assert trial.sums["counts"]["before"] == {"unsold": 2, "vendor": 2}
    assert trial.sums["counts"]["after"] == {"unsold": 2, "liquidate": 2}
    way = trial.changes.get(case=old.pk)
    # As the sweep itself reckoned: 90 % of 100.00 less 48.00 and 4.90; a lot brings 35.00 less 60.00.
    assert (way.before["way"], way.before["net"], way.after["way"], way.after["net"]) == (
        "vendor", "37.10", "liquidate", "-25.00",
    )  # fmt: skip


def test_each_kind_is_tried_read_and_published_on_its_pages(cast: Cast, client: Client) -> None:
    at = clock.now()
    tradein.quoted(cast, at)
    vendors.stock(cast, at=at)
    unsold.sweep(at=at)
    client.force_login(cast.user("admin"))
    day = at.date().isoformat()
    told = {
        tradein_rules.KIND: ({"phone_margin": 40}, "192.00\xa0EUR offered, ", "Fairphone 5"),
        unsold_rules.KIND: ({"age_days": 400}, "not unsold", "USB-C cable"),
        risk_rules.KIND: ({"decide_days": 9}, "No case would go another way.", "Days of holds"),
        business_rules.OPENING: ({"window_days": 9}, "No case would go another way.", "May come back within"),
    }
    for kind, (parameters, says, what) in told.items():
        row = draft(cast, kind, at=at, **parameters)
        assert f"/returns/trials/of/{row.pk}/" in client.get(f"/settings/rules/{kind}/").content.decode()
        form = client.get(f"/returns/trials/new/{row.pk}/").content.decode()
        assert ('name="seller"' in form) == (kind != unsold_rules.KIND)
        answer = client.post(f"/returns/trials/new/{row.pk}/", {"seller": "", "since": day, "until": day}, follow=True)
        here = answer.request["PATH_INFO"]
        reactions.drain(at=clock.now(), queues=["jobs"])
        page = client.get(here).content.decode()
        assert says in page, kind
        assert what in page, kind
        assert "What the draft changes" in page
        lines = list(csv.DictReader(io.StringIO(b"".join(client.get(f"{here}cases.csv")).decode())))
        assert len(lines) == Trial.objects.get(rule_set=row).changed
    client.force_login(cast.user("maria"))
    assert f'action="/settings/rules/publish/{row.pk}"' in client.get(here).content.decode()
    client.post(f"/settings/rules/publish/{row.pk}", {"valid_from": ""})
    assert "It was published as version 1." in client.get(here).content.decode()
