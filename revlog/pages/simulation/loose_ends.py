"""What an operation always has lying about: in every queue something that waits, and of every kind of exception one that is open.

Each is a unit whose story stops where somebody did half of what was to be done. Most come with two vans of the client, long enough
before the end for them to get there; ``tests/pages/test_simulation_queues.py`` holds that none is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from itad.services import sanitization, supervision
from recycling.models import Batch
from recycling.services import batches, weighing
from refurb.services import bench, orders
from resale.services import sales
from resale.services.sales import Buyer
from returns.models import Refund, RefundStatus
from returns.services import bouncing
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device, HoldKind
from revlog.devices.services import moves, standing
from revlog.pages.simulation import catalog, stories
from revlog.pages.simulation.formats import lshw, nwipe
from revlog.pages.simulation.machines import Disk
from revlog.pages.simulation.steps import clearing, consent, leaving
from revlog.pages.simulation.steps.onward import Plan
from revlog.pages.simulation.world import World
from triage.models import ReportStatus
from triage.services import reports

Going = Iterator[datetime]
Act = Callable[[World, Device], Going]


# In the data cage -----------------------------------------------------------------------------------------------------------------


def _disks(world: World, device: Device) -> list[Disk]:
    return world.machines[device.pk].disks


def _wiped(world: World, device: Device, disks: list[Disk], outcome: str = nwipe.ERASED) -> Going:
    """A wipe and its log; nobody looks at it afterwards."""
    yield world.working(1, 8)
    for medium in clearing.open_media(device):
        sanitization.begin(medium=medium, by=world.tomas, at=world.at)
    world.drain()
    began = world.at
    yield world.after(0.2, 1) + max(nwipe.needs(disk) for disk in disks)
    world.report(nwipe.written(disks, began=began, outcome=outcome), f"nwipe-{device.tag}.log", world.tomas)


def unverified(world: World, device: Device) -> Going:
    yield from _wiped(world, device, _disks(world, device))


def failed(world: World, device: Device) -> Going:
    yield from _wiped(world, device, _disks(world, device), nwipe.FAILED)


def wiped_twice(world: World, device: Device) -> Going:
    """Wiped once more before anybody verified the first time: the second log proves nothing."""
    yield from _wiped(world, device, _disks(world, device))
    began = world.at
    yield world.after(0.2, 1) + max(nwipe.needs(disk) for disk in _disks(world, device))
    world.report(nwipe.written(_disks(world, device), began=began), f"nwipe-{device.tag}-2.log", world.tomas)


def supervised(world: World, device: Device) -> Going:
    """It can't be wiped as it is; somebody asked to take the drive out, and nobody has said yes."""
    yield from _wiped(world, device, _disks(world, device), nwipe.FAILED)
    yield world.working(1, 6)
    supervision.request(
        unit=device, kind="remove_medium", reason="The drive can't be wiped; the rest is worth keeping.", place=world.cage["rotterdam"],
        medium=clearing.open_media(device)[0], by=world.tomas, at=world.at,
    )  # fmt: skip


def unwitnessed(world: World, device: Device) -> Going:
    yield world.working(1, 8)
    clearing.shred(world, device)


# In triage ------------------------------------------------------------------------------------------------------------------------


def misses_a_drive(world: World, device: Device) -> Going:
    """A second report lists a drive that the first one didn't see."""
    yield world.working(1, 8)
    machine = world.machines[device.pk]
    disk = replace(machine.disks[0], serial=machine.disks[0].serial[:-4] + "7Q2C", name="sdx")
    seen = replace(machine, disks=[*machine.disks, disk])
    world.report(lshw.written(seen), f"{machine.serial}-2.json", world.ravi)


