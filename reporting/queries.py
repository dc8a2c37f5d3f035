"""Questions about the figures: each number comes with how many it is made of, and each can name the units behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import (
    Avg,
    Count,
    DurationField,
    Exists,
    F,
    Field,
    FloatField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Sum,
)
from django.db.models.aggregates import Aggregate
from django.db.models.functions import TruncWeek

from reporting.filters import Filters
from reporting.folding import DESTROYED, FAILED, VERIFIED
from reporting.models import Cursor, DayFlow, SanitizationFact, Stay, VisitFact
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common.errors import NotFound
from revlog.devices.journey import ON_HAND, State

REUSED = (State.SOLD.value, State.RESTOCKED.value, State.DONATED.value, State.DEPLOYED.value)
CAME = ~Q(outcome__in=[State.NOT_RECEIVED.value])
HERE = [state.value for state in ON_HAND]


class Median(Aggregate):
    """A percentile that PostgreSQL interpolates; the median unless ``at`` says another share."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(at)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field: Field[Any, Any] = DurationField()

    def __init__(self, expression: Any, at: float = 0.5, **extra: Any) -> None:  # noqa: ANN401
        super().__init__(expression, at=at, **extra)


def _narrowed(rows: QuerySet[Any], filters: Filters) -> QuerySet[Any]:
    if filters.hub:
        rows = rows.filter(hub_id=filters.hub)
    if filters.organization:
        rows = rows.filter(owner_id=filters.organization)
    return rows


def _of(table: Any, actor: Actor, filters: Filters) -> QuerySet[Any]:  # noqa: ANN401
    return _narrowed(table.objects.visible_to(actor), filters)


# Units behind a figure ------------------------------------------------------------------------------------------------------------


def _received(rows: QuerySet[VisitFact], f: Filters, _said: Mapping[str, str]) -> QuerySet[VisitFact]:
    return rows.filter(received_at__gte=f.begin, received_at__lt=f.end)


def _ended(rows: QuerySet[VisitFact], f: Filters, said: Mapping[str, str]) -> QuerySet[VisitFact]:
    rows = rows.filter(CAME, ended_at__gte=f.begin, ended_at__lt=f.end)
    return rows.filter(outcome=said["outcome"]) if said.get("outcome") else rows


def _reused(rows: QuerySet[VisitFact], f: Filters, said: Mapping[str, str]) -> QuerySet[VisitFact]:
    return _ended(rows, f, said).filter(outcome__in=REUSED)


def _valued(rows: QuerySet[VisitFact], f: Filters, said: Mapping[str, str]) -> QuerySet[VisitFact]:
    return _ended(rows, f, said).filter(postings__gt=0)


def _here(rows: QuerySet[VisitFact], _f: Filters, said: Mapping[str, str]) -> QuerySet[VisitFact]:
    rows = rows.filter(state__in=HERE, ended_at=None)
    return rows.filter(state=said["state"]) if said.get("state") else rows


def _graded(rows: QuerySet[VisitFact], f: Filters, said: Mapping[str, str]) -> QuerySet[VisitFact]:
    rows = rows.filter(gradings__gt=0, received_at__gte=f.begin, received_at__lt=f.end)
    return rows.filter(grade=said["grade"]) if said.get("grade") else rows


def _moved(rows: QuerySet[VisitFact], f: Filters, said: Mapping[str, str]) -> QuerySet[VisitFact]:
    moves = Stay.objects.filter(
        device_id=OuterRef("device_id"),
        visit=OuterRef("number"),
        ordinal=F("began"),
        entered_on__gte=f.since,
        entered_on__lte=f.until,
    )
    if "came_from" in said:
        moves = moves.filter(came_from=said["came_from"])
    if said.get("state"):
        moves = moves.filter(state=said["state"])
    return rows.filter(Exists(moves))


def _stayed(rows: QuerySet[VisitFact], f: Filters, said: Mapping[str, str]) -> QuerySet[VisitFact]:
    stays = Stay.objects.filter(
        device_id=OuterRef("device_id"), visit=OuterRef("number"), left_at__gte=f.begin, left_at__lt=f.end
    )
    if said.get("state"):
        stays = stays.filter(state=said["state"])
    if said.get("clock"):
        stays = stays.filter(clock=said["clock"])
    return rows.filter(Exists(stays))


