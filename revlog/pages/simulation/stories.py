"""How units come, and what goes wrong on the way: one generator a story."""

from __future__ import annotations

import contextlib
import smtplib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from itad.models import ManifestRun, ManifestStatus
from itad.services import drafts, intake, manifests
from itad.services.intake import Line
from resale.models import Sale
from returns.models import Origin, Rma, RmaUnit, UnitStatus
from returns.services import approval, closing, differing, opening, receiving, unloading
from returns.services.opening import Wish
from revlog.accounts import queries
from revlog.accounts.actors import Actor, system
from revlog.accounts.models import Hub, Organization
from revlog.custody.models import Reaction
from revlog.custody.services import reactions
from revlog.devices import identifiers
from revlog.devices.journey import Disposition, State
from revlog.devices.models import HoldKind
from revlog.devices.services import arrivals, moves, naming, standing
from revlog.logistics.models import Parcel
from revlog.logistics.services import parcels
from revlog.pages.simulation import calls, catalog, machines, mail, verdicts
from revlog.pages.simulation.catalog import Model
from revlog.pages.simulation.formats import lshw
from revlog.pages.simulation.machines import Machine
from revlog.pages.simulation.steps import leaving, onward, talk, wanting
from revlog.pages.simulation.steps.onward import ORDINARY, Plan
from revlog.pages.simulation.world import World
from revlog.terms.models import Order, OrderLine, OrderSource
from revlog.terms.services import orders
from revlog.terms.services.new_orders import NewLine, NewOrder

Going = Iterator[datetime]
SHOP = system("simulation.shop")
SHOPS = {"retailer": "PS", "operator": "RV", "outlet": "PO"}
"""Whose orders they are, by the letters that their numbers begin with."""
REASONS = (
    ("CHANGED_MIND", 24), ("BETTER_PRICE", 6), ("NO_LONGER_NEEDED", 10), ("WRONG_ITEM", 5), ("NOT_AS_DESCRIBED", 12),
    ("DAMAGED_TRANSIT", 6), ("DOA", 5), ("POWER", 6), ("BATTERY", 9), ("DISPLAY", 7), ("KEYBOARD", 4), ("SOFTWARE", 6),
)  # fmt: skip
FAULTS = frozenset({"DOA", "POWER", "BATTERY", "DISPLAY", "KEYBOARD", "SOFTWARE", "NOT_AS_DESCRIBED"})
TALKED = {
    "talked": ("CHANGED_MIND", "refund"),
    "to_mend": ("KEYBOARD", "repair"),
    "worn": ("CHANGED_MIND", "refund"),
    "light": ("CHANGED_MIND", "refund"),
}
"""Returns that are talked over with their customer, or looked at closely: why they come, and what for."""
WITHOUT_DATA = frozenset({"apparel", "monitor", "accessory"})


def picked(world: World, models: Sequence[Model]) -> Model:
    return world.dice.choices(models, [model.weight for model in models])[0]


# Orders and RMAs ------------------------------------------------------------------------------------------------------------------


TOLD_SHARE = 0.12
"""So many of the returns are told to support, who announces them."""


def shop_sold(
    world: World, lines: Sequence[NewLine], seller: Organization, *, email: str = "", before: timedelta = timedelta(0)
) -> Order:
    """A forward order of the shop, delivered now, or so long before."""
    delivered = world.at - before
    usual, name, address, country, language = leaving.customer(world)
    number = f"{SHOPS[seller.code]}{world.seed}-{20000 + world.number('order')}"
    told = NewOrder(
        number=number, email=email or usual, name=name, address=tuple(address), country=country, language=language,
        ordered_at=delivered - timedelta(days=4), shipped_at=delivered - timedelta(days=2), delivered_at=delivered, lines=lines,
    )  # fmt: skip
    placed = orders.place_many([told], seller=seller, source=OrderSource.API, by=SHOP, at=world.at)
    world.drain()
    return placed.placed[0]


