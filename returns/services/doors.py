"""The links by which customers come in without a number: what they open, for how long, and the asking for one."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from returns import facts
from returns.models import Rma
from revlog.accounts import actors, guests
from revlog.custody.services import ledger
from revlog.terms.models import Contact, Order

PORTAL = actors.system("returns.portal")
LINK_DAYS = 7
"""A link that opens everything of an e-mail runs out sooner than one that opens a single return."""
ORDER_DAYS = 365


def address(scope: set[str], *, until: datetime) -> str:
    base = settings.BASE_URL or "http://localhost:8000"
    return f"{base}{reverse('returns_link', args=[guests.sign(scope, until=until)])}"


def order_link(order: Order, *, at: datetime) -> str:
    """The signed address that a shop puts into its mails: opens this one order to return something of it."""
    return address({f"order:{order.pk}"}, until=at + timedelta(days=ORDER_DAYS))


def contact_link(contact: Contact, *, at: datetime) -> str:
    """Opens all orders and returns of this person's e-mail, at the sellers that this contact is known by."""
    return address({f"contact:{contact.pk}"}, until=at + timedelta(days=LINK_DAYS))


def is_reachable(contact: uuid.UUID) -> bool:
    return Contact.objects.filter(pk=contact, erased_at=None).exclude(email="").exists()


def ask_for_link(email: str, *, at: datetime) -> int:
    """Somebody says that this is their e-mail: each seller that knows it writes to it. Gives to how many that was; nobody is told.

    What is mailed follows from the fact, in a worker: the answer takes as long for an e-mail that nobody knows.
    """
    bare = email.strip().lower()
    told: dict[uuid.UUID, tuple[uuid.UUID, Contact]] = {}
    rmas = Rma.objects.filter(contact__email=bare, contact__erased_at=None).select_related("contact")
    orders = Order.objects.filter(contact__email=bare, contact__erased_at=None).select_related("contact")
    for row in [*rmas.order_by("opened_at"), *orders.order_by("ordered_at")] if bare else []:
        told[row.seller_id] = (row.pk, row.contact)  # the newest order of each seller, else the newest return
    with transaction.atomic():
        for seller, (chain, contact) in sorted(told.items()):
            ledger.append(chain, facts.LinkAsked(contact=str(contact.pk)), by=PORTAL, at=at, owner=seller)
    return len(told)
