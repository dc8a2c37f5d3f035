"""Price lists as somebody sent them: looked through first, taken when somebody says so."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.evidence.models import Artifact


class ListKind(models.TextChoices):
    PRICES = "prices", _("prices for the book")
    OBSERVATIONS = "observations", _("sales and offers to learn from")


class PriceList(models.Model):
    """A file with prices or observations, its bytes as they came, what of it could be read, and who took it. Its id is its chain's."""

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=12, choices=ListKind.choices)
    artifact = models.ForeignKey(Artifact, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    source = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    lines = models.PositiveIntegerField()
    good = models.PositiveIntegerField()
    refused = models.JSONField(default=list)
    """[[line, sentence]], the first of them."""
    sent_by = models.CharField(max_length=80)
    sent_at = models.DateTimeField()
    taken_by = models.CharField(max_length=80, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-sent_at", "-id"]

    @override
    def __str__(self) -> str:
        return self.name
