"""Questions about recalls: the only reads of them that pages, the API and reports use."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from returns.models import Criterion, Made, Range, Recall, RecallStatus, RecallUnit
from revlog.accounts.actors import Actor
from revlog.common import clock, ids
from revlog.common.words import word
from revlog.devices.exceptions import ExceptionRow
from revlog.devices.journey import State
from revlog.devices.models import Device

DONE = [one.value for one in Made if one != Made.UNREACHABLE]
PAGE = 100


def by_number(number: str, actor: Actor) -> Recall | None:
    code = ids.normal(number.strip(), "RC")
    return Recall.objects.visible_to(actor).filter(number=code).first() if code else None


def listed(actor: Actor, *, status: str = "") -> list[Recall]:
    rows = Recall.objects.visible_to(actor)
    if status in RecallStatus.values:
        rows = rows.filter(status=status)
    return list(rows.annotate(found=Count("units"), done=Count("units", filter=Q(units__made__in=DONE)))[:200])


def running_for(device: Device) -> list[RecallUnit]:
    """The recalls that a unit is in and that aren't settled for it."""
    return list(
        RecallUnit.objects.filter(device=device, made="", recall__status=RecallStatus.OPEN, recall__mock=False)
        .select_related("recall")
        .order_by("recall__opened_at")
    )


def of_unit(device: Device, actor: Actor) -> list[RecallUnit]:
    """Every real recall that a unit was ever in, newest first."""
    return list(
        RecallUnit.objects.visible_to(actor)
        .filter(device=device, recall__mock=False)
        .select_related("recall")
        .order_by("-found_at")
    )


# Figures ----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tally:
    """Where a campaign stands, in things (a line of three pieces without numbers counts three)."""

    found: int
    held: int
    contacted: int
    answered: int
    returned: int
    remedied: int
    unreachable: int
    located: int

    @property
    def rate(self) -> int:
        """How many percent are done; what can't be reached is not."""
        return round(100 * self.remedied / self.found) if self.found else 0


def tally(recall: Recall, *, actor: Actor | None = None) -> Tally:
    rows = recall.units.visible_to(actor) if actor is not None else recall.units.all()
    from django.db.models import Sum  # noqa: PLC0415
    from django.db.models.functions import Coalesce  # noqa: PLC0415

    def pieces(filters: Q | None = None) -> Coalesce:
        return Coalesce(Sum("quantity", filter=filters), 0)

    told = rows.aggregate(
        found=pieces(),
        held=pieces(Q(held_at__isnull=False)),
        contacted=pieces(Q(told_at__isnull=False)),
        answered=pieces(~Q(answer="")),
        returned=pieces(Q(returned_at__isnull=False)),
        remedied=pieces(Q(made__in=DONE)),
        unreachable=pieces(Q(made=Made.UNREACHABLE)),
        located=pieces(Q(located_at__isnull=False)),
    )
    return Tally(**told)


@dataclass(frozen=True)
class Day:
    """The closure rate at the end of one day."""

    day: object
    found: int
    done: int

    @property
    def rate(self) -> int:
        return round(100 * self.done / self.found) if self.found else 0


def over_time(recall: Recall, *, actor: Actor | None = None) -> list[Day]:
    """The closure rate day by day, on days on which something changed."""
    rows = recall.units.visible_to(actor) if actor is not None else recall.units.all()
    came = dict(rows.annotate(day=TruncDate("found_at")).order_by().values_list("day").annotate(Count("id")))
    went = dict(
        rows.filter(made__in=DONE, made_at__isnull=False)
        .annotate(day=TruncDate("made_at"))
        .order_by()
        .values_list("day")
        .annotate(Count("id"))
    )
    found = done = 0
    told = []
    for day in sorted({*came, *went}):
        found += came.get(day, 0)
        done += went.get(day, 0)
        told.append(Day(day, found, done))
    return told


def places(recall: Recall, *, actor: Actor | None = None) -> dict[str, int]:
    """How many were where when they were found."""
    rows = recall.units.visible_to(actor) if actor is not None else recall.units.all()
    return dict(rows.order_by().values_list("place").annotate(Count("id")))


# Units ------------------------------------------------------------------------------------------------------------------------------

FILTERS: Mapping[str, Q] = {
    "open": Q(made=""),
    "here": Q(held_at__isnull=False, released_at=None),
    "out": Q(made="", device=None) | Q(made="", held_at=None),
    "silent": Q(made="", told_at__isnull=False, answer="", returned_at=None),
    "unlocated": Q(located_at=None),
    "done": ~Q(made=""),
    "all": Q(),
}


