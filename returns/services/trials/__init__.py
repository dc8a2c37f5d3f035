"""Trying drafted rules on past cases: portion by portion, stoppable, and each case looked at once whoever does the work."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts
from returns.models import Trial, TrialChange, TrialStatus
from returns.policy.trying import Tally
from returns.services.trials import subjects  # noqa: F401 - says what returns have to try
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody.services import ledger
from revlog.terms.models import RuleSet
from revlog.terms.trying import SUBJECTS, Asked, Rulings

TRIALS = actors.system("returns.trials")
PORTION = 2000


class UnableToTry(DomainError):
    """These rules can't be tried, or this trial can't be stopped or gone on with."""

    code = "unable_to_try"


def _may(by: Actor) -> None:
    if not by.is_operator or not (by.may("terms.edit") or by.may("terms.publish")):
        raise NotAllowed(Reason("not_allowed", _("Trying rules needs the right to draft or to publish them.")))


def start(
    *, rule_set: RuleSet, since: date, until: date, seller: Organization | None = None, by: Actor, at: datetime
) -> Trial:
    """Begin a trial; a worker does it. Raises BadInput, NotAllowed."""
    _may(by)
    subject = SUBJECTS.get(rule_set.kind)
    if subject is None:
        raise UnableToTry(Reason("kind", _("No past cases are kept that these rules could be tried on.")))
    if until < since:
        raise BadInput(Reason("period", _("The last day is before the first."), "until"))
    own = rule_set.organization_id
    if own is not None and seller is not None and seller.pk != own:
        raise BadInput(Reason("seller", _("These rules are for another seller."), "seller"))
    whose = (own or (seller.pk if seller else None)) if subject.seller else None
    with transaction.atomic():
        trial = Trial.objects.create(
            id=ids.new(at),
            rule_set=rule_set,
            seller_id=whose,
            since=since,
            until=until,
            total=subject.past(since=since, until=until, seller=whose).count(),
            started_by=by.reference,
            started_at=at,
        )
        _say(trial, facts.TrialStarted(trial=str(trial.pk), cases=trial.total), by=by, at=at)
    return trial


def _say(trial: Trial, fact: Any, *, by: Actor, at: datetime, key: str = "") -> None:  # noqa: ANN401 - a Fact
    ledger.append(trial.rule_set_id, fact, by=by, at=at, key=key, owner=trial.rule_set.organization_id)


def _locked(trial: uuid.UUID) -> Trial:
    return Trial.objects.select_for_update(no_key=True, of=("self",)).select_related("rule_set").get(pk=trial)


def stop(trial: Trial, *, by: Actor, at: datetime) -> Trial:
    """Let the worker put it down after the portion in hand."""
    _may(by)
    with transaction.atomic():
        row = _locked(trial.pk)
        if row.status != TrialStatus.RUNNING:
            raise UnableToTry(Reason("not_running", _("The trial isn't running.")))
        row.status = TrialStatus.STOPPED
        row.save(update_fields=["status"])
        _say(row, facts.TrialStopped(trial=str(row.pk), done=row.done, cases=row.total), by=by, at=at)
    return row


def resume(trial: Trial, *, by: Actor, at: datetime) -> Trial:
    """Go on with a trial that was stopped, where it was."""
    _may(by)
    with transaction.atomic():
        row = _locked(trial.pk)
        if row.status != TrialStatus.STOPPED:
            raise UnableToTry(Reason("not_stopped", _("The trial wasn't stopped.")))
        row.status = TrialStatus.RUNNING
        row.save(update_fields=["status"])
        _say(row, facts.TrialResumed(trial=str(row.pk), done=row.done, cases=row.total), by=by, at=at)
    return row


# The work ---------------------------------------------------------------------------------------------------------------------------


def run(trial: uuid.UUID, *, by: Actor, at: datetime) -> None:
    """Do what is left of a trial, until it is done or somebody stops it. Two workers at once share the portions."""
    rulings = Rulings()
    while portion(trial, rulings=rulings, by=by, at=at):
        pass


def portion(trial: uuid.UUID, *, rulings: Rulings, by: Actor, at: datetime, most: int = PORTION) -> bool:
    """The next cases of a trial, kept together with how far it came. False when nothing is left, or it was stopped."""
    with transaction.atomic():
        row = _locked(trial)
        if row.status != TrialStatus.RUNNING:
            return False
        subject = SUBJECTS[row.rule_set.kind]
        rows = subject.past(since=row.since, until=row.until, seller=row.seller_id).order_by("pk")
        if row.cursor is not None:
            rows = rows.filter(pk__gt=row.cursor)
        cases = list(rows.values_list(*subject.fields)[:most])
        if not cases:
            row.status, row.finished_at = TrialStatus.DONE, at
            row.save(update_fields=["status", "finished_at"])
            told = facts.TrialFinished(trial=str(row.pk), cases=row.done, changed=row.changed)
            _say(row, told, by=by, at=at, key=f"trial:{row.pk}")
            return False
        tally, skipped = Tally.read(row.sums, row.done), 0
        changes: list[TrialChange] = []
        for one in subject.decide(cases, Asked(row.rule_set, row.started_at), rulings):
            if one.before is None or one.after is None:
                skipped += 1
                continue
            tally.add(one.changed, one.before, one.after, one.currency, one.cells)
            if one.changed:
                kept = {"before": one.before.kept(), "after": one.after.kept()}
                changes.append(TrialChange(trial=row, case=one.case, change=one.changed, **kept))
        TrialChange.objects.bulk_create(changes)
        row.cursor, row.sums = cases[-1][0], tally.as_json()
        row.done += len(cases)
        row.skipped += skipped
        row.changed += len(changes)
        row.save(update_fields=["cursor", "sums", "done", "skipped", "changed"])
        return True


__all__ = ["PORTION", "SUBJECTS", "TRIALS", "Rulings", "UnableToTry", "portion", "resume", "run", "start", "stop"]
