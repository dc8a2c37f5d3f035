"""The only writer of a unit's state: "Move the unit and say so on its chain, or do neither."

A verb begins with ``take``, which locks units and their chains in key order. Guards are pure functions over a unit's columns; each
returns the reason it refuses, and every reason is named before anything moves. Entry, chain, unit and reactions are one statement.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _
from django_fsm import can_proceed

from revlog.accounts.actors import Actor
from revlog.common.errors import DomainError, Reason
from revlog.common.rows import change
from revlog.common.words import word
from revlog.custody.facts import Fact
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.journey import (
    AWAY_AS_HAZARD,
    CLEARED,
    DEPARTED,
    ENDS,
    FOR_SALE,
    ROUTES,
    WITH_CRITICAL,
    Data,
    Disposition,
    State,
    Stop,
    next_stop,
)
from revlog.devices.models import Allocation, Device, Hazard, HoldKind, Visit
from revlog.devices.models.device import GRADED, Tracking


@dataclass(frozen=True)
class Move:
    """A declared transition of the device: ``act`` completes "can't be ..."."""

    transition: str
    target: State
    act: str


RECEIVE = Move("receive", State.RECEIVED, "received")
ARRIVE_AGAIN = Move("arrive_again", State.RECEIVED, "received again")
EXPECT_AGAIN = Move("expect_again", State.EXPECTED, "expected again")
GIVE_UP = Move("give_up", State.NOT_RECEIVED, "given up")
TO_TRIAGE = Move("to_triage", State.IN_TRIAGE, "sent to triage")
TO_SANITIZE = Move("to_sanitize", State.TO_SANITIZE, "sent to sanitization")
TO_REFURBISH = Move("to_refurbish", State.TO_REFURBISH, "sent to the bench")
TO_HARVEST = Move("to_harvest", State.TO_HARVEST, "sent to harvest")
TO_SELL = Move("to_sell", State.TO_SELL, "put up for sale")
TO_RESTOCK = Move("to_restock", State.TO_RESTOCK, "sent to restock")
TO_DONATE = Move("to_donate", State.TO_DONATE, "put up for donation")
TO_RETURN = Move("to_return", State.TO_RETURN, "sent to be returned")
TO_DEPLOY = Move("to_deploy", State.TO_DEPLOY, "sent to be deployed")
TO_DESTROY = Move("to_destroy", State.TO_DESTROY, "sent to destruction")
TO_RECYCLE = Move("to_recycle", State.TO_RECYCLE, "sent to recycling")
SELL = Move("sell", State.SOLD, "sold")
RESTOCK = Move("restock", State.RESTOCKED, "restocked")
DONATE = Move("donate", State.DONATED, "donated")
SEND_BACK = Move("send_back", State.RETURNED, "sent back")
DEPLOY = Move("deploy", State.DEPLOYED, "deployed")
RECYCLE = Move("recycle", State.RECYCLED, "recycled")
WRITE_OFF = Move("write_off", State.WRITTEN_OFF, "written off")
MOVES: Mapping[str, Move] = {
    move.transition: move
    for move in (
        RECEIVE, ARRIVE_AGAIN, EXPECT_AGAIN, GIVE_UP, TO_TRIAGE, TO_SANITIZE, TO_REFURBISH, TO_HARVEST, TO_SELL, TO_RESTOCK, TO_DONATE,
        TO_RETURN,
        TO_DEPLOY, TO_DESTROY, TO_RECYCLE, SELL, RESTOCK, DONATE, SEND_BACK, DEPLOY, RECYCLE, WRITE_OFF,
    )
}  # fmt: skip
INTO: Mapping[State, Move] = {
    move.target: move
    for move in MOVES.values()
    if move not in {RECEIVE, ARRIVE_AGAIN, EXPECT_AGAIN, GIVE_UP, WRITE_OFF}
}


class UnableToMove(DomainError):
    """The unit, or one of the units, can't make this move; every reason for every unit is named."""

    code = "unable_to_move"


# Guards ---------------------------------------------------------------------------------------------------------------------------


def _right_place(device: Device, move: Move) -> Reason | None:
    if can_proceed(getattr(device, move.transition)):
        return None
    return Reason("wrong_state", _("it is %(state)s") % {"state": word(f"state.{device.state}")})


