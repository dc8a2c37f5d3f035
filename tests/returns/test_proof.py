"""The customer sees what was found: grade, reasons, photos, serials, and each deduction with its rule."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from returns import deductions, proof
from returns.deductions import Case
from returns.models import Refund, RefundStatus, Rma
from returns.services import accepting, deducting
from revlog.accounts import guests
from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.devices.models import Device
from revlog.evidence.models import Attachment
from revlog.terms.ruling import Ruling
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import proof as proof_of
from tests.factories import returns, terms
from triage.services.inspection import Finding

SHIPPED = Ruling(deductions.KIND, 0, deductions.SHIPPED)


def case(**changes: object) -> Case:
    values: dict[str, object] = {"reason": "CHANGED_MIND", "price": Decimal(400), "withdrawal": False}
    return Case(**(values | changes))  # type: ignore[arg-type]


def reckoned(**changes: object) -> list[tuple[str, str]]:
    found = deductions.reckon(SHIPPED, case(**changes), worth=Decimal(400))
    return [(row["rule"], row["amount"]) for row in found.rows]


# The rules ------------------------------------------------------------------------------------------------------------------------


def test_what_was_sold_as_new_and_comes_back_worn_is_paid_for_less() -> None:
    assert reckoned(sold_as="NEW", grade="A") == []
    assert reckoned(sold_as="NEW", grade="B") == [("grade_b", "40.00")]
    assert reckoned(sold_as="NEW", grade="C", missing=["power_adapter"]) == [
        ("grade_c", "100.00"),
        ("charger_missing", "32.00"),
    ]


def test_nothing_is_taken_off_for_what_is_not_known_or_for_a_fault() -> None:
    assert reckoned(grade="D") == []
    assert reckoned(sold_as="C", grade="D") == []
    assert reckoned(sold_as="NEW", grade="D", reason="DOA", missing=["power_adapter"]) == []
    assert reckoned(reason="MISSING_PARTS", missing=["part_missing"]) == []


def test_who_withdraws_answers_only_for_handling_beyond_what_is_needed() -> None:
    assert reckoned(sold_as="NEW", grade="C", withdrawal=True) == []
    # Of what speaks of its condition, the largest counts, and once.
    assert reckoned(sold_as="NEW", grade="C", withdrawal=True, handling="beyond") == [("customer_damage", "160.00")]
    assert reckoned(reason="DOA", confirmed="CUSTOMER_DAMAGE", handling="beyond") == [("customer_damage", "160.00")]


def test_no_more_is_taken_off_than_the_rules_allow_in_all() -> None:
    body = dict(deductions.SHIPPED) | {"parameters": dict(deductions.SHIPPED["parameters"]) | {"most_percent": 30}}
    found = deductions.reckon(
        Ruling(deductions.KIND, 3, body), case(sold_as="NEW", grade="C", missing=["power_adapter"]), worth=Decimal(400)
    )
    assert [(row["amount"], row["version"]) for row in found.rows] == [("100.00", 3), ("20.00", 3)]
    assert found.total == Decimal(120)


def test_so_much_is_asked_about_first() -> None:
    assert not deductions.reckon(SHIPPED, case(sold_as="NEW", grade="C"), worth=Decimal(400)).ask
    assert deductions.reckon(SHIPPED, case(sold_as="NEW", grade="D"), worth=Decimal(400)).ask


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"parameters": {"grade_b_percent": 101}}, "grade_b_percent is 0 to 100 percent."),
        ({"parameters": {"appeal_days": -1}}, "appeal_days is 0 to 365 days."),
        ({"rules": [{"id": "x", "then": {"deductions": [{"percent": 5}]}}]}, "Each deduction says why"),
        ({"rules": [{"id": "x", "then": {"deductions": [{"why": "w"}]}}]}, "0 to 100 percent of the price"),
        ({"rules": [{"id": "x", "then": {"deductions": [{"why": "w", "amount": "-1"}]}}]}, "zero or more"),
    ],
)
def test_wrong_rules_of_deductions_are_refused(change: dict[str, object], why: str, cast: Cast, at: datetime) -> None:
    body = {"mode": "collect", "parameters": {}, "rules": []} | change
    with pytest.raises(BadInput, match=why):
        rules.draft(kind=deductions.KIND, body=body, by=cast.admin, at=at)


# What follows ---------------------------------------------------------------------------------------------------------------------


def test_by_rule_less_is_paid_with_each_deduction_by_itself(cast: Cast, at: datetime) -> None:
    rma = proof_of.worn(cast, at)

    refund = Refund.objects.get()
    assert refund.status == RefundStatus.DUE
    assert refund.deductions == [
        {
            "amount": "112.25",
            "why": "It was sold as new and came back with visible wear.",
            "rule": "grade_c",
            "version": 0,
        }
    ]
    assert (refund.amount, refund.deduction) == (Decimal("336.75"), Decimal("112.25"))
    told = proof.of(returns.unit_of(rma))
    assert [(one.amount, one.rule) for one in told.deductions] == [
        (Decimal("112.25"), "visible wear on a thing that was sold as new")
    ]
    assert told.last is not None
    assert (told.last.grade, "Scratches (lid), clear." in told.last.reasons) == ("C", True)


def test_a_consumer_of_the_eu_who_only_tried_it_is_paid_in_full(cast: Cast, at: datetime) -> None:
    proof_of.worn(cast, at, country="NL")
    assert Refund.objects.get().deductions == []
    assert Refund.objects.get().amount == Decimal("449.00")


def test_a_person_takes_over_what_the_rules_propose_or_says_otherwise(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, country="US", at=at)
    rma = proof_of.sold_as_new(returns.rma(cast, order=order, at=at))
    device = returns.received(cast, rma, at=at).device
    # It is locked, so that a person has to decide.
    proof_of.looked_at(cast, device, Finding(code="locked"), Finding(code="power_adapter"), at=at)
    unit = returns.unit_of(rma)
    proposal = deducting.propose(unit, device, at=at)
    assert [row["rule"] for row in proposal.rows] == ["grade_d", "charger_missing"]

    kept = deducting.parts_for(unit, device, deduction=proposal.total, why="", at=at)
    assert kept == proposal.rows
    own = deducting.parts_for(unit, device, deduction=Decimal(40), why="It is locked.", at=at)
    assert own == [{"amount": "40", "why": "It is locked.", "rule": "person"}]
    accepting.accept(unit, deduction=Decimal(40), why="It is locked.", deductions=own, by=cast.aisha, at=at)
    refund = Refund.objects.get()
    assert (refund.status, refund.deductions) == (RefundStatus.PROPOSED, own)


def test_what_the_reason_was_found_to_be_is_said_by_who_may_settle(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, reason="DOA", at=at)
    returns.received(cast, rma, at=at)
    line = rma.lines.get()

    with pytest.raises(NotAllowed):
        deducting.confirm_reason(line, reason="CUSTOMER_DAMAGE", by=cast.ines, at=at)
    with pytest.raises(BadInput, match="Choose what was found"):
        deducting.confirm_reason(line, reason="STOCK_ROTATION", by=cast.aisha, at=at)
    deducting.confirm_reason(line, reason="CUSTOMER_DAMAGE", by=cast.aisha, at=at)
    deducting.confirm_reason(line, reason="CUSTOMER_DAMAGE", by=cast.aisha, at=at)

    assert rma.lines.get().confirmed_reason == "CUSTOMER_DAMAGE"
    told = proof.of(returns.unit_of(rma))
    assert told.confirmed == "Damaged by the customer"


# The pages ------------------------------------------------------------------------------------------------------------------------


def visiting(client: Client, rma: Rma) -> Client:
    """Kim's browser, let in by the link of a mail."""
    token = guests.sign({f"rma:{rma.pk}"}, until=clock.now() + timedelta(days=1))
    client.get(reverse("returns_link", args=[token]))
    return client


