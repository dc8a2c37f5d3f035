"""Grading again after a rubric or the grade books changed: the units whose grade still matters, each once, with what it was before.

``ask`` writes down what is wanted, a reaction does it unit by unit. Only a unit in triage without a way is changed, by the verb that grades
any unit; one whose old grade somebody already relies on (an offer, an appeal, a decision) is listed for a person, and stays.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime
from typing import Any

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from returns import facts as returned
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import DomainError, NotAllowed, Reason
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.journey import ON_HAND, State
from revlog.devices.models import Device, DeviceQuerySet, HoldKind
from revlog.devices.services import moves
from revlog.terms import queries as terms
from revlog.terms.models import RuleSet
from revlog.terms.ruling import Ruling
from triage import books, condition, facts, judging, queries, rubrics
from triage.models import OPEN, Grading, Regrade, RegradedUnit, RegradeStatus
from triage.rubrics import Rubric
from triage.services import grading, second_look, shelf

log = logging.getLogger(__name__)
CHAIN = "regrade"
KINDS = (rubrics.KIND, books.KIND)
PORTION = 500
"""So many units are read at a time."""
Known = dict[tuple[uuid.UUID, str], tuple[Rubric | None, Ruling]]
_OFFERS = [
    returned.OfferMade.kind,
    returned.OfferAccepted.kind,
    returned.OfferDeclined.kind,
    returned.OfferLapsed.kind,
    returned.OfferWithdrawn.kind,
]


class UnableToRegrade(DomainError):
    """Units can't be graded again by this version now."""

    code = "unable_to_regrade"


# Asking ---------------------------------------------------------------------------------------------------------------------------------


def reasons_against(row: RuleSet, *, at: datetime) -> list[Reason]:
    """Why units can't be graded again by these rules."""
    if row.kind not in KINDS:
        return [Reason("kind", _("No unit is graded by these rules."))]
    if row.version is None:
        return [Reason("draft", _("These rules aren't published; a draft is tried on past cases instead."))]
    if terms.in_force(row.kind, at=at, organization=row.organization_id).rule_set != row.pk:
        return [
            Reason(
                "not_in_force", _("Version %s doesn't hold now; units are graded by the one that holds.") % row.version
            )
        ]
    return []


