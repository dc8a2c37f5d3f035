"""Returnable packaging: kinds of it, an account with each partner and a stock at each site, and what moved between them."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.devices.models import Device


class PackagingKind(models.TextChoices):
    TOTE = "tote", _("tote")
    PALLET = "pallet", _("pallet")
    CAGE = "cage", _("cage")
    CARTON = "carton", _("carton")
    DUNNAGE = "dunnage", _("dunnage")


class PackagingMoveKind(models.TextChoices):
    GIVEN = "given", _("given out")
    BACK = "back", _("came back")
    BACK_DAMAGED = "back_damaged", _("came back damaged")
    LOST = "lost", _("lost by the partner")
    FOUND = "found", _("found again")
    BOUGHT = "bought", _("bought")
    KEPT = "kept", _("kept from what arrived")
    CLEANED = "cleaned", _("cleaned")
    REPAIRED = "repaired", _("repaired")
    RETIRED = "retired", _("retired")
    USED = "used", _("used to pack")
    RECYCLED = "recycled", _("sent to recycling")
    COUNTED = "counted", _("counted")


class PackagingType(models.Model):
    """A kind of packaging that goes out and comes back. What a partner pays by default stands here, what was agreed with one on the
    account."""

    code = models.SlugField(max_length=30, primary_key=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=PackagingKind.choices)
    length_mm = models.IntegerField(null=True, blank=True)
    width_mm = models.IntegerField(null=True, blank=True)
    height_mm = models.IntegerField(null=True, blank=True)
    """Inside, where something is packed in it."""
    grams = models.IntegerField(null=True, blank=True)
    """Of one piece, empty."""
    deposit = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    price = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    """What a lost one costs."""
    waiting_days = models.IntegerField(default=30)
    cleaned = models.BooleanField(default=False)
    """Whether it is cleaned before it goes out again."""
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["kind", "name"]

    @override
    def __str__(self) -> str:
        return self.name

    @property
    def size(self) -> str:
        sides = (self.length_mm, self.width_mm, self.height_mm)
        return " × ".join(str(one) for one in sides) + " mm" if all(sides) else ""

    @property
    def volume(self) -> int:
        return (self.length_mm or 0) * (self.width_mm or 0) * (self.height_mm or 0)


class AccountQuerySet(models.QuerySet["PackagingAccount"]):
    def visible_to(self, actor: Actor) -> AccountQuerySet:
        """The operator's people see the accounts with all partners and the stock of their sites; a partner sees its own."""
        if actor.is_operator:
            return self.filter(Q(hub=None) | Q(hub__in=Hub.objects.worked_by(actor)))
        if actor.organization_id is None:
            return self.none()
        return self.filter(partner_id=actor.organization_id)


class PackagingAccount(models.Model):
    """One kind of packaging with one partner, or in stock at one site. Its id is its chain's."""

    id = models.UUIDField(primary_key=True, editable=False)
    type = models.ForeignKey(PackagingType, models.PROTECT, related_name="accounts")
    partner = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="packaging")
    hub = models.ForeignKey(Hub, models.PROTECT, null=True, blank=True, related_name="packaging")
    deposit = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    price = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    waiting_days = models.IntegerField(null=True, blank=True)
    """As agreed with this partner; empty: as for everybody."""
    opened_at = models.DateTimeField()

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["partner__name", "hub__name", "type__name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["type", "partner"], condition=Q(hub=None), name="one_account_a_partner"),
            models.UniqueConstraint(fields=["type", "hub"], condition=Q(partner=None), name="one_stock_a_site"),
            models.CheckConstraint(
                name="an_account_is_with_a_partner_or_at_a_site",
                condition=Q(partner=None, hub__isnull=False) | Q(partner__isnull=False, hub=None),
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.type_id} {self.partner_id or self.hub_id}"

    @property
    def deposit_each(self) -> Decimal:
        return self.deposit if self.deposit is not None else self.type.deposit

    @property
    def price_each(self) -> Decimal:
        return self.price if self.price is not None else self.type.price

    @property
    def days(self) -> int:
        return self.waiting_days if self.waiting_days is not None else self.type.waiting_days


class PackagingMove(models.Model):
    """So many pieces moved, and what that changed: with the partner, ready, to be cleaned, damaged. Never changed: a slip is answered by
    another move."""

    id = models.UUIDField(primary_key=True, editable=False)
    account = models.ForeignKey(PackagingAccount, models.PROTECT, related_name="moves")
    type = models.ForeignKey(PackagingType, models.PROTECT, related_name="+")
    partner = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=14, choices=PackagingMoveKind.choices)
    quantity = models.IntegerField()
    at_partner = models.IntegerField(default=0)
    ready = models.IntegerField(default=0)
    dirty = models.IntegerField(default=0)
    damaged = models.IntegerField(default=0)
    grams = models.IntegerField(null=True, blank=True)
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    """The weight of material that it became."""
    reference = models.CharField(max_length=60, blank=True)
    """The delivery note, receipt or shipment that it went with."""
    occurred_at = models.DateTimeField()
    entry = models.CharField(max_length=64)
    """Digest of the entry that says so."""
    key = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["occurred_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="a_packaging_move_happens_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["hub", "type"], name="packaging_of_a_site"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.quantity} {self.type_id}"
