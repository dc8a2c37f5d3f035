"""What the dock says while a truck is scanned off: one scan a parcel, and what to do with the one in the hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.files import File
from django.db import transaction
from django.db.models.functions import Upper
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.accounts import queries as people
from revlog.common.errors import NotFound, Reason
from revlog.devices.models import Location, LocationKind
from revlog.logistics import queries
from revlog.logistics.models import (
    Appointment,
    Carrier,
    Delivery,
    DeliveryLine,
    DeliveryStatus,
    LineStatus,
    ListFrom,
    Parcel,
)
from revlog.logistics.services import scanning_off, signing_off
from revlog.logistics.services.scanning_off import Scanned
from revlog.logistics.staging import Way
from revlog.scanning import answers, registry
from revlog.scanning.answers import Action, Answer, Photo, action
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here

JOB = "scanoff"
NAMED = ("sscc", "consignment", "shipment", "licence_plate")
MOST_NAMED = 8


def at_hand(here: Here) -> Delivery | None:
    """The delivery that this person scans off on this tablet."""
    key = here.open.get("delivery")
    if not key:
        return None
    rows = Delivery.objects.filter(pk=key, hub=here.hub, status=DeliveryStatus.OPEN)
    return rows.select_related("carrier", "hub").first()


def opened(here: Here) -> Answer:
    here.keep(delivery=None, door=None)
    waiting = Delivery.objects.filter(hub=here.hub, status=DeliveryStatus.OPEN).select_related("carrier", "door")[:3]
    return {
        "tone": "accepted",
        "title": _("Scanning off"),
        "text": _("Scan the first parcel, or the code of the door."),
        "actions": [
            action(_("Go on: %s") % _face(one), "scanoff_join", f"JOIN {place}", delivery=one.number)
            for place, one in enumerate(waiting, 1)
        ],
    }


def _face(delivery: Delivery) -> str:
    return f"{delivery.carrier.name}, {delivery.door.code}" if delivery.door else delivery.carrier.name


def first(parcel: Parcel) -> Action:
    """A button that begins the job with this parcel."""
    return action(
        _("Scan off"), "scanoff_begin", "SCAN OFF", primary=True, icon="truck-delivery", tracking=parcel.tracking
    )


def answer(here: Here, reading: Reading) -> Answer | None:
    delivery = at_hand(here)
    if reading.code == "DAMAGED":
        return last_damaged(here, delivery)
    if reading.code == "END" and delivery is not None:
        return to_sign(here, delivery)
    texts = reading.candidates(*NAMED)
    numbers = [scanning_off.normal(text) for text in texts]
    if not Parcel.objects.alias(bare=Upper("tracking")).filter(bare__in=numbers).exists():
        if (door := _door(here, reading)) is not None:
            return at_door(here, door)
        # A badge, a place, a unit, half a code: not the job's. What nobody knows may be a parcel.
        if registry.is_half(reading.text) or registry.look(here, reading) is not None:
            return None
    return to_scan(here, delivery, texts) if delivery is not None else begun(here, texts)


# Beginning --------------------------------------------------------------------------------------------------------------------------


def _door(here: Here, reading: Reading) -> Location | None:
    code = reading.elements.get("place_part") or reading.code
    return Location.objects.filter(hub=here.hub, code__iexact=code, kind=LocationKind.DOCK, active=True).first()


def at_door(here: Here, door: Location) -> Answer:
    """The door's code: whoever has an appointment there now, or is being scanned off there."""
    open_here = Delivery.objects.filter(hub=here.hub, door=door, status=DeliveryStatus.OPEN).select_related("carrier")
    if (delivery := open_here.first()) is not None:
        return joined(here, delivery)
    here.keep(door=door.pk)
    if (expected := queries.appointment_now(here.hub, door=door, at=here.at)) is not None:
        return joined(here, _begin(here, expected.carrier, door=door, appointment=expected))
    return {
        "tone": "attention",
        "title": _("Door %s") % door.code,
        "text": _("No truck is expected here now."),
        "todo": _("Scan the first parcel; it says whose truck it is."),
    }


