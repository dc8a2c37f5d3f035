"""Places, containers and units in them, by the product's own verbs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from revlog.devices.models import Device, Location, LocationKind
from revlog.devices.services import arrivals, places
from revlog.storage.models import Container, ContainerKind
from revlog.storage.services.containers import filling, making
from tests.cast import Cast
from tests.factories import devices


def place(
    cast: Cast, code: str, *, secured: bool = False, kind: LocationKind = LocationKind.BIN, **more: Any
) -> Location:
    told = {"hub": cast.rotterdam} | more
    return places.add(code=code, kind=kind, secured=secured, by=cast.admin, at=devices.AT, **told)


def container(cast: Cast, kind: ContainerKind = ContainerKind.TOTE, **more: Any) -> Container:
    told = {"hub": cast.rotterdam, "at": devices.AT} | more
    return making.make(kind=kind, by=cast.admin, **told)[0]


def cables(cast: Cast, count: int, *, at: datetime = devices.AT, **stay: Any) -> list[Device]:
    """Units that can't hold data."""
    what = [arrivals.Description(device_class="monitor", serial=f"MON{one:05}") for one in range(count)]
    return arrivals.arrive_many(what=what, stay=devices.stay(cast, **stay), by=cast.ines, at=at)


def filled(cast: Cast, count: int, into: Container, *, at: datetime = devices.AT) -> list[Device]:
    rows = cables(cast, count, at=at)
    filling.put(rows, into, by=cast.ines, at=at)
    return rows
