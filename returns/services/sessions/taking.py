"""What is done with one thing in a session: the verbs of receiving, each with its line. Without a session they stand alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from returns import queries
from returns.facts import sessions as facts
from returns.figures import photos_wanted
from returns.models import (
    Against,
    Discrepancy,
    ReceivingSession,
    Refund,
    Rma,
    RmaUnit,
    SessionLine,
    Trouble,
    UnitStatus,
    Unpacked,
)
from returns.queries import sessions as session_reads
from returns.services import approval, differing, owing, receiving, troubles, unloading
from returns.services.receiving import Received
from returns.services.sessions import opening
from returns.services.sessions.opening import UnableToUnpack
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.rows import change
from revlog.custody.models import Entry
from revlog.devices import facts as device_facts
from revlog.devices import identifiers
from revlog.devices.journey import State
from revlog.devices.models import Device, HoldKind, Location, LocationKind, NumberConflict
from revlog.devices.services import arrivals, decontaminating, moves, naming, placing
from revlog.devices.services.arrivals import Stay
from revlog.logistics.models import Parcel

OUTCOMES = {
    Trouble.DAMAGED: Unpacked.DAMAGED,
    Trouble.SHORT_COUNT: Unpacked.SHORT,
    Trouble.OVER_COUNT: Unpacked.OVER,
    Trouble.NO_SERIAL: Unpacked.DIFFERS,
    Trouble.WRONG_SERIAL: Unpacked.WRONG_SERIAL,
    Trouble.WRONG_ITEM: Unpacked.WRONG_ITEM,
    Trouble.UNANNOUNCED_UNIT: Unpacked.UNANNOUNCED,
    Trouble.FOUND_PROPERTY: Unpacked.FOUND,
    Trouble.OVER: Unpacked.OVER,
    Trouble.EMPTY_BOX: Unpacked.EMPTY,
    Trouble.MISSING: Unpacked.SHORT,
}


class UnableToUndo(DomainError):
    """It can't be taken back; the sentence says why and what to do."""

    code = "unable_to_undo"


def _with(
    session: ReceivingSession | None, verb: Callable[[], Received], *, by: Actor, at: datetime
) -> tuple[Received, SessionLine | None]:
    """Do it and write its line, or neither."""
    with transaction.atomic():
        if session is None:
            return verb(), None
        row = opening.lock(session.pk)
        done = verb()
        kinds = [Trouble(one.kind) for one in done.troubles]
        outcome = OUTCOMES[kinds[0]] if kinds else Unpacked.RECEIVED
        first = done.troubles[0] if done.troubles else None
        return done, add(
            row, outcome, device=done.device, unit=done.unit or (first.unit if first else None), discrepancy=first,
            by=by, at=at,
        )  # fmt: skip


def add(
    session: ReceivingSession,
    outcome: Unpacked,
    *,
    device: Device | None = None,
    unit: RmaUnit | None = None,
    discrepancy: Discrepancy | None = None,
    parcel: Parcel | None = None,
    expected: str = "",
    found: str = "",
    quantity: int = 1,
    by: Actor,
    at: datetime,
) -> SessionLine:
    """A line of a locked session; a taken unit's chain says in which session it was unpacked, and as what."""
    if unit is not None:
        parcel = parcel or unit.parcel
        expected = expected or unit.line.order_line.description
    if discrepancy is not None:
        parcel = parcel or discrepancy.parcel
        expected, found = discrepancy.expected or expected, discrepancy.found or found
    value = unit.line.per_piece if unit is not None else None
    wanted = photos_wanted(
        outcome.value, device_class=device.device_class if device is not None else "", value=value, at=at
    )
    line = SessionLine(
        id=ids.new(at), session=session, outcome=outcome.value, device=device, unit=unit, parcel=parcel,
        discrepancy=discrepancy, expected=expected[:200], found=(found or (device.face if device else ""))[:200],
        quantity=device.quantity if device is not None else quantity, photos_wanted=wanted, at=at, by=by.reference,
    )  # fmt: skip
    line.save(force_insert=True)
    if device is not None:
        said = facts.UnpackedIn(session=session.number, outcome=f"unpacked.{outcome.value}", photos=wanted)
        moves.note(device, fact=said, by=by, at=at)
    return line


# Announced --------------------------------------------------------------------------------------------------------------------------