def _no_data_for_sale(device: Device, move: Move) -> Reason | None:
    if move.target not in FOR_SALE or Data(device.data) in CLEARED:
        return None
    return Reason(
        "nothing_with_data_is_for_sale", _("its data is not cleared (%(data)s)") % {"data": word(f"data.{device.data}")}
    )


def _no_data_leaves(device: Device, move: Move) -> Reason | None:
    if move.target not in DEPARTED or Data(device.data) in CLEARED or device.exit:
        return None
    return Reason(
        "nothing_leaves_with_data",
        _("it would leave with data on it (%(data)s)") % {"data": word(f"data.{device.data}")},
    )


def _not_away(device: Device, move: Move) -> Reason | None:
    """What travels or is with another organization is nobody's to work on here; that it is lost can be said."""
    if HoldKind.AWAY not in device.holds or move is WRITE_OFF:
        return None
    return Reason("away", _("it is away from our sites"))


def _nothing_held(device: Device, move: Move) -> Reason | None:
    if not device.holds or move in {RECEIVE, ARRIVE_AGAIN, TO_TRIAGE} or device.exit == "seizure":
        return None
    others = [kind for kind in device.holds if kind != HoldKind.AWAY]
    if not others or (move is WRITE_OFF and others == [HoldKind.AWAITING_OWNER]):
        # What is lost is lost, whoever waits for it; its owner is told and paid all the same. What is away, ``_not_away`` says.
        return None
    return Reason("on_hold", _("it is on hold (%(holds)s)") % {"holds": held(device)})


def _no_hazard_unpacked(device: Device, move: Move) -> Reason | None:
    """Nothing dangerous is sold, and none leaves before it is classified and packed for it. Papers and labels are made by these moves
    or ask what speaks against them, so none is made earlier."""
    if not device.hazard or device.exit == "seizure":
        return None
    told = word(f"hazard.{device.hazard}")
    if device.hazard == Hazard.SUSPECT and move.target not in DEPARTED | FOR_SALE:
        return None
    if device.hazard == Hazard.SUSPECT:
        return Reason("not_assessed", _("a safety assessor has to classify it first"))
    if move.target in FOR_SALE | DEPARTED - AWAY_AS_HAZARD:
        return Reason("hazard", _("it is classified as %s and goes to nobody like that") % told)
    if device.hazard == Hazard.CRITICAL and move.target not in WITH_CRITICAL:
        return Reason("hazard", _("it is classified as %s: nobody works on it") % told)
    if move.target in AWAY_AS_HAZARD and not device.packed_as:
        return Reason("not_packed", _("it is classified as %s and isn't packed for that yet") % told)
    return None


AS_IT_CAME = frozenset(
    {State.EXPECTED, State.RECEIVED, State.NOT_RECEIVED, State.TO_RETURN, State.RETURNED, State.WRITTEN_OFF}
)
"""Where a unit may be or go that nobody has opened."""


def _decontaminated(device: Device, move: Move) -> Reason | None:
    """Medical goods are worked on by nobody before their decontamination is on record (``decontaminating``)."""
    if move.target in AS_IT_CAME or device.decontaminated or not device.kind.needs_decontamination:
        return None
    return Reason("not_decontaminated", _("its decontamination isn't on record, so nobody opens it"))


def held(device: Device) -> str:
    """By what it is held. Where its owner is waited for, why and until when, as who placed that hold said it."""
    return ", ".join(_held(device, kind) for kind in device.holds)


def _held(device: Device, kind: str) -> str:
    if kind != HoldKind.AWAITING_OWNER:
        return word(f"hold.{kind}")
    reasons = device.hold_rows.filter(kind=kind, released_at=None).values_list("reason", flat=True)
    return ": ".join([word(f"hold.{kind}"), *reasons[:1]])


IRREVERSIBLE = frozenset({State.SOLD, State.DONATED, State.RECYCLED, State.TO_DESTROY, State.TO_HARVEST})


def _allowed(device: Device, move: Move) -> Reason | None:
    if move.target not in IRREVERSIBLE or device.authority:
        return None
    return Reason("nothing_irreversible_without_authority", _("nobody entitled has allowed what can't be undone"))


def _graded(device: Device, move: Move) -> Reason | None:
    if (
        move.target not in {State.SOLD, State.TO_SELL}
        or device.grade in GRADED
        or device.tracking != Tracking.SERIALIZED
    ):
        return None
    return Reason("a_sold_device_has_a_grade", _("it has no grade"))