def _line(machine: Machine) -> NewLine:
    model = machine.model
    named = model.device_class not in WITHOUT_DATA or model.device_class == "monitor"
    maker = model.maker.removesuffix(" Inc.")
    name = model.name if model.name.startswith(maker) else f"{maker} {model.name}"
    return NewLine(
        sku=model.sku, description=name[:200], price=model.price,
        device_class=model.device_class, serials=(machine.serial,) if named else (), parcel_number="",
    )  # fmt: skip


def _seller(world: World) -> Organization:
    return world.organizations["retailer" if world.chance(0.6) else "operator"]


def _opened(world: World, order: Order, wishes: Sequence[Wish]) -> Rma:
    """Announced in the portal; where a rule leaves it to a person, support says yes."""
    rma = opening.open_rma(order=order, wishes=wishes, by=_customer(order), at=world.at)
    world.drain()
    return Rma.objects.get(pk=rma.pk)


def _customer(order: Order, rma: Rma | None = None) -> Actor:
    """The guest that the portal lets in by order number and e-mail, and then by the link in the mails."""
    return queries.guest({f"order:{order.pk}", *([f"rma:{rma.pk}"] if rma else [])})


def _hub(world: World, device_class: str) -> Hub:
    return world.hubs["leipzig" if device_class in WITHOUT_DATA and world.chance(0.7) else "rotterdam"]


def _dock(world: World, hub: Hub) -> Actor:
    return world.katja if hub.code == "leipzig" else world.ines


def _parcel_of(rma: Rma) -> Parcel | None:
    link = rma.parcel_links.select_related("parcel__shipment__hub").first()
    return link.parcel if link else None


def _reason(world: World) -> str:
    return world.dice.choices([code for code, _weight in REASONS], [weight for _code, weight in REASONS])[0]


# Stories --------------------------------------------------------------------------------------------------------------------------


def retail(
    world: World, *, mishap: str = "", plan: Plan = ORDINARY, model: Model | None = None, wants: str = ""
) -> Going:
    """A customer's return: order, RMA, parcel, dock, and on. ``mishap`` names what goes wrong, ``wants`` what is wanted for it."""
    machine = machines.build(world.dice, model or picked(world, world.half.sold))
    machine.locked = mishap == "locked"
    email = f"nobody@{mail.REFUSING}" if mishap == "unreachable" else ""
    # Sold as new, and so long ago that it is no withdrawal any more: then the rules deduct something for wear.
    bought, ago = (replace(_line(machine), tags=("new",)), 16) if mishap == "worn" else (_line(machine), 0)
    order = shop_sold(world, [bought], _seller(world), email=email, before=timedelta(days=ago))
    line = order.lines.get()
    if mishap in {"undeliverable", "refused_parcel"}:
        yield from _came_back(world, order, machine, mishap)
        return
    yield world.after(20, 60 if mishap in {*TALKED, "unpaid"} else 300)
    wish = _wish(world, line, machine, mishap, wants)
    with world.apart():
        told = not mishap and world.chance(TOLD_SHARE)
        announced = calls.announced(world, order, [wish]) if told else None
    rma = announced or _opened(world, order, [wish])
    if rma.status == "requested":
        if mishap == "undecided":
            yield world.after(1, 6)
            talk.asks(world, rma, _customer(order, rma))
            return
        yield world.working(2, 30)
        rma = Rma.objects.get(pk=rma.pk)
        if mishap == "refused_by_us":
            approval.refuse(
                rma, reason="A swollen battery can't travel. Your recycling point takes it.", by=world.sam, at=world.at
            )
            world.drain()
            return
        approval.approve(rma, why="Agreed by support.", by=world.maria if told else world.sam, at=world.at)
        world.drain()
    if mishap == "unpaid":
        return
    wanting.follow(world, order, wish.wanted)
    if mishap in UNSENT:
        yield from UNSENT[mishap](world, order, rma)
        return
    yield world.after(10, 60)
    approval.hand_over(Rma.objects.get(pk=rma.pk), by=_customer(order, rma), at=world.at)
    world.drain()
    if mishap == "in_transit":
        talk.asks(world, rma, _customer(order, rma))
        yield world.working(1, 8)
        talk.answers(world, rma)
        return
    yield world.working(14, 60)
    hub = _hub(world, machine.model.device_class)
    yield from _received(world, Rma.objects.get(pk=rma.pk), machine, hub=hub, mishap=mishap, plan=plan)


