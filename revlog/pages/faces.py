"""Units as the components want them: one face, wherever a unit is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from revlog.devices.faces import face
from revlog.devices.models import Device

__all__ = ["face", "faces"]


def faces(devices: Iterable[Device]) -> list[dict[str, Any]]:
    return [face(device) for device in devices]
