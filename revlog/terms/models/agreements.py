"""Agreements with suppliers, what was bought of them, and how long models are on the market."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.devices.models import Device, ProductModel
from revlog.terms import agreeing


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, actor: Actor) -> AgreementQuerySet:
        """The operator's people see all, a supplier's those with them."""
        if actor.is_operator:
            return self
        if actor.organization_id is None:
            return self.none()
        return self.filter(supplier_id=actor.organization_id)

    def in_force(self, on: date) -> AgreementQuerySet:
        """Those of their version that hold on a day, newest version first."""
        rows = self.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)
        return rows.order_by("supplier", "-version")


class Agreement(models.Model):
    """One version of what we agreed with a supplier about goods that go back to them. Its id is its chain's.

    Nothing is ever edited: other terms are another version, and what was asked for under an old one stays under it. Of those that hold
    on a day, the highest version counts.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    supplier = models.ForeignKey(Organization, models.PROTECT, related_name="agreements")
    version = models.SmallIntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    terms = models.JSONField()
    note = models.CharField(max_length=300, blank=True)
    digest = models.CharField(max_length=64)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()

    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["supplier", "-version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["supplier", "version"], name="agreements_are_numbered"),
            models.CheckConstraint(
                name="an_agreement_ends_after_it_begins", condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from"))
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.supplier_id} {self.version}"

    @property
    def says(self) -> agreeing.VendorTerms:
        """Its terms, read."""
        terms, problems = agreeing.read(self.terms)
        if terms is None:
            raise ValueError(f"Version {self.version} can't be read: {problems[0].sentence}")
        return terms


class Purchase(models.Model):
    """What a unit or counted lot was bought for, of whom, and until when it keeps. The price is of one piece."""

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.OneToOneField(Device, models.PROTECT, related_name="purchase")
    supplier = models.ForeignKey(Organization, models.PROTECT, related_name="supplied")
    order_number = models.CharField(max_length=60, blank=True)
    """Of our purchase order; empty where nobody has it any more."""
    bought_on = models.DateField()
    received_on = models.DateField(null=True, blank=True)
    quantity = models.IntegerField(default=1)
    """Pieces that were bought with it, whatever is left of them."""
    price = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3, default="EUR")
    sealed = models.BooleanField(default=False)
    expires_on = models.DateField(null=True, blank=True)
    noted_by = models.CharField(max_length=80)
    noted_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-bought_on", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="a_purchase_price_is_not_negative", condition=Q(price__gte=0)),
            models.CheckConstraint(name="a_purchase_has_pieces", condition=Q(quantity__gte=0)),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["supplier", "bought_on"], name="purchases_of_a_supplier")
        ]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} of {self.supplier_id}"


class Lifecycle(models.Model):
    """How long a model is on the market: out of date since a day, followed by another, or of a season that ends. Its id is its chain's."""

    id = models.UUIDField(primary_key=True, editable=False)
    product = models.OneToOneField(ProductModel, models.PROTECT, related_name="lifecycle")
    obsolete_since = models.DateField(null=True, blank=True)
    successor = models.ForeignKey(ProductModel, models.PROTECT, null=True, blank=True, related_name="+")
    season_ends_on = models.DateField(null=True, blank=True)
    set_by = models.CharField(max_length=80)
    set_at = models.DateTimeField()

    @override
    def __str__(self) -> str:
        return str(self.product_id)
