"""Receiving sessions of the demo: one that was closed with all that can differ and signed for, one that nobody signed for, one open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from returns.models import ReceivingSession, Rma, RmaUnit, Trouble
from returns.queries import sessions as queries
from returns.services import approval, unloading
from returns.services.opening import Wish
from returns.services.sessions import checking, closing, opening, taking
from revlog.devices.models import Device
from revlog.devices.services import arrivals
from revlog.evidence.services import artifacts
from revlog.pages.simulation import pictures, stories
from revlog.pages.simulation.vendors import next_day
from revlog.pages.simulation.world import World
from revlog.terms.services.new_orders import NewLine

Going = Iterator[datetime]


def _announced(world: World, name: str, count: int) -> list[Device]:
    """Units of a client's list, on their way to Rotterdam."""
    client, hub = world.organizations["demo"], world.hubs["rotterdam"]
    what = [
        arrivals.Description(
            device_class="laptop", manufacturer="HP", model="EliteBook 840 G7", serial=f"5CG{world.seed:02d}{name}{place:03d}"
        )
        for place in range(1, count + 1)
    ]  # fmt: skip
    stay = arrivals.Stay(
        why="itad", owner=client.id, hub=hub.id, custodian=client.id, reference=f"job:VEGA-LIST-{name}"
    )
    return arrivals.announce_many(what=what, stay=stay, by=world.aisha, at=world.at)


def _session(world: World, against: str = "manifest") -> ReceivingSession:
    client = world.organizations["demo"] if against == "manifest" else None
    row, _fresh = opening.open_session(
        hub=world.hubs["rotterdam"], against=against, client=client, by=world.ines, at=world.at
    )
    return row


def _photographed(world: World, session: ReceivingSession) -> None:
    for line in queries.lacking(session):
        for place in range(line.photos_wanted):
            drawn = pictures.drawn(f"{line.outcome}, photo {place + 1}")
            closing.add_photo(session, line.pk, artifacts.keep_photo(drawn, at=world.at), by=world.ines, at=world.at)


def _all(world: World, session: ReceivingSession, devices: Sequence[Device]) -> None:
    for device in devices:
        _done, line = taking.receive_announced(session, device, hub=world.hubs["rotterdam"], by=world.ines, at=world.at)
        if line is None:
            continue
        taking.weigh(session, line.pk, grams=1410 + 7 * line.quantity, how="scale", by=world.ines, at=world.at)
        taking.compare_parts(session, line.pk, parts={"charger": device.serial[-1] != "2"}, by=world.ines, at=world.at)


def _returned(world: World) -> Rma:
    """A return of a shop of which the box holds something else."""
    order = stories.shop_sold(
        world,
        [NewLine(sku="DOCK-G2", description="Docking station G2", price=Decimal("149.00"), quantity=1, device_class="accessory")],
        world.organizations["retailer"],
    )  # fmt: skip
    rma = stories._opened(world, order, [Wish(line=order.lines.get().pk, quantity=1, reason="WRONG_ITEM")])
    if rma.status == "requested":
        approval.approve(rma, why="Agreed with the shop.", by=world.sam, at=world.at)
        world.drain()
    return Rma.objects.get(pk=rma.pk)


def delivery(world: World) -> Going:
    """A client's delivery with all that can differ; then one that is closed and unsigned, and one that is open."""
    hub = world.hubs["rotterdam"]
    first, second, third = (_announced(world, name, count) for name, count in (("A", 6), ("B", 4), ("C", 5)))
    rma = _returned(world)
    yield next_day(world, 26)

    session = _session(world)
    _all(world, session, first[:4])
    hurt = session.lines.filter(outcome="received").order_by("at", "id").first()
    if hurt is not None:
        taking.damaged(session, hurt.pk, by=world.ines, at=world.at)
    for device, state, said in ((first[1], "clear", ""), (first[2], "bad", "Enrolled with Vega GmbH, 12 March.")):
        checking.enter(
            device, kind="mdm", state=state, source="Windows Autopilot", detail=said, by=world.ines, at=world.at
        )
    parcel = unloading.open_return(rma, parcel=None, hub=hub, by=world.ines, at=world.at)
    unit = RmaUnit.objects.select_related("line__order_line", "line__rma").get(line__rma=rma)
    taking.wrong(
        session, unit, serial="", item="Docking station of another maker", hub=hub, parcel=parcel, by=world.ines, at=world.at
    )  # fmt: skip
    taking.unannounced(
        session, serial=f"5CG{world.seed:02d}X900", device_class="laptop", hub=hub, kind=Trouble.OVER, by=world.ines,
        at=world.at,
    )  # fmt: skip
    taking.unannounced(
        session, serial="", what="Bunch of keys with a yellow tag", hub=hub, kind=Trouble.FOUND_PROPERTY, by=world.ines, at=world.at
    )  # fmt: skip
    _photographed(world, session)
    world.drain()
    yield world.after(1, 2)
    closing.close(session, whole=True, note="Pallet 2 of 2; the foil was torn.", by=world.ines, at=world.at)
    world.drain()
    yield world.after(0.3, 0.6)
    closing.sign(session, drawn=pictures.signature("Aisha"), by=world.aisha, at=world.at)

    yield max(next_day(world, 22), world.end - timedelta(days=2))
    unsigned = _session(world)
    _all(world, unsigned, second[:4])
    closing.close(unsigned, by=world.ines, at=world.at)
    world.drain()

    yield max(next_day(world, 20), world.end - timedelta(hours=30))
    _all(world, _session(world), third[:3])
    world.drain()


def campaigns(world: World) -> list[tuple[datetime, Going]]:
    """When it begins."""
    if world.half.name != "north":
        return []
    return [(max(world.at, world.end - timedelta(days=9)), world.talking(delivery(world)))]
