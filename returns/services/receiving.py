"""Things are taken out of parcels and known by what is on them; whatever differs is written down, never waved through."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts, queries
from returns.models import Discrepancy, Rma, RmaUnit, Trouble, UnitStatus
from returns.models.rma import COMING
from returns.services import approval, owing, troubles
from returns.services.tradein import buying
from returns.services.unloading import UnableToReceive, arrived_with, may_receive, operating_organization, unpacked
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.accounts.queries import moment, who
from revlog.common.errors import BadInput, Reason
from revlog.common.rows import change
from revlog.common.words import word
from revlog.devices import facts as device_facts
from revlog.devices import identifiers
from revlog.devices.identifiers import Name
from revlog.devices.journey import State
from revlog.devices.models import Device, HoldKind, Location
from revlog.devices.models.device import Tracking
from revlog.devices.services import arrivals, moves, standing
from revlog.devices.services.arrivals import Description, Stay
from revlog.logistics.models import Parcel


@dataclass(frozen=True)
class Received:
    """What was taken in, where it goes, and what was not as announced."""

    device: Device
    unit: RmaUnit | None
    place: Location | None
    troubles: Sequence[Discrepancy] = field(default_factory=tuple)


def receive(
    unit: RmaUnit,
    *,
    hub: Hub,
    serial: str = "",
    how: str = "serial",
    unreadable: bool = False,
    counted: int | None = None,
    damaged: bool = False,
    parcel: Parcel | None = None,
    by: Actor,
    at: datetime,
) -> Received:
    """Take in one thing (or counted lot) that a line expects, known by its serial.

    Where we know which serials shipped, another one is refused here (``receive_wrong`` records it), and none at all is taken only as
    ``unreadable``, which is written down. Two who receive the same thing at once meet at the unit: the second is told by whom and when.
    """
    may_receive(by)
    with transaction.atomic():
        known = known_by(serial)
        wanted = [pk for pk in (unit.device_id, known.pk if known else None) if pk is not None]
        taken = {device.pk: device for device in moves.take(wanted)}
        rma = approval.lock(unit.line.rma_id)
        row = owing.lock_unit(unit.pk)
        if row.device_id != unit.device_id:
            raise UnableToReceive(
                Reason("moved", _("Somebody else worked on this return at this moment. Scan the thing again."))
            )
        if found := reasons_against_receiving(row, rma, serial=serial, unreadable=unreadable, counted=counted, hub=hub):
            raise UnableToReceive(found)
        device = _take_in(row, rma, taken, known.pk if known else None, hub=hub, by=by, at=at)
        return received(
            row,
            rma,
            device,
            hub=hub,
            serial=serial,
            how="count" if device.tracking == Tracking.COUNTED else how if serial else "line",
            unreadable=unreadable,
            counted=counted,
            damaged=damaged,
            parcel=parcel,
            by=by,
            at=at,
        )


def known_by(serial: str) -> Device | None:
    """The device we know by what was scanned, whoever's it is: the platform looks, not the person."""
    return queries.known_device(serial, approval.PLATFORM, shown_with=())


def _fits(serial: str, expected: Sequence[str]) -> bool:
    forms = {name.normal_form for name in identifiers.readings(serial)}
    return any(identifiers.normal_serial(one) in forms for one in expected)


def reasons_against_receiving(
    unit: RmaUnit, rma: Rma, *, serial: str, unreadable: bool, counted: int | None, hub: Hub
) -> list[Reason]:
    """Why this unit can't be taken in with this serial or count."""
    if unit.status != UnitStatus.EXPECTED:
        return [has_been(unit, hub)]
    if rma.status not in {status.value for status in COMING}:
        return [
            Reason(
                "not_coming",
                _("Return %(number)s is %(status)s. Put the thing on the hold shelf.")
                % {"number": rma.number, "status": word(f"rma.{rma.status}")},
            )
        ]
    sold = unit.line.order_line
    if sold.tracking == Tracking.COUNTED:
        if counted is None or counted < 0:
            return [Reason("no_count", _("Count them and enter how many there are."), "counted")]
        if counted == 0:
            return [Reason("none", _("Nothing to take in: say that the box is empty."), "counted")]
        return []
    expected = [unit.serial] if unit.serial else list(sold.serials)
    if not serial and expected and not unreadable:
        return [
            Reason("no_serial", _("Scan its serial number: we know which one was sold."), "serial"),
        ]
    if serial and expected and not matches_any(serial, expected):
        return [
            Reason(
                "wrong_serial",
                _("Wrong serial: %(expected)s was sold, this is %(found)s. Record it and put it on the hold shelf.")
                % {"expected": ", ".join(expected), "found": serial},
                "serial",
            )
        ]
    return []


