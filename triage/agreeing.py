"""How far first and second looks agree, over a window: by class, by inspector, by axis. Reads only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from revlog.accounts.actors import Actor
from triage import agreement, rubrics
from triage.agreement import Agreement
from triage.models import COMPARED, AgreementAlarm, SecondLook, SecondLookQuerySet, SecondStatus

WHOLE = "whole"
AXES = (WHOLE, *rubrics.AXES)


@dataclass(frozen=True)
class Line:
    """The agreement of one class, or of one inspector with those who looked after them, on the whole and on each axis."""

    key: str
    axes: dict[str, Agreement]

    @property
    def whole(self) -> Agreement:
        return self.axes[WHOLE]


def between(rows: SecondLookQuerySet, since: datetime, until: datetime) -> list[SecondLook]:
    """Those whose second look was kept in this window, newest first."""
    return list(
        rows.filter(status__in=COMPARED, second_at__gt=since, second_at__lte=until).order_by("-second_at", "-id")
    )


def line(key: str, rows: Iterable[SecondLook]) -> Line:
    kept = list(rows)
    found = {WHOLE: agreement.of_pairs((row.first_grade, row.second_grade) for row in kept)}
    for axis in rubrics.AXES:
        pairs = ((row.first_axes.get(axis, ""), row.second_axes.get(axis, "")) for row in kept)
        if (one := agreement.of_pairs(pairs)).n:
            found[axis] = one
    return Line(key, found)


def by_class(rows: Sequence[SecondLook]) -> list[Line]:
    return _lines((row.device_class, row) for row in rows)


def by_inspector(rows: Sequence[SecondLook]) -> list[Line]:
    """Each who made first looks, against all who looked after them."""
    return _lines((row.first_by, row) for row in rows)


def _lines(rows: Iterable[tuple[str, SecondLook]]) -> list[Line]:
    found: dict[str, list[SecondLook]] = defaultdict(list)
    for key, row in rows:
        found[key].append(row)
    return sorted((line(key, kept) for key, kept in found.items()), key=lambda one: (-one.whole.n, one.key))


@dataclass(frozen=True)
class Drawn:
    """What became of the draws of a window."""

    total: int
    compared: int
    lapsed: int
    waiting: int
    apart: int


def drawn(actor: Actor, since: datetime, until: datetime) -> Drawn:
    rows = SecondLook.objects.visible_to(actor).filter(drawn_at__gt=since, drawn_at__lte=until)
    by = Counter(rows.values_list("status", flat=True))
    return Drawn(
        total=sum(by.values()),
        compared=sum(by[status] for status in COMPARED),
        lapsed=by[SecondStatus.LAPSED],
        waiting=by[SecondStatus.WAITING],
        apart=by[SecondStatus.APART],
    )


def apart(actor: Actor) -> list[SecondLook]:
    """Looks that are far apart and wait for a lead, oldest first."""
    rows = SecondLook.objects.visible_to(actor).filter(status=SecondStatus.APART)
    return list(
        rows.select_related("device__product", "device__hub", "device__owner", "device__location").order_by("second_at")
    )


def alarms(actor: Actor) -> list[AgreementAlarm]:
    """The open alarms of this person's sites."""
    if not (actor.is_operator and actor.may("triage.regrade")):
        return []
    rows = AgreementAlarm.objects.filter(ended_at=None).order_by("opened_at", "id")
    return [row for row in rows if not actor.hubs or actor.hubs & set(row.hubs)]


def window(days: int, *, at: datetime) -> tuple[datetime, datetime]:
    return at - timedelta(days=days), at
