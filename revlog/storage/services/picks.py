"""Picks: released in a wave, handed to one person, each unit confirmed by its scan or said to be short, brought to bench or dock."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, User
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody import merkle
from revlog.custody.facts import Fact
from revlog.custody.services import ledger
from revlog.devices.journey import State
from revlog.devices.models import Device, Location
from revlog.devices.services import moves, placing, standing
from revlog.storage.facts.picks import (
    Picked,
    PickedShort,
    PicksAssigned,
    PicksBrought,
    PicksCancelled,
    PicksReleased,
)
from revlog.storage.models.picks import Pick, PickList, PickListState, PickState, PickTarget, ShortReason
from revlog.storage.queries import picks as queries

CHAIN = "pick"


class UnableToPick(DomainError):
    """The list can't be released, worked on or ended like this."""

    code = "unable_to_pick"


@dataclass(frozen=True)
class Wave:
    """What a wave would do: the units it takes, and why others stay."""

    takes: list[Device]
    stays: list[tuple[Device, Reason]] = field(default_factory=list)


def preview(devices: Sequence[Device], target: PickTarget, hub: Hub) -> Wave:
    """Each unit judged by what ``release`` asks, nothing done."""
    promised = queries.takers(devices)
    takes, stays = [], []
    for device in devices:
        reasons = reasons_against_picking(device, target, hub, promised=device.pk in promised)
        if reasons:
            stays.append((device, reasons[0]))
        else:
            takes.append(device)
    return Wave(takes, stays)


def reasons_against_picking(device: Device, target: PickTarget, hub: Hub, *, promised: bool) -> list[Reason]:
    """Why this unit can't be fetched now; empty when it can."""
    told = {"tag": device.tag}
    found = []
    states = queries.FOR_BENCH if target == PickTarget.BENCH else queries.FOR_SHIPPING
    if device.hub_id != hub.pk or device.location_id is None:
        found.append(Reason("no_place", _("nobody knows where it lies")))
    if State(device.state) not in states:
        found.append(Reason("wrong_state", _("it is %s") % word(f"state.{device.state}")))
    if device.holds:
        found.append(Reason("on_hold", _("it is on hold (%s)") % moves.held(device)))
    if target == PickTarget.SHIPPING and not promised:
        found.append(Reason("not_promised", _("%(tag)s is promised to nobody") % told))
    return found


def release(
    *, hub: Hub, target: PickTarget, units: Sequence[uuid.UUID], assignee: User | None, by: Actor, at: datetime
) -> PickList:
    """Make a pick list of these units. Raises UnableToPick when one of them can't be fetched, or is on another list."""
    _may_plan(by, hub)
    keys = list(dict.fromkeys(units))
    if not keys or len(keys) > queries.MOST:
        raise BadInput(Reason("how_many", _("A list holds 1 to %s units.") % queries.MOST))
    with transaction.atomic():
        taken = moves.take(keys)
        promised = queries.takers(taken)
        reasons = [
            Reason(reason.code, f"{one.tag}: {reason.sentence}")
            for one in taken
            for reason in reasons_against_picking(one, target, hub, promised=one.pk in promised)
        ]
        busy = Pick.objects.filter(device__in=keys, state__in=queries.OPEN).select_related("list", "device")
        reasons += [
            Reason("listed", _("%(tag)s is on list %(number)s") % {"tag": one.device.tag, "number": one.list.number})
            for one in busy
        ]
        if reasons:
            raise UnableToPick(reasons)
        row = PickList(
            id=ids.new(at), number=_number(), hub=hub, target=target, assignee=assignee, opened_by=by.reference, opened_at=at
        )  # fmt: skip
        row.save(force_insert=True)
        try:
            with transaction.atomic():
                Pick.objects.bulk_create(
                    Pick(list=row, device=one, place_id=one.location_id)  # type: ignore[misc]
                    for one in taken
                )
        except IntegrityError as raced:
            raise UnableToPick(Reason("listed", _("One of these was put on another list at this moment."))) from raced
        fact = PicksReleased(number=row.number, hub=hub.code, target=f"pick_target.{target.value}", units=len(taken))
        ledger.begin(CHAIN, row.pk, fact, by=by, at=at, hub=hub.pk)
        if assignee is not None:
            _say(row, PicksAssigned(number=row.number, person=f"user:{assignee.pk}"), by=by, at=at)
    return row


def assign(row: PickList, person: User | None, *, by: Actor, at: datetime) -> PickList:
    """Hand an open list to somebody; who takes a free one for themselves needs no lead."""
    with transaction.atomic():
        row = _locked(row)
        own = person is not None and f"user:{person.pk}" == by.reference and row.assignee_id is None
        if not (own and by.may("devices.locate") and row.hub.is_worked_by(by)):
            _may_plan(by, row.hub)
        _open(row)
        if row.assignee_id == (person.pk if person is not None else None):
            return row
        row.assignee = person
        row.save(update_fields=["assignee"])
        if person is not None:
            _say(row, PicksAssigned(number=row.number, person=f"user:{person.pk}"), by=by, at=at)
    return row


def pick(row: PickList, unit: uuid.UUID, *, by: Actor, at: datetime) -> Pick:
    """The unit is in the cart. Raises UnableToPick for one that isn't on the list, or not any more."""
    with transaction.atomic():
        device, row, line = _line(row, unit, by)
        if line.state == PickState.PICKED:
            return line
        if device.holds:
            raise UnableToPick(Reason("on_hold", _("It is on hold (%s): leave it there.") % moves.held(device)))
        moves.note(device, fact=Picked(number=row.number, place=line.place.code), by=by, at=at)
        _mark(line, PickState.PICKED, by=by, at=at)
    return line