def receive(
    session: ReceivingSession | None,
    unit: RmaUnit,
    *,
    by: Actor,
    at: datetime,
    **told: Any,  # noqa: ANN401
) -> tuple[Received, SessionLine | None]:
    """``receiving.receive`` in a session."""
    return _with(session, lambda: receiving.receive(unit, by=by, at=at, **told), by=by, at=at)


def reasons_against_announced(device: Device, hub: Hub) -> list[Reason]:
    """Why a unit that somebody announced by itself can't be taken in by its scan."""
    if State(device.state) != State.EXPECTED:
        return [Reason("not_expected", _("%s is not expected.") % device.tag)]
    about = device.visit.reference if device.visit is not None else ""
    if about.startswith("rma"):
        return [Reason("return", _("%s belongs to a return that isn't coming. Put it on the hold shelf.") % device.tag)]
    if device.hub_id is not None and device.hub_id != hub.pk:
        return [Reason("elsewhere", _("%s is expected at another site. Put it on the hold shelf.") % device.tag)]
    return []


def receive_announced(
    session: ReceivingSession | None, device: Device, *, hub: Hub, by: Actor, at: datetime
) -> tuple[Received, SessionLine | None]:
    """A unit that its owner announced without a return (a client's list), by its number alone."""
    unloading.may_receive(by)

    def verb() -> Received:
        taken = moves.take_one(device.pk)
        if State(taken.state) == State.EXPECTED and (found := reasons_against_announced(taken, hub)):
            raise UnableToUnpack(found)
        arrivals.receive(taken, hub=hub.pk, custodian=hub.organization_id, by=by, at=at)
        return Received(taken, None, queries.place_for(taken, hub))

    return _with(session, verb, by=by, at=at)


def came_back(session: ReceivingSession, device: Device) -> bool:
    """Whether it is on the return to a vendor that this session unpacks, and away."""
    return (
        session.against == Against.VENDOR
        and session.vendor_return is not None
        and State(device.state) == State.RETURNED
        and session.vendor_return.lines.filter(device=device).exists()
    )


def receive_back(
    session: ReceivingSession, device: Device, *, by: Actor, at: datetime
) -> tuple[Received, SessionLine | None]:
    """A unit of a return to a vendor that the vendor sent back: its next stay with us."""
    unloading.may_receive(by)

    def verb() -> Received:
        taken = moves.take_one(device.pk)
        if not came_back(session, taken):
            raise UnableToUnpack(Reason("not_back", _("%s is not on the list of what came back.") % taken.tag))
        arrivals.arrive_again(
            taken,
            stay=Stay(
                why="vendor_return", owner=taken.owner_id, hub=session.hub_id, custodian=session.hub.organization_id,
                reference=f"vendor_return:{session.vendor_return_id}", currency=taken.currency,
            ),
            by=by,
            at=at,
        )  # fmt: skip
        return Received(taken, None, queries.place_for(taken, session.hub))

    return _with(session, verb, by=by, at=at)


# Not as announced -------------------------------------------------------------------------------------------------------------------


def unannounced(
    session: ReceivingSession | None,
    *,
    by: Actor,
    at: datetime,
    **told: Any,  # noqa: ANN401
) -> tuple[Received, SessionLine | None]:
    """``receiving.receive_unannounced`` in a session: nobody announced it, it is one too many, or nobody knows whose it is."""
    return _with(session, lambda: receiving.receive_unannounced(by=by, at=at, **told), by=by, at=at)


def wrong(
    session: ReceivingSession | None,
    unit: RmaUnit,
    *,
    by: Actor,
    at: datetime,
    **told: Any,  # noqa: ANN401
) -> tuple[Received, SessionLine | None]:
    """``differing.receive_wrong`` in a session: another number, or another thing altogether."""
    return _with(session, lambda: differing.receive_wrong(unit, by=by, at=at, **told), by=by, at=at)


def empty(session: ReceivingSession | None, parcel: Parcel, rma: Rma, *, by: Actor, at: datetime) -> Discrepancy:
    """``unloading.empty_box`` in a session."""
    with transaction.atomic():
        locked = opening.lock(session.pk) if session is not None else None
        row = unloading.empty_box(parcel, rma, by=by, at=at)
        if locked is not None and not locked.lines.filter(discrepancy=row).exists():
            add(locked, Unpacked.EMPTY, discrepancy=row, parcel=parcel, by=by, at=at)
    return row


