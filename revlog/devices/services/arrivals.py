"""How a unit begins: announced, arriving, or arriving again."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.queries import moment, who
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.common.prepared import Prepared
from revlog.common.rows import Joined, change, into, values
from revlog.custody.facts import Fact
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices import classes, data, facts, identifiers
from revlog.devices.identifiers import Name
from revlog.devices.journey import State
from revlog.devices.models import Device, Identifier, Medium, MediumState, ProductModel, Variant, Visit
from revlog.devices.models.device import Tracking
from revlog.devices.services import moves, watching


@dataclass(frozen=True, kw_only=True)
class Description:
    """What is said of a unit when it begins; everything may be corrected by later evidence."""

    device_class: str = "other"
    product: ProductModel | None = None
    variant: Variant | None = None
    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    tracking: str = Tracking.SERIALIZED.value
    quantity: int = 1
    grams: int | None = None
    lot: str = ""
    made_on: date | None = None
    names: Sequence[Name] = field(default_factory=tuple)
    """Further identifiers: IMEI, MAC, the client's tag."""

    def problems(self) -> list[Reason]:
        found = []
        if self.device_class not in classes.CLASSES:
            known = ", ".join(sorted(classes.CLASSES))
            found.append(
                Reason("unknown_class", f"There is no class {self.device_class!r}; known are {known}.", "device_class")
            )
        if self.tracking not in Tracking.values:
            found.append(
                Reason(
                    "unknown_tracking",
                    f"Tracking is one of {', '.join(Tracking.values)}, not {self.tracking!r}.",
                    "tracking",
                )
            )
        elif self.tracking == Tracking.SERIALIZED and self.quantity != 1:
            found.append(
                Reason(
                    "one_thing", "A serialized unit is one thing; count the others as units of their own.", "quantity"
                )
            )
        elif self.tracking == Tracking.WEIGHED and self.grams is None:
            found.append(Reason("no_weight", "What is weighed needs its weight in grams.", "grams"))
        if self.quantity < 1:
            found.append(Reason("no_quantity", "The quantity is at least 1.", "quantity"))
        if self.grams is not None and self.grams < 0:
            found.append(Reason("no_weight", "A weight can't be negative.", "grams"))
        if self.tracking != Tracking.SERIALIZED and self.serial:
            found.append(Reason("no_serial", "Counted and weighed goods carry no serial.", "serial"))
        if self.tracking == Tracking.SERIALIZED and self.device_class == "materials":
            found.append(Reason("weighed", "Materials are weighed or counted, not serialized.", "tracking"))
        return found


@dataclass(frozen=True, kw_only=True)
class Stay:
    """Why and for whom a unit is with us this time."""

    why: str
    owner: uuid.UUID
    hub: uuid.UUID | None
    custodian: uuid.UUID | None = None
    reference: str = ""
    currency: str = "EUR"


def announce(*, what: Description, stay: Stay, by: Actor, at: datetime, tag: str | None = None) -> Device:
    """A unit that is to come. It waits in EXPECTED, and isn't ours to touch yet."""
    return _begin([what], stay, State.EXPECTED, by=by, at=at, tag=tag)[0]


def announce_many(*, what: Sequence[Description], stay: Stay, by: Actor, at: datetime) -> list[Device]:
    """``announce`` for many units of one stay, all or none, set-based."""
    return _begin(what, stay, State.EXPECTED, by=by, at=at)


def arrive(*, what: Description, stay: Stay, by: Actor, at: datetime, tag: str | None = None) -> Device:
    """A unit that nobody announced and that nobody here knew: taken in at once."""
    return _begin([what], stay, State.RECEIVED, by=by, at=at, tag=tag)[0]


def arrive_many(*, what: Sequence[Description], stay: Stay, by: Actor, at: datetime) -> list[Device]:
    """``arrive`` for many units of one stay, all or none, set-based."""
    return _begin(what, stay, State.RECEIVED, by=by, at=at)