def names_another_serial(world: World, device: Device) -> Going:
    """Its firmware names another serial than its label; somebody said that it is this one all the same."""
    yield world.working(1, 8)
    machine = world.machines[device.pk]
    other = replace(machine, serial=machine.serial[:-3] + "Z9K", mac="")
    row = world.report(lshw.written(other), f"{other.serial}.json", world.ravi)
    row.refresh_from_db()
    if row.status == ReportStatus.UNMATCHED:
        reports.match_by_hand(
            report=row, unit=device, reason="Tested on this bench; its board was changed.", by=world.aisha, at=world.at
        )
        world.drain()


# At the bench ---------------------------------------------------------------------------------------------------------------------


def unchecked(world: World, device: Device) -> Going:
    yield world.working(1, 8)
    order = orders.open_order(unit=device, by=world.bench, at=world.at)
    bench.begin_operation(order=order, code="clean", by=world.bench, at=world.at)
    yield world.after(0.2, 0.6)
    bench.finish(order=order, by=world.bench, at=world.at)


def left_open(world: World, device: Device) -> Going:
    """Begun, and then something else came first."""
    yield world.working(1, 8)
    order = orders.open_order(unit=device, by=world.bench, at=world.at)
    bench.begin_operation(order=order, code="clean", by=world.bench, at=world.at)


# For sale -------------------------------------------------------------------------------------------------------------------------


def _sold(world: World, device: Device) -> Going:
    yield world.working(1, 8)
    offer = leaving.offered(world, device)
    if offer is None:
        return
    email, name, address, country, language = leaving.customer(world)
    buyer = Buyer(email=email, name=name, address=address, country=country, language=language)
    sales.sell(offer=offer, buyer=buyer, unit=device, by=world.anouk, at=world.at)


def unshipped(world: World, device: Device) -> Going:
    yield from _sold(world, device)


def broken_sale(world: World, device: Device) -> Going:
    """Sold, and then somebody had reason to keep it here."""
    yield from _sold(world, device)
    yield world.working(1, 6)
    _hold(world, device, HoldKind.DATA)


# In recycling ---------------------------------------------------------------------------------------------------------------------


def _own_batch(world: World, device: Device) -> Batch:
    """A batch for this unit alone, which the fortnightly emptying leaves alone."""
    assert device.hub is not None  # noqa: S101 - it came by a van to a hub
    batch = batches.open_batch(hub=device.hub, stream="displays", by=world.pavel, at=world.at)
    batches.join(batch=batch, unit=device, by=world.pavel, at=world.at)
    return batch


def forgotten_batch(world: World, device: Device) -> Going:
    yield world.working(1, 4)
    _own_batch(world, device)


def _weighed(world: World, device: Device) -> Batch:
    batch = _own_batch(world, device)
    weighing.weigh_in(
        batch=batch, grams=device.grams or 5500, final=True, scale="floor scale 1", by=world.pavel, at=world.at
    )
    batch.refresh_from_db()
    return batch


def doubted_weight(world: World, device: Device) -> Going:
    yield world.working(1, 4)
    batch = _weighed(world, device)
    yield world.after(1, 3)
    weighing.ask_correction(
        batch=batch, grams=(batch.received_grams or 0) + 240, reason="The pallet was not on the scale.", by=world.pavel, at=world.at
    )  # fmt: skip


def out_of_balance(world: World, device: Device) -> Going:
    yield world.working(1, 4)
    batch = _weighed(world, device)
    yield world.after(1, 3)
    batches.send_out(
        batch=batch, stream="ferrous", grams=(batch.received_grams or 0) + 900, treatment="R4", vendor=world.organizations["recycler"],
        load=f"L-{world.number('load'):04d}", price_per_kilo=Decimal("0.18"), by=world.pavel, at=world.at,
    )  # fmt: skip


# Anywhere -------------------------------------------------------------------------------------------------------------------------

