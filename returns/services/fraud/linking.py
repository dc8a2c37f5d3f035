"""The digests by which accounts are compared: made with each return that is announced, and once for those of the past."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.db import transaction

from returns.fraud import people
from returns.models import Kind, PersonKey, Rma
from returns.queries import linking as queries
from returns.queries.watching import UNSCORED
from revlog.terms.models import Contact, Order, OrderSource

BATCH = 1000
"""Contacts in one transaction: what is done when it is stopped stays done."""
MOST = 500_000


def remember(rma: Rma) -> None:
    """Keep the digests by which other accounts are compared with who returns this; made again they are the same."""
    contact, order = rma.contact, rma.order
    unscored = rma.origin in UNSCORED or rma.kind == Kind.TRADE or order.customer_id is not None
    if contact.erased_at is not None or unscored:
        return
    payment = "" if order.source == OrderSource.EXCHANGE or rma.gift else order.payment
    PersonKey.objects.bulk_create(_keys(contact, [(rma.seller_id, payment)]), ignore_conflicts=True)


def build(
    *, at: datetime, most: int = MOST, anew: bool = False, progress: Callable[[int, int], None] | None = None
) -> int:
    """Make the digests of people who returned something before there were any; how many contacts got theirs.

    It goes on where it was stopped, and changes nothing once all have theirs. With ``anew`` those that there are go first: with
    another secret key they match nothing any more.
    """
    if anew:
        PersonKey.objects.all().delete()
    wanted = queries.unkeyed(at=at, most=most)
    made = 0
    for begin in range(0, len(wanted), BATCH):
        some = wanted[begin : begin + BATCH]
        made += _build(some)
        if progress is not None:
            progress(begin + len(some), len(wanted))
    return made


def _build(contacts: Sequence[uuid.UUID]) -> int:
    with transaction.atomic():
        # Locked, so that nobody is erased in between and has digests again.
        locked = Contact.objects.select_for_update(no_key=True).filter(pk__in=contacts, erased_at=None).order_by("pk")
        rows = {row.pk: row for row in locked}
        told: dict[uuid.UUID, set[tuple[uuid.UUID, str]]] = {pk: set() for pk in rows}
        returned = Rma.objects.filter(contact__in=rows, order__customer=None).exclude(origin__in=queries.NOBODY)
        for contact, seller in returned.exclude(kind=Kind.TRADE).order_by().values_list("contact", "seller"):
            told[contact].add((seller, ""))
        for order in Order.objects.sold().filter(contact__in=rows, customer=None).order_by():
            payment = "" if order.source == OrderSource.EXCHANGE else order.payment
            told[order.contact_id].add((order.seller_id, payment))
        keys = [key for pk, row in rows.items() for key in _keys(row, sorted(told[pk]))]
        PersonKey.objects.bulk_create(keys, ignore_conflicts=True)
    return len({key.contact_id for key in keys})


def _keys(contact: Contact, told: Iterable[tuple[uuid.UUID, str]]) -> list[PersonKey]:
    """Its digests, with each seller and payment that is told."""
    found = {
        (kind, digest)
        for seller, payment in told
        for kind, digest in people.keys(
            seller, email=contact.email, lines=contact.address, country=contact.country, payment=payment
        ).items()
    }
    return [PersonKey(contact=contact, kind=kind, digest=digest) for kind, digest in sorted(found)]
