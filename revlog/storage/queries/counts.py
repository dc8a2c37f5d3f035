"""Questions about counts: which places want counting, what lies in one, what stands open, and how true the books are."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from django.db import connection
from django.db.models import Count as Number
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.devices.exceptions import ExceptionRow
from revlog.devices.facts import Located, Missed, PutTakenBack
from revlog.devices.journey import ON_HAND
from revlog.devices.models import Device, Location, LocationKind
from revlog.storage.facts.containers import ContainerMoved
from revlog.storage.facts.counts import ContainerFound, ContainerMissed, FoundInCount
from revlog.storage.facts.picks import Picked
from revlog.storage.models.counts import (
    CURRENT,
    WAITING,
    Count,
    CountState,
    CountWhy,
    Difference,
    DifferenceKind,
    DifferenceOutcome,
    Seen,
    Walk,
)
from revlog.storage.models.picks import Pick, PickState
from revlog.storage.queries import picks

PREFIX = "CN"
MOST = 200
SETTLE_WITHIN = timedelta(days=2)
"""A difference that stands longer than this is late."""
MOVING = (
    Located.kind, PutTakenBack.kind, Missed.kind, Picked.kind, FoundInCount.kind, ContainerMoved.kind,
    ContainerMissed.kind, ContainerFound.kind,
)  # fmt: skip
"""What is said of a unit or a container when it is moved or taken in the hand."""
COUNTABLE = (LocationKind.BIN, LocationKind.CONTAINER, LocationKind.ZONE, LocationKind.AISLE, LocationKind.BENCH)
_SHARES = (("A", Decimal("0.80")), ("B", Decimal("0.95")), ("C", Decimal(1)))
"""Class A are the places that hold the first 80 % of the worth, most first; B the next 15 %, C the rest."""


@dataclass(frozen=True)
class Lying:
    """What the books have in a place at one moment: how far each unit's chain is, and which of them are in somebody's cart."""

    units: dict[uuid.UUID, int]
    in_carts: set[uuid.UUID]


_LYING = """
SELECT d.id, c.head_sequence FROM devices_device d JOIN custody_chain c ON c.id = d.id
WHERE d.location_id = %s AND d.state = ANY(%s) ORDER BY d.id"""


def lying(place: Location) -> Lying:
    """What lies there by the books, read in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_LYING, [place.pk, sorted(one.value for one in ON_HAND)])
        units: dict[uuid.UUID, int] = dict(cursor.fetchall())
    carts = Pick.objects.filter(device__in=list(units), state=PickState.PICKED).values_list("device_id", flat=True)
    return Lying(units, set(carts) if units else set())


_STANDING = """
SELECT l.id, COALESCE(c.head_sequence, 0) FROM devices_location l LEFT JOIN custody_chain c ON c.id = l.id
WHERE l.parent_id = %s AND l.kind = 'container' AND l.active ORDER BY l.id"""


def standing(place: Location) -> dict[uuid.UUID, int]:
    """The containers that stand there by the books, each one thing whatever is in it, and how far each one's chain is."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [place.pk])
        return dict(cursor.fetchall())


_MOVED = """
SELECT DISTINCT e.chain_id FROM custody_entry e
JOIN unnest(%s::uuid[], %s::int[]) AS g (id, sequence) ON e.chain_id = g.id AND e.sequence > g.sequence
WHERE e.kind = ANY(%s)"""


def moved_since(since: dict[uuid.UUID, int]) -> set[uuid.UUID]:
    """Which of these units and containers were moved or fetched after the given place on their chain."""
    if not since:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, [list(since), list(since.values()), list(MOVING)])
        return {row[0] for row in cursor.fetchall()}


_LAID = """
SELECT DISTINCT ON (e.chain_id) e.chain_id, e.digest FROM custody_entry e
WHERE e.chain_id = ANY(%s) AND e.kind = ANY(%s) ORDER BY e.chain_id, e.sequence DESC"""


def laid_by(units: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The digest of the entry that says where each lies."""
    with connection.cursor() as cursor:
        cursor.execute(_LAID, [list(units), [Located.kind, PutTakenBack.kind, Missed.kind, FoundInCount.kind]])
        return dict(cursor.fetchall())