WHY = {
    HoldKind.LEGAL: "A court asks to keep it.",
    HoldKind.SAFETY: "It smells of solvent; an assessor has to look.",
    HoldKind.RECALL: "The maker recalls this batch of batteries.",
    HoldKind.FRAUD: "The serial was reported as stolen.",
    HoldKind.DATA: "A customer says that files of theirs were seen on it.",
    HoldKind.AWAITING_OWNER: "The owner has to say which of two contracts it came under.",
}


def _hold(world: World, device: Device, kind: HoldKind) -> None:
    with transaction.atomic():
        standing.hold(moves.take_one(device.pk), kind, reason=WHY[kind], by=world.aisha, at=world.at)


def held(kind: HoldKind) -> Act:
    def act(world: World, device: Device) -> Going:
        yield world.working(1, 20)
        _hold(world, device, kind)

    return act


def missing(world: World, device: Device) -> Going:
    yield world.working(10, 40)
    with transaction.atomic():
        standing.miss(moves.take_one(device.pk), by=world.aisha, at=world.at)


def waiting(world: World, device: Device) -> Going:
    """For its owner, who was asked and doesn't answer."""
    yield world.working(0.5, 4)
    with transaction.atomic():
        standing.wait(
            moves.take_one(device.pk), "client", asked="Whose is it? It is on no list of yours.", due=world.after(48, 72),
            by=world.aisha, at=world.at,
        )  # fmt: skip


def _laptop(world: World, battery: int) -> Plan:
    """A laptop of the commonest model of this half, good but for its battery."""
    sku = "T480-16-256" if world.half.name == "north" else "L5420-8-256"
    return Plan(sku=sku, sound=True, battery=battery)


def far_ones(world: World) -> list[Plan]:
    """What takes weeks to get where it is left lying."""
    good, worn = _laptop(world, 96), _laptop(world, 58)
    if world.half.name == "north":
        for_sale = replace(good, wanted=Disposition.RESELL, stop_at=State.TO_SELL)
        to_mend = replace(worn, wanted=Disposition.REFURBISH, stop_at=State.TO_REFURBISH)
        return [
            replace(for_sale, then=unshipped),
            replace(for_sale, then=broken_sale),
            replace(for_sale, sku="P1G4-32-1T"),
            replace(to_mend, then=unchecked),
            replace(to_mend, then=left_open),
            to_mend,
            replace(good, wanted=Disposition.DEPLOY, stop_at=State.TO_DEPLOY),
        ]
    return [
        replace(worn, wanted=Disposition.HARVEST, stop_at=State.TO_HARVEST),
        replace(good, wanted=Disposition.DONATE, stop_at=State.TO_DONATE),
        Plan(Disposition.RECYCLE, State.TO_RECYCLE, sku="U2419H"),
    ]


def old_ones(world: World) -> list[Plan]:
    """What has been lying about for more than a month, and a laptop that was sold meanwhile."""
    if world.half.name == "north":
        return [replace(_laptop(world, 94), wanted=Disposition.RESELL)]
    screen = Plan(Disposition.RECYCLE, State.TO_RECYCLE, sku="U2419H")
    return [replace(screen, then=act) for act in (forgotten_batch, doubted_weight, out_of_balance)]


def near_ones(world: World) -> list[Plan]:
    """What is left lying soon after it came."""
    laptop = _laptop(world, 91)
    if world.half.name == "north":
        received = replace(laptop, stop_at=State.RECEIVED)
        return [
            *(replace(received, then=held(kind)) for kind in HoldKind.by_hand()),
            replace(received, then=missing),
            replace(received, then=waiting),
            received,
            replace(laptop, stop_at=State.IN_TRIAGE),
            replace(laptop, stop_at=State.IN_TRIAGE, then=misses_a_drive),
            replace(laptop, stop_at=State.IN_TRIAGE, then=names_another_serial),
        ]
    to_wipe = replace(laptop, stop_at=State.TO_SANITIZE)
    to_shred = replace(laptop, wanted=Disposition.DESTROY, stop_at=State.TO_DESTROY)
    return [
        *(replace(to_wipe, then=act) for act in (unverified, failed, wiped_twice, supervised)),
        to_wipe,
        replace(to_shred, then=unwitnessed),
        to_shred,
        replace(laptop, wanted=Disposition.RETURN_TO_OWNER, stop_at=State.TO_RETURN),
    ]


