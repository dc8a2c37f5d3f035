"""Drafted rules on past cases: who would change, what it would cost, stopped and gone on with, and nothing happens to the cases."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from returns import policy
from returns.models import Rma, RmaLine, Trial, TrialStatus
from returns.policy import replaying
from returns.services import trials
from returns.services.trials import UnableToTry, rmas
from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.terms.models import RuleSet
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import returns, terms

PAST = trials.SUBJECTS[policy.KIND].past
LAX = {"rules": [{"id": "all", "then": {"allow": True}}]}


def draft(cast: Cast, at: datetime, *new: Mapping[str, Any], organization: Any = None) -> RuleSet:
    """The shipped rules with others before them."""
    body = dict(policy.SHIPPED) | {"rules": [*new, *policy.SHIPPED["rules"]]}
    return rules.draft(kind=policy.KIND, body=body, organization=organization, by=cast.admin, at=at)


FEE = {
    "id": "fee",
    "when": {"fact": "price", "op": ">", "value": 100},
    "then": {"allow": True, "fee_percent": "10", "outcomes": ["refund", "credit"]},
}
BLOCK = {"id": "no_cables", "when": {"fact": "sku", "value": "USB-C-1M"}, "then": {"allow": False}, "why": "Not these."}


def past(cast: Cast, at: datetime) -> list[Rma]:
    """Two laptops and two cables that came back after the time to withdraw, before the window ended."""
    return [
        returns.rma(cast, order=terms.order(cast, f"P-{n}", line, at=at, days=20), at=at)
        for n, line in enumerate(
            [
                terms.laptop_line(serials=("PF1A0001",)),
                terms.laptop_line(serials=("PF1A0002",)),
                terms.cable_line(2),
                terms.cable_line(2),
            ]
        )
    ]


def tried(cast: Cast, row: RuleSet, at: datetime, **more: Any) -> Trial:
    trial = trials.start(rule_set=row, since=at.date(), until=at.date(), by=cast.admin, at=at, **more)
    reactions.drain(at=at, queues=["jobs"])
    trial.refresh_from_db()
    return trial


def test_it_finds_who_would_change_and_what_it_would_cost(cast: Cast, at: datetime) -> None:
    past(cast, at)

    trial = tried(cast, draft(cast, at, FEE, BLOCK), at)

    assert (trial.status, trial.total, trial.done, trial.changed, trial.skipped) == (TrialStatus.DONE, 4, 4, 4, 0)
    assert trial.sums["changes"] == {"money": 2, "refused": 2}
    assert trial.sums["counts"]["before"] == {"allowed": 4, "labels": 4}
    assert trial.sums["counts"]["after"] == {"allowed": 2, "labels": 2, "refused": 2}
    money = trial.sums["money"]["EUR"]
    assert (Decimal(money["before"]["back"]), Decimal(money["after"]["back"])) == (Decimal("903.00"), Decimal("808.20"))
    assert Decimal(money["after"]["fee"]) == Decimal("89.80")
    change = trial.changes.filter(change="refused")[0]
    assert (change.before["rule"], change.after["rule"], change.after["why"]) == (
        "in_window",
        "no_cables",
        "Not these.",
    )


def test_nothing_happens_to_the_cases_and_the_rules_say_that_they_were_tried(cast: Cast, at: datetime) -> None:
    past(cast, at)
    before = list(RmaLine.objects.order_by("pk").values())
    row = draft(cast, at, FEE)

    tried(cast, row, at)

    assert list(RmaLine.objects.order_by("pk").values()) == before
    kinds = Entry.objects.filter(chain_id=row.pk).order_by("sequence").values_list("kind", flat=True)
    assert list(kinds) == ["terms.rules_drafted", "returns.trial_started", "returns.trial_finished"]


def test_the_same_rules_change_nothing(cast: Cast, at: datetime) -> None:
    past(cast, at)

    assert tried(cast, draft(cast, at), at).changed == 0


def test_the_law_holds_in_a_trial_too(cast: Cast, at: datetime) -> None:
    returns.rma(cast, order=terms.order(cast, at=at, days=10), at=at)

    trial = tried(cast, draft(cast, at, FEE), at)

    assert trial.sums["changes"] == {"terms": 1}
    assert "fee" not in trial.sums["money"]["EUR"]["after"]
    assert trial.changes.get().after["rule"] == "statutory_withdrawal"


def test_rules_for_everybody_change_nothing_for_who_has_their_own(cast: Cast, at: datetime) -> None:
    past(cast, at)
    own = rules.draft(kind=policy.KIND, body=LAX, organization=cast.retailer.pk, by=cast.admin, at=at)
    rules.publish(own, by=cast.maria, at=at)

    assert tried(cast, draft(cast, at, BLOCK), at).changed == 0
    assert tried(cast, draft(cast, at, BLOCK, organization=cast.retailer.pk), at).sums["changes"]["refused"] == 2


def test_only_the_cases_of_the_period_and_the_seller_are_looked_at(cast: Cast, at: datetime) -> None:
    past(cast, at)
    later = at + timedelta(days=1)
    order = terms.order(cast, "V", seller=cast.vega, at=later, days=20)
    returns.rma(cast, order=order, at=later)
    row = draft(cast, at, FEE)

    assert tried(cast, row, at).total == 4
    assert PAST(since=at.date(), until=later.date()).count() == 5
    assert PAST(since=at.date(), until=later.date(), seller=cast.vega.pk).count() == 1
    with pytest.raises(BadInput, match="before the first"):
        trials.start(rule_set=row, since=later.date(), until=at.date(), by=cast.admin, at=at)


def test_a_stopped_trial_goes_on_where_it_was_and_counts_each_case_once(cast: Cast, at: datetime) -> None:
    past(cast, at)
    row = draft(cast, at, FEE, BLOCK)
    trial = trials.start(rule_set=row, since=at.date(), until=at.date(), by=cast.admin, at=at)
    known = trials.Rulings()
    assert trials.portion(trial.pk, rulings=known, by=trials.TRIALS, at=at, most=3)

    stopped = trials.stop(trial, by=cast.admin, at=at)
    assert (stopped.status, stopped.done) == (TrialStatus.STOPPED, 3)
    assert not trials.portion(trial.pk, rulings=known, by=trials.TRIALS, at=at)
    with pytest.raises(UnableToTry):
        trials.stop(trial, by=cast.admin, at=at)
    trials.resume(trial, by=cast.admin, at=at)
    with pytest.raises(UnableToTry):
        trials.resume(trial, by=cast.admin, at=at)
    # The reactions of both facts run: the second finds nothing left to do.
    reactions.drain(at=at, queues=["jobs"])

    trial.refresh_from_db()
    assert (trial.status, trial.done, trial.changed) == (TrialStatus.DONE, 4, 4)
    assert trial.sums["changes"] == {"money": 2, "refused": 2}
    assert trial.changes.count() == 4


def test_a_case_from_before_facts_were_kept_is_rebuilt_from_its_order(cast: Cast, at: datetime) -> None:
    new, old = past(cast, at)[:2]
    kept = new.lines.get()
    RmaLine.objects.filter(rma=old).update(decision={"version": 0, "rule": "in_window"})

    rebuilt = rmas.rebuilt([old.lines.get().pk])[old.lines.get().pk]
    replayed = replaying.case_of(kept.decision["inputs"], kept.decision["law_days"])

    assert replayed is not None
    told, wanted = rebuilt.inputs(), replayed.inputs()
    unknown = {"orders", "returns", "return_rate", "refunded", "never_came", "kept_before", "risk", "risk_band"}
    assert {name for name in told if told[name] != wanted[name]} <= unknown
    assert all(told[name] is None for name in unknown)
    assert tried(cast, draft(cast, at, FEE), at).sums["changes"] == {"money": 2}


def test_what_is_kept_of_a_decision_decides_the_same_again(cast: Cast, at: datetime) -> None:
    for rma in past(cast, at):
        line = rma.lines.get()
        case = replaying.case_of(line.decision["inputs"], line.decision["law_days"])
        assert case is not None
        again = policy.decide(policy_in_force(), case, currency=line.currency)
        assert again.kept() == line.decision


def policy_in_force() -> Any:
    from revlog.terms import queries

    return queries.in_force(policy.KIND, at=clock.now())


def test_only_who_drafts_or_publishes_rules_may_try_them(cast: Cast, at: datetime) -> None:
    row = draft(cast, at, FEE)

    for nobody in (cast.sam, cast.remco):
        with pytest.raises(NotAllowed):
            trials.start(rule_set=row, since=at.date(), until=at.date(), by=nobody, at=at)


# Pages ------------------------------------------------------------------------------------------------------------------------------


def test_the_result_stands_beside_the_button_that_publishes(cast: Cast, client: Client) -> None:
    at = clock.now()
    past(cast, at)
    row = draft(cast, at, FEE, BLOCK)
    client.force_login(cast.user("admin"))

    page = client.get(f"/settings/rules/{policy.KIND}/").content.decode()
    assert f"/returns/trials/of/{row.pk}/" in page
    assert "weren't tried" in client.get(f"/returns/trials/of/{row.pk}/").content.decode().replace("&#x27;", "'")
    day = at.date().isoformat()
    answer = client.post(f"/returns/trials/new/{row.pk}/", {"seller": "", "since": day, "until": day}, follow=True)
    assert "0 of 4 cases done." in answer.content.decode()
    here = answer.request["PATH_INFO"]
    assert "hx-trigger" in client.get(f"{here}progress").content.decode()
    reactions.drain(at=clock.now(), queues=["jobs"])

    finished = client.get(f"{here}progress")
    assert finished.headers["HX-Refresh"] == "true"
    told = client.get(here).content.decode()
    assert "4 of 4 cases would go another way." in told
    assert "808.20" in told
    assert "Not these." in told
    assert "Refused from now on" in told
    assert "4 of 4 cases would go another way." in client.get(f"/returns/trials/of/{row.pk}/").content.decode()
    only = client.get(f"{here}?change=refused").content.decode()
    assert "no cables" in only
    assert "fee €44.90" not in only
    rows = list(csv.DictReader(io.StringIO(b"".join(client.get(f"{here}cases.csv")).decode())))
    assert [one["change"] for one in rows].count("refused") == 2
    assert {one["after_rule"] for one in rows} == {"fee", "no_cables"}


def test_a_trial_is_stopped_and_gone_on_with_on_its_page(cast: Cast, client: Client) -> None:
    at = clock.now()
    past(cast, at)
    trial = trials.start(rule_set=draft(cast, at, FEE), since=at.date(), until=at.date(), by=cast.admin, at=at)
    client.force_login(cast.user("admin"))

    assert "Stopped after 0 of 4 cases" in client.post(f"/returns/trials/{trial.pk}/stop", follow=True).content.decode()
    again = client.post(f"/returns/trials/{trial.pk}/stop")
    assert (again.status_code, "running" in again.content.decode()) == (409, True)
    assert "0 of 4 cases done" in client.post(f"/returns/trials/{trial.pk}/resume", follow=True).content.decode()


def test_strangers_see_no_trial(cast: Cast, client: Client, at: datetime) -> None:
    trial = tried(cast, draft(cast, at, FEE), at)

    client.force_login(cast.user("remco"))

    assert client.get(f"/returns/trials/{trial.pk}/").status_code in {403, 404}
    assert client.get(f"/returns/trials/{trial.pk}/cases.csv").status_code in {403, 404}
