"""What was in the boxes: counted by line and lot. What differs from what was announced is a unit of its own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts
from returns.facts import business as business_facts
from returns.models import BusinessCase, LotUnit, Rma, RmaLine, RmaUnit, UnitStatus
from returns.models.rma import COMING
from returns.services import approval, unloading
from returns.services.business import boxes, expecting, memos
from returns.services.unloading import UnableToReceive
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.common.rows import change
from revlog.common.words import word
from revlog.custody.facts import Fact
from revlog.custody.services import ledger
from revlog.devices import facts as device_facts
from revlog.devices import identifiers
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.devices.models.device import Tracking
from revlog.devices.services import arrivals, moves, splitting
from revlog.devices.services.arrivals import Stay
from revlog.logistics.models import Parcel
from revlog.terms.models import OrderLine

MOST_PIECES = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Counted:
    """So many pieces of a line that lay in a box, with the lot and expiry printed on them; or one piece by its serial."""

    position: int
    pieces: int = 1
    lot: str = ""
    expires_on: date | None = None
    serial: str = ""


@dataclass(frozen=True)
class _Work:
    """Whose return is counted, where and by whom."""

    rma: Rma
    case: BusinessCase
    hub: Hub
    parcel: Parcel | None
    by: Actor
    at: datetime


# Counting ---------------------------------------------------------------------------------------------------------------------------


def count(
    case: BusinessCase,
    counted: Sequence[Counted],
    *,
    hub: Hub,
    key: str,
    parcel: Parcel | None = None,
    by: Actor,
    at: datetime,
) -> list[RmaUnit]:
    """Take in what was in a box, line by line, all or nothing. The same ``key`` again counts once.

    More than announced is taken in too, and another lot as a unit of its own: the match says what it means. Raises BadInput with every
    mistake, named by its place.
    """
    unloading.may_receive(by)
    if not counted:
        raise BadInput(Reason("nothing", _("Enter how many of at least one line there are."), "lines"))
    lines = _lines(case)
    if mistakes := _wrong_with(counted, lines):
        raise BadInput(mistakes)
    with transaction.atomic():
        named = [lines[one.position].pk for one in counted]
        before = dict(RmaUnit.objects.filter(line__in=named).values_list("pk", "device_id"))
        taken = {device.pk: device for device in moves.take(before.values())}
        rma = approval.lock(case.rma_id)
        row = boxes.lock_case(case)
        if ledger.already(rma.pk, f"counted:{key[:80]}") is not None:
            return []
        units = list(
            RmaUnit.objects.select_for_update(no_key=True, of=("self",))
            .filter(line__in=named)
            .select_related("found")
            .order_by("line", "position")
        )
        if any(unit.device_id not in taken for unit in units):
            raise UnableToReceive(
                Reason("moved", _("Somebody else worked on this return at this moment. Count again."))
            )
        _check_open(rma, row)
        waiting: dict[uuid.UUID, list[RmaUnit]] = {}
        for unit in units:
            if unit.status == UnitStatus.EXPECTED:
                waiting.setdefault(unit.line_id, []).append(unit)
        work = _Work(rma, row, hub, parcel, by, at)
        found: list[_Found] = []
        for one in counted:
            line = lines[one.position]
            found += _find(work, line, one, waiting.setdefault(line.pk, []), taken)
        _receive(work, found)
        done = [one.unit for one in found]
        unloading.arrived_with(rma, parcel, by=by, at=at)
        unloading.unpacked(parcel)
        approval.say(
            rma,
            business_facts.LinesCounted(
                lines=len({one.position for one in counted}),
                pieces=sum(one.pieces for one in counted),
                counted=[
                    f"{unit.line.position} {unit.found.lot or '-'} {unit.counted} {unit.device.tag if unit.device else '-'}"
                    for unit in done
                ],
            ),
            by=by,
            at=at,
            key=f"counted:{key[:80]}",
        )
        if not RmaUnit.objects.filter(line__rma=rma, status=UnitStatus.EXPECTED).exists():
            _complete(rma, row, missing=0, by=by, at=at)
        memos.follow(rma, by=by, at=at)
    return done


def _lines(case: BusinessCase) -> dict[int, RmaLine]:
    rows = RmaLine.objects.filter(rma=case.rma_id).select_related(
        "order_line__product", "order_line__variant__product", "order_line__order", "business", "rma"
    )
    return {row.position: row for row in rows}


def _wrong_with(counted: Sequence[Counted], lines: Mapping[int, RmaLine]) -> list[Reason]:
    found: list[Reason] = []
    seen: set[tuple[object, ...]] = set()
    for place, one in enumerate(counted):
        line = lines.get(one.position)
        where = f"lines[{place}]"
        if line is None:
            found.append(Reason("no_line", _("This return has no line %s.") % one.position, f"{where}.position"))
            continue
        what = _("Line %s") % one.position
        if not 1 <= one.pieces <= MOST_PIECES:
            found.append(Reason("pieces", _("%s: count the pieces.") % what, f"{where}.pieces"))
        if len(one.lot) > 60 or not one.lot.isprintable():
            found.append(Reason("lot", _("%s: a lot has at most 60 characters.") % what, f"{where}.lot"))
        serials = line.business.serials
        if serials and not one.serial:
            found.append(
                Reason(
                    "no_serial", _("%s: scan the serial numbers, we know which ones come.") % what, f"{where}.serial"
                )
            )
        forms = {identifiers.normal_serial(serial) for serial in serials}
        if one.serial and identifiers.normal_serial(one.serial) not in forms:
            found.append(
                Reason(
                    "wrong_serial",
                    _("%(line)s: %(serial)s was not announced. Record it at the dock as not announced.")
                    % {"line": what, "serial": one.serial},
                    f"{where}.serial",
                )
            )
        key = (
            one.position,
            one.lot.upper(),
            one.expires_on,
            identifiers.normal_serial(one.serial) if one.serial else "",
        )
        if key in seen:
            found.append(Reason("twice", _("%s: the same lot or serial is counted twice.") % what, where))
        seen.add(key)
    return found[:50]


def _check_open(rma: Rma, case: BusinessCase) -> None:
    if rma.status not in {status.value for status in COMING}:
        raise UnableToReceive(
            Reason(
                "not_coming",
                _("Return %(number)s is %(status)s. Put the thing on the hold shelf.")
                % {"number": rma.number, "status": word(f"rma.{rma.status}")},
            )
        )
    if case.complete_at is not None:
        raise UnableToReceive(Reason("complete", _("Everything of %s was counted already.") % rma.number))


@dataclass(frozen=True)
class _Found:
    """A unit that lay in the box, taken, with what was counted of it."""

    line: RmaLine
    unit: RmaUnit
    device: Device
    one: Counted

    @property
    def is_lot(self) -> bool:
        return self.device.tracking == Tracking.COUNTED

    @property
    def how(self) -> str:
        return "serial" if self.one.serial else "count" if self.is_lot else "line"


def _find(
    work: _Work, line: RmaLine, one: Counted, waiting: list[RmaUnit], taken: dict[uuid.UUID, Device]
) -> list[_Found]:
    """The units that this count is of; where it isn't of one as announced, it is split, or a further one is begun."""
    if line.order_line.tracking == Tracking.SERIALIZED and not line.business.components:
        return _find_singly(work, line, one, waiting, taken)
    if waiting:
        unit = waiting[0]
        device = taken[unit.device_id] if unit.device_id else None
        if device is None:
            raise UnableToReceive(Reason("no_unit", _("No unit was announced for this line.")))
        if one.pieces < unit.quantity:
            # What still comes waits on as a unit of its own.
            rest = splitting.split(device, unit.quantity - one.pieces, by=work.by, at=work.at)
            taken[rest.pk] = rest
            later = expecting.add_unit(line, rest, unit.quantity - one.pieces, at=work.at)
            waiting.append(later)
        waiting.pop(0)
    else:
        unit = expecting.one_more(line, one.pieces, rma=work.rma, by=work.by, at=work.at)
        device = moves.take_one(unit.device_id) if unit.device_id else None
        if device is None:
            raise UnableToReceive(Reason("no_unit", _("No unit was announced for this line.")))
    unit.quantity = one.pieces
    return [_Found(line, unit, device, one)]


