"""Returns of businesses, as a day leaves them: boxes that nobody opened, a line in dispute, a memo that waits, one that was credited."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from returns.edi import x12
from returns.models import BusinessCase, Dispute, DisputeEnd, EdiPartner, Origin, RmaUnit
from returns.services import approval
from returns.services.business import announcing, boxes, counting, disputes, edi, inspecting, memos, partners
from returns.services.business.announcing import Announcement
from returns.services.business.counting import Counted
from returns.services.business.finding import Papers
from returns.services.business.inspecting import Split
from returns.services.business.lines import Told
from revlog.pages.simulation.world import World
from revlog.terms.models import Order, OrderSource
from revlog.terms.services import orders
from revlog.terms.services.new_orders import NewLine, NewOrder

Going = Iterator[datetime]
THEM, US = "IBERIALOTS", "POLDERSHOP"
"""How customer and seller are named in the envelopes of their interchanges."""
LOTS = ("L-2207", "L-2208", "L-2211")


def returns(world: World) -> list[Going]:
    """One return for each place at which such a return can stand still."""
    if world.half.name == "north":
        return []
    return [*(business(world, upto) for upto in ("boxes", "dispute", "memo", "credited")), world.talking(by_edi(world))]


def by_edi(world: World) -> Going:
    """The customer's system announces by X12: one set that can be read and one that can't; our answer, and what they say of it."""
    if not EdiPartner.objects.filter(identifier=THEM).exists():
        partners.add_partner(
            customer=world.organizations["buyer"],
            seller=world.organizations["retailer"],
            qualifier="ZZ",
            identifier=THEM,
            own_qualifier="ZZ",
            own_identifier=US,
            by=world.maria,
            at=world.at,
        )
    order = _sold(world)
    yield world.working(1, 10)
    number = world.number("reference")
    reference = f"RA-{world.seed}-{number:04d}"
    good = (
        f"BGN*00*{reference}*{world.at:%Y%m%d}",
        "RDR*RA*SR",
        f"PRF*{order.po_number}",
        "BLI*VN*TONER-26A*6*EA",
        f"N9*LT*{LOTS[0]}",
    )
    bad = (f"BGN*00*{reference}B*{world.at:%Y%m%d}", "RDR*RA*SR", "BLI*VN*DOCK-KIT*two*EA")
    done = edi.take_in(_interchange(world, "AN", ("180", good), ("180", bad)), by=world.lola, at=world.at)
    world.drain()
    (rma,) = done.rmas
    while rma.status == "requested":
        yield world.working(2, 12)
        rma = approval.approve(rma, why="As agreed with the customer.", by=world.maria, at=world.at)
        world.drain()
    yield world.working(1, 6)
    sent = edi.authorize(BusinessCase.objects.get(pk=rma.pk), by=world.sam, at=world.at)
    yield world.working(1, 6)
    heard = (f"AK1*AN*{int(sent.control)}", "AK2*180*0001", "AK5*A", "AK9*A*1*1*1")
    edi.take_in(_interchange(world, "FA", ("997", heard)), by=world.lola, at=world.at)
    world.drain()


def _interchange(world: World, group: str, *sets: tuple[str, tuple[str, ...]]) -> bytes:
    """An interchange of the customer's, of one group."""
    control = world.number("interchange")
    told = tuple(
        x12.TransactionSet(
            code, f"{place:04d}", tuple(x12.Segment(row.split("*")[0], tuple(row.split("*")[1:])) for row in rows)
        )
        for place, (code, rows) in enumerate(sets, 1)
    )
    day, time = world.at.strftime("%Y%m%d"), world.at.strftime("%H%M")
    return x12.write(
        x12.Interchange(
            "ZZ", THEM, "ZZ", US, day[2:], time, f"{control:09d}",
            (x12.Group(group, THEM, US, day, time, str(control), "X", "004010", told),),
        )
    )  # fmt: skip


