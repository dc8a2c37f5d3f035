"""Keeping the outbox's promises: lease one, do the work, write result and "done" together.

A worker that dies leaves its lease; when it has run out, another takes the reaction. The result of a worker that was only slow is
refused then, because its lease is no longer its own: the effect happens once, whoever gets there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from revlog.common.errors import DomainError
from revlog.custody import outbox
from revlog.custody.models import Reaction
from revlog.custody.services import waking

log = logging.getLogger(__name__)
MOST_ATTEMPTS = 12


class LeaseLost(DomainError):
    """Another worker has the reaction by now; this one's result is dropped."""

    code = "lease_lost"


@dataclass(frozen=True)
class Lease:
    id: int
    until: datetime


def lease(*, queues: Iterable[str], at: datetime) -> Lease | None:
    """Take the next due reaction of these queues that nobody holds, or None. Counts the attempt."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, queue, handler FROM custody_reaction
            WHERE queue = ANY(%s) AND done_at IS NULL AND parked_at IS NULL AND due_at <= %s
              AND (leased_until IS NULL OR leased_until < %s)
            ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
            """,
            [list(queues), at, at],
        )
        row = cursor.fetchone()
        if row is None:
            return None
        handler = outbox.named(row[2])
        own = handler.held_for if handler is not None else None
        until = at + (own or timedelta(seconds=settings.LEASE_SECONDS[row[1]]))
        cursor.execute(
            "UPDATE custody_reaction SET leased_until = %s, attempts = attempts + 1 WHERE id = %s", [until, row[0]]
        )
        return Lease(row[0], until)


def perform(held: Lease, *, at: datetime, raising: bool = False) -> bool:
    """Do the work of a leased reaction. True when done; False when it failed and was put back or parked.

    ``raising`` lets the failure out after it was noted, for tests and simulated runs.
    """
    reaction = Reaction.objects.select_related("entry").get(pk=held.id)
    handler = outbox.named(reaction.handler)
    try:
        if handler is None:
            raise LookupError(f"No handler is called {reaction.handler}.")
        if handler.slow:
            finish = outbox.call(handler, reaction.entry, at)
            with transaction.atomic():
                _claim(held)
                if finish is not None:
                    finish()
                _done(held, at)
        else:
            with transaction.atomic():
                _claim(held)
                outbox.call(handler, reaction.entry, at)
                _done(held, at)
    except LeaseLost:
        log.info("Reaction %s of %s was finished by another worker.", held.id, reaction.handler)
        return False
    except Exception as error:
        _put_back(held, reaction, error, at)
        if raising:
            raise
        log.exception("Reaction %s (%s) failed, attempt %s.", held.id, reaction.handler, reaction.attempts)
        return False
    return True


def _claim(held: Lease) -> None:
    """Lock the row as ours: the same lease, not done. Held to the end, so a second worker waits and then loses."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM custody_reaction WHERE id = %s AND leased_until = %s AND done_at IS NULL FOR UPDATE",
            [held.id, held.until],
        )
        if cursor.fetchone() is None:
            raise LeaseLost("Another worker has this by now.")


def _done(held: Lease, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE custody_reaction SET done_at = %s, leased_until = NULL, error = '' WHERE id = %s", [at, held.id]
        )


def _put_back(held: Lease, reaction: Reaction, error: Exception, at: datetime) -> None:
    parked = at if reaction.attempts >= MOST_ATTEMPTS else None
    wait = timedelta(seconds=min(2**reaction.attempts, 3600))
    text = f"{type(error).__name__}: {error}"[:2000]
    Reaction.objects.filter(pk=held.id, leased_until=held.until, done_at=None).update(
        leased_until=None, due_at=at + wait, parked_at=parked, error=text
    )


def drain(*, at: datetime, queues: Iterable[str] = outbox.QUEUES, raising: bool = True, most: int = 1_000_000) -> int:
    """Do every due reaction, in order, in this process, until none is left; tests and simulated runs use it. Returns how many."""
    done = 0
    while done < most and (held := lease(queues=queues, at=at)) is not None:
        perform(held, at=at, raising=raising)
        done += 1
    return done


def retry(reaction: Reaction, *, at: datetime) -> Reaction:
    """Give a parked reaction its attempts back: the button beside it."""
    Reaction.objects.filter(pk=reaction.pk, done_at=None).update(
        parked_at=None, attempts=0, due_at=at, leased_until=None
    )
    waking.after_commit({reaction.queue})
    reaction.refresh_from_db()
    return reaction


def spread(*, queue: str, at: datetime, apart: timedelta) -> int:
    """Make what waits on a queue due one after the other from ``at`` on, the newest first: a backlog must not stand before what somebody
    asks for now. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE custody_reaction r SET due_at = %s + n.place * %s * interval '1 second'
            FROM (
                SELECT id, row_number() OVER (ORDER BY due_at DESC, id DESC) AS place FROM custody_reaction
                WHERE queue = %s AND done_at IS NULL AND parked_at IS NULL AND leased_until IS NULL
            ) n WHERE r.id = n.id
            """,
            [at, apart.total_seconds(), queue],
        )
        return int(cursor.rowcount)


def due_queues(*, at: datetime) -> list[str]:
    """Queues with work that nobody holds."""
    return list(
        Reaction.objects.open()
        .filter(due_at__lte=at)
        .exclude(leased_until__gte=at)
        .order_by("queue")
        .values_list("queue", flat=True)
        .distinct()
    )