def _sanitized(rows: QuerySet[VisitFact], f: Filters, said: Mapping[str, str]) -> QuerySet[VisitFact]:
    tries = SanitizationFact.objects.filter(
        device_id=OuterRef("device_id"), visit=OuterRef("number"), at__gte=f.begin, at__lt=f.end
    )
    if said.get("result"):
        tries = tries.filter(outcome=said["result"])
    return rows.filter(Exists(tries))


SELECTIONS: Mapping[str, Callable[[QuerySet[VisitFact], Filters, Mapping[str, str]], QuerySet[VisitFact]]] = {
    "received": _received,
    "ended": _ended,
    "reused": _reused,
    "valued": _valued,
    "here": _here,
    "graded": _graded,
    "moved": _moved,
    "stayed": _stayed,
    "sanitized": _sanitized,
}
NARROWING = ("state", "came_from", "outcome", "grade", "clock", "result")


def units(*, what: str, filters: Filters, said: Mapping[str, str], actor: Actor) -> QuerySet[VisitFact]:
    """The visits behind one mark of the dashboard, newest first. Raises NotFound for a figure that there isn't."""
    if what not in SELECTIONS:
        raise NotFound("There is no such figure.")
    rows = SELECTIONS[what](_of(VisitFact, actor, filters), filters, said)
    return rows.order_by(F("received_at").desc(nulls_last=True), "tag", "number")


# Figures --------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Share:
    hits: int
    of: int

    @property
    def value(self) -> float | None:
        return self.hits / self.of if self.of else None


@dataclass(frozen=True)
class Figures:
    """The six of one span; those of money are None for whoever may not see money."""

    received: int
    ended: int
    here: int
    cycle: timedelta | None
    cycle_n: int
    reuse: Share
    recovery: Decimal | None
    recovery_n: int
    sanitization: Share
    first_attempt: Share


def _book(actor: Actor) -> str:
    return "recovery_ours" if actor.is_operator else "recovery_client"


def figures(*, filters: Filters, actor: Actor) -> Figures:
    visits = _of(VisitFact, actor, filters)
    ended = _ended(visits, filters, {})
    cycle = ended.exclude(received_at=None).aggregate(
        median=Median(F("ended_at") - F("received_at")), n=Count("pk"), reused=Count("pk", filter=Q(outcome__in=REUSED))
    )
    money = _valued(visits, filters, {}).aggregate(mean=Avg(_book(actor)), n=Count("pk"))
    overall, first = sanitization(filters=filters, actor=actor)
    return Figures(
        received=_received(visits, filters, {}).count(),
        ended=ended.count(),
        here=at_hand(filters=filters, moments=[filters.end], actor=actor)[0],
        cycle=cycle["median"],
        cycle_n=cycle["n"],
        reuse=Share(cycle["reused"], cycle["n"]),
        recovery=money["mean"] if actor.may("money.view") else None,
        recovery_n=money["n"],
        sanitization=overall,
        first_attempt=first,
    )


def at_hand(*, filters: Filters, moments: Sequence[datetime], actor: Actor) -> list[int]:
    """How many units were with us at each of these moments."""
    if not moments:
        return []
    counted = (
        _of(Stay, actor, filters)
        .filter(state__in=HERE)
        .aggregate(
            **{
                f"at_{n}": Count("pk", filter=Q(entered_at__lte=moment) & (Q(left_at=None) | Q(left_at__gt=moment)))
                for n, moment in enumerate(moments)
            }
        )
    )
    return [counted[f"at_{n}"] for n in range(len(moments))]


GOOD = (VERIFIED, DESTROYED)


def _tried(filters: Filters, actor: Actor) -> QuerySet[Any]:
    """The media on which something was tried in the span, one row a medium and visit."""
    rows = _of(SanitizationFact, actor, filters).filter(at__gte=filters.begin, at__lt=filters.end)
    return rows.values("device_id", "visit", "medium")


def _ask_over(rows: QuerySet[Any], sql: str) -> list[tuple[Any, ...]]:
    """The answer of ``sql``, in which ``{}`` stands for the rows."""
    inner, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(sql.format(inner), params)
        return list(cursor.fetchall())


def sanitization(*, filters: Filters, actor: Actor) -> tuple[Share, Share]:
    """Media cleared (wiped and verified, or destroyed) of media tried, and those at the first attempt. A medium counts once a visit."""
    media = _tried(filters, actor).annotate(
        good=Count("pk", filter=Q(outcome__in=GOOD)), bad=Count("pk", filter=Q(outcome=FAILED))
    )
    sql = "SELECT count(*) FILTER (WHERE good > 0), count(*) FILTER (WHERE good > 0 AND bad = 0), count(*) FROM ({}) AS tried"
    ((good, first, total),) = _ask_over(media, sql)
    return Share(good, total), Share(first, total)


