"""What the dock answers to a scan: what the thing in the hand is, where it goes, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from returns import queries
from returns.floor import sessions
from returns.models import Bag, Origin, Rma, RmaStatus, RmaUnit, SessionLine, Severity, UnitStatus, Unpacked
from returns.queries import Scan, inbox
from returns.queries import recalls as recall_reads
from returns.services import approval, unloading
from returns.services.receiving import Received
from returns.services.sessions import taking
from revlog.accounts import queries as people
from revlog.common.errors import DomainError
from revlog.common.words import word
from revlog.devices import identifiers
from revlog.devices.journey import State
from revlog.devices.models import Device, Location
from revlog.devices.models.device import Tracking
from revlog.labels.models import JobStatus
from revlog.labels.services import printing
from revlog.logistics.models import Parcel
from revlog.scanning.answers import LEAD, Action, Answer, action, leads
from revlog.scanning.here import Here
from revlog.storage.floor import places as putting
from revlog.storage.services import places
from revlog.terms.models import Order


def parcel_at_hand(here: Here) -> Parcel | None:
    key = here.open.get("parcel")
    rows = Parcel.objects.visible_to(here.by).filter(shipment__hub=here.hub).select_related("shipment__hub")
    return rows.filter(pk=key).first() if key else None


def return_at_hand(here: Here) -> Rma | None:
    key = here.open.get("rma")
    return Rma.objects.visible_to(here.by).select_related("hub").filter(pk=key).first() if key else None


def face_of(device: Device | None, unit: RmaUnit | None = None) -> dict[str, Any] | None:
    if device is None and unit is None:
        return None
    sold = unit.line.order_line if unit is not None else None
    name = device.face if device is not None else sold.description if sold is not None else ""
    note = ""
    if unit is not None:
        note = _("Return %(number)s, line %(line)s: %(reason)s") % {
            "number": unit.line.rma.number,
            "line": unit.line.position,
            "reason": word(f"reason.{unit.line.reason}"),
        }
    return {
        "name": name,
        "tag": device.tag if device is not None else "",
        "kind": device.device_class if device is not None else sold.device_class if sold is not None else "other",
        "url": reverse("unit", args=[device.tag]) if device is not None else "",
        "state": device.state if device is not None else "",
        "held": bool(device.holds) if device is not None else False,
        "place": device.location.code if device is not None and device.location else "",
        "note": note,
    }


def beside(here: Here) -> dict[str, Any]:
    """What stands under each answer while receiving."""
    return {"parcel": parcel_at_hand(here), "waiting": _still_expected(here)}


def _still_expected(here: Here) -> list[dict[str, Any]]:
    """What the parcel or return at hand still expects, as rows under the answer."""
    units = queries.waiting_in(parcel=parcel_at_hand(here), rma=None if parcel_at_hand(here) else return_at_hand(here))
    return [
        {
            "name": unit.line.order_line.description
            if unit.quantity == 1
            else f"{unit.quantity} × {unit.line.order_line.description}",
            "kind": unit.line.order_line.device_class,
            "number": unit.line.rma.number,
            "serials": ", ".join([unit.serial] if unit.serial else unit.line.order_line.serials[:3]),
            "unit": str(unit.pk),
            "counted": unit.line.order_line.tracking == Tracking.COUNTED,
        }
        for unit in units
    ]


def _goes_to(place: Location | None) -> str:
    if place is None:
        return ""
    return f"{place.code} · {_('DATA CAGE')}" if place.secured else place.code


def to_known(here: Here, text: str) -> Answer | None:
    """A parcel or return is taken in by the scan itself; a thing waits for the button, or for an open session."""
    nameless = _nameless(here)
    answer = _to_known(here, text)
    if answer is not None and nameless is not None:
        _or_of_it(answer, nameless, text, {str(key) for key in here.shown("device")})
    return answer


def _nameless(here: Here) -> SessionLine | None:
    """What was received last, where its owner's tag is all that it is known by: its serial may be what is scanned next."""
    at = sessions.line_at_hand(here)
    if at is None or at[1].device is None or at[1].outcome not in {Unpacked.RECEIVED, Unpacked.DAMAGED}:
        return None
    return at[1] if _has_no_number(at[1].device) else None


def _has_no_number(device: Device) -> bool:
    if device.serial or device.tracking != Tracking.SERIALIZED:
        return False
    schemes = set(device.identifiers.values_list("scheme", flat=True))
    return "asset_tag" in schemes and not schemes & {"serial", "imei", "meid"}


