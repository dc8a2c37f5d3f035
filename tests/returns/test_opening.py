from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from returns import policy, queries
from returns.models import Origin, Rma, RmaStatus, RmaUnit
from returns.policy import questions
from returns.services import answering, approval, opening
from returns.services.approval import UnableToDecide
from returns.services.opening import UnableToOpen
from revlog.accounts.queries import guest
from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import returns, terms


def kinds(rma: Rma) -> list[str]:
    return list(Entry.objects.filter(chain_id=rma.pk).order_by("sequence").values_list("kind", flat=True))


def test_a_return_in_its_window_is_approved_by_rule_and_its_unit_is_expected(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)

    assert rma.status == RmaStatus.APPROVED
    assert kinds(rma) == ["returns.rma_opened", "returns.rma_approved"]
    unit = returns.unit_of(rma)
    assert unit.device is not None
    assert (unit.device.state, unit.device.serial, unit.serial) == (State.EXPECTED, "PF1ABCDE", "PF1ABCDE")
    assert unit.device.owner == cast.retailer
    assert rma.parcel_links.count() == 1
    line = rma.lines.get()
    assert (line.decision["rule"], line.decision["version"], line.decision["until"]) == ("in_window", 0, "2026-11-27")


def test_the_decision_says_which_published_version_and_rule_it_was(cast: Cast, at: datetime) -> None:
    body = dict(policy.SHIPPED) | {"parameters": dict(policy.SHIPPED["parameters"]) | {"window_days": 60}}
    drafted = rules.draft(kind=policy.KIND, body=body, organization=cast.retailer.pk, by=cast.admin, at=at)
    rules.publish(drafted, by=cast.maria, at=at)

    rma = returns.rma(cast, order=terms.order(cast, at=at, days=50), at=at)

    decision = rma.lines.get().decision
    assert (decision["version"], decision["rule"]) == (1, "in_window")
    assert decision["organization"] == str(cast.retailer.pk)


def test_too_late_is_refused_with_the_reason_and_nothing_is_written(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, at=at, days=31)

    with pytest.raises(UnableToOpen, match="The return window has ended"):
        returns.rma(cast, order=order, at=at)

    assert not Rma.objects.exists()
    assert not Device.objects.exists()


def test_a_fault_after_the_window_waits_for_a_person_who_did_not_open_it(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, at=at, days=300)
    rma = returns.rma(cast, order=order, reason="BATTERY", wanted="repair", by=cast.sam, at=at)
    assert rma.status == RmaStatus.REQUESTED
    assert not rma.parcel_links.exists()

    with pytest.raises(UnableToDecide, match="nobody approves an RMA that they opened"):
        approval.approve(rma, by=cast.sam, at=at)
    with pytest.raises(NotAllowed):
        approval.approve(rma, by=cast.ines, at=at)
    approved = approval.approve(rma, by=cast.aisha, at=at)

    assert approved.status == RmaStatus.APPROVED
    assert Entry.objects.get(chain_id=rma.pk, kind="returns.rma_approved").payload["rule"] == "person"


def test_a_fault_after_the_window_can_be_repaired_but_not_refunded(cast: Cast, at: datetime) -> None:
    with pytest.raises(UnableToOpen, match="For this reason we offer: exchange, repair"):
        returns.rma(cast, order=terms.order(cast, at=at, days=300), reason="BATTERY", wanted="refund", at=at)


def test_the_law_lets_a_consumer_withdraw_whatever_the_rules_say(cast: Cast, at: datetime) -> None:
    body = {
        "parameters": dict(policy.SHIPPED["parameters"]),
        "rules": [{"id": "never", "then": {"allow": False}, "why": "No returns."}],
    }
    drafted = rules.draft(kind=policy.KIND, body=body, by=cast.admin, at=at)
    rules.publish(drafted, by=cast.maria, at=at)

    day_14 = returns.rma(cast, order=terms.order(cast, "A", at=at, days=14), at=at)
    assert day_14.lines.get().decision["rule"] == "statutory_withdrawal"
    with pytest.raises(UnableToOpen, match="No returns"):
        returns.rma(cast, order=terms.order(cast, "B", at=at, days=15), at=at)
    with pytest.raises(UnableToOpen, match="No returns"):
        returns.rma(cast, order=terms.order(cast, "C", at=at, days=3, country="US"), at=at)
    made_to_order = terms.laptop_line(category="custom_made")
    with pytest.raises(UnableToOpen, match="No returns"):
        returns.rma(cast, order=terms.order(cast, "D", made_to_order, at=at, days=3), at=at)


