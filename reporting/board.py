"""The live board of a site: queues with their age and whose clock, today's receipts, work by team. Counted from rollups, never from units.

Each figure is asked for by a few words that stand in its link as well, so that the list behind it is the same question.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncHour

from reporting.folding import ACTS, OURS, RECEIVED, SENT_OUT
from reporting.models import Act, Cursor, Queued, Team, TeamMember
from reporting.targets import DWELL, QUEUES
from revlog.accounts.models import Hub
from revlog.common.errors import BadInput, Reason
from revlog.devices.journey import State
from revlog.logistics import queries as docks
from revlog.logistics.models import Appointment, AppointmentStatus, DeliveryLine, LineStatus

CLOCKS: Mapping[str, tuple[str, ...]] = {
    OURS: (OURS, "assessor"),
    "customer": ("customer",),
    "client": ("client",),
    "vendor": ("vendor", "part"),
    "carrier": ("carrier",),
    "buyer": ("buyer",),
}
"""Whose clock runs, and what a unit then waits for: an assessor is one of ours, a part comes from its vendor."""
WHOSE = {waited: whose for whose, all_of in CLOCKS.items() for waited in all_of}
WORK = (*dict.fromkeys([RECEIVED, "put_away", *ACTS.values()]), SENT_OUT)
"""The columns of the work done, in the order in which a unit passes them."""
NO_TEAM = "none"
PAGE = 50


# Queues -----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """Some units of a queue: how many there are, are late, will be late by the end of the day, are so late that it is an alarm."""

    units: int = 0
    late: int = 0
    today: int = 0
    alarm: int = 0
    oldest: datetime | None = None

    def __add__(self, other: Bar) -> Bar:
        oldest = min((one for one in (self.oldest, other.oldest) if one is not None), default=None)
        return Bar(
            self.units + other.units, self.late + other.late, self.today + other.today, self.alarm + other.alarm, oldest
        )


@dataclass(frozen=True)
class Queue:
    state: State
    clocks: Mapping[str, Bar]

    @property
    def all(self) -> Bar:
        return sum(self.clocks.values(), Bar())

    @property
    def ours(self) -> Bar:
        return self.clocks.get(OURS, Bar())


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def alarm_after(at: datetime) -> timedelta:
    """So long past its target a unit is an alarm."""
    return timedelta(hours=float(DWELL.in_force(at)["units_hours"]))


def queues(hub: Hub, *, at: datetime, alarm: timedelta) -> list[Queue]:
    """Every queue of a site, by whose clock runs. Whole hours come from the rollup; the three that a moment cuts, from their rows."""
    _begin, end = docks.bounds(hub, hub.calendar.local(at).date())
    moments = [at, end, at - alarm]
    hours = [_hour(one) for one in moments]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT state, clock, sum(units), coalesce(sum(units) FILTER (WHERE hour < %s), 0),
                   coalesce(sum(units) FILTER (WHERE hour < %s), 0), coalesce(sum(units) FILTER (WHERE hour < %s), 0), min(oldest)
            FROM reporting_queuetally WHERE hub_id = %s GROUP BY state, clock
            """,
            [*hours, hub.pk],
        )
        whole = cursor.fetchall()
        cursor.execute(
            """
            SELECT state, clock, count(*) FILTER (WHERE hour = %s AND due_at <= %s),
                   count(*) FILTER (WHERE hour = %s AND due_at <= %s), count(*) FILTER (WHERE hour = %s AND due_at <= %s)
            FROM reporting_queued WHERE hub_id = %s AND hour = ANY(%s) GROUP BY state, clock
            """,
            [*(one for pair in zip(hours, moments, strict=True) for one in pair), hub.pk, hours],
        )
        cut = {(state, clock): counts for state, clock, *counts in cursor.fetchall()}
    found: dict[str, dict[str, Bar]] = {state.value: {} for state in QUEUES}
    for state, clock, units, late, today, alarms, oldest in whole:
        more = cut.get((state, clock), (0, 0, 0))
        bar = Bar(int(units), int(late) + more[0], int(today) + more[1], int(alarms) + more[2], oldest)
        bar = replace(bar, today=bar.today - bar.late)
        whose = WHOSE.get(clock, OURS)
        if state in found:
            found[state][whose] = found[state].get(whose, Bar()) + bar
    return [Queue(State(state), clocks) for state, clocks in found.items()]


