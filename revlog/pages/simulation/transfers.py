"""Transfers of the demo: one that came by sea, one under way, one that is late, one that came short and damaged, one that waits.

And one that went to a client, of which a part comes back.
"""

from __future__ import annotations

from datetime import timedelta

from django.core.files.base import ContentFile

from revlog.devices.models import Device
from revlog.devices.services import arrivals
from revlog.logistics.models import Carrier, Mode, Transfer
from revlog.logistics.services import setup
from revlog.logistics.services.transfers import accepting, planning, releasing, travelling
from revlog.logistics.services.transfers.planning import Stretch
from revlog.pages.simulation import pictures
from revlog.pages.simulation.world import World
from revlog.storage.models import Container, ContainerKind
from revlog.storage.services.containers import filling, making, sealing

HOUR = timedelta(hours=1)
FREIGHT, LINE = "inland-freight", "meridian-line"


def tell(world: World) -> None:
    """Told of the last days; what is late is late when the days are over."""
    end = world.at
    if Transfer.objects.exists():
        return
    world.at = end - 80 * HOUR
    by_road = _carrier(world, FREIGHT, "Inland Freight")
    by_sea = _carrier(world, LINE, "Meridian Line")
    _by_sea(world, by_road, by_sea)
    world.at = end - 50 * HOUR
    _out_and_back(world, by_road)
    world.at = end - 30 * HOUR
    _not_as_released(world, by_road)
    world.at = end - 26 * HOUR
    _released(world, [_road(world, by_road, 8)], _pallets(world, 2), signed_by="P. Vermeer")
    world.at = end - 3 * HOUR
    _released(world, [_road(world, by_road, 9)], _pallets(world, 1), left=_pallets(world, 1), signed_by="P. Vermeer")
    world.at = end - HOUR
    _planned(world, [_road(world, by_road, 9)], _pallets(world, 2), "Monitors for the shop in Leipzig")
    travelling.say_late(at=end)
    world.at = end
    world.settle()


def _carrier(world: World, code: str, name: str) -> Carrier:
    return setup.keep_carrier(
        code=code, name=name, carries_data=True, organization=world.organizations.get("carrier"), by=world.henrik,
        at=world.at,
    )  # fmt: skip


def _pallets(world: World, count: int, units: int = 6) -> list[Container]:
    """Pallets with monitors of our own on them."""
    hub = world.hubs["rotterdam"]
    made = making.make(hub=hub, kind=ContainerKind.PALLET, count=count, capacity=60, by=world.aisha, at=world.at)
    stay = arrivals.Stay(why="stock", owner=hub.organization_id, hub=hub.pk, custodian=hub.organization_id)
    for pallet in made:
        what = [
            arrivals.Description(
                device_class="monitor", manufacturer="Dell", model="P2419H", serial=f"TRF{pallet.number[-9:]}{place:02d}"
            )
            for place in range(units)
        ]  # fmt: skip
        filling.put(
            arrivals.arrive_many(what=what, stay=stay, by=world.ines, at=world.at), pallet, by=world.ines, at=world.at
        )
    return list(made)


def _road(world: World, carrier: Carrier, hours: int, ends: str = "Leipzig", *, begins: str = "Rotterdam") -> Stretch:
    return Stretch(
        carrier=carrier, begins_at=begins, ends_at=ends, planned_from=world.at,
        planned_to=world.at + hours * HOUR,
    )  # fmt: skip


def _planned(
    world: World, legs: list[Stretch], things: list[Container], reason: str = "Stock", units: list[Device] | None = None
) -> Transfer:
    return planning.plan(
        origin=world.hubs["rotterdam"], destination=world.hubs["leipzig"], legs=legs, containers=things,
        devices=units or [], reason=reason, by=world.aisha, at=world.at,
    )  # fmt: skip


def _released(
    world: World,
    legs: list[Stretch],
    things: list[Container],
    *,
    left: list[Container] | None = None,
    units: list[Device] | None = None,
    signed_by: str,
) -> Transfer:
    row = _planned(world, legs, [*things, *(left or [])], units=units)
    for code in [*(one.number for one in things), *(one.tag for one in units or [])]:
        releasing.load(row, code, by=world.ines, at=world.at)
    releasing.release(row, signature=pictures.signature(signed_by), signed_by=signed_by, by=world.ines, at=world.at)
    return row


