"""Parts in stock that a recall names: by number, by the maker's lot, or taken out of a unit in it. The bench stops them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from returns import recall_range
from returns.facts import recalls as facts
from returns.models import Criterion, Range, Recall, RecallStatus
from returns.services.recalls import lock, say
from revlog.accounts.actors import Actor
from revlog.custody.models import Entry

MOST = 500

_BY_NUMBER = """
    SELECT e.chain_id, e.payload->>'number' FROM custody_entry e
     WHERE e.kind = 'refurb.part_stocked' AND upper(e.payload->>'number') = ANY(%s)"""
_BY_LOT = """
    SELECT e.chain_id, e.payload->>'number' FROM custody_entry e
     WHERE e.kind = 'refurb.lot_stocked' AND upper(e.payload->>'lot') = ANY(%s)"""
_BY_ORIGIN = """
    SELECT e.chain_id, e.payload->>'number' FROM custody_entry e
     WHERE e.kind = 'refurb.part_stocked' AND e.payload->>'parent_chain' = ANY(%s)"""


def _origins(criteria: Sequence[Criterion]) -> list[str]:
    """The units whose parts are in it wherever these lie."""
    follow = [one for one in criteria if one.with_parts or one.range == Range.TAKEN_FROM]
    if not follow:
        return []
    found = {one.parent_id for one in follow if one.parent_id is not None}
    asked = recall_range.devices(follow)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT f.device_id FROM ({asked.sql}) f", asked.params)  # noqa: S608 - pieces of ours, values apart
        found |= {row[0] for row in cursor.fetchall()}
    return [f"unit:{one}" for one in found]


def named(criteria: Sequence[Criterion], *, only: uuid.UUID | None = None) -> dict[uuid.UUID, str]:
    """The stocks of parts that these criteria name, with their part numbers; ``only`` asks about one."""

    def told(kind: Range) -> list[str]:
        return [one.text.strip().upper() for one in criteria if one.range == kind]

    found: dict[uuid.UUID, str] = {}
    asked = [(_BY_NUMBER, told(Range.PART)), (_BY_LOT, told(Range.PART_LOT)), (_BY_ORIGIN, _origins(criteria))]
    with connection.cursor() as cursor:
        for sql, values in asked:
            if values:
                narrowed = f"{sql} AND e.chain_id = %s" if only is not None else sql
                cursor.execute(narrowed, [values, *([only] if only is not None else [])])
                found |= dict(cursor.fetchall())
    return found


def stop(
    recall: Recall, criteria: Sequence[Criterion], *, only: uuid.UUID | None = None, by: Actor, at: datetime
) -> int:
    """Say which stocks are in the recall, each once a campaign; the bench stops them by it. Gives how many were new."""
    found = named(criteria, only=only)
    if not found:
        return 0
    with transaction.atomic():
        row = lock(recall.pk)
        if row.status != RecallStatus.OPEN or row.mock:
            return 0
        said = {
            one
            for told in Entry.objects.filter(chain_id=row.pk, kind=facts.PartsRecalled.kind)
            for one in told.payload["parts"]
        }
        fresh = sorted((number, pk) for pk, number in found.items() if f"part:{pk}" not in said)
        for start in range(0, len(fresh), MOST):
            some = fresh[start : start + MOST]
            names = list(dict.fromkeys(number for number, _pk in some))
            more = f" (+{len(names) - 20})" if len(names) > 20 else ""
            fact = facts.PartsRecalled(
                recall=str(row.pk),
                number=row.number,
                title=row.title,
                parts=[f"part:{pk}" for _number, pk in some],
                names=", ".join(names[:20]) + more,
            )
            say(row, fact, by=by, at=at)
    return len(fresh)
