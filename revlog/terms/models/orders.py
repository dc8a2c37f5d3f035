"""Forward orders: what was sold before it came back, with what shipped and what is warranted."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.devices import classes
from revlog.devices.models import Device, ProductModel, Variant
from revlog.devices.models.device import Tracking
from revlog.evidence.models import Artifact


class Contact(models.Model):
    """A customer as a person: the only place where their name, address and e-mail are kept, so that erasing it erases them.

    Chains, orders and RMAs know its id alone. ``erased_at`` is set when the person asked for it; the row stays, empty.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.CharField(max_length=254, blank=True)
    """In lower case, as it is compared."""
    name = models.CharField(max_length=200, blank=True)
    address = models.JSONField(default=list, blank=True)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=5, default="en")
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["email"], name="contacts_by_email")]

    @override
    def __str__(self) -> str:
        return str(self.id)


class OrderSource(models.TextChoices):
    IMPORT = "import", _("imported")
    API = "api", _("by API")
    OWN = "own", _("our own sale")
    EXCHANGE = "exchange", _("exchange")
    TOLD = "told", _("told by the customer")


TRADED_IN = "tradein:"
"""How ``Order.reference`` begins where somebody offered the thing to us: it reads like an order, and nothing was sold by it."""


class Tax(models.TextChoices):
    """How a line was taxed. With a rate: the first two; without: the others, each for a reason that its invoice names."""

    STANDARD = "standard", _("standard rate")
    REDUCED = "reduced", _("reduced rate")
    REVERSE_CHARGE = "reverse_charge", _("reverse charge")
    INTRA_COMMUNITY = "intra_community", _("supply to another EU country")
    EXPORT = "export", _("export")
    MARGIN = "margin", _("margin scheme")
    EXEMPT = "exempt", _("exempt")


RATED = (Tax.STANDARD, Tax.REDUCED)


class OrderQuerySet(models.QuerySet["Order"]):
    def sold(self) -> OrderQuerySet:
        """Without what people offered to us: only what was sold can be given back."""
        return self.exclude(reference__startswith=TRADED_IN)

    def visible_to(self, actor: Actor) -> OrderQuerySet:
        """The operator's people see every seller's orders, others those of whom they stand for; guests none by this way."""
        if actor.is_operator:
            return self
        return self.filter(seller_id__in=actor.stands_for) if actor.stands_for else self.none()


class Order(models.Model):
    """A sale, ours or imported; or only told of, by somebody who bought it elsewhere (``TOLD``). Its id is its chain's.

    ``content`` tells an order sent twice from another one with its number.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    seller = models.ForeignKey(Organization, models.PROTECT, related_name="orders")
    number = models.CharField(max_length=60)
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="orders")
    source = models.CharField(max_length=10, choices=OrderSource.choices, default=OrderSource.IMPORT)
    ordered_at = models.DateTimeField()
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    channel = models.CharField(max_length=20, blank=True)
    """Where it was sold, as return rules know it: web, store, marketplace ..."""
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    """What return rules know it by: vip, sale, black_friday ..."""
    payment = models.CharField(max_length=80, blank=True)
    """What the payment provider calls the payment by which it was paid: money goes back by the way that it came."""
    reference = models.CharField(max_length=60, blank=True)
    """What it follows from: ``rma_line:<uuid>`` for an exchange, ``tradein:<uuid>`` for what somebody offered to us."""
    customer = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="orders_bought")
    """The business that bought it, where it was one; ``contact`` is then its person for it."""
    po_number = models.CharField(max_length=60, blank=True)
    """The business customer's own number of its order."""
    invoice_number = models.CharField(max_length=60, blank=True)
    delivery_number = models.CharField(max_length=60, blank=True)
    content = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-ordered_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("seller", Upper("number"), name="one_order_a_number"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(Upper("number"), name="orders_by_number"),
            models.Index(fields=["ordered_at", "id"], name="orders_by_age"),
            models.Index(fields=["seller", "ordered_at", "id"], name="orders_of_a_seller"),
            models.Index(fields=["customer", "seller"], name="orders_of_a_business", condition=~Q(customer=None)),
        ]

    @override
    def __str__(self) -> str:
        return self.number

    def is_visible_to(self, actor: Actor) -> bool:
        """What `visible_to` says of a queryset, said of a row that was read by other means."""
        return actor.is_operator or self.seller_id in actor.stands_for

    @property
    def is_trade_in(self) -> bool:
        return self.reference.startswith(TRADED_IN)

    @property
    def total(self) -> Decimal:
        return sum((line.price * line.quantity for line in self.lines.all()), Decimal(0))