_PUTTERS = """
WITH here (id) AS (
    SELECT id FROM devices_device WHERE location_id = %s
    UNION ALL SELECT id FROM devices_location WHERE parent_id = %s AND kind = 'container'
)
SELECT DISTINCT e.actor FROM custody_entry e JOIN here ON here.id = e.chain_id
WHERE e.kind = ANY(%s) AND e.payload->>'place' = %s AND e.occurred_at > %s"""


def who_put(place: Location) -> list[str]:
    """Whoever put something there that lies there still, since the place was last counted."""
    last = Count.objects.filter(place=place, state=CountState.DONE).aggregate(at=Max("closed_at"))["at"]
    with connection.cursor() as cursor:
        since = last or datetime.fromisoformat("1970-01-01T00:00:00+00:00")
        said = [Located.kind, FoundInCount.kind, ContainerMoved.kind, ContainerFound.kind]
        cursor.execute(_PUTTERS, [place.pk, place.pk, said, place.code, since])
        return [row[0] for row in cursor.fetchall()]


# Which places ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What a lead wants counted: named places, all of a zone, what nobody counted for so many days, or the places of a class of worth."""

    why: CountWhy
    codes: Sequence[str] = ()
    zone: Location | None = None
    days: int = 90
    letter: str = "A"
    most: int = 50


@dataclass(frozen=True)
class Candidate:
    place: Location
    units: int
    containers: int
    """That stand in it: each is one thing of it."""
    worth: Decimal
    counted_at: datetime | None
    number: str
    """Of the count that is open for it already."""


def matching(hub: Hub, told: Wanted) -> list[Candidate]:
    """The places that are meant, in the order in which they would be counted."""
    rows = Location.objects.filter(hub=hub, active=True, kind__in=COUNTABLE).exclude(
        pk__in=Location.objects.filter(container__state__in=["closed", "sealed", "retired"], hub=hub).values("pk")
    )
    if told.why == CountWhy.PLACE:
        rows = rows.filter(code__in=[one.upper() for one in told.codes])
    if told.zone is not None:
        rows = rows.filter(pk__in=picks.below(told.zone))
    inside = Exists(Device.objects.filter(location=OuterRef("pk")))
    if told.why != CountWhy.PLACE:
        divided = Exists(Location.objects.filter(parent=OuterRef("pk")).exclude(kind=LocationKind.CONTAINER))
        rows = rows.filter(~divided | inside)
    last = Count.objects.filter(place=OuterRef("pk"), state=CountState.DONE).order_by("-closed_at")
    rows = rows.annotate(counted_at=last.values("closed_at")[:1]).select_related("hub")
    found = _with_contents(rows)
    if told.why == CountWhy.VALUE:
        found = _of_class(found, told.letter)
    if told.why == CountWhy.STALE:
        found = [one for one in found if one.units or one.containers]
    return found[: told.most]


def stale(hub: Hub, told: Wanted, *, at: datetime) -> list[Candidate]:
    """Those in which something lies and that nobody counted for so many days, the longest waiting first."""
    limit = at - timedelta(days=told.days)
    wide = Wanted(CountWhy.STALE, zone=told.zone, most=100_000)
    found = [one for one in matching(hub, wide) if one.counted_at is None or one.counted_at < limit]
    found.sort(key=lambda one: (one.counted_at is not None, one.counted_at or at, one.place.code))
    return found[: told.most]


