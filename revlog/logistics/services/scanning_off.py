"""Scanning off: parcels are counted against the carrier's list while the driver waits. What is in them is looked at later, elsewhere."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.accounts.queries import operator
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, NotFound, Reason
from revlog.custody.facts import Fact
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.custody.services.ledger import Also
from revlog.devices.models import Location
from revlog.evidence.services import artifacts
from revlog.logistics import facts, staging
from revlog.logistics.carriers.any import PREFIX
from revlog.logistics.models import (
    Appointment,
    AppointmentStatus,
    Carrier,
    Condition,
    Delivery,
    DeliveryLine,
    DeliveryStatus,
    Direction,
    LineStatus,
    ListFrom,
    Parcel,
    ParcelStatus,
)
from revlog.logistics.services import parcels
from revlog.logistics.services.parcels import ANY
from revlog.logistics.staging import Way

MOST_LISTED = 5000
AT_ONCE = timedelta(seconds=1)
COMING = (ParcelStatus.ANNOUNCED.value, ParcelStatus.IN_TRANSIT.value)
UNDO_WITHIN = timedelta(seconds=60)
"""The floor offers it for 30 seconds; the rest is for the net and for who is slow."""


class UnableToScanOff(DomainError):
    """The parcel or delivery can't be taken off like this; the sentence says what to do with the thing in the hand."""

    code = "unable_to_scan_off"


@dataclass(frozen=True)
class Scanned:
    """What a scan was: ``counted``; ``again`` (counted before, silently when ``at_once``); ``foreign`` with why in the line."""

    what: str
    line: DeliveryLine
    parcel: Parcel | None
    way: Way | None = None
    at_once: bool = False


def require(by: Actor) -> None:
    if not by.may("logistics.handover") and not by.may("returns.receive"):
        raise NotAllowed(Reason("not_allowed", _("Scanning parcels off needs the right to accept parcels.")))


def normal(text: str) -> str:
    """A number as a list keeps it: without spaces, upper case; our own as we print it."""
    bare = "".join(text.split()).upper()[:60]
    return ids.normal(bare, PREFIX, (4, 4, 4)) or bare


# Beginning --------------------------------------------------------------------------------------------------------------------------


def expected_of(carrier: Carrier, hub: Hub, *, at: datetime) -> list[Parcel]:
    """What the carrier is to bring to the site today, by what is announced: due until today, or on its way without a day."""
    today = hub.calendar.local(at).date()
    return list(
        Parcel.objects.filter(
            shipment__hub=hub, shipment__carrier=carrier, shipment__direction=Direction.INBOUND, status__in=COMING
        )
        .filter(Q(expected_on__lte=today) | Q(expected_on=None, status=ParcelStatus.IN_TRANSIT))
        .order_by("tracking")[:MOST_LISTED]
    )


def open_delivery(carrier: Carrier, hub: Hub, *, door: Location | None = None) -> Delivery | None:
    """The delivery of this carrier that is being scanned off at the site, where there is one alone."""
    found = Delivery.objects.filter(hub=hub, carrier=carrier, status=DeliveryStatus.OPEN)
    rows = list((found.filter(door=door) if door is not None else found).select_related("carrier", "hub", "door")[:2])
    return rows[0] if len(rows) == 1 else None


def begin(
    *,
    hub: Hub,
    carrier: Carrier,
    door: Location | None = None,
    appointment: Appointment | None = None,
    reference: str = "",
    station: str = "",
    listed: Iterable[str] | None = None,
    count: int | None = None,
    by: Actor,
    at: datetime,
) -> Delivery:
    """A driver stands at a door. What is expected comes from what is announced, from the carrier's list, or is the driver's own count."""
    require(by)
    if appointment is not None:
        door = door or appointment.door
        reference = reference or appointment.reference
    found = parcels_listed = None
    if listed is not None:
        parcels_listed = _numbers(listed)
    elif count is None:
        found = expected_of(carrier, hub, at=at)
    if count is not None and not 0 <= count <= MOST_LISTED:
        raise BadInput(Reason("count", _("Enter how many parcels there are."), "count"))
    source = (
        ListFrom.LIST if parcels_listed is not None else ListFrom.COUNT if count is not None else ListFrom.ANNOUNCED
    )
    with transaction.atomic():
        row = Delivery(
            id=ids.new(at),
            number=ids.code("DL"),
            hub=hub,
            carrier=carrier,
            door=door,
            appointment=appointment,
            reference=reference.strip()[:60],
            list_from=source.value,
            station=station[:100],
            begun_by=by.reference,
            begun_at=at,
        )
        row.expected = count if count is not None else len(found if found is not None else parcels_listed or ())
        if row.expected == 0 and appointment is not None and source == ListFrom.ANNOUNCED:
            row.expected = appointment.parcels
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise UnableToScanOff(
                Reason(
                    "open",
                    _("A delivery of %(carrier)s is being scanned off at this door. End it first.")
                    % {"carrier": carrier.name},
                )
            ) from error
        if found is not None:
            _list(row, {one.tracking.upper(): one for one in found})
        elif parcels_listed is not None:
            _list(row, _known(row, parcels_listed))
        ledger.begin(
            "delivery",
            row.pk,
            facts.DeliveryBegun(
                number=row.number,
                hub=hub.code,
                carrier=carrier.code,
                door=door.code if door is not None else "-",
                expected=row.expected,
                list_from=f"list_from.{row.list_from}",
                reference=row.reference or None,
                appointment=appointment.number if appointment is not None else None,
            ),
            by=by,
            at=at,
            owner=hub.organization_id,
            hub=hub.pk,
        )
        if appointment is not None:
            Appointment.objects.filter(pk=appointment.pk, status=AppointmentStatus.PLANNED).update(
                status=AppointmentStatus.ARRIVED, arrived_at=at
            )
    return row


