"""Following the log: typed rows kept up to date by position, and rebuilt from nothing to the same.

A batch of entries says only *which* units changed; each of those is folded anew from its whole chain and compared with the rows that
stand, and only what differs is written. So an entry that came late, a batch of any size, or a batch that runs twice give the same rows.
Rollups are recomputed for the days whose rows changed, never counted up.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models, transaction

from reporting import queueing
from reporting.folding import Said, Story, fold
from reporting.models import (
    NEVER,
    Act,
    Cursor,
    DayFlow,
    MoneyFact,
    Queued,
    QueueTally,
    SanitizationFact,
    Stay,
    VisitFact,
)
from reporting.targets import Targets
from revlog.accounts.models import Hub
from revlog.common.calendars import Calendar
from revlog.devices.journey import ON_HAND, State
from revlog.devices.models import Device, Medium, Posting, Visit

NAME = "figures"
BATCH = 5_000
CHUNK = 1_000
# Giving the price back (as money, credit or another thing, with what is paid on top) undoes or changes the forward sale; what the unit
# itself then brings and costs is its recovery.
UNDONE = frozenset({"refund", "credit", "credit_bonus", "difference", "deposit"})
OF_UNITS: tuple[type[models.Model], ...] = (Stay, VisitFact, SanitizationFact, MoneyFact, Queued, Act)
TABLES: tuple[type[models.Model], ...] = (*OF_UNITS, DayFlow, QueueTally)


@dataclass(frozen=True)
class Followed:
    """What one step did: the positions it read, how many units it folded and rows it wrote."""

    before: int
    position: int
    units: int = 0
    rows: int = 0

    @property
    def entries(self) -> int:
        return self.position - self.before


def _lock(*, wait: bool) -> Cursor | None:
    Cursor.objects.get_or_create(name=NAME)
    return Cursor.objects.select_for_update(skip_locked=not wait).filter(name=NAME).first()


@transaction.atomic
def follow(*, at: datetime, most: int = BATCH, wait: bool = False) -> Followed | None:
    """Read up to ``most`` further entries of the log and bring the rows up to date. None when another process is at it."""
    cursor = _lock(wait=wait)
    if cursor is None:
        return None
    head = min(_head(), cursor.position + most)
    if head <= cursor.position:
        return Followed(cursor.position, cursor.position)
    units, loose = _touched(cursor.position, head)
    rows = _project(units, loose, head)
    before, cursor.position, cursor.at = cursor.position, head, at
    cursor.save(update_fields=["position", "at"])
    return Followed(before, head, len(units), rows)


def catch_up(*, at: datetime, most: int = BATCH) -> int:
    """Follow until the log's end. Returns how many entries were read."""
    read = 0
    while (step := follow(at=at, most=most, wait=True)) is not None and step.entries:
        read += step.entries
    return read


@transaction.atomic
def rebuild(*, at: datetime) -> Followed:
    """Throw every row away and project the whole log again: unit by unit, not batch by batch."""
    cursor = _lock(wait=True)
    if cursor is None:
        raise RuntimeError("The cursor of the figures can't be locked.")
    for table in TABLES:
        table._default_manager.all().delete()
    head = _head()
    units = rows = 0
    for chunk in _chunks(_units(head)):
        rows += _project(chunk, [], head)
        units += len(chunk)
    rows += _project([], _loose(head), head)
    cursor.position, cursor.at = head, at
    cursor.save(update_fields=["position", "at"])
    return Followed(0, head, units, rows)


# What to look at ------------------------------------------------------------------------------------------------------------------