def _find_singly(
    work: _Work, line: RmaLine, one: Counted, waiting: list[RmaUnit], taken: dict[uuid.UUID, Device]
) -> list[_Found]:
    """Things with an identity: each by its serial, or so many of those that have none."""
    wanted = one.pieces
    if one.serial:
        form = identifiers.normal_serial(one.serial)
        chosen = [unit for unit in waiting if identifiers.normal_serial(unit.serial) == form]
        wanted = 1
        if not chosen:
            raise UnableToReceive(Reason("received", _("%s was received already.") % one.serial, "serial"))
    else:
        chosen = list(waiting)
    while len(chosen) < wanted:
        chosen.append(expecting.one_more(line, 1, rma=work.rma, by=work.by, at=work.at))
    found = []
    for unit in chosen[:wanted]:
        if unit in waiting:
            waiting.remove(unit)
        if unit.device_id is None:
            raise UnableToReceive(Reason("no_unit", _("No unit was announced for this line.")))
        device = taken.get(unit.device_id) or moves.take_one(unit.device_id)
        found.append(_Found(line, unit, device, one))
    return found


def _receive(work: _Work, found: Sequence[_Found]) -> None:
    """Move the devices into RECEIVED and write down what is printed on them: a handful of statements for any number."""
    _take_in(work, [one.device for one in found])
    lots = {row.pk: row for row in LotUnit.objects.filter(pk__in=[one.unit.pk for one in found])}
    said: list[tuple[Device, Fact, dict[str, Any]]] = []
    for one in found:
        one.unit.found = lots[one.unit.pk]
        said += _said(work, one)
    moves.note_each(said, by=work.by, at=work.at)
    for one in found:
        unit, device = one.unit, one.device
        unit.status, unit.parcel, unit.counted = (
            UnitStatus.RECEIVED,
            work.parcel,
            one.one.pieces if one.is_lot else 1,
        )
        unit.received_at, unit.received_by, unit.matched_by = work.at, work.by.reference, one.how
        unit.visit = device.visit.number if device.visit is not None else None
        unit.device, unit.line = device, one.line
    change(
        [one.unit for one in found],
        "quantity", "status", "parcel", "counted", "received_at", "received_by", "matched_by", "visit", "device",
    )  # fmt: skip
    change([one.unit.found for one in found], "lot", "expires_on", "lot_sent")


