"""Trying drafted return rules on past cases: portion by portion, stoppable, and each case looked at once whoever does the work."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext as _

from returns import facts, policy, reasons
from returns.models import RmaLine, Trial, TrialChange, TrialStatus
from returns.policy import replaying, statutes
from returns.policy.cases import Case
from returns.policy.replaying import Tally
from returns.policy.statutes import Statutes
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody.services import ledger
from revlog.terms import queries as terms
from revlog.terms.models import RuleSet, Warranty
from revlog.terms.ruling import Ruling

TRIALS = actors.system("returns.trials")
PORTION = 2000


class UnableToTry(DomainError):
    """These rules can't be tried, or this trial can't be stopped or gone on with."""

    code = "unable_to_try"


def _may(by: Actor) -> None:
    if not by.is_operator or not (by.may("terms.edit") or by.may("terms.publish")):
        raise NotAllowed(Reason("not_allowed", _("Trying rules needs the right to draft or to publish them.")))


def past_cases(*, since: date, until: date, seller: uuid.UUID | None = None) -> QuerySet[RmaLine]:
    """The lines of RMAs opened from a day to a day, both included."""
    begins = datetime.combine(since, time(), UTC)
    ends = datetime.combine(until, time(), UTC) + timedelta(days=1)
    rows = RmaLine.objects.filter(rma__opened_at__gte=begins, rma__opened_at__lt=ends)
    return rows.filter(rma__seller=seller) if seller else rows


def start(
    *, rule_set: RuleSet, since: date, until: date, seller: Organization | None = None, by: Actor, at: datetime
) -> Trial:
    """Begin a trial; a worker does it. Raises BadInput, NotAllowed."""
    _may(by)
    if rule_set.kind != policy.KIND:
        raise UnableToTry(Reason("kind", _("Only return rules can be tried on past returns.")))
    if until < since:
        raise BadInput(Reason("period", _("The last day is before the first."), "until"))
    own = rule_set.organization_id
    if own is not None and seller is not None and seller.pk != own:
        raise BadInput(Reason("seller", _("These rules are for another seller."), "seller"))
    whose = own or (seller.pk if seller else None)
    with transaction.atomic():
        trial = Trial.objects.create(
            id=ids.new(at),
            rule_set=rule_set,
            seller_id=whose,
            since=since,
            until=until,
            total=past_cases(since=since, until=until, seller=whose).count(),
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


class Rulings:
    """The rules as they are for each seller, and as they would be; read once a run."""

    def __init__(self) -> None:
        self.found: dict[uuid.UUID, tuple[Ruling, Ruling]] = {}
        self.law: Statutes | None = None

    def of(self, seller: uuid.UUID, trial: Trial) -> tuple[Ruling, Ruling]:
        if seller not in self.found:
            now = terms.in_force(policy.KIND, at=trial.started_at, organization=seller)
            row = trial.rule_set
            # Rules for everybody change nothing for a seller who has its own.
            touched = row.organization_id == seller or (row.organization_id is None and now.organization is None)
            drafted = Ruling(policy.KIND, row.version or 0, row.body, row.organization_id, row.pk)
            self.found[seller] = (now, drafted if touched else now)
        return self.found[seller]

    def statutes(self, trial: Trial) -> Statutes:
        if self.law is None:
            self.law = statutes.read(terms.in_force(statutes.KIND, at=trial.started_at))
        return self.law


def portion(trial: uuid.UUID, *, rulings: Rulings, by: Actor, at: datetime, most: int = PORTION) -> bool:
    """The next cases of a trial, kept together with how far it came. False when nothing is left, or it was stopped."""
    with transaction.atomic():
        row = _locked(trial)
        if row.status != TrialStatus.RUNNING:
            return False
        rows = past_cases(since=row.since, until=row.until, seller=row.seller_id).order_by("pk")
        if row.cursor is not None:
            rows = rows.filter(pk__gt=row.cursor)
        lines = list(
            rows.values_list("pk", "currency", "rma__seller_id", "decision__inputs", "decision__law_days", "price")[
                :most
            ]
        )
        if not lines:
            row.status, row.finished_at = TrialStatus.DONE, at
            row.save(update_fields=["status", "finished_at"])
            told = facts.TrialFinished(trial=str(row.pk), cases=row.done, changed=row.changed)
            _say(row, told, by=by, at=at, key=f"trial:{row.pk}")
            return False
        changes, skipped, tally = _decided_again(lines, row, rulings)
        TrialChange.objects.bulk_create(changes)
        row.cursor, row.sums = lines[-1][0], tally.as_json()
        row.done += len(lines)
        row.skipped += skipped
        row.changed += len(changes)
        row.save(update_fields=["cursor", "sums", "done", "skipped", "changed"])
        return True


def _decided_again(
    lines: Sequence[tuple[uuid.UUID, str, uuid.UUID, Mapping[str, Any] | None, int | None, Decimal]],
    trial: Trial,
    rulings: Rulings,
) -> tuple[list[TrialChange], int, Tally]:
    tally = Tally.read(trial.sums, trial.done)
    bare = [line[0] for line in lines if not line[3]]
    rebuilt = _rebuilt(bare) if bare else {}
    law = rulings.statutes(trial)
    changes, skipped = [], 0
    for pk, currency, seller, inputs, law_days, price in lines:
        case = replaying.case_of(inputs, law_days, price) if inputs else rebuilt.get(pk)
        if case is None:
            skipped += 1
            continue
        now, then = rulings.of(seller, trial)
        before = replaying.result(now, case, law, currency)
        after = before if then is now else replaying.result(then, case, law, currency)
        if changed := tally.add(before, after, currency):
            changes.append(
                TrialChange(trial=trial, line_id=pk, change=changed, before=before.kept(), after=after.kept())
            )
    return changes, skipped, tally


_ORDER = "order_line__order__"


def _rebuilt(lines: Sequence[uuid.UUID]) -> dict[uuid.UUID, Case]:
    """Cases from before facts were kept, from what their orders say; the history of the customer stays unknown."""
    held = Warranty.objects.filter(
        order_line=OuterRef("order_line"), starts_on__lte=OuterRef("opened_on"), ends_on__gte=OuterRef("opened_on")
    )
    rows = RmaLine.objects.filter(pk__in=lines).annotate(
        zone=F("rma__hub__zone"),
        ordered=F(f"{_ORDER}ordered_at"),
        shipped=Coalesce("order_line__shipped_at", f"{_ORDER}shipped_at"),
        delivered=Coalesce("order_line__delivered_at", f"{_ORDER}delivered_at"),
        opened_on=TruncDate("rma__opened_at", tzinfo=UTC),
    )
    rows = rows.annotate(warranted=Exists(held))
    names = (
        "pk", "zone", "ordered", "shipped", "delivered", "warranted", "reason", "wanted", "answers", "quantity", "price",
        "rma__opened_at", "rma__origin", "rma__kind", "rma__gift", "order_line__category", "order_line__device_class",
        "order_line__sku", "order_line__tags", f"{_ORDER}tags", f"{_ORDER}channel", f"{_ORDER}contact__country",
        f"{_ORDER}seller__country", "order_line__product__manufacturer", "order_line__product__name",
    )  # fmt: skip
    found = {}
    for row in rows.values(*names):
        if row["reason"] not in reasons.CODES:
            continue
        zone = ZoneInfo(row["zone"])
        told = {name: row[name].astimezone(zone).date() if row[name] else None for name in ("shipped", "delivered")}
        found[row["pk"]] = Case(
            reason=row["reason"],
            wanted=row["wanted"],
            kind=row["rma__kind"],
            today=row["rma__opened_at"].astimezone(zone).date(),
            ordered_on=row["ordered"].astimezone(zone).date(),
            shipped_on=told["shipped"],
            delivered_on=told["delivered"],
            sent=told["shipped"] is not None or told["delivered"] is not None,
            category=row["order_line__category"],
            device_class=row["order_line__device_class"],
            sku=row["order_line__sku"],
            product=" ".join(
                filter(None, (row["order_line__product__manufacturer"], row["order_line__product__name"]))
            ),
            tags=sorted({*row["order_line__tags"], *row[f"{_ORDER}tags"]}),
            channel=row[f"{_ORDER}channel"],
            price=Decimal(row["price"]),
            quantity=row["quantity"],
            country=row[f"{_ORDER}contact__country"] or row[f"{_ORDER}seller__country"],
            warranty=row["warranted"],
            origin=row["rma__origin"],
            gift=row["rma__gift"],
            answers=row["answers"],
        )
    return found