@dataclass(frozen=True)
class Asked:
    """Which units of the queues: of a state, on a clock, and how late."""

    state: str = ""
    clock: str = ""
    late: str = ""
    """``late``, ``today`` or ``alarm``, else all."""

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Asked:
        """Raises BadInput for words that no figure has."""
        told = cls(values.get("state", ""), values.get("clock", ""), values.get("late", ""))
        known = ({"", *(state.value for state in QUEUES)}, {"", *CLOCKS}, {"", "late", "today", "alarm"})
        if any(one not in allowed for one, allowed in zip((told.state, told.clock, told.late), known, strict=True)):
            raise BadInput(Reason("no_such", "There is no such figure on the board."))
        return told

    def count(self, found: Sequence[Queue]) -> int:
        """The figure that the board shows for these words."""
        bar = Bar()
        for queue in found:
            if self.state in {"", queue.state.value}:
                bar = sum((one for whose, one in queue.clocks.items() if self.clock in {"", whose}), bar)
        return int(getattr(bar, self.late or "units"))


def waiting(hub: Hub, asked: Asked, *, at: datetime, alarm: timedelta) -> QuerySet[Queued]:
    """The units behind a figure of the queues, longest there first."""
    rows = Queued.objects.filter(hub_id=hub.pk)
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.clock:
        rows = rows.filter(clock__in=CLOCKS[asked.clock])
    if asked.late == "today":
        _begin, end = docks.bounds(hub, hub.calendar.local(at).date())
        # The hours are what an index reads it by.
        rows = rows.filter(hour__gte=_hour(at), hour__lte=_hour(end), due_at__gt=at, due_at__lte=end)
    elif asked.late:
        rows = rows.filter(due_at__lte=at - alarm if asked.late == "alarm" else at)
    return rows.order_by("since", "device_id")


def after(rows: QuerySet[Queued], mark: str) -> QuerySet[Queued]:
    """Those that come after a row, which ``mark`` names; all for a mark that says nothing."""
    since, _comma, unit = mark.partition(",")
    try:
        moment, key = datetime.fromisoformat(since), uuid.UUID(unit)
    except ValueError:
        return rows
    if moment.tzinfo is None:
        return rows
    return rows.filter(since__gte=moment).exclude(since=moment, device_id__lte=key)


def mark(row: Queued) -> str:
    return f"{row.since.isoformat()},{row.device_id}"


# What was done today ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hour:
    """An hour of the day at the site: what the dock plan expects, what was scanned off, what was received."""

    begins: datetime
    planned: int
    parcels: int
    units: int


@dataclass(frozen=True)
class Row:
    """What one team did today, by kind of work."""

    team: str
    name: str
    done: Mapping[str, int]


@dataclass(frozen=True)
class Day:
    hours: Sequence[Hour]
    rows: Sequence[Row]
    done: Mapping[str, int]
    planned: int
    parcels: int
    trucks: int
    trucks_late: int


def day(hub: Hub, *, at: datetime) -> Day:
    """Today at a site, until now: receipts by hour against the plan of the docks, and work by team."""
    begin, end = docks.bounds(hub, hub.calendar.local(at).date())
    zone = hub.calendar.tz
    acts = (
        Act.objects.filter(hub_id=hub.pk, at__gte=begin, at__lt=end)
        .annotate(hour=TruncHour("at", tzinfo=zone))
        .values_list("act", "actor", "hour")
        .annotate(n=Count("pk"))
    )
    teams, of = _teams(hub)
    done: dict[str, Counter[str]] = {str(team.pk): Counter() for team in teams}
    received: Counter[datetime] = Counter()
    for act, actor, hour, n in acts:
        done.setdefault(of.get(actor, NO_TEAM), Counter())[act] += n
        if act == RECEIVED:
            received[hour] += n
    plan = Appointment.objects.filter(hub=hub, begins_at__gte=begin, begins_at__lt=end).exclude(
        status=AppointmentStatus.CANCELLED
    )
    planned: Counter[datetime] = Counter()
    late = 0
    trucks = list(plan.only("begins_at", "ends_at", "parcels", "status"))
    for one in trucks:
        planned[_hour(one.begins_at.astimezone(zone))] += one.parcels
        late += docks.is_late(one, at=at)
    scanned = (
        DeliveryLine.objects.filter(delivery__hub=hub, status=LineStatus.COUNTED)
        .filter(scanned_at__gte=begin, scanned_at__lt=end, delivery__begun_at__gte=begin - timedelta(days=1))
        .annotate(hour=TruncHour("scanned_at", tzinfo=zone))
        .values_list("hour")
        .annotate(n=Count("pk"))
    )
    parcels: Counter[datetime] = Counter(dict(scanned))
    names = {str(team.pk): team.name for team in teams}
    return Day(
        hours=[
            Hour(hour, planned[hour], parcels[hour], received[hour])
            for hour in _hours_of(hub, begin, [*received, *planned, *parcels])
        ],
        rows=[Row(team, names.get(team, ""), counted) for team, counted in done.items()],
        done=sum(done.values(), Counter()),
        planned=planned.total(),
        parcels=parcels.total(),
        trucks=len(trucks),
        trucks_late=late,
    )