def _wish(world: World, line: OrderLine, machine: Machine, mishap: str, wants: str) -> Wish:
    """Why it comes back, and what for: mostly money, unless the story needs something else."""
    reason = _reason(world)
    wanted = (
        "repair" if reason in FAULTS and machine.model.device_class == "laptop" and world.chance(0.25) else "refund"
    )
    if mishap in {"unsafe", "undecided", "refused_by_us"}:
        reason, wanted = "SWOLLEN_BATTERY", "refund"
    if mishap in TALKED:
        reason, wanted = TALKED[mishap]
    with world.apart():
        if wants:
            return wanting.named(world, line, "POWER", wants, other=wants == "exchange")
        if not mishap and wanted == "refund":
            return wanting.complained(world, wanting.wish(world, line, reason), machine.model.device_class)
        return wanting.complained(world, Wish(line=line.pk, reason=reason, wanted=wanted), machine.model.device_class)


def _called_off(world: World, order: Order, rma: Rma) -> Going:
    yield world.after(2, 40)
    approval.cancel(Rma.objects.get(pk=rma.pk), by=_customer(order, rma), at=world.at)
    world.drain()


UNSENT: Mapping[str, Callable[[World, Order, Rma], Going]] = {
    "called_off": _called_off,
    "unreachable": lambda world, _order, _rma: _tried_in_vain(world),
    "never_sent": lambda world, _order, rma: _never_came(world, rma),
}
"""Mishaps after which nothing is sent."""


def claimed(world: World, *, decided: bool) -> Going:
    """A parcel that never came: the customer claims it."""
    machine = machines.build(world.dice, picked(world, world.half.sold))
    order = shop_sold(world, [_line(machine)], _seller(world))
    yield from wanting.never_arrived(world, order, decided=decided)


def kept(world: World) -> Going:
    """A few cables that aren't as described, and needn't come back."""
    sku, name, price, kind = catalog.CABLE
    line = NewLine(sku=sku, description=name, price=price, quantity=3, device_class=kind, tracking="counted")
    order = shop_sold(world, [line], world.organizations["retailer"])
    yield from wanting.stays(world, order)


def support(world: World, what: str = "", *, model: Model | None = None, days: int = 0, soon: bool = False) -> Going:
    """Somebody who bought something asks support about it, ``days`` after it came; nothing need come back."""
    machine = machines.build(world.dice, model or picked(world, world.half.sold))
    order = shop_sold(world, [_line(machine)], _seller(world), before=timedelta(days=days))
    if not soon:
        yield world.working(0.2, 30)
    if what == "tried":
        yield from calls.tried(world, order)
    elif what == "left_open":
        yield from calls.left_open(world, order)
    elif what == "overridden":
        yield from calls.overridden(world, order)
    else:
        yield from calls.call(world, order, what)