def _ask(sql: str, params: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _head() -> int:
    return int(_ask("SELECT coalesce(max(position), 0) FROM custody_log", [])[0][0])


def _touched(after: int, until: int) -> tuple[list[uuid.UUID], list[uuid.UUID]]:
    """Units with an entry in this part of the log or with money that one of its entries caused; and postings on no unit."""
    units = _ask(
        """
        SELECT DISTINCT e.chain_id FROM custody_log l JOIN custody_entry e ON e.id = l.entry_id
        JOIN devices_device d ON d.id = e.chain_id WHERE l.position > %s AND l.position <= %s
        """,
        [after, until],
    )
    money = _ask(
        """
        SELECT p.id, p.device_id FROM custody_log l JOIN custody_entry e ON e.id = l.entry_id
        JOIN devices_posting p ON p.entry = e.digest WHERE l.position > %s AND l.position <= %s
        """,
        [after, until],
    )
    found = {row[0] for row in units} | {device for _, device in money if device is not None}
    return sorted(found), [posting for posting, device in money if device is None]


def _units(head: int) -> list[uuid.UUID]:
    return [
        row[0]
        for row in _ask(
            """
            SELECT DISTINCT e.chain_id FROM custody_log l JOIN custody_entry e ON e.id = l.entry_id
            JOIN devices_device d ON d.id = e.chain_id WHERE l.position <= %s ORDER BY 1
            """,
            [head],
        )
    ]


def _loose(head: int) -> list[uuid.UUID]:
    return [
        row[0]
        for row in _ask(
            """
            SELECT p.id FROM devices_posting p JOIN custody_entry e ON e.digest = p.entry JOIN custody_log l ON l.entry_id = e.id
            WHERE p.device_id IS NULL AND l.position <= %s
            """,
            [head],
        )
    ]


def _chunks(ids: Sequence[uuid.UUID]) -> Iterator[Sequence[uuid.UUID]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def _entries(units: Sequence[uuid.UUID], head: int) -> dict[uuid.UUID, list[Said]]:
    found: dict[uuid.UUID, list[Said]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT e.chain_id, e.sequence, e.kind, e.occurred_at, e.payload::text, e.owner_id, e.hub_id, e.actor
            FROM custody_entry e JOIN custody_log l ON l.entry_id = e.id
            WHERE e.chain_id = ANY(%s) AND l.position <= %s ORDER BY e.chain_id, e.sequence
            """,
            [list(units), head],
        )
        for chain, sequence, kind, at, payload, owner, hub, actor in cursor.fetchall():
            found[chain].append(Said(sequence, kind, at, json.loads(payload), owner, hub, actor))
    return found


_CAUSED = """
EXISTS (SELECT 1 FROM custody_entry e JOIN custody_log l ON l.entry_id = e.id
        WHERE e.digest = devices_posting.entry AND l.position <= %s)
"""


# Rows -----------------------------------------------------------------------------------------------------------------------------


def _project(units: Sequence[uuid.UUID], loose: Iterable[uuid.UUID], head: int) -> int:
    """Bring the rows of these units, and of postings on no unit, to what the log says up to ``head``. Returns how many changed."""
    written = 0
    days: set[date] = set()
    cells: set[Cell] = set()
    targets = Targets()
    for chunk in _chunks(units):
        wanted = _wanted(chunk, head, targets)
        for table in OF_UNITS:
            gone, fresh = _difference(table, chunk, wanted[table])
            if table is Stay:
                days |= _days_of_moves(gone, fresh)
            elif table is Queued:
                cells |= {_cell(row) for row in (*gone, *fresh) if isinstance(row, Queued)}
            if gone:
                table._default_manager.filter(pk__in=[row.pk for row in gone]).delete()
            table._default_manager.bulk_create(fresh, batch_size=2_000)
            written += len(gone) + len(fresh)
    money = [_money(posting, None) for posting in Posting.objects.filter(pk__in=list(loose))]
    MoneyFact.objects.bulk_create(money, ignore_conflicts=True)
    _roll(days)
    tally(cells)
    return written + len(money)


def _wanted(units: Sequence[uuid.UUID], head: int, targets: Targets) -> dict[type[models.Model], list[models.Model]]:
    entries = _entries(units, head)
    devices = {device.pk: device for device in Device.objects.filter(pk__in=units).select_related("hub")}
    hubs: dict[uuid.UUID, Calendar] = {}
    types = {str(pk): type_ for pk, type_ in Medium.objects.filter(device__in=units).values_list("pk", "type")}
    numbers = dict(Visit.objects.filter(device__in=units).values_list("pk", "number"))
    money = [
        _money(posting, numbers.get(posting.visit_id) if posting.visit_id else None)
        for posting in Posting.objects.filter(device__in=units).extra(where=[_CAUSED], params=[head])  # noqa: S610 - a constant; the ORM knows no log
    ]
    books: dict[tuple[uuid.UUID | None, int | None], list[MoneyFact]] = defaultdict(list)
    for each in money:
        books[each.device_id, each.visit].append(each)
    rows: dict[type[models.Model], list[models.Model]] = {table: [] for table in TABLES}
    rows[MoneyFact] = list(money)
    for unit, said in entries.items():
        device, story = devices[unit], fold(said)
        rows[Stay] += [_stay(device, row) for row in story.stays]
        rows[SanitizationFact] += [_attempt(device, row, types) for row in story.attempts]
        rows[VisitFact] += _visits(device, story, books)
        rows[Act] += [
            Act(
                device_id=unit, device_class=device.device_class, **{name: getattr(row, name) for name in row.__slots__}
            )
            for row in story.acts
        ]
        if device.hub is not None and (standing := queueing.stand(said)) is not None:
            if device.hub.pk not in hubs:
                hubs[device.hub.pk] = device.hub.calendar
            rows[Queued] += _queued(device, device.hub, standing, targets, hubs[device.hub.pk])
    return rows


def _queued(
    device: Device, hub: Hub, standing: queueing.Standing, targets: Targets, calendar: Calendar
) -> list[Queued]:
    """The row of a unit that waits in a queue of its site, none for one that doesn't."""
    if State(standing.state) not in ON_HAND or standing.since is None:
        return []
    hours = targets.hours(
        standing.state, hub=hub.code, device_class=device.device_class, owner=device.owner_id, at=standing.since
    )
    due = queueing.due(standing, hours=hours, calendar=calendar)
    return [
        Queued(
            device_id=device.pk,
            hub_id=hub.pk,
            owner_id=device.owner_id,
            device_class=device.device_class,
            state=standing.state,
            clock=standing.clock,
            since=standing.since,
            due_at=due,
            hour=NEVER if due is None else due.replace(minute=0, second=0, microsecond=0),
        )
    ]


def _stay(device: Device, row: Any) -> Stay:  # noqa: ANN401
    return Stay(
        device_id=device.pk,
        device_class=device.device_class,
        entered_on=row.entered_on,
        **{name: getattr(row, name) for name in row.__slots__},
    )


def _attempt(device: Device, row: Any, types: dict[str, str]) -> SanitizationFact:  # noqa: ANN401
    return SanitizationFact(
        device_id=device.pk,
        device_class=device.device_class,
        medium_type=types.get(row.medium, ""),
        **{name: getattr(row, name) for name in row.__slots__},
    )


def _visits(
    device: Device, story: Story, books: dict[tuple[uuid.UUID | None, int | None], list[MoneyFact]]
) -> list[VisitFact]:
    made = []
    for row in story.visits:
        money = books.get((device.pk, row.number), [])
        made.append(
            VisitFact(
                device_id=device.pk,
                device_class=device.device_class,
                tag=device.tag,
                face=device.face,
                **{name: getattr(row, name) for name in row.__slots__},
                **{
                    f"recovery_{book}": sum(
                        (each.amount for each in money if each.book == book and each.account not in UNDONE), Decimal(0)
                    )
                    for book in ("ours", "client", "seller")
                },
                postings=len(money),
            )
        )
    return made


def _money(posting: Posting, visit: int | None) -> MoneyFact:
    return MoneyFact(
        id=posting.pk,
        device_id=posting.device_id,
        visit=visit,
        book=posting.book,
        account=posting.account,
        amount=posting.base_amount,
        at=posting.occurred_at,
        owner_id=posting.owner_id,
        hub_id=posting.hub_id,
    )


def values(row: models.Model) -> tuple[Any, ...]:
    """A row without its surrogate key: what two projections of the same log agree on."""
    keep = [field for field in row._meta.concrete_fields if not (field.primary_key and not isinstance(row, MoneyFact))]
    return tuple(field.to_python(getattr(row, field.attname)) for field in keep)


def _difference(
    table: type[models.Model], units: Sequence[uuid.UUID], wanted: Sequence[models.Model]
) -> tuple[list[models.Model], list[models.Model]]:
    """Rows of these units that stand and shouldn't, and rows that should and don't."""
    standing = {values(row): row for row in table._default_manager.filter(device_id__in=units)}
    fresh = [row for row in wanted if standing.pop(values(row), None) is None]
    return list(standing.values()), fresh


def _days_of_moves(gone: Iterable[models.Model], fresh: Iterable[models.Model]) -> set[date]:
    """The days whose count of moves changes: a stay that only got its end leaves them as they are."""

    def moves(rows: Iterable[models.Model]) -> set[tuple[Any, ...]]:
        return {
            (r.device_id, r.ordinal, r.entered_on, r.hub_id, r.owner_id, r.device_class, r.came_from, r.state)
            for r in rows
            if isinstance(r, Stay) and r.ordinal == r.began
        }

    return {move[2] for move in moves(gone) ^ moves(fresh)}


Cell = tuple[uuid.UUID, str, str, datetime]


def _cell(row: Queued) -> Cell:
    return row.hub_id, row.state, row.clock, row.hour


def tally(cells: Iterable[Cell]) -> None:
    """Count these hours of the queues anew."""
    wanted = sorted(cells, key=str)
    if not wanted:
        return
    said = [list(column) for column in zip(*wanted, strict=True)]
    asked = "unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[]) AS c (hub_id, state, clock, hour)"
    same = "t.hub_id = c.hub_id AND t.state = c.state AND t.clock = c.clock AND t.hour = c.hour"
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM reporting_queuetally t USING {asked} WHERE {same}", said)  # noqa: S608 - constants
        cursor.execute(
            f"""
            INSERT INTO reporting_queuetally (hub_id, state, clock, hour, units, oldest)
            SELECT c.hub_id, c.state, c.clock, c.hour, count(*), min(t.since)
            FROM {asked} JOIN reporting_queued t ON {same} GROUP BY 1, 2, 3, 4
            """,  # noqa: S608
            said,
        )


def _roll(days: Iterable[date]) -> None:
    wanted = sorted(days)
    if not wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reporting_dayflow WHERE day = ANY(%s)", [wanted])
        cursor.execute(
            """
            INSERT INTO reporting_dayflow (day, hub_id, owner_id, device_class, came_from, state, units)
            SELECT entered_on, hub_id, owner_id, device_class, came_from, state, count(*) FROM reporting_stay
            WHERE entered_on = ANY(%s) AND ordinal = began
            GROUP BY entered_on, hub_id, owner_id, device_class, came_from, state
            """,
            [wanted],
        )
