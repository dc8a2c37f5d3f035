"""The data cage: wipes with their logs, wipes that fail, resets, destruction, and the supervised exceptions."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from itad.models import JobState, SanitizationJob
from itad.services import destruction, sanitization, supervision
from itad.services.destruction import Destruction
from itad.services.sanitization import Photo
from revlog.devices.models import Device, Medium
from revlog.pages.simulation.formats import nwipe
from revlog.pages.simulation.machines import Disk, Machine
from revlog.pages.simulation.world import World

Going = Iterator[datetime]
WIPEABLE = frozenset(nwipe.BUS)
SHREDDER = Destruction(
    technique="shred", equipment="Disk shredder 2", equipment_serial="DS2-0417", particle_mm="18", particle_class="H-4"
)


def open_media(device: Device) -> list[Medium]:
    return list(
        device.media.exclude(state__in=["SANITIZED", "DESTROYED", "REMOVED", "MISSING"]).order_by("added_at", "id")
    )


def sanitize(world: World, device: Device, machine: Machine | None) -> Going:
    """Wipe what is in a unit; a second person verifies. What fails is tried once more and then destroyed."""
    media = open_media(device)
    if any(medium.soldered for medium in media):
        yield from _reset(world, device, media)
        return
    disks = {disk.serial: disk for disk in machine.disks} if machine else {}
    wanted = [medium for medium in media if medium.type in WIPEABLE and medium.serial in disks]
    if not wanted:
        # Nothing that could be driven: somebody looks for the drive, or asks for an exception. It waits.
        return
    outcome = nwipe.FAILED if world.chance(0.07) else nwipe.ABORTED if world.chance(0.03) else nwipe.ERASED
    if machine is not None and machine.sound:
        outcome = nwipe.ERASED
    yield world.working(2, 40)
    for medium in wanted:
        sanitization.begin(medium=medium, by=world.tomas, at=world.at)
    world.drain()
    if not (yield from _wipe(world, device, [disks[medium.serial] for medium in wanted], outcome)):
        yield from _second_try(world, device, [disks[medium.serial] for medium in wanted])


def _wipe(world: World, device: Device, disks: list[Disk], outcome: str) -> Generator[datetime, None, bool]:
    """One run of nwipe over the drives of a unit, its log, and the second person. True when all are cleared."""
    began = world.at + timedelta(minutes=4)
    yield world.after(0.2, 1.5) + max(nwipe.needs(disk) for disk in disks)
    zone = ZoneInfo(device.hub.zone) if device.hub else UTC
    log = nwipe.written(disks, began=began.astimezone(zone), outcome=outcome)
    world.report(log, f"nwipe-{device.tag}.log", world.tomas)
    yield world.working(0.5, 12)
    recorded = SanitizationJob.objects.filter(device=device, visit=device.visit_id, state=JobState.RECORDED)
    for job in recorded.order_by("recorded_at", "id"):
        sanitization.verify(job=job, by=world.sofia, at=world.at)
    world.drain()
    return not open_media(device)


def _failed(device: Device) -> list[SanitizationJob]:
    jobs = SanitizationJob.objects.filter(device=device, visit=device.visit_id, state=JobState.FAILED)
    followed = set(
        SanitizationJob.objects.filter(device=device).exclude(previous=None).values_list("previous_id", flat=True)
    )
    return [job for job in jobs.order_by("required_at", "id") if job.pk not in followed]


def _second_try(world: World, device: Device, disks: list[Disk]) -> Going:
    """A wipe failed. Some are left for somebody to decide on, some are tried again, the rest are destroyed."""
    if world.chance(0.2):
        return
    yield world.working(2, 30)
    failed = _failed(device)
    if not failed:
        return
    if world.chance(0.35):
        for job in failed:
            sanitization.retry(job=job, by=world.tomas, at=world.at)
        for medium in open_media(device):
            sanitization.begin(medium=medium, by=world.tomas, at=world.at)
        world.drain()
        again = [disk for disk in disks if any(medium.serial == disk.serial for medium in open_media(device))]
        if (yield from _wipe(world, device, again, nwipe.ERASED)):
            return
        failed = _failed(device)
    for job in failed:
        _to_destroy(world, job, "The overwrite failed.")
    world.drain()
    device = world.device(device.pk)
    if device.device_class in {"laptop", "desktop", "server"} and len(failed) == 1 and world.chance(0.5):
        yield from _take_out(world, device, failed[0])
        return
    yield world.working(1, 10)
    destruction.order(unit=device, reason="Its storage can't be wiped.", by=world.tomas, at=world.at)
    world.drain()


def _to_destroy(world: World, job: SanitizationJob, why: str) -> None:
    """One way up: Clear, Purge, Destroy. Nothing here purges, so an attempt at it fails at once."""
    following = sanitization.escalate(job=job, reason=why, by=world.tomas, at=world.at)
    if following.required == "purge":
        sanitization.give_up(job=following, reason="There is no equipment to purge it.", by=world.tomas, at=world.at)
        following.refresh_from_db()
        sanitization.escalate(job=following, reason="It can't be purged here.", by=world.tomas, at=world.at)


def _take_out(world: World, device: Device, job: SanitizationJob) -> Going:
    """The drive leaves the unit under supervision and is shredded by itself; the unit goes on without it."""
    row = supervision.request(
        unit=device, kind="remove_medium", reason="The drive can't be wiped; the rest is worth keeping.", place=world.cage["rotterdam"],
        medium=job.medium, by=world.tomas, at=world.at,
    )  # fmt: skip
    world.drain()
    yield world.working(0.5, 10)
    supervision.allow(row=row, by=world.aisha, at=world.at)
    row.refresh_from_db()
    drive = supervision.remove_medium(
        row=row,
        photo=Photo(digest=world.photo("an empty drive bay"), caption="the empty bay"),
        by=world.tomas,
        at=world.at,
    )
    world.drain()
    yield world.working(1, 30)
    yield from destroy(world, world.device(drive.pk))


def _reset(world: World, device: Device, media: list[Medium]) -> Going:
    """A phone or tablet: its maker's reset, directed here, with a photo of the first set-up screen."""
    yield world.working(1, 30)
    jobs = [
        sanitization.begin(medium=medium, technique="factory_reset", by=world.tomas, at=world.at)
        for medium in media
        if medium.soldered
    ]
    world.drain()
    yield world.working(0.2, 1)
    if world.chance(0.04):
        for job in jobs:
            sanitization.give_up(
                job=job, reason="It asks for an account that nobody knows.", by=world.tomas, at=world.at
            )
            _to_destroy(world, SanitizationJob.objects.get(pk=job.pk), "It can't be reset.")
        world.drain()
        yield world.working(1, 12)
        yield from _dead_phone(world, world.device(device.pk))
        return
    photo = Photo(digest=world.photo("a phone at its first set-up"), caption="first set-up, no account")
    for job in jobs:
        sanitization.record_reset(
            job=job, tool="maker's reset", tool_version="17.4", photos=[photo], by=world.tomas, at=world.at
        )
    yield world.working(0.5, 8)
    for job in jobs:
        sanitization.verify(job=job, by=world.sofia, at=world.at)
    world.drain()