def _take_in(work: _Work, devices: Sequence[Device]) -> None:
    custodian = work.hub.organization_id
    for device in devices:
        if State(device.state) != State.EXPECTED and State(device.state) not in approval.AWAY:
            told = {"tag": device.tag, "state": word(f"state.{device.state}")}
            raise UnableToReceive(Reason("here_already", _("%(tag)s is here already (%(state)s).") % told))
    expected = [device for device in devices if State(device.state) == State.EXPECTED]
    away = [device for device in devices if State(device.state) != State.EXPECTED]
    arrivals.receive_many(expected, hub=work.hub.pk, custodian=custodian, by=work.by, at=work.at)
    for device in away:
        arrivals.arrive_again(
            device,
            stay=Stay(
                why="return",
                owner=work.rma.seller_id,
                hub=work.hub.pk,
                custodian=custodian,
                reference=f"rma:{work.rma.pk}",
                currency=work.rma.currency,
            ),
            by=work.by,
            at=work.at,
        )


def _said(work: _Work, one: _Found) -> list[tuple[Device, Fact, dict[str, Any]]]:
    """What is said of a unit that was counted, and what that makes true of it."""
    line, device, lot = one.line, one.device, one.unit.found
    lot.lot = one.one.lot.strip() or lot.lot
    lot.expires_on = one.one.expires_on or lot.expires_on
    lot.lot_sent = _was_sent(work.case, line, lot.lot)
    matched = facts.UnitMatched(
        rma=str(work.rma.pk),
        number=work.rma.number,
        line=str(line.pk),
        position=line.position,
        how=one.how,
        reason=line.reason,
        wanted=line.wanted,
    )
    said: list[tuple[Device, Fact, dict[str, Any]]] = [(device, matched, {})]
    if one.is_lot:
        counted = device_facts.Counted(expected=one.unit.quantity, counted=one.one.pieces)
        said.append((device, counted, {"quantity": one.one.pieces, "lot": lot.lot}))
    if lot.lot:
        found = business_facts.LotFound(
            rma=str(work.rma.pk),
            line=str(line.pk),
            position=line.position,
            lot=lot.lot,
            expires_on=lot.expires_on.isoformat() if lot.expires_on else None,
            lot_sent=lot.lot_sent,
        )
        said.append((device, found, {}))
    return said


def _was_sent(case: BusinessCase, line: RmaLine, lot: str) -> bool:
    """Whether a lot is one that we know this customer got; where the order line has none, any may be."""
    sold = line.order_line
    if not lot or not sold.lot or lot.upper() == sold.lot.upper():
        return True
    own = line.business
    if not own.lot_sent and own.lot.upper() == lot.upper():
        # A person accepted this very lot when it was announced.
        return True
    return OrderLine.objects.filter(
        order__customer=case.customer_id, order__seller=line.rma.seller_id, sku__iexact=sold.sku, lot__iexact=lot
    ).exists()


def complete(case: BusinessCase, *, by: Actor, at: datetime) -> BusinessCase:
    """Nothing more of it comes: what wasn't counted is missing from now on."""
    if not by.may("returns.receive") and not by.may("returns.approve"):
        raise NotAllowed(Reason("not_allowed", _("Saying so needs the right to receive or approve returns.")))
    with transaction.atomic():
        taken = approval.take_expected(case.rma_id)
        rma = approval.lock(case.rma_id)
        row = boxes.lock_case(case)
        if row.complete_at is not None:
            return row
        _check_open(rma, row)
        if rma.arrived_at is None:
            raise UnableToReceive(
                Reason("nothing_came", _("Nothing of %s has come yet; give it up or call it off.") % rma.number)
            )
        if left := boxes.closed_boxes(row):
            raise UnableToReceive(Reason("closed_boxes", _("%s boxes of it are still closed.") % left))
        lost = approval.no_longer_expected(rma, taken, reason=_("not in the boxes"), by=by, at=at)
        _complete(rma, row, missing=sum(unit.quantity for unit in lost), by=by, at=at)
        memos.follow(rma, by=by, at=at)
    return row


def _complete(rma: Rma, case: BusinessCase, *, missing: int, by: Actor, at: datetime) -> None:
    case.complete_at, case.complete_by = at, by.reference
    case.save(update_fields=["complete_at", "complete_by"])
    approval.say(rma, business_facts.ReceiptComplete(missing=missing), by=by, at=at, key="complete")
