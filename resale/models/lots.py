"""Lots for one buyer: what is sold as a whole, to whom, for how much, and what of it each unit brought."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition
from typing_extensions import override

from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Hub, Organization, OrganizationKind
from revlog.devices.models import Device
from revlog.evidence.models import Document
from revlog.logistics.models import Shipment


class LotState(models.TextChoices):
    OPEN = "open", _("being put together")
    OFFERED = "offered", _("open for offers")
    AWARDED = "awarded", _("awarded")
    SOLD = "sold", _("sold")
    CANCELLED = "cancelled", _("called off")


class LotKey(models.TextChoices):
    """By what the proceeds of a lot are spread over its units."""

    VALUE = "value", _("by list value")
    COST = "cost", _("by what it was bought for")
    PIECES = "pieces", _("by pieces")


class LotQuerySet(models.QuerySet["Lot"]):
    def visible_to(self, actor: Actor) -> LotQuerySet:
        """The operator's people see those of their hubs; a buyer's people what is open for offers, and what they had a part in."""
        if actor.is_operator:
            rows = self if actor.may("resale.view") else self.none()
            return rows if actor.kind == ActorKind.SYSTEM else rows.filter(hub_id__in=actor.hubs)
        if actor.organization_id is None or not (actor.may("resale.bid") or actor.may("resale.view")):
            return self.none()
        known = Organization.objects.filter(pk=actor.organization_id, kind=OrganizationKind.BUYER, active=True)
        bid = LotOffer.objects.filter(lot=OuterRef("pk"), buyer=actor.organization_id)
        taken = Q(state__in=[LotState.AWARDED, LotState.SOLD], buyer=actor.organization_id)
        return self.filter(Exists(known)).filter(Q(state=LotState.OFFERED) | taken | Exists(bid))


class Lot(FSMModelMixin, models.Model):
    """Units and counted goods of one owner at one site that are sold together to one buyer, as they are. Its id is its chain's.

    Each of its units is promised to it, so that nothing in it is sold otherwise. What is open for offers has a list; when something is
    taken out of it, the list has a new edition, and offers for an older one have to be made again.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="lots")
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="lots")
    state = FSMField(max_length=10, choices=LotState.choices, default=LotState.OPEN.value, protected=True)
    key = models.CharField(max_length=10, choices=LotKey.choices, default=LotKey.VALUE.value)
    rule = models.JSONField(default=dict, blank=True)
    """What it gathers: classes, grades, days, unsold, by_itself; empty when only by hand."""
    edition = models.SmallIntegerField(default=1)
    currency = models.CharField(max_length=3, default="EUR")
    asking = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    reserve = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    """Below it somebody says why; buyers never see it."""
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=80)
    offered_at = models.DateTimeField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    """The last day for offers."""
    buyer = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="bought_lots")
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    awarded_at = models.DateTimeField(null=True, blank=True)
    awarded_by = models.CharField(max_length=80, blank=True)
    sold_at = models.DateTimeField(null=True, blank=True)
    shipment = models.ForeignKey(Shipment, models.PROTECT, null=True, blank=True, related_name="+")
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    """The list of its present edition."""
    ended_why = models.CharField(max_length=300, blank=True)

    objects = LotQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-opened_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="a_lot_asks_for_something",
                condition=(Q(asking=None) | Q(asking__gt=0)) & (Q(reserve=None) | Q(reserve__gt=0)),
            ),
            models.CheckConstraint(
                name="an_awarded_lot_has_buyer_and_price",
                condition=~Q(state__in=["awarded", "sold"]) | Q(buyer__isnull=False, price__gt=0),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "opened_at"], name="lots_by_state")]

    @override
    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def taker(self) -> str:
        """How the allocations of its units name it."""
        return f"lot:{self.pk}"

    @transition(field=state, source=LotState.OPEN.value, target=LotState.OFFERED.value)
    def put_up(self) -> None:
        """Buyers may offer for it."""

    @transition(field=state, source=LotState.OFFERED.value, target=LotState.AWARDED.value)
    def award(self) -> None:
        """One offer is accepted."""

    @transition(field=state, source=LotState.AWARDED.value, target=LotState.OFFERED.value)
    def take_back(self) -> None:
        """The award doesn't stand."""

    @transition(field=state, source=LotState.AWARDED.value, target=LotState.SOLD.value)
    def sell(self) -> None:
        """It left for its buyer."""

    @transition(
        field=state,
        source=[LotState.OPEN.value, LotState.OFFERED.value, LotState.AWARDED.value],
        target=LotState.CANCELLED.value,
    )
    def cancel(self) -> None:
        """It isn't sold as a lot after all."""


class LotUnit(models.Model):
    """A unit or counted goods in a lot, with the value it is listed at and, once awarded, its share of the price."""

    id = models.UUIDField(primary_key=True, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="units")
    position = models.SmallIntegerField()
    device = models.ForeignKey(Device, models.PROTECT, related_name="lotted")
    quantity = models.IntegerField()
    value = models.DecimalField(max_digits=12, decimal_places=2)
    """List value of all its pieces."""
    cost = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    """What all its pieces were bought for, where that is known."""
    share = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=80)
    left_at = models.DateTimeField(null=True, blank=True)
    left_why = models.CharField(max_length=300, blank=True)
    is_open = models.BooleanField(default=True)
    """Whether it is in a lot that is neither sold nor called off."""

    class Meta:
        ordering: ClassVar[list[str]] = ["lot", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["lot", "position"], name="units_of_a_lot_are_numbered"),
            models.UniqueConstraint(fields=["device"], condition=Q(is_open=True), name="one_open_lot_a_unit"),
            models.CheckConstraint(name="a_unit_of_a_lot_has_pieces", condition=Q(quantity__gte=1)),
            models.CheckConstraint(
                name="list_values_are_not_negative",
                condition=Q(value__gte=0) & (Q(share=None) | Q(share__gte=0)),
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.lot_id} {self.position}"

    @property
    def currency(self) -> str:
        return self.lot.currency

    def weight(self, key: str) -> Decimal:
        """Its weight where proceeds are spread by ``key``."""
        match LotKey(key):
            case LotKey.COST:
                return self.cost or Decimal(0)
            case LotKey.PIECES:
                return Decimal(self.quantity)
        return self.value


class LotOffer(models.Model):
    """What a buyer offers for a whole lot. A new one ends the one before."""

    id = models.UUIDField(primary_key=True, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="offers")
    buyer = models.ForeignKey(Organization, models.PROTECT, related_name="lot_offers")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    edition = models.SmallIntegerField()
    """Of the list that it was made for."""
    note = models.CharField(max_length=300, blank=True)
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-amount", "given_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["lot", "buyer"], condition=Q(ended_at=None), name="one_live_offer_a_buyer"),
            models.CheckConstraint(name="an_offer_for_a_lot_is_more_than_nothing", condition=Q(amount__gt=0)),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.amount} for {self.lot_id}"

    @property
    def currency(self) -> str:
        return self.lot.currency