def _note_number(line: SessionLine, text: str, *, primary: bool = False, code: str = "SAME") -> Action:
    return action(
        _("It is the serial of %s") % (line.device.tag if line.device else ""), "receiving_act", code, primary=primary, icon="link",
        act="number", session=line.session_id, line=line.pk, serial=text,
    )  # fmt: skip


def _or_of_it(answer: Answer, line: SessionLine, text: str, shown: set[str]) -> None:
    """A code that another unit has, scanned behind a thing without a number: it may be on that very thing."""
    if str(line.device_id) not in shown and identifiers.tag(text) is None and answer.get("unit"):
        answer["actions"] = [*answer.get("actions", []), _note_number(line, text)]


def _of_nameless(line: SessionLine, text: str) -> Answer:
    return {
        "tone": "attention",
        "title": _("New number"),
        "text": _("%(tag)s is known by its asset tag alone. Is %(number)s its serial?")
        % {"tag": line.device.tag if line.device else "", "number": text},
        "unit": face_of(line.device),
        "actions": [
            _note_number(line, text, primary=True),
            action(_("Another thing, unannounced"), "dock_unannounced", "UNIT", serial=text),
            action(_("A parcel, unannounced"), "dock_parcel", "PARCEL", icon="package", tracking=text),
        ],
    }


def numbered(here: Here, device: Device, other: Device | None, number: str) -> Answer:
    """The number was noted, or is another unit's: then the hand goes on, and a lead says which is right."""
    here.show("device", device.pk)
    if other is None:
        return {
            "tone": "accepted",
            "title": _("Number noted"),
            "text": _("%(tag)s is %(number)s from now on, too.") % {"tag": device.tag, "number": number},
            "todo": _("Stick the tag on it."),
            "unit": face_of(device),
        }
    return {
        "tone": "attention",
        "title": _("Number of another unit"),
        "text": _("%(number)s is %(other)s's. Both stay as they are until somebody has looked.")
        % {"number": number, "other": other.tag},
        "todo": _("Stick the tag on it and go on."),
        "call": _(LEAD),
        "unit": face_of(device),
    }


def _to_known(here: Here, text: str) -> Answer | None:
    found = queries.scanned(text, here.by, hub=here.hub, parcel=parcel_at_hand(here), rma=return_at_hand(here))
    if found.parcel is not None:
        return _parcel(here, found.parcel)
    if found.rma is not None:
        return _return(here, found.rma)
    if found.bag is not None:
        return _bag(here, found.bag)
    if found.unit is not None:
        return _expected_in_session(here, found.unit, text) or _expected(here, found.unit, text)
    if found.several:
        return _which(found)
    if found.place is not None:
        return _put(here, found.place)
    if found.device is not None:
        return _known(here, found.device, text)
    return _order(found.order, text) if found.order is not None else None


def to_unknown(here: Here, text: str) -> Answer:
    """A number that nobody knows: the first time it is seen, a wrong thing, or something that nobody announced."""
    waiting = _claimable(here)
    if waiting:
        return _other_serial(waiting, text)
    nameless = _nameless(here)
    return _of_nameless(nameless, text) if nameless is not None else _unknown(text)


def _parcel(here: Here, parcel: Parcel) -> Answer:
    row, rmas, fresh = unloading.arrive(parcel, by=here.by, at=here.at)
    here.keep(parcel=row.pk, rma=rmas[0].pk if len(rmas) == 1 else None)
    text = unloading.summary(row)
    if not fresh and row.arrived_at is not None:
        text = _("Taken in by %(who)s on %(when)s. %(left)s.") % {
            "who": people.who(row.arrived_by),
            "when": people.moment(row.arrived_at, here.hub),
            "left": text,
        }
    return {
        "tone": "accepted" if fresh else "attention",
        "title": _("Parcel taken in") if fresh else _("Parcel opened again"),
        "text": text,
        "todo": _("Open it and scan what is inside."),
        "actions": box_actions(rmas),
    }


def box_actions(rmas: Sequence[Rma]) -> list[Action]:
    if len(rmas) != 1:
        return []
    return [action(_("Box is empty"), "dock_empty", "EMPTY", danger=True, rma=rmas[0].pk)]


