"""The end of a shift: who leaves says what is open and what to look after, who comes takes it over. Two people, kept as it read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from reporting import watching
from reporting.facts import PointDone, PointReopened, ShiftHandedOver, ShiftTakenOver
from reporting.models import HandOver, HandOverState, Point, Shift
from reporting.shifts import PREFIX
from revlog.accounts import permissions, separations
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, User
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody import canonical
from revlog.custody.services import ledger

CHAIN = "hand_over"
MOST_POINTS = 30
LONGEST_NOTES = 4000


class UnableToHandOver(DomainError):
    """The shift was handed over before, or this person may not."""

    code = "unable_to_hand_over"


class UnableToTakeOver(DomainError):
    """It was taken over before, or by the one who hands it over."""

    code = "unable_to_take_over"


def _may(by: Actor, hub: Hub) -> None:
    if not by.may("reporting.shifts"):
        raise NotAllowed(
            Reason("not_allowed", _("This needs the right to %s.") % permissions.sentence("reporting.shifts"))
        )
    if not hub.is_worked_by(by):
        raise NotAllowed(Reason("foreign_hub", _("%s is not your site.") % hub.name))


def _person(by: Actor) -> User:
    found = User.objects.filter(pk=by.person_id).first() if by.person_id is not None else None
    if found is None:
        raise NotAllowed(Reason("no_person", _("A shift is handed over and taken over by people.")))
    return found


def _said(opened: Sequence[watching.Open]) -> list[dict[str, Any]]:
    """What is open, as it is kept: it reads the same whatever becomes of the things."""
    return [
        {
            "code": one.watch.code,
            "label": str(one.watch.label),
            "count": one.count,
            "alarms": one.alarms,
            "rows": [{"text": thing.text, "since": thing.since.isoformat(), "url": thing.url} for thing in one.things],
        }
        for one in opened
    ]


def hand_over(
    *, hub: Hub, shift: Shift, day: date, notes: str, points: Sequence[str], by: Actor, at: datetime
) -> HandOver:
    """Sign for what is open at the end of a shift. Raises UnableToHandOver, BadInput, NotAllowed."""
    _may(by, hub)
    person = _person(by)
    told = [text.strip() for text in points if text.strip()]
    reasons = []
    if shift.hub_id != hub.pk or not shift.active:
        reasons.append(Reason("no_shift", _("There is no such shift at %s.") % hub.name, "shift"))
    if len(told) > MOST_POINTS or any(len(text) > 200 for text in told):
        reasons.append(Reason("points", _("At most %s points, of at most 200 letters each.") % MOST_POINTS, "points"))
    if len(notes) > LONGEST_NOTES:
        reasons.append(Reason("notes", _("Notes have at most %s letters.") % LONGEST_NOTES, "notes"))
    if reasons:
        raise BadInput(reasons)
    said = _said(watching.opened(hub, at=at))
    row = HandOver(
        id=ids.new(at),
        number=ids.fresh(PREFIX, 1, taken=_taken)[0],
        hub=hub,
        shift=shift.name,
        day=day,
        open=said,
        notes=notes.strip(),
        given_by=person,
        given_at=at,
    )
    fact = ShiftHandedOver(
        number=row.number,
        hub=hub.code,
        shift=shift.name,
        day=day.isoformat(),
        open=sum(one["count"] for one in said),
        alarms=sum(one["alarms"] for one in said),
        points=len(told),
        digest=hashlib.sha256(canonical.dumps({"open": said, "notes": row.notes, "points": told})).hexdigest(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            Point.objects.bulk_create(
                [Point(hand_over=row, position=place, text=text) for place, text in enumerate(told, 1)]
            )
            ledger.begin(CHAIN, row.pk, fact, by=by, at=at, hub=hub.pk)
    except IntegrityError as error:
        if "a_shift_is_handed_over_once" not in str(error):
            raise
        raise UnableToHandOver(
            Reason("again", _("%(shift)s of %(day)s was handed over before.") % {"shift": shift.name, "day": day})
        ) from error
    return row


def _taken(codes: Sequence[str]) -> list[str]:
    return list(HandOver.objects.filter(number__in=codes).values_list("number", flat=True))


def reasons_against_taking_over(row: HandOver, *, by: Actor) -> list[Reason]:
    """Why this person can't take the shift over; empty when they can."""
    if row.state == HandOverState.TAKEN:
        return [Reason("taken", _("%s was taken over before.") % row.number)]
    return separations.reasons_against("shift_hand_over", doer=[row.given_by_id], by=by)


@transaction.atomic
def take_over(row: HandOver, *, remark: str, by: Actor, at: datetime) -> HandOver:
    """Sign for a shift that was handed over. Raises UnableToTakeOver, NotAllowed."""
    _may(by, row.hub)
    person = _person(by)
    row = HandOver.objects.select_for_update(no_key=True, of=("self",)).select_related("hub").get(pk=row.pk)
    if reasons := reasons_against_taking_over(row, by=by):
        raise UnableToTakeOver(reasons)
    row.state, row.taken_by, row.taken_at, row.remark = HandOverState.TAKEN, person, at, remark.strip()[:300]
    row.save(update_fields=["state", "taken_by", "taken_at", "remark"])
    ledger.append(row.pk, ShiftTakenOver(number=row.number), by=by, at=at, hub=row.hub_id)
    return row


@transaction.atomic
def tick(row: HandOver, position: int, *, done: bool, by: Actor, at: datetime) -> Point:
    """Say that a point is done, or that it isn't after all. Raises BadInput for a point that isn't there, NotAllowed."""
    if not row.hub.is_worked_by(by):
        raise NotAllowed(Reason("foreign_hub", _("%s is not your site.") % row.hub.name))
    person = _person(by)
    # The hand-over first: its chain grows by one hand at a time.
    HandOver.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
    point = Point.objects.filter(hand_over=row, position=position).first()
    if point is None:
        raise BadInput(Reason("no_point", _("There is no such point."), "point"))
    if done == (point.done_at is not None):
        return point
    point.done_by, point.done_at = (person, at) if done else (None, None)
    point.save(update_fields=["done_by", "done_at"])
    fact = PointDone if done else PointReopened
    ledger.append(row.pk, fact(number=row.number, position=position), by=by, at=at, hub=row.hub_id)
    return point