def test_the_status_page_shows_the_proof_and_the_photo_to_its_customer_alone(
    cast: Cast, client: Client, at: datetime
) -> None:
    rma = proof_of.worn(cast, at, photo="a scratched lid")
    shot = Attachment.objects.get(use="photo_inspection")
    assert shot.audience == "customer"

    page = visiting(client, rma).get(reverse("portal_status", args=[rma.number])).content.decode()
    for told in (
        "449.00",
        "-112.25",
        "What we found",
        "C, visible wear",
        "Scratches (lid), clear.",
        "PF1ABCDE",
        "112.25",
        "Rule: visible wear",
    ):
        assert told in page
    address = reverse("portal_photo", args=[rma.number, shot.pk])
    assert address in page
    assert client.get(address).headers["Content-Type"] == "image/jpeg"

    other = returns.rma(cast, order=terms.order(cast, "PS-77", terms.laptop_line(serials=("PF1OTHER",)), at=at), at=at)
    stranger = visiting(Client(), other)
    assert stranger.get(address).status_code == 404
    assert stranger.get(reverse("portal_photo", args=[other.number, shot.pk])).status_code == 404


def test_a_photo_that_the_inspector_keeps_for_staff_is_not_shown(cast: Cast, client: Client, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    device = returns.received(cast, rma, at=at).device
    proof_of.looked_at(cast, device, at=at, photo="a scratched lid", shown=False)
    shot = Attachment.objects.get(use="photo_inspection")
    assert shot.audience == "staff"
    assert visiting(client, rma).get(reverse("portal_photo", args=[rma.number, shot.pk])).status_code == 404


def test_what_is_done_with_it_later_is_not_the_customers_to_see(cast: Cast, at: datetime) -> None:
    rma = proof_of.worn(cast, at)
    later = at + timedelta(days=3)
    proof_of.looked_at(cast, Device.objects.get(), at=later, photo="a scratched lid")
    told = proof.of(returns.unit_of(rma))
    assert [one.grade for one in told.looks] == ["C"]
    assert told.photos == []


def test_the_desk_proposes_the_deduction_and_keeps_what_was_found(cast: Cast, client: Client, at: datetime) -> None:
    order = terms.order(cast, country="US", at=at)
    rma = proof_of.sold_as_new(returns.rma(cast, order=order, at=at))
    proof_of.looked_at(cast, returns.received(cast, rma, at=at).device, Finding(code="locked"), at=at)
    client.force_login(cast.user("aisha"))
    page = client.get(reverse("returns_rma", args=[rma.number])).content.decode()
    assert 'value="224.50"' in page
    assert "It was sold as new and came back damaged." in page

    sent = {"line": 1, "reason": "LOCKED"}
    assert client.post(reverse("returns_found", args=[rma.number]), sent).status_code == 302
    assert rma.lines.get().confirmed_reason == "LOCKED"
    assert client.post(reverse("returns_found", args=[rma.number]), sent | {"line": 9}).status_code == 404
