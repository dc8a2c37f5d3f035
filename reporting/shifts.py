"""Questions about shifts: which one it is, which one ended last, and what was handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from reporting.models import HandOver, HandOverState, Shift
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import ids

PREFIX = "HO"


@dataclass(frozen=True)
class Turn:
    """A shift on one day: ``day`` is the one on which it begins, at the site."""

    shift: Shift
    day: date
    begins: datetime
    ends: datetime


def turns(hub: Hub, *, at: datetime) -> list[Turn]:
    """The shifts of a site from yesterday to tomorrow, in the order of their beginnings."""
    zone = hub.calendar.tz
    today = at.astimezone(zone).date()
    found = []
    for shift in Shift.objects.filter(hub=hub, active=True):
        for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
            last = day + timedelta(days=1) if shift.ends <= shift.begins else day
            begins, ends = datetime.combine(day, shift.begins, zone), datetime.combine(last, shift.ends, zone)
            found.append(Turn(shift, day, begins, ends))
    return sorted(found, key=lambda turn: (turn.begins, turn.ends))


SOON = timedelta(hours=1)


def to_hand_over(hub: Hub, *, at: datetime) -> list[Turn]:
    """Those whose end is near or past, the last one first; what was handed over is left out."""
    done = set(HandOver.objects.filter(hub=hub, given_at__gte=at - timedelta(days=3)).values_list("shift", "day"))
    near = [turn for turn in turns(hub, at=at) if turn.begins <= at and turn.ends - SOON <= at]
    running = [turn for turn in turns(hub, at=at) if turn.begins <= at < turn.ends - SOON]
    return [turn for turn in [*reversed(near), *reversed(running)] if (turn.shift.name, turn.day) not in done]


def hand_overs(actor: Actor) -> QuerySet[HandOver]:
    return HandOver.objects.visible_to(actor).select_related("hub", "given_by", "taken_by")


def by_number(text: str, actor: Actor) -> HandOver | None:
    number = ids.normal(text.strip(), PREFIX)
    return hand_overs(actor).filter(number=number).first() if number is not None else None


def latest(hub: Hub) -> HandOver | None:
    """What the shift before said: the last hand-over of a site. It stands on the board until it is taken over and its points are done."""
    row = HandOver.objects.filter(hub=hub).select_related("given_by", "taken_by").first()
    if row is None or (row.state == HandOverState.TAKEN and not row.points.filter(done_at=None).exists()):
        return None
    return row
