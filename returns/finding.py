"""Finding a customer at the desk, and what belongs to them: only what the actor may see, in a bounded number of queries.

What is searched for is personal as often as not, so it is never logged and never part of an address.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from returns import queries
from returns.models import CaseMessage, Rma, RmaUnit, StoreCredit, SupportCase
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.devices import identifiers
from revlog.terms.models import Contact, Order, OrderLine, Warranty

PLATFORM = actors.system("returns.desk")
SHORTEST = 3
MOST = 20
MOST_ORDERS = 20


@dataclass(frozen=True)
class Found:
    """One person who was found, by what, with their newest order."""

    contact: Contact
    by: str | Promise
    orders: int
    newest: Order | None


def contacts(actor: Actor) -> QuerySet[Contact]:
    """The customers of whom ``actor`` may know: those with an order or a return that they may see."""
    if actor.kind == "system" or actor.is_operator:
        return Contact.objects.all()
    if not actor.stands_for:
        return Contact.objects.none()
    orders = Order.objects.visible_to(actor).filter(contact=OuterRef("pk"))
    rmas = Rma.objects.visible_to(actor).filter(contact=OuterRef("pk"))
    return Contact.objects.filter(Exists(orders) | Exists(rmas))


def contact(pk: uuid.UUID, actor: Actor) -> Contact | None:
    return contacts(actor).filter(pk=pk).first()


def same(one: Contact, actor: Actor) -> list[Contact]:
    """The rows of one person: each order has a contact of its own, and the e-mail says that they are the same."""
    if not one.email:
        return [one]
    return list(contacts(actor).filter(email=one.email).order_by("-created_at")[:200])


def find(text: str, actor: Actor) -> list[Found]:
    """Customers by e-mail, name, order, return, case or credit number, tag, serial or IMEI; at most 20, the surest first."""
    bare = " ".join(text.split())[:120]
    if len(bare) < SHORTEST:
        return []
    reached: dict[uuid.UUID, str | Promise] = {}
    for by, keys in _ways(bare, actor):
        for key in keys:
            reached.setdefault(key, by)
        if len(reached) >= 10 * MOST:
            break
    rows = {row.pk: row for row in contacts(actor).filter(pk__in=list(reached)[: 10 * MOST])}
    people: dict[str, Contact] = {}
    why: dict[str, str | Promise] = {}
    for key, by in reached.items():
        row = rows.get(key)
        if row is not None and (name := row.email or str(row.pk)) not in people:
            people[name], why[name] = row, by
    chosen = list(people.items())[:MOST]
    return _with_orders(chosen, why, actor)


def _with_orders(chosen: Sequence[tuple[str, Contact]], why: dict[str, str | Promise], actor: Actor) -> list[Found]:
    emails = [row.email for _name, row in chosen if row.email]
    rows = (
        Order.objects.visible_to(actor)
        .filter(Q(contact__email__in=emails) | Q(contact__in=[row.pk for _name, row in chosen]))
        .select_related("contact", "seller")
        .order_by("-ordered_at")[: 10 * MOST]
    )
    theirs: dict[str, list[Order]] = {}
    for order in rows:
        theirs.setdefault(order.contact.email or str(order.contact_id), []).append(order)
    return [
        Found(row, why[name], len(theirs.get(name, ())), next(iter(theirs.get(name, ())), None)) for name, row in chosen
    ]


def _ways(bare: str, actor: Actor) -> Iterable[tuple[str | Promise, Iterable[uuid.UUID]]]:
    """Each way of finding somebody, the surest first; one is asked only when those before it were."""
    reachable = contacts(actor)
    orders = Order.objects.visible_to(actor)
    if "@" in bare:
        address = bare.lower()
        exact = list(reachable.filter(email=address).values_list("pk", flat=True)[: 10 * MOST])
        yield _("e-mail"), exact or reachable.filter(email__startswith=address).values_list("pk", flat=True)[:MOST]
        return
    number = bare.lstrip("#").strip()
    yield _("order number"), orders.filter(number__iexact=number).values_list("contact", flat=True)[:MOST]
    if form := ids.normal(bare, queries.PREFIX):
        yield _("return number"), Rma.objects.visible_to(actor).filter(number=form).values_list("contact", flat=True)
    if form := ids.normal(bare, "SC"):
        cases = SupportCase.objects.visible_to(actor).filter(number=form)
        yield _("case number"), cases.values_list("contact", flat=True)
    credits = StoreCredit.objects.filter(code__iexact=bare)
    if not actor.is_operator:
        credits = credits.filter(seller__in=actor.stands_for)
    yield _("store credit"), credits.values_list("contact", flat=True)[:MOST]
    yield _("serial, IMEI or tag"), _by_unit(bare, actor)
    if any(letter.isalpha() for letter in bare):
        yield (
            _("name"),
            reachable.filter(name__icontains=bare).order_by("-created_at").values_list("pk", flat=True)[: 2 * MOST],
        )


def _by_unit(bare: str, actor: Actor) -> list[uuid.UUID]:
    """Whoever bought or sent back the thing with this number. The unit itself needn't be theirs to see: its order must be."""
    names = identifiers.readings(bare)
    if not names:
        return []
    forms = {name.printed for name in names} | {identifiers.normal_serial(name.printed) for name in names}
    device = queries.known_device(bare, PLATFORM)
    if device is not None and device.serial:
        forms.add(device.serial)
    lines = OrderLine.objects.filter(order__in=Order.objects.visible_to(actor), serials__overlap=list(forms))
    found = list(lines.order_by("-order__ordered_at").values_list("order__contact", flat=True)[:MOST])
    units = RmaUnit.objects.filter(line__rma__in=Rma.objects.visible_to(actor))
    known = Q(serial__in=forms) | (Q(device=device) if device is not None else Q())
    found += list(
        units.filter(known).order_by("-line__rma__opened_at").values_list("line__rma__contact", flat=True)[:MOST]
    )
    return found


