"""What a person has in hand on a tablet."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from typing_extensions import override

from revlog.accounts.models import User


class Hand(models.Model):
    """What lies open for one person at one tablet: the job, and what it is about (a session, a parcel, a bin to count).

    On the server and not in the browser's session: scans that waited for the net are played in order after a new sign-in, and find
    the same things open. Another person at the same tablet has a hand of their own.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="hands")
    tablet = models.CharField(max_length=64, blank=True)
    """The browser's own id of itself (`tablets.py`)."""
    open = models.JSONField(default=dict)
    recent = models.JSONField(default=list)
    """The lines at the foot of the page, newest first."""
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "tablet"], name="one_hand_a_tablet"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.person_id} {self.tablet}"
