"""Support cases: opened for a customer, noted, and closed with a result, minutes and what they cost."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts, parameters
from returns.models import CaseNote, Channel, Result, Rma, SupportCase
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common import ids
from revlog.common import money as sums
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody.services import ledger
from revlog.devices.services import money
from revlog.terms.models import Contact, Order, OrderLine
from revlog.terms.services import orders

PREFIX = "SC"


class UnableToServe(DomainError):
    """The case can't be opened, noted or closed like that."""

    code = "unable_to_serve"


def require(by: Actor, seller: uuid.UUID) -> None:
    if not by.may("returns.desk") or not (by.is_operator or seller in by.stands_for):
        raise NotAllowed(Reason("not_allowed", _("Support cases need the right to work at the desk of this seller.")))


def reasons_against_opening(
    contact: Contact, seller: Organization, *, order: Order | None, line: OrderLine | None, rma: Rma | None
) -> list[Reason]:
    """Why no case can be opened for this customer about these things."""
    found = []
    if contact.erased_at is not None:
        found.append(Reason("erased", _("This customer's data was erased on request.")))
    about = [
        (order, order.seller_id, order.contact) if order else None,
        (rma, rma.seller_id, rma.contact) if rma else None,
    ]
    for one in about:
        if one is None:
            continue
        _thing, owner, person = one
        if owner != seller.pk:
            found.append(Reason("seller", _("A case is about one seller's things.")))
        if not same_person(person, contact):
            found.append(Reason("contact", _("That was bought or sent back by somebody else.")))
    if line is not None and (order is None or line.order_id != order.pk):
        found.append(Reason("line", _("This line isn't part of the order."), "line"))
    return found


def same_person(one: Contact, other: Contact) -> bool:
    """Orders have contacts of their own; the same e-mail is the same customer."""
    return one.pk == other.pk or (bool(one.email) and one.email == other.email)


def open_case(
    *,
    contact: Contact,
    seller: Organization,
    channel: Channel,
    order: Order | None = None,
    line: OrderLine | None = None,
    rma: Rma | None = None,
    note: str = "",
    by: Actor,
    at: datetime,
) -> SupportCase:
    """Somebody asks; the clock of the case runs from now. One contact, counted by its fact."""
    require(by, seller.pk)
    with transaction.atomic():
        # Locked, so that nobody is erased while something is written down of them.
        contact = Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
        if found := reasons_against_opening(contact, seller, order=order, line=line, rma=rma):
            raise UnableToServe(found)
        row = SupportCase(
            id=ids.new(at),
            number=ids.code(PREFIX),
            seller=seller,
            desk_id=by.organization_id,
            contact=contact,
            order=order,
            line=line,
            rma=rma,
            channel=Channel(channel).value,
            opened_by=by.reference,
            opened_at=at,
        )
        ledger.begin(
            "case",
            row.id,
            facts.CaseOpened(
                number=row.number,
                channel=row.channel,
                order=str(order.pk) if order else None,
                rma=str(rma.pk) if rma else None,
            ),
            by=by,
            at=at,
            owner=seller.pk,
        )
        row.save(force_insert=True)
        if note.strip():
            _note(row, note, by=by, at=at)
    return row


def lock(case: uuid.UUID) -> SupportCase:
    return (
        SupportCase.objects.select_for_update(no_key=True, of=("self", "contact"))
        .select_related("seller", "contact", "order__seller", "line", "rma", "desk")
        .get(pk=case)
    )


def reasons_against_working(case: SupportCase) -> list[Reason]:
    """Why nothing more can be done in a case."""
    if not case.is_open:
        return [Reason("closed", _("Case %s is closed; open another one.") % case.number)]
    if case.contact.erased_at is not None:
        return [Reason("erased", _("This customer's data was erased on request."))]
    return []


def _open_one(case: SupportCase, *, by: Actor) -> SupportCase:
    require(by, case.seller_id)
    row = lock(case.pk)
    if found := reasons_against_working(row):
        raise UnableToServe(found)
    return row


def _note(case: SupportCase, text: str, *, by: Actor, at: datetime) -> CaseNote:
    bare = text.strip()
    if not bare:
        raise BadInput(Reason("empty", _("Write something down."), "text"))
    if len(bare) > 4000:
        raise BadInput(Reason("long", _("A note has at most 4,000 characters."), "text"))
    return CaseNote.objects.create(id=ids.new(at), case=case, text=bare, written_by=by.reference, written_at=at)


@transaction.atomic
def note(case: SupportCase, *, text: str, by: Actor, at: datetime) -> CaseNote:
    """Write down what was said. It is personal, so the chain hears nothing of it."""
    return _note(_open_one(case, by=by), text, by=by, at=at)


@transaction.atomic
def choose(case: SupportCase, *, line: OrderLine, by: Actor, at: datetime) -> SupportCase:
    """Say which thing it is about. Troubleshooting begins anew with another one."""
    row = _open_one(case, by=by)
    if row.order_id is not None and row.order_id != line.order_id and row.walk:
        row.walk = {}
    if found := reasons_against_opening(row.contact, row.seller, order=line.order, line=line, rma=None):
        raise UnableToServe(found)
    if row.line_id != line.pk:
        row.walk = {}
    row.order, row.line = line.order, line
    row.save(update_fields=["order", "line", "walk"])
    return row