def _begin(
    what: Sequence[Description], stay: Stay, state: State, *, by: Actor, at: datetime, tag: str | None = None
) -> list[Device]:
    """The units, taken: three statements however many there are (and one more for soldered storage)."""
    if problems := [problem for each in what for problem in each.problems()]:
        raise BadInput(problems)
    tags, looked_for = ([tag], None) if tag else _fresh_tags(len(what))
    devices = [_device(each, stay, state, at=at, tag=one) for each, one in zip(what, tags, strict=True)]
    received = state == State.RECEIVED
    visits = [
        Visit(
            id=device.visit_id,
            device_id=device.id,
            number=1,
            why=stay.why,
            owner_id=stay.owner,
            reference=stay.reference,
            opened_at=at,
            received_at=at if received else None,
        )
        for device in devices
    ]
    entries = []
    for device in devices:
        device.head = ledger.Head(id=device.id, kind="unit")
        fact = (
            facts.Arrived(what=device.face, why=stay.why, visit=1, reference=stay.reference or None)
            if received
            else facts.Announced(what=device.face, why=stay.why, reference=stay.reference or None)
        )
        entry = ledger.draft(device.head, fact, by=by, at=at, more={"state_to": state.value, "tag": device.tag})
        entry.owner_id, entry.hub_id = stay.owner, stay.hub
        entries.append(entry)
    names = [
        row
        for device, each in zip(devices, what, strict=True)
        for row in named(device, [Name("tag", device.tag, device.tag), *_names(device, each)], at=at)
    ]
    with ledger.together():
        ledger.write_many(entries, opening="unit", also=first_rows(devices, visits, names))
        if received:
            for device in devices:
                if device.kind.soldered:
                    _soldered(device, at=at)
        for device, visit in zip(devices, visits, strict=True):
            device._state.adding = visit._state.adding = False
            device.visit, device.looked_for = visit, looked_for
        if received:
            watching.seen(devices, how="dock", by=by, at=at)
    return devices


def fresh_tags(count: int) -> list[str]:
    """Tags that no unit has."""
    return _fresh_tags(count)[0]


def _fresh_tags(count: int) -> tuple[list[str], bool]:
    """Tags that no unit has, and, by the same question, whether anybody looks out for units."""
    looked_for = False

    def taken(drawn: Sequence[str]) -> list[str]:
        nonlocal looked_for
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tag FROM devices_device WHERE tag = ANY(%s) UNION ALL SELECT '' WHERE EXISTS (SELECT 1 FROM devices_lookout)",
                [list(drawn)],
            )
            told = [row[0] for row in cursor.fetchall()]
        looked_for = looked_for or "" in told
        return [one for one in told if one]

    return ids.fresh(identifiers.TAG_PREFIX, count, taken=taken), looked_for


def _device(what: Description, stay: Stay, state: State, *, at: datetime, tag: str) -> Device:
    product = what.product or (what.variant.product if what.variant else None)
    device_class = product.device_class if product else what.device_class
    kind = classes.of(device_class)
    return Device(
        id=ids.new(at),
        tag=tag,
        tracking=what.tracking,
        device_class=device_class,
        product=product,
        variant=what.variant,
        manufacturer=(what.manufacturer or (product.manufacturer if product else ""))[:120],
        model=(what.model or (product.name if product else ""))[:200],
        serial="" if identifiers.is_placeholder(what.serial) else what.serial.strip()[:120],
        quantity=what.quantity,
        grams=what.grams,
        lot=what.lot,
        made_on=what.made_on,
        state=state.value,
        state_since=at,
        state_sequence=1,
        data=data.known(kind, ["UNKNOWN"] if kind.soldered else [], seen_without=False).value,
        owner_id=stay.owner,
        custodian_id=stay.custodian,
        hub_id=stay.hub,
        visit_id=ids.new(at),
        currency=stay.currency,
        created_at=at,
    )


_BEGIN = f"WITH device AS ({into(Device)}), visit AS ({into(Visit)}) {into(Identifier)} ON CONFLICT DO NOTHING"


def first_rows(devices: Sequence[Device], visits: Sequence[Visit], names: Sequence[Identifier]) -> ledger.Also:
    """The first rows of these units as one statement."""
    told = [json.dumps([values(row) for row in rows], default=str) for rows in (devices, visits, names)]
    return ledger.Also(_BEGIN, told)