def _line(session: ReceivingSession, pk: uuid.UUID) -> SessionLine:
    found = (
        SessionLine.objects.select_related(
            "device", "unit__line__order_line", "unit__line__rma", "parcel", "discrepancy"
        )
        .filter(pk=pk, session=session)
        .first()
    )
    if found is None or found.undone_at is not None:
        raise UnableToUnpack(Reason("no_line", _("It is not in this session (any more). Scan it again.")))
    return found


def damaged(session: ReceivingSession, line: uuid.UUID, *, by: Actor, at: datetime) -> SessionLine:
    """What was just received is damaged: written down, and its photos are asked for. Saying it twice changes nothing."""
    unloading.may_receive(by)
    with transaction.atomic():
        row = opening.lock(session.pk)
        found = _line(row, line)
        if found.outcome == Unpacked.DAMAGED:
            return found
        if found.device_id is None or found.outcome != Unpacked.RECEIVED:
            raise UnableToUnpack(Reason("not_received", _("Scan the damaged thing first.")))
        taken = moves.take_one(found.device_id)
        unit = found.unit
        rma = approval.lock(unit.line.rma_id) if unit is not None else None
        found.discrepancy = troubles.raise_trouble(
            Trouble.DAMAGED, hub=row.hub, rma=rma, unit=unit, device=taken, parcel=found.parcel, expected=_("intact"),
            found=_("damaged"), money_at_risk=unit.line.per_piece * unit.quantity if unit is not None else None,
            currency=rma.currency if rma is not None else taken.currency, by=by, at=at,
        )  # fmt: skip
        found.outcome = Unpacked.DAMAGED.value
        found.photos_wanted = photos_wanted(
            found.outcome, device_class=taken.device_class, value=unit.line.per_piece if unit else None, at=at
        )
        found.save(update_fields=["discrepancy", "outcome", "photos_wanted"])
        said = facts.UnpackedIn(session=row.number, outcome=f"unpacked.{found.outcome}", photos=found.photos_wanted)
        moves.note(taken, fact=said, by=by, at=at)
    return found


# A slip of the hand -----------------------------------------------------------------------------------------------------------------


def reasons_against_undoing(line: SessionLine, device: Device) -> list[Reason]:
    """Why a receipt stands: others have gone on from it."""
    if line.outcome != Unpacked.RECEIVED:
        return [Reason("differs", _("What was not as announced stays written down; your lead settles it."))]
    if State(device.state) != State.RECEIVED or device.holds:
        return [Reason("moved_on", _("%s has been worked on since. Put it on the hold shelf.") % device.tag)]
    if device.location_id is not None:
        return [Reason("put_away", _("%s stands in its place. Take it out first.") % device.tag)]
    arrived = Entry.objects.filter(
        chain_id=device.pk, kind__in=[device_facts.Arrived.kind, device_facts.ArrivedAgain.kind]
    ).last()
    if arrived is None or arrived.kind != device_facts.Arrived.kind:
        return [Reason("again", _("%s began a new stay with us, which can't be undone. Call your lead.") % device.tag)]
    if Entry.objects.filter(
        chain_id=device.pk, kind=device_facts.Identified.kind, sequence__gt=arrived.sequence
    ).exists():
        return [Reason("number", _("%s got its number by this. Call your lead.") % device.tag)]
    unit = line.unit
    if unit is not None and Refund.objects.filter(unit=unit).exists():
        return [Reason("money", _("Its receipt made money due. Call your lead."))]
    return []


def undo(session: ReceivingSession, line: uuid.UUID, *, by: Actor, at: datetime) -> SessionLine:
    """Take back a receipt that was a slip: a correcting entry, and the thing is expected again."""
    unloading.may_receive(by)
    with transaction.atomic():
        row = opening.lock(session.pk)
        found = _line(row, line)
        if found.by != by.reference:
            raise UnableToUndo(Reason("not_yours", _("Who received it can undo it.")))
        if found.device_id is None:
            raise UnableToUndo(Reason("no_thing", _("There is nothing to take back.")))
        device = moves.take_one(found.device_id)
        rma = approval.lock(found.unit.line.rma_id) if found.unit is not None else None
        unit = owing.lock_unit(found.unit_id) if found.unit_id is not None else None
        if against := reasons_against_undoing(found, device):
            raise UnableToUndo(against)
        last = Entry.objects.filter(chain_id=device.pk, kind=device_facts.Arrived.kind).latest("sequence")
        said = facts.ReceiptUndone(session=row.number, corrects=last.digest)
        arrivals.expect_again(device, fact=said, by=by, at=at)
        found.undone_at = at
        found.save(update_fields=["undone_at"])
        if unit is not None and rma is not None:
            parcel = unit.parcel
            unit.status, unit.received_at, unit.received_by, unit.matched_by = UnitStatus.EXPECTED, None, "", ""
            unit.parcel = None
            change([unit], "status", "received_at", "received_by", "matched_by", "parcel")
            unloading.not_arrived(rma, _slips(rma), fact=said, by=by, at=at)
            unloading.not_unpacked(parcel)
    return found


