"""Triage: test reports, a look, a decision; and what a person has to sort out when rules can't."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from returns.models import Refund, RefundStatus, RmaUnit, UnitStatus
from returns.services import accepting, owing, refunds
from revlog.accounts.actors import Actor
from revlog.devices.journey import Disposition
from revlog.devices.models import Device, Fault
from revlog.devices.services import media, moves
from revlog.evidence.models import Artifact
from revlog.pages.simulation.formats import lshw, workbench
from revlog.pages.simulation.machines import Machine
from revlog.pages.simulation.world import World
from triage import asking, knowing, paths, plans
from triage.complaints.labels import NOTHING
from triage.services import complaints, disposition, inspection, worth
from triage.services.inspection import Finding, Shot

Going = Iterator[datetime]
APPEARANCES = "AABBBCCD"
COSMETIC = (("scratch", "minor"), ("wear", "minor"), ("scratch", "major"), ("dent", "minor"))
FUNCTIONAL = {
    "laptop": ("keyboard", "display", "port", "fan", "trackpad"),
    "desktop": ("fan", "port"),
    "server": ("fan",),
    "phone": ("display", "touch", "camera", "audio"),
    "tablet": ("display", "touch", "port"),
    "monitor": ("display", "port"),
    "printer": ("prints_badly",),
}


def inspector(world: World, device: Device) -> Actor:
    """Ravi in Rotterdam; in Leipzig the lead looks himself."""
    return world.jonas if device.hub is not None and device.hub.code == "leipzig" else world.ravi


def examine(world: World, device: Device, machine: Machine | None) -> Going:
    """A received unit is tested, where there is something to test, and looked at."""
    by = inspector(world, device)
    if machine is not None and machine.has_drives and machine.model.device_class in {"laptop", "desktop", "server"}:
        if not machine.sound and world.chance(0.12):
            machine.failed = ("StressTest",)
        yield world.working(0.5, 20)
        world.report(_tested(world, machine), f"{machine.serial}.json", by)
        device = world.device(device.pk)
        yield world.working(0.1, 3)
    else:
        yield world.working(1, 30)
    device = world.device(device.pk)
    if device.state not in {"RECEIVED", "IN_TRIAGE"}:
        return
    if device.data == "UNKNOWN" and not device.media.exists() and device.kind.holds == "maybe":
        with transaction.atomic():
            media.seen_without_storage(
                moves.take_one(device.pk),
                how="bay_seen_empty",
                photo=world.photo("an empty drive bay"),
                by=by,
                at=world.at,
            )
    look(world, device, machine)
    world.drain()


def _tested(world: World, machine: Machine) -> bytes:
    which = world.dice.random()
    if which < 0.62:
        appearance = world.dice.choice(APPEARANCES) if world.chance(0.5) else ""
        return workbench.version11(machine, at=world.at, appearance=appearance)
    if which < 0.85:
        return workbench.script(machine, at=world.at)
    return lshw.written(machine)


def look(world: World, device: Device, machine: Machine | None) -> None:
    """What the inspector finds; sealed goods are not opened."""
    sealed = device.device_class in {"apparel", "accessory", "phone", "tablet"} and world.chance(0.12)
    sealed = sealed and not (machine is not None and machine.locked)
    if device.tracking != "serialized":
        inspection.record(device=device, works="untested", by=inspector(world, device), at=world.at)
        return
    _what_was_complained_of(world, device)
    findings = [] if sealed else _findings(world, device, machine)
    broken = any(finding.code in {"does_not_work", "no_power"} for finding in findings)
    works = "untested" if sealed or device.device_class == "apparel" else "no" if broken else "yes"
    inspection.record(
        device=device,
        findings=findings,
        works=works,
        tests={} if sealed else tried(device, findings),
        sealed=sealed,
        photos=shots(world, device, findings),
        by=inspector(world, device),
        at=world.at,
    )


def _what_was_complained_of(world: World, device: Device) -> None:
    """Mostly it is what the customer's words pointed to; now and then another fault, or none; now and then nobody says."""
    row = complaints.of_stay(device)
    if row is None or row.outcome:
        return
    with world.apart():
        which = world.dice.random()
        others = complaints.choices(device.device_class, but=[row.told])
        found = row.told if which < 0.62 else world.dice.choice(others) if which < 0.74 else NOTHING
    if which < 0.8 and found:
        complaints.confirm(device=device, found=found, by=inspector(world, device), at=world.at)


def tried(device: Device, findings: Sequence[Finding]) -> dict[str, str]:
    """How the tests of the house plan ended, by what was found; what doesn't switch on can't be tried further."""
    plan = plans.plan_for(plans.SHIPPED, plans.inputs_of(device_class=device.device_class, features=["no_drive"]))
    found, cleared = {finding.code for finding in findings}, knowing.is_cleared(device)
    verdicts: dict[str, str] = {}
    for test in plan.tests:
        if asking.shut(test, cleared=cleared) or verdicts.get(test.needs, asking.PASS) != asking.PASS:
            continue
        verdicts[test.code] = asking.FAIL if found & set(test.faults) else asking.PASS
    return verdicts


