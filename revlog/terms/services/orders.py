"""Bringing forward orders in: one or many, all or none, each with the first entry of its chain."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import bulk, ids
from revlog.common.errors import BadInput, NotAllowed, NotFound, Reason
from revlog.custody.models import Chain
from revlog.custody.services import ledger
from revlog.devices.models import Variant
from revlog.terms import facts, queries
from revlog.terms.models import Contact, Message, Order, OrderLine, OrderSource
from revlog.terms.services.new_orders import NewLine, NewOrder, problems


@dataclass(frozen=True)
class Placed:
    """What became of the orders that were sent: new ones, and those that stood here already, word for word."""

    placed: Sequence[Order]
    known: Sequence[Order]


def reasons_against_importing(seller: Organization, *, by: Actor) -> list[Reason]:
    if not by.may("orders.import") and not by.may("resale.sell"):
        return [Reason("not_allowed", _("Importing orders needs the right to import them."))]
    if not by.is_operator and by.organization_id != seller.pk:
        return [Reason("not_allowed", _("You may import orders of your own organization alone."))]
    return []


def place_many(
    orders: Iterable[NewOrder], *, seller: Organization, source: OrderSource = OrderSource.API, by: Actor, at: datetime
) -> Placed:
    """Take in these orders, all or none. One that stands here word for word is known, not an error.

    Raises BadInput with every reason of every order; ``field`` is ``orders[3].lines[0].price`` and the like.
    """
    if found := reasons_against_importing(seller, by=by):
        raise NotAllowed(found)
    told = list(orders)
    wrong: list[Reason] = []
    currencies: dict[str, bool] = {}
    numbers: dict[str, int] = {}
    customers = businesses(told)
    for place, order in enumerate(told):
        rated = currencies.get(order.currency)
        if rated is None:
            rated = currencies[order.currency] = queries.rate(order.currency, at=at) is not None
        wrong += [
            Reason(reason.code, reason.sentence, f"orders[{place}].{reason.field}")
            for reason in problems(order, rated=rated)
        ]
        if order.customer and order.customer not in customers:
            wrong.append(
                Reason(
                    "customer",
                    _("There is no business customer %s.") % order.customer[:40],
                    f"orders[{place}].customer",
                )
            )
        earlier = numbers.setdefault(order.number.upper(), place)
        if earlier != place:
            wrong.append(Reason("twice", _("Order %s is told twice.") % order.number[:60], f"orders[{place}].number"))
        if len(wrong) > 200:
            break
    if wrong:
        raise BadInput(wrong)
    with transaction.atomic():
        # One import of a seller after the other: two that bring the same order would else both find it new.
        Organization.objects.select_for_update(no_key=True).get(pk=seller.pk)
        known = of_numbers([order.number for order in told], seller=seller)
        _refuse_others(told, known)
        return write(told, known, seller=seller, source=source, by=by, at=at)


def of_numbers(numbers: Iterable[str], *, seller: Organization) -> dict[str, Order]:
    """The seller's orders with these numbers, by the number in capitals."""
    wanted = [number.upper() for number in numbers]
    found: dict[str, Order] = {}
    for start in range(0, len(wanted), 5000):
        rows = Order.objects.alias(upper=Upper("number")).filter(seller=seller, upper__in=wanted[start : start + 5000])
        found |= {row.number.upper(): row for row in rows}
    return found


def _refuse_others(told: Sequence[NewOrder], found: dict[str, Order]) -> None:
    other = [
        Reason(
            "other_content",
            _("Order %s is here already and says something else; an order isn't changed by importing it.")
            % order.number,
            f"orders[{place}].number",
        )
        for place, order in enumerate(told)
        if (row := found.get(order.number.upper())) is not None and row.content != order.content()
    ]
    if other:
        raise BadInput(other)