@transaction.atomic
def announced(case: SupportCase, rma: Rma, *, by: Actor, at: datetime) -> SupportCase:
    """The return that was announced out of the case."""
    row = _open_one(case, by=by)
    if rma.seller_id != row.seller_id or not same_person(rma.contact, row.contact):
        raise UnableToServe(Reason("contact", _("That was bought or sent back by somebody else.")))
    row.rma = rma
    row.save(update_fields=["rma"])
    return row


def currency(at: datetime) -> str:
    """What the desk's minutes are reckoned in."""
    return parameters.in_force(at).currency


def minutes_of(case: SupportCase, *, at: datetime) -> int:
    """Minutes since it was opened, begun ones counted, at most as many as the figures say."""
    seconds = max((at - case.opened_at).total_seconds(), 0)
    return min(max(1, -int(-seconds // 60)), parameters.in_force(at).longest)


def reasons_against_closing(case: SupportCase, *, result: Result, minutes: int | None, why: str) -> list[Reason]:
    """Why a case can't be closed like that."""
    found = [] if case.is_open else reasons_against_working(case)
    if result == Result.FIXED and case.line_id is None:
        found.append(Reason("no_line", _("Say first which thing was put right."), "result"))
    if result == Result.FIXED and case.walk and case.walk.get("end") not in {None, "", "fixed"}:
        found.append(
            Reason(
                "not_fixed", _("Troubleshooting ended otherwise; go back in it, or choose another result."), "result"
            )
        )
    if result == Result.RMA_OPENED and case.rma_id is None:
        found.append(Reason("no_rma", _("No return was announced in this case."), "result"))
    if minutes is not None and not 0 <= minutes <= 600:
        found.append(Reason("minutes", _("A case takes 0 to 600 minutes."), "minutes"))
    elif minutes is not None and not why.strip():
        found.append(Reason("no_reason", _("Say why the minutes were others than measured."), "why"))
    return found


@transaction.atomic
def close(
    case: SupportCase, *, result: Result, minutes: int | None = None, why: str = "", by: Actor, at: datetime
) -> SupportCase:
    """End it with a result: the minutes are reckoned once, into the book of whose people spent them. Said again, nothing happens.

    ``minutes`` are told where the clock is wrong, with a reason. The operator's people cost the operator; a seller's own or its
    provider's cost the seller.
    """
    require(by, case.seller_id)
    row = lock(case.pk)
    if row.closed_at is not None and row.result == Result(result).value:
        return row
    measured = minutes_of(row, at=at)
    told = None if minutes == measured else minutes
    if found := reasons_against_closing(row, result=result, minutes=told, why=why):
        raise UnableToServe(found)
    rates = parameters.in_force(at)
    row.result, row.closed_by, row.closed_at = Result(result).value, by.reference, at
    row.measured, row.minutes = measured, measured if told is None else told
    row.minutes_why = why.strip()[:300] if told is not None else ""
    row.cost, row.currency = sums.rounded(rates.cost(row.minutes), rates.currency), rates.currency
    row.save()
    _tell(row, by=by, at=at)
    return row


def _tell(case: SupportCase, *, by: Actor, at: datetime) -> None:
    """What closed, what it cost, and the return that there was no need for."""
    minutes, measured = case.minutes or 0, case.measured or 0
    entry = ledger.append(
        case.pk,
        facts.CaseClosed(
            number=case.number,
            channel=case.channel,
            result=case.result,
            minutes=minutes,
            measured=measured,
            cost=str(case.cost),
            currency=case.currency,
            desk=case.desk.code if case.desk else None,
            order=str(case.order_id) if case.order_id else None,
            rma=str(case.rma_id) if case.rma_id else None,
        ),
        by=by,
        at=at,
        key="closed",
        owner=case.seller_id,
    )
    if case.cost > Decimal(0):
        money.post(
            entry=entry,
            account="labor",
            amount=-case.cost,
            currency=case.currency,
            book="ours" if case.desk is None or case.desk.is_operator else "seller",
            party=case.seller,
            at=at,
            key=f"support:{case.pk}",
        )
    if case.result == Result.FIXED and case.line is not None:
        ledger.append(
            case.line.order_id,
            facts.FixedWithoutReturn(
                case=str(case.pk),
                line=str(case.line_id),
                position=case.line.position,
                reason=case.walk.get("reason") or None,
                tree=case.walk.get("tree") or None,
                rules=case.walk.get("version"),
                minutes=minutes,
            ),
            by=by,
            at=at,
            key=f"fixed:{case.pk}",
            owner=case.seller_id,
        )


@orders.also_erase
def erase_notes(contact: Contact, *, by: Actor, at: datetime) -> list[uuid.UUID]:
    """Empty what was noted of a person who is erased, in their erasure's transaction; that there were cases, and their cost, stays true."""
    rows = CaseNote.objects.filter(case__contact=contact).exclude(text="")
    chains = sorted(set(rows.values_list("case_id", flat=True)))
    rows.update(text="")
    return chains
