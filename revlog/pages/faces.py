"""Units as the components want them: one face, wherever a unit is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from revlog.common.words import word
from revlog.devices.models import Device


def face(device: Device) -> dict[str, Any]:
    """The context of ``components/unit.html``. Reads hub, location and owner: select them with the unit."""
    place = device.location.code if device.location else None
    where = " · ".join(part for part in (device.hub.name if device.hub else None, place) if part)
    return {
        "name": device.face,
        "tag": device.tag,
        "kind": device.device_class,
        "url": reverse("unit", args=[device.tag]),
        "state": device.state,
        "held": bool(device.holds),
        "place": where,
        "waiting": word(device.waiting_for) if device.waiting_for else "",
        "since": device.waiting_since,
        "grade": device.grade if device.grade not in {"U", "NA"} else "",
        "owner": device.owner.name,
    }


def faces(devices: Iterable[Device]) -> list[dict[str, Any]]:
    return [face(device) for device in devices]