def _received(world: World, rma: Rma, machine: Machine, *, hub: Hub, mishap: str, plan: Plan) -> Going:
    by = _dock(world, hub)
    parcel = unloading.open_return(rma, parcel=None, hub=hub, by=by, at=world.at)
    world.drain()
    if mishap == "at_the_dock":
        return
    yield world.after(0.05, 2)
    unit = RmaUnit.objects.select_related("line__order_line").get(line__rma=rma)
    found, _mark, looked = mishap.partition(":")
    if looked:
        world.spawn(world.talking(verdicts.looked_at(world, rma, machine, found, plan, dock=by)))
    if found == "empty_box":
        unloading.empty_box(parcel, rma, by=by, at=world.at)
        world.drain()
        return
    if found == "light":
        parcels.weigh(parcel, int(machine.model.grams * 0.55), by=by, at=world.at)
        world.drain()
    if found == "wrong_serial":
        other = machines.serial(world.dice, machine.serial[:2], len(machine.serial))
        differing.receive_wrong(unit, serial=other, hub=hub, parcel=parcel, by=by, at=world.at)
        world.drain()
        return
    named = bool(unit.line.order_line.serials)
    taken = receiving.receive(
        unit,
        hub=hub,
        serial=machine.serial if named and mishap != "unreadable" else "",
        parcel=parcel,
        damaged=mishap == "damaged",
        unreadable=mishap == "unreadable",
        by=by,
        at=world.at,
    )
    world.drain()
    yield from _goes_on(world, taken.device.pk, machine, mishap, plan)


def _goes_on(world: World, unit: uuid.UUID, machine: Machine | None, mishap: str, plan: Plan) -> Going:
    """A unit that is here: what may happen to it on the shelf, then its way."""
    if machine is not None:
        world.machines[unit] = machine
    if mishap == "lost":
        yield world.working(20, 90)
        with transaction.atomic():
            standing.miss(moves.take_one(unit), by=world.aisha, at=world.at)
        world.drain()
        if world.chance(0.5):
            yield world.working(60, 200)
            with transaction.atomic():
                standing.write_off(
                    moves.take_one(unit), reason="Not found in three counts.", by=world.aisha, at=world.at
                )
            world.drain()
        return
    if mishap in {"legal", "recall"}:
        with transaction.atomic():
            kind = HoldKind.LEGAL if mishap == "legal" else HoldKind.RECALL
            reason = "A court asks to keep it." if mishap == "legal" else "The maker recalls this batch of batteries."
            standing.hold(moves.take_one(unit), kind, reason=reason, by=world.aisha, at=world.at)
        world.drain()
        return
    if mishap == "waiting":
        yield world.working(1, 10)
        with transaction.atomic():
            standing.wait(
                moves.take_one(unit), "customer", asked="Please take it off your account.", due=world.after(48, 72), by=world.sam,
                at=world.at,
            )  # fmt: skip
        world.drain()
        if world.chance(0.5):
            return
        yield world.working(30, 120)
        with transaction.atomic():
            standing.wait_over(moves.take_one(unit), by=world.sam, at=world.at)
        world.drain()
    yield from onward.go(world, unit, plan)


def _tried_in_vain(world: World) -> Going:
    """A letter that the customer's mail server doesn't take: tried as often as a worker tries, then left to a person."""
    for pk, handler in world.failed:
        reaction = Reaction.objects.get(entry_id=pk, handler=handler)
        own = Reaction.objects.filter(pk=reaction.pk)
        while reaction.parked_at is None:
            yield max(reaction.due_at, world.at)
            lease = reactions.Lease(reaction.pk, world.at + timedelta(minutes=1))
            own.update(leased_until=lease.until, attempts=F("attempts") + 1)
            with contextlib.suppress(smtplib.SMTPException):
                reactions.perform(lease, at=world.at, raising=True)
            reaction.refresh_from_db()
            if reaction.parked_at is None:
                world.keep_to_ourselves(own)
    world.failed.clear()


def _never_came(world: World, rma: Rma) -> Going:
    """Announced and never handed in: given up after its date, or still waited for."""
    yield world.working(32 * 24, 40 * 24)
    closing.give_up(Rma.objects.get(pk=rma.pk), by=world.sam, at=world.at)
    world.drain()


