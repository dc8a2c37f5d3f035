"""Files to try the demo with, made when somebody asks, for units that are there now: named like a tool's own, and read like one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from revlog.devices.journey import State
from revlog.devices.models import Device, Medium
from revlog.pages import demo
from revlog.pages.simulation import catalog, machines
from revlog.pages.simulation.catalog import Drive
from revlog.pages.simulation.formats import lshw, nwipe, smartctl, workbench
from revlog.pages.simulation.machines import Disk, Machine
from revlog.terms.models import Order

TOUR_SKU = "T480-16-256"
TYPES_OF_NWIPE = frozenset(nwipe.BUS)


@dataclass(frozen=True)
class Sample:
    """``name`` is the file's, ``what`` says whose it is and what happens with it."""

    name: str
    what: str | Promise


def tour_machine() -> Machine:
    """The laptop of the tour: sound but for its battery, so that the bench has something to do."""
    one = machines.build(machines.dice("tour"), catalog.BY_SKU[TOUR_SKU], fixed_serial=demo.TOUR_SERIAL, battery=61)
    one.cycles = 512
    return one


def machine_of(device: Device) -> Machine:
    """The machine that a unit is, as far as the platform knows it."""
    model = next(
        (each for each in catalog.MODELS if each.name == device.model and each.device_class == device.device_class),
        catalog.BY_SKU[TOUR_SKU],
    )
    one = machines.build(machines.dice(str(device.id)), model, fixed_serial=device.serial or device.tag)
    present = device.media.exclude(state__in=["REMOVED", "MISSING", "DESTROYED"]).exclude(soldered=True)
    one.disks = [_disk(medium, place) for place, medium in enumerate(present) if medium.type in TYPES_OF_NWIPE]
    return one


def _disk(medium: Medium, place: int) -> Disk:
    kind = Drive(
        medium.manufacturer,
        medium.model or "DISK",
        medium.type,
        medium.capacity_bytes or 256_060_514_304,
        medium.firmware,
        "",
    )
    name = f"nvme{place}n1" if medium.type == "nvme" else f"sd{chr(ord('a') + place)}"
    return Disk(kind, medium.serial or f"SN{place}", name, 4_000)


def _waiting() -> Device | None:
    """A unit that waits for its wipe with a drive that nwipe can take."""
    return (
        Device.objects.filter(
            state=State.TO_SANITIZE, media__type__in=TYPES_OF_NWIPE, media__state__in=["UNKNOWN", "PRESENT"]
        )
        .exclude(media__soldered=True)
        .exclude(media__serial="")
        .order_by("state_since", "id")
        .first()
    )


def _ended_just_now(one: Machine, at: datetime) -> datetime:
    """When a wipe of these drives must have begun to be done a few minutes ago."""
    return at - max(nwipe.needs(disk) for disk in one.disks) - timedelta(minutes=5)


def _wiped(at: datetime) -> bytes | None:
    device = _waiting()
    if device is None:
        return None
    one = machine_of(device)
    return nwipe.written(one.disks, began=_ended_just_now(one, at)) if one.disks else None


def _failed(at: datetime) -> bytes | None:
    device = _waiting()
    if device is None:
        return None
    one = machine_of(device)
    return nwipe.written(one.disks, began=_ended_just_now(one, at), outcome=nwipe.FAILED) if one.disks else None


def _smart(_at: datetime) -> bytes | None:
    device = _waiting()
    disks = machine_of(device).disks if device else []
    return smartctl.written(disks[0]) if disks else None


def _in_triage(at: datetime) -> bytes | None:
    device = Device.objects.filter(state=State.IN_TRIAGE, device_class="laptop").order_by("state_since", "id").first()
    return workbench.script(machine_of(device), at=at) if device else None


def _tour_wiped(at: datetime) -> bytes:
    one = tour_machine()
    return nwipe.written(one.disks, began=_ended_just_now(one, at))


def _stranger(_at: datetime) -> bytes:
    return lshw.written(machines.build(machines.dice("stranger"), catalog.BY_SKU["EB840G6-16-512"]))


_all: tuple[tuple[Sample, Callable[[datetime], bytes | None]], ...] = (
    (
        Sample("tour-laptop-workbench.json", _("The tour's laptop, tested: an eReuse Workbench snapshot.")),
        lambda at: workbench.version11(tour_machine(), at=at - timedelta(minutes=20), appearance="B"),
    ),
    (Sample("tour-laptop-lshw.json", _("The same laptop as lshw sees it.")), lambda _at: lshw.written(tour_machine())),
    (Sample("tour-laptop-nwipe.log", _("The tour's laptop, wiped by nwipe a moment ago.")), _tour_wiped),
    (Sample("waiting-unit-nwipe.log", _("A successful wipe of a unit that waits for it.")), _wiped),
    (Sample("waiting-unit-nwipe-failed.log", _("The same wipe with write errors: it must not count.")), _failed),
    (Sample("waiting-unit-smartctl.json", _("What that unit's drive says of its health.")), _smart),
    (
        Sample("unit-in-triage-workbench.json", _("A laptop in triage, tested: a workbench-script snapshot.")),
        _in_triage,
    ),
    (
        Sample("unknown-machine-lshw.json", _("A machine that nobody here knows: it waits in the exceptions.")),
        _stranger,
    ),
)
_makers: dict[str, Callable[[datetime], bytes | None]] = {sample.name: make for sample, make in _all}


def listed() -> list[Sample]:
    """The files that can be had now; those whose unit has moved on are left out. None where the demo wasn't loaded."""
    if not Order.objects.filter(number=demo.TOUR_ORDER).exists():
        return []
    bound = {"waiting-unit-nwipe.log", "waiting-unit-nwipe-failed.log", "waiting-unit-smartctl.json"}
    waiting = _waiting() is not None
    return [sample for sample, _make in _all if sample.name not in bound or waiting]


def written(name: str, *, at: datetime) -> bytes | None:
    """The file, or None where there is none of that name now."""
    make = _makers.get(name)
    return make(at) if make else None