# What belongs to a customer ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Belongings:
    """What there is of one person that the actor may see, newest first."""

    orders: Sequence[Order]
    rmas: Sequence[Rma]
    cases: Sequence[SupportCase]
    messages: Sequence[CaseMessage]
    credits: Sequence[StoreCredit]
    warranties: Sequence[Warranty]


def belongings(rows: Sequence[Contact], actor: Actor, *, at: datetime) -> Belongings:
    keys = [row.pk for row in rows]
    orders = list(
        Order.objects.visible_to(actor)
        .filter(contact__in=keys)
        .select_related("seller", "contact")
        .prefetch_related("lines")
        .order_by("-ordered_at")[:MOST_ORDERS]
    )
    rmas = list(
        Rma.objects.visible_to(actor)
        .filter(contact__in=keys)
        .select_related("seller", "order")
        .prefetch_related("lines__order_line", "lines__units")
        .order_by("-opened_at")[:MOST_ORDERS]
    )
    credits = StoreCredit.objects.filter(contact__in=keys)
    if not actor.is_operator:
        credits = credits.filter(seller__in=actor.stands_for)
    return Belongings(
        orders=orders,
        rmas=rmas,
        cases=list(
            SupportCase.objects.visible_to(actor).filter(contact__in=keys).select_related("line", "rma")[:MOST_ORDERS]
        ),
        messages=list(
            CaseMessage.objects.filter(rma__in=[rma.pk for rma in rmas])
            .select_related("rma")
            .order_by("-written_at")[:10]
        ),
        credits=list(credits.select_related("seller")[:MOST_ORDERS]),
        warranties=list(
            Warranty.objects.filter(order_line__order__in=[order.pk for order in orders], ends_on__gte=at.date())
            .select_related("order_line__order")
            .order_by("-ends_on")[:MOST_ORDERS]
        ),
    )