def _came_back(world: World, order: Order, machine: Machine, mishap: str) -> Going:
    """A forward parcel that was refused at the door, or that nobody took in."""
    yield world.working(20, 90)
    why = Origin.UNDELIVERABLE if mishap == "undeliverable" else Origin.REFUSED
    hub = world.hubs["rotterdam"]
    rma, parcel = unloading.receive_undeliverable(order, why=why, hub=hub, by=world.ines, at=world.at)
    world.drain()
    yield world.after(0.1, 2)
    unit = RmaUnit.objects.select_related("line__order_line").filter(line__rma=rma, status=UnitStatus.EXPECTED).first()
    if unit is None:
        return
    named = bool(unit.line.order_line.serials)
    taken = receiving.receive(
        unit, hub=hub, serial=machine.serial if named else "", parcel=parcel, by=world.ines, at=world.at
    )
    world.drain()
    yield from _goes_on(world, taken.device.pk, machine, "", ORDINARY)


def counted(world: World, *, short: int) -> Going:
    """A shop sends a box of cables back; now and then fewer are in it than it said."""
    sku, name, price, kind = catalog.CABLE
    order = shop_sold(
        world, [NewLine(sku=sku, description=name, price=price, quantity=400, device_class=kind, tracking="counted")],
        world.organizations["retailer"],
    )  # fmt: skip
    yield world.after(40, 200)
    rma = _opened(world, order, [Wish(line=order.lines.get().pk, quantity=400, reason="WRONG_ITEM")])
    if rma.status == "requested":
        yield world.working(2, 20)
        approval.approve(Rma.objects.get(pk=rma.pk), why="Agreed with the shop.", by=world.sam, at=world.at)
        world.drain()
    yield world.after(20, 60)
    approval.hand_over(Rma.objects.get(pk=rma.pk), by=_customer(order, rma), at=world.at)
    yield world.working(14, 50)
    hub = world.hubs["leipzig"]
    parcel = unloading.open_return(Rma.objects.get(pk=rma.pk), parcel=None, hub=hub, by=world.katja, at=world.at)
    unit = RmaUnit.objects.get(line__rma=rma)
    taken = receiving.receive(unit, hub=hub, counted=400 - short, parcel=parcel, by=world.katja, at=world.at)
    world.drain()
    yield from onward.go(world, taken.device.pk)


def weighed(world: World) -> Going:
    """A pallet of mixed equipment from the client, known by its weight alone."""
    client = world.organizations["demo"]
    hub = world.hubs["leipzig" if world.chance(0.5) else "rotterdam"]
    yield world.working(1, 20)
    by = _dock(world, hub)
    device = arrivals.arrive(
        what=arrivals.Description(
            device_class="materials", model="mixed IT equipment", tracking="weighed", grams=world.dice.randint(90, 480) * 1000
        ),
        stay=arrivals.Stay(
            why="itad", owner=client.id, hub=hub.id, custodian=hub.organization_id, reference=f"job:P-{world.number('pallet'):03d}"
        ),
        by=by, at=world.at,
    )  # fmt: skip
    with transaction.atomic():
        standing.authorize(
            moves.take_one(device.pk), ground="contract", reference="VEGA-2026", by=world.aisha, at=world.at
        )
    world.drain()
    yield from onward.go(world, device.pk, Plan(wanted=Disposition.RECYCLE))


def _retired(world: World, plan: Plan) -> Machine:
    model = catalog.BY_SKU[plan.sku] if plan.sku else picked(world, world.half.retired)
    machine = machines.build(world.dice, model, battery=plan.battery if model.device_class == "laptop" else None)
    machine.sound = plan.sound
    return machine


