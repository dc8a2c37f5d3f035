"""What is told of a new order, and what may be wrong with it: pure, but for the classes of things that there are."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from revlog.common.errors import Reason
from revlog.devices import classes, identifiers
from revlog.devices.models.device import Tracking
from revlog.terms.models import Contact, Tax
from revlog.terms.models.orders import RATED

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
    tax: str = ""
    """How it was taxed: standard, reduced, reverse_charge, intra_community, export, margin, exempt; empty where nobody said."""
    tax_rate: Decimal | None = None
    """In percent."""

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
        if self.tax:
            more["tax"] = self.tax
        if self.tax_rate is not None:
            more["tax_rate"] = str(self.tax_rate.normalize())
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
    found += _tax_problems(line)
    found += _tag_problems(line.tags)
    return found + _serial_problems(line) + _out_of_order(None, line.shipped_at, line.delivered_at)


def _tax_problems(line: NewLine) -> list[Reason]:
    if line.tax and line.tax not in Tax.values:
        return [Reason("tax", _("A line is taxed by one of these: %s.") % ", ".join(Tax.values), "tax")]
    rate = line.tax_rate
    if rate is None:
        return []
    if line.tax not in RATED:
        return [Reason("tax_rate", _("Only what has the standard or a reduced rate has a rate."), "tax_rate")]
    if not rate.is_finite() or not 0 <= rate < 100 or rate != rate.quantize(Decimal("0.01")):
        return [Reason("tax_rate", _("A rate is a percentage with at most two decimals, like 19."), "tax_rate")]
    return []


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
