"""Interchanges in and out: a customer's 180 becomes returns, all of it or nothing, once; our authorization goes back as another."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from returns.edi import ack997, rma180, x12
from returns.edi.rma180 import Authorization, Line, Request
from returns.edi.x12 import Group, X12Error
from returns.facts import business as business_facts
from returns.models import BusinessCase, Direction, EdiPartner, Interchange, Origin, Rma, RmaLine
from returns.models.rma import COMING
from returns.services import approval
from returns.services.business import announcing
from returns.services.business.announcing import Announcement
from returns.services.business.finding import Papers
from returns.services.business.lines import Told
from returns.services.opening import UnableToOpen
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.evidence.services import artifacts

MEDIA_TYPE = "application/edi-x12"


class UnreadableInterchange(BadInput):
    """Nothing of it was taken; each reason names its segment."""

    code = "unreadable_interchange"


class UnableToSend(DomainError):
    code = "unable_to_send"


@dataclass(frozen=True)
class Taken:
    """The interchange and its returns; ``known`` when it had been taken before."""

    interchange: Interchange
    rmas: Sequence[Rma]
    known: bool = False


def _unreadable(error: X12Error) -> UnreadableInterchange:
    where = f"segment {error.segment}" if error.segment else "file"
    return UnreadableInterchange(Reason("x12", str(error), where))


# In ---------------------------------------------------------------------------------------------------------------------------------


def take_in(data: bytes, *, by: Actor, at: datetime) -> Taken:
    """Take an interchange in: a return for each transaction set 180 in it, all or none. The same again gives what stands.

    Raises UnreadableInterchange with the segment at fault, UnableToOpen with the lines that can't come back, NotAllowed.
    """
    try:
        told = x12.read(data)
    except X12Error as error:
        raise _unreadable(error) from error
    partner = (
        EdiPartner.objects.select_related("customer", "seller")
        .filter(
            qualifier=told.sender_qualifier,
            identifier=told.sender,
            own_qualifier=told.receiver_qualifier,
            own_identifier=told.receiver,
        )
        .first()
    )
    if partner is None:
        raise UnreadableInterchange(
            Reason(
                "unknown_partner",
                _("Nobody agreed on interchanges from %(sender)s to %(receiver)s.")
                % {
                    "sender": f"{told.sender_qualifier}:{told.sender}",
                    "receiver": f"{told.receiver_qualifier}:{told.receiver}",
                },
                "segment 1",
            )
        )
    if found := announcing.reasons_against_announcing(partner.customer, partner.seller, by=by):
        raise NotAllowed(found)
    digest = hashlib.sha256(data).hexdigest()
    requests = _requests(told, partner)
    with transaction.atomic():
        # The partner's row is the lock: the same interchange at two doors is one.
        EdiPartner.objects.select_for_update(no_key=True, of=("self",)).get(pk=partner.pk)
        known = Interchange.objects.filter(partner=partner, direction=Direction.IN, control=told.control).first()
        if known is not None:
            if known.digest != digest:
                raise UnreadableInterchange(
                    Reason(
                        "control_number",
                        _("Control number %s was used for another interchange already.") % told.control,
                        "segment 1",
                    )
                )
            cases = known.cases.select_related("rma")
            return Taken(known, [case.rma for case in cases], known=True)
        rmas = [_announce(request, partner, by=by, at=at) for request in requests]
        row = Interchange.objects.create(
            id=ids.new(at),
            partner=partner,
            direction=Direction.IN.value,
            control=told.control,
            digest=digest,
            artifact=artifacts.keep(data, media_type=MEDIA_TYPE, at=at, limit="report"),
            brought_by=by.reference,
            at=at,
        )
        _acknowledge(row, told, partner, by=by, at=at)
        for rma in rmas:
            row.cases.add(rma.business)
            locked = approval.lock(rma.pk)
            fact = business_facts.InterchangeTaken(control=told.control, digest=digest)
            approval.say(locked, fact, by=by, at=at, key=f"interchange:{row.pk}")
    return Taken(row, rmas)


def _requests(told: x12.Interchange, partner: EdiPartner) -> list[Request]:
    try:
        mapping = rma180.mapping(partner.mapping)
        sets = [one for group in told.groups for one in group.sets]
        if not sets:
            raise X12Error(0, "There is no transaction set in it.")
        found = [rma180.read(one, mapping) for one in sets]
    except X12Error as error:
        raise _unreadable(error) from error
    references = [one.reference for one in found]
    if len(set(references)) != len(references):
        raise UnreadableInterchange(
            Reason("twice", _("Two transaction sets of it are about the same number of the customer."), "BGN02")
        )
    return found


def _announce(request: Request, partner: EdiPartner, *, by: Actor, at: datetime) -> Rma:
    told: list[Told] = []
    for line in request.lines:
        common: dict[str, Any] = {
            "row": line.segment,
            "sku": line.sku,
            "reason": line.reason,
            "price": line.price,
            "order": line.order,
        }
        if line.serials:
            told += [Told(serial=serial, **common) for serial in line.serials]
        else:
            told.append(
                Told(
                    quantity=line.quantity,
                    lot=line.lot,
                    expires_on=line.expires_on,
                    component=line.component,
                    **common,
                )
            )
    try:
        return announcing.announce(
            Announcement(
                customer=partner.customer,
                seller=partner.seller,
                papers=Papers(po=request.po, invoice=request.invoice, delivery=request.delivery),
                reference=request.reference,
                boxes=request.boxes,
                lines=told,
            ),
            origin=Origin.EDI,
            by=by,
            at=at,
        )
    except UnableToOpen as refusal:
        # Lines are named by their BLI segment here.
        raise UnableToOpen(
            [
                Reason(
                    reason.code,
                    f"{request.reference}: {reason.sentence}",
                    (reason.field or "").replace("line ", "segment "),
                )
                for reason in refusal.reasons
            ]
        ) from refusal


# Out --------------------------------------------------------------------------------------------------------------------------------


def reasons_against_sending(case: BusinessCase) -> list[Reason]:
    """Why no authorization can be sent for it."""
    found = []
    if case.rma.status not in {status.value for status in COMING}:
        found.append(Reason("not_approved", _("%s isn't approved.") % case.rma.number))
    if _partner_of(case) is None:
        found.append(Reason("no_partner", _("With %s no interchanges were agreed on.") % case.customer.name))
    return found


def _partner_of(case: BusinessCase) -> EdiPartner | None:
    return (
        EdiPartner.objects.filter(customer=case.customer_id, seller=case.rma.seller_id)
        .order_by("added_at", "id")
        .first()
    )


def authorize(case: BusinessCase, *, by: Actor, at: datetime) -> Interchange:
    """Our answer to an approved return, made once, under the next control number; asked again, the one that stands."""
    if not by.may("returns.open") and not by.may("returns.approve"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to open or approve returns.")))
    with transaction.atomic():
        rma = approval.lock(case.rma_id)
        fresh = BusinessCase.objects.select_related("customer").get(pk=case.pk)
        fresh.rma = rma
        known = fresh.interchanges.filter(direction=Direction.OUT).first()
        if known is not None:
            return known
        partner = _partner_of(fresh)
        if (found := reasons_against_sending(fresh)) or partner is None:
            raise UnableToSend(found)
        partner = EdiPartner.objects.select_for_update(no_key=True, of=("self",)).get(pk=partner.pk)
        control = _next_control(partner)
        row = _kept(partner, control, _written(fresh, partner, control, at=at), by=by, at=at)
        row.cases.add(fresh)
        approval.say(rma, business_facts.InterchangeSent(control=control, digest=row.digest), by=by, at=at)
    return row


def _next_control(partner: EdiPartner) -> str:
    """The next control number of a partner whose row is locked."""
    partner.last_control = partner.last_control % 999_999_999 + 1
    partner.save(update_fields=["last_control"])
    return f"{partner.last_control:09d}"


def _kept(
    partner: EdiPartner, control: str, data: bytes, *, answers: Interchange | None = None, by: Actor, at: datetime
) -> Interchange:
    """What goes out, kept under its control number."""
    return Interchange.objects.create(
        id=ids.new(at),
        partner=partner,
        direction=Direction.OUT.value,
        control=control,
        digest=hashlib.sha256(data).hexdigest(),
        artifact=artifacts.keep(data, media_type=MEDIA_TYPE, at=at, limit="report"),
        answers=answers,
        brought_by=by.reference,
        at=at,
    )


def _acknowledge(came: Interchange, told: x12.Interchange, partner: EdiPartner, *, by: Actor, at: datetime) -> None:
    """The 997 to what was taken, in the transaction that takes it: so there is one for each, and never two."""
    locked = EdiPartner.objects.get(pk=partner.pk)
    control = _next_control(locked)
    data = _enveloped(partner, control, ack997.GROUP, ack997.write(told), at=at)
    _kept(partner, control, data, answers=came, by=by, at=at)


def _enveloped(
    partner: EdiPartner, control: str, code: str, sets: tuple[x12.TransactionSet, ...], *, at: datetime
) -> bytes:
    """An interchange of ours to a partner, of one group."""
    group = Group(
        code=code,
        sender=partner.own_identifier,
        receiver=partner.identifier,
        date=at.strftime("%Y%m%d"),
        time=at.strftime("%H%M"),
        control=str(int(control)),
        agency="X",
        version=rma180.VERSION,
        sets=sets,
    )
    return x12.write(
        x12.Interchange(
            sender_qualifier=partner.own_qualifier,
            sender=partner.own_identifier,
            receiver_qualifier=partner.qualifier,
            receiver=partner.identifier,
            date=at.strftime("%y%m%d"),
            time=at.strftime("%H%M"),
            control=control,
            groups=(group,),
        )
    )


def _written(case: BusinessCase, partner: EdiPartner, control: str, *, at: datetime) -> bytes:
    mapping, rma = rma180.mapping(partner.mapping), case.rma
    lines = []
    for line in RmaLine.objects.filter(rma=rma).select_related("order_line__order", "business").order_by("position"):
        own, sold = line.business, line.order_line
        lines.append(
            Line(
                segment=line.position,
                sku=sold.sku,
                quantity=line.quantity,
                reason=line.reason,
                price=sold.price,
                lot=own.lot,
                serials=tuple(own.serials),
                expires_on=own.expires_on,
                component=own.components[0]["sku"] if own.components else "",
                order=sold.order.number,
            )
        )
    answer = Authorization(
        number=rma.number,
        reference=case.reference,
        at=at,
        hand_in_by=rma.hand_in_by.date() if rma.hand_in_by else None,
        request=Request(
            reference=case.reference,
            po=case.po_number,
            invoice=case.invoice_number,
            delivery=case.delivery_number,
            lines=tuple(lines),
        ),
    )
    return _enveloped(partner, control, rma180.GROUP, (rma180.write(answer, mapping, control="0001"),), at=at)


# Partners ---------------------------------------------------------------------------------------------------------------------------


def add_partner(
    *,
    customer: Organization,
    seller: Organization,
    qualifier: str,
    identifier: str,
    own_qualifier: str,
    own_identifier: str,
    mapping: dict[str, Any] | None = None,
    by: Actor,
    at: datetime,
) -> EdiPartner:
    """Agree on interchanges with a customer: who each is in the envelope, and what they do otherwise."""
    if not by.may("terms.edit"):
        raise NotAllowed(Reason("not_allowed", _("Agreeing on interchanges needs the right to edit agreements.")))
    mistakes = []
    for name, text, most in (
        ("qualifier", qualifier, 2),
        ("identifier", identifier, 15),
        ("own_qualifier", own_qualifier, 2),
        ("own_identifier", own_identifier, 15),
    ):
        if not text or len(text) > most or not text.isascii() or not text.isprintable() or set(text) & set("*>~"):
            mistakes.append(Reason(name, _("An identifier has 1 to %s letters and digits.") % most, name))
    try:
        rma180.mapping(mapping or {})
    except X12Error as error:
        mistakes.append(Reason("mapping", error.sentence, "mapping"))
    taken = EdiPartner.objects.filter(
        qualifier=qualifier, identifier=identifier, own_qualifier=own_qualifier, own_identifier=own_identifier
    )
    if not mistakes and taken.exists():
        mistakes.append(Reason("taken", _("Somebody else has this pair of identifiers."), "identifier"))
    if mistakes:
        raise BadInput(mistakes)
    return EdiPartner.objects.create(
        id=ids.new(at),
        customer=customer,
        seller=seller,
        qualifier=qualifier,
        identifier=identifier,
        own_qualifier=own_qualifier,
        own_identifier=own_identifier,
        mapping=mapping or {},
        added_at=at,
    )