def write(
    told: Sequence[NewOrder],
    known: dict[str, Order],
    *,
    seller: Organization,
    source: OrderSource,
    by: Actor,
    at: datetime,
    past: bool = False,
) -> Placed:
    """Put down orders that were checked, in the caller's transaction, which holds the seller. With ``past`` their entries say that they
    were placed when they were ordered; else, when they came to us."""
    fresh = [order for order in told if order.number.upper() not in known]
    variants, customers = _variants(fresh), businesses(fresh)
    contacts, rows, lines, chains, entries = [], [], [], [], []
    for order in fresh:
        contact = order.contact or Contact(
            id=ids.new(at),
            email=order.email.strip().lower(),
            name=order.name.strip(),
            address=[line.strip() for line in order.address if line.strip()],
            country=order.country,
            language=order.language,
            created_at=at,
        )
        row = Order(
            id=ids.new(at),
            seller=seller,
            number=order.number,
            contact=contact,
            source=source,
            ordered_at=order.ordered_at,
            shipped_at=order.shipped_at,
            delivered_at=order.delivered_at,
            currency=order.currency,
            reference=order.reference,
            channel=order.channel,
            tags=list(order.tags),
            payment=order.payment,
            customer=customers.get(order.customer),
            po_number=order.po_number,
            invoice_number=order.invoice_number,
            delivery_number=order.delivery_number,
            content=order.content(),
            created_at=at,
        )
        if order.contact is None:
            contacts.append(contact)
        rows.append(row)
        lines += [_line(row, place, line, variants.get(line.sku), at=at) for place, line in enumerate(order.lines, 1)]
        head = ledger.Head(id=row.id, kind="order")
        chains.append(Chain(id=row.id, kind="order"))
        entry = ledger.draft(
            head,
            facts.OrderPlaced(
                number=order.number,
                seller=seller.code,
                lines=len(order.lines),
                quantity=sum(line.quantity for line in order.lines),
                source=source.value,
                reference=order.reference or None,
            ),
            by=by,
            at=order.ordered_at if past else at,
        )
        entry.owner_id = seller.pk
        entries.append(entry)
    Contact.objects.bulk_create(contacts, batch_size=1000)
    Order.objects.bulk_create(rows, batch_size=1000)
    bulk.insert(OrderLine, lines)
    Chain.objects.bulk_create(chains, batch_size=1000)
    for start in range(0, len(entries), 2000):
        ledger.write_many(entries[start : start + 2000])
    return Placed(rows, [known[order.number.upper()] for order in told if order.number.upper() in known])


def businesses(orders: Iterable[NewOrder]) -> dict[str, Organization]:
    """The business customers that these orders name, by their codes."""
    codes = {order.customer for order in orders if order.customer}
    if not codes:
        return {}
    found = Organization.objects.filter(code__in=codes, active=True).exclude(kind=OrganizationKind.OPERATOR)
    return {one.code: one for one in found}


def _variants(orders: Sequence[NewOrder]) -> dict[str, Variant]:
    skus = sorted({line.sku for order in orders for line in order.lines})
    found: dict[str, Variant] = {}
    for start in range(0, len(skus), 5000):
        rows = Variant.objects.filter(sku__in=skus[start : start + 5000]).select_related("product")
        found |= {row.sku: row for row in rows}
    return found


def _line(order: Order, place: int, line: NewLine, variant: Variant | None, *, at: datetime) -> OrderLine:
    product = variant.product if variant else None
    return OrderLine(
        id=ids.new(at),
        order=order,
        position=place,
        sku=line.sku,
        description=(line.description.strip() or (str(variant) if variant else line.sku))[:200],
        variant=variant,
        product=product,
        device_class=line.device_class or (product.device_class if product else "other"),
        category=line.category,
        tags=list(line.tags),
        tracking=line.tracking,
        quantity=line.quantity,
        price=line.price,
        worth=line.worth,
        tax=line.tax,
        tax_rate=line.tax_rate,
        counts_from=line.counts_from,
        currency=order.currency,
        serials=[serial.strip() for serial in line.serials],
        parcel_number="".join(line.parcel_number.split()),
        shipped_at=line.shipped_at,
        delivered_at=line.delivered_at,
        lot=line.lot.strip(),
        expires_on=line.expires_on,
        components=[
            {
                "sku": str(one["sku"]),
                "description": str(one.get("description", "") or one["sku"])[:200],
                "quantity": int(one.get("quantity", 1)),
                "share": str(one.get("share", "1")),
            }
            for one in line.components or (variant.attributes.get("kit", ()) if variant else ())
        ],
    )