GUARDS: tuple[Callable[[Device, Move], Reason | None], ...] = (
    _right_place,
    _not_away,
    _nothing_held,
    _no_hazard_unpacked,
    _decontaminated,
    _no_data_for_sale,
    _no_data_leaves,
    _allowed,
    _graded,
)


def reasons_against(device: Device, move: Move) -> list[Reason]:
    """Every reason why ``device`` can't make ``move`` now; empty when it can. Feeds button, API and guard alike."""
    return [reason for guard in GUARDS if (reason := guard(device, move)) is not None]


def refusal(device: Device, move: Move, reasons: Sequence[Reason]) -> str:
    """One sentence: "RL-7K3M-9QXA can't be put up for sale: its data is not cleared, and it is on hold (legal hold)"."""
    return _("%(tag)s can't be %(act)s: %(why)s") % {
        "tag": device.tag,
        "act": _(move.act),
        "why": _(", and ").join(reason.sentence for reason in reasons),
    }


def _check(devices: Iterable[tuple[Device, Move]]) -> None:
    found = [
        Reason(reasons[0].code, refusal(device, move, reasons))
        for device, move in devices
        if (reasons := reasons_against(device, move))
    ]
    if found:
        raise UnableToMove(found)


# Locks ----------------------------------------------------------------------------------------------------------------------------

_FIELDS = [field.attname for field in Device._meta.concrete_fields]
_LISTED = ", ".join(f'd."{field.column}"' for field in Device._meta.concrete_fields)
_TAKE = (
    f"SELECT {_LISTED}, EXISTS (SELECT 1 FROM devices_lookout), c.head_sequence, c.head_digest "  # noqa: S608
    "FROM devices_device d JOIN custody_chain c ON c.id = d.id "
    "WHERE d.id = ANY(%s) ORDER BY d.id FOR NO KEY UPDATE"
)


def take(ids: Iterable[uuid.UUID]) -> list[Device]:
    """Lock these units and their chains, in key order, until the transaction ends; fresh from the database, in the order asked.

    Raises Device.DoesNotExist when one is missing. Everything else a verb locks comes after, other chains last.
    """
    wanted = list(dict.fromkeys(ids))
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [wanted])
        rows = cursor.fetchall()
    found: dict[uuid.UUID, Device] = {}
    for row in rows:
        device = Device.from_db("default", _FIELDS, row[:-3])
        device.looked_for = row[-3]
        device.head = ledger.Head(id=device.id, kind="unit", sequence=row[-2], digest=row[-1])
        found[device.id] = device
    if missing := [each for each in wanted if each not in found]:
        raise Device.DoesNotExist(f"No unit has the id {missing[0]}.")
    return [found[each] for each in wanted]


def take_one(id: uuid.UUID) -> Device:
    return take([id])[0]


# Writing --------------------------------------------------------------------------------------------------------------------------


def _entry(device: Device, fact: Fact, *, by: Actor, at: datetime, key: str, more: Mapping[str, Any]) -> Entry:
    if device.head is None:
        raise RuntimeError("The unit was not taken: begin the verb with moves.take().")
    entry = ledger.draft(device.head, fact, by=by, at=at, key=key, more=more)
    entry.owner_id, entry.hub_id = device.owner_id, device.hub_id
    return entry


THIS_ENTRY = object()
"""Stands for the digest of the entry being written, in ``set``: how ``authority`` cites the entry that gives it."""


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(values) - set(_FIELDS)
    if unknown or "state" in values:
        raise TypeError(f"A unit has no column to set called {', '.join(sorted(unknown)) or 'state'}.")
    return dict(values)


def _citing(values: Mapping[str, Any], entry: Entry) -> dict[str, Any]:
    return {name: entry.digest if value is THIS_ENTRY else value for name, value in values.items()}


def _end(devices: Sequence[Device], outcome: State, at: datetime) -> None:
    """What the end of a visit closes with it: the stay, and a promise that was kept or can't be any more."""
    ids = [device.id for device in devices]
    route = Subquery(Device.objects.filter(pk=OuterRef("device_id")).values("disposition")[:1])
    Visit.objects.filter(device_id__in=ids, closed_at=None).update(closed_at=at, outcome=outcome.value, route=route)
    Allocation.objects.filter(device_id__in=ids, released_at=None).update(released_at=at)