def short(row: PickList, unit: uuid.UUID, reason: ShortReason, *, by: Actor, at: datetime) -> Pick:
    """It can't be fetched, and why; one that isn't there has no known place from now on."""
    with transaction.atomic():
        device, row, line = _line(row, unit, by)
        fact = PickedShort(number=row.number, place=line.place.code, reason=f"short.{reason.value}")
        moves.note(device, fact=fact, by=by, at=at)
        if reason == ShortReason.MISSING and device.location_id is not None:
            standing.miss(device, by=by, at=at)
        line.why_short = reason
        _mark(line, PickState.SHORT, by=by, at=at)
    return line


def bring(row: PickList, place: Location, *, by: Actor, at: datetime) -> PickList:
    """All that was fetched lies in ``place`` now, and the list is done. Raises UnableToPick while something waits to be fetched."""
    _may_move(by, row.hub)
    with transaction.atomic():
        keys = list(row.picks.filter(state=PickState.PICKED).values_list("device_id", flat=True))
        taken = moves.take(keys)
        row = _locked(row)
        _open(row)
        _his(row, by)
        left = row.picks.filter(state=PickState.WAITING).count()
        if left:
            raise UnableToPick(
                Reason("not_yet", _("%s still wait to be fetched, or to be said not to be there.") % left)
            )
        if row.picks.filter(state=PickState.PICKED).count() != len(keys):
            raise UnableToPick(
                Reason("moved", _("Somebody else scanned for this list just now; scan the place again."))
            )
        entries = placing.put_many(taken, place, by=by, at=at)
        missing = row.picks.filter(state=PickState.SHORT).count()
        row.picks.filter(state=PickState.PICKED).update(state=PickState.STAGED)
        row.state, row.closed_at, row.brought_to = PickListState.DONE, at, place
        row.save(update_fields=["state", "closed_at", "brought_to"])
        root = merkle.root(bytes.fromhex(digest) for digest in sorted(one.digest for one in entries)).hex()
        fact = PicksBrought(number=row.number, place=place.code, units=len(taken), short=missing or None, root=root)
        _say(row, fact, by=by, at=at)
    return row


def cancel(row: PickList, *, reason: str, by: Actor, at: datetime) -> PickList:
    """Fetch nothing after all. Refused once something is in a cart: it has to be put somewhere first."""
    _may_plan(by, row.hub)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it is cancelled."), "reason"))
    with transaction.atomic():
        row = _locked(row)
        _open(row)
        if row.picks.filter(state=PickState.PICKED).exists():
            raise UnableToPick(Reason("in_cart", _("Some of it is in a cart already: have that brought first.")))
        row.picks.filter(state=PickState.WAITING).update(state=PickState.CANCELLED)
        row.state, row.closed_at = PickListState.CANCELLED, at
        row.save(update_fields=["state", "closed_at"])
        _say(row, PicksCancelled(number=row.number, reason=reason.strip()[:200]), by=by, at=at)
    return row


def _line(row: PickList, unit: uuid.UUID, by: Actor) -> tuple[Device, PickList, Pick]:
    _may_move(by, row.hub)
    device = moves.take_one(unit)
    row = _locked(row)
    _open(row)
    _his(row, by)
    line = row.picks.select_related("place", "device").filter(device=device).first()
    if line is None:
        raise UnableToPick(Reason("not_listed", _("%(tag)s is not on this list: put it back.") % {"tag": device.tag}))
    if line.state in {PickState.SHORT, PickState.STAGED, PickState.CANCELLED}:
        raise UnableToPick(
            Reason("over", _("%(tag)s: %(state)s already.") % {"tag": device.tag, "state": word(f"pick.{line.state}")})
        )
    return device, row, line


def _mark(line: Pick, state: PickState, *, by: Actor, at: datetime) -> None:
    line.state, line.done_by, line.done_at = state, by.reference, at
    line.save(update_fields=["state", "why_short", "done_by", "done_at"])


def _locked(row: PickList) -> PickList:
    return (
        PickList.objects.select_for_update(no_key=True, of=("self",)).select_related("hub", "assignee").get(pk=row.pk)
    )


def _open(row: PickList) -> None:
    if row.state != PickListState.OPEN:
        told = {"number": row.number, "state": word(f"pick_list.{row.state}")}
        raise UnableToPick(Reason("closed", _("%(number)s is %(state)s.") % told))


def _his(row: PickList, by: Actor) -> None:
    """One list, one person: who isn't the one takes another list, or a lead hands it over."""
    if row.assignee is not None and f"user:{row.assignee.pk}" != by.reference:
        told = {"number": row.number, "who": row.assignee.name}
        raise UnableToPick(Reason("others", _("%(number)s is %(who)s's list; a lead can hand it to you.") % told))


def _may_move(by: Actor, hub: Hub) -> None:
    if not by.may("devices.locate") or not hub.is_worked_by(by):
        raise NotAllowed(Reason("not_allowed", _("Fetching units needs the right to move them.")))


def _may_plan(by: Actor, hub: Hub) -> None:
    if not by.may("devices.picks") or not hub.is_worked_by(by):
        raise NotAllowed(Reason("not_allowed", _("Pick lists are released by a lead or a planner of the site.")))


def _number() -> str:
    used = PickList.objects.filter
    return ids.fresh(queries.PREFIX, 1, taken=lambda codes: used(number__in=codes).values_list("number", flat=True))[0]


def _say(row: PickList, fact: Fact, *, by: Actor, at: datetime) -> None:
    ledger.append(row.pk, fact, by=by, at=at, hub=row.hub_id)