def job(world: World, size: int, plans: Sequence[Plan] = (), *, comes: bool = True) -> Going:
    """A client retires an office: a list of what comes, the pickup, then each unit by itself. Spawns a journey for each.

    Where it doesn't come (yet), the list is all there is.
    """
    client, hub = world.organizations["demo"], world.hubs["rotterdam"]
    contract = f"VEGA-{world.seed}-{world.number('contract'):03d}"
    fleet = [_retired(world, plans[place] if place < len(plans) else ORDINARY) for place in range(size)]
    lines = [
        Line(
            place=place, serial=machine.serial, manufacturer=machine.model.maker, model=machine.model.name,
            device_class=machine.model.device_class, asset_tag=f"VG{world.seed}-{world.number('asset'):05d}",
        )
        for place, machine in enumerate(fleet, start=2)
    ]  # fmt: skip
    if not comes:
        _manifest(world, client, hub, lines, contract)
        world.drain()
        return
    intake.take_in(client=client, lines=lines, contract=contract, hub=hub, here=False, by=world.aisha, at=world.at)
    world.drain()
    yield world.working(60, 140)
    missing = 1 if size > 6 and not plans and world.chance(0.5) else 0
    arrived = intake.take_in(
        client=client, lines=lines[: size - missing], contract=contract, hub=hub, here=True, by=world.aisha, at=world.at
    )
    world.drain()
    by_serial = {machine.serial: machine for machine in fleet}
    for place, device in enumerate(arrived.all):
        machine = by_serial.get(device.serial)
        if machine is not None:
            world.machines[device.pk] = machine
        plan = plans[place] if place < len(plans) else ORDINARY
        world.spawn(onward.go(world, device.pk, plan))


def _manifest(world: World, client: Organization, hub: Hub, lines: Sequence[Line], contract: str) -> None:
    """The list as the client's office exported it: of some things the asset tag alone, one number spoiled by the spreadsheet, a total.

    The next one has headings of its own, and waits for somebody who says what they mean.
    """
    rows = [
        f"{'' if place % 4 == 1 else line.serial};{line.asset_tag};{line.manufacturer};{line.model};{line.device_class}"
        for place, line in enumerate(lines)
    ]
    number = world.number("asset")
    rows += [f"3,57E+14;VG{world.seed}-{number:05d};Samsung;Galaxy S20;Handy", f"Summe: {len(lines) + 1};;;;"]
    text = "\n".join(["Vega GmbH, IT", "", "Seriennummer;Inventarnummer;Hersteller;Modell;Gerätetyp", *rows])
    data, by, at = text.encode("cp1252"), world.aisha, world.at
    run = manifests.begin(
        data=data, name=f"Abholung {contract}.csv", client=client, hub=hub, contract=contract, by=by, at=at,
    )  # fmt: skip
    manifests.carry_on(run, data=data, now=lambda: world.at, by=by, at=at)
    _found_number(world, run)
    next_one = f"Kennung,Tag,Marke\nSN{world.seed}{number:05d},VG{world.seed}-{number + 1:05d},Dell\n".encode()
    if not client.manifests.filter(status=ManifestStatus.DRAFT).exists():
        drafts.keep(data=next_one, name="Keller.csv", client=client, hub=hub, reference=contract, by=by, at=at)


def _found_number(world: World, run: ManifestRun) -> None:
    """Of one that is known by its asset tag alone, what stands on it is the serial of another of the list: somebody has to look."""
    units = [row.device for row in run.kept.select_related("device__hub", "device__visit") if row.device is not None]
    nameless, named = [one for one in units if not one.serial], [one for one in units if one.serial]
    name = identifiers.serial(named[0].serial, named[0].manufacturer) if named else None
    if name is None or not nameless:
        return
    one = nameless[0]
    arrivals.receive(one, hub=run.hub_id, custodian=run.hub.organization_id, by=world.ines, at=world.at)
    with transaction.atomic():
        naming.note(moves.take_one(one.pk), name, how="dock", by=world.ines, at=world.at)