def _names(device: Device, what: Description) -> Iterable[Name]:
    if device.serial and (name := identifiers.serial(device.serial, device.manufacturer)):
        yield name
    yield from what.names


def named(device: Device, names: Iterable[Name], *, at: datetime) -> list[Identifier]:
    """The rows by which a unit is known by these names."""
    return [
        Identifier(
            device=device, scheme=n.scheme, issuer=n.issuer, normal_form=n.normal_form, printed=n.printed, added_at=at
        )
        for n in {(name.scheme, name.issuer, name.normal_form): name for name in names}.values()
    ]


def _soldered(device: Device, *, at: datetime) -> None:
    """Storage that is part of the board exists as soon as the unit does."""
    Medium.objects.create(
        id=ids.new(at),
        device=device,
        type=device.kind.soldered or "unknown",
        soldered=True,
        seen_by="class",
        serial=device.serial,
        added_at=at,
    )


_OPEN_VISIT = Joined(Visit, {}, "t.device_id = %(device)s AND t.closed_at IS NULL", takes={"device": "uuid"})


def receive(
    device: Device, *, hub: uuid.UUID, custodian: uuid.UUID | None, by: Actor, at: datetime, why: str = ""
) -> Entry:
    """Take in a unit that was announced. Raises UnableToMove when it isn't expected (any more), saying who took it in and when."""
    with moves.taken(device):
        if reasons := moves.reasons_against(device, moves.RECEIVE):
            reasons += _taken_in(device)
            raise moves.UnableToMove(Reason(reasons[0].code, moves.refusal(device, moves.RECEIVE, reasons)))
        visit: Visit = _OPEN_VISIT.get(device=device.pk)
        entry = moves.advance(
            device,
            moves.RECEIVE,
            fact=facts.Arrived(
                what=device.face, why=why or visit.why, visit=visit.number, reference=visit.reference or None
            ),
            by=by,
            at=at,
            set={"hub_id": hub, "custodian_id": custodian},
        )
        visit.received_at = at
        change([visit], "received_at")
        device.visit = visit
        if device.kind.soldered and not device.media.filter(soldered=True).exists():
            _soldered(device, at=at)
        watching.seen([device], how="dock", by=by, at=at)
        return entry


def receive_many(
    devices: Sequence[Device], *, hub: uuid.UUID, custodian: uuid.UUID | None, by: Actor, at: datetime
) -> list[Entry]:
    """``receive`` for many units that were taken and announced, all or none, set-based."""
    if not devices:
        return []
    with ledger.together():
        open_ones = Visit.objects.filter(device_id__in=[device.id for device in devices], closed_at=None)
        visits = {visit.device_id: visit for visit in open_ones}
        entries = moves.advance_many(
            devices,
            moves.RECEIVE,
            facts=[
                facts.Arrived(what=device.face, why=visit.why, visit=visit.number, reference=visit.reference or None)
                for device, visit in ((device, visits[device.id]) for device in devices)
            ],
            by=by,
            at=at,
            set={"hub_id": hub, "custodian_id": custodian},
        )
        Visit.objects.filter(pk__in=[visit.pk for visit in visits.values()]).update(received_at=at)
        for device in devices:
            device.visit = visits[device.id]
            device.visit.received_at = at
        soldered = [device for device in devices if device.kind.soldered]
        known = set(Medium.objects.filter(device__in=soldered, soldered=True).values_list("device_id", flat=True))
        for device in soldered:
            if device.id not in known:
                _soldered(device, at=at)
        watching.seen(devices, how="dock", by=by, at=at)
        return entries


def _taken_in(device: Device) -> list[Reason]:
    """Who has it from the dock, and since when: what the second of two people with one thing needs to know."""
    arrived = Entry.objects.filter(chain_id=device.pk, kind__in=[facts.Arrived.kind, facts.ArrivedAgain.kind]).last()
    if arrived is None:
        return []
    told = {"who": who(arrived.actor), "when": moment(arrived.occurred_at, device.hub)}
    return [Reason("received", _("%(who)s took it in on %(when)s") % told)]


