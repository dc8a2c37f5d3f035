"""What was written to people outside: every message as it was sent, kept until the person is erased."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.terms.models.orders import Contact


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, actor: Actor) -> MessageQuerySet:
        if actor.is_operator:
            return self
        if actor.organization_id is None:
            return self.none()
        return self.filter(organization_id=actor.organization_id)


class Message(models.Model):
    """A mail that follows from a fact. ``key`` names fact and mail, and ``message_id`` comes from it: sent twice, it is one mail.

    The row is written before the mail is handed over and marked ``sent_at`` after; between the two a worker may die, and then the same
    mail goes again under the same Message-ID.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=60)
    """Which template: ``returns/mail/approved``."""
    thing = models.CharField(max_length=60, blank=True)
    """What it is about: ``rma:<uuid>``."""
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="messages")
    """In whose name it was written."""
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="messages")
    to = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=5, default="en")
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    message_id = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["thing"], name="messages_about_a_thing"),
            models.Index(fields=["created_at", "id"], name="messages_by_age"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.thing}"