def _return(here: Here, rma: Rma) -> Answer:
    at_hand = parcel_at_hand(here)
    parcel = unloading.open_return(rma, parcel=at_hand, hub=here.hub, by=here.by, at=here.at)
    here.keep(parcel=parcel.pk, rma=rma.pk)
    waiting = queries.waiting_in(rma=rma)
    answer: Answer = {
        "tone": "accepted",
        "title": _("Return %s") % rma.number,
        "text": ngettext("%s thing expected", "%s things expected", len(waiting)) % len(waiting),
        "todo": _("Scan its serial number.") if waiting else "",
        "actions": box_actions([rma]) if waiting else [],
    }
    if len(waiting) == 1:
        only = waiting[0]
        if only.line.order_line.tracking == Tracking.COUNTED:
            return answer | _counting(only)
        answer["unit"] = face_of(only.device, only)
        if not only.serial and not only.line.order_line.serials:
            receive = action(
                _("Receive"), "dock_receive", "RECEIVE", primary=True, icon="check", unit=only.pk, how="line"
            )
            answer["actions"] = [receive, *answer["actions"]]
        else:
            unreadable = action(_("Serial unreadable"), "dock_receive", "UNREADABLE", unit=only.pk, unreadable="1")
            answer["actions"] = [unreadable, *answer["actions"]]
    return answer


def _counting(unit: RmaUnit) -> Answer:
    return {
        "count": {"unit": str(unit.pk), "expected": unit.quantity, "name": unit.line.order_line.description},
        "unit": face_of(unit.device, unit),
        "todo": _("Count them and enter how many there are; 0 for an empty box."),
        "actions": [],
    }


def _how(text: str) -> str:
    if identifiers.tag(text):
        return "tag"
    return "imei" if identifiers.imei(text) else "serial"


def _expected(here: Here, unit: RmaUnit, text: str) -> Answer:
    """A thing that a return expects: one press takes it in."""
    place = queries.place_for(unit.device, here.hub) if unit.device else None
    base: Answer = {
        "tone": "accepted",
        "title": _("Expected"),
        "text": _("It arrives again.") if unit.device and State(unit.device.state) != State.EXPECTED else "",
        "unit": face_of(unit.device, unit),
        "goes_to": _goes_to(place),
    }
    if unit.line.order_line.tracking == Tracking.COUNTED:
        return base | _counting(unit)
    sends: dict[str, Any] = {"unit": unit.pk, "serial": text, "how": _how(text)}
    return base | {
        "actions": [
            action(_("Receive"), "dock_receive", "RECEIVE", primary=True, icon="check", **sends),
            action(_("Damaged"), "dock_receive", "DAMAGED", **sends, damaged="1"),
        ]
    }


def _expected_in_session(here: Here, unit: RmaUnit, text: str) -> Answer | None:
    """With a session open, the scan of the one thing that it can be receives it. What is counted is asked for its count all the same."""
    session = sessions.at_hand(here)
    if session is None or unit.line.order_line.tracking == Tracking.COUNTED:
        return None
    if unit.line.rma.status == RmaStatus.EXPIRED:
        unloading.open_return(unit.line.rma, parcel=parcel_at_hand(here), hub=here.hub, by=here.by, at=here.at)
    done, line = taking.receive(
        session, unit, hub=here.hub, serial=text, how=_how(text), parcel=parcel_at_hand(here), by=here.by, at=here.at
    )
    here.keep(rma=unit.line.rma_id)
    return received(here, done, _("Received"), line)


def _announced(here: Here, device: Device) -> Answer | None:
    """What its owner announced without a return, and what a vendor sends back: the scan takes it in, with a session open."""
    session = sessions.at_hand(here)
    if session is not None and taking.came_back(session, device):
        done, line = taking.receive_back(session, device, by=here.by, at=here.at)
        return received(here, done, _("Back from the vendor"), line)
    if taking.reasons_against_announced(device, here.hub):
        return None
    if session is not None:
        done, line = taking.receive_announced(session, device, hub=here.hub, by=here.by, at=here.at)
        return received(here, done, _("Received"), line)
    return {
        "tone": "accepted",
        "title": _("Expected"),
        "text": _("%s announced it.") % device.owner.name,
        "unit": face_of(device),
        "goes_to": _goes_to(queries.place_for(device, here.hub)),
        "actions": [
            action(
                _("Receive"), "receiving_act", "RECEIVE", primary=True, icon="check", act="announced", device=device.pk
            )
        ],
    }