def relist(
    delivery: Delivery, *, listed: Iterable[str] | None = None, count: int | None = None, by: Actor, at: datetime
) -> Delivery:
    """The carrier's own list, or the driver's count, instead of what was expected so far. What is scanned stays scanned."""
    require(by)
    numbers = _numbers(listed) if listed is not None else None
    if numbers is None and (count is None or not 0 <= count <= MOST_LISTED):
        raise BadInput(Reason("count", _("Enter how many parcels there are."), "count"))
    with transaction.atomic():
        row = lock(delivery.pk)
        row.lines.filter(status=LineStatus.EXPECTED).delete()
        row.lines.filter(listed=True).update(listed=False)
        if numbers is not None:
            scanned = set(row.lines.filter(tracking__in=numbers).values_list("tracking", flat=True))
            row.lines.filter(tracking__in=scanned).update(listed=True)
            row.lines.filter(tracking__in=scanned, why="unlisted").update(why="")
            _list(row, _known(row, [one for one in numbers if one not in scanned]))
        row.list_from = ListFrom.LIST if numbers is not None else ListFrom.COUNT
        row.expected = len(numbers) if numbers is not None else count or 0
        row.save(update_fields=["list_from", "expected"])
        fact = facts.DeliveryListed(number=row.number, expected=row.expected, list_from=f"list_from.{row.list_from}")
        _say(row, fact, by=by, at=at)
    return row


def _numbers(listed: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(number for number in map(normal, listed) if number))
    if not found:
        raise BadInput(Reason("empty", _("The list names no parcel."), "list"))
    if len(found) > MOST_LISTED:
        raise BadInput(Reason("too_many", _("A list has at most %s parcels.") % MOST_LISTED, "list"))
    return found


def _known(delivery: Delivery, numbers: Sequence[str]) -> dict[str, Parcel | None]:
    """What a list names, with the parcel where it is one that comes to this site; of others a list tells nothing."""
    rows = {one.tracking.upper(): one for one in _numbered(numbers).filter(shipment__hub=delivery.hub_id)}
    return {number: rows.get(number) for number in numbers}


def _list(delivery: Delivery, rows: dict[str, Parcel] | dict[str, Parcel | None]) -> None:
    DeliveryLine.objects.bulk_create(
        [
            DeliveryLine(delivery=delivery, tracking=number, parcel=parcel, listed=True)
            for number, parcel in rows.items()
        ]
    )


# Scanning ---------------------------------------------------------------------------------------------------------------------------


def lock(delivery: uuid.UUID) -> Delivery:
    """The open delivery, locked. Raises UnableToScanOff for one that is ended."""
    row = (
        Delivery.objects.select_for_update(no_key=True, of=("self",))
        .select_related("hub", "carrier")
        .filter(pk=delivery)
        .first()
    )
    if row is None:
        raise NotFound(Reason("not_found", _("There is no such delivery.")))
    if row.status != DeliveryStatus.OPEN:
        raise UnableToScanOff(
            Reason("ended", _("Delivery %s is signed and closed. Scan the parcel again to begin another.") % row.number)
        )
    return row


def _numbered(numbers: Sequence[str]) -> QuerySet[Parcel]:
    return Parcel.objects.alias(bare=Upper("tracking")).filter(bare__in=numbers)


def find(numbers: Sequence[str], *, locked: bool = False) -> Parcel | None:
    """The parcel with one of these numbers, of whichever site: of another site's we say no more than that it goes there."""
    rows = _numbered(numbers).select_related("shipment__hub", "shipment__carrier")
    return (rows.select_for_update(no_key=True, of=("self",)) if locked else rows).first()