@dataclass(frozen=True)
class Week:
    """One week's events, for throughput and for the small lines beside the figures."""

    first: date
    last: date
    received: int
    ended: int
    outcomes: Mapping[str, int]
    here: int
    cycle: timedelta | None
    recovery: Decimal | None
    cleared: Share


def weeks(*, filters: Filters, actor: Actor) -> list[Week]:
    """Week by week; a week at the edge is as long as the span lets it be. A question for each column, however many weeks."""
    visits = _of(VisitFact, actor, filters)
    received = _by_week(_received(visits, filters, {}), "received_at", n=Count("pk"))
    ended = _ended(visits, filters, {})
    outcomes: dict[date, dict[str, int]] = {}
    for row in ended.annotate(week=_week("ended_at")).values("week", "outcome").annotate(n=Count("pk")):
        outcomes.setdefault(row["week"].date(), {})[row["outcome"]] = row["n"]
    cycles = _by_week(ended.exclude(received_at=None), "ended_at", median=Median(F("ended_at") - F("received_at")))
    money = (
        _by_week(_valued(visits, filters, {}), "ended_at", mean=Avg(_book(actor))) if actor.may("money.view") else {}
    )
    cleared = _cleared_by_week(filters, actor)
    spans = filters.weeks()
    here = at_hand(filters=filters, moments=[Filters(first, last).end for first, last in spans], actor=actor)
    found = []
    for (first, last), there in zip(spans, here, strict=True):
        monday = first - timedelta(days=first.weekday())
        went = outcomes.get(monday, {})
        found.append(
            Week(
                first,
                last,
                received.get(monday, {}).get("n", 0),
                sum(went.values()),
                went,
                there,
                cycles.get(monday, {}).get("median"),
                money.get(monday, {}).get("mean"),
                cleared.get(monday, Share(0, 0)),
            )
        )
    return found


def _week(column: str) -> TruncWeek:
    return TruncWeek(column, tzinfo=UTC)


def _by_week(rows: QuerySet[VisitFact], column: str, **wanted: Any) -> dict[date, dict[str, Any]]:  # noqa: ANN401
    counted = rows.annotate(week=_week(column)).values("week").annotate(**wanted)
    return {row["week"].date(): dict(row) for row in counted}


def _cleared_by_week(filters: Filters, actor: Actor) -> dict[date, Share]:
    """Of the media whose last attempt fell in a week, those that were cleared."""
    media = _tried(filters, actor).annotate(good=Count("pk", filter=Q(outcome__in=GOOD)), last=Max("at"))
    return {
        week.date(): Share(good, n)
        for week, good, n in _ask_over(
            media,
            "SELECT date_trunc('week', last AT TIME ZONE 'UTC'), count(*) FILTER (WHERE good > 0), count(*) "
            "FROM ({}) AS tried GROUP BY 1",
        )
    }


# Charts ---------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Flow:
    came_from: str
    state: str
    moves: int


def flows(*, filters: Filters, actor: Actor) -> list[Flow]:
    """How often units moved from one state to another, from the rollup of days; most travelled first."""
    rows = (
        _of(DayFlow, actor, filters)
        .filter(day__gte=filters.since, day__lte=filters.until)
        .values("came_from", "state")
        .annotate(moves=Sum("units"))
        .order_by("-moves", "came_from", "state")
    )
    return [Flow(row["came_from"], row["state"], row["moves"]) for row in rows]


@dataclass(frozen=True)
class Dwell:
    """How long units stay in a state: ``clock`` is whose, or empty for the whole of each stay."""

    state: str
    clock: str
    n: int
    median: timedelta
    p90: timedelta


def dwell(*, filters: Filters, actor: Actor) -> list[Dwell]:
    """Stays that ended in the span, by calendar hours: whole stays by state, then their stretches by state and clock."""
    span = F("left_at") - F("entered_at")
    rows = _of(Stay, actor, filters).filter(state__in=HERE)
    whole = (
        rows.values("device_id", "began", "state")
        .annotate(
            spent=Sum(span, output_field=DurationField()), left=Max("left_at"), open=Count("pk", filter=Q(left_at=None))
        )
        .filter(open=0, left__gte=filters.begin, left__lt=filters.end)
    )
    sql = (
        "SELECT state, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY spent), "
        "percentile_cont(0.9) WITHIN GROUP (ORDER BY spent) FROM ({}) AS stays GROUP BY state"
    )
    found = [Dwell(state, "", n, median, p90) for state, n, median, p90 in _ask_over(whole, sql)]
    stretches = (
        rows.filter(left_at__gte=filters.begin, left_at__lt=filters.end)
        .values("state", "clock")
        .annotate(n=Count("pk"), median=Median(span), p90=Median(span, at=0.9))
    )
    found += [Dwell(row["state"], row["clock"], row["n"], row["median"], row["p90"]) for row in stretches]
    order = [state.value for state in State]
    return sorted(found, key=lambda row: (order.index(row.state), row.clock))