def _bag(here: Here, bag: Bag) -> Answer:
    """A counter's bag: what is in it was read there, so its code stands for the serial; what isn't what was sold is recorded as such."""
    unit = bag.unit
    if unit.status != UnitStatus.EXPECTED and unit.device is not None and not bag.wrong:
        return _known(here, unit.device, bag.code)
    answer = _expected(here, unit, bag.serial)
    answer["title"] = _("Bag %s") % bag.code
    told = [_("From %s") % bag.place.name, _("damaged there") if bag.damaged else ""]
    answer["text"] = "; ".join(part for part in told if part)
    for one in answer["actions"] if not bag.serial else []:
        one["sends"]["how"] = "line"
    if bag.wrong:
        record = action(_("Record, hold"), "dock_wrong", "WRONG", primary=True, unit=unit.pk, serial=bag.serial)
        answer |= {"tone": "refused", "todo": _("Record it and put it on the hold shelf."), "actions": [record]}
    elif bag.damaged:
        answer["actions"] = answer["actions"][1:]
    return answer


def _which(found: Scan) -> Answer:
    return {
        "tone": "attention",
        "title": _("Several things have this number"),
        "text": _("Choose the return that it belongs to."),
        "actions": [
            action(
                f"{unit.line.rma.number}, {unit.line.order_line.description}", "dock_receive", f"LINE {place}",
                unit=unit.pk, serial=found.text, how=_how(found.text),
            )
            for place, unit in enumerate(found.several[:6], 1)
        ],
    }  # fmt: skip


def _put(here: Here, place: Location) -> Answer:
    device = (
        Device.objects.visible_to(here.by)
        .select_related("location", "hub", "owner")
        .filter(pk__in=here.shown("device"))
        .first()
    )
    if device is None:
        return {
            "tone": "attention",
            "title": _("Place %s") % place.code,
            "text": _("Receive something first, then scan where you put it."),
        }
    return putting.done(here, places.put([device.pk], place, by=here.by, at=here.at))


def _known(here: Here, device: Device, text: str) -> Answer:
    """A thing we know that no return expects: announced by its owner, here already, or away and back without a word."""
    if (announced := _announced(here, device)) is not None:
        return announced
    unit = RmaUnit.objects.filter(device=device, received_at__isnull=False).order_by("-received_at").first()
    if State(device.state) not in approval.AWAY and device.state != State.EXPECTED:
        here.show("device", device.pk)
        said = _("It is %s.") % word(f"state.{device.state}")
        if unit is not None and unit.received_at is not None and unit.visit == device.visits.count():
            said = _("Received by %(who)s on %(when)s.") % {
                "who": people.who(unit.received_by),
                "when": people.moment(unit.received_at, here.hub),
            }
        return {
            "tone": "attention",
            "title": _("Here already"),
            "text": said,
            "todo": _("Scan a place to put it there."),
            "unit": face_of(device),
            "goes_to": _goes_to(queries.place_for(device, here.hub)),
        }
    return {
        "tone": "attention",
        "title": _("Nobody announced it"),
        "text": _("We know it, and no return expects it."),
        "todo": _("Take it in and put it on the hold shelf."),
        "unit": face_of(device),
        "actions": [action(_("Take in, hold"), "dock_unannounced", "UNIT", primary=True, serial=text)],
    }


def _claimable(here: Here) -> list[RmaUnit]:
    """What the return or parcel at hand expects and somebody may hold in the hand with a number that nobody knows."""
    if return_at_hand(here) is None and parcel_at_hand(here) is None:
        return []
    units = queries.waiting_in(parcel=parcel_at_hand(here), rma=None if parcel_at_hand(here) else return_at_hand(here))
    return [unit for unit in units if unit.line.order_line.tracking != Tracking.COUNTED]


def _other_serial(waiting: Sequence[RmaUnit], text: str) -> Answer:
    """A number nobody knows, with a return at hand: the wrong thing where we know what shipped, else the first time we see its number."""
    free = [unit for unit in waiting if not unit.serial and not unit.line.order_line.serials]
    if free:
        return {
            "tone": "attention",
            "title": _("New number"),
            "text": _("The order names no serial number. Is it this?"),
            "unit": face_of(free[0].device, free[0]),
            "actions": [
                action(
                    _("Receive"), "dock_receive", "RECEIVE", primary=True, icon="check", unit=free[0].pk, serial=text,
                    how=_how(text),
                ),
                action(_("Something else"), "dock_unannounced", "UNIT", serial=text),
            ],
        }  # fmt: skip
    first = waiting[0]
    expected = first.serial or ", ".join(first.line.order_line.serials)
    return {
        "tone": "refused",
        "title": _("Wrong serial"),
        "text": _("%(expected)s was sold, this is %(found)s.") % {"expected": expected, "found": text},
        "todo": _("Record it and put it on the hold shelf."),
        "call": _(LEAD),
        "unit": face_of(first.device, first),
        "actions": [
            action(_("Record, hold"), "dock_wrong", "WRONG", primary=True, unit=first.pk, serial=text),
            action(_("Another thing"), "receiving_act", "WRONG ITEM", act="wrong_item", unit=first.pk, serial=text),
            action(_("One too many"), "receiving_act", "OVER", act="over", rma=first.line.rma_id, serial=text),
        ],
    }


