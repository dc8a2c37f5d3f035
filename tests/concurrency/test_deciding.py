"""Two steps of an approval given at once, and two workers on one trial of drafted rules."""

from __future__ import annotations

from datetime import datetime

import pytest

from returns import policy
from returns.models import Approval, Review, RmaStatus, TrialStatus
from returns.services import approval, trials
from returns.services.approval import UnableToDecide
from returns.services.fraud import deciding as fraud
from revlog.custody.models import Entry
from revlog.terms.services import rules
from tests import cast as casting
from tests.cast import Cast
from tests.concurrency.test_receiving import race
from tests.factories import returns, terms
from tests.returns.fraud.test_reviews import not_here
from tests.returns.test_trials import BLOCK, FEE, draft, past

pytestmark = pytest.mark.slow


@pytest.fixture
def people(transactional_db: None) -> Cast:
    found = casting.make()
    _ = found.admin, found.maria, found.aisha, found.sam
    return found


def test_one_person_twice_at_once_gives_one_step_and_two_people_give_both(people: Cast, at: datetime) -> None:
    body = {"rules": [{"id": "dear", "then": {"allow": True, "approval": "two"}}]}
    rules.publish(rules.draft(kind=policy.KIND, body=body, by=people.admin, at=at), by=people.maria, at=at)
    first = returns.rma(people, order=terms.order(people, "A", at=at, days=20), at=at)
    second = returns.rma(people, order=terms.order(people, "B", terms.cable_line(), at=at, days=20), at=at)

    twice = race([lambda: approval.approve(first, by=people.sam, at=at)] * 2)
    both = race(
        [
            lambda: approval.approve(second, by=people.sam, at=at),
            lambda: approval.approve(second, by=people.aisha, at=at),
        ]
    )

    assert len([one for one in twice if isinstance(one, UnableToDecide)]) == 1
    assert [(one.step, one.approved_by) for one in Approval.objects.filter(rma=first)] == [(1, people.sam.reference)]
    assert not [one for one in both if isinstance(one, Exception)]
    assert sorted(Approval.objects.filter(rma=second).values_list("step", flat=True)) == [1, 2]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (RmaStatus.REQUESTED, RmaStatus.APPROVED)
    assert Entry.objects.filter(chain_id=second.pk, kind="returns.rma_approved").count() == 1


def test_of_two_reviewers_at_once_one_decides_and_the_money_goes_once_or_never(people: Cast, at: datetime) -> None:
    rma = not_here(people, at)
    review = Review.objects.get(rma=rma)

    found = race(
        [
            lambda: fraud.clear(review, reason="The carrier lost it.", by=people.maria, at=at),
            lambda: fraud.confirm(review, reason="It was signed for.", by=people.aisha, at=at),
        ]
    )

    assert len([one for one in found if isinstance(one, fraud.UnableToReview)]) == 1
    review.refresh_from_db()
    kinds = list(Entry.objects.filter(chain_id=rma.pk).values_list("kind", flat=True))
    assert (kinds.count("returns.refund_due"), kinds.count("returns.fraud_confirmed")) == (
        (1, 0) if review.status == "cleared" else (0, 1)
    )


def test_two_workers_on_one_trial_look_at_each_case_once(people: Cast, at: datetime) -> None:
    past(people, at)
    row = draft(people, at, FEE, BLOCK)
    trial = trials.start(rule_set=row, since=at.date(), until=at.date(), by=people.admin, at=at)

    def work() -> None:
        known = trials.Rulings()
        while trials.portion(trial.pk, rulings=known, by=trials.TRIALS, at=at, most=1):
            pass

    found = race([work, work])

    assert found == [None, None]
    trial.refresh_from_db()
    assert (trial.status, trial.done, trial.changed, trial.changes.count()) == (TrialStatus.DONE, 4, 4, 4)
    assert trial.sums["changes"] == {"money": 2, "refused": 2}
    assert Entry.objects.filter(chain_id=row.pk, kind="returns.trial_finished").count() == 1
