"""The bench and what it leaves: repairs with parts and minutes, checks by another, harvests, recycling batches."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from recycling.models import Batch, BatchState
from recycling.services import batches, weighing
from refurb.models import Part, WorkKind, WorkOrder
from refurb.queries import open_faults
from refurb.services import bench, checking, harvest, orders, parts
from refurb.services.harvest import Taken
from revlog.devices.models import Device, Fault
from revlog.devices.services import moves, standing
from revlog.pages.simulation.world import World

Going = Iterator[datetime]
OPERATION = {
    "battery_worn": "replace_battery", "battery": "replace_battery", "display": "replace_display", "keyboard": "replace_keyboard",
    "port": "replace_port", "scratch": "clean", "wear": "clean", "stain": "clean", "pixels": "replace_display",
    "drive_failing": "replace_storage", "touch": "replace_display", "dent": "replace_housing", "trackpad": "replace_keyboard",
    "stress": "board_repair", "fan": "other", "camera": "other", "audio": "other",
}  # fmt: skip
PART = {
    ("replace_battery", "laptop"): "battery", ("replace_battery", "phone"): "phone_battery", ("replace_keyboard", "laptop"): "keyboard",
    ("replace_display", "laptop"): "display", ("replace_display", "phone"): "screen", ("replace_storage", "laptop"): "drive",
}  # fmt: skip


def refurbish(world: World, device: Device) -> Going:
    """One work order: an operation for each fault, parts where it takes some, the check by somebody else."""
    order = orders.open_order(unit=device, by=world.bench, at=world.at)
    world.drain()
    faults: list[Fault | None] = [fault for fault in open_faults(device) if fault.code in OPERATION]
    for fault in faults or [None]:
        code = OPERATION.get(fault.code, "clean") if fault is not None else "clean"
        bench.begin_operation(order=order, code=code, fault=fault, by=world.bench, at=world.at)
        which = PART.get((code, device.device_class))
        if which and not (yield from _part(world, device, order, which)):
            return
        yield world.after(0.2, 0.9)
    if world.chance(0.04):
        bench.fail(order=order, reason="The board is beyond repair.", by=world.bench, at=world.at)
        world.drain()
        return
    bench.finish(order=order, by=world.bench, at=world.at)
    world.drain()
    yield world.working(0.3, 14)
    order.refresh_from_db()
    if world.chance(0.08):
        checking.rework(order=order, reason="One screw is missing.", by=world.check, at=world.at)
        yield world.working(0.5, 8)
        bench.begin_operation(order=order, code="other", by=world.bench, at=world.at)
        yield world.after(0.1, 0.4)
        bench.finish(order=order, by=world.bench, at=world.at)
        yield world.working(0.3, 6)
        order.refresh_from_db()
    checking.accept(order=order, by=world.check, at=world.at)
    world.drain()


def _part(world: World, device: Device, order: WorkOrder, which: str) -> Generator[datetime, None, bool]:
    """Put a part in; when none is left the unit waits for it, and so does the bench. False when it doesn't come."""
    number, name, _quantity, cost = world.half.parts[which]
    part = _there(device, number)
    if part is None:
        bench.await_part(
            order=order, asked=f"One {number} is ordered.", due=world.after(48, 96), by=world.bench, at=world.at
        )
        yield world.working(30, 90)
        parts.stock(
            hub=world.hubs["rotterdam"], number=number, name=name, quantity=15, cost=cost, by=world.henrik, at=world.at,
        )  # fmt: skip
        with transaction.atomic():
            standing.wait_over(moves.take_one(device.pk), by=world.bench, at=world.at)
        part = _there(device, number)
    if part is None:
        return False
    order.refresh_from_db()
    parts.put_in_now(order=order, part=part, by=world.bench, at=world.at)
    return True


def _there(device: Device, number: str) -> Part | None:
    """A part of that number that nobody has reserved."""
    return (
        Part.objects.filter(hub=device.hub, number=number, quantity__gt=F("reserved"))
        .order_by("condition", "id")
        .first()
    )


def take_apart(world: World, device: Device) -> Going:
    """Parts worth something come out; under control when the rest still holds data."""
    by = world.tomas if orders.kind_for(device) == WorkKind.CONTROLLED_HARVEST else world.bench
    order = orders.open_order(unit=device, by=by, at=world.at)
    yield world.after(0.3, 1.2)
    phone = device.device_class == "phone"
    for which, grams, value in (("screen", 30, 25),) if phone else (("display", 240, 25), ("keyboard", 110, 8)):
        number, name, *_stock = world.half.parts[which]
        harvest.take_part(
            order=order, taken=Taken(number=number, name=name, grams=grams, value=Decimal(value)), by=by, at=world.at
        )
    world.drain()
    yield world.after(0.2, 0.8)
    order.refresh_from_db()
    left = (device.grams or device.kind.typical_grams) - (30 if phone else 350)
    harvest.close(order=order, remaining_grams=max(50, left), by=by, at=world.at)
    world.drain()


STREAM = {"monitor": "displays", "storage": "shredded_media", "accessory": "accessories", "materials": "it_mixed"}


def to_batch(world: World, device: Device) -> None:
    """Into the open batch of its stream, begun where there is none."""
    if device.hub is None:
        return
    stream = STREAM.get(device.device_class, "it_mixed")
    by = world.jonas if device.hub.code == "leipzig" else world.pavel
    batch = (
        Batch.objects.filter(pk__in=world.batches, hub=device.hub, stream=stream, state=BatchState.OPEN)
        .order_by("opened_at", "id")
        .first()
    )
    if batch is None:
        batch = batches.open_batch(hub=device.hub, stream=stream, by=by, at=world.at)
        world.batches.add(batch.pk)
    batches.join(batch=batch, unit=device, by=by, at=world.at)
    world.drain()


FRACTIONS = (("ferrous", 0.42, "0.18"), ("aluminum", 0.2, "0.95"), ("boards", 0.13, "6.40"), ("plastics", 0.2, "-0.08"))
"""What leaves a batch: stream, share of its weight, price a kilogram."""


def empty_batches(world: World) -> Going:
    """Every other Friday what has come together is weighed, sold as fractions, and closed in balance."""
    while True:
        yield world.working(9 * 24, 13 * 24)
        for batch in Batch.objects.filter(pk__in=world.batches, state=BatchState.OPEN).order_by("opened_at", "id"):
            if batch.members.filter(left_at=None).count() >= 3:
                world.spawn(_emptied(world, batch))


def _emptied(world: World, batch: Batch) -> Going:
    by = world.jonas if batch.hub.code == "leipzig" else world.pavel
    lead = world.jonas if by == world.jonas else world.aisha
    grams = sum(batch.members.filter(left_at=None).values_list("grams", flat=True))
    weighed = max(1, grams + world.dice.randint(-grams // 200, grams // 200))
    weighing.weigh_in(batch=batch, grams=weighed, final=True, scale="floor scale 1", by=by, at=world.at)
    yield world.after(1, 4)
    batch.refresh_from_db()
    whole = left = weighed + batch.opening_grams
    for stream, share, price in FRACTIONS:
        out = int(whole * share)
        left -= out
        batches.send_out(
            batch=batch, stream=stream, grams=out, treatment="R4" if stream != "plastics" else "R3",
            vendor=world.organizations["recycler"], load=f"L-{world.number('load'):04d}", price_per_kilo=Decimal(price), by=by, at=world.at,
        )  # fmt: skip
    yield world.after(1, 6)
    batch.refresh_from_db()
    batches.close(batch=batch, loss_grams=left // 2, closing_grams=left - left // 2, by=lead, at=world.at)
    world.drain()
