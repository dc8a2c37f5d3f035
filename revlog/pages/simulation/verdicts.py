"""What the dock found and a reviewer decides a day later: who sent an empty box or another thing, and who had an explanation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from returns.models import Discrepancy, Review, ReviewStatus, Rma, RmaUnit
from returns.services import deadlines, differing, receiving, troubles
from returns.services.fraud import deciding
from revlog.accounts.actors import Actor
from revlog.devices.models import Device
from revlog.pages.simulation.machines import Machine
from revlog.pages.simulation.steps import onward
from revlog.pages.simulation.steps.onward import Plan
from revlog.pages.simulation.world import World

Going = Iterator[datetime]
SHARE = 0.6
"""So many of those who are looked at are found to be fraud."""
FRAUD = {
    "empty_box": "The box was empty when we opened it, and the carrier weighed it as light when it took it in.",
    "wrong_serial": "Another one came than we sold: its serial number was never ours.",
}
HONEST = {
    "empty_box": "They had sent the box alone by mistake; the thing itself is on its way.",
    "wrong_serial": "The shop noted the serial number of the one beside it on the shelf.",
}


def looked_at(world: World, rma: Rma, machine: Machine, found: str, plan: Plan, *, dock: Actor) -> Going:
    """Finance decides in working hours, and what is here, or comes after all, goes on from there."""
    fraud = world.chance(SHARE)
    yield world.working(3, 14)
    review = Review.objects.filter(rma=rma, status=ReviewStatus.OPEN).first()
    if review is None:
        return
    trouble = Discrepancy.objects.get(rma=rma, kind=found)
    if fraud:
        deciding.confirm(review, reason=FRAUD[found], by=world.esra, at=world.at)
        world.drain()
        # Nobody objects, and nobody appeals.
        yield world.at + timedelta(days=15)
        deadlines.run(at=world.at, rma=rma.pk)
        world.drain()
        if trouble.device_id is not None:
            yield from onward.go(world, trouble.device_id, plan)
        return
    deciding.clear(review, reason=HONEST[found], by=world.esra, at=world.at)
    world.drain()
    yield world.working(2, 20)
    device = _right(world, rma, machine, trouble, dock)
    world.machines[device.pk] = machine
    world.drain()
    yield from onward.go(world, device.pk, plan)


def _right(world: World, rma: Rma, machine: Machine, trouble: Discrepancy, dock: Actor) -> Device:
    """It is the right thing after all, or comes in a second parcel."""
    unit = RmaUnit.objects.select_related("line__order_line", "device").get(line__rma=rma)
    if trouble.device_id is not None:
        matched = differing.match_anyway(trouble, reason=HONEST[trouble.kind], by=world.aisha, at=world.at)
        return world.device(matched.device_id or trouble.device_id)
    troubles.resolve(trouble, resolution=HONEST[trouble.kind], by=world.aisha, at=world.at)
    serial = machine.serial if unit.line.order_line.serials else ""
    return receiving.receive(unit, hub=trouble.hub, serial=serial, by=dock, at=world.at).device