def ask(*, rule_set: RuleSet, by: Actor, at: datetime) -> Regrade:
    """Have the units graded again by a version in force; asked twice at a time it is one run. Raises NotAllowed, UnableToRegrade."""
    if not (by.is_operator and by.may("terms.publish")):
        raise NotAllowed(_("Grading units again by new rules needs the right to publish rules."))
    if found := reasons_against(rule_set, at=at):
        raise UnableToRegrade(found)
    if running := _running(rule_set):
        return running
    row = Regrade(
        id=ids.new(at), rule_set=rule_set, total=units_for(rule_set).count(), asked_by=by.reference, asked_at=at
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            fact = facts.RegradeAsked(
                regrade=str(row.pk),
                rule_set=str(rule_set.pk),
                rules=rule_set.kind,
                number=rule_set.version or 0,
                count=row.total,
            )
            ledger.begin(CHAIN, row.pk, fact, by=by, at=at, owner=rule_set.organization_id)
    except IntegrityError:
        # Somebody asked at the same moment.
        if running := _running(rule_set):
            return running
        raise
    return row


def _running(rule_set: RuleSet) -> Regrade | None:
    return Regrade.objects.filter(rule_set=rule_set, status=RegradeStatus.RUNNING).first()


def units_for(rule_set: RuleSet) -> DeviceQuerySet:
    """The units with us whose present stay has a grade, of the rules' owner or of all."""
    graded = Exists(Grading.objects.filter(device=OuterRef("pk"), visit=OuterRef("visit")))
    rows = Device.objects.on_hand().filter(graded, tracking="serialized")
    return rows.filter(owner=rule_set.organization_id) if rule_set.organization_id else rows


# The work -------------------------------------------------------------------------------------------------------------------------------


def run(regrade: uuid.UUID, *, at: datetime) -> None:
    """Do what is left of it. Two workers at once share the units."""
    while one(regrade, at=at):
        pass


def one(regrade: uuid.UUID, *, at: datetime) -> bool:
    """The next unit that the rules may change, kept together with how far it came. False when nothing is left.

    Those before it that stay as they are were only read: nothing is locked or written for them.
    """
    row = Regrade.objects.select_related("rule_set").get(pk=regrade)
    if row.status != RegradeStatus.RUNNING:
        return False
    passed, unit = _next(row, at=at)
    with transaction.atomic():
        # The unit first, as everywhere; then the run, on whose cursor a second worker waits.
        device = moves.take_one(unit) if unit is not None else None
        taken = Regrade.objects.select_for_update(no_key=True, of=("self",)).select_related("rule_set").get(pk=regrade)
        if taken.status != RegradeStatus.RUNNING or taken.cursor != row.cursor:
            return taken.status == RegradeStatus.RUNNING
        if device is None and not passed:
            _finish(taken, at=at)
            return False
        found = _tried(device, taken, at=at) if device is not None else None
        taken.cursor = device.pk if device is not None else passed[-1]
        taken.done += len(passed) + (device is not None)
        taken.changed += found is not None and found.grading_id is not None
        taken.listed += found is not None and found.grading_id is None
        taken.save(update_fields=["cursor", "done", "changed", "listed"])
    return True


def _next(row: Regrade, *, at: datetime) -> tuple[list[uuid.UUID], uuid.UUID | None]:
    """The units after the cursor that stay as they are, up to the first that doesn't, and that one: None where a portion has none."""
    rows = units_for(row.rule_set).order_by("pk")
    if row.cursor is not None:
        rows = rows.filter(pk__gt=row.cursor)
    devices = list(rows.only("owner_id", "device_class")[:PORTION])
    last = {
        given.device_id: given
        for given in Grading.objects.filter(device__in=devices, visit=F("device__visit"))
        .order_by("device_id", "-at", "-id")
        .distinct("device_id")
    }
    rules: Known = {}
    passed: list[uuid.UUID] = []
    for device in devices:
        given = last.get(device.pk)
        if given is None or given.condition is None:
            return passed, device.pk
        try:
            after = _judged(device, condition.read(given.condition), rules, at=at)
        except DatabaseError:
            raise
        except Exception:
            # What is wrong with it is written down when its turn comes.
            return passed, device.pk
        if not _same(_told(given), after, row.rule_set.kind):
            return passed, device.pk
        passed.append(device.pk)
    return passed, None


def _finish(row: Regrade, *, at: datetime) -> None:
    row.status, row.finished_at = RegradeStatus.DONE, at
    row.save(update_fields=["status", "finished_at"])
    fact = facts.RegradeDone(regrade=str(row.pk), count=row.done, changed=row.changed, listed=row.listed)
    ledger.append(row.pk, fact, by=grading.GRADER, at=at, key=f"done:{row.pk}", owner=row.rule_set.organization_id)


def _tried(device: Device, row: Regrade, *, at: datetime) -> RegradedUnit | None:
    """``_again``; a unit that can't be graded is listed with what was in the way, and holds none of the others."""
    try:
        with transaction.atomic():
            return _again(device, row, at=at)
    except DatabaseError:
        # That is the database's trouble and no unit's: the worker tries again.
        raise
    except Exception as wrong:
        log.exception("Unit %s could not be graded again", device.pk)
        last = queries.last_grading(device)
        before = _told(last) if last is not None else {"grade": device.grade, "axes": {}, "books": {}}
        reason = (str(wrong) or type(wrong).__name__)[:300]
        after = {**before, "grade": ""}
        return RegradedUnit.objects.create(
            regrade=row, device=device, before=before, after=after, why="failed", reason=reason
        )


def _again(device: Device, row: Regrade, *, at: datetime) -> RegradedUnit | None:
    """What the new rules make of one unit, changed or listed; None where nothing changes."""
    last = queries.last_grading(device)
    if last is None or device.state not in ON_HAND:
        return None
    before, kind = _told(last), row.rule_set.kind
    # On what was known then, so that nothing but the rules makes the difference.
    known = condition.read(last.condition) if last.condition is not None else grading.evidence(device).condition
    after = _judged(device, known, {}, at=at)
    if _same(before, after, kind):
        return None
    if why := why_not(device, last):
        return RegradedUnit.objects.create(regrade=row, device=device, before=before, after=after, why=why)
    cause = Entry.objects.filter(chain_id=row.pk).order_by("sequence").first()
    given = grading.give(device, by=grading.GRADER, at=at, cause=cause)
    return RegradedUnit.objects.create(regrade=row, device=device, before=before, after=_told(given), grading=given)


def why_not(device: Device, last: Grading) -> str:
    """Why its old grade isn't changed behind anybody's back; empty when nobody relies on it yet."""
    if device.state != State.IN_TRIAGE or device.disposition:
        return "decided"
    if second_look.disputed_work_of(device):
        return "appealed"
    if device.second_looks.filter(visit=device.visit_id, status__in=OPEN).exists():
        return "second"
    offer = Entry.objects.filter(chain_id=device.pk, kind__in=_OFFERS)
    if device.visit is not None:
        offer = offer.filter(occurred_at__gte=device.visit.opened_at)
    said = offer.order_by("-sequence").values_list("kind", flat=True).first()
    if said in {returned.OfferMade.kind, returned.OfferAccepted.kind}:
        return "offered" if said == returned.OfferMade.kind else "agreed"
    if HoldKind.AWAITING_OWNER in device.holds or device.waiting_for in {"customer", "client"}:
        return "awaited"
    return "coming" if queries.grade_is_coming(device, last, queries.reports_of(device)) else ""


def _told(last: Grading) -> dict[str, Any]:
    axes = {axis: letter for axis in rubrics.AXES if (letter := getattr(last, axis))}
    return {"grade": last.overall, "axes": axes, "books": last.books}


def _judged(device: Device, known: condition.Condition, rules: Known, *, at: datetime) -> dict[str, Any]:
    """What the rules in force make of it; they are asked for once an owner and class."""
    key = (device.owner_id, device.device_class)
    if key not in rules:
        rules[key] = grading.rules_for(device, at=at)
    rubric, shelf_of = rules[key]
    judged = judging.judge(known, rubric)
    called = shelf.standings(device.device_class, known, judged, shelf_of)
    return {"grade": judged.overall, "axes": dict(judged.axes), "books": shelf.as_record(called)}


def _same(before: dict[str, Any], after: dict[str, Any], kind: str) -> bool:
    """Whether the rules that changed leave it as it is."""
    names = ("books",) if kind == books.KIND else ("grade", "axes")
    return all(before[name] == after[name] for name in names)