def _dead_phone(world: World, device: Device) -> Going:
    """Its storage is part of the board: parts without data are harvested under control, the rest is destroyed."""
    if world.chance(0.5):
        destruction.order(unit=device, reason="Its storage can't be wiped.", by=world.tomas, at=world.at)
        world.drain()
        return
    row = supervision.request(
        unit=device, kind="harvest_under_control", reason="Soldered storage that can't be wiped; screen and camera are good.",
        place=world.cage["rotterdam"], by=world.tomas, at=world.at,
    )  # fmt: skip
    yield world.working(0.5, 8)
    supervision.allow(row=row, by=world.aisha, at=world.at)
    world.drain()


def destroy(world: World, device: Device) -> Going:
    """Shred what is in it (or the whole of it), with photos; somebody else has watched."""
    shred(world, device)
    yield world.working(0.1, 2)
    destruction.witness(unit=device, by=world.sofia, at=world.at)
    world.drain()


def shred(world: World, device: Device) -> None:
    grams = device.grams or device.kind.typical_grams
    how = Destruction(**{**SHREDDER.__dict__, "grams": int(grams * 0.97)})
    destruction.record(
        unit=device, how=how, photos=[Photo(digest=world.photo("shredded fragments"), caption="fragments below 20 mm")],
        by=world.tomas, at=world.at,
    )  # fmt: skip
    world.drain()
