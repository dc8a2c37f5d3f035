"""What the dock answers to a scan: what the thing in the hand is, where it goes, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from returns import queries
from returns.models import Bag, Origin, Rma, RmaUnit, Severity, UnitStatus
from returns.queries import Scan, inbox
from returns.queries import recalls as recall_reads
from returns.services import approval, receiving, unloading
from returns.services.receiving import Received
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.errors import BadInput, Reason
from revlog.common.words import word
from revlog.devices import identifiers
from revlog.devices.journey import State
from revlog.devices.models import Device, Location
from revlog.devices.models.device import Tracking
from revlog.logistics.models import Parcel
from revlog.terms.models import Order

SESSION = "dock"


LEAD = gettext_noop("your lead")


Answer = dict[str, Any]


class Dock:
    """One request at the dock: who, where, when, and what lies open."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.by: Actor = gate.actor_for(request)
        self.at: datetime = clock.now()
        hub = Hub.objects.filter(pk__in=[self.by.hub_id], active=True).select_related("organization").first()
        if hub is None:
            raise BadInput(Reason("no_hub", _("Choose the site where you work first; there is nowhere to receive.")))
        self.hub = hub
        self.open: dict[str, str] = request.session.get(SESSION, {})

    def keep(self, **changes: object) -> None:
        """Remember what lies open; None forgets."""
        told = {name: str(value) for name, value in {**self.open, **changes}.items() if value is not None}
        self.open = {name: value for name, value in told.items() if changes.get(name, value) is not None}
        self.request.session[SESSION] = self.open

    @property
    def parcel(self) -> Parcel | None:
        key = self.open.get("parcel")
        return Parcel.objects.select_related("shipment__hub").filter(pk=key).first() if key else None

    @property
    def rma(self) -> Rma | None:
        key = self.open.get("rma")
        return Rma.objects.visible_to(self.by).select_related("hub").filter(pk=key).first() if key else None


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


def _goes_to(place: Location | None) -> str:
    if place is None:
        return ""
    return f"{place.code} · {_('DATA CAGE')}" if place.secured else place.code


def _action(
    label: str, route: str, code: str, *, primary: bool = False, danger: bool = False, icon: str = "", **sends: object
) -> Answer:
    return {
        "label": label,
        "url": reverse(route),
        "code": code,
        "icon": icon,
        "primary": primary,
        "danger": danger,
        "sends": {name: str(value) for name, value in sends.items() if value is not None},
    }


def to_scan(dock: Dock, text: str) -> Answer | HttpResponse:
    """A parcel or return is taken in by the scan itself; a thing waits for the button."""
    found = queries.scanned(text, dock.by, hub=dock.hub, parcel=dock.parcel, rma=dock.rma)
    if found.parcel is not None:
        return _parcel(dock, found.parcel)
    if found.rma is not None:
        return _return(dock, found.rma)
    if found.bag is not None:
        return _bag(dock, found.bag)
    if found.unit is not None:
        return _expected(dock, found.unit, text)
    if found.several:
        return _which(found)
    if found.place is not None:
        return _put(dock, found.place)
    if found.device is not None:
        return _known(dock, found.device, text)
    if (waiting := _claimable(dock)) and found.order is None:
        return _other_serial(waiting, text)
    if found.order is not None:
        return _order(found.order, text)
    return _unknown(text)


def _parcel(dock: Dock, parcel: Parcel) -> Answer:
    row, rmas, fresh = unloading.arrive(parcel, by=dock.by, at=dock.at)
    dock.keep(parcel=row.pk, rma=rmas[0].pk if len(rmas) == 1 else None)
    text = unloading.summary(row)
    if not fresh and row.arrived_at is not None:
        text = _("Taken in by %(who)s on %(when)s. %(left)s.") % {
            "who": people.who(row.arrived_by),
            "when": people.moment(row.arrived_at, dock.hub),
            "left": text,
        }
    return {
        "tone": "accepted" if fresh else "attention",
        "title": _("Parcel taken in") if fresh else _("Parcel opened again"),
        "text": text,
        "todo": _("Open it and scan what is inside."),
        "actions": box_actions(rmas),
    }


