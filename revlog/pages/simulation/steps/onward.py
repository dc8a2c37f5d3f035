"""One unit from wherever it is to the end of its visit: in each state, what the people who own that queue do."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device
from revlog.devices.services import moves, standing
from revlog.pages.simulation import hazards
from revlog.pages.simulation.steps import clearing, consent, leaving, looking, making
from revlog.pages.simulation.world import World

Going = Iterator[datetime]
MOST_TURNS = 16


@dataclass(frozen=True)
class Plan:
    """What a story asks of a unit: a path that somebody wants, and a queue in which it is left waiting, ``then`` something begun.

    ``sku``, ``sound`` and ``battery`` say what the client's van brings for it; with ``unpaid`` nobody approves the refund that a person
    proposes.
    """

    wanted: Disposition | None = None
    stop_at: State | None = None
    then: Callable[[World, Device], Going] | None = None
    sku: str = ""
    sound: bool = False
    battery: int | None = None
    unpaid: bool = False
    goes_on: bool = False
    """True when it isn't left there: after ``then`` it goes its ordinary way."""


ORDINARY = Plan()


def go(world: World, unit: uuid.UUID, plan: Plan = ORDINARY) -> Going:
    """Turn after turn until its visit ends, it is left waiting, or nobody knows how to go on: then it stays in its queue."""
    device = world.device(unit)
    for _turn in range(MOST_TURNS):
        state = State(device.state)
        if state == plan.stop_at and plan.then is not None:
            yield from plan.then(world, device)
            if plan.goes_on:
                device, plan = world.device(unit), ORDINARY
                continue
        if device.has_ended or state in {State.DEPLOYED, State.EXPECTED} or state == plan.stop_at:
            return
        if device.holds and consent.waits_for_answer(device):
            yield from consent.go_on(world, device)
            device = world.device(unit)
            continue
        if device.holds:
            if not (yield from _released(world, device)):
                return
            device = world.device(unit)
            continue
        before = (device.state, device.state_sequence, device.disposition, device.grade, device.holds)
        yield from _turn_in(world, device, plan)
        device = world.device(unit)
        if (device.state, device.state_sequence, device.disposition, device.grade, device.holds) == before:
            return


def _turn_in(world: World, device: Device, plan: Plan) -> Going:
    state = State(device.state)
    machine = world.machines.get(device.pk)
    if state == State.RECEIVED:
        yield from looking.examine(world, device, machine)
    elif state in SOON:
        least, most, act = SOON[state]
        yield world.working(least, most)
        act(world, world.device(device.pk))
    elif state in LONGER:
        least, most, work = LONGER[state]
        yield world.working(least, most)
        yield from work(world, world.device(device.pk))
    elif state == State.TO_SANITIZE:
        yield world.working(2, 50)
        yield from clearing.sanitize(world, world.device(device.pk), machine)
    elif state == State.IN_TRIAGE:
        yield world.working(0.5, 18)
        _sort_out(world, world.device(device.pk), plan)


SOON: Mapping[State, tuple[float, float, Callable[[World, Device], None]]] = {
    State.TO_RECYCLE: (4, 40, making.to_batch),
    State.TO_RESTOCK: (2, 30, leaving.restock),
    State.TO_RETURN: (2, 40, leaving.send_back),
    State.TO_DONATE: (10, 150, leaving.donate),
    State.TO_DEPLOY: (6, 60, leaving.deploy),
}
"""What is done in one act, after so many hours at least and at most."""
LONGER: Mapping[State, tuple[float, float, Callable[[World, Device], Going]]] = {
    State.TO_DESTROY: (4, 60, clearing.destroy),
    State.TO_REFURBISH: (4, 70, making.refurbish),
    State.TO_HARVEST: (4, 80, making.take_apart),
    State.TO_SELL: (1, 20, leaving.sell),
}


def _sort_out(world: World, device: Device, plan: Plan) -> None:
    """In triage: regrade what comes from the bench, accept by hand what the rules left open, then decide."""
    if State(device.state) != State.IN_TRIAGE:
        return
    if device.next_stop is not None:
        looking.again(world, device)
        return
    if not device.authority:
        looking.accept_by_hand(world, device, unpaid=plan.unpaid)
        device = world.device(device.pk)
        if device.holds:
            return
    looking.decide(world, device, wanted=plan.wanted)


def _released(world: World, device: Device) -> Generator[datetime, None, bool]:
    """Somebody looks at what is on hold; half of it is released after a while. False when it stays."""
    if world.chance(0.45):
        return False
    yield world.working(6, 60)
    hazards.clear(world, device)
    world.drain()
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        for row in taken.hold_rows.filter(released_at=None).order_by("placed_at", "id"):
            standing.release(taken, row, reason="Looked at; it may go on.", by=world.carla, at=world.at)
    world.drain()
    return True
