"""What a unit stands under: holds, waiting, authority, promises, faults, its place, its title."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from revlog.accounts import separations
from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Organization
from revlog.accounts.queries import moment, who
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.custody.models import Entry
from revlog.devices import facts
from revlog.devices.journey import FOR_SALE, State
from revlog.devices.models import Allocation, Device, Fault, Hold, HoldKind, Location
from revlog.devices.services import moves, placing, watching


class UnableToPromise(DomainError):
    """The unit can't be promised: somebody has it, or it isn't ready."""

    code = "unable_to_promise"


class UnableToRelease(DomainError):
    """The hold can't be released by this person, or isn't open."""

    code = "unable_to_release"


Ending = Callable[[Device, Hold], Sequence[Reason]]
ENDING: list[Ending] = []


def ending(says: Ending) -> Ending:
    """Declare what keeps a hold open, whoever would end it: the decorated function gets unit and hold, gives reasons."""
    if says not in ENDING:
        ENDING.append(says)
    return says


def reasons_against_ending(device: Device, row: Hold) -> list[Reason]:
    """Why this hold stands until something else is done, whoever asks."""
    return [reason for says in ENDING for reason in says(device, row)]


def hold(device: Device, kind: HoldKind, *, reason: str, by: Actor, at: datetime) -> Hold:
    """Stop a taken unit: nothing irreversible happens and it doesn't leave until somebody else releases it."""
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it is held."), "reason"))
    open_one = device.hold_rows.filter(kind=kind, released_at=None).first()
    if open_one is not None:
        return open_one
    with transaction.atomic():
        row = Hold.objects.create(
            id=ids.new(at), device=device, kind=kind, reason=reason.strip()[:300], placed_by=by.reference, placed_at=at
        )
        moves.note(
            device,
            fact=facts.Held(hold=kind.value, reason=row.reason),
            by=by,
            at=at,
            set={"holds": sorted({*device.holds, kind.value})},
        )
    return row


def hold_many(
    devices: Sequence[Device], kind: HoldKind, *, reason: str, by: Actor, at: datetime
) -> dict[uuid.UUID, Hold]:
    """``hold`` for many taken units, set-based. The open hold of each unit, those that stood already among them."""
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it is held."), "reason"))
    found = {
        row.device_id: row
        for row in Hold.objects.filter(device__in=[one.pk for one in devices], kind=kind, released_at=None)
    }
    free = [device for device in devices if device.pk not in found]
    if not free:
        return found
    with transaction.atomic():
        rows = [
            Hold(
                id=ids.new(at),
                device=device,
                kind=kind,
                reason=reason.strip()[:300],
                placed_by=by.reference,
                placed_at=at,
            )
            for device in free
        ]
        Hold.objects.bulk_create(rows, batch_size=1000)
        alike: dict[tuple[str, ...], list[Device]] = {}
        for device in free:
            alike.setdefault(tuple(sorted({*device.holds, kind.value})), []).append(device)
        fact = facts.Held(hold=kind.value, reason=rows[0].reason)
        for holds, some in sorted(alike.items()):
            moves.note_many(some, facts=[fact] * len(some), by=by, at=at, set={"holds": list(holds)})
    return found | {row.device_id: row for row in rows}


def waits_for_answer(row: Hold) -> bool:
    """Whether the platform placed it until the owner answers; then no person releases it before."""
    return row.kind == HoldKind.AWAITING_OWNER and row.placed_by.startswith("system:returns.")


def release(device: Device, row: Hold, *, reason: str, by: Actor, at: datetime) -> Entry:
    """End a hold of a taken unit. Nobody releases an own one."""
    reasons = []
    if row.released_at is not None or row.device_id != device.id:
        reasons.append(Reason("not_open", _("This hold is not open.")))
    reasons += separations.reasons_against("hold_release", doer=[row.placed_by], by=by)
    if row.kind == HoldKind.AWAY:
        reasons.append(Reason("away", _("This hold ends by itself when it is taken in again.")))
    reasons += reasons_against_ending(device, row)
    if waits_for_answer(row) and by.kind != ActorKind.SYSTEM:
        reasons.append(Reason("owner_decides", _("This hold ends by itself when its owner has answered.")))
    if not reason.strip():
        reasons.append(Reason("no_reason", _("Say why it may go on."), "reason"))
    if reasons:
        raise UnableToRelease(reasons)
    with transaction.atomic():
        row.released_by, row.released_at = by.reference, at
        row.save(update_fields=["released_by", "released_at"])
        return moves.note(
            device,
            fact=facts.HoldReleased(hold=row.kind, reason=reason.strip()[:300]),
            by=by,
            at=at,
            set={"holds": [kind for kind in device.holds if kind != row.kind]},
        )