def _slips(rma: Rma) -> set[datetime]:
    """When those of its receipts were that were taken back."""
    rows = SessionLine.objects.filter(unit__line__rma=rma, undone_at__isnull=False)
    return set(rows.order_by().values_list("at", flat=True))


# Photos, weight, what belongs to it -------------------------------------------------------------------------------------------------


def weigh(session: ReceivingSession, line: uuid.UUID, *, grams: int, how: str, by: Actor, at: datetime) -> SessionLine:
    """What the scale or a person says that it weighs."""
    unloading.may_receive(by)
    if not 0 < grams < 2_000_000 or how not in {"scale", "hand"}:
        raise BadInput(Reason("grams", _("A weight is more than nothing and less than two tonnes."), "grams"))
    with transaction.atomic():
        row = opening.lock(session.pk)
        found = _line(row, line)
        found.grams, found.weighed_by = grams, how
        found.save(update_fields=["grams", "weighed_by"])
        if found.device_id is not None:
            device = moves.take_one(found.device_id)
            said = facts.ThingWeighed(grams=grams, how=f"weighed.{how}", session=row.number)
            moves.note(
                device, fact=said, by=by, at=at, set={"grams": grams} if device.tracking == "serialized" else None
            )
    return found


def note_number(
    session: ReceivingSession, line: uuid.UUID, *, number: str, by: Actor, at: datetime
) -> tuple[Device, NumberConflict | None]:
    """The serial or IMEI found on a thing that its owner announced by asset tag alone. Another unit's is not noted, but asked about."""
    unloading.may_receive(by)
    with transaction.atomic():
        row = opening.lock(session.pk)
        found = _line(row, line)
        if found.device_id is None:
            raise UnableToUnpack(Reason("no_thing", _("Scan the thing first, by its asset tag.")))
        device = moves.take_one(found.device_id)
        name = identifiers.imei(number) or identifiers.serial(number, device.manufacturer)
        if name is None:
            raise BadInput(Reason("no_number", _("“%s” can't be a serial number.") % number, "serial"))
        return device, naming.note(device, name, how="dock", by=by, at=at)


@placing.guard
def reasons_without_photos(devices: Sequence[Device], place: Location) -> list[Reason]:
    """What in an open session still lacks a photo that the rules ask for isn't put away, by whatever page, key or scan.

    Where somebody stands beside it, it may stand; what is dangerous goes to its safe place at once.
    """
    if place.kind in {LocationKind.DOCK, LocationKind.BENCH}:
        return []
    asked = {one.pk: one for one in devices if one.state == State.RECEIVED and HoldKind.SAFETY not in one.holds}
    lacking = session_reads.lack_photos(list(asked)) if asked else set()
    told = _("%(tag)s needs its photo first. Scan it, take the photo, then put it away.")
    return [Reason("photos", told % {"tag": asked[pk].tag}) for pk in asked if pk in lacking]


def compare_parts(
    session: ReceivingSession, line: uuid.UUID, *, parts: dict[str, bool], by: Actor, at: datetime
) -> SessionLine:
    """What belongs to it, ticked off: each by its code, there or not."""
    unloading.may_receive(by)
    with transaction.atomic():
        row = opening.lock(session.pk)
        found = _line(row, line)
        if found.parts == parts:
            return found
        if found.device is not None and (shut := decontaminating.reasons_against_opening(found.device)):
            raise UnableToUnpack(shut)
        found.parts = parts
        found.save(update_fields=["parts"])
        if found.device_id is not None:
            said = facts.PartsCompared(
                there=", ".join(sorted(code for code, there in parts.items() if there)) or "—",
                missing=", ".join(sorted(code for code, there in parts.items() if not there)) or "—",
                session=row.number,
            )
            moves.note(moves.take_one(found.device_id), fact=said, by=by, at=at)
    return found
