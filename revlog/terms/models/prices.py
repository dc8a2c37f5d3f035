"""Prices: what a thing in a grade is expected to bring."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.models import Organization
from revlog.devices.models import ProductModel, Variant
from revlog.devices.models.device import GRADES


class Basis(models.TextChoices):
    """Where a price comes from: a person's word, a list that was imported, our own sales, a model that learned."""

    SET = "set", _("set by hand")
    IMPORTED = "imported", _("from a price list")
    SALES = "sales", _("from our own sales")
    LEARNED = "learned", _("learned from sales and lists")


class Price(models.Model):
    """One line of the price book: what a variant (or, where none is named, a model) in a grade is expected to bring from a day on.

    A new price is another line; the one in force is the latest that has begun. ``organization`` narrows it to one seller's goods,
    ``channel`` to one way of selling; a price without a channel holds where the channel has none of its own. Of ten sales one is
    expected below ``low`` and one above ``high``.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    variant = models.ForeignKey(Variant, models.PROTECT, null=True, blank=True, related_name="prices")
    product = models.ForeignKey(ProductModel, models.PROTECT, related_name="prices")
    grade = models.CharField(max_length=3, choices=GRADES)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="prices")
    channel = models.CharField(max_length=24, blank=True, default="")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    low = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    high = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    observations = models.PositiveIntegerField(null=True, blank=True)
    """From how many sales or offers it was made, None where nobody said."""
    basis = models.CharField(max_length=8, choices=Basis.choices, default=Basis.SET)
    currency = models.CharField(max_length=3, default="EUR")
    source = models.CharField(max_length=60, blank=True)
    """Whose list, or which version of the price model."""
    learned_by = models.ForeignKey("terms.PriceModel", models.PROTECT, null=True, blank=True, related_name="prices")
    """None for every price that a person or a list said."""
    valid_from = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    """When it holds no more; None until a later one begins. What was learned is stale by itself some day."""
    set_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["product", "variant", "grade", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["product", "variant", "grade", "organization", "channel", "currency", "valid_from"],
                name="one_price_at_a_time",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="what_was_learned_names_its_model_and_ends",
                condition=Q(basis="learned", learned_by__isnull=False, ends_at__isnull=False)
                | (~Q(basis="learned") & Q(learned_by=None)),
            ),
            models.CheckConstraint(name="an_expected_price_is_not_negative", condition=Q(amount__gte=0)),
            models.CheckConstraint(
                name="a_price_lies_in_its_band",
                condition=(Q(low=None) | Q(low__lte=F("amount"))) & (Q(high=None) | Q(high__gte=F("amount"))),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["product", "grade", "valid_from"], name="prices_in_force"),
            models.Index(
                fields=["product", "channel", "variant", "grade", "basis", "-valid_from"], name="prices_of_a_channel"
            ),
            models.Index(fields=["learned_by", "product"], name="prices_of_a_model", condition=Q(basis="learned")),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.product_id} {self.grade} {self.amount} {self.currency}"