def scan(delivery: Delivery, texts: Sequence[str], *, anyway: bool = False, by: Actor, at: datetime) -> Scanned:
    """One parcel is taken off the truck, or found not to be ours. ``anyway`` takes one that another carrier was to bring, or nobody."""
    require(by)
    numbers = list(dict.fromkeys(number for number in map(normal, texts) if number))
    if not numbers:
        raise BadInput(Reason("nothing", _("Scan or type a code."), "code"))
    with transaction.atomic():
        row = lock(delivery.pk)
        parcel = find(numbers, locked=True)
        number = parcel.tracking.upper() if parcel is not None else numbers[0]
        line = row.lines.filter(tracking=number).first()
        if line is not None and line.status == LineStatus.COUNTED:
            then = line.scanned_at or at
            return Scanned("again", line, parcel, at_once=at - then < AT_ONCE)
        why = _foreign(row, parcel)
        if line is None:
            line = DeliveryLine(delivery=row, tracking=number, parcel=parcel if why != "other_hub" else None)
        line.scanned_at, line.scanned_by = at, by.reference
        if why == "unknown" and (anyway or line.listed):
            parcel, why = _announced_here(row, number, by=by, at=at), ""
            line.parcel, line.why = parcel, "" if line.listed else "unknown"
        if parcel is None or (why and not (anyway and why == "other_carrier")):
            line.status, line.why = LineStatus.FOREIGN, why
            line.save()
            return Scanned("foreign", line, parcel)
        if why:
            line.why = why
        elif not line.listed and row.list_from != ListFrom.COUNT and not line.why:
            line.why = "unlisted"
        return Scanned("counted", line, parcel, _take(row, line, parcel, by=by, at=at))


def _foreign(delivery: Delivery, parcel: Parcel | None) -> str:
    """Why a parcel isn't one that this driver is to leave here."""
    if parcel is None:
        return "unknown"
    shipment = parcel.shipment
    if shipment.hub_id != delivery.hub_id:
        # First, so that nobody learns here what became of a parcel of another site.
        return "other_hub"
    if shipment.direction != Direction.INBOUND or parcel.status not in COMING:
        return "gone"
    carrier = shipment.carrier
    if carrier is not None and carrier.pk != delivery.carrier_id and ANY not in {carrier.code, delivery.carrier.code}:
        return "other_carrier"
    return ""


def _announced_here(delivery: Delivery, number: str, *, by: Actor, at: datetime) -> Parcel:
    """A parcel that nobody announced gets a shipment of its own."""
    owner = operator()
    if owner is None:
        raise UnableToScanOff(Reason("no_operator", _("No operator is set up yet.")))
    made = parcels.announce(
        direction=Direction.INBOUND,
        hub=delivery.hub,
        owner=owner,
        carrier=delivery.carrier,
        tracking=number,
        by=by,
        at=at,
    )
    parcel = made.parcels[0]
    parcel.announced = False
    parcel.save(update_fields=["announced"])
    return parcel


def _take(delivery: Delivery, line: DeliveryLine, parcel: Parcel, *, by: Actor, at: datetime) -> Way | None:
    shipment = parcel.shipment
    way = staging.way(parcel, rules=staging.rules_of(delivery.hub_id), at=at)
    line.before, line.status, line.goes_to = parcel.status, LineStatus.COUNTED, way.place if way else None
    parcel.status, parcel.condition = ParcelStatus.ARRIVED, Condition.INTACT
    parcel.arrived_at, parcel.arrived_by = at, by.reference
    fact = facts.ParcelScannedOff(
        parcel=str(parcel.pk),
        tracking=parcel.tracking,
        hub=delivery.hub.code,
        delivery=delivery.number,
        condition=str(Condition.INTACT),
        announced=parcel.announced,
        goes_to=way.place.code if way else None,
    )
    entry = ledger.draft(ledger.head_of(shipment.pk), fact, by=by, at=at)
    entry.owner_id, entry.hub_id = shipment.owner_id, delivery.hub_id
    ledger.write(
        entry,
        also=Also(
            "UPDATE logistics_parcel SET status = %s, condition = %s, arrived_at = %s, arrived_by = %s WHERE id = %s",
            [parcel.status, parcel.condition, at, by.reference, parcel.pk],
        ),
    )
    line.accepted_entry = entry.digest
    line.save()
    return way