def release_many(
    devices: Sequence[Device], kind: HoldKind, *, placed_by: Sequence[str], reason: str, by: Actor, at: datetime
) -> list[Device]:
    """End the holds of this kind that these (``placed_by``) placed on many taken units, set-based. Who asks has said that they may end."""
    rows = Hold.objects.filter(
        device__in=[one.pk for one in devices], kind=kind, placed_by__in=placed_by, released_at=None
    )
    mine = set(rows.values_list("device_id", flat=True))
    free = [one for one in devices if one.pk in mine]
    if not free:
        return []
    with transaction.atomic():
        rows.update(released_by=by.reference, released_at=at)
        alike: dict[tuple[str, ...], list[Device]] = {}
        for device in free:
            alike.setdefault(tuple(one for one in device.holds if one != kind), []).append(device)
        fact = facts.HoldReleased(hold=kind.value, reason=reason.strip()[:300])
        for holds, some in sorted(alike.items()):
            moves.note_many(some, facts=[fact] * len(some), by=by, at=at, set={"holds": list(holds)})
    return free


def wait(device: Device, party: str, *, asked: str, due: datetime | None, by: Actor, at: datetime) -> Entry:
    """From now the clock of ``party`` runs, not ours."""
    return moves.note(
        device,
        fact=facts.WaitBegun(party=party, asked=asked[:200], due=due.isoformat() if due else None),
        by=by,
        at=at,
        set={"waiting_for": party, "waiting_since": at, "waiting_due": due, "waiting_asked": asked[:200]},
    )


def wait_over(device: Device, *, by: Actor, at: datetime) -> Entry | None:
    if not device.waiting_for:
        return None
    return moves.note(
        device,
        fact=facts.WaitEnded(party=device.waiting_for),
        by=by,
        at=at,
        set={"waiting_for": "", "waiting_since": None, "waiting_due": None, "waiting_asked": ""},
    )


def authorize(device: Device, *, ground: str, reference: str = "", by: Actor, at: datetime) -> Entry:
    """From now, what can't be undone may be done to a taken unit on this visit: its title is ours, or its owner agreed."""
    return moves.note(
        device,
        fact=facts.Authorized(ground=ground, reference=reference or None),
        by=by,
        at=at,
        set={"authority": moves.THIS_ENTRY},
    )


def authorize_many(
    devices: Sequence[Device], *, ground: str, reference: str = "", by: Actor, at: datetime
) -> list[Entry]:
    """``authorize`` for many taken units, set-based."""
    fact = facts.Authorized(ground=ground, reference=reference or None)
    return moves.note_many(devices, facts=[fact] * len(devices), by=by, at=at, set={"authority": moves.THIS_ENTRY})


def withdraw_authority(device: Device, *, reason: str, by: Actor, at: datetime) -> Entry:
    """An appeal or a dispute: nothing irreversible until it is settled."""
    return moves.note(device, fact=facts.AuthorityWithdrawn(reason=reason), by=by, at=at, set={"authority": ""})


def promise(
    device: Device, *, taker: str, label: str, by: Actor, at: datetime, until: datetime | None = None
) -> Allocation:
    """Give a taken unit to one taker: the only way to promise one. Raises UnableToPromise, saying who has it and since when."""
    reasons = []
    current = device.allocations.filter(released_at=None).first()
    if current is not None and current.taker == taker:
        return current
    if current is not None:
        told = {"tag": device.tag, "who": who(current.taken_by), "when": moment(current.since, device.hub)}
        reasons.append(Reason("taken", _("%(tag)s is promised to another: %(who)s did so on %(when)s") % told))
    if State(device.state) not in FOR_SALE | {State.TO_DEPLOY}:
        reasons.append(Reason("not_ready", _("%(tag)s is not ready to be given to anybody") % {"tag": device.tag}))
    if device.holds:
        reasons.append(Reason("on_hold", _("%(tag)s is on hold") % {"tag": device.tag}))
    if reasons:
        raise UnableToPromise(reasons)
    try:
        with transaction.atomic():
            row = Allocation.objects.create(
                id=ids.new(at), device=device, taker=taker, since=at, until=until, taken_by=by.reference
            )
            moves.note(device, fact=facts.Promised(taker=taker, taker_label=label), by=by, at=at)
    except IntegrityError as error:
        if "one_taker_at_a_time" not in str(error):
            raise
        raise UnableToPromise(
            Reason("taken", _("%(tag)s was promised to another at this moment") % {"tag": device.tag})
        ) from error
    return row


