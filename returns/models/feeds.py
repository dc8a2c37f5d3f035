"""Secret addresses at which a person's calendar program reads what falls due."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from typing_extensions import override

from revlog.accounts.models import User


class CalendarFeed(models.Model):
    """One person's address, known by its digest alone: it is shown once. Who has it reads what that person may see, until it is revoked."""

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="calendar_feeds")
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the secret in the address."""
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(revoked_at=None), name="one_calendar_address_a_person"
            ),
        ]

    @override
    def __str__(self) -> str:
        return str(self.id)
