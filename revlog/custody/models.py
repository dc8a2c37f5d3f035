"""The ledger: chains of entries that are never changed, one log that orders them all, and what follows from each entry."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.common.words import Audience
from revlog.custody import facts
from revlog.custody.digests import FIRST_PREVIOUS

if TYPE_CHECKING:
    from collections.abc import Iterable


class Chain(models.Model):
    """The history of one thing: a unit, a shipment, a job, a container, an RMA. Its id is the thing's own id.

    A chain per thing, so that units never wait for each other; the row is the lock and the head of its chain.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)
    head_sequence = models.IntegerField(default=0)
    head_digest = models.CharField(max_length=64, default=FIRST_PREVIOUS)

    @override
    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """``unit:<uuid>``: how entries, exports and certificates name the chain."""
        return f"{self.kind}:{self.id}"


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, actor: Actor) -> EntryQuerySet:
        """Operators see the entries of their hubs, others those that were written while the thing was theirs."""
        if actor.is_operator:
            return self if not actor.hubs else self.filter(Q(hub_id__in=actor.hubs) | Q(hub_id=None))
        if actor.organization_id is None:
            return self.none()
        return self.filter(owner_id=actor.organization_id)


class Entry(models.Model):
    """One fact about one thing: what, when in the world, when written, by whom, and the digest that holds it in its place.

    The digest covers everything but ``recorded_at`` and the access columns ``owner_id`` and ``hub_id``, which say who may read it.
    PostgreSQL refuses any UPDATE or DELETE (``append_only``); a wrong entry is answered by another that cites it.
    """

    chain = models.ForeignKey(Chain, models.PROTECT, related_name="entries", db_index=False)
    sequence = models.IntegerField()
    kind = models.CharField(max_length=60)
    version = models.SmallIntegerField(default=1)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    key = models.CharField(max_length=120, default="", blank=True)
    payload = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    owner_id = models.UUIDField(null=True)
    hub_id = models.UUIDField(null=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["chain", "sequence"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["chain", "sequence"], name="one_entry_a_place"),
            models.UniqueConstraint(fields=["digest"], name="one_entry_a_digest"),
            models.UniqueConstraint(fields=["chain", "key"], condition=~Q(key=""), name="a_key_appends_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["kind", "occurred_at"], name="entries_of_a_kind"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.chain_id} {self.sequence} {self.kind}"

    def told_to(self, audience: Audience) -> str | None:
        return facts.told(self.kind, self.version, self.payload, audience)


class Unplaced(models.Model):
    """Entries that committed and wait for their place in the log. Ids are given before commit, so a reader by id would skip some."""

    entry = models.OneToOneField(Entry, models.CASCADE, primary_key=True)

    @override
    def __str__(self) -> str:
        return str(self.entry_id)


class LogPlace(models.Model):
    """The one order of all entries, gapless and append-only: position 1, 2, 3 ... in the order the sequencer saw them committed."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="place")

    class Meta:
        db_table = "custody_log"

    @override
    def __str__(self) -> str:
        return str(self.position)


class Subtree(models.Model):
    """A completed subtree of the log's Merkle tree: kept so that roots and proofs of any size cost a few look-ups."""

    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["level", "index"], name="one_hash_a_subtree"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Checkpoint(models.Model):
    """A signed root over the first ``size`` entries of the log; published outside the database, so that it can't be rewritten alone."""

    size = models.BigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)
    at = models.DateTimeField()
    key_id = models.CharField(max_length=16)
    origin = models.CharField(max_length=200)
    signature = models.CharField(max_length=128)

    class Meta:
        get_latest_by = "size"

    @override
    def __str__(self) -> str:
        return f"{self.size} {self.root[:12]}"


class ReactionQuerySet(models.QuerySet["Reaction"]):
    def open(self) -> ReactionQuerySet:
        return self.filter(done_at=None, parked_at=None)

    def parked(self) -> ReactionQuerySet:
        return self.filter(done_at=None).exclude(parked_at=None)

    def of(self, entries: Iterable[Entry]) -> ReactionQuerySet:
        return self.filter(entry__in=list(entries))


class Reaction(models.Model):
    """Work that follows from an entry, written with it: the outbox. A message to a worker is only a wake-up; this row is the promise.

    A worker leases it, does slow work outside any transaction, then writes result and ``done_at`` together. After twelve failures it
    is parked and shown with a retry button.
    """

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="reactions")
    handler = models.CharField(max_length=100)
    key = models.CharField(max_length=200)
    queue = models.CharField(max_length=20)
    due_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    error = models.TextField(default="", blank=True)

    objects = ReactionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["key"], name="one_reaction_a_key"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["queue", "due_at"], name="reactions_to_do", condition=Q(done_at=None, parked_at=None)),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.handler} of {self.entry_id}"


class Heartbeat(models.Model):
    """When a kind of process was last seen alive; what /healthz reads."""

    name = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()

    @override
    def __str__(self) -> str:
        return self.name