def test_excluded_goods_come_back_only_when_something_is_wrong_with_them(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, "PS-7", terms.laptop_line(category="hygiene"), at=at)

    with pytest.raises(UnableToOpen, match="only when something is wrong"):
        returns.rma(cast, order=order, at=at)
    assert returns.rma(cast, order=order, reason="DOA", at=at).status == RmaStatus.APPROVED


def test_what_is_announced_already_is_taken_off(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, "PS-2", terms.laptop_line(quantity=3, serials=("PF1A001", "PF1A002", "PF1A003")), at=at)
    first = returns.rma(cast, order=order, quantity=2, at=at)

    with pytest.raises(UnableToOpen, match="only 1 can still come back"):
        returns.rma(cast, order=order, quantity=2, at=at)
    approval.cancel(first, by=guest({f"rma:{first.pk}"}), at=at)
    assert returns.rma(cast, order=order, quantity=3, at=at).status == RmaStatus.APPROVED
    with pytest.raises(UnableToOpen, match="announced as a return already"):
        returns.rma(cast, order=order, at=at)


def test_a_serial_is_only_expected_when_no_other_can_be_meant(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, "PS-2", terms.laptop_line(quantity=2, serials=("PF1A001", "PF1A002")), at=at)

    rma = returns.rma(cast, order=order, quantity=1, at=at)

    assert returns.unit_of(rma).serial == ""


def test_a_counted_line_is_announced_as_one_lot(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, "PS-3", terms.cable_line(400), at=at)

    rma = returns.rma(cast, order=order, quantity=400, at=at)

    unit = RmaUnit.objects.get(line__rma=rma)
    assert unit.device is not None
    assert (unit.quantity, unit.device.tracking, unit.device.quantity) == (400, "counted", 400)


def test_strangers_and_rivals_open_nothing(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, at=at)

    for stranger in (guest({"order:00000000-0000-0000-0000-000000000000"}), cast.vera, cast.noor, cast.tomas):
        with pytest.raises(NotAllowed):
            returns.rma(cast, order=order, by=stranger, at=at)
    assert returns.rma(cast, order=order, by=cast.remco, at=at).opened_by == cast.remco.reference


def test_every_mistake_is_named_with_its_line(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, "PS-4", terms.laptop_line(), terms.cable_line(10), at=at)
    wishes = [
        returns.wish(order, 1, reason="BORED", quantity=0),
        returns.wish(order, 2, wanted="applause", quantity=11),
    ]

    with pytest.raises(UnableToOpen) as refusal:
        opening.open_rma(order=order, wishes=wishes, by=returns.kim(order), at=at)

    assert [reason.field for reason in refusal.value.reasons] == [
        "lines[0].reason",
        "lines[0].quantity",
        "lines[1].wanted",
        "lines[1].quantity",
    ]


def test_what_was_not_sent_cannot_come_back(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, at=at, shipped_at=None, delivered_at=None)

    with pytest.raises(UnableToOpen, match="hasn't been sent yet"):
        returns.rma(cast, order=order, at=at)


def test_calling_off_ends_what_was_expected_and_is_over_once_handed_in(cast: Cast, at: datetime) -> None:
    first = returns.rma(cast, at=at)
    own = guest({f"rma:{first.pk}"})

    with pytest.raises(UnableToDecide):
        approval.cancel(first, by=guest({"rma:00000000-0000-0000-0000-000000000000"}), at=at)
    approval.cancel(first, by=own, at=at)
    unit = returns.unit_of(first)
    assert unit.device is not None
    assert unit.device.state == State.NOT_RECEIVED
    with pytest.raises(UnableToDecide, match="called off"):
        approval.cancel(first, by=own, at=at)

    second = returns.rma(cast, order=first.order, at=at)
    approval.hand_over(second, by=guest({f"rma:{second.pk}"}), at=at)
    with pytest.raises(UnableToDecide, match="on its way"):
        approval.cancel(second, by=guest({f"rma:{second.pk}"}), at=at)