def place(
    order: NewOrder, *, seller: Organization, source: OrderSource = OrderSource.OWN, by: Actor, at: datetime
) -> Order:
    """Take in one order. The same once more gives the one that stands."""
    done = place_many([order], seller=seller, source=source, by=by, at=at)
    return (done.placed or done.known)[0]


def ship_line(
    line: OrderLine, *, serials: Sequence[str] = (), parcel_number: str = "", by: Actor, at: datetime
) -> OrderLine:
    """What of a line went out, and in which parcel: its serials are what a return is compared with. Adds to what shipped before."""
    with transaction.atomic():
        row = OrderLine.objects.select_for_update(no_key=True, of=("self",)).select_related("order").get(pk=line.pk)
        row.serials = [*row.serials, *(one for one in serials if one not in row.serials)]
        if len(row.serials) > row.quantity:
            raise BadInput(Reason("serials", _("More pieces would ship than the line has."), "serials"))
        row.shipped_at = row.shipped_at or at
        row.parcel_number = "".join(parcel_number.split())[:60] or row.parcel_number
        row.save(update_fields=["serials", "shipped_at", "parcel_number"])
        ledger.append(
            row.order_id,
            facts.LineShipped(
                line=str(row.pk), position=row.position, parcel=row.parcel_number or None, serials=list(serials)
            ),
            by=by,
            at=at,
            owner=row.order.seller_id,
        )
    return row


def deliver_line(line: OrderLine, *, by: Actor, at: datetime) -> OrderLine:
    """The line reached its buyer: from now the return window runs. Said once."""
    with transaction.atomic():
        row = OrderLine.objects.select_for_update(no_key=True, of=("self",)).select_related("order").get(pk=line.pk)
        if row.delivered_at is None:
            row.delivered_at = at
            row.save(update_fields=["delivered_at"])
            ledger.append(
                row.order_id,
                facts.LineDelivered(line=str(row.pk), position=row.position),
                by=by,
                at=at,
                key=f"delivered:{row.pk}",
                owner=row.order.seller_id,
            )
    return row


Erasing = Callable[..., Iterable[uuid.UUID]]
_erasing: list[Erasing] = []


def also_erase(function: Erasing) -> Erasing:
    """Let ``function(contact, by=, at=)`` erase what a stage keeps of a person, together with the rest; it gives the chains of its own
    things on which that is to be said."""
    _erasing.append(function)
    return function


def erase_contact(contact: uuid.UUID, *, by: Actor, at: datetime) -> Contact:
    """Erase a person: name, address, e-mail, and what we wrote to each other. Orders, RMAs and every digest stay true."""
    if not by.may("persons.erase"):
        raise NotAllowed(Reason("not_allowed", _("Erasing a person's data needs the right to do so.")))
    with transaction.atomic():
        row = Contact.objects.select_for_update(no_key=True).filter(pk=contact).first()
        if row is None:
            raise NotFound(Reason("not_found", _("There is no such customer.")))
        if row.erased_at is not None:
            return row
        row.email = row.name = row.country = ""
        row.address, row.erased_at = [], at
        row.save()
        Message.objects.filter(contact=row).update(to="", subject="", text="", html="")
        chains: list[tuple[uuid.UUID, uuid.UUID | None]] = [
            (order.pk, order.seller_id) for order in Order.objects.filter(contact=row)
        ]
        chains += [(chain, None) for erase in _erasing for chain in erase(row, by=by, at=at)]
        for chain, owner in sorted(chains, key=lambda one: one[0]):
            fact = facts.ContactErased(contact=str(row.pk))
            ledger.append(chain, fact, by=by, at=at, key=f"erased:{row.pk}", owner=owner)
    return row
