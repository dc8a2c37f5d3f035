"""Interchanges in and out: each set of a customer's 180 that can be read becomes a return, once; our authorization goes back as another."""

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
from returns.edi.x12 import X12Error
from returns.facts import business as business_facts
from returns.models import BusinessCase, Direction, EdiPartner, Interchange, Origin, Rma, RmaLine, Verdict
from returns.models.rma import COMING
from returns.services import approval
from returns.services.business import acknowledging, announcing, envelopes
from returns.services.business.announcing import Announcement
from returns.services.business.finding import Papers
from returns.services.business.lines import Told
from returns.services.opening import UnableToOpen
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.evidence.services import artifacts


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
    problems: Sequence[str] = ()
    """What of it was left out, or rejected, while the rest was taken."""


def unreadable(error: X12Error) -> UnreadableInterchange:
    where = f"segment {error.segment}" if error.segment else "file"
    return UnreadableInterchange(Reason("x12", str(error), where))


def refused(faults: Sequence[X12Error]) -> UnreadableInterchange:
    """All that is wrong in it, each with its segment."""
    return UnreadableInterchange([reason for fault in faults for reason in unreadable(fault).reasons])


# In ---------------------------------------------------------------------------------------------------------------------------------


def take_in(data: bytes, *, by: Actor, at: datetime) -> Taken:
    """Take an interchange in: a return for each transaction set 180 that can be read, and what it says of interchanges of ours.

    The rest is acknowledged as rejected, each set with what is wrong in it; a bad envelope by a TA1. The same again gives what stands.
    Raises UnreadableInterchange with the segments at fault where nothing of it was taken, UnableToOpen with the lines that can't come back
    (then all of it is as if it never came), NotAllowed.
    """
    try:
        told = x12.read(data, lenient=True)
    except X12Error as error:
        _turn_away(data, error, by=by, at=at)
        raise unreadable(error) from error
    partner = _sender(told, by=by)
    digest = hashlib.sha256(data).hexdigest()
    requests, faults, asked = _requests(told, partner)
    with transaction.atomic():
        # The partner's row is the lock: the same interchange at two doors is one.
        EdiPartner.objects.select_for_update(no_key=True, of=("self",)).get(pk=partner.pk)
        row = _known(told, partner, digest)
        if row is not None:
            return Taken(row, [case.rma for case in row.cases.select_related("rma")], known=True)
        rmas = [_announce(request, partner, by=by, at=at) for request in requests]
        wrong = [fault for found in faults.values() for fault in found]
        verdict = ack997.verdict_of_all(ack997.verdict_of(faults.get(key, ())) for key in asked)
        if verdict == Verdict.REJECTED and _was_rejected(partner, digest):
            raise refused(wrong)
        row = Interchange.objects.create(
            id=ids.new(at),
            partner=partner,
            direction=Direction.IN.value,
            control=told.control,
            digest=digest,
            artifact=artifacts.keep(data, media_type=envelopes.MEDIA_TYPE, at=at, limit="report"),
            verdict=verdict,
            problems=[str(fault) for fault in wrong],
            answered_at=at if asked else None,
            brought_by=by.reference,
            at=at,
        )
        if asked:
            acknowledging.acknowledge(row, told, faults, by=by, at=at)
        acknowledging.hear(told, partner, by=by, at=at)
        for rma in rmas:
            row.cases.add(rma.business)
            locked = approval.lock(rma.pk)
            fact = business_facts.InterchangeTaken(control=told.control, digest=digest)
            approval.say(locked, fact, by=by, at=at, key=f"interchange:{row.pk}")
    if verdict == Verdict.REJECTED:
        raise refused(wrong)
    return Taken(row, rmas, problems=row.problems)


def _sender(told: x12.Interchange, *, by: Actor) -> EdiPartner:
    """The partner of an envelope, for whom ``by`` may announce."""
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
    return partner


def _known(told: x12.Interchange, partner: EdiPartner, digest: str) -> Interchange | None:
    """The same interchange, taken before. Raises for another one with its control number."""
    known = (
        Interchange.objects.filter(partner=partner, direction=Direction.IN, control=told.control)
        .exclude(verdict=Verdict.REJECTED)
        .first()
    )
    if known is not None and known.digest != digest:
        raise UnreadableInterchange(
            Reason(
                "control_number",
                _("Control number %s was used for another interchange already.") % told.control,
                "segment 1",
            )
        )
    return known


def _was_rejected(partner: EdiPartner, digest: str) -> bool:
    """Whether the same bytes were rejected before: then they were answered, too."""
    return Interchange.objects.filter(
        partner=partner, direction=Direction.IN, digest=digest, verdict=Verdict.REJECTED
    ).exists()


def _turn_away(data: bytes, error: X12Error, *, by: Actor, at: datetime) -> None:
    """An envelope that can't be read, of a sender that is known: it is kept, and a TA1 says what is wrong. Once for the same bytes."""
    head = x12.envelope(data)
    if head is None:
        return
    try:
        partner = _sender(head, by=by)
    except (UnreadableInterchange, NotAllowed):
        return
    digest = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        EdiPartner.objects.select_for_update(no_key=True, of=("self",)).get(pk=partner.pk)
        if _was_rejected(partner, digest):
            return
        row = Interchange.objects.create(
            id=ids.new(at),
            partner=partner,
            direction=Direction.IN.value,
            control=head.control,
            digest=digest,
            artifact=artifacts.keep(data[: x12.MOST_BYTES], media_type=envelopes.MEDIA_TYPE, at=at, limit="report"),
            verdict=Verdict.REJECTED.value,
            problems=[str(error)],
            answered_at=at,
            brought_by=by.reference,
            at=at,
        )
        acknowledging.turn_away(row, head, error, by=by, at=at)


def _requests(
    told: x12.Interchange, partner: EdiPartner
) -> tuple[list[Request], dict[tuple[str, str], list[X12Error]], list[tuple[str, str]]]:
    """What is asked for by the sets that can be read; what is wrong, by group and set; and which sets want an acknowledgment."""
    try:
        mapping = rma180.mapping(partner.mapping)
    except X12Error as error:
        raise unreadable(error) from error
    if not any(group.sets for group in told.groups) and not told.notices:
        raise unreadable(X12Error(0, "There is no transaction set in it."))
    requests: list[Request] = []
    faults: dict[tuple[str, str], list[X12Error]] = {}
    asked = []
    for group in told.groups:
        for one in group.sets:
            if one.code == ack997.SET:
                continue
            key = (group.control, one.control)
            asked.append(key)
            found = rma180.examine(one, mapping)
            wrong = [*found.faults, *one.faults, *group.faults]
            if found.request is not None and found.request.reference in {known.reference for known in requests}:
                sentence = _("Two transaction sets of it are about the same number of the customer.")
                wrong.append(X12Error(one.segments[0].number, sentence, element=2, value=found.request.reference))
            if wrong:
                faults[key] = wrong
            if found.request is not None and ack997.verdict_of(wrong) != Verdict.REJECTED:
                requests.append(found.request)
    return requests, faults, asked


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
        control = envelopes.next_control(partner)
        row = envelopes.kept(partner, control, _written(fresh, partner, control, at=at), by=by, at=at)
        row.cases.add(fresh)
        approval.say(rma, business_facts.InterchangeSent(control=control, digest=row.digest), by=by, at=at)
    return row


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
    return envelopes.enveloped(partner, control, rma180.GROUP, (rma180.write(answer, mapping, control="0001"),), at=at)