class OrderLine(models.Model):
    """So many of one thing at one price. ``serials`` are those that were shipped: what comes back is compared with them."""

    id = models.UUIDField(primary_key=True, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="lines")
    position = models.SmallIntegerField()
    sku = models.CharField(max_length=60)
    description = models.CharField(max_length=200)
    variant = models.ForeignKey(Variant, models.PROTECT, null=True, blank=True, related_name="order_lines")
    product = models.ForeignKey(ProductModel, models.PROTECT, null=True, blank=True, related_name="order_lines")
    device_class = models.CharField(max_length=20, choices=classes.CHOICES, default="other")
    category = models.CharField(max_length=40, blank=True)
    """What return rules know it by: custom_made, perishable, hygiene, media ...; empty for plain goods."""
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    tracking = models.CharField(max_length=10, choices=Tracking.choices, default=Tracking.SERIALIZED)
    quantity = models.IntegerField()
    price = models.DecimalField(max_digits=12, decimal_places=2)
    worth = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    """What was paid for the piece that this one was sent for, free of charge; empty for what was bought."""
    counts_from = models.DateTimeField(null=True, blank=True)
    """When that piece was delivered: who changes their mind has its days, and no new ones."""
    currency = models.CharField(max_length=3, default="EUR")
    tax = models.CharField(max_length=16, choices=Tax.choices, blank=True)
    """How it was taxed, where the seller said so; else the rules for VAT say it (``terms/vat.py``). Prices are what was paid."""
    tax_rate = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    """In percent, where it was told; else that of the seller's country on the day of the order."""
    serials = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    parcel_number = models.CharField(max_length=60, blank=True)
    """Tracking number of the forward parcel, by which one that comes back undelivered is known."""
    lot = models.CharField(max_length=60, blank=True)
    """The maker's lot that was shipped; a line is of one lot."""
    expires_on = models.DateField(null=True, blank=True)
    components = models.JSONField(default=list, blank=True)
    """What a kit is made of: ``{"sku", "description", "quantity", "share"}`` for one kit; shares say how its price is divided."""
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["order", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["order", "position"], name="order_lines_are_numbered"),
            models.CheckConstraint(name="an_order_line_has_a_quantity", condition=Q(quantity__gte=1)),
            models.CheckConstraint(name="a_price_is_not_negative", condition=Q(price__gte=0)),
            models.CheckConstraint(name="a_worth_is_not_negative", condition=Q(worth=None) | Q(worth__gte=0)),
            models.CheckConstraint(
                name="a_rate_is_told_of_what_has_one",
                condition=Q(tax_rate=None) | Q(tax__in=["standard", "reduced"], tax_rate__gte=0, tax_rate__lt=100),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(Upper("parcel_number"), name="order_lines_by_parcel", condition=~Q(parcel_number="")),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.order_id} {self.position}"

    @property
    def value(self) -> Decimal:
        """What the customer has given for one piece: its price, or that of the piece which it replaces."""
        return self.price if self.worth is None else self.worth

    @property
    def delivered(self) -> datetime | None:
        """When it was delivered, by its own date or the order's."""
        return self.delivered_at or self.order.delivered_at

    @property
    def shipped(self) -> datetime | None:
        return self.shipped_at or self.order.shipped_at


class SoldSerial(models.Model):
    """A serial number that shipped with an order line, in the form by which it is compared: "pf1 abcde" is PF1ABCDE.

    PostgreSQL keeps it with ``OrderLine.serials`` (``terms/sql/sold_serials.sql``), whoever writes those; nothing else writes it.
    """

    order_line = models.ForeignKey(OrderLine, models.CASCADE, related_name="sold_serials")
    normal_form = models.CharField(max_length=120)
    printed = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["order_line", "normal_form"], name="a_serial_is_sold_once_a_line"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["normal_form"], name="sold_serials_by_form")]

    @override
    def __str__(self) -> str:
        return self.normal_form


class WarrantyKind(models.TextChoices):
    STATUTORY = "statutory", _("legal guarantee")
    COMMERCIAL = "commercial", _("warranty")
    MAKER = "maker", _("maker's warranty")
    EXTENDED = "extended", _("extended warranty")


class Warranty(models.Model):
    """What is promised for a thing, from a day to a day (both included): by the order line it was sold with, by the device, or by both.

    ``provider`` is who stands in for it where that isn't the seller of the line. One that isn't ``transferable`` ends for who buys the
    thing after.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    order_line = models.ForeignKey(OrderLine, models.PROTECT, null=True, blank=True, related_name="warranties")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="warranties")
    provider = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="warranties")
    reference = models.CharField(max_length=60, blank=True)
    """The provider's number of it."""
    proof = models.ForeignKey(Artifact, models.PROTECT, null=True, blank=True, related_name="+")
    """The document that shows it: an invoice, a warranty card."""
    rule = models.CharField(max_length=60, blank=True)
    """The rule by which it was made; empty when a person did, or the sale itself."""
    transferable = models.BooleanField(default=True)
    kind = models.CharField(max_length=12, choices=WarrantyKind.choices)
    months = models.SmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-ends_on"]
        verbose_name_plural = "warranties"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["order_line", "device", "kind"], name="one_warranty_of_a_kind", nulls_distinct=False
            ),
            models.CheckConstraint(name="a_warranty_is_of_something", condition=~Q(order_line=None) | ~Q(device=None)),
            models.CheckConstraint(name="a_warranty_lasts", condition=Q(ends_on__gte=models.F("starts_on"))),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.kind} until {self.ends_on}"
