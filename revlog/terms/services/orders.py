"""Bringing forward orders in: one or many, all or none, each with the first entry of its chain."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import bulk, ids
from revlog.common.errors import BadInput, NotAllowed, NotFound, Reason
from revlog.custody.models import Chain
from revlog.custody.services import ledger
from revlog.devices import classes, identifiers
from revlog.devices.models import Variant
from revlog.devices.models.device import Tracking
from revlog.terms import facts, queries
from revlog.terms.models import Contact, Message, Order, OrderLine, OrderSource

NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/#:-]{0,59}")
CURRENCY = re.compile(r"[A-Z]{3}")
COUNTRY = re.compile(r"[A-Z]{2}")
WORD = re.compile(r"[a-z][a-z0-9_]{0,19}")
TAG = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
PAYMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the start of a formula: text that begins so is refused, since somebody will export it again."""
MOST_LINES = 500
MOST_QUANTITY = 100_000


@dataclass(frozen=True, kw_only=True)
class NewLine:
    """One line as it is told. ``price`` is for one piece; ``sku`` finds variant and model where the catalog knows it."""

    sku: str
    description: str = ""
    quantity: int = 1
    price: Decimal
    device_class: str = ""
    category: str = ""
    tags: Sequence[str] = field(default_factory=tuple)
    tracking: str = Tracking.SERIALIZED.value
    serials: Sequence[str] = field(default_factory=tuple)
    parcel_number: str = ""
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    lot: str = ""
    expires_on: date | None = None
    components: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    """What a kit is made of, as ``OrderLine.components`` keeps it."""
    worth: Decimal | None = None
    """What was paid for the piece that this one replaces; ``counts_from`` is when that was delivered."""
    counts_from: datetime | None = None

    def told(self) -> list[Any]:
        """The line as the order's digest has it: what it doesn't have is left out, so that older digests stay."""
        more: dict[str, Any] = {}
        if self.tags:
            more["tags"] = sorted(self.tags)
        if self.lot:
            more["lot"] = self.lot
        if self.expires_on:
            more["expires_on"] = self.expires_on.isoformat()
        if self.components:
            more["components"] = [dict(one) for one in self.components]
        if self.worth is not None:
            more["worth"] = str(self.worth)
        bare = [self.sku, self.quantity, str(self.price), sorted(self.serials), self.tracking]
        return [*bare, more] if more else bare


@dataclass(frozen=True, kw_only=True)
class NewOrder:
    """An order as it is told. ``email`` is what a guest proves themselves by; name and address go on labels."""

    number: str
    email: str = ""
    contact: Contact | None = None
    """Somebody we know already, instead of e-mail, name and address: one person is kept, and erased, once."""
    name: str = ""
    address: Sequence[str] = field(default_factory=tuple)
    country: str = ""
    language: str = "en"
    currency: str = "EUR"
    ordered_at: datetime
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    reference: str = ""
    channel: str = ""
    tags: Sequence[str] = field(default_factory=tuple)
    payment: str = ""
    """What the payment provider calls the payment; empty where it didn't come by one."""
    customer: str = ""
    """Code of the business that bought it; empty for a person."""
    po_number: str = ""
    invoice_number: str = ""
    delivery_number: str = ""
    lines: Sequence[NewLine]

    def content(self) -> str:
        """What the order says, as a digest without anything about the person: the same order sent twice gives the same."""
        told: dict[str, Any] = {
            "number": self.number,
            "currency": self.currency,
            "ordered_at": self.ordered_at.astimezone(UTC).isoformat(),
            "lines": [line.told() for line in self.lines],
        }
        business = {
            "customer": self.customer,
            "po": self.po_number,
            "invoice": self.invoice_number,
            "delivery": self.delivery_number,
        }
        if any(business.values()):
            told["business"] = business
        more = {"channel": self.channel, "tags": sorted(self.tags), "payment": self.payment}
        told |= {name: value for name, value in more.items() if value}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Placed:
    """What became of the orders that were sent: new ones, and those that stood here already, word for word."""

    placed: Sequence[Order]
    known: Sequence[Order]