def arrive_again(device: Device, *, stay: Stay, by: Actor, at: datetime) -> Entry:
    """A unit we know arrives once more: the next visit on the same chain.

    Grade, disposition and authority are cleared, and what was known of its data no longer holds, because proof of erasure ends when the
    thing leaves our custody: every medium but those destroyed or taken out is UNKNOWN again. Raises UnableToMove while a visit is open.
    """
    with transaction.atomic():
        device.__dict__.update(moves.take_one(device.id).__dict__)
        number = device.visits.count() + 1
        media = Medium.objects.filter(device=device).exclude(state__in=[MediumState.DESTROYED, MediumState.REMOVED])
        states = ["UNKNOWN"] * media.count() or (["UNKNOWN"] if device.kind.soldered else [])
        visit = Visit(
            id=ids.new(at),
            device=device,
            number=number,
            why=stay.why,
            owner_id=stay.owner,
            reference=stay.reference,
            opened_at=at,
            received_at=at,
        )
        columns: dict[str, Any] = {
            "data": data.known(device.kind, states, seen_without=False).value,
            "grade": "U",
            "disposition": "",
            "stops_done": 0,
            "authority": "",
            "decontaminated": "",
            "exit": "",
            "owner_id": stay.owner,
            "custodian_id": stay.custodian,
            "hub_id": stay.hub,
            "location_id": None,
            "visit_id": visit.id,
            "waiting_for": "",
            "waiting_since": None,
            "waiting_due": None,
            "waiting_asked": "",
            "expected_value": None,
            # What a buyer gives back undoes its sale; whoever else brings it, brings it anew.
            "vat_origin": device.vat_origin if stay.why == "return" else "",
        }
        entry = moves.advance(
            device,
            moves.ARRIVE_AGAIN,
            fact=facts.ArrivedAgain(what=device.face, why=stay.why, visit=number, reference=stay.reference or None),
            by=by,
            at=at,
            set=columns,
        )
        device.visits.filter(closed_at=None).update(closed_at=at, outcome=State.DEPLOYED.value)
        visit.save(force_insert=True)
        device.visit = visit
        media.update(state=MediumState.UNKNOWN, level="", proof="")
        if device.kind.soldered and not device.media.filter(soldered=True).exists():
            _soldered(device, at=at)
        watching.seen([device], how="dock", by=by, at=at)
        return entry


def expect_again(device: Device, *, fact: Fact, by: Actor, at: datetime) -> Entry:
    """Correct a receipt that was a slip: the taken unit is announced as before. Only on the visit that it was announced for."""
    with transaction.atomic():
        entry = moves.advance(device, moves.EXPECT_AGAIN, fact=fact, by=by, at=at, set={"location_id": None})
        Visit.objects.filter(device=device, closed_at=None).update(received_at=None)
    return entry


def give_up(device: Device, *, reason: str, by: Actor, at: datetime) -> Entry:
    """It was announced and never came."""
    return moves.advance(device, moves.GIVE_UP, fact=facts.NotReceived(reason=reason), by=by, at=at)


_KNOWN_AS = Prepared(
    "SELECT 1 FROM devices_identifier WHERE device_id = %(device)s AND scheme = %(scheme)s AND issuer = %(issuer)s "
    "AND normal_form = %(form)s LIMIT 1",
    takes={"device": "uuid", "scheme": "text", "issuer": "text", "form": "text"},
)


def identify(device: Device, name: Name, *, by: Actor, at: datetime) -> Entry | None:
    """Note a further name of a taken unit; None when it was known."""
    if _KNOWN_AS.rows(device=device.pk, scheme=name.scheme, issuer=name.issuer, form=name.normal_form):
        return None
    with transaction.atomic():
        Identifier.objects.bulk_create(named(device, [name], at=at), ignore_conflicts=True)
        columns = {"serial": name.printed} if name.scheme == "serial" and not device.serial else {}
        entry = moves.note(
            device, fact=facts.Identified(scheme=name.scheme, printed=name.printed), by=by, at=at, set=columns
        )
        watching.seen([device], how="report", by=by, at=at)
        return entry
