"""Selling: pools of like units, offers on channels, and the sale of one unit by an order's line."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition
from typing_extensions import override

from resale.channels import CHANNELS
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.devices.journey import State
from revlog.devices.models import Allocation, Device, ProductModel, Variant
from revlog.devices.models.device import GRADES
from revlog.terms.models import OrderLine

CHANNEL_CHOICES = [(each.code, each.label) for each in CHANNELS.values()]


class PoolQuerySet(models.QuerySet["Pool"]):
    def visible_to(self, actor: Actor) -> PoolQuerySet:
        """Staff see their hubs' pools, an owner's people the pools of what is theirs."""
        if actor.is_operator:
            return self.filter(hub_id__in=actor.hubs) if actor.hubs else self
        if actor.organization_id is None:
            return self.none()
        return self.filter(owner_id=actor.organization_id)


class Pool(models.Model):
    """Units that a buyer can't tell apart: the same thing in the same grade, of one owner, at one hub, under one warranty.

    What is offered and priced is the pool; which of its units a buyer gets is decided when they buy. A thing is its variant, else its
    model, else the names that its maker gave it (``manufacturer`` and ``model``, filled only where the catalog doesn't know it).
    """

    id = models.UUIDField(primary_key=True, editable=False)
    code = models.CharField(max_length=20, unique=True)
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="pools")
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="pools")
    variant = models.ForeignKey(Variant, models.PROTECT, null=True, blank=True, related_name="pools")
    product = models.ForeignKey(ProductModel, models.PROTECT, null=True, blank=True, related_name="pools")
    manufacturer = models.CharField(max_length=120, blank=True)
    model = models.CharField(max_length=200, blank=True)
    memory_bytes = models.BigIntegerField(null=True, blank=True)
    device_class = models.CharField(max_length=20)
    grade = models.CharField(max_length=3, choices=GRADES)
    name = models.CharField(max_length=240)
    warranty_months = models.SmallIntegerField(default=12)
    created_at = models.DateTimeField()

    objects = PoolQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "grade"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["owner", "hub", "variant", "product", "manufacturer", "model", "memory_bytes", "grade"],
                name="one_pool_a_kind",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="a_warranty_is_in_months", condition=Q(warranty_months__gte=0) & Q(warranty_months__lte=120)
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.name} {self.grade}"


class PoolUnitQuerySet(models.QuerySet["PoolUnit"]):
    def free(self) -> PoolUnitQuerySet:
        """Units that could be sold now: in the pool, for sale, on no hold and promised to nobody."""
        promised = Allocation.objects.filter(device=OuterRef("device_id"), released_at=None)
        return self.filter(~Exists(promised), left_at=None, device__state=State.TO_SELL.value, device__holds=[])


class PoolUnit(models.Model):
    """A unit's stay in a pool."""

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="units")
    device = models.ForeignKey(Device, models.PROTECT, related_name="pooled")
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    objects = PoolUnitQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["entered_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device"], condition=Q(left_at=None), name="one_pool_at_a_time"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} in {self.pool_id}"


class Offer(models.Model):
    """A price at which a pool's units are to be had on a channel, until it is ended. A new price is a new offer."""

    id = models.UUIDField(primary_key=True, editable=False)
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="offers")
    channel = models.CharField(max_length=20, choices=CHANNEL_CHOICES)
    price = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3, default="EUR")
    published_by = models.CharField(max_length=80)
    published_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-published_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["pool", "channel"], condition=Q(ended_at=None), name="one_live_offer_a_channel"
            ),
            models.CheckConstraint(name="an_offer_has_a_price", condition=Q(price__gt=0)),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.pool_id} {self.price} {self.currency} ({self.channel})"


class SaleState(models.TextChoices):
    SOLD = "sold", _("to pick")
    PICKED = "picked", _("to ship")
    SHIPPED = "shipped", _("shipped")
    CANCELLED = "cancelled", _("cancelled")


class SaleQuerySet(models.QuerySet["Sale"]):
    def visible_to(self, actor: Actor) -> SaleQuerySet:
        if actor.is_operator:
            return self.filter(pool__hub_id__in=actor.hubs) if actor.hubs else self
        if actor.organization_id is None:
            return self.none()
        return self.filter(pool__owner_id=actor.organization_id)

    def open(self) -> SaleQuerySet:
        return self.filter(state__in=[SaleState.SOLD, SaleState.PICKED])


class Sale(FSMModelMixin, models.Model):
    """One unit sold by one line of an order: promised, picked, shipped. The line names what was bought, the sale which one they get."""

    id = models.UUIDField(primary_key=True, editable=False)
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="sales")
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="sales")
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="sales")
    device = models.ForeignKey(Device, models.PROTECT, related_name="sales")
    buyer = models.ForeignKey(Organization, models.PROTECT, related_name="purchases")
    """To whom the title passes: a company, or the one that stands for private buyers."""
    state = FSMField(max_length=10, choices=SaleState.choices, default=SaleState.SOLD.value, protected=True)
    price = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    channel = models.CharField(max_length=20, choices=CHANNEL_CHOICES)
    sold_by = models.CharField(max_length=80)
    sold_at = models.DateTimeField()
    picked_by = models.CharField(max_length=80, blank=True)
    picked_at = models.DateTimeField(null=True, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    parcel_number = models.CharField(max_length=60, blank=True)
    ended_why = models.CharField(max_length=200, blank=True)

    objects = SaleQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["sold_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["device"],
                condition=Q(state__in=["sold", "picked"]),
                name="one_open_sale_a_unit",
            ),
            models.UniqueConstraint(fields=["line"], condition=~Q(state="cancelled"), name="one_unit_a_line"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "sold_at"], name="sales_by_state")]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} by {self.line_id}"

    @property
    def taker(self) -> str:
        """How the unit's allocation names it."""
        return f"order_line:{self.line_id}"

    @transition(field=state, source=SaleState.SOLD, target=SaleState.PICKED)
    def pick(self) -> None:
        """It lies in its parcel."""

    @transition(field=state, source=SaleState.PICKED, target=SaleState.SHIPPED)
    def ship(self) -> None:
        """It left for its buyer."""

    @transition(field=state, source=[SaleState.SOLD, SaleState.PICKED], target=SaleState.CANCELLED)
    def cancel(self) -> None:
        """It stays with us."""