@contextmanager
def _writing(*devices: Device) -> Iterator[None]:
    """The transaction of one write. Locks end with their transaction: outside of one, nothing that was taken counts."""
    if not connection.in_atomic_block:
        for device in devices:
            device.head = None
    with ledger.together():
        yield


@contextmanager
def taken(device: Device) -> Iterator[None]:
    """A transaction in which the unit is taken: as it was by the caller earlier in theirs, else now."""
    with _writing(device):
        _fresh(device)
        yield


def _fresh(device: Device) -> None:
    """Take a unit that wasn't taken in this transaction. One taken earlier in it is as it was left, and a write would find out."""
    if device.head is None:
        device.__dict__.update(take_one(device.id).__dict__)


def _wear(device: Device, values: Mapping[str, Any]) -> dict[str, Any]:
    """Put ``values`` on the instance, so that guards judge the unit as it will be; gives back what stood there."""
    before = {name: getattr(device, name) for name in values}
    for name, value in values.items():
        setattr(device, name, value)
    return before


def note(
    device: Device,
    *,
    fact: Fact,
    by: Actor,
    at: datetime,
    key: str = "",
    set: Mapping[str, Any] | None = None,
) -> Entry:
    """Say ``fact`` on the unit's chain and set the columns it makes true; its state stays. The unit must have been taken."""
    values = _columns(set or {})
    with _writing(device):
        _fresh(device)
        entry = _entry(device, fact, by=by, at=at, key=key, more={})
        values = _citing(values, entry)
        also = None
        if values:
            assigned = ", ".join(f'"{name}" = %s' for name in values)
            also = ledger.Also(f"UPDATE devices_device SET {assigned} WHERE id = %s", [*values.values(), device.id])  # noqa: S608
        ledger.write(entry, also=also)
    for name, value in values.items():
        setattr(device, name, value)
    return entry


def note_many(
    devices: Sequence[Device],
    *,
    facts: Sequence[Fact],
    by: Actor,
    at: datetime,
    set: Mapping[str, Any] | None = None,
) -> list[Entry]:
    """Say one fact a unit on the chains of many taken units, and set the columns they make true, set-based; states stay."""
    values = _columns(set or {})
    with _writing(*devices):
        if any(device.head is None for device in devices):
            for device, fresh in zip(devices, take([device.id for device in devices]), strict=True):
                device.__dict__.update(fresh.__dict__)
        entries = [
            _entry(device, fact, by=by, at=at, key="", more={}) for device, fact in zip(devices, facts, strict=True)
        ]
        also = None
        if values:
            cited = {name for name, value in values.items() if value is THIS_ENTRY}
            assigned = ", ".join(f'"{name}" = ' + ("v.digest" if name in cited else "%s") for name in values)
            also = ledger.Also(
                f"UPDATE devices_device d SET {assigned} "  # noqa: S608 - names of our own columns
                "FROM unnest(%s::uuid[], %s::text[]) AS v (id, digest) WHERE d.id = v.id",
                [
                    *(value for name, value in values.items() if name not in cited),
                    [d.id for d in devices],
                    [e.digest for e in entries],
                ],
            )
        ledger.write_many(entries, also=also)
    for device, entry in zip(devices, entries, strict=True):
        _wear(device, _citing(values, entry))
    return entries


def note_each(said: Sequence[tuple[Device, Fact, Mapping[str, Any]]], *, by: Actor, at: datetime) -> list[Entry]:
    """`note` for many taken units, each with a fact and columns of its own, set-based; several of one unit in the order they are given."""
    for _device, _fact, columns in said:
        _columns(columns)
    worn: dict[tuple[str, ...], dict[uuid.UUID, Device]] = {}
    with _writing(*{device.id: device for device, _fact, _columns in said}.values()):
        for device, _fact, _values in said:
            _fresh(device)
        entries = []
        for device, fact, columns in said:
            entries.append(_entry(device, fact, by=by, at=at, key="", more={}))
            if columns:
                _wear(device, columns)
                worn.setdefault(tuple(sorted(columns)), {})[device.id] = device
        ledger.write_many(entries)
        for names, devices in worn.items():
            change(list(devices.values()), *names)
    return entries