def box_actions(rmas: Sequence[Rma]) -> list[Answer]:
    if len(rmas) != 1:
        return []
    return [_action(_("Box is empty"), "dock_empty", "EMPTY", danger=True, rma=rmas[0].pk)]


def _return(dock: Dock, rma: Rma) -> Answer:
    at_hand = dock.parcel
    parcel = unloading.open_return(rma, parcel=at_hand, hub=dock.hub, by=dock.by, at=dock.at)
    dock.keep(parcel=parcel.pk, rma=rma.pk)
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
            receive = _action(
                _("Receive"), "dock_receive", "RECEIVE", primary=True, icon="check", unit=only.pk, how="line"
            )
            answer["actions"] = [receive, *answer["actions"]]
        else:
            unreadable = _action(_("Serial unreadable"), "dock_receive", "UNREADABLE", unit=only.pk, unreadable="1")
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


def _expected(dock: Dock, unit: RmaUnit, text: str) -> Answer:
    """A thing that a return expects: one press takes it in."""
    place = queries.place_for(unit.device, dock.hub) if unit.device else None
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
            _action(_("Receive"), "dock_receive", "RECEIVE", primary=True, icon="check", **sends),
            _action(_("Damaged"), "dock_receive", "DAMAGED", **sends, damaged="1"),
        ]
    }


def _bag(dock: Dock, bag: Bag) -> Answer:
    """A counter's bag: what is in it was read there, so its code stands for the serial; what isn't what was sold is recorded as such."""
    unit = bag.unit
    if unit.status != UnitStatus.EXPECTED and unit.device is not None and not bag.wrong:
        return _known(dock, unit.device, bag.code)
    answer = _expected(dock, unit, bag.serial)
    answer["title"] = _("Bag %s") % bag.code
    told = [_("From %s") % bag.place.name, _("damaged there") if bag.damaged else ""]
    answer["text"] = "; ".join(part for part in told if part)
    for action in answer["actions"] if not bag.serial else []:
        action["sends"]["how"] = "line"
    if bag.wrong:
        record = _action(_("Record, hold"), "dock_wrong", "WRONG", primary=True, unit=unit.pk, serial=bag.serial)
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
            _action(
                f"{unit.line.rma.number}, {unit.line.order_line.description}", "dock_receive", f"LINE {place}",
                unit=unit.pk, serial=found.text, how=_how(found.text),
            )
            for place, unit in enumerate(found.several[:6], 1)
        ],
    }  # fmt: skip


def _put(dock: Dock, place: Location) -> Answer:
    device = (
        Device.objects.visible_to(dock.by)
        .select_related("location", "hub", "owner")
        .filter(pk__in=[last for last in [dock.open.get("last")] if last])
        .first()
    )
    if device is None:
        return {
            "tone": "attention",
            "title": _("Place %s") % place.code,
            "text": _("Receive something first, then scan where you put it."),
        }
    moved = receiving.put_away(device, place, by=dock.by, at=dock.at)
    return {"tone": "accepted", "title": _("Put in %s") % place.code, "text": moved.tag, "unit": face_of(moved)}


def _known(dock: Dock, device: Device, text: str) -> Answer:
    """A thing we know that no return expects: here already, or away and back without a word."""
    unit = RmaUnit.objects.filter(device=device, received_at__isnull=False).order_by("-received_at").first()
    if State(device.state) not in approval.AWAY and device.state != State.EXPECTED:
        dock.keep(last=device.pk)
        said = _("It is %s.") % word(f"state.{device.state}")
        if unit is not None and unit.received_at is not None and unit.visit == device.visits.count():
            said = _("Received by %(who)s on %(when)s.") % {
                "who": people.who(unit.received_by),
                "when": people.moment(unit.received_at, dock.hub),
            }
        return {
            "tone": "attention",
            "title": _("Here already"),
            "text": said,
            "todo": _("Scan a place to put it there."),
            "unit": face_of(device),
            "goes_to": _goes_to(queries.place_for(device, dock.hub)),
        }
    return {
        "tone": "attention",
        "title": _("Nobody announced it"),
        "text": _("We know it, and no return expects it."),
        "todo": _("Take it in and put it on the hold shelf."),
        "unit": face_of(device),
        "actions": [_action(_("Take in, hold"), "dock_unannounced", "UNIT", primary=True, serial=text)],
    }


