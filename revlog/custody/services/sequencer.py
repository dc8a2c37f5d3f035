"""Giving every committed entry its place in the one log."""

from __future__ import annotations

from django.db import connection, transaction

LOCK = 7_215_001
BATCH = 20_000


def sequence(*, most: int = BATCH) -> int:
    """Place the entries that have committed, gapless, and say how many; 0 when another process is at it.

    One at a time (advisory lock). An entry that commits later is placed later, whatever its id: readers by position skip nothing.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        return _place(most)


def sequence_now() -> None:
    """Place everything that has committed, waiting for a sequencer that is at it: for one who needs an entry's place at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        while _place(BATCH) == BATCH:
            pass


def _place(most: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH taken AS (
                DELETE FROM custody_unplaced WHERE entry_id IN (
                    SELECT entry_id FROM custody_unplaced ORDER BY entry_id LIMIT %s
                ) RETURNING entry_id
            ), last AS (
                SELECT coalesce(max(position), 0) AS position FROM custody_log
            )
            INSERT INTO custody_log (position, entry_id)
            SELECT last.position + row_number() OVER (ORDER BY entry_id), entry_id FROM taken, last
            """,
            [most],
        )
        return int(cursor.rowcount)
