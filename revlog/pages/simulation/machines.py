"""One machine as its own tools would see it: serials, memory, drives, battery; drawn once, told the same in every report."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from revlog.pages.simulation import catalog
from revlog.pages.simulation.catalog import Drive, Model

SIGNS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def dice(seed: str) -> random.Random:
    """Dice that fall alike for the same seed."""
    return random.Random(seed)  # noqa: S311 - repeatability is the point


def serial(dice: random.Random, prefix: str, length: int) -> str:
    return prefix + "".join(dice.choice(SIGNS) for _sign in range(length - len(prefix)))


def imei(dice: random.Random) -> str:
    """Fifteen digits whose last one checks the others (Luhn), in the range of test numbers (TAC 00...)."""
    body = "35" + "".join(dice.choice("0123456789") for _digit in range(12))
    total = 0
    for place, digit in enumerate(body):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


@dataclass
class Disk:
    """A drive inside; ``name`` is what the system calls it."""

    kind: Drive
    serial: str
    name: str
    hours: int
    reallocated: int = 0
    passed: bool = True


@dataclass
class Machine:
    model: Model
    serial: str
    mac: str = ""
    imei: str = ""
    disks: list[Disk] = field(default_factory=list)
    battery: int | None = None
    """Health in percent, None where there is none."""
    cycles: int = 0
    failed: tuple[str, ...] = ()
    """Tests that fail on it."""
    sound: bool = False
    """Nothing is found on it but what its battery says, and its wipe succeeds."""
    locked: bool = False
    """It asks for an account that nobody has taken it off."""

    @property
    def memory_bytes(self) -> int:
        return self.model.memory_gib << 30

    @property
    def has_drives(self) -> bool:
        return bool(self.disks)


def build(dice: random.Random, model: Model, *, fixed_serial: str = "", battery: int | None = None) -> Machine:
    """A machine of this model, with serials in the manner of its maker."""
    length = {"Dell Inc.": 7, "Lenovo": 8, "Apple": 12}.get(model.maker, 10)
    machine = Machine(model=model, serial=fixed_serial or serial(dice, model.prefix, length))
    if model.device_class in {"laptop", "desktop", "server"}:
        machine.mac = "8c:16:45:" + ":".join(f"{dice.randrange(256):02x}" for _byte in range(3))
    if model.device_class == "phone":
        machine.imei = imei(dice)
    if model.drive:
        kind = catalog.DRIVES[model.drive]
        for place in range(model.drives):
            name = f"nvme{place}n1" if kind.type == "nvme" else f"sd{chr(ord('a') + place)}"
            worn = dice.random() < 0.06
            machine.disks.append(
                Disk(
                    kind,
                    serial(dice, kind.prefix, max(14, len(kind.prefix) + 6)),
                    name,
                    dice.randint(900, 21_000),
                    dice.choice((1, 8, 40)) if worn else 0,
                )
            )
    if model.device_class in {"laptop", "phone", "tablet"}:
        machine.battery = battery if battery is not None else min(100, max(38, int(dice.gauss(84, 11))))
        machine.cycles = dice.randint(20, 700)
    return machine