def begun(here: Here, texts: Sequence[str], *, carrier: Carrier | None = None) -> Answer:
    """The first parcel says whose truck it is."""
    parcel = scanning_off.find([scanning_off.normal(text) for text in texts])
    carrier = carrier or (parcel.shipment.carrier if parcel is not None else None)
    if carrier is None:
        return _whose(texts)
    key = here.open.get("door")
    door = Location.objects.filter(pk=key, hub=here.hub).first() if key else None
    delivery = scanning_off.open_delivery(carrier, here.hub, door=door)
    if delivery is None:
        expected = queries.appointment_now(here.hub, carrier=carrier, at=here.at)
        delivery = _begin(here, carrier, door=door, appointment=expected)
    here.keep(delivery=delivery.pk, door=None)
    return to_scan(here, delivery, texts)


def _begin(here: Here, carrier: Carrier, *, door: Location | None, appointment: Appointment | None) -> Delivery:
    return scanning_off.begin(
        hub=here.hub,
        carrier=carrier,
        door=door,
        appointment=appointment,
        station=here.station.name if here.station is not None else "",
        by=here.by,
        at=here.at,
    )


def joined(here: Here, delivery: Delivery) -> Answer:
    here.keep(job=JOB, delivery=delivery.pk, door=None)
    said: Answer = {
        "tone": "accepted",
        "title": delivery.carrier.name,
        "text": ngettext("%s parcel is expected.", "%s parcels are expected.", delivery.expected) % delivery.expected,
        "todo": _("Scan parcel after parcel."),
        "actions": [_ends(delivery)],
    }
    return said


def _whose(texts: Sequence[str]) -> Answer:
    """A number nobody knows, and no truck yet: whose is it?"""
    carriers = Carrier.objects.filter(active=True).order_by("name")[:6]
    return {
        "tone": "attention",
        "title": _("Whose truck is it?"),
        "text": _("Nobody announced %s.") % texts[-1],
        "todo": _("Choose the carrier, or scan another parcel of it."),
        "actions": [
            action(one.name, "scanoff_begin", f"CARRIER {place}", carrier=one.code, tracking=texts[-1])
            for place, one in enumerate(carriers, 1)
        ],
    }


# Scanning ---------------------------------------------------------------------------------------------------------------------------


def to_scan(here: Here, delivery: Delivery, texts: Sequence[str], *, anyway: bool = False) -> Answer:
    done = scanning_off.scan(delivery, texts, anyway=anyway, by=here.by, at=here.at)
    here.keep(off=f"{delivery.number} {done.line.tracking}")
    return {"counted": _counted, "again": _again, "foreign": _foreign}[done.what](here, delivery, done)


def tally(here: Here) -> tuple[int, int | None] | None:
    """How many of how many are taken off."""
    delivery = at_hand(here)
    if delivery is None:
        return None
    return delivery.lines.filter(status=LineStatus.COUNTED).count(), delivery.expected or None


def _sends(delivery: Delivery, line: DeliveryLine) -> dict[str, Any]:
    return {"delivery": delivery.number, "tracking": line.tracking}


def _ends(delivery: Delivery) -> Action:
    return action(_("Driver signs"), "scanoff_sign", "END", icon="pencil", delivery=delivery.number)


def _counted(here: Here, delivery: Delivery, done: Scanned) -> Answer:
    line, odd = done.line, ""
    if line.why == "unlisted" and delivery.list_from == ListFrom.LIST:
        odd = _("It isn't on the carrier's list; it is counted.")
    elif line.why == "other_carrier":
        odd = _("Another carrier was to bring it; it is counted.")
    elif line.why == "unknown":
        odd = _("Nobody announced it; it is counted.")
    said: Answer = {
        "tone": "attention" if odd else "accepted",
        "title": _("Taken off"),
        "text": " ".join(part for part in (line.tracking, odd, done.way.why if done.way else "") if part),
        "actions": [
            action(_("Damaged"), "scanoff_damaged", "DAMAGED", danger=True, **_sends(delivery, line)),
            _ends(delivery),
        ],
        "undo": answers.undo(
            "parcel_scanned_off", _("Undo: parcel %s taken off") % line.tracking, **_sends(delivery, line)
        ),
    }
    return said | _where(done.way)


def _where(way: Way | None) -> Answer:
    return {"goes_to": way.words} if way is not None else {}


def _again(here: Here, delivery: Delivery, done: Scanned) -> Answer:
    line = done.line
    if done.at_once:
        return {"tone": "accepted", "title": _("Taken off"), "text": line.tracking, "actions": [_ends(delivery)]}
    told = {"who": people.who(line.scanned_by), "when": people.moment(line.scanned_at or here.at, here.hub)}
    return {
        "tone": "attention",
        "title": _("Counted already"),
        "text": _("Scanned by %(who)s on %(when)s; it counts once.") % told,
        "todo": _("Put it with the others."),
        "actions": [
            action(_("Damaged"), "scanoff_damaged", "DAMAGED", danger=True, **_sends(delivery, line)),
            _ends(delivery),
        ],
    }