def undo(delivery: Delivery, tracking: str, *, by: Actor, at: datetime) -> DeliveryLine:
    """The scan was a mistake: the parcel is not here. Raises UnableToScanOff when its time is over, or somebody opened the parcel."""
    require(by)
    with transaction.atomic():
        row = lock(delivery.pk)
        line = _line(row, tracking)
        if line.status != LineStatus.COUNTED or line.scanned_at is None:
            raise UnableToScanOff(Reason("not_counted", _("Parcel %s isn't counted.") % tracking))
        if line.scanned_by != by.reference:
            raise NotAllowed(Reason("not_yours", _("Somebody else scanned it. They can undo it.")))
        if at - line.scanned_at > UNDO_WITHIN:
            raise UnableToScanOff(
                Reason("too_late", _("It is too late to undo that. Tell your lead; the parcel is counted."))
            )
        parcel = find([line.tracking], locked=True)
        if parcel is None or parcel.status != ParcelStatus.ARRIVED or parcel.grams is not None:
            raise UnableToScanOff(Reason("opened", _("Parcel %s is being unpacked already.") % tracking))
        parcel.status, parcel.condition, parcel.arrived_at, parcel.arrived_by = line.before, "", None, ""
        parcel.save(update_fields=["status", "condition", "arrived_at", "arrived_by"])
        fact = facts.ParcelScanUndone(
            parcel=str(parcel.pk), tracking=parcel.tracking, delivery=row.number, corrects=line.accepted_entry
        )
        shipment = parcel.shipment
        ledger.append(shipment.pk, fact, by=by, at=at, owner=shipment.owner_id, hub=row.hub_id)
        line.accepted_entry, line.damaged, line.goes_to = "", False, None
        line.status = LineStatus.EXPECTED if line.listed else LineStatus.FOREIGN
        line.why, line.photo = "" if line.listed else line.why or "undone", None
        line.save()
        if not line.listed and line.why in {"undone", "unlisted"}:
            line.delete()
    return line


# Damage -----------------------------------------------------------------------------------------------------------------------------


def last_of(delivery: Delivery, *, by: Actor) -> DeliveryLine | None:
    """What this person took off last: a command code that follows is about it."""
    rows = delivery.lines.filter(status=LineStatus.COUNTED, scanned_by=by.reference)
    return rows.order_by("-scanned_at", "-id").first()


def damaged(delivery: Delivery, tracking: str, *, by: Actor, at: datetime) -> tuple[DeliveryLine, Way | None]:
    """The box is damaged. A photo has to be taken before the driver goes."""
    require(by)
    with transaction.atomic():
        row = lock(delivery.pk)
        line = _line(row, tracking)
        parcel = find([line.tracking])
        if line.status != LineStatus.COUNTED or parcel is None:
            raise UnableToScanOff(Reason("not_counted", _("Scan the parcel first, then the code for damage.")))
        way = staging.way(parcel, damaged=True, rules=staging.rules_of(row.hub_id), at=at)
        parcels.note_condition(parcel, Condition.DAMAGED, by=by, at=at)
        line.damaged, line.goes_to = True, way.place if way else line.goes_to
        line.save(update_fields=["damaged", "goes_to"])
    return line, way


def photograph(
    delivery: Delivery, tracking: str, upload: File[bytes] | None, *, by: Actor, at: datetime
) -> DeliveryLine:
    """A picture of a damaged parcel, kept with its shipment; a further one as well."""
    require(by)
    if not by.may("evidence.attach"):
        raise NotAllowed(Reason("not_allowed", _("Keeping photos needs the right to attach evidence.")))
    if upload is None:
        raise BadInput(Reason("no_photo", _("Take a photo of the damage."), "photo"))
    picture = artifacts.keep_upload(upload, at=at)
    with transaction.atomic():
        row = lock(delivery.pk)
        line = _line(row, tracking)
        parcel = find([line.tracking])
        if parcel is None or not line.damaged:
            raise UnableToScanOff(Reason("not_damaged", _("Parcel %s isn't noted as damaged.") % tracking))
        shipment = parcel.shipment
        artifacts.attach(picture, chain=shipment.pk, use="photo_parcel", name=line.tracking, by=by, at=at)
        if line.photo_id is None:
            line.photo = picture
            line.save(update_fields=["photo"])
        fact = facts.ParcelPictured(
            parcel=str(parcel.pk), tracking=parcel.tracking, delivery=row.number, photo=picture.digest
        )
        ledger.append(
            shipment.pk, fact, by=by, at=at, key=f"pictured:{picture.digest}", owner=shipment.owner_id, hub=row.hub_id
        )
    return line


def _line(delivery: Delivery, tracking: str) -> DeliveryLine:
    line = delivery.lines.filter(tracking=normal(tracking)).first()
    if line is None:
        raise NotFound(Reason("not_found", _("There is no such parcel in this delivery.")))
    return line


def _say(delivery: Delivery, fact: Fact, *, by: Actor, at: datetime) -> Entry:
    hub = delivery.hub
    return ledger.append(delivery.pk, fact, by=by, at=at, owner=hub.organization_id, hub=hub.pk)