def advance(
    device: Device,
    move: Move,
    *,
    fact: Fact,
    by: Actor,
    at: datetime,
    key: str = "",
    set: Mapping[str, Any] | None = None,
) -> Entry:
    """Move the unit and say so on its chain, or do neither.

    ``set`` holds further columns that the same fact makes true; guards judge the unit as it will be. Raises UnableToMove with every
    reason. A unit that wasn't taken is taken here.
    """
    values = _columns(set or {})
    with _writing(device):
        _fresh(device)
        before, worn = device.state, _wear(device, values)
        try:
            _check([(device, move)])
        except UnableToMove:
            _wear(device, worn)
            raise
        entry = _entry(
            device, fact, by=by, at=at, key=key, more={"state_from": str(before), "state_to": str(move.target)}
        )
        _wear(device, values := _citing(values, entry))
        columns = {"state": str(move.target), "state_since": at, "state_sequence": entry.sequence} | values
        assigned = ", ".join(f'"{name}" = %s' for name in columns)
        ledger.write(
            entry,
            also=ledger.Also(
                f"UPDATE devices_device SET {assigned} WHERE id = %s AND state = %s",  # noqa: S608 - names of our own columns
                [*columns.values(), device.id, before],
            ),
        )
        getattr(device, move.transition)()
        device.state_since, device.state_sequence = at, entry.sequence
        if move.target in ENDS:
            _end([device], move.target, at)
    return entry


def advance_many(
    devices: Sequence[Device],
    move: Move,
    *,
    facts: Sequence[Fact],
    by: Actor,
    at: datetime,
    set: Mapping[str, Any] | None = None,
) -> list[Entry]:
    """Move many units, all or none, set-based: the same guards, every reason for every unit first.

    ``facts`` holds one fact a unit; ``set`` the columns that are the same for all. Units that weren't taken are taken here.
    """
    values = _columns(set or {})
    with _writing(*devices):
        if any(device.head is None for device in devices):
            for device, fresh in zip(devices, take([device.id for device in devices]), strict=True):
                device.__dict__.update(fresh.__dict__)
        worn = [_wear(device, values) for device in devices]
        try:
            _check((device, move) for device in devices)
        except UnableToMove:
            for device, before_it in zip(devices, worn, strict=True):
                _wear(device, before_it)
            raise
        before = [str(device.state) for device in devices]
        entries = [
            _entry(device, fact, by=by, at=at, key="", more={"state_from": state, "state_to": str(move.target)})
            for device, fact, state in zip(devices, facts, before, strict=True)
        ]
        assigned = "".join(f', "{name}" = %s' for name in values)
        ledger.write_many(
            entries,
            also=ledger.Also(
                f"UPDATE devices_device d SET state = %s, state_since = %s, state_sequence = v.sequence{assigned} "  # noqa: S608
                "FROM unnest(%s::uuid[], %s::int[], %s::text[]) AS v (id, sequence, before) WHERE d.id = v.id AND d.state = v.before",
                [
                    str(move.target),
                    at,
                    *values.values(),
                    [d.id for d in devices],
                    [e.sequence for e in entries],
                    before,
                ],
            ),
        )
        for device, entry in zip(devices, entries, strict=True):
            getattr(device, move.transition)()
            device.state_since, device.state_sequence = at, entry.sequence
        if move.target in ENDS:
            _end(devices, move.target, at)
    return entries


# The journey ------------------------------------------------------------------------------------------------------------------------


def proceed(
    device: Device,
    *,
    fact: Fact,
    by: Actor,
    at: datetime,
    finished: Stop | None = None,
    key: str = "",
    set: Mapping[str, Any] | None = None,
) -> Entry:
    """Send the unit to the next stop of its route, judged by what ``set`` makes of it; ``finished`` is the stop it has just done.

    A unit with no disposition goes to triage.
    """
    values = dict(set or {})
    with _writing(device):
        _fresh(device)
        disposition = str(values.get("disposition", device.disposition))
        done = int(values.get("stops_done", device.stops_done))
        if not disposition:
            return advance(device, TO_TRIAGE, fact=fact, by=by, at=at, key=key, set=values)
        route = ROUTES[Disposition(disposition)]
        if finished is not None and done < len(route) and route[done].name == finished.name:
            done += 1
            values["stops_done"] = done
        stop = next_stop(route, done, Data(str(values.get("data", device.data))))
        if stop.queue == State(device.state):
            # It waits in the right queue already: what was found changes nothing of where it goes.
            return note(device, fact=fact, by=by, at=at, key=key, set=values)
        return advance(device, INTO[stop.queue], fact=fact, by=by, at=at, key=key, set=values)