def _with_contents(rows: QuerySet[Location]) -> list[Candidate]:
    places = list(rows.order_by("code"))
    keys = [one.pk for one in places]
    told = Device.objects.filter(location__in=keys).order_by().values("location")
    inside = {row["location"]: row for row in told.annotate(n=Number("pk"), worth=Sum("expected_value"))}
    standing = Location.objects.filter(parent__in=keys, kind=LocationKind.CONTAINER, active=True).order_by()
    boxes: dict[uuid.UUID | None, int] = dict(standing.values_list("parent").annotate(n=Number("pk")))
    numbers = dict(Count.objects.filter(place__in=keys, state__in=CURRENT).values_list("place_id", "number"))
    return [
        Candidate(
            one,
            inside[one.pk]["n"] if one.pk in inside else 0,
            boxes.get(one.pk, 0),
            (inside[one.pk]["worth"] if one.pk in inside else None) or Decimal(0),
            getattr(one, "counted_at", None),
            numbers.get(one.pk, ""),
        )
        for one in places
    ]


def _of_class(found: Sequence[Candidate], letter: str) -> list[Candidate]:
    """Those of a class: by how much worth lies in the places before them."""
    ranked = sorted(found, key=lambda one: (-one.worth, one.place.code))
    all_worth = sum((one.worth for one in ranked), Decimal(0))
    bounds = {name: (low, high) for (_before, low), (name, high) in pairwise([("", Decimal(0)), *_SHARES])}
    low, high = bounds[letter]
    before, chosen = Decimal(0), []
    for one in ranked:
        share = before / all_worth if all_worth else Decimal(1)
        if low <= share < high or (high == 1 and share >= low):
            chosen.append(one)
        before += one.worth
    return chosen


# What is open ----------------------------------------------------------------------------------------------------------------------


def by_number(text: str, actor: Actor) -> Count | None:
    number = ids.normal(text.strip(), PREFIX)
    rows = Count.objects.visible_to(actor).select_related("hub", "place__client", "assignee")
    return rows.filter(number=number).first() if number is not None else None


def listed(actor: Actor, *, state: str = "", hub: str = "") -> QuerySet[Count]:
    """The counts of one's hubs: those that wait for a decision first, then what is to be counted, then what was."""
    rows = Count.objects.visible_to(actor).select_related("hub", "place", "assignee")
    if state in CountState.values:
        rows = rows.filter(state=state)
    if hub:
        rows = rows.filter(hub__code=hub)
    return rows.order_by(F("closed_at").desc(nulls_first=True), F("differs_since").asc(nulls_last=True), "due_at", "id")


def current_of(place: Location) -> Count | None:
    return Count.objects.current().filter(place=place).select_related("hub", "place", "assignee").first()


def next_for(actor: Actor, hub: Hub, *, after: str = "") -> Count | None:
    """What the person counts next: theirs, or what nobody has; in the order of the walk from where they stand. Not what they counted."""
    mine = Q(assignee=None)
    if actor.person_id is not None:
        mine |= Q(assignee=actor.person_id)
    rows = Count.objects.filter(mine, hub=hub, state__in=(CountState.OPEN, CountState.RECOUNT))
    own = Walk.objects.filter(count=OuterRef("pk"), counted_by=actor.reference).exclude(ended_at=None)
    rows = rows.filter(~Exists(own)).select_related("place", "hub", "assignee").order_by("place__code")
    found = list(rows[:MOST])
    onward = [one for one in found if one.place.code > after]
    return next(iter(onward or found), None)


def open_walk(actor: Actor, key: str | None) -> Walk | None:
    """The walk that lies open in this person's hand."""
    if not key:
        return None
    rows = Walk.objects.filter(pk=key, ended_at=None, dropped_at=None, counted_by=actor.reference)
    return rows.select_related("count__hub", "count__place").first()


def last_walk(count: Count) -> Walk | None:
    """The one by which the count stands: the last that ended."""
    return count.walks.exclude(ended_at=None).order_by("-number").first()


def counters(counts: Iterable[Count]) -> dict[uuid.UUID, str]:
    """Who counted each of these last, or does so now."""
    rows = Walk.objects.filter(count__in=list(counts), dropped_at=None).order_by("number")
    return dict(rows.values_list("count_id", "counted_by"))