def _text_problem(text: str, field_name: str, most: int) -> Reason | None:
    if len(text) > most:
        return Reason(
            "too_long",
            _("%(field)s has at most %(most)s characters.") % {"field": field_name, "most": most},
            field_name,
        )
    if any(not letter.isprintable() for letter in text):
        return Reason("unprintable", _("%s holds characters that can't be printed.") % field_name, field_name)
    if text.startswith(FORMULA):
        return Reason(
            "formula",
            _("%(field)s begins with “%(first)s”, as a spreadsheet formula does; leave that character out.")
            % {"field": field_name, "first": text[0]},
            field_name,
        )
    return None


def problems(order: NewOrder, *, rated: bool) -> list[Reason]:
    """Everything wrong with an order, each reason with its field. ``rated``: whether its currency has an exchange rate."""
    found: list[Reason] = []
    if not NUMBER.fullmatch(order.number):
        found.append(Reason("number", _("An order number has 1 to 60 letters, digits and . _ / # : -"), "number"))
    if order.contact is None:
        found += _email_problems(order.email)
    texts = [(order.name, "name", 200), *((line, "address", 200) for line in order.address)]
    if len(order.address) > 8:
        found.append(Reason("address", _("An address has at most 8 lines."), "address"))
    found += [reason for text, name, most in texts if (reason := _text_problem(text, name, most))]
    if order.country and not COUNTRY.fullmatch(order.country):
        found.append(Reason("country", _("A country is written in two letters, like NL."), "country"))
    if order.language not in dict(settings.LANGUAGES):
        known = ", ".join(code for code, _name in settings.LANGUAGES)
        found.append(Reason("language", _("We write to customers in %s.") % known, "language"))
    if not CURRENCY.fullmatch(order.currency):
        found.append(Reason("currency", _("A currency is written in three letters, like EUR."), "currency"))
    elif not rated:
        found.append(
            Reason(
                "no_rate",
                _("There is no exchange rate from %(currency)s to %(base)s; publish one first.")
                % {"currency": order.currency, "base": settings.BASE_CURRENCY},
                "currency",
            )
        )
    for name, number in (
        ("po", order.po_number),
        ("invoice", order.invoice_number),
        ("delivery", order.delivery_number),
    ):
        if number and not NUMBER.fullmatch(number):
            found.append(Reason(name, _("“%s” is no number of an order, invoice or delivery.") % number[:60], name))
    found += _sale_problems(order)
    if not order.lines:
        found.append(Reason("no_lines", _("An order has at least one line."), "lines"))
    elif len(order.lines) > MOST_LINES:
        found.append(Reason("lines", _("An order has at most %s lines.") % MOST_LINES, "lines"))
    found += _out_of_order(order.ordered_at, order.shipped_at, order.delivered_at)
    for place, line in enumerate(order.lines):
        wrong = line_problems(line) or _out_of_order(order.ordered_at, line.shipped_at, line.delivered_at)
        found += [Reason(reason.code, reason.sentence, f"lines[{place}].{reason.field}") for reason in wrong]
    return found


def _email_problems(text: str) -> list[Reason]:
    if len(text) > 254:
        return [Reason("email", _("An e-mail address has at most 254 characters."), "email")]
    try:
        validate_email(text)
    except ValidationError:
        return [Reason("email", _("“%s” is no e-mail address.") % text[:80], "email")]
    return []


