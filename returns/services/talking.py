"""What a customer and the returns desk write each other about a return: kept beside the chain, which knows only that it was written."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from returns import facts
from returns.models import Appeal, CaseMessage, PersonKey, Rma, RmaLine, TradeIn
from returns.services import approval
from revlog.accounts.actors import Actor, ActorKind
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.evidence.models import Artifact, Attachment
from revlog.evidence.services import artifacts
from revlog.terms.models import Contact, OrderSource
from revlog.terms.services import orders

MOST_TEXT = 4000
MOST_PHOTOS = 5
MOST_AT_ONCE, STRETCH = 10, timedelta(minutes=10)
"""So many messages of a customer in such a time."""


class TooMuch(DomainError):
    status = 429
    code = "too_many_messages"


def use_of(message: uuid.UUID) -> str:
    """How the photos of a message are noted on the chain of its return: they are that message's, and nobody else's."""
    return f"photo_m_{message.hex}"


def _is_customer(rma: Rma, by: Actor) -> bool:
    return by.kind == ActorKind.GUEST and f"rma:{rma.pk}" in by.scope


def reasons_against_writing(rma: Rma, *, by: Actor) -> list[Reason]:
    """Why this person can't write about this return. Its customer can, as long as there is somebody to answer to."""
    if _is_customer(rma, by):
        if rma.contact.erased_at is not None:
            return [Reason("erased", _("Your data was erased, so we can't answer here."))]
        return []
    if by.may("messages.send") and (by.is_operator or rma.seller_id in by.stands_for):
        return []
    return [Reason("not_allowed", _("Writing to customers needs the right to do so."))]


def write(rma: Rma, *, text: str, photos: Sequence[str] = (), key: uuid.UUID, by: Actor, at: datetime) -> CaseMessage:
    """One message, of the customer or of the desk. ``photos`` are digests of artifacts; ``key`` becomes its id, so that it is written once.

    What the customer wrote before counts as read once the desk has answered, and the other way round.
    """
    words = _cleaned(text)
    if len(words) > MOST_TEXT:
        raise BadInput(Reason("too_long", _("A message has at most 4,000 characters."), "text"))
    if not words and not photos:
        raise BadInput(Reason("empty", _("Write something first."), "text"))
    if len(photos) > MOST_PHOTOS:
        raise BadInput(Reason("photos", _("A message has at most 5 photos."), "photos"))
    with transaction.atomic():
        row = approval.lock(rma.pk)
        if found := reasons_against_writing(row, by=by):
            raise NotAllowed(found)
        known = CaseMessage.objects.filter(pk=key).first()
        if known is not None:
            if known.rma_id != row.pk:
                raise BadInput(Reason("key", _("This page is old. Load it again."), "text"))
            return known
        customer = _is_customer(row, by)
        if customer:
            _not_too_much(row, at)
        message = CaseMessage.objects.create(
            id=key, rma=row, by_customer=customer, written_by=by.reference, text=words, written_at=at
        )
        row.case_messages.filter(by_customer=not customer, read_at=None).update(read_at=at)
        for artifact in Artifact.objects.filter(digest__in=list(photos), erased_at=None):
            artifacts.attach(artifact, chain=row.pk, use=use_of(message.pk), audience="customer", by=by, at=at)
        fact = facts.CustomerWrote if customer else facts.DeskWrote
        approval.say(row, fact(message=str(message.pk), photos=len(photos)), by=by, at=at, key=f"message:{message.pk}")
    return message


def _cleaned(text: str) -> str:
    """As it was typed, with its lines, without what can't be shown."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(letter for letter in line if letter.isprintable()).rstrip() for line in lines).strip()


def _not_too_much(rma: Rma, at: datetime) -> None:
    recent = rma.case_messages.filter(by_customer=True, written_at__gt=at - STRETCH).count()
    if recent >= MOST_AT_ONCE:
        raise TooMuch(Reason("too_many_messages", _("That are many messages at once. Wait ten minutes."), "text"))


def read(rma: Rma, *, by: Actor, at: datetime) -> int:
    """The desk has read what the customer wrote, and nothing needs an answer. Gives how many messages that were; again, nothing happens."""
    with transaction.atomic():
        row = approval.lock(rma.pk)
        if _is_customer(row, by):
            raise NotAllowed(Reason("not_allowed", _("Only the returns desk marks messages as read.")))
        if found := reasons_against_writing(row, by=by):
            raise NotAllowed(found)
        count = row.case_messages.filter(by_customer=True, read_at=None).update(read_at=at)
        if count:
            approval.say(row, facts.MessagesRead(messages=count), by=by, at=at)
    return count


@orders.also_erase
def erase(contact: Contact, *, by: Actor, at: datetime) -> list[uuid.UUID]:
    """Erase what a person wrote and showed us, the keys they were compared by, and the labels with their address.

    Gives the chains on which that is to be said. Called within `revlog.terms.services.orders.erase_contact`, in its transaction.
    """
    rmas = list(Rma.objects.filter(contact=contact).values_list("pk", flat=True))
    CaseMessage.objects.filter(rma__in=rmas).update(text="")
    Appeal.objects.filter(unit__line__rma__in=rmas).update(words="")
    RmaLine.objects.filter(rma__in=rmas).update(note="")
    RmaLine.objects.filter(rma__in=rmas, order_line__order__source=OrderSource.TOLD).update(answers={})
    sold = TradeIn.objects.filter(contact=contact)
    sold.update(note="")
    own = [*rmas, *sold.values_list("pk", flat=True)]
    PersonKey.objects.filter(contact=contact).delete()
    shown = Q(use__startswith="photo") | Q(use="return_label")
    rows = Attachment.objects.filter(shown, chain_id__in=own, audience="customer", artifact__erased_at=None)
    for row in rows.select_related("artifact"):
        # The same bytes may be another return's too: they are only this person's when nobody else has them.
        if not Attachment.objects.filter(artifact=row.artifact).exclude(chain_id__in=own).exists():
            artifacts.erase(row.artifact, why="erased with the person", at=at)
    return rmas