def _foreign(here: Here, delivery: Delivery, done: Scanned) -> Answer:
    line, parcel = done.line, done.parcel
    take = action(_("Take it in"), "scanoff_take", "TAKE", icon="package-import", **_sends(delivery, line))
    said: Answer = {
        "tone": "refused", "stands": True, "title": _("Not for us"), "actions": [_ends(delivery)], "call": _(answers.LEAD),
    }  # fmt: skip
    if line.why == "other_hub" and parcel is not None:
        text = _("%(parcel)s is for %(site)s.") % {"parcel": line.tracking, "site": parcel.shipment.hub.name}
        return said | {"text": text, "todo": _("Give it back to the driver."), "call": ""}
    if line.why == "gone" and parcel is not None:
        if parcel.arrived_at is not None:
            told = {"parcel": line.tracking, "when": people.moment(parcel.arrived_at, here.hub)}
            text = _("%(parcel)s was taken in on %(when)s already.") % told
            return said | {"title": _("Here already"), "text": text, "todo": _("Compare the labels, keep it aside.")}
        text = _("%s isn't to come any more.") % line.tracking
        return said | {"text": text, "todo": _("Give it back to the driver."), "call": ""}
    if line.why == "other_carrier" and parcel is not None and parcel.shipment.carrier is not None:
        told = {"parcel": line.tracking, "carrier": parcel.shipment.carrier.name}
        return said | {
            "tone": "attention",
            "title": _("Another carrier's"),
            "text": _("%(parcel)s was to come with %(carrier)s.") % told,
            "todo": _("Take it in if its label is ours, else give it back."),
            "call": "",
            "actions": [take, _ends(delivery)],
        }
    return said | {
        "tone": "attention",
        "title": _("Unknown number"),
        "text": _("Nobody announced %s.") % line.tracking,
        "todo": _("Is it addressed to us? Take it in, else give it back."),
        "call": "",
        "actions": [take, _ends(delivery)],
    }


@registry.undoing("parcel_scanned_off")
def undo(here: Here, told: dict[str, str]) -> Answer:
    delivery = numbered(here, told.get("delivery", ""))
    line = scanning_off.undo(delivery, told.get("tracking", ""), by=here.by, at=here.at)
    said: Answer = {
        "tone": "accepted",
        "title": _("Taken back"),
        "text": _("%s isn't counted.") % line.tracking,
        "actions": [_ends(delivery)],
    }
    return said


def numbered(here: Here, number: str) -> Delivery:
    """The delivery of this site with this number, open or not."""
    row = (
        Delivery.objects.filter(number=number.replace("\0", ""), hub=here.hub).select_related("carrier", "hub").first()
    )
    if row is None:
        raise NotFound(Reason("not_found", _("There is no such delivery.")))
    return row


# Damage, the end --------------------------------------------------------------------------------------------------------------------


def last_damaged(here: Here, delivery: Delivery | None) -> Answer:
    """About the parcel that lies in the hand, whatever was scanned elsewhere since."""
    tracking = _in_hand(here, delivery)
    if delivery is None or not tracking:
        raise NotFound(Reason("nothing", _("Scan the parcel first, then the code for damage.")))
    return damaged(here, delivery, tracking)


def _in_hand(here: Here, delivery: Delivery | None) -> str:
    if delivery is None:
        return ""
    number, _space, tracking = here.open.get("off", "").partition(" ")
    if number == delivery.number and tracking:
        return tracking
    line = scanning_off.last_of(delivery, by=here.by)
    return line.tracking if line is not None else ""


@registry.pictured(order=10)
def pictured(here: Here, upload: File[bytes]) -> Answer | None:
    """A photo that was taken without the net: it is of the parcel that lay in the hand."""
    delivery = at_hand(here) if here.job == JOB else None
    tracking = _in_hand(here, delivery)
    if delivery is None or not tracking:
        return None
    line = scanning_off.photograph(delivery, tracking, upload, by=here.by, at=here.at)
    return photographed(delivery, line)