def matches_any(serial: str, expected: Sequence[str]) -> bool:
    if _fits(serial, expected):
        return True
    known = known_by(serial)
    return known is not None and bool(known.serial) and _fits(known.serial, expected)


def has_been(unit: RmaUnit, hub: Hub) -> Reason:
    """Who took it in, and when: the answer to the second of two people with one thing."""
    if unit.received_at is None:
        return Reason("not_expected", _("It is no longer expected: %s.") % word(f"rma_unit.{unit.status}"))
    return Reason(
        "received",
        _("%(tag)s was received by %(who)s on %(when)s.")
        % {
            "tag": unit.device.tag if unit.device else unit.line.order_line.description,
            "who": who(unit.received_by),
            "when": moment(unit.received_at, hub),
        },
    )


def _take_in(
    unit: RmaUnit,
    rma: Rma,
    taken: dict[uuid.UUID, Device],
    known: uuid.UUID | None,
    *,
    hub: Hub,
    by: Actor,
    at: datetime,
) -> Device:
    """Move the device into RECEIVED: the announced one, or the one that it turns out to be, on its next visit."""
    announced = taken.get(unit.device_id) if unit.device_id else None
    device = announced
    if known is not None and known != unit.device_id:
        device = taken[known]
        if State(device.state) not in approval.AWAY:
            raise UnableToReceive(
                Reason(
                    "here_already",
                    _("%(tag)s has this number and is here already (%(state)s). Put the thing on the hold shelf.")
                    % {"tag": device.tag, "state": word(f"state.{device.state}")},
                )
            )
        if announced is not None and State(announced.state) == State.EXPECTED:
            arrivals.give_up(announced, reason=_("it is known as %s") % device.tag, by=by, at=at)
    if device is None:
        raise UnableToReceive(Reason("no_unit", _("No unit was announced for this line.")))
    custodian = hub.organization_id
    # What was sold belongs to its buyer, who may give it back; what belongs to another client or shop is none of this return's.
    away = State(device.state) in approval.AWAY
    if away and not approval.may_give_back(device, rma) and device.owner_id != custodian:
        raise UnableToReceive(
            Reason("not_theirs", _("This number is of a unit of another owner. Put the thing on the hold shelf."))
        )
    if State(device.state) == State.EXPECTED:
        arrivals.receive(device, hub=hub.pk, custodian=custodian, by=by, at=at)
    elif away:
        arrivals.arrive_again(
            device,
            stay=Stay(
                why=approval.why_here(rma) if rma.origin in {"portal", "staff", "api"} else rma.origin,
                owner=approval.title_of(rma, at=at),
                hub=hub.pk,
                custodian=custodian,
                reference=f"rma_line:{unit.line_id}",
                currency=rma.currency,
            ),
            by=by,
            at=at,
        )
    else:
        raise UnableToReceive(
            Reason(
                "here_already",
                _("%(tag)s is here already (%(state)s).") % {"tag": device.tag, "state": word(f"state.{device.state}")},
            )
        )
    return device


def received(
    unit: RmaUnit,
    rma: Rma,
    device: Device,
    *,
    hub: Hub,
    serial: str,
    how: str,
    unreadable: bool,
    counted: int | None,
    damaged: bool,
    parcel: Parcel | None,
    pays: bool = True,
    by: Actor,
    at: datetime,
) -> Received:
    line = unit.line
    if serial and how == "serial":
        for name in _names(serial, device):
            arrivals.identify(device, name, by=by, at=at)
    moves.note(
        device,
        fact=facts.UnitMatched(
            rma=str(rma.pk),
            number=rma.number,
            line=str(line.pk),
            position=line.position,
            how=how,
            reason=line.reason,
            wanted=line.wanted,
        ),
        by=by,
        at=at,
    )
    unit.device, unit.status, unit.parcel = device, UnitStatus.RECEIVED, parcel
    unit.received_at, unit.received_by, unit.matched_by = at, by.reference, how
    unit.visit = device.visit.number if device.visit is not None else None
    found: list[Discrepancy] = []

    def differs(kind: Trouble, *, expected: str, what: str, risk: Decimal) -> None:
        row = troubles.raise_trouble(
            kind,
            hub=hub,
            rma=rma,
            unit=unit,
            device=device,
            parcel=parcel,
            expected=expected,
            found=what,
            money_at_risk=risk,
            currency=rma.currency,
            by=by,
            at=at,
        )
        found.append(row)

    if counted is not None and device.tracking == Tracking.COUNTED:
        unit.counted = counted
        moves.note(
            device,
            fact=device_facts.Counted(expected=unit.quantity, counted=counted),
            by=by,
            at=at,
            set={"quantity": counted},
        )
    change([unit], "device", "status", "parcel", "received_at", "received_by", "matched_by", "visit", "counted")
    if counted is not None and counted != unit.quantity:
        kind = Trouble.SHORT_COUNT if counted < unit.quantity else Trouble.OVER_COUNT
        risk = abs(line.per_piece * (unit.quantity - counted))
        differs(kind, expected=str(unit.quantity), what=str(counted), risk=risk)
    if unreadable and not serial:
        serials = [unit.serial] if unit.serial else list(line.order_line.serials)
        differs(Trouble.NO_SERIAL, expected=", ".join(serials), what=_("unreadable"), risk=line.per_piece)
    if damaged:
        differs(Trouble.DAMAGED, expected=_("intact"), what=_("damaged"), risk=line.per_piece * unit.quantity)
    arrived_with(rma, parcel, by=by, at=at)
    unpacked(parcel)
    buying.stop_blocked(unit, device, rma, by=by, at=at)
    if pays and rma.refund_on in {"receipt", "handover"} and line.wanted in owing.PAID_BACK and not found:
        owing.due_early(unit, rma, at=at)
    return Received(device, unit, queries.place_for(device, hub), found)