def _talked_over(world: World, laptop: catalog.Model) -> list[Going]:
    """Returns about which a customer is asked or doesn't agree: some wait, some went their whole way."""
    waits = Plan(stop_at=State.RECEIVED)
    ends = replace(waits, goes_on=True)
    return [
        stories.retail(world, mishap=mishap, model=laptop, plan=replace(plan, then=act))
        for mishap, plan, act in (
            ("talked", waits, consent.appealed),
            ("talked", ends, consent.appealed_and_decided),
            ("talked", waits, consent.offered),
            ("talked", ends, consent.offered_and_answered),
            ("worn", waits, consent.deducted),
            ("worn", ends, consent.deducted),
            ("to_mend", waits, consent.unquoted),
            ("to_mend", ends, consent.quoted),
        )
    ]


def returns(world: World) -> list[Going]:
    """Returns that stand still, told from three weeks before the end."""
    if world.half.name == "north":
        jacket = catalog.BY_SKU["RTX-JKT-M"]
        restock = Plan(Disposition.RESTOCK, State.TO_RESTOCK)
        return [
            *(stories.retail(world, model=jacket, plan=restock) for _each in range(2)),
            stories.retail(world, mishap="never_sent"),
            stories.retail(world, mishap="undecided"),
            stories.retail(world, mishap="unreachable"),
            *(
                stories.retail(world, model=catalog.BY_SKU["T480-16-256"], wants=wanted)
                for wanted in ("credit", "exchange", "replace")
            ),
            unpaid(world),
            stories.unannounced(world, parcel=True),
            stories.unannounced(world, parcel=False),
            stories.stray_report(world, readable=True),
            stories.stray_report(world, readable=False),
            *_talked_over(world, catalog.BY_SKU["T480-16-256"]),
        ]
    phone = catalog.BY_SKU["IP13-128"]
    return [
        *(stories.retail(world, mishap=what, model=phone) for what in ("wrong_serial", "unreadable", "damaged")),
        stories.retail(world, mishap="empty_box"),
        stories.retail(world, mishap="locked", model=phone, plan=Plan(unpaid=True)),
        stories.counted(world, short=12),
        stories.counted(world, short=-3),
        refund_came_back(world),
    ]


def unpaid(world: World) -> Going:
    """Somebody wants the new one first, in the last days, and hasn't paid the deposit yet."""
    yield max(world.at, world.end - timedelta(days=4))
    yield from stories.retail(world, mishap="unpaid", model=catalog.BY_SKU["T480-16-256"], wants="advance")


def refund_came_back(world: World) -> Going:
    """The bank sends a customer's money back in the last days, and nobody has paid it another way yet."""
    yield world.after(24 * 16, 24 * 18)
    paid = Refund.objects.filter(
        status=RefundStatus.PAID,
        provider="manual",
        amount__gt=0,
        unit__device__manufacturer__in=world.half.makers,
        paid_at__lt=world.at,
    )
    row = paid.order_by("-paid_at", "id").first()
    if row is not None:
        bouncing.say_it_came_back(row, why="The account is closed.", by=world.esra, at=world.at)


def calls(world: World) -> list[Going]:
    """Talks with support that bring no unit: one that stands open, one that put things right, one that went beyond the rules."""
    phone = catalog.BY_SKU["IP13-128"]
    if world.half.name == "north":
        return [stories.support(world, "left_open"), stories.support(world, "fixed", model=phone)]
    return [
        stories.support(world, "overridden", model=phone, days=900),
        stories.support(world, "tried", model=phone, soon=True),
    ]
