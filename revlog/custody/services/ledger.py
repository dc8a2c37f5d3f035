"""Writing on the ledger: entry, head of chain, place to come, and reactions, as one statement in the caller's transaction."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.custody import outbox, since
from revlog.custody.digests import FIRST_PREVIOUS, entry_digest
from revlog.custody.facts import Fact
from revlog.custody.models import Chain, Entry
from revlog.custody.services import waking


class ChainMoved(DomainError):
    """Somebody appended between the look and the write; the caller holds no lock on the chain. Nothing was written."""

    code = "chain_moved"


@dataclass
class Head:
    """Where a chain stands, as read under its lock."""

    id: uuid.UUID
    kind: str
    sequence: int = 0
    digest: str = FIRST_PREVIOUS

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True)
class Also:
    """A further write that must happen in the very same statement: an ``UPDATE`` or ``INSERT`` without semicolon, and its values."""

    sql: str
    params: Sequence[Any] = field(default_factory=tuple)


@contextmanager
def together() -> Iterator[None]:
    """The caller's transaction, or one of its own where there is none. No savepoint: who goes on after a refusal makes one."""
    if connection.in_atomic_block:
        yield
    else:
        with transaction.atomic():
            yield


def _moved(sentence: str) -> ChainMoved:
    """Half of it is written by now: nothing of this transaction, or of its innermost savepoint, may be kept."""
    if connection.in_atomic_block:
        transaction.set_rollback(True)
    return ChainMoved(sentence)


