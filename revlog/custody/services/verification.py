"""Checking the ledger as it stands in the database: a list of small functions, each naming what it holds to be true."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from typing_extensions import override

from revlog.custody import merkle, signing
from revlog.custody.canonical import UnfitPayload
from revlog.custody.digests import FIRST_PREVIOUS, UnableToDigest, entry_digest
from revlog.custody.models import Chain, Checkpoint, Entry, LogPlace
from revlog.custody.services import checkpoints


@dataclass(frozen=True)
class Break:
    """Where the ledger doesn't hold: the chain, the entry where there is one, and why."""

    check: str
    chain: str
    sequence: int | None
    why: str

    @override
    def __str__(self) -> str:
        place = f" entry {self.sequence}" if self.sequence is not None else ""
        return f"{self.chain}{place}: {self.why}"


Check = Callable[[Chain, list[Entry]], list[Break]]


def entries_are_gapless(chain: Chain, entries: list[Entry]) -> list[Break]:
    """Sequences run 1, 2, 3 ... to the chain's head."""
    for expected, entry in enumerate(entries, start=1):
        if entry.sequence != expected:
            return [Break("gapless", chain.name, expected, "is missing.")]
    if len(entries) != chain.head_sequence:
        return [Break("gapless", chain.name, None, f"has {len(entries)} entries, its head says {chain.head_sequence}.")]
    return []


def links_hold(chain: Chain, entries: list[Entry]) -> list[Break]:
    """Each entry cites the digest of the one before, the first one zeros."""
    previous = FIRST_PREVIOUS
    for entry in entries:
        if entry.previous != previous:
            return [Break("links", chain.name, entry.sequence, "does not cite the entry before it.")]
        previous = entry.digest
    return []


def digests_hold(chain: Chain, entries: list[Entry]) -> list[Break]:
    """Each digest is that of what the entry says, on this chain."""
    found = []
    for entry in entries:
        try:
            digest = entry_digest(
                chain=chain.name,
                sequence=entry.sequence,
                kind=entry.kind,
                version=entry.version,
                occurred_at=entry.occurred_at,
                actor=entry.actor,
                key=entry.key,
                payload=entry.payload,
                previous=entry.previous,
            )
        except (UnableToDigest, UnfitPayload) as error:
            found.append(Break("digests", chain.name, entry.sequence, str(error)))
            continue
        if digest != entry.digest:
            found.append(
                Break("digests", chain.name, entry.sequence, "says something else than its digest was taken over.")
            )
    return found


def head_is_the_last_entry(chain: Chain, entries: list[Entry]) -> list[Break]:
    """The chain's head is the digest of its last entry."""
    last = entries[-1].digest if entries else FIRST_PREVIOUS
    if chain.head_digest != last:
        return [Break("head", chain.name, chain.head_sequence, "is not what the chain's head says.")]
    return []


CHECKS: tuple[Check, ...] = (entries_are_gapless, links_hold, digests_hold, head_is_the_last_entry)


def chain(id: uuid.UUID) -> list[Break]:
    """Every break of one chain."""
    row = Chain.objects.get(pk=id)
    entries = list(Entry.objects.filter(chain=row).order_by("sequence"))
    return [found for check in CHECKS for found in check(row, entries)]


def all_chains() -> Iterator[Break]:
    """Every break of every chain, streamed: one chain in memory at a time."""
    for row in Chain.objects.order_by("id").iterator(chunk_size=500):
        entries = list(Entry.objects.filter(chain=row).order_by("sequence"))
        for check in CHECKS:
            yield from check(row, entries)


def the_log() -> Iterator[Break]:
    """The log is gapless, and every checkpoint is signed and is the root over the entries as they are now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), coalesce(max(position), 0) FROM custody_log")
        count, last = cursor.fetchone()
    if count != last:
        yield Break("log", "log", None, f"has {count} places up to position {last}.")
        return
    keys = checkpoints.public_keys()
    frontier = merkle.Frontier()
    marks = {row.size: row for row in Checkpoint.objects.order_by("size")}
    if marks and max(marks) > last:
        yield Break("checkpoints", "log", None, f"a checkpoint covers {max(marks)} entries, the log has {last}.")
    rows = LogPlace.objects.order_by("position").values_list("position", "entry__digest")
    for position, digest in rows.iterator(chunk_size=5000):
        frontier.append(merkle.leaf_hash(bytes.fromhex(digest)))
        mark = marks.get(position)
        if mark is None:
            continue
        signer = keys.get(mark.key_id)
        if signer is None or not signing.verify_checkpoint(checkpoints.as_signed(mark), bytes.fromhex(signer)):
            yield Break(
                "checkpoints", "log", None, f"the checkpoint over {mark.size} entries is not signed by a key of ours."
            )
        if frontier.root().hex() != mark.root:
            yield Break(
                "checkpoints", "log", None, f"the first {mark.size} entries are not those of the checkpoint over them."
            )


def against(kept: list[dict[str, Any]]) -> Iterator[Break]:
    """Every checkpoint that somebody kept outside is still the root over the same entries: nothing was rewritten since."""
    wanted = {int(each["size"]): each for each in kept}
    frontier = merkle.Frontier()
    rows = LogPlace.objects.order_by("position").values_list("position", "entry__digest")
    for position, digest in rows.iterator(chunk_size=5000):
        frontier.append(merkle.leaf_hash(bytes.fromhex(digest)))
        each = wanted.pop(position, None)
        if each is not None and frontier.root().hex() != each["root"]:
            yield Break(
                "against",
                "log",
                None,
                f"the first {position} entries are not those that the kept checkpoint was signed over.",
            )
    for size in wanted:
        yield Break("against", "log", None, f"a kept checkpoint covers {size} entries; the log no longer has them.")
