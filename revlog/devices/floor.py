"""What a unit's code is answered with, whatever stage it stands in: its face, where it stands, and what the stages offer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revlog.accounts.actors import Actor
from revlog.common.errors import NotAllowed, NotFound, Reason
from revlog.common.words import Audience, word
from revlog.custody.models import Entry
from revlog.devices import identifiers, queries
from revlog.devices.faces import face, face_for
from revlog.devices.journey import ENDS, ON_HAND, State
from revlog.devices.models import Device, HoldKind, Location
from revlog.devices.services import decontaminating, moves, standing, undoing
from revlog.scanning import conflicts, registry
from revlog.scanning.answers import Action, Answer, Undo, action, leads, undo
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.registry import Command, Found

# What the floor may stop a unit for by itself; other holds are placed by those who know why.
ON_THE_FLOOR = (HoldKind.SAFETY, HoldKind.DATA, HoldKind.FRAUD)
registry.printed(identifiers.TAG_PREFIX)


def _find(here: Here, reading: Reading) -> Found | None:
    several: Sequence[Device] = ()
    for text in reading.candidates("serial", "imei", "asset", "second_serial"):
        match = queries.scanned(text, here.by)
        if match.device is not None:
            return Found("device", match.device)
        several = several or match.candidates
    return Found("device", several=several) if several else None


@conflicts.named("device")
def called(key: uuid.UUID) -> str:
    return Device.objects.filter(pk=key).values_list("tag", flat=True).first() or ""


@registry.kind("device", order=40, find=_find)
def answer(here: Here, reading: Reading, found: Found) -> Answer:
    if found.several:
        return {
            "tone": "attention",
            "title": _("Several things have this number"),
            "text": ", ".join(one.tag for one in found.several),
            "todo": _("Scan the tag of the one in your hand."),
        }
    device: Device = found.thing
    here.show("device", device.pk)
    if shut := decontaminating.reasons_against_opening(device):
        return {
            "tone": "refused",
            "title": _("Don't open it"),
            "text": shut[0].sentence,
            "todo": _("Put it away closed, or write down what its paper says."),
            "unit": face_for(device, by=here.by, at=here.at),
            "actions": registry.actions_for(here, "device", device),
        }
    return {
        "tone": "attention" if device.holds else "accepted",
        "title": word(f"state.{device.state}", Audience.STAFF),
        "text": _("It is on hold: %s.") % ", ".join(word(f"hold.{one}") for one in device.holds)
        if device.holds
        else "",
        "unit": face_for(device, by=here.by, at=here.at),
        "actions": registry.actions_for(here, "device", device),
    }


def at_hand(here: Here) -> Device:
    """The unit that was scanned last. Raises NotFound where something else was, or nothing."""
    for key in here.shown("device"):
        found = Device.objects.visible_to(here.by).select_related(*queries.SHOWN_WITH).filter(pk=key).first()
        if found is not None:
            return found
    raise NotFound(Reason("nothing_shown", _("Scan the thing first, then the command.")))


@registry.next_for("device", order=90)
def _always(here: Here, device: Device) -> list[Action]:
    found = [leads(_("Open its page"), reverse("unit", args=[device.tag]), icon="arrow-right")]
    if State(device.state) in ON_HAND and here.by.may("devices.hold"):
        found.append(action(_("Hold"), "floor_scan", "HOLD", icon="hand-stop"))
        found[-1]["sends"]["code"] = "HOLD"
    return found


@registry.near
def _alike(here: Here, reading: Reading) -> list[Action]:
    """Up to three units whose number has this one in it, and the search by name."""
    text = reading.text[:60]
    found = queries.find(text, here.by, most=3) if len(text) >= 4 else []
    return [
        *(leads(f"{one.tag} {one.face}", reverse("unit", args=[one.tag]), icon="device-laptop") for one in found[:3]),
        leads(_("Look for it by name"), f"{reverse('search')}?{urlencode({'q': text})}", icon="search"),
    ]


# Hold -------------------------------------------------------------------------------------------------------------------------------


def _ask_why(here: Here, _reading: Reading) -> Answer:
    device = at_hand(here)
    return {
        "tone": "attention",
        "title": _("Hold it for what?"),
        "unit": face_for(device, by=here.by, at=here.at),
        "actions": [_hold_button(kind) for kind in ON_THE_FLOOR],
    }


def _hold_button(kind: HoldKind) -> Action:
    made = action(str(kind.label).capitalize(), "floor_scan", _code_of(kind), danger=True, icon="hand-stop")
    made["sends"]["code"] = _code_of(kind)
    return made


def _code_of(kind: HoldKind) -> str:
    return f"HOLD {kind.name}"


def _hold(here: Here, _reading: Reading, kind: HoldKind) -> Answer:
    device = at_hand(here)
    if State(device.state) in ENDS:
        raise NotAllowed(Reason("not_here", _("%(tag)s isn't here any more.") % {"tag": device.tag}))
    if kind.value in device.holds:
        return {
            "tone": "attention",
            "title": _("On hold already"),
            "text": word(f"hold.{kind.value}"),
            "unit": face_for(device, by=here.by, at=here.at),
        }
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        standing.hold(taken, kind, reason=_("stopped on the floor"), by=here.by, at=here.at)
        entry = undoing.last_entry(taken.pk)
    device.refresh_from_db(fields=["holds"])
    told = {"thing": device.face, "tag": device.tag}
    return {
        "tone": "attention",
        "title": _("On hold"),
        "text": word(f"hold.{kind.value}"),
        "todo": _("Put it on the hold shelf."),
        "unit": face_for(device, by=here.by, at=here.at),
        "undo": undo("hold", _("Undo: %(thing)s %(tag)s held") % told, device=device.pk, entry=entry.digest),
    }


registry.command(Command("HOLD", gettext_lazy("Hold it"), "hand-stop", "devices.hold", _ask_why, danger=True))
for _kind, _label in (
    (HoldKind.SAFETY, gettext_lazy("Hold it: safety")),
    (HoldKind.DATA, gettext_lazy("Hold it: data incident")),
    (HoldKind.FRAUD, gettext_lazy("Hold it: fraud check")),
):
    registry.command(
        Command(
            _code_of(_kind),
            _label,
            "hand-stop",
            "devices.hold",
            partial(_hold, kind=_kind),
            danger=True,
        )
    )


# Undo -------------------------------------------------------------------------------------------------------------------------------


def undo_put(device: Device, entry: Entry, *, before: Location | None) -> Undo:
    """The offer to take a put back; ``before`` is the place where it lay."""
    told = {"thing": device.face, "tag": device.tag, "place": entry.payload["place"]}
    return undo(
        "put",
        _("Undo: %(thing)s %(tag)s put in %(place)s") % told,
        device=device.pk,
        entry=entry.digest,
        before=before.pk if before is not None else "",
    )


def _seen(device: Device, by: Actor) -> Device:
    found: Device = Device.objects.visible_to(by).select_related(*queries.SHOWN_WITH).get(pk=device.pk)
    return found


@registry.undoing("hold")
def _undo_hold(here: Here, told: Mapping[str, str]) -> Answer:
    taken = undoing.take_back_hold(uuid.UUID(told["device"]), told["entry"], by=here.by, at=here.at)
    return {"tone": "accepted", "title": _("Hold taken back"), "unit": face(_seen(taken, here.by))}


@registry.undoing("put")
def _undo_put(here: Here, told: Mapping[str, str]) -> Answer:
    back = Location.objects.filter(pk=told["before"]).first() if told["before"] else None
    taken = undoing.take_back_put(uuid.UUID(told["device"]), told["entry"], back=back, by=here.by, at=here.at)
    todo = _("Put it back in %s.") % back.code if back is not None else _("Scan the place where you put it now.")
    return {"tone": "accepted", "title": _("Taken back"), "todo": todo, "unit": face(_seen(taken, here.by))}