def _by_sea(world: World, by_road: Carrier, by_sea: Carrier) -> None:
    pallet = _pallets(world, 1, units=10)[0]
    seal = sealing.seal(pallet, number=f"RTM {461200 + world.seed}", by=world.ines, at=world.at)
    began = world.at
    legs = [
        Stretch(carrier=by_road, begins_at="Rotterdam", ends_at="Maasvlakte", planned_from=began, planned_to=began + 4 * HOUR),
        Stretch(
            carrier=by_sea, mode=Mode.SEA, begins_at="Maasvlakte", ends_at="Hamburg", planned_from=began + 8 * HOUR,
            planned_to=began + 40 * HOUR, container="CSQU3054383", seals=["ML 88123"], vessel="Aurora", voyage="214E",
            reference="MERD-20417",
        ),
        Stretch(
            carrier=by_road, begins_at="Hamburg", ends_at="Leipzig", planned_from=began + 44 * HOUR,
            planned_to=began + 52 * HOUR,
        ),
    ]  # fmt: skip
    row = _released(world, legs, [pallet], signed_by="P. Vermeer")
    way = list(row.consignments.get().shipment.legs.order_by("number"))
    for leg, came, left in ((0, 3, 8), (1, 39, 44)):
        world.at = began + came * HOUR
        travelling.came(way[leg], by=world.henrik, at=world.at)
        world.at = began + left * HOUR
        travelling.left(way[leg + 1], by=world.henrik, at=world.at)
    world.at = began + 51 * HOUR
    accepting.accept(row, seal.number, by=world.katja, at=world.at)
    _taken_over(world, row)


def _not_as_released(world: World, by_road: Carrier) -> None:
    """One pallet comes damaged, one doesn't come: a row each for the lead in Leipzig."""
    came, lost = _pallets(world, 2)
    row = _released(world, [_road(world, by_road, 9)], [came, lost], signed_by="S. Kuiper")
    world.at += 9 * HOUR
    accepting.accept(row, came.number, by=world.katja, at=world.at)
    damage = accepting.damaged(
        row, came.number, words="One side of the pallet is crushed.", by=world.katja, at=world.at
    )
    accepting.photograph(
        damage, ContentFile(pictures.drawn("crushed pallet"), "pallet.jpg"), by=world.katja, at=world.at
    )
    _taken_over(world, row)


def _taken_over(world: World, row: Transfer) -> None:
    accepting.close(row, signature=pictures.signature("K. Brandt"), signed_by="K. Brandt", by=world.katja, at=world.at)


def _out_and_back(world: World, by_road: Carrier) -> None:
    """Two pallets go to a client for a trial; one is announced back, one is there still."""
    client = world.organizations["demo"]
    lent, kept = _pallets(world, 2)
    row = planning.plan(
        origin=world.hubs["rotterdam"], receiver=client, address=["Kade 4", "3011 Rotterdam"],
        legs=[_road(world, by_road, 4, client.name)], containers=[lent, kept], reason="On trial", by=world.aisha,
        at=world.at,
    )  # fmt: skip
    for pallet in (lent, kept):
        releasing.load(row, pallet.number, by=world.ines, at=world.at)
    releasing.release(
        row, signature=pictures.signature("P. Vermeer"), signed_by="P. Vermeer", by=world.ines, at=world.at
    )
    world.at += 4 * HOUR
    for pallet in (lent, kept):
        accepting.accept(row, pallet.number, by=world.vera, at=world.at)
    accepting.close(row, signature=pictures.signature("V. Stahl"), signed_by="V. Stahl", by=world.vera, at=world.at)
    world.at += 20 * HOUR
    planning.plan(
        origin=world.hubs["rotterdam"], giver=client, address=["Kade 4", "3011 Rotterdam"],
        legs=[_road(world, by_road, 30, "Rotterdam", begins=client.name)], containers=[lent],
        reason="The trial is over", by=world.aisha, at=world.at,
    )  # fmt: skip