def open_chain(kind: str, id: uuid.UUID) -> Head:
    """Begin the chain of a new thing. Raises IntegrityError when the thing has one already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO custody_chain (id, kind, head_sequence, head_digest) VALUES (%s, %s, 0, %s)",
            [id, kind, FIRST_PREVIOUS],
        )
    return Head(id=id, kind=kind)


def lock(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Head]:
    """The heads of these chains, locked in key order until the transaction ends. Unknown ids are left out."""
    wanted = sorted(set(ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, kind, head_sequence, head_digest FROM custody_chain WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            [wanted],
        )
        return {row[0]: Head(*row) for row in cursor.fetchall()}


def head_of(thing: uuid.UUID) -> Head:
    """The locked head of one chain. Raises Chain.DoesNotExist."""
    found = lock([thing])
    if thing not in found:
        raise Chain.DoesNotExist(f"Nothing has the chain {thing}.")
    return found[thing]


def already(chain: uuid.UUID, key: str) -> Entry | None:
    """The entry that an earlier run of the same job appended, if any."""
    return Entry.objects.filter(chain_id=chain, key=key).first() if key else None


def draft(
    head: Head, fact: Fact, *, by: Actor, at: datetime, key: str = "", more: Mapping[str, Any] | None = None
) -> Entry:
    """The entry that ``fact`` would be, digest included; moves ``head`` on. Nothing is written.

    ``more`` joins the payload: what the mover knows and the fact does not (``state_from``, ``state_to``). Raises ChangedSince for an
    act that comes late, where another person has written on the chain since it was made.
    """
    if head.sequence:
        since.refuse_when_changed(head.kind, head.id)
    payload = fact.payload() | dict(more or {})
    sequence = head.sequence + 1
    digest = entry_digest(
        chain=head.name,
        sequence=sequence,
        kind=fact.kind,
        version=fact.version,
        occurred_at=at,
        actor=by.reference,
        key=key,
        payload=payload,
        previous=head.digest,
    )
    entry = Entry(
        chain_id=head.id,
        sequence=sequence,
        kind=fact.kind,
        version=fact.version,
        occurred_at=at,
        recorded_at=clock.now(),  # when the system wrote it; never part of the digest
        actor=by.reference,
        key=key,
        payload=payload,
        previous=head.digest,
        digest=digest,
    )
    head.sequence, head.digest = sequence, digest
    return entry


_ONE = """
WITH entry AS (
    INSERT INTO custody_entry (chain_id, sequence, kind, version, occurred_at, recorded_at, actor, key, payload, previous, digest,
                               owner_id, hub_id)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
), unplaced AS (
    INSERT INTO custody_unplaced (entry_id) SELECT id FROM entry
), chain AS (
    {chain} RETURNING id
)"""
_MOVE_ONE_ON = _ONE.format(
    chain="UPDATE custody_chain SET head_sequence = %s, head_digest = %s WHERE id = %s AND head_sequence = %s"
)
_OPEN_ONE = _ONE.format(
    chain="INSERT INTO custody_chain (head_sequence, head_digest, id, kind) VALUES (%s, %s, %s, %s)"
)
_REACTIONS = """, reactions AS (
    INSERT INTO custody_reaction (entry_id, handler, key, queue, due_at, attempts, error)
    SELECT entry.id, r.handler, r.handler || ':' || %s, r.queue, %s, 0, '' FROM entry, unnest(%s, %s) AS r (handler, queue)
)"""


def write(entry: Entry, *, opening: str = "", also: Also | None = None) -> Entry:
    """Put a drafted entry down with all that belongs to it. Raises ChainMoved when the chain wasn't locked and moved on.

    ``opening`` begins the chain, of that kind, with this entry. Raises IntegrityError when the thing has one already.
    """
    handlers = outbox.handlers_of(entry.kind)
    params: list[Any] = [
        entry.chain_id, entry.sequence, entry.kind, entry.version, entry.occurred_at, entry.recorded_at, entry.actor, entry.key,
        json.dumps(entry.payload), entry.previous, entry.digest, entry.owner_id, entry.hub_id,
        entry.sequence, entry.digest, entry.chain_id, opening or entry.sequence - 1,
    ]  # fmt: skip
    sql = _OPEN_ONE if opening else _MOVE_ONE_ON
    if handlers:
        sql += _REACTIONS
        params += [entry.digest, entry.occurred_at, [h.name for h in handlers], [h.queue for h in handlers]]
    if also is not None:
        sql += f", thing AS ({also.sql} RETURNING 1)"
        params += also.params
        sql += "SELECT entry.id, (SELECT count(*) FROM chain), (SELECT count(*) FROM thing) FROM entry"
    else:
        sql += "SELECT entry.id, (SELECT count(*) FROM chain), 1 FROM entry"
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        entry.pk, chains, things = cursor.fetchone()
    if chains != 1 or things != 1:
        raise _moved("Somebody else acted on this at the same moment; look again and repeat.")
    entry._state.adding = False
    waking.promised([(entry, h) for h in handlers])
    return entry


def append(
    chain: uuid.UUID,
    fact: Fact,
    *,
    by: Actor,
    at: datetime,
    key: str = "",
    owner: uuid.UUID | None = None,
    hub: uuid.UUID | None = None,
) -> Entry:
    """Say ``fact`` on ``chain``, locking it. A ``key`` that was used there before gives the entry it made then.

    ``owner`` and ``hub`` say who may read the entry; units pass theirs, other things their own.
    """
    with together():
        head = head_of(chain)
        if (earlier := already(chain, key)) is not None:
            return earlier
        entry = draft(head, fact, by=by, at=at, key=key)
        entry.owner_id, entry.hub_id = owner, hub
        return write(entry)


def begin(
    kind: str,
    id: uuid.UUID,
    fact: Fact,
    *,
    by: Actor,
    at: datetime,
    key: str = "",
    owner: uuid.UUID | None = None,
    hub: uuid.UUID | None = None,
) -> Entry:
    """Open the chain of a new thing with its first fact."""
    with together():
        entry = draft(Head(id=id, kind=kind), fact, by=by, at=at, key=key)
        entry.owner_id, entry.hub_id = owner, hub
        return write(entry, opening=kind)


_MOVE_ON = """UPDATE custody_chain c SET head_sequence = h.last, head_digest = h.digest
                FROM unnest(%s::uuid[], %s::int[], %s::int[], %s::text[]) AS h (id, first, last, digest)
                WHERE c.id = h.id AND c.head_sequence = h.first RETURNING c.id"""
_OPEN = """INSERT INTO custody_chain (id, kind, head_sequence, head_digest)
                SELECT h.id, %s, h.last, h.digest
                FROM unnest(%s::uuid[], %s::int[], %s::int[], %s::text[]) AS h (id, first, last, digest) RETURNING id"""


def write_many(entries: Sequence[Entry], *, opening: str = "", also: Also | None = None) -> list[Entry]:
    """Put many drafted entries down, set-based: the same rows as ``write`` would, a handful of statements for any number.

    Several entries of one chain are allowed, in order. ``opening`` begins the chains, all of that kind, with these entries. ``also`` runs
    after them, in the same transaction.
    """
    if not entries:
        return []
    heads = {entry.chain_id: entry for entry in entries}
    firsts: dict[uuid.UUID, int] = {}
    for entry in entries:
        firsts.setdefault(entry.chain_id, entry.sequence - 1)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH given AS (
                SELECT * FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::smallint[], %s::timestamptz[],
                    %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::uuid[])
                AS e (chain_id, sequence, kind, version, occurred_at, recorded_at, actor, key, payload, previous, digest,
                      owner_id, hub_id)
            ), entry AS (
                INSERT INTO custody_entry (chain_id, sequence, kind, version, occurred_at, recorded_at, actor, key, payload,
                                           previous, digest, owner_id, hub_id)
                SELECT chain_id, sequence, kind, version, occurred_at, recorded_at, actor, key, payload::jsonb, previous,
                       digest, owner_id, hub_id
                FROM given RETURNING id, digest
            ), unplaced AS (
                INSERT INTO custody_unplaced (entry_id) SELECT id FROM entry
            ), chain AS (
                """  # noqa: S608 - one of two statements of ours
            + (_OPEN if opening else _MOVE_ON)
            + """
            )
            SELECT digest, id, (SELECT count(*) FROM chain) FROM entry
            """,
            [
                [e.chain_id for e in entries],
                [e.sequence for e in entries],
                [e.kind for e in entries],
                [e.version for e in entries],
                [e.occurred_at for e in entries],
                [e.recorded_at for e in entries],
                [e.actor for e in entries],
                [e.key for e in entries],
                [json.dumps(e.payload) for e in entries],
                [e.previous for e in entries],
                [e.digest for e in entries],
                [e.owner_id for e in entries],
                [e.hub_id for e in entries],
                *([opening] if opening else []),
                list(heads),
                [firsts[chain] for chain in heads],
                [entry.sequence for entry in heads.values()],
                [entry.digest for entry in heads.values()],
            ],
        )
        written = cursor.fetchall()
        if written[0][2] != len(heads):
            raise _moved("Somebody else acted on one of these at the same moment; look again and repeat.")
        numbers = {digest: number for digest, number, _chains in written}
        for entry in entries:
            entry.pk = numbers[entry.digest]
            entry._state.adding = False
        promised = [(e, h) for e in entries for h in outbox.handlers_of(e.kind)]
        if promised:
            cursor.execute(
                """
                INSERT INTO custody_reaction (entry_id, handler, key, queue, due_at, attempts, error)
                SELECT r.entry_id, r.handler, r.key, r.queue, r.due_at, 0, ''
                FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
                     AS r (entry_id, handler, key, queue, due_at)
                """,
                [
                    [e.pk for e, _ in promised],
                    [h.name for _, h in promised],
                    [f"{h.name}:{e.digest}" for e, h in promised],
                    [h.queue for _, h in promised],
                    [e.occurred_at for e, _ in promised],
                ],
            )
        if also is not None:
            cursor.execute(also.sql, also.params)
    waking.promised(promised)
    return list(entries)
