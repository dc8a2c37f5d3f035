"""What was in the boxes: counted by line and lot, then inspected. What differs is a unit of its own, so that it can go its own way."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts, kits
from returns.facts import business as business_facts
from returns.models import BusinessCase, Condition, LotUnit, Rma, RmaLine, RmaUnit, UnitStatus
from returns.models.rma import COMING
from returns.services import approval, unloading
from returns.services.business import boxes, expecting, memos
from returns.services.unloading import UnableToReceive
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.services import ledger
from revlog.devices import facts as device_facts
from revlog.devices import identifiers
from revlog.devices.journey import State
from revlog.devices.models import Device, Visit
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


@dataclass(frozen=True, kw_only=True)
class Split:
    """What inspection found of one unit: its pieces by condition, together as many as were counted."""

    unit: uuid.UUID
    good: int = 0
    damaged: int = 0
    wrong: int = 0
    expired: int = 0
    missing: Mapping[str, int] = field(default_factory=dict)
    """Parts of kits that were not there: SKU -> pieces."""

    def parts(self) -> list[tuple[Condition, int]]:
        told = [
            (Condition.GOOD, self.good),
            (Condition.DAMAGED, self.damaged),
            (Condition.WRONG, self.wrong),
            (Condition.EXPIRED, self.expired),
        ]
        return [(condition, pieces) for condition, pieces in told if pieces]

    @property
    def pieces(self) -> int:
        return self.good + self.damaged + self.wrong + self.expired


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
        done: list[RmaUnit] = []
        for one in counted:
            line = lines[one.position]
            done += _take(work, line, one, waiting.get(line.pk, []), taken)
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


def _take(
    work: _Work,
    line: RmaLine,
    one: Counted,
    waiting: list[RmaUnit],
    taken: dict[uuid.UUID, Device],
) -> list[RmaUnit]:
    if line.order_line.tracking == Tracking.SERIALIZED and not line.business.components:
        return _take_singly(work, line, one, waiting, taken)
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
            unit.quantity = one.pieces
        waiting.pop(0)
    else:
        unit = expecting.one_more(line, one.pieces, rma=work.rma, by=work.by, at=work.at)
        device = moves.take_one(unit.device_id) if unit.device_id else None
        if device is None:
            raise UnableToReceive(Reason("no_unit", _("No unit was announced for this line.")))
    if not hasattr(unit, "found"):
        unit.found = LotUnit.objects.get(pk=unit.pk)
    unit.quantity = one.pieces
    _receive(work, line, unit, device, one)
    return [unit]


def _take_singly(
    work: _Work,
    line: RmaLine,
    one: Counted,
    waiting: list[RmaUnit],
    taken: dict[uuid.UUID, Device],
) -> list[RmaUnit]:
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
        extra = expecting.one_more(line, 1, rma=work.rma, by=work.by, at=work.at)
        chosen.append(extra)
    done = []
    for unit in chosen[:wanted]:
        if unit in waiting:
            waiting.remove(unit)
        if unit.device_id is None:
            raise UnableToReceive(Reason("no_unit", _("No unit was announced for this line.")))
        device = taken.get(unit.device_id) or moves.take_one(unit.device_id)
        if not hasattr(unit, "found"):
            unit.found = LotUnit.objects.get(pk=unit.pk)
        _receive(work, line, unit, device, one)
        done.append(unit)
    return done


def _receive(
    work: _Work,
    line: RmaLine,
    unit: RmaUnit,
    device: Device,
    one: Counted,
) -> None:
    """Move the device into RECEIVED and write down what is printed on it."""
    custodian = work.hub.organization_id
    if State(device.state) == State.EXPECTED:
        arrivals.receive(device, hub=work.hub.pk, custodian=custodian, by=work.by, at=work.at)
    elif State(device.state) in approval.AWAY:
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
    else:
        raise UnableToReceive(
            Reason(
                "here_already",
                _("%(tag)s is here already (%(state)s).") % {"tag": device.tag, "state": word(f"state.{device.state}")},
            )
        )
    counted = device.tracking == Tracking.COUNTED
    found = unit.found
    found.lot = one.lot.strip() or found.lot
    found.expires_on = one.expires_on or found.expires_on
    found.lot_sent = _was_sent(work.case, line, found.lot)
    moves.note(
        device,
        fact=facts.UnitMatched(
            rma=str(work.rma.pk),
            number=work.rma.number,
            line=str(line.pk),
            position=line.position,
            how="serial" if one.serial else "count" if counted else "line",
            reason=line.reason,
            wanted=line.wanted,
        ),
        by=work.by,
        at=work.at,
    )
    if counted:
        moves.note(
            device,
            fact=device_facts.Counted(expected=unit.quantity, counted=one.pieces),
            by=work.by,
            at=work.at,
            set={"quantity": one.pieces, "lot": found.lot},
        )
    if found.lot:
        moves.note(
            device,
            fact=business_facts.LotFound(
                rma=str(work.rma.pk),
                line=str(line.pk),
                position=line.position,
                lot=found.lot,
                expires_on=found.expires_on.isoformat() if found.expires_on else None,
                lot_sent=found.lot_sent,
            ),
            by=work.by,
            at=work.at,
        )
    unit.status, unit.parcel, unit.counted = UnitStatus.RECEIVED, work.parcel, one.pieces if counted else 1
    unit.received_at, unit.received_by = work.at, work.by.reference
    unit.matched_by = "serial" if one.serial else "count" if counted else "line"
    unit.visit = Visit.objects.filter(device=device).order_by("-number").values_list("number", flat=True)[0]
    unit.device, unit.line = device, line
    unit.save()
    found.save()


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


# Inspecting -------------------------------------------------------------------------------------------------------------------------


def may_inspect(by: Actor) -> bool:
    return by.may("triage.inspect") or by.may("returns.settle")


def inspect(case: BusinessCase, splits: Sequence[Split], *, by: Actor, at: datetime) -> list[RmaUnit]:
    """Say in which condition the counted pieces are; those that differ are split off. All or nothing, each mistake by its unit."""
    if not may_inspect(by):
        raise NotAllowed(Reason("not_allowed", _("Inspecting needs the right to inspect units.")))
    if not splits:
        raise BadInput(Reason("nothing", _("Enter the condition of at least one unit."), "units"))
    with transaction.atomic():
        before = dict(
            RmaUnit.objects.filter(pk__in=[one.unit for one in splits], line__rma=case.rma_id).values_list(
                "pk", "device_id"
            )
        )
        taken = {device.pk: device for device in moves.take(before.values())}
        rma = approval.lock(case.rma_id)
        rows = {
            row.pk: row
            for row in RmaUnit.objects.select_for_update(no_key=True, of=("self",))
            .filter(pk__in=list(before))
            .select_related("line__order_line", "line__business", "line__rma", "found")
        }
        if mistakes := _wrong_splits(splits, rows, at=at):
            raise BadInput(mistakes)
        done: list[RmaUnit] = []
        for one in splits:
            done += _inspect(rows[one.unit], taken, one, by=by, at=at)
        approval.say(
            rma,
            business_facts.LinesInspected(
                pieces=sum(one.pieces for one in splits),
                found=[
                    f"{unit.line.position} {unit.device.tag if unit.device else '-'} {unit.found.condition} {unit.counted}"
                    for unit in done
                ],
            ),
            by=by,
            at=at,
        )
        memos.follow(rma, by=by, at=at)
    return done


def _wrong_splits(splits: Sequence[Split], rows: Mapping[uuid.UUID, RmaUnit], *, at: datetime) -> list[Reason]:
    found: list[Reason] = []
    for place, one in enumerate(splits):
        unit, where = rows.get(one.unit), f"units[{place}]"
        if unit is None:
            found.append(Reason("no_unit", _("This return has no such unit."), where))
            continue
        what = _("Line %(line)s, lot %(lot)s") % {"line": unit.line.position, "lot": unit.found.lot or "—"}
        counts = (one.good, one.damaged, one.wrong, one.expired)
        if unit.status != UnitStatus.RECEIVED or unit.counted is None:
            found.append(Reason("wrong_status", f"{what}: {word(f'rma_unit.{unit.status}')}.", where))
        elif unit.found.condition:
            found.append(Reason("inspected", _("%s was inspected already.") % what, where))
        elif min(counts) < 0 or one.pieces != unit.counted:
            found.append(
                Reason(
                    "sum",
                    _("%(what)s: %(told)s pieces are told, %(counted)s were counted.")
                    % {"what": what, "told": one.pieces, "counted": unit.counted},
                    where,
                )
            )
        elif one.good and unit.found.expires_on is not None and unit.found.expires_on < at.date():
            found.append(
                Reason(
                    "expired",
                    _("%(what)s expired on %(day)s, so nothing of it is good.")
                    % {"what": what, "day": unit.found.expires_on.isoformat()},
                    f"{where}.good",
                )
            )
        else:
            found += _wrong_parts(unit, one, what, where)
    if len({one.unit for one in splits}) != len(splits):
        found.append(Reason("twice", _("A unit is named twice."), "units"))
    return found[:50]


def _wrong_parts(unit: RmaUnit, one: Split, what: str, where: str) -> list[Reason]:
    found = []
    for sku, pieces in one.missing.items():
        part = kits.part(unit.line.order_line.components, sku) if not unit.found.component else None
        if part is None:
            found.append(
                Reason("no_part", _("%(what)s: %(part)s is no part of it.") % {"what": what, "part": sku}, where)
            )
        elif not 0 <= pieces <= int(part["quantity"]) * (unit.counted or 0):
            found.append(
                Reason("parts", _("%(what)s: so many %(part)s can't be missing.") % {"what": what, "part": sku}, where)
            )
    return found


def _inspect(unit: RmaUnit, taken: dict[uuid.UUID, Device], one: Split, *, by: Actor, at: datetime) -> list[RmaUnit]:
    line, parts = unit.line, one.parts()
    device = taken[unit.device_id] if unit.device_id else None
    if device is None:
        raise UnableToReceive(Reason("no_unit", _("Nothing was received for this line yet.")))
    done: list[tuple[RmaUnit, Device, Condition, int]] = []
    for condition, pieces in parts[1:]:
        apart = splitting.split(device, pieces, by=by, at=at)
        made = expecting.add_unit(line, apart, pieces, at=at)
        made.found = LotUnit.objects.get(pk=made.pk)
        for name in ("lot", "expires_on", "component", "lot_sent"):
            setattr(made.found, name, getattr(unit.found, name))
        for name in ("parcel_id", "received_at", "received_by", "matched_by"):
            setattr(made, name, getattr(unit, name))
        made.status, made.visit, made.line = UnitStatus.RECEIVED, 1, line
        done.append((made, apart, condition, pieces))
    done.insert(0, (unit, device, parts[0][0], parts[0][1]))
    unit.found.missing = [{"sku": sku, "quantity": pieces} for sku, pieces in one.missing.items() if pieces]
    for row, thing, condition, pieces in done:
        row.device, row.quantity, row.counted = thing, pieces, pieces
        row.save()
        row.found.condition, row.found.inspected_by, row.found.inspected_at = condition.value, by.reference, at
        row.found.save()
        moves.note(
            thing,
            fact=business_facts.UnitInspected(
                rma=str(line.rma_id),
                line=str(line.pk),
                position=line.position,
                condition=condition.value,
                quantity=pieces,
            ),
            by=by,
            at=at,
        )
    return [row for row, _thing, _condition, _pieces in done]