def test_the_quote_says_what_is_paid_back_and_what_is_taken_off(cast: Cast, at: datetime) -> None:
    body = {
        "parameters": dict(policy.SHIPPED["parameters"]),
        "rules": [{"id": "fee", "then": {"allow": True, "fee_percent": "10"}}],
    }
    rules.publish(rules.draft(kind=policy.KIND, body=body, by=cast.admin, at=at), by=cast.maria, at=at)
    late = terms.order(cast, "A", at=at, days=20)
    early = terms.order(cast, "B", at=at, days=10)

    assert opening.quote(late, [returns.wish(late)], at=at).amount == Decimal("404.10")
    assert opening.quote(early, [returns.wish(early)], at=at).amount == Decimal("449.00")


def test_the_window_is_counted_in_days_at_the_site_not_in_hours(cast: Cast, at: datetime) -> None:
    # Delivered late in the evening, thirty days ago: the last day still counts until midnight there.
    delivered = at.replace(hour=20) - timedelta(days=30)
    order = terms.order(cast, at=at, days=31, delivered_at=delivered)

    assert opening.returnable(order, at=at.replace(hour=22, minute=59))[0].blocked == ""
    assert opening.returnable(order, at=at.replace(hour=23, minute=1))[0].only_when_faulty


def test_staff_opens_for_a_customer_and_the_origin_is_said(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, at=at)

    rma = opening.open_rma(order=order, wishes=[returns.wish(order)], origin=Origin.STAFF, by=cast.sam, at=at)

    assert Entry.objects.get(chain_id=rma.pk, sequence=1).payload["origin"] == "staff"


# Questions, photos, history ---------------------------------------------------------------------------------------------------------


def publish(cast: Cast, kind: str, body: Mapping[str, object], at: datetime) -> None:
    rules.publish(rules.draft(kind=kind, body=body, by=cast.admin, at=at), by=cast.maria, at=at)


def asking(**row: object) -> dict[str, object]:
    return {"questions": [{"id": "opened", "kind": "yes_no", "text": "Is it open?", "required": True} | row]}


def test_a_question_that_must_be_answered_is_named_with_its_field_and_the_answer_is_kept(
    cast: Cast, at: datetime
) -> None:
    publish(cast, questions.KIND, asking(groups=["remorse"]), at)
    order = terms.order(cast, at=at)

    with pytest.raises(UnableToOpen, match="Answer this: Is it open") as refusal:
        returns.rma(cast, order=order, at=at)
    assert [reason.field for reason in refusal.value.reasons] == ["lines[0].answers.opened"]
    with pytest.raises(UnableToOpen, match="no answer"):
        returns.rma(cast, order=order, answers={"opened": "perhaps"}, at=at)
    rma = returns.rma(cast, order=order, answers={"opened": "yes", "shoe_size": "44"}, at=at)

    line = rma.lines.get()
    assert line.answers == {"opened": "yes"}
    assert line.decision["inputs"]["answers.opened"] == "yes"
    assert returns.rma(cast, order=terms.order(cast, "B", at=at), reason="LATE", at=at).lines.get().answers == {}


def test_a_rule_may_ask_for_more_and_decide_by_the_answer(cast: Cast, at: datetime) -> None:
    publish(cast, questions.KIND, asking(by_rule=True), at)
    body = {
        "rules": [
            {
                "id": "used",
                "when": {"fact": "answers.opened", "value": "yes"},
                "then": {"allow": True, "fee_percent": "10", "questions": ["opened"]},
            },
            {"id": "ask", "then": {"allow": True, "questions": ["opened"]}},
        ]
    }
    publish(cast, policy.KIND, body, at)
    order = terms.order(cast, at=at, days=20)

    on = answering.footing(order, at=at)
    asked = answering.questions_for(order.lines.get(), on=on, reason="CHANGED_MIND")
    assert [(question.id, question.field, question.choices) for question in asked] == [
        ("opened", "answers.opened", [("yes", "Yes"), ("no", "No")])
    ]
    rma = returns.rma(cast, order=order, answers={"opened": "yes"}, at=at)
    assert (rma.lines.get().fee, rma.lines.get().decision["rule"]) == (Decimal("44.90"), "used")


