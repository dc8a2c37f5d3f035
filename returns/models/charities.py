"""Charities that sellers can give the sum to: from a day to a day, each with the account that it is paid to."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from typing_extensions import override

from revlog.accounts.models import Organization


class CharityQuerySet(models.QuerySet["Charity"]):
    def on(self, day: date) -> CharityQuerySet:
        """Those that can be chosen on a day."""
        ended = Q(until__isnull=False, until__lt=day)
        return self.filter(since__lte=day, organization__active=True).exclude(ended).select_related("organization")


class Charity(models.Model):
    """Its id is its chain's. What was chosen stays: who chose it before it ended is paid to the account of this row.

    Another account is another row, so that what was given can be read by the account that it went to.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="charities")
    iban = models.CharField(max_length=34)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    """Both days included."""
    listed_by = models.CharField(max_length=80)
    listed_at = models.DateTimeField()

    objects = CharityQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["organization__name", "-since", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="a_charity_ends_after_it_began", condition=Q(until=None) | Q(until__gte=F("since"))
            ),
            models.UniqueConstraint(
                fields=["organization"], condition=Q(until=None), name="a_charity_is_listed_once_without_an_end"
            ),
        ]

    @override
    def __str__(self) -> str:
        return self.organization.name