def _names(serial: str, device: Device) -> list[Name]:
    """The names in what was scanned that this device is to be known by: an IMEI, or else its serial with the maker's name."""
    if (phone := identifiers.imei(serial)) is not None:
        return [phone]
    if identifiers.tag(serial) is not None or _is_asset_tag(serial, device):
        return []
    name = identifiers.serial(serial, device.manufacturer)
    return [name] if name else []


def _is_asset_tag(text: str, device: Device) -> bool:
    """Whether what was scanned is its owner's tag on it; the serial that we know is asked first, and costs nothing."""
    form = identifiers.normal_serial(text)
    if identifiers.normal_serial(device.serial) == form:
        return False
    return device.identifiers.filter(scheme="asset_tag", normal_form=form).exists()


def receive_unannounced(
    *,
    serial: str,
    device_class: str = "other",
    what: str = "",
    hub: Hub,
    parcel: Parcel | None = None,
    kind: Trouble = Trouble.UNANNOUNCED_UNIT,
    rma: Rma | None = None,
    by: Actor,
    at: datetime,
) -> Received:
    """A thing that no return expects: taken in, held for its owner, and noted. One we know arrives again.

    ``kind`` says how it is amiss: nobody announced it, it is one more than ``rma`` announced, or nobody knows whose it is.
    """
    may_receive(by)
    if not serial.strip() and not what.strip():
        raise BadInput(Reason("nothing", _("Scan a number on it, or say what it is."), "serial"))
    with transaction.atomic():
        known = known_by(serial)
        taken = moves.take_one(known.pk) if known is not None else None
        if taken is not None and State(taken.state) not in approval.AWAY:
            raise UnableToReceive(
                Reason(
                    "here_already",
                    _("%(tag)s is here already (%(state)s).")
                    % {"tag": taken.tag, "state": word(f"state.{taken.state}")},
                )
            )
        owner = taken.owner_id if taken is not None else operating_organization().pk
        device = begin_or_again(
            taken,
            serial=serial,
            device_class=device_class,
            what=what,
            owner=owner,
            why="found" if kind == Trouble.FOUND_PROPERTY else "unannounced",
            reference=f"parcel:{parcel.pk}" if parcel else "",
            hub=hub,
            by=by,
            at=at,
        )
        standing.hold(
            device, HoldKind.AWAITING_OWNER, reason=_("nobody announced it; its owner is looked for"), by=by, at=at
        )
        trouble = troubles.raise_trouble(
            kind,
            hub=hub,
            rma=rma,
            device=device,
            parcel=parcel,
            found=serial or what,
            by=by,
            at=at,
        )
    return Received(device, None, queries.place_for(device, hub), [trouble])


def begin_or_again(
    known: Device | None,
    *,
    serial: str,
    device_class: str,
    owner: uuid.UUID,
    why: str,
    reference: str,
    hub: Hub,
    what: str = "",
    by: Actor,
    at: datetime,
) -> Device:
    stay = Stay(why=why, owner=owner, hub=hub.pk, custodian=hub.organization_id, reference=reference)
    if known is not None:
        arrivals.arrive_again(known, stay=stay, by=by, at=at)
        return known
    phone = identifiers.imei(serial)
    made = arrivals.arrive(
        what=Description(
            device_class=device_class,
            model=what.strip()[:200],
            serial="" if phone else serial,
            names=(phone,) if phone else (),
        ),
        stay=stay,
        by=by,
        at=at,
    )
    return moves.take_one(made.pk)
