"""Proof: bytes by their digest, what each is used for, and the documents we issue."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import Q
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization


class Artifact(models.Model):
    """Bytes kept once, under their SHA-256, exactly as they came. Erased bytes leave this row as their tombstone."""

    digest = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    stored_as = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)
    erased_why = models.CharField(max_length=200, blank=True)

    @override
    def __str__(self) -> str:
        return self.digest[:12]


class Attachment(models.Model):
    """A use of an artifact: on whose chain, what for, who may look, until when it must be kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    artifact = models.ForeignKey(Artifact, models.PROTECT, related_name="attachments")
    chain_id = models.UUIDField()
    use = models.CharField(max_length=40)
    """report, photo_receipt, photo_bay, photo_destruction, signature ..."""
    name = models.CharField(max_length=200, blank=True)
    """File name as sent, for people; never a path of ours."""
    audience = models.CharField(max_length=10, default="staff")
    keep_until = models.DateField(null=True, blank=True)
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["added_at"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["chain_id"], name="attachments_of_a_thing")]

    @override
    def __str__(self) -> str:
        return f"{self.use} {self.artifact_id[:12]}"


READERS: Mapping[str, tuple[str, ...]] = {
    "claim_letter": ("logistics.carriers", "money.view"),
    "delivery_sheet": ("logistics.view",),
    "handover_paper": ("logistics.view",),
    "receiving_report": ("returns.view", "logistics.view"),
}
"""Of these kinds, which hold prices or the signatures of drivers, our own people read only what belongs to their work: who has one of
the permissions. Every other kind is for all who may see documents; whose document it is reads it anyhow."""


def closed_to(actor: Actor) -> list[str]:
    """The kinds of documents that one of our own people doesn't read."""
    return [kind for kind, needs in READERS.items() if not any(actor.may(one) for one in needs)]


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, actor: Actor) -> DocumentQuerySet:
        if actor.is_operator:
            rows = self.exclude(kind__in=closed) if (closed := closed_to(actor)) else self
            return rows if not actor.hubs else rows.filter(Q(hub_id__in=actor.hubs) | Q(hub_id=None))
        if actor.organization_id is None:
            return self.none()
        return self.filter(owner_id=actor.organization_id)


class Document(models.Model):
    """A document that was issued: number, what made it, its signed bytes, and how far into the chain it speaks.

    The embedded export holds the chain up to ``sequence``, whose entry caused it; the entry that records the document follows and is
    not in it. One document for each cause and kind: ``key`` makes issuing it again give the one that stands.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=30, unique=True)
    kind = models.CharField(max_length=40)
    template = models.CharField(max_length=60)
    """Template and version, such as certificate-of-sanitization/1."""
    language = models.CharField(max_length=5, default="en")
    chain_id = models.UUIDField()
    sequence = models.IntegerField()
    head_digest = models.CharField(max_length=64)
    checkpoint_size = models.BigIntegerField(null=True, blank=True)
    artifact = models.ForeignKey(Artifact, models.PROTECT, related_name="documents")
    context = models.JSONField(default=dict)
    """What the template was given: primitives, without personal data."""
    key = models.CharField(max_length=160, unique=True)
    issued_at = models.DateTimeField()
    owner = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="documents")
    hub_id = models.UUIDField(null=True, blank=True)
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaces")

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-issued_at"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["chain_id"], name="documents_of_a_thing"),
            models.Index(fields=["owner", "issued_at"], name="documents_of_an_owner"),
        ]

    @override
    def __str__(self) -> str:
        return self.number


class Numbering(models.Model):
    """The last number given in a series and year; the row is the lock, so that numbers have no gaps and no twins."""

    series = models.CharField(max_length=20, primary_key=True)
    last = models.IntegerField(default=0)

    @override
    def __str__(self) -> str:
        return f"{self.series} {self.last}"


class Reservation(models.Model):
    """A document that is being made: its number, id and moment, given once for its key, before anything slow begins.

    A worker that dies while it renders leaves this row, and the next one makes the same document: same number, same id, no gap.
    """

    key = models.CharField(max_length=160, primary_key=True)
    document = models.UUIDField(unique=True)
    number = models.CharField(max_length=30, unique=True)
    at = models.DateTimeField()

    @override
    def __str__(self) -> str:
        return self.number