def _claimable(dock: Dock) -> list[RmaUnit]:
    """What the return or parcel at hand expects and somebody may hold in the hand with a number that nobody knows."""
    if dock.rma is None and dock.parcel is None:
        return []
    units = queries.waiting_in(parcel=dock.parcel, rma=None if dock.parcel else dock.rma)
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
                _action(
                    _("Receive"), "dock_receive", "RECEIVE", primary=True, icon="check", unit=free[0].pk, serial=text,
                    how=_how(text),
                ),
                _action(_("Something else"), "dock_unannounced", "UNIT", serial=text),
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
            _action(_("Record, hold"), "dock_wrong", "WRONG", primary=True, unit=first.pk, serial=text),
            _action(_("Something else"), "dock_unannounced", "UNIT", serial=text),
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
            _action(
                _("Could not be delivered"), "dock_undeliverable", "UNDELIVERABLE", primary=True, order=order.pk,
                why=Origin.UNDELIVERABLE.value, tracking=text,
            ),
            _action(
                _("Refused at the door"), "dock_undeliverable", "REFUSED", order=order.pk, why=Origin.REFUSED.value,
                tracking=text,
            ),
            _action(_("A thing, unannounced"), "dock_unannounced", "UNIT", serial=text),
        ],
    }  # fmt: skip


def _unknown(text: str) -> Answer:
    return {
        "tone": "attention",
        "title": _("Nobody knows this code"),
        "text": text,
        "todo": _("Is it the number of a parcel, or of a thing?"),
        "actions": [
            _action(_("A parcel, unannounced"), "dock_parcel", "PARCEL", icon="package", tracking=text),
            _action(_("A thing, unannounced"), "dock_unannounced", "UNIT", serial=text),
        ],
    }


def received(dock: Dock, done: Received, title: str) -> Answer:
    dock.keep(last=done.device.pk)
    said = "; ".join(inbox.sentence_of(row) for row in done.troubles)
    if "recall" in done.device.holds:
        return _recalled(done, said)
    return {
        "tone": "attention" if done.troubles else "accepted",
        "title": title,
        "text": said,
        "todo": _("Put it on the hold shelf.") if done.device.holds else _("Stick the tag on it."),
        "unit": face_of(done.device, done.unit),
        "goes_to": _goes_to(done.place),
    }


def _recalled(done: Received, said: str) -> Answer:
    """It was held by the recall in the act that took it in: what to do with the thing in the hand."""
    rows = recall_reads.running_for(done.device)
    stop = any(row.recall.severity == Severity.STOP for row in rows)
    told = "; ".join(f"{row.recall.number}, {row.recall.title}" for row in rows)
    return {
        "tone": "refused",
        "title": _("Recalled"),
        "text": "; ".join(part for part in (told, said) if part),
        "todo": _("Put it on the hold shelf. Don't charge it, don't switch it on.")
        if stop
        else _("Put it on the hold shelf."),
        "call": _(LEAD),
        "unit": face_of(done.device, done.unit),
        "goes_to": _goes_to(done.place),
    }


def emptied(dock: Dock, box: Parcel, rma: Rma) -> Answer:
    row = unloading.empty_box(box, rma, by=dock.by, at=dock.at)
    dock.keep(parcel=None, rma=None)
    return {
        "tone": "attention",
        "title": _("Empty box recorded"),
        "text": inbox.sentence_of(row),
        "todo": _("Keep the box; somebody has to look at it."),
        "call": _(LEAD),
    }
