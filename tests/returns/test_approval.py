"""Approval in one step and in two, and why a line was decided as it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from returns import policy
from returns.models import Rma, RmaStatus
from returns.policy import explaining
from returns.queries import inbox
from returns.services import approval
from returns.services.approval import UnableToDecide
from revlog.custody.models import Entry
from revlog.terms.services import rules
from tests.api.callers import caller
from tests.cast import Cast
from tests.factories import returns, terms


def publish(cast: Cast, body: Mapping[str, Any], at: datetime) -> None:
    rules.publish(rules.draft(kind=policy.KIND, body=body, by=cast.admin, at=at), by=cast.maria, at=at)


def two_steps(cast: Cast, at: datetime) -> Rma:
    """A laptop that two people have to approve, delivered too long ago to withdraw."""
    publish(cast, {"rules": [{"id": "dear", "then": {"allow": True, "approval": "two"}, "why": "It is dear."}]}, at)
    return returns.rma(cast, order=terms.order(cast, at=at, days=20), at=at)


def test_two_people_approve_one_after_the_other(cast: Cast, at: datetime) -> None:
    rma = two_steps(cast, at)
    assert (rma.status, rma.steps) == (RmaStatus.REQUESTED, 2)

    halfway = approval.approve(rma, why="Bought by a school", by=cast.sam, at=at)
    assert halfway.status == RmaStatus.REQUESTED
    assert not halfway.parcel_links.exists()
    with pytest.raises(UnableToDecide, match="nobody approves both steps"):
        approval.approve(rma, by=cast.sam, at=at)
    done = approval.approve(rma, by=cast.aisha, at=at)

    assert done.status == RmaStatus.APPROVED
    steps = [(one.step, one.approved_by, one.why) for one in done.approvals.all()]
    assert steps == [(1, cast.sam.reference, "Bought by a school"), (2, cast.aisha.reference, "")]
    kinds = Entry.objects.filter(chain_id=rma.pk).order_by("sequence").values_list("kind", flat=True)
    assert list(kinds) == ["returns.rma_opened", "returns.rma_step_approved", "returns.rma_approved"]
    with pytest.raises(UnableToDecide, match="is approved"):
        approval.approve(rma, by=cast.maria, at=at)


def test_whoever_opened_it_gives_neither_step(cast: Cast, at: datetime) -> None:
    publish(cast, {"rules": [{"id": "dear", "then": {"allow": True, "approval": "two"}}]}, at)
    rma = returns.rma(cast, order=terms.order(cast, at=at, days=20), by=cast.sam, at=at)

    with pytest.raises(UnableToDecide, match="nobody approves an RMA that they opened"):
        approval.approve(rma, by=cast.sam, at=at)
    approval.approve(rma, by=cast.aisha, at=at)
    with pytest.raises(UnableToDecide, match="nobody approves an RMA that they opened"):
        approval.approve(rma, by=cast.sam, at=at)


def test_the_second_may_refuse_what_the_first_approved(cast: Cast, at: datetime) -> None:
    rma = two_steps(cast, at)
    approval.approve(rma, by=cast.sam, at=at)

    assert (
        approval.refuse(rma, reason="The serial was reported stolen", by=cast.aisha, at=at).status == RmaStatus.REFUSED
    )


def test_the_open_step_is_on_the_page_in_the_inbox_and_in_the_api(cast: Cast, client: Client, at: datetime) -> None:
    rma = two_steps(cast, at)
    sentences = [row.sentence for row in inbox.exceptions(cast.aisha, at=at)]
    assert "Waits for step 1 of 2 of its approval: Changed my mind." in sentences

    client.force_login(cast.user("sam"))
    page = client.post(f"/returns/{rma.number}/approve", {"reason": ""}, follow=True).content.decode()
    assert "Another person has to approve it too" in page
    assert "step 2 of 2" in page
    assert "nobody approves both steps" in page.lower()
    client.force_login(cast.user("aisha"))
    page = client.post(f"/returns/{rma.number}/approve", {"reason": ""}, follow=True).content.decode()
    assert "Approve this return?" not in page
    rma.refresh_from_db()
    assert rma.status == RmaStatus.APPROVED


# Why ------------------------------------------------------------------------------------------------------------------------------


def test_the_desk_reads_every_rule_that_was_tried_and_what_it_compared(
    cast: Cast, client: Client, at: datetime
) -> None:
    rma = returns.rma(cast, order=terms.order(cast, at=at, days=20), at=at)
    line = rma.lines.get()

    told = explaining.explained([line])[line.pk]

    assert (told.version, told.rule, told.why) == (0, "in_window", "It is within the return window.")
    assert [step.rule for step in told.steps if step.matched] == ["in_window"]
    failed = {step.rule: step.failed_at for step in told.steps}
    assert failed["wrong_in_window"] == "Kind of reason is one of It doesn't work, It isn't right, The delivery"
    assert ("days_since_delivery", "Time since delivery", "20 days") in told.facts
    client.force_login(cast.user("sam"))
    page = client.get(f"/returns/{rma.number}/").content.decode()
    assert "Why this decision" in page
    assert "Kind of reason is one of" in page
    assert "Withdrawal within 14 days: 2011/83/EU Art. 9, 13, 16" in page


def test_an_old_decision_is_explained_by_the_rules_of_its_day(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, order=terms.order(cast, at=at, days=20), at=at)
    publish(cast, {"rules": [{"id": "never", "then": {"allow": False}}]}, at)

    line = rma.lines.get()

    assert explaining.explained([line])[line.pk].steps[-1].rule == "in_window"


def test_what_the_law_decided_is_said_so(cast: Cast, at: datetime) -> None:
    publish(cast, {"rules": [{"id": "never", "then": {"allow": False}}]}, at)
    rma = returns.rma(cast, order=terms.order(cast, at=at, days=10), at=at)

    line = rma.lines.get()
    told = explaining.explained([line])[line.pk]

    assert [(step.rule, step.matched) for step in told.steps] == [("never", True), ("statutory_withdrawal", True)]


def test_a_decision_from_before_facts_were_kept_is_shown_without_them(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    line = rma.lines.get()
    line.decision = {"version": 0, "rule": "in_window", "why": "It is within the return window."}

    told = explaining.explained([line])[line.pk]

    assert (told.label, told.steps, told.facts) == ("in window", (), ())


def test_the_api_says_why(cast: Cast, at: datetime) -> None:
    rma = two_steps(cast, at)

    told = caller(cast).get(f"/rmas/{rma.number}/").json()

    decision = told["lines"][0]["decision"]
    assert (decision["rule"], decision["version"], decision["why"]) == ("dear", 1, "It is dear.")
    assert decision["facts"]["days_since_delivery"] == 20
    assert decision["tried"] == [{"rule": "dear", "matched": True, "failed_at": ""}]
    assert (told["steps"], told["approvals"]) == (2, [])