def differences(walk: Walk | None) -> list[Difference]:
    if walk is None:
        return []
    rows = walk.differences.select_related(
        "device__hub", "device__location", "device__owner", "device__product", "belongs__client", "container__hub",
        "container__parent",
    )  # fmt: skip
    return list(rows.order_by("kind", "device__tag", "container__code", "code"))


def seen(walk: Walk) -> int:
    return Seen.objects.filter(walk=walk).count()


# How true the books are ------------------------------------------------------------------------------------------------------------


@dataclass
class Accuracy:
    """Of the places that were counted, how many were as the books had them; of the units, how many."""

    name: str
    places: int = 0
    true: int = 0
    units: int = 0
    right: int = 0
    lost: dict[str, Decimal] = field(default_factory=dict)
    """What was confirmed as missing, by currency."""

    @property
    def of_places(self) -> Decimal | None:
        return _percent(self.true, self.places)

    @property
    def of_units(self) -> Decimal | None:
        return _percent(self.right, self.units)


@dataclass(frozen=True)
class Figures:
    total: Accuracy
    hubs: list[Accuracy]
    zones: list[Accuracy]
    months: list[Accuracy]


def _percent(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.1")) if whole else None


def accuracy(actor: Actor, *, at: datetime, days: int = 365) -> Figures:
    """By hub, by zone and by month, over what was counted to the end in these days."""
    since = at - timedelta(days=days)
    rows = Count.objects.visible_to(actor).filter(state=CountState.DONE, closed_at__gte=since).order_by()
    told = list(
        rows.annotate(month=TruncMonth("closed_at"))
        .values("place", "month")
        .annotate(
            places=Number("pk"),
            true=Number("pk", filter=Q(missing=0, extra=0, wrong=0, unknown=0)),
            expected=Sum("expected"),
            rights=Sum("right"),
            extras=Sum("extra"),
        )
    )
    lost = Difference.objects.filter(
        walk__count__in=rows.values("pk"), outcome__in=(DifferenceOutcome.MISSING, DifferenceOutcome.ADJUSTED)
    )
    sums = (
        lost.order_by()
        .annotate(month=TruncMonth("walk__count__closed_at"))
        .values("walk__count__place", "month", "currency")
        .annotate(worth=Sum("value"))
    )
    places = Location.objects.select_related("hub").in_bulk({row["place"] for row in told})
    zones = _zones(places.values())
    total = Accuracy(_("all"))
    tables: tuple[dict[object, Accuracy], ...] = ({}, {}, {})

    def shares(place: uuid.UUID, month: date) -> list[Accuracy]:
        known = places[place]
        keys = (known.hub.name, (known.hub.name, zones[place]), month)
        names = (known.hub.name, f"{known.hub.name} · {zones[place]}", f"{month:%Y-%m}")
        rows = [table.setdefault(key, Accuracy(name)) for table, key, name in zip(tables, keys, names, strict=True)]
        return [total, *rows]

    for row in told:
        for one in shares(row["place"], row["month"]):
            one.places += row["places"]
            one.true += row["true"]
            one.units += row["expected"] + row["extras"]
            one.right += row["rights"]
    for part in sums:
        for one in shares(part["walk__count__place"], part["month"]):
            one.lost[part["currency"]] = one.lost.get(part["currency"], Decimal(0)) + part["worth"]
    hubs, by_zone, months = ([table[key] for key in sorted(table, key=str)] for table in tables)
    return Figures(total, hubs, by_zone, months[::-1])


def lost_of(counts: Iterable[Count]) -> dict[uuid.UUID, dict[str, Decimal]]:
    """What each of these counts confirmed as missing, by currency."""
    rows = Difference.objects.filter(walk__count__in=list(counts)).order_by()
    rows = rows.filter(outcome__in=(DifferenceOutcome.MISSING, DifferenceOutcome.ADJUSTED))
    found: dict[uuid.UUID, dict[str, Decimal]] = defaultdict(dict)
    for row in rows.values("walk__count", "currency").annotate(worth=Sum("value")):
        found[row["walk__count"]][row["currency"]] = row["worth"]
    return found


def _zones(places: Iterable[Location]) -> dict[uuid.UUID, str]:
    """In which zone each stands: the outermost place above it, or itself."""
    some = list(places)
    parents = {
        key: (parent, code)
        for key, parent, code in Location.objects.filter(hub__in={one.hub_id for one in some}).values_list(
            "pk", "parent", "code"
        )
    }
    found = {}
    for one in some:
        key, code, steps = one.pk, one.code, 0
        while key in parents and steps < 20:
            above, code = parents[key]
            if above is None:
                break
            key, steps = above, steps + 1
        found[one.pk] = code
    return found


@dataclass(frozen=True)
class Standing:
    """Differences that nobody has settled: how many places, and since when the oldest stands."""

    places: int
    oldest: datetime | None
    late: int


def standing_differences(actor: Actor, *, at: datetime) -> Standing:
    told = list(
        Count.objects.visible_to(actor).filter(state__in=WAITING).order_by("differs_since").values_list("differs_since")
    )
    stood = [row[0] for row in told if row[0] is not None]
    return Standing(len(told), stood[0] if stood else None, sum(one < at - SETTLE_WITHIN for one in stood))


# What needs somebody ---------------------------------------------------------------------------------------------------------------


def exceptions(actor: Actor, *, at: datetime) -> list[ExceptionRow]:
    """Differences that wait for a decision, and places that weren't counted by their day."""
    if not actor.may("devices.adjust"):
        return []
    rows = Count.objects.visible_to(actor).select_related("place", "hub")
    waiting = list(rows.filter(state__in=WAITING).order_by("differs_since")[:MOST])
    risk: dict[uuid.UUID, dict[str, Decimal]] = defaultdict(dict)
    kinds = (DifferenceKind.MISSING, DifferenceKind.QUANTITY)
    sums = Difference.objects.filter(walk__count__in=waiting, kind__in=kinds).order_by()
    last = Walk.objects.filter(count=OuterRef("walk__count")).exclude(ended_at=None).order_by("-number")
    for row in (
        sums.filter(walk__pk=last.values("pk")[:1]).values("walk__count", "currency").annotate(worth=Sum("value"))
    ):
        risk[row["walk__count"]][row["currency"]] = row["worth"]
    found = []
    for one in waiting:
        worth = max(risk[one.pk].items(), key=lambda pair: pair[1], default=("EUR", Decimal(0)))
        again = one.state == CountState.RECOUNT
        found.append(
            ExceptionRow(
                key=f"count:{one.pk}",
                kind="exception.count_differs",
                sentence=_("A count differs from the books and waits to be counted again by somebody else.")
                if again
                else _("A count differs from the books and waits for a decision."),
                thing=f"{one.place.code} {one.number}",
                url=reverse("count", args=[one.number]),
                owner=_("warehouse") if again else _("lead"),
                since=one.differs_since or one.requested_at,
                due=(one.differs_since or one.requested_at) + SETTLE_WITHIN,
                money_at_risk=worth[1] if worth[1] > 0 else None,
                currency=worth[0],
                next_action=_("Have it counted again") if again else _("Settle the count"),
            )
        )
    late = rows.filter(state__in=(CountState.OPEN, CountState.COUNTING), due_at__lt=at).order_by("due_at")
    return found + [
        ExceptionRow(
            key=f"count:{one.pk}",
            kind="exception.count_overdue",
            sentence=_("The place was to be counted and wasn't."),
            thing=f"{one.place.code} {one.number}",
            url=reverse("count", args=[one.number]),
            owner=_("warehouse"),
            since=one.requested_at,
            due=one.due_at,
            next_action=_("Have it counted"),
        )
        for one in late[:MOST]
    ]
