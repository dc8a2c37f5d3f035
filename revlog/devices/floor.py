"""What a unit's code is answered with, whatever stage it stands in: its face, where it stands, and what the stages offer."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from revlog.common.words import Audience, word
from revlog.devices import queries
from revlog.devices.faces import face
from revlog.devices.models import Device
from revlog.scanning import registry
from revlog.scanning.answers import Answer, leads
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.registry import Found


def _find(here: Here, reading: Reading) -> Found | None:
    several: Sequence[Device] = ()
    for text in reading.candidates("serial", "imei", "asset", "second_serial"):
        match = queries.scanned(text, here.by)
        if match.device is not None:
            return Found("device", match.device)
        several = several or match.candidates
    return Found("device", several=several) if several else None


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
    said = face(device)
    offered = registry.actions_for(here, "device", device)
    return {
        "tone": "attention" if device.holds else "accepted",
        "title": word(f"state.{device.state}", Audience.STAFF),
        "text": _("It is on hold: %s.") % ", ".join(word(f"hold.{one}") for one in device.holds)
        if device.holds
        else "",
        "unit": said,
        "actions": offered or [leads(_("Open"), said["url"], icon="arrow-right")],
    }