def units(
    recall: Recall, actor: Actor, *, only: str = "open", place: str = "", after: str = ""
) -> QuerySet[RecallUnit]:
    rows = (
        recall.units.visible_to(actor)
        .filter(FILTERS.get(only, Q()))
        .select_related(
            "device__product",
            "device__location",
            "device__hub",
            "device__owner",
            "order_line__order",
            "hold",
            "rma",
            "recall",
            "contact",
        )
        .order_by("found_at", "id")
    )
    if place:
        rows = rows.filter(place=place)
    moment, _mark, key = after.partition("~")
    try:
        since, pk = datetime.fromisoformat(moment), uuid.UUID(key)
    except ValueError:
        return rows
    return rows.filter(Q(found_at__gt=since) | Q(found_at=since, id__gt=pk))


NOW_AT: Mapping[str, str] = {
    State.EXPECTED.value: "expected", State.SOLD.value: "sold", State.DEPLOYED.value: "deployed",
    State.RESTOCKED.value: "elsewhere", State.DONATED.value: "elsewhere", State.RETURNED.value: "elsewhere",
    State.RECYCLED.value: "gone", State.WRITTEN_OFF.value: "gone", State.NOT_RECEIVED.value: "gone",
    State.TO_REFURBISH.value: "repair",
}  # fmt: skip


def where(row: RecallUnit) -> str:
    """Where it is now, in words: the place of ours, or as what it left us."""
    device = row.device
    if row.located_where:
        return row.located_where
    if device is None:
        return _("sold, order %s") % row.order_line.order.number if row.order_line else ""
    if device.location is not None:
        return " · ".join(part for part in (device.hub.name if device.hub else "", device.location.code) if part)
    now = NOW_AT.get(str(device.state), "stock")
    if now == "sold" and row.order_line is not None:
        return _("sold, order %s") % row.order_line.order.number
    if now in {"stock", "repair"}:
        return _("here, place not known")
    return word(f"recall_place.{now}")


def why(row: RecallUnit) -> str:
    """By what it was found, and through what: "a part of a unit in range may be inside (RL-7K3M-9QXA BAT-T480)"."""
    told = word(f"recall_how.{row.how}")
    return f"{told} ({row.through})" if row.through else told


def range_words(criterion: Criterion, serials: int | None = None) -> str:
    """One way to be in the range, as a sentence."""
    listed = serials if serials is not None else criterion.serials.count()
    text = {
        Range.MODEL: lambda: str(criterion.product),
        Range.VARIANT: lambda: str(criterion.variant),
        Range.LOT: lambda: _("lot %s") % criterion.text,
        Range.SERIALS: lambda: ngettext("%s listed serial number", "%s listed serial numbers", listed) % f"{listed:,}",
        Range.BETWEEN: lambda: (
            _("serial numbers %(first)s to %(last)s") % {"first": criterion.first, "last": criterion.last}
        ),
        Range.PART: lambda: _("part %s inside") % criterion.text,
        Range.PART_SERIAL: lambda: _("part with the serial number %s") % criterion.text,
        Range.PART_LOT: lambda: _("parts of lot %s") % criterion.text,
        Range.TAKEN_FROM: lambda: _("what was taken out of %s") % (criterion.parent.tag if criterion.parent else ""),
    }[Range(criterion.range)]()
    if criterion.product_id is not None and criterion.range != Range.MODEL:
        text = f"{text}, {criterion.product}"
    if criterion.maker and criterion.range in {Range.SERIALS, Range.BETWEEN}:
        text = f"{text}, {criterion.maker.title()}"
    if criterion.made_from or criterion.made_until:
        text += ", " + _("made %(first)s to %(last)s") % {
            "first": criterion.made_from or "…",
            "last": criterion.made_until or "…",
        }
    return f"{text}, {_('with what was taken out of it')}" if criterion.with_parts else text


# Exceptions -------------------------------------------------------------------------------------------------------------------------


def exceptions(actor: Actor, *, at: datetime | None = None) -> list[ExceptionRow]:
    """Campaigns behind their target, drafts that nobody opens, and, for the owner of units, the recalls that these are in."""
    now = at or clock.now()
    if not actor.is_operator:
        return _of_owners(actor)
    running = Recall.objects.visible_to(actor).filter(status=RecallStatus.OPEN, mock=False)
    rows = [_behind(row, now) for row in running.filter(target_on__isnull=False)]
    drafts = Recall.objects.visible_to(actor).filter(versions__opened_at=None, status__in=["draft", "open"])
    rows += [
        ExceptionRow(
            key=f"recall_draft:{row.pk}",
            kind="exception.recall_draft",
            sentence=_("Somebody else has to open %s.") % row.title,
            thing=row.number,
            url=reverse("recall", args=[row.number]),
            owner=_("quality"),
            since=since,
            due=since + timedelta(days=1),
            next_action=_("Read it and open it"),
        )
        for row in drafts.annotate(drafted=Max("versions__drafted_at")).distinct()
        for since in [getattr(row, "drafted", row.drafted_at)]
    ]
    return [row for row in rows if row is not None]


def expected_by(recall: Recall, at: datetime) -> int:
    """How many percent should be done by now to meet the target on its day, in a straight line from the start."""
    if recall.target_on is None or recall.opened_at is None:
        return 0
    days = max(1, (recall.target_on - recall.opened_at.date()).days)
    gone = max(0, (at.date() - recall.opened_at.date()).days)
    return min(recall.target_percent, round(recall.target_percent * gone / days))