@dataclass(frozen=True)
class Recovery:
    outcome: str
    n: int
    mean: Decimal
    median: Decimal
    total: Decimal


class _MedianOfMoney(Median):
    output_field = FloatField()


def recovery(*, filters: Filters, actor: Actor) -> list[Recovery]:
    """Proceeds less costs per unit whose visit ended in the span, by how it ended. Empty for whoever may not see money."""
    if not actor.may("money.view"):
        return []
    book = _book(actor)
    rows = (
        _valued(_of(VisitFact, actor, filters), filters, {})
        .values("outcome")
        .annotate(n=Count("pk"), mean=Avg(book), median=_MedianOfMoney(book), total=Sum(book))
        .order_by("-total")
    )
    return [
        Recovery(r["outcome"], r["n"], r["mean"], Decimal(str(r["median"])).quantize(Decimal("0.01")), r["total"])
        for r in rows
    ]


def grades(*, filters: Filters, actor: Actor) -> list[tuple[str, int]]:
    """The last grade of each unit received in the span."""
    rows = _graded(_of(VisitFact, actor, filters), filters, {}).values("grade").annotate(n=Count("pk"))
    counted = {row["grade"]: row["n"] for row in rows}
    order = ("NEW", "A", "B", "C", "D", "U", "NA")
    return [(grade, counted[grade]) for grade in (*order, *sorted(set(counted) - set(order))) if grade in counted]


@dataclass(frozen=True)
class Attempts:
    medium_type: str
    verified: int
    destroyed: int
    failed: int


def attempts(*, filters: Filters, actor: Actor) -> list[Attempts]:
    rows = (
        _of(SanitizationFact, actor, filters)
        .filter(at__gte=filters.begin, at__lt=filters.end)
        .values("medium_type")
        .annotate(
            verified=Count("pk", filter=Q(outcome=VERIFIED)),
            destroyed=Count("pk", filter=Q(outcome=DESTROYED)),
            failed=Count("pk", filter=Q(outcome=FAILED)),
        )
        .order_by("medium_type")
    )
    return [Attempts(row["medium_type"] or "unknown", row["verified"], row["destroyed"], row["failed"]) for row in rows]


# Around them ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lag:
    """How far the figures are behind the ledger."""

    entries: int
    since: datetime | None
    read_at: datetime | None


def lag() -> Lag:
    """Entries that the figures haven't read, and since when the oldest of them waits."""
    cursor = Cursor.objects.first()
    position = cursor.position if cursor else 0
    with connection.cursor() as asked:
        asked.execute(
            """
            SELECT coalesce((SELECT max(position) FROM custody_log), 0) - %s + (SELECT count(*) FROM custody_unplaced),
                   (SELECT min(e.recorded_at) FROM custody_entry e WHERE e.id = (SELECT l.entry_id FROM custody_log l
                    WHERE l.position = %s) OR e.id = (SELECT min(entry_id) FROM custody_unplaced))
            """,
            [position, position + 1],
        )
        behind, since = asked.fetchone()
    return Lag(max(0, behind), since if behind > 0 else None, cursor.at if cursor else None)


def first_day(actor: Actor) -> date | None:
    """The day on which the first visit that this reader may see began."""
    found = VisitFact.objects.visible_to(actor).aggregate(a=Min("announced_at"), r=Min("received_at"))
    known = [moment for moment in found.values() if moment]
    return min(known).date() if known else None


def hubs(actor: Actor) -> Sequence[Hub]:
    """The sites that appear in the reader's figures."""
    seen = VisitFact.objects.visible_to(actor).values_list("hub_id", flat=True).distinct()
    return list(Hub.objects.filter(pk__in=list(seen)).order_by("name"))


def organizations(actor: Actor) -> Sequence[Organization]:
    """Whose units appear in the reader's figures."""
    seen = VisitFact.objects.visible_to(actor).values_list("owner_id", flat=True).distinct()
    return list(Organization.objects.filter(pk__in=list(seen)).order_by("name"))