@registry.signed
def signed(here: Here, told: registry.Signature) -> Answer | None:
    """The driver signed without the net, for a number of parcels; it is the one that was taken off, or nothing is closed."""
    delivery = at_hand(here) if here.job == JOB else None
    if delivery is None:
        return None
    with transaction.atomic():
        done = signing_off.end(delivery, signature=told.drawn, signed_by=told.signed_by, by=here.by, at=here.at)
        registry.agree(told, signing_off.sums(done).counted)
    return ended(here, done)


def damaged(here: Here, delivery: Delivery, tracking: str) -> Answer:
    line, way = scanning_off.damaged(delivery, tracking, by=here.by, at=here.at)
    here.keep(off=f"{delivery.number} {line.tracking}")
    said: Answer = {
        "tone": "attention",
        "title": _("Damaged"),
        "text": _("%s is noted as damaged.") % line.tracking,
        "todo": _("Take a photo before the driver goes."),
        "photo": _photo(delivery, line),
        "actions": [_ends(delivery)],
    }
    return said | _where(way)


def _photo(delivery: Delivery, line: DeliveryLine) -> Photo:
    return {
        "label": _("Photo of %s") % line.tracking,
        "url": action("", "scanoff_photo")["url"],
        "sends": {name: str(value) for name, value in _sends(delivery, line).items()},
    }


def photographed(delivery: Delivery, line: DeliveryLine) -> Answer:
    said: Answer = {
        "tone": "accepted",
        "title": _("Photo kept"),
        "text": _("%s: the damage is shown.") % line.tracking,
        "todo": _("Scan the next parcel."),
        "actions": [_ends(delivery)],
    }
    return said


def to_sign(here: Here, delivery: Delivery) -> Answer:
    """What the driver signs for, with the glass to sign on; first the photos that are still to be taken."""
    lines = list(delivery.lines.order_by("tracking"))
    if found := signing_off.reasons_against_ending(delivery, lines):
        bare = next((one for one in lines if one.damaged and one.photo_id is None), None)
        said: Answer = {"tone": "attention", "title": _("Not yet"), "text": found[0].sentence}
        if bare is not None:
            said["photo"] = _photo(delivery, bare)
        return said
    return {
        "tone": "accepted",
        "title": _("The driver signs"),
        "text": _("For the number of parcels and what is visible outside."),
        "sign": {
            "url": action("", "scanoff_end")["url"],
            "sends": {"delivery": delivery.number},
            "says": summary(delivery, lines),
            "label": _("Signed"),
            "unsigned": _("The driver doesn't sign"),
        },
    }


def summary(delivery: Delivery, lines: Sequence[DeliveryLine]) -> list[str]:
    """Count and exceptions, a line each."""
    told = signing_off.sums(delivery, lines)
    found = [
        _("%(done)s of %(goal)s parcels taken off") % {"done": told.counted, "goal": told.expected}
        if told.expected
        else ngettext("%s parcel taken off", "%s parcels taken off", told.counted) % told.counted
    ]
    groups = (
        (_("Damaged: %s"), [one.tracking for one in lines if one.damaged]),
        (_("Missing: %s"), [one.tracking for one in lines if one.status in {LineStatus.EXPECTED, LineStatus.MISSING}]),
        (_("Not taken off: %s"), [one.tracking for one in lines if one.status == LineStatus.FOREIGN]),
    )
    for text, numbers in groups:
        if numbers:
            rest = len(numbers) - MOST_NAMED
            named = ", ".join(numbers[:MOST_NAMED])
            if rest > 0:
                named = _("%(named)s and %(rest)s more") % {"named": named, "rest": rest}
            found.append(text % named)
    nameless = told.missing - sum(one.status in {LineStatus.EXPECTED, LineStatus.MISSING} for one in lines)
    if nameless > 0:
        found.append(ngettext("%s parcel missing", "%s parcels missing", nameless) % nameless)
    return found


def ended(here: Here, delivery: Delivery) -> Answer:
    here.keep(delivery=None, door=None)
    lines = list(delivery.lines.order_by("tracking"))
    told = signing_off.sums(delivery, lines)
    return {
        "tone": "attention" if told.missing or told.damaged or told.turned_away else "accepted",
        "title": _("Delivery closed") if delivery.unsigned_why else _("Signed and closed"),
        "text": "; ".join(summary(delivery, lines)[:2]),
        "todo": _("The driver may go. Scan the next truck's first parcel."),
        "actions": [answers.leads(_("Driver's sheet"), queries.address_of(delivery), icon="file-text")],
    }