def line_problems(line: NewLine) -> list[Reason]:
    found: list[Reason] = []
    if not NUMBER.fullmatch(line.sku):
        found.append(Reason("sku", _("A SKU has 1 to 60 letters, digits and . _ / # : -"), "sku"))
    if reason := _text_problem(line.description, "description", 200):
        found.append(reason)
    if not 1 <= line.quantity <= MOST_QUANTITY:
        found.append(Reason("quantity", _("A quantity is 1 to %s.") % f"{MOST_QUANTITY:,}", "quantity"))
    if not line.price.is_finite() or line.price < 0 or line.price >= Decimal(10) ** 10:
        found.append(Reason("price", _("A price is zero or more."), "price"))
    elif line.price != line.price.quantize(Decimal("0.01")):
        found.append(Reason("price", _("A price has at most two decimals."), "price"))
    if line.device_class and line.device_class not in classes.CLASSES:
        known = ", ".join(sorted(classes.CLASSES))
        found.append(
            Reason(
                "class",
                _("There is no class %(class)s; known are %(known)s.")
                % {"class": line.device_class[:40], "known": known},
                "class",
            )
        )
    if line.tracking not in {Tracking.SERIALIZED.value, Tracking.COUNTED.value}:
        found.append(Reason("tracking", _("Goods are serialized or counted."), "tracking"))
    if line.parcel_number and not NUMBER.fullmatch(line.parcel_number):
        found.append(Reason("parcel", _("A tracking number has letters and digits."), "parcel"))
    if line.category and not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", line.category):
        found.append(Reason("category", _("A category is one word in lower case, like custom_made."), "category"))
    found += _lot_problems(line)
    found += _tag_problems(line.tags)
    return found + _serial_problems(line) + _out_of_order(None, line.shipped_at, line.delivered_at)


def _lot_problems(line: NewLine) -> list[Reason]:
    """What is wrong with the lot and with what a kit is made of."""
    found: list[Reason] = []
    if reason := _text_problem(line.lot, "lot", 60):
        found.append(reason)
    skus = [str(one.get("sku", "")) for one in line.components]
    if len({sku.upper() for sku in skus}) != len(skus) or not all(skus):
        found.append(Reason("components", _("Each part of a kit has a SKU of its own."), "components"))
    for one in line.components:
        quantity, share = one.get("quantity", 1), one.get("share", "1")
        if not isinstance(quantity, int) or not 1 <= quantity <= 1000:
            found.append(Reason("components", _("A kit holds 1 to 1,000 of a part."), "components"))
        try:
            value = Decimal(str(share))
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or value <= 0:
            found.append(Reason("components", _("The share of a part is a number above zero."), "components"))
    return found


def _sale_problems(order: NewOrder) -> list[Reason]:
    found = []
    if order.channel and not WORD.fullmatch(order.channel):
        found.append(Reason("channel", _("A channel is one word in lower case, like web or store."), "channel"))
    if order.payment and not PAYMENT.fullmatch(order.payment):
        found.append(
            Reason("payment", _("A payment is what the provider calls it: letters, digits and _ -"), "payment")
        )
    return found + _tag_problems(order.tags)


def _tag_problems(tags: Sequence[str]) -> list[Reason]:
    if len(tags) > 20 or not all(TAG.fullmatch(tag) for tag in tags):
        return [Reason("tags", _("Tags are up to 20 words in lower case, like sale or black_friday."), "tags")]
    return []


def _serial_problems(line: NewLine) -> list[Reason]:
    found: list[Reason] = []
    if len(line.serials) > line.quantity:
        found.append(Reason("serials", _("There are more serial numbers than pieces."), "serials"))
    if line.tracking == Tracking.COUNTED and line.serials:
        found.append(Reason("serials", _("Counted goods carry no serial numbers."), "serials"))
    if len({identifiers.normal_serial(one) for one in line.serials}) != len(line.serials):
        found.append(Reason("serials", _("A serial number is named twice."), "serials"))
    for serial in line.serials:
        if identifiers.serial(serial) is None or len(serial) > 120:
            found.append(Reason("serials", _("“%s” is no serial number.") % serial[:40], "serials"))
        elif reason := _text_problem(serial, "serials", 120):
            found.append(reason)
    return found


def _out_of_order(*moments: datetime | None) -> list[Reason]:
    known = [moment for moment in moments if moment is not None]
    if known != sorted(known):
        return [Reason("dates", _("It was ordered, then shipped, then delivered: these dates say otherwise."), "dates")]
    return []


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
