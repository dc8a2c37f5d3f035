"""Signed roots over the log, each minute when there is news and at once when a certificate needs one, published outside the database."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from revlog.custody import merkle, signing
from revlog.custody.digests import utc_text
from revlog.custody.models import Checkpoint, Entry, LogPlace, Subtree
from revlog.custody.services import sequencer

LOCK = 7_215_002


def key() -> signing.CheckpointKey:
    return signing.CheckpointKey.load_or_create(Path(settings.VAR) / "keys")


def public_keys() -> dict[str, str]:
    """Key id -> public key in hex, of this install's present and former keys."""
    key()
    return signing.public_keys(Path(settings.VAR) / "keys")


def origin() -> str:
    return settings.BASE_URL or "revlog"


def lookup(level: int, index: int) -> bytes:
    """The hash of a completed subtree; level 0 are the leaves."""
    return bytes(Subtree.objects.values_list("hash", flat=True).get(level=level, index=index))


def make(*, at: datetime) -> Checkpoint | None:
    """A checkpoint over all that is placed, or None when nothing is new since the last one."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        last = Checkpoint.objects.order_by("-size").first()
        size = last.size if last else 0
        fresh = list(
            LogPlace.objects.filter(position__gt=size).order_by("position").values_list("position", "entry__digest")
        )
        if not fresh:
            return None
        frontier = merkle.Frontier.load(size=size, lookup=lookup)
        rows = [
            Subtree(level=subtree.level, index=subtree.index, hash=subtree.hash)
            for _position, digest in fresh
            for subtree in frontier.append(merkle.leaf_hash(bytes.fromhex(digest)))
        ]
        Subtree.objects.bulk_create(rows, batch_size=2000)
        signed = signing.sign_checkpoint(origin=origin(), size=fresh[-1][0], root=frontier.root(), at=at, key=key())
        row = Checkpoint.objects.create(
            size=signed["size"],
            root=signed["root"],
            at=at,
            key_id=signed["key_id"],
            origin=signed["origin"],
            signature=signed["signature"],
        )
        transaction.on_commit(lambda: publish(row))
    return row


def as_signed(row: Checkpoint) -> signing.Checkpoint:
    """The statement as it was signed."""
    return signing.Checkpoint(
        format=signing.FORMAT,
        origin=row.origin,
        size=row.size,
        root=row.root,
        at=utc_text(row.at),
        key_id=row.key_id,
        signature=row.signature,
    )


def publish(row: Checkpoint) -> None:
    """Append it to a file outside the database, one JSON line each: whoever keeps a copy would see the log rewritten."""
    folder = Path(settings.VAR) / "checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{row.at:%Y-%m}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(as_signed(row), sort_keys=True, separators=(",", ":")) + "\n")


def covering(entry: Entry, *, at: datetime) -> Checkpoint:
    """The first checkpoint that covers ``entry``; made now, when the log or the checkpoints are not so far yet."""
    place = LogPlace.objects.filter(entry=entry).first()
    if place is None:
        sequencer.sequence_now()
        place = LogPlace.objects.get(entry=entry)
    found = first_covering(place.position)
    if found is None:
        make(at=at)
        found = first_covering(place.position)
    if found is None:
        raise LookupError(f"No checkpoint covers position {place.position}.")
    return found


def first_covering(position: int) -> Checkpoint | None:
    return Checkpoint.objects.filter(size__gte=position).order_by("size").first()