def unannounced(world: World, *, parcel: bool | None = None) -> Going:
    """Somebody leaves a thing at the dock, or a parcel that nobody knows."""
    yield world.working(1, 30)
    hub = world.hubs["rotterdam"]
    if world.chance(0.4) if parcel is None else parcel:
        unloading.receive_unannounced_parcel(
            tracking=f"JVGL{world.seed}S{world.number('stray'):06d}", hub=hub, by=world.ines, at=world.at
        )
    else:
        machine = machines.build(world.dice, picked(world, world.half.sold))
        receiving.receive_unannounced(
            serial=machine.serial,
            device_class=machine.model.device_class,
            what=machine.model.name,
            hub=hub,
            by=world.ines,
            at=world.at,
        )
    world.drain()


def stray_report(world: World, *, readable: bool) -> Going:
    """A report of a machine that nobody here knows, or a file that is none."""
    yield world.working(1, 40)
    machine = machines.build(world.dice, catalog.BY_SKU["EB840G6-16-512"])
    data = lshw.written(machine) if readable else b'{"id": "bench", "class": "system", "children": [ {"id": "core", '
    world.report(
        data + (b"" if readable else str(world.number("broken")).encode()), f"{machine.serial}.json", world.ravi
    )


def second_visit(world: World) -> Going:
    """Something that we sold comes back: the same unit, its next visit, and its data unknown again."""
    if not world.sold:
        return
    pk = world.sold.pop(world.dice.randrange(len(world.sold)))
    sale = Sale.objects.select_related("line__order", "device").get(pk=pk)
    order = sale.line.order
    yield world.after(30, 200)
    rma = _opened(
        world,
        order,
        [Wish(line=sale.line_id, reason=world.dice.choice(("NOT_AS_DESCRIBED", "BATTERY", "CHANGED_MIND")))],
    )
    if rma.status == "requested":
        yield world.working(2, 20)
        approval.approve(Rma.objects.get(pk=rma.pk), why="Agreed by support.", by=world.sam, at=world.at)
        world.drain()
    yield world.after(10, 60)
    approval.hand_over(Rma.objects.get(pk=rma.pk), by=_customer(order, rma), at=world.at)
    yield world.working(14, 50)
    rma = Rma.objects.get(pk=rma.pk)
    hub = world.hubs[sale.device.hub.code] if sale.device.hub else world.hubs["rotterdam"]
    parcel = unloading.open_return(rma, parcel=None, hub=hub, by=_dock(world, hub), at=world.at)
    unit = RmaUnit.objects.get(line__rma=rma)
    serial = sale.device.serial or sale.device.tag
    taken = receiving.receive(unit, hub=hub, serial=serial, parcel=parcel, by=_dock(world, hub), at=world.at)
    world.drain()
    yield from _goes_on(
        world, taken.device.pk, None, "", Plan(stop_at=State.TO_SANITIZE if world.chance(0.3) else None)
    )


def tour_order(world: World) -> None:
    """The order with which a newcomer begins: one laptop, delivered some days ago."""
    from revlog.pages import demo  # noqa: PLC0415 - a page's constants, needed here alone
    from revlog.pages.simulation.samples import TOUR_SKU  # noqa: PLC0415

    model = catalog.BY_SKU[TOUR_SKU]
    told = NewOrder(
        number=demo.TOUR_ORDER, email=demo.TOUR_EMAIL, name="Demo Customer", address=("Kade 12", "3011 AA Rotterdam"), country="NL",
        ordered_at=world.at - timedelta(days=9), shipped_at=world.at - timedelta(days=7), delivered_at=world.at - timedelta(days=5),
        lines=[
            NewLine(
                sku=model.sku, description="Lenovo ThinkPad T480, 16 GB", price=Decimal("449.00"), device_class="laptop",
                serials=(demo.TOUR_SERIAL,), parcel_number="3SREVTOUR0001",
            ),
            NewLine(sku="TOTE-NAVY", description="Laptop sleeve", price=Decimal("24.90"), device_class="accessory"),
        ],
    )  # fmt: skip
    orders.place_many([told], seller=world.organizations["operator"], source=OrderSource.API, by=SHOP, at=world.at)
    world.drain()