def shots(world: World, device: Device, findings: Sequence[Finding]) -> list[Shot]:
    """The photos that the rules ask for."""
    if not findings and device.expected_value is None:
        return []
    needed = inspection.needed_photos(device, findings, at=world.at)
    return [
        Shot(photo=Artifact.objects.get(digest=world.photo(inspection.pictured(one))), zone=one.zone, code=one.defect)
        for one in needed
    ]


def _findings(world: World, device: Device, machine: Machine | None) -> list[Finding]:
    kind = device.device_class
    found: dict[str, Finding] = {}
    if machine is not None and machine.sound:
        worn = machine.battery is not None and machine.battery < 75
        return [Finding(code="battery_worn", severity="major")] if worn else []
    if machine is not None and machine.locked:
        return [Finding(code="locked")]
    if kind == "apparel":
        if world.chance(0.25):
            found["stain"] = Finding(code="stain", severity="minor")
        return list(found.values())
    if world.chance(0.55):
        code, severity = world.dice.choice(COSMETIC)
        if not (kind == "apparel" and code == "dent"):
            found[code] = Finding(code=code, severity=severity)
    if kind in FUNCTIONAL and world.chance(0.3):
        code = world.dice.choice(FUNCTIONAL[kind])
        found[code] = Finding(code=code)
    if machine is not None and machine.battery is not None and machine.battery < 75:
        found["battery_worn"] = Finding(code="battery_worn", severity="major")
    if kind in {"phone", "tablet", "laptop"} and world.chance(0.03):
        found["locked"] = Finding(code="locked")
    if kind in {"phone", "laptop"} and world.chance(0.02):
        found["battery_swollen"] = Finding(code="battery_swollen", severity="critical")
    if kind in FUNCTIONAL and world.chance(0.05):
        found = {"no_power": Finding(code="no_power", severity="critical")}
    return list(found.values())


def again(world: World, device: Device) -> None:
    """After the bench: what was mended is mended, and it is graded once more."""
    left = _left(device)
    inspection.record(
        device=device,
        findings=left,
        works="yes",
        tests=tried(device, left),
        photos=shots(world, device, left),
        by=inspector(world, device),
        at=world.at,
    )
    world.drain()


def _left(device: Device) -> list[Finding]:
    rows = Fault.objects.filter(device=device, cleared_at=None, source="inspection").exclude(
        code__in=["no_power", "does_not_work"]
    )
    return [Finding(code=row.code, zone=row.zone, severity=row.severity) for row in rows]


def accept_by_hand(world: World, device: Device, *, unpaid: bool = False) -> None:
    """What the rules leave to a person: taken back for less, and another person approves the money."""
    unit = RmaUnit.objects.select_related("line").filter(device=device, status=UnitStatus.RECEIVED).first()
    if unit is None or accepting.reasons_against_accepting(unit, device):
        return
    # For another thing nothing is taken off: it is as the customer was promised, or it is refused.
    less = (
        (owing.worth(unit) * Decimal("0.2")).quantize(Decimal("0.01"))
        if unit.line.wanted in owing.PAID_BACK
        else Decimal(0)
    )
    accepting.accept(
        unit, deduction=less, why="It is locked to an account." if less else "", by=world.aisha, at=world.at
    )
    world.drain()
    refund = Refund.objects.filter(unit=unit, status=RefundStatus.PROPOSED).first()
    if refund is not None and not unpaid and world.chance(0.6):
        refunds.approve_refund(refund, by=world.esra, at=world.at)
        world.drain()


def decide(world: World, device: Device, *, wanted: Disposition | None = None) -> None:
    """Take what is proposed; now and then a lead knows better. ``wanted`` is what this story needs, where it is open."""
    by, reason = inspector(world, device), ""
    chosen = wanted
    if (
        chosen is None
        and world.chance(0.03)
        and device.device_class in {"laptop", "desktop", "apparel"}
        and device.grade in {"B", "C"}
    ):
        chosen = Disposition.DONATE
    if chosen is not None:
        by, reason = (world.jonas if by == world.jonas else world.aisha), "Asked for by the planner."
    if chosen is not None and not _is_open(device, chosen, world):
        chosen, reason = None, ""
    disposition.decide(device=device, disposition=chosen, reason=reason, by=by, at=world.at)
    world.drain()


def _is_open(device: Device, wanted: Disposition, world: World) -> bool:
    """Whether this path may be taken: asked before, as the page does by not offering it."""
    known = worth.figures_for(device, at=world.at)
    case, _price = worth.case_of(device, known, at=world.at)
    return not paths.against(wanted, case, known)