def _sold(world: World) -> Order:
    number = world.number("business")
    delivered = world.at - timedelta(days=30)
    lines = [
        NewLine(
            sku="TONER-26A",
            description="Toner cartridge, black",
            price=Decimal("48.50"),
            quantity=60,
            device_class="accessory",
            tracking="counted",
            lot=lot,
            expires_on=date(world.end.year + 1, 6, 30),
            # The customer fetched it at our dock: so the tax of our country is in its price.
            tax="standard",
        )
        for lot in LOTS
    ]
    lines.append(
        NewLine(
            sku="DOCK-KIT",
            description="Docking kit",
            price=Decimal("129.00"),
            quantity=20,
            device_class="accessory",
            tracking="counted",
            components=(
                {"sku": "DOCK-1", "description": "Dock", "quantity": 1, "share": "100"},
                {"sku": "CABLE-1", "description": "Cable", "quantity": 2, "share": "29"},
            ),
        )
    )
    return orders.place(
        NewOrder(
            number=f"PS-B{world.seed}-{number:04d}",
            email="purchasing@buyer.revlog.invalid",
            country="ES",
            language="es",
            customer="buyer",
            po_number=f"PO-{8000 + number}",
            invoice_number=f"INV-{world.seed}-{4100 + number}",
            delivery_number=f"DN-{world.seed}-{6200 + number}",
            ordered_at=delivered - timedelta(days=4),
            shipped_at=delivered - timedelta(days=2),
            delivered_at=delivered,
            lines=lines,
        ),
        seller=world.organizations["retailer"],
        source=OrderSource.IMPORT,
        by=world.anouk,
        at=world.at,
    )


def business(world: World, upto: str) -> Going:
    """Toner of three lots and docking kits come back in boxes, by the customer's own number."""
    order = _sold(world)
    yield world.working(1, 10)
    told = [
        Told(row=n, sku="TONER-26A", lot=lot, quantity=24, reason="STOCK_ROTATION") for n, lot in enumerate(LOTS, 2)
    ]
    told.append(Told(row=5, sku="DOCK-KIT", quantity=3, reason="WRONG_ITEM"))
    rma = announcing.announce(
        Announcement(
            customer=world.organizations["buyer"],
            seller=world.organizations["retailer"],
            papers=Papers(po=order.po_number, order=order.number),
            reference=f"RA-{world.seed}-{world.number('reference'):04d}",
            boxes=4,
            lines=told,
        ),
        origin=Origin.STAFF,
        by=world.sam,
        at=world.at,
    )
    world.drain()
    while rma.status == "requested":
        yield world.working(2, 12)
        rma = approval.approve(rma, why="As agreed with the customer.", by=world.maria, at=world.at)
        world.drain()
    yield world.working(20, 50)
    case = BusinessCase.objects.select_related("rma__hub", "customer").get(pk=rma.pk)
    hub = world.hubs["rotterdam"]
    counted = boxes.take_in(case, boxes=4, hub=hub, key="truck", by=world.ines, at=world.at)
    world.drain()
    if upto == "boxes":
        return
    yield world.working(4, 20)
    boxes.open_boxes(counted, 4, by=world.ines, at=world.at)
    short = 0 if upto == "credited" else 2
    rows = [Counted(position=n, pieces=24 - (short if n == 1 else 0)) for n in (1, 2, 3)]
    counting.count(case, [*rows, Counted(position=4, pieces=3)], hub=hub, key="boxes", by=world.ines, at=world.at)
    counting.complete(case, by=world.ines, at=world.at)
    world.drain()
    yield world.working(3, 20)
    units = RmaUnit.objects.filter(line__rma=rma, status="received").select_related("line").order_by("line__position")
    splits = []
    for unit in units:
        pieces = unit.counted or 0
        damaged = 3 if upto == "dispute" and unit.line.position == 2 else 0
        splits.append(Split(unit=unit.pk, good=pieces - damaged, damaged=damaged))
    inspecting.inspect(case, splits, by=world.ravi, at=world.at)
    world.drain()
    open_ones = list(
        Dispute.objects.filter(line__line__rma=rma, decided_at=None).select_related("line__line__rma__business")
    )
    for one in open_ones:
        disputes.answer(one, text="Our packing list says 24; the box was sealed.", by=world.lola, at=world.at)
    if upto != "memo":
        world.drain()
        return
    yield world.working(6, 20)
    for one in open_ones:
        disputes.decide(
            one, DisputeEnd.FOUND, reason="The weight of the box agrees with our count.", by=world.aisha, at=world.at
        )
    memos.credit(case, by=world.maria, at=world.at)
    world.drain()