def _behind(recall: Recall, at: datetime) -> ExceptionRow | None:
    standing = tally(recall)
    wanted = expected_by(recall, at)
    if not standing.found or standing.rate >= wanted or recall.target_on is None or recall.opened_at is None:
        return None
    return ExceptionRow(
        key=f"recall_behind:{recall.pk}",
        kind="exception.recall_behind",
        sentence=_("%(done)s of %(found)s are done; %(wanted)s percent should be by now.")
        % {"done": standing.remedied, "found": standing.found, "wanted": wanted},
        thing=f"{recall.number} {recall.title}",
        url=reverse("recall", args=[recall.number]),
        owner=_("quality"),
        since=recall.opened_at,
        due=datetime.combine(recall.target_on, datetime.max.time(), tzinfo=at.tzinfo),
        next_action=_("See who hasn't answered"),
    )


def _of_owners(actor: Actor) -> list[ExceptionRow]:
    rows = (
        RecallUnit.objects.visible_to(actor)
        .filter(device__owner_id=actor.organization_id, made="", recall__status=RecallStatus.OPEN, recall__mock=False)
        .select_related("recall", "device")
        .order_by("found_at")[:200]
    )
    return [
        ExceptionRow(
            key=f"recalled:{row.pk}",
            kind="exception.recalled",
            sentence=_("%(issuer)s calls it back: %(title)s.")
            % {"issuer": row.recall.issued_by, "title": row.recall.title},
            thing=f"{row.device.face} {row.device.tag}" if row.device else "",
            url=reverse("unit", args=[row.device.tag]) if row.device else "",
            owner=_("its owner"),
            since=row.found_at,
            next_action=_("See what to do"),
        )
        for row in rows
    ]


def card(actor: Actor) -> dict[str, int] | None:
    """The running campaigns for a dashboard: how many, how many units of them are open, and the lowest closure rate."""
    running: Sequence[Recall] = list(Recall.objects.visible_to(actor).filter(status=RecallStatus.OPEN, mock=False))
    if not running:
        return None
    tallies = [tally(row) for row in running]
    return {
        "running": len(running),
        "open": sum(one.found - one.remedied - one.unreachable for one in tallies),
        "lowest": min(one.rate for one in tallies),
    }


# Parts in stock ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pile:
    """Spare parts in stock that are in the range: how many lie there by the last entry of their chain."""

    chain: uuid.UUID
    number: str
    condition: str
    on_hand: int


_PILES = """
    SELECT DISTINCT ON (st.chain_id) st.chain_id, st.payload->>'number', COALESCE(c.payload->>'condition', ''),
           COALESCE(z.payload->>'on_hand', z.payload->>'counted', '0')::int
      FROM custody_entry st
      LEFT JOIN LATERAL (SELECT payload FROM custody_entry WHERE chain_id = st.chain_id AND kind = 'refurb.part_stocked'
                          ORDER BY sequence DESC LIMIT 1) c ON true
      JOIN LATERAL (SELECT sequence, payload FROM custody_entry WHERE chain_id = st.chain_id
                       AND kind IN ('refurb.part_stocked', 'refurb.part_issued', 'refurb.part_counted')
                     ORDER BY sequence DESC LIMIT 1) z ON true
     WHERE {which} AND NOT EXISTS (
        SELECT 1 FROM custody_entry e WHERE e.chain_id = st.chain_id AND e.sequence > st.sequence
           AND ((e.kind = 'refurb.part_issued' AND e.payload->>'on_hand' = '0')
             OR (e.kind = 'refurb.part_counted' AND e.payload->>'counted' = '0')))
     ORDER BY st.chain_id, st.sequence"""
_WHICH = {
    Range.PART: "st.kind = 'refurb.part_stocked' AND upper(st.payload->>'number') = %s",
    Range.PART_LOT: "st.kind = 'refurb.lot_stocked' AND upper(st.payload->>'lot') = %s",
    Range.TAKEN_FROM: "st.kind = 'refurb.part_stocked' AND st.payload->>'parent_chain' = %s",
}


def piles(recall: Recall) -> list[Pile]:
    """Spare parts in stock of which some are, or may be, in the range. They aren't held: a unit that gets one is, at once."""
    found: dict[uuid.UUID, Pile] = {}
    criteria = Criterion.objects.filter(
        version__recall=recall, version__opened_at__isnull=False, range__in=list(_WHICH)
    )
    with connection.cursor() as cursor:
        for criterion in criteria:
            value = (
                f"unit:{criterion.parent_id}" if criterion.range == Range.TAKEN_FROM else criterion.text.strip().upper()
            )
            cursor.execute(_PILES.format(which=_WHICH[Range(criterion.range)]), [value])
            found |= {row[0]: Pile(*row) for row in cursor.fetchall() if row[3] > 0}
    return list(found.values())