def _hours_of(hub: Hub, begin: datetime, seen: Sequence[datetime]) -> list[datetime]:
    """From the hour in which the site opens or the first thing happens to the last; of a closed and quiet day, none."""
    marks = [one.astimezone(hub.calendar.tz) for one in seen]
    window = hub.calendar.window(hub.calendar.local(begin).date())
    if window is not None:
        marks += [
            _hour(window[0].astimezone(hub.calendar.tz)),
            _hour((window[1] - timedelta(seconds=1)).astimezone(hub.calendar.tz)),
        ]
    if not marks:
        return []
    first, last = min(marks), max(marks)
    return [first + timedelta(hours=n) for n in range(int((last - first).total_seconds() // 3600) + 1)]


def teams_of(hub: Hub) -> list[Team]:
    return list(Team.objects.filter(hub=hub, active=True))


def _teams(hub: Hub) -> tuple[list[Team], dict[str, str]]:
    teams = teams_of(hub)
    members = TeamMember.objects.filter(hub=hub, team__active=True).values_list("user_id", "team_id")
    return teams, {f"user:{user}": str(team) for user, team in members}


@dataclass(frozen=True)
class Done:
    """Which work of today: of which kind, of which team, in which hour of the site's day."""

    act: str = ""
    team: str = ""
    hour: int | None = None

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Done:
        """Raises BadInput for words that no figure has."""
        act, team, hour = values.get("act", ""), values.get("team", ""), values.get("hour", "")
        wrong = act not in {"", *WORK} or (hour != "" and not (hour.isascii() and hour.isdigit() and int(hour) < 24))
        if not wrong and team not in {"", NO_TEAM}:
            try:
                uuid.UUID(team)
            except ValueError:
                wrong = True
        if wrong:
            raise BadInput(Reason("no_such", "There is no such figure on the board."))
        return cls(act, team, int(hour) if hour else None)


def work(hub: Hub, asked: Done, *, at: datetime) -> QuerySet[Act]:
    """The acts behind a figure of today, newest first."""
    begin, end = docks.bounds(hub, hub.calendar.local(at).date())
    rows = Act.objects.filter(hub_id=hub.pk, at__gte=begin, at__lt=end)
    if asked.act:
        rows = rows.filter(act=asked.act)
    if asked.hour is not None:
        first = begin.replace(hour=asked.hour)
        rows = rows.filter(at__gte=first, at__lt=first + timedelta(hours=1))
    if asked.team:
        _all, of = _teams(hub)
        whose = Q(actor__in=[actor for actor, team in of.items() if asked.team in {team, NO_TEAM}])
        rows = rows.exclude(whose) if asked.team == NO_TEAM else rows.filter(whose)
    return rows.order_by("-at", "-ordinal")


def read_at() -> datetime | None:
    """Until when the board has read the ledger."""
    return Cursor.objects.values_list("at", flat=True).first()


def total(found: Sequence[Queue]) -> Bar:
    return sum((queue.all for queue in found), Bar())


def ours(found: Sequence[Queue]) -> Bar:
    return sum((queue.ours for queue in found), Bar())