def _order(order: Order, text: str) -> Answer:
    """An order without a return: our own parcel came back, or its thing without a word."""
    return {
        "tone": "attention",
        "title": _("Order %s") % order.number,
        "text": _("Nobody announced a return of it."),
        "todo": _("Does the parcel come back undelivered?"),
        "actions": [
            action(
                _("Could not be delivered"), "dock_undeliverable", "UNDELIVERABLE", primary=True, order=order.pk,
                why=Origin.UNDELIVERABLE.value, tracking=text,
            ),
            action(
                _("Refused at the door"), "dock_undeliverable", "REFUSED", order=order.pk, why=Origin.REFUSED.value,
                tracking=text,
            ),
            action(_("A thing, unannounced"), "dock_unannounced", "UNIT", serial=text),
        ],
    }  # fmt: skip


def _unknown(text: str) -> Answer:
    return {
        "tone": "attention",
        "title": _("Nobody knows this code"),
        "text": text,
        "todo": _("Is it the number of a parcel, or of a thing?"),
        "actions": [
            action(_("A parcel, unannounced"), "dock_parcel", "PARCEL", icon="package", tracking=text),
            action(_("A thing, unannounced"), "dock_unannounced", "UNIT", serial=text),
            action(_("Found, owner unknown"), "receiving_act", "FOUND", act="found", serial=text),
        ],
    }


def received(here: Here, done: Received, title: str, line: SessionLine | None = None) -> Answer:
    here.show("device", done.device.pk)
    return _labelled(here, done, sessions.told(here, _received(done, title), line))


def _labelled(here: Here, done: Received, said: Answer) -> Answer:
    """Its label is printed at once, where the station's printer does so. A printer that can't is no reason not to receive."""
    try:
        job = printing.on_receipt(str(done.device.pk), station=here.station, by=here.by, at=here.at)
    except DomainError as trouble:
        return {**said, "text": "; ".join(one for one in (said.get("text", ""), trouble.sentence) if one)}
    if job is None or job.printer is None:
        return said
    told = _("Label: %s") % job.printer.name
    said = {**said, "text": "; ".join(one for one in (said.get("text", ""), told) if one)}
    if job.status == JobStatus.MADE:
        opens = leads(_("Open the label"), reverse("print_file", args=[job.pk]), code="OPEN", icon="printer")
        said["actions"] = [*said.get("actions", []), opens]
    return said


def _received(done: Received, title: str) -> Answer:
    said = "; ".join(inbox.sentence_of(row) for row in done.troubles)
    if "recall" in done.device.holds:
        return _recalled(done, said)
    return {
        "tone": "attention" if done.troubles else "accepted",
        "title": title,
        "text": said,
        "todo": _("Put it on the hold shelf.") if done.device.holds else _what_next(done),
        "unit": face_of(done.device, done.unit),
        "goes_to": _goes_to(done.place),
    }


def _what_next(done: Received) -> str:
    if done.unit is None and _has_no_number(done.device):
        return _("Scan its serial number, if it has one. Then stick the tag on it.")
    return _("Stick the tag on it.")


def _recalled(done: Received, said: str) -> Answer:
    """It was held by the recall in the act that took it in: what to do with the thing in the hand."""
    rows = recall_reads.running_for(done.device)
    stop = any(row.recall.severity == Severity.STOP for row in rows)
    told = "; ".join(f"{row.recall.number}, {row.recall.title}" for row in rows)
    return {
        "tone": "refused",
        "stands": True,
        "title": _("Recalled"),
        "text": "; ".join(part for part in (told, said) if part),
        "todo": _("Put it on the hold shelf. Don't charge it, don't switch it on.")
        if stop
        else _("Put it on the hold shelf."),
        "call": _(LEAD),
        "unit": face_of(done.device, done.unit),
        "goes_to": _goes_to(done.place),
    }


def emptied(here: Here, box: Parcel, rma: Rma) -> Answer:
    row = taking.empty(sessions.at_hand(here), box, rma, by=here.by, at=here.at)
    here.keep(parcel=None, rma=None)
    return {
        "tone": "attention",
        "title": _("Empty box recorded"),
        "text": inbox.sentence_of(row),
        "todo": _("Keep the box; somebody has to look at it."),
        "call": _(LEAD),
    }
