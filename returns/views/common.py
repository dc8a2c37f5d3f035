"""What the pages of returns share: a unit's face, and texts as people typed them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from revlog.devices.models import Device


def face(device: Device, *, linked: bool = True) -> dict[str, Any]:
    """The context of components/unit.html; ``linked`` for whoever may open the unit's own page."""
    return {
        "name": device.face,
        "tag": device.tag,
        "kind": device.device_class,
        "url": reverse("unit", args=[device.tag]) if linked else "",
        "state": device.state,
        "held": bool(device.holds),
        "place": device.location.code if device.location else "",
        "grade": device.grade if device.grade not in {"U", "NA"} else "",
    }


def printable(text: str, most: int) -> str:
    return "".join(letter for letter in text if letter.isprintable()).strip()[:most]


def text(request: HttpRequest, name: str, most: int = 300) -> str:
    return printable(request.POST.get(name, ""), most)


def amount_in(request: HttpRequest, name: str) -> Decimal | None:
    """An amount as people type it, with a point or a comma; None for anything else."""
    try:
        found = Decimal(text(request, name, 20).replace(",", ".").strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
