"""Corrective actions: opened, written down as it becomes known, done, and verified by somebody else."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from returns.facts import vendors as facts
from returns.models import ActionStatus, CorrectiveAction
from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.facts import Fact
from revlog.custody.services import ledger
from revlog.devices.models import ProductModel

PREFIX = "CA"
PARTS = ("problem", "containment", "cause", "action")


class UnableToAct(DomainError):
    """The action isn't open, or not yet done, or not for this person to verify."""

    code = "unable_to_act"


def _may(by: Actor) -> None:
    if not by.may("returns.vendor"):
        raise NotAllowed(Reason("not_allowed", _("Corrective actions need the right to claim from vendors.")))


def _say(row: CorrectiveAction, fact: Fact, *, by: Actor, at: datetime) -> None:
    ledger.append(row.pk, fact, by=by, at=at, owner=row.supplier_id)


def _lock(action: CorrectiveAction) -> CorrectiveAction:
    return CorrectiveAction.objects.select_for_update(no_key=True, of=("self",)).get(pk=action.pk)


def open_action(
    supplier: Organization,
    *,
    problem: str,
    owner: str,
    due_on: date,
    product: ProductModel | None = None,
    lot: str = "",
    containment: str = "",
    by: Actor,
    at: datetime,
) -> CorrectiveAction:
    """Say what is wrong, whose task it is and until when; the rest is written down as it becomes known."""
    _may(by)
    found = []
    if supplier.kind != OrganizationKind.SUPPLIER:
        found.append(Reason("supplier", _("Corrective actions are with suppliers."), "supplier"))
    if not problem.strip():
        found.append(Reason("problem", _("Say what is wrong."), "problem"))
    if not owner.strip():
        found.append(Reason("owner", _("Say whose task it is."), "owner"))
    if due_on < at.date():
        found.append(Reason("due_on", _("Its day isn't in the past."), "due_on"))
    if found:
        raise BadInput(found)
    with transaction.atomic():
        row = CorrectiveAction(
            id=ids.new(at),
            number=ids.code(PREFIX),
            supplier=supplier,
            product=product,
            lot=lot.strip()[:60],
            problem=problem.strip()[:600],
            containment=containment.strip()[:600],
            owner=owner.strip()[:120],
            due_on=due_on,
            opened_at=at,
            opened_by=by.reference,
        )
        fact = facts.ActionOpened(number=row.number, supplier=supplier.code, due=due_on.isoformat())
        ledger.begin("corrective_action", row.pk, fact, by=by, at=at, owner=supplier.pk)
        row.save(force_insert=True)
    return row


def write(action: CorrectiveAction, *, parts: dict[str, str], by: Actor, at: datetime) -> CorrectiveAction:
    """Write down what is known by now of containment, cause and action."""
    _may(by)
    with transaction.atomic():
        row = _lock(action)
        if row.status != ActionStatus.OPEN:
            raise UnableToAct(_status(row))
        changed = [name for name in PARTS if name in parts and parts[name].strip()[:600] != getattr(row, name)]
        if not changed:
            return row
        for name in changed:
            setattr(row, name, parts[name].strip()[:600])
        if not row.problem:
            raise BadInput(Reason("problem", _("Say what is wrong."), "problem"))
        row.save()
        _say(row, facts.ActionWritten(number=row.number, parts=", ".join(changed)), by=by, at=at)
    return row


def _status(row: CorrectiveAction) -> Reason:
    told = {"number": row.number, "status": word(f"action.{row.status}")}
    return Reason("status", _("%(number)s is %(status)s.") % told)


def done(action: CorrectiveAction, *, by: Actor, at: datetime) -> CorrectiveAction:
    """Say that it is done; cause and action are known by then."""
    _may(by)
    with transaction.atomic():
        row = _lock(action)
        if row.status != ActionStatus.OPEN:
            raise UnableToAct(_status(row))
        if not row.cause or not row.action:
            raise UnableToAct(Reason("incomplete", _("Write the cause and the action down first.")))
        row.status, row.done_at, row.done_by = ActionStatus.DONE, at, by.reference
        row.save()
        _say(row, facts.ActionDone(number=row.number), by=by, at=at)
    return row


def reasons_against_verifying(row: CorrectiveAction, *, by: Actor) -> list[Reason]:
    if row.status != ActionStatus.DONE:
        return [_status(row)]
    return separations.reasons_against("action_verification", doer=[row.done_by], by=by)


def verify(action: CorrectiveAction, *, effective: bool, proof: str, by: Actor, at: datetime) -> CorrectiveAction:
    """Say whether it helped, and how that is known; when it didn't, it is open again."""
    _may(by)
    if not proof.strip():
        raise BadInput(Reason("proof", _("Say how you know."), "proof"))
    with transaction.atomic():
        row = _lock(action)
        if found := reasons_against_verifying(row, by=by):
            raise UnableToAct(found)
        row.proof = " ".join(proof.split())[:300]
        if effective:
            row.status, row.verified_at, row.verified_by = ActionStatus.EFFECTIVE, at, by.reference
            _say(row, facts.ActionVerified(number=row.number, proof=row.proof.rstrip(".")), by=by, at=at)
        else:
            row.status = ActionStatus.OPEN
            _say(row, facts.ActionReopened(number=row.number, why=row.proof.rstrip(".")), by=by, at=at)
        row.save()
    return row


def reasons_against_dropping(row: CorrectiveAction) -> list[Reason]:
    """Why it can't be dropped: it helped, or it was dropped before."""
    return [] if row.status in {ActionStatus.OPEN, ActionStatus.DONE} else [_status(row)]


def drop(action: CorrectiveAction, *, why: str, by: Actor, at: datetime) -> CorrectiveAction:
    """Nobody follows it up any more: it was opened twice, the model is gone, another one covers it. The reason stays with it."""
    _may(by)
    if not why.strip():
        raise BadInput(Reason("no_reason", _("Say why it is dropped."), "why"))
    with transaction.atomic():
        row = _lock(action)
        if found := reasons_against_dropping(row):
            raise UnableToAct(found)
        row.status, row.dropped_at, row.dropped_by = ActionStatus.DROPPED, at, by.reference
        row.dropped_why = " ".join(why.split())[:300]
        row.save()
        _say(row, facts.ActionDropped(number=row.number, why=row.dropped_why.rstrip(".")), by=by, at=at)
    return row