def test_photos_that_the_rules_want_are_asked_of_the_customer_and_looked_at_where_none_can_come(
    cast: Cast, at: datetime
) -> None:
    cable = terms.cable_line(2)

    with pytest.raises(UnableToOpen, match="Add 1 photo of USB-C cable") as refusal:
        returns.rma(cast, order=terms.order(cast, "A", cable, at=at), reason="DOA", at=at)
    assert refusal.value.reasons[0].field == "lines[0].photos"
    told = terms.order(cast, "B", cable, at=at)
    by_api = opening.open_rma(
        order=told, wishes=[returns.wish(told, reason="DOA")], origin=Origin.API, by=cast.sam, at=at
    )
    assert (by_api.status, by_api.steps) == (RmaStatus.REQUESTED, 1)


def test_the_history_of_a_customer_is_that_of_all_contacts_with_their_address_at_that_seller(
    cast: Cast, at: datetime
) -> None:
    first = terms.order(cast, "A", at=at, days=30)
    again = terms.order(cast, "B", at=at, days=20)
    terms.order(cast, "C", at=at, days=10, email="someone@example.com")
    terms.order(cast, "D", at=at, days=10, seller=cast.vega)
    terms.order(cast, "E", at=at, days=400)
    sent = returns.rma(cast, order=again, at=at)
    sent.lines.update(settled_as="refund", settled_amount=Decimal("449.00"))
    called_off = returns.rma(cast, order=first, at=at)
    approval.cancel(called_off, by=guest({f"rma:{called_off.pk}"}), at=at)

    found = queries.history_of(first, at=at)

    assert (found.orders, found.returns, found.return_rate) == (2, 1, 50)
    assert (found.refunded, found.never_came) == (Decimal("449.00"), 0)
    sent.lines.update(settled_as="not_received")
    assert queries.history_of(first, at=at).never_came == 1


def test_what_an_order_is_decided_on_is_read_once_however_many_lines_it_has(
    cast: Cast, at: datetime, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    order = terms.order(cast, "A", *[terms.laptop_line(serials=(f"PF1A00{n}",)) for n in range(5)], at=at)
    order = type(order).objects.select_related("contact", "seller").get(pk=order.pk)

    # Which rules hold, what is known of the lines, the customer's history, and what else is known of them.
    with django_assert_num_queries(4):
        answering.footing(order, at=at)


def test_the_rules_name_the_site_and_the_moment_and_what_stays_with_the_customer(cast: Cast, at: datetime) -> None:
    then = {"allow": True, "hub": cast.leipzig.code, "refund_on": "receipt", "goods": "back", "bonus_percent": "5"}
    publish(cast, policy.KIND, {"rules": [{"id": "a", "then": then}]}, at)

    rma = returns.rma(cast, order=terms.order(cast, at=at, days=20), wanted="credit", at=at)

    assert (rma.hub, rma.refund_on, rma.lines.get().bonus) == (cast.leipzig, "receipt", Decimal("22.45"))


def test_a_site_that_there_is_not_is_no_destination(cast: Cast, at: datetime) -> None:
    publish(cast, policy.KIND, {"rules": [{"id": "a", "then": {"allow": True, "hub": "nowhere"}}]}, at)

    assert returns.rma(cast, order=terms.order(cast, at=at, days=20), at=at).hub.active


def test_tags_and_channel_of_an_order_are_compared(cast: Cast, at: datetime) -> None:
    final = {"fact": "tags", "op": "contains", "value": "final_sale"}
    publish(
        cast,
        policy.KIND,
        {
            "rules": [
                {"id": "final", "when": final, "then": {"allow": False}, "why": "It was a final sale."},
                {"id": "rest", "then": {"allow": True}},
            ]
        },
        at,
    )
    order = terms.order(cast, at=at, days=20)
    order.tags = ["final_sale"]
    order.save(update_fields=["tags"])

    with pytest.raises(UnableToOpen, match="It was a final sale"):
        returns.rma(cast, order=order, at=at)