def release_promise(device: Device, row: Allocation, *, label: str, reason: str, by: Actor, at: datetime) -> Entry:
    with transaction.atomic():
        Allocation.objects.filter(pk=row.pk, released_at=None).update(released_at=at)
        return moves.note(
            device,
            fact=facts.PromiseReleased(taker=row.taker, taker_label=label, reason=reason),
            by=by,
            at=at,
        )


def put(device: Device, place: Location, *, by: Actor, at: datetime) -> Entry:
    """Put a taken unit in a place. Refused when the place is full, or is open to all while the unit may hold data (``placing``)."""
    return placing.put(device, place, by=by, at=at)


def miss(device: Device, *, by: Actor, at: datetime) -> Entry:
    """It isn't where it should be: its place is unknown from now on."""
    place = device.location.code if device.location else None
    return moves.note(device, fact=facts.Missed(place=place), by=by, at=at, set={"location_id": None})


def find_fault(
    device: Device, *, code: str, severity: str, zone: str = "", source: str = "inspection", by: Actor, at: datetime
) -> Fault:
    """Note a fault of a taken unit; one that is open already is not noted twice."""
    known = device.faults.filter(code=code, zone=zone, cleared_at=None).first()
    if known is not None:
        return known
    with transaction.atomic():
        row = Fault.objects.create(
            device=device, visit_id=device.visit_id, code=code, zone=zone, severity=severity, source=source, found_at=at
        )
        moves.note(
            device,
            fact=facts.FaultFound(code=code, zone=zone or None, severity=severity, source=source),
            by=by,
            at=at,
        )
    return row


def clear_fault(device: Device, row: Fault, *, by: Actor, at: datetime) -> Entry:
    with transaction.atomic():
        row.cleared_at = at
        row.save(update_fields=["cleared_at"])
        return moves.note(device, fact=facts.FaultCleared(code=row.code), by=by, at=at)


def pass_title(device: Device, to: Organization, *, by: Actor, at: datetime) -> Entry:
    """The unit belongs to ``to`` from now on; the one before keeps the entries up to here."""
    entry = moves.note(
        device, fact=facts.TitlePassed(to=to.code, before=device.owner.code), by=by, at=at, set={"owner_id": to.id}
    )
    device.__dict__.pop("owner", None)
    device._state.fields_cache.pop("owner", None)
    return entry


def write_off(device: Device, *, reason: str, by: Actor, at: datetime) -> Entry:
    """It will not be found, or not be recovered."""
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it is written off."), "reason"))
    return moves.advance(
        device, moves.WRITE_OFF, fact=facts.WrittenOff(reason=reason.strip()), by=by, at=at, set={"location_id": None}
    )


def back_to_triage(device: Device, *, reason: str, by: Actor, at: datetime) -> Entry:
    """A stop failed: the unit goes back for a new disposition, never forward."""
    return moves.advance(
        device,
        moves.TO_TRIAGE,
        fact=facts.SentToTriage(reason=reason),
        by=by,
        at=at,
        set={"disposition": "", "stops_done": 0},
    )


def describe(
    device: Device,
    *,
    manufacturer: str | None = None,
    model: str | None = None,
    memory_bytes: int | None = None,
    product: uuid.UUID | None = None,
    device_class: str | None = None,
    lot: str | None = None,
    made_on: date | None = None,
    source: str,
    by: Actor,
    at: datetime,
) -> Entry | None:
    """Complete what a taken unit is, from a report or a look; None when nothing is new. What stood there is never overwritten by less."""
    values = {
        "manufacturer": manufacturer if manufacturer and not device.manufacturer else None,
        "model": model if model and not device.model else None,
        "memory_bytes": memory_bytes if memory_bytes and memory_bytes != device.memory_bytes else None,
        "product_id": product if product and device.product_id is None else None,
        "device_class": device_class if device_class and device.device_class == "other" else None,
        "lot": lot[:60] if lot and not device.lot else None,
        "made_on": made_on if made_on and device.made_on is None else None,
    }
    fresh = {name: value for name, value in values.items() if value is not None}
    if not fresh:
        return None
    for name, value in fresh.items():
        setattr(device, name, value)
    with transaction.atomic():
        entry = moves.note(device, fact=facts.Described(what=device.face, source=source), by=by, at=at, set=fresh)
        watching.seen([device], how="report", by=by, at=at)
    return entry
