"""The catalog: what kinds of thing there are to recognise."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from typing_extensions import override

from revlog.devices import classes


class ProductModel(models.Model):
    """A maker's model ("Lenovo ThinkPad T480"). Its class says what data it can hold and what waste it would be."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    manufacturer = models.CharField(max_length=120)
    name = models.CharField(max_length=200)
    device_class = models.CharField(max_length=20, choices=classes.CHOICES)
    aliases = models.JSONField(default=list, blank=True)
    """Other spellings by which reports and sellers name it, in lower case."""
    grams = models.IntegerField(null=True, blank=True)
    list_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    released_at = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["manufacturer", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["manufacturer", "name"], name="one_model_a_name"),
        ]

    @override
    def __str__(self) -> str:
        return (
            self.name if self.name.lower().startswith(self.manufacturer.lower()) else f"{self.manufacturer} {self.name}"
        )


class Variant(models.Model):
    """A model as it is sold: storage, memory, color. What pools, prices and orders are about."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    product = models.ForeignKey(ProductModel, models.PROTECT, related_name="variants")
    name = models.CharField(max_length=200, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    sku = models.CharField(max_length=60, unique=True)
    gtin = models.CharField(max_length=14, blank=True, db_index=True)
    list_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["product", "name"]

    @override
    def __str__(self) -> str:
        return f"{self.product}, {self.name}" if self.name else str(self.product)
