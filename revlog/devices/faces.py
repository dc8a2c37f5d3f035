"""Units as the components want them: one face, wherever a unit is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.urls import reverse

from revlog.accounts.actors import Actor
from revlog.common.words import word
from revlog.devices.models import Device

Hides = Callable[[Device, Actor, datetime], bool]
_hiding: list[Hides] = []


def hides_grade(call: Hides) -> Hides:
    """A stage says to whom a unit's grade isn't shown for now: to who is to judge it without knowing."""
    _hiding.append(call)
    return call


def face_for(device: Device, *, by: Actor, at: datetime) -> dict[str, Any]:
    """The face as this person may see it now."""
    hidden = any(call(device, by, at) for call in _hiding)
    return face(device) | ({"grade": ""} if hidden else {})


def face(device: Device, *, note: str = "") -> dict[str, Any]:
    """The context of ``components/unit.html``. Reads hub, location and owner: select them with the unit."""
    place = device.location.code if device.location else None
    return {
        "name": device.face,
        "tag": device.tag,
        "kind": device.device_class,
        "url": reverse("unit", args=[device.tag]),
        "state": device.state,
        "held": bool(device.holds),
        "place": " · ".join(part for part in (device.hub.name if device.hub else None, place) if part),
        "waiting": word(device.waiting_for) if device.waiting_for else "",
        "since": device.waiting_since,
        "grade": device.grade if device.grade not in {"U", "NA"} else "",
        "owner": device.owner.name,
        "note": note,
    }
