"""What lies unsold in the demo, and what of it went back to two vendors: proposals of each class, returns in each state, and what the
vendors do about their defects. Told by one half, of its own lots alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from resale.services import pools
from returns.models import Unsold, VendorReturn
from returns.services.vendors import actions, asking, crediting, partly, returning, sending, unsold
from returns.services.vendors.partly import Taken
from returns.services.vendors.returning import Piece
from revlog.accounts.models import Organization
from revlog.accounts.queries import guest
from revlog.devices import facts as device_facts
from revlog.devices.journey import Disposition
from revlog.devices.models import Device, ProductModel
from revlog.devices.services import arrivals, moves, standing
from revlog.evidence.models import Artifact
from revlog.pages.simulation.world import World
from revlog.terms.services import agreements, purchases
from revlog.terms.services.purchases import Bought
from triage.services import sealing

Going = Iterator[datetime]


@dataclass(frozen=True)
class Lot:
    """A lot of the demo: ``goes`` names what becomes of it, empty for what is left to be decided."""

    name: str
    pieces: int
    price: str
    supplier: str = "supplier"
    age: int = 260
    keeps: int | None = None
    """Days from the end of the run until it expires."""
    goes: str = ""


LOTS = (
    Lot("USB-C cable, 2 m", 400, "2.40"),
    Lot("Notebook sleeve 14", 120, "6.90", age=300),
    Lot("Docking station G1", 24, "79.00", age=40),
    Lot("Laser toner, black", 60, "38.00", age=60, keeps=30),
    Lot("Screen cleaning wipes", 300, "1.10", age=70, keeps=-8),
    Lot("Light chain, USB", 150, "4.60", "baltic", age=50),
    Lot("Desk fan, USB", 80, "8.20", "baltic", age=320),
    Lot("Headset, wired", 60, "9.80", goes="draft"),
    Lot("Wireless mouse", 180, "7.20", goes="asked"),
    Lot("Keyboard, wired", 90, "9.40", goes="authorized"),
    Lot("HDMI cable, 1 m", 220, "1.95", goes="shipped"),
    Lot("Power bank 10000", 40, "12.60", goes="disputed"),
    Lot("Charger 45 W", 90, "11.50", goes="closed"),
    Lot("Laptop stand", 35, "14.20", goes="partly"),
    Lot("Webcam 1080p", 30, "21.00", "baltic", goes="refused"),
    Lot("Desk lamp, USB", 50, "9.00", goes="taken in part"),
)
PHONE = "Phone N1, 64 GB"
"""Bought and never sold, in its box with the maker's seal."""
OBSOLETE, SUCCESSOR, SEASONAL = "Docking station G1", "Docking station G2", "Light chain, USB"


def next_day(world: World, hours: int) -> datetime:
    """So many hours on, in the morning of a working day; without the dice, on which everything else hangs."""
    moment = (world.at + timedelta(hours=hours)).replace(hour=9, minute=20)
    while moment.weekday() > 4 or moment <= world.at:
        moment += timedelta(days=1)
    return moment


def suppliers(at: datetime) -> None:
    """The second vendor of the demo; the first has a person of its own."""
    Organization.objects.get_or_create(
        code="baltic", defaults={"name": "Baltic Accessories", "kind": "supplier", "country": "LT", "created_at": at}
    )
    for name in (*(lot.name for lot in LOTS), SUCCESSOR):
        ProductModel.objects.get_or_create(
            manufacturer="Norden" if name not in _BALTIC else "Baltic",
            name=name,
            defaults={"device_class": "accessory", "grams": 180, "created_at": at},
        )
    ProductModel.objects.get_or_create(
        manufacturer="Norden", name=PHONE, defaults={"device_class": "phone", "grams": 190, "created_at": at}
    )


_BALTIC = frozenset(lot.name for lot in LOTS if lot.supplier == "baltic")


def _agreed(world: World) -> None:
    begins = (world.at - timedelta(days=400)).date()
    first, other = world.organizations["supplier"], world.organizations["baltic"]
    terms = {
        "allowed": True, "window_days": 365, "window_since": "receipt", "quota_of": "amount", "quota": "9000",
        "quota_period": "year", "restocking_percent": "10", "credit_percent": "100", "carriage_paid_by": "us",
        "carrier": "Delta Parcel", "account": "ND-2207", "needs_papers": True, "papers": "A copy of the purchase order",
        "answer_days": 18, "mail": "returns@norden-devices.example",
    }  # fmt: skip
    agreements.agree(first, terms, valid_from=begins, note="As agreed for the year.", by=world.maria, at=world.at)
    agreements.agree(
        first,
        terms | {"restocking_percent": "12.5", "min_value": "50"},
        valid_from=world.at.date(),
        note="They ask more for restocking, and nothing below 50.00.",
        by=world.maria,
        at=world.at,
    )
    agreements.agree(
        other,
        {"allowed": True, "sealed_only": True, "reasons": ["overstock", "obsolete"], "window_days": 365,
         "quota_of": "pieces", "quota": "200", "quota_period": "quarter", "credit_percent": "85",
         "carriage_paid_by": "supplier"},
        valid_from=begins,
        by=world.maria,
        at=world.at,
    )  # fmt: skip


def stocked(world: World, lot: Lot) -> Device:
    """A lot that was bought long ago, taken into our stock and put up for sale."""
    product = ProductModel.objects.get(name=lot.name)
    hub, ours = world.hubs["rotterdam"], world.organizations["operator"]
    device = arrivals.arrive(
        what=arrivals.Description(
            device_class=product.device_class, product=product, manufacturer=product.manufacturer, model=product.name,
            tracking="counted", quantity=lot.pieces, lot=f"L{lot.age:03d}",
        ),
        stay=arrivals.Stay(why="stock", owner=ours.pk, hub=hub.pk, custodian=ours.pk),
        by=world.ines,
        at=world.at,
    )  # fmt: skip
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        moves.advance(
            taken,
            moves.TO_TRIAGE,
            fact=device_facts.SentToTriage(reason="taken into stock"),
            by=world.ines,
            at=world.at,
        )
        standing.authorize(taken, ground="title_is_ours", by=world.aisha, at=world.at)
        standing.put(taken, world.shelf["rotterdam"], by=world.ines, at=world.at)
    expires = (world.end + timedelta(days=lot.keeps)).date() if lot.keeps is not None else None
    bought: date = (world.end - timedelta(days=lot.age)).date()
    purchases.note(
        device,
        Bought(
            supplier=world.organizations[lot.supplier],
            price=Decimal(lot.price),
            bought_on=min(bought, world.at.date()),
            order=f"PO-{4100 + lot.age}",
            sealed=lot.supplier == "baltic" and lot.goes != "",
            expires_on=expires,
        ),
        by=world.henrik,
        at=world.at,
    )
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        moves.proceed(
            taken,
            fact=device_facts.SentToTriage(reason="for sale"),
            by=world.anouk,
            at=world.at,
            set={"disposition": Disposition.RESELL.value, "stops_done": 0},
        )
        pools.enter(unit=taken, by=world.anouk, at=world.at)
    return taken


def _boxed(world: World) -> Device:
    """A phone in its sealed box, in triage as stock."""
    product = ProductModel.objects.get(name=PHONE)
    ours, hub = world.organizations["operator"], world.hubs["rotterdam"]
    device = arrivals.arrive(
        what=arrivals.Description(
            device_class="phone", product=product, manufacturer=product.manufacturer, model=product.name, serial=f"NDN1-{world.seed:04d}-A"
        ),
        stay=arrivals.Stay(why="stock", owner=ours.pk, hub=hub.pk, custodian=ours.pk),
        by=world.ines,
        at=world.at,
    )  # fmt: skip
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        fact = device_facts.SentToTriage(reason="taken into stock")
        moves.advance(taken, moves.TO_TRIAGE, fact=fact, by=world.ines, at=world.at)
        standing.authorize(taken, ground="title_is_ours", by=world.aisha, at=world.at)
    bought = min((world.end - timedelta(days=280)).date(), world.at.date())
    purchases.note(
        device,
        Bought(
            supplier=world.organizations["supplier"], price=Decimal("139.00"), bought_on=bought, order="PO-4395", sealed=True
        ),
        by=world.henrik,
        at=world.at,
    )  # fmt: skip
    return device


def _sealed(world: World, device: Device) -> VendorReturn:
    """It goes back without a wipe: the inspector saw that nobody has opened it."""
    row = Unsold.objects.get(device=device, status="open")
    unsold.send_on([row], "vendor", reason="Never sold.", by=world.henrik, at=world.at)
    photo = Artifact.objects.get(digest=world.photo("an unbroken seal"))
    sealing.confirm(device=Device.objects.get(pk=device.pk), photo=photo, by=world.ravi, at=world.at)
    supplier, hub = world.organizations["supplier"], world.hubs["rotterdam"]
    return returning.draft(supplier, [Piece(device=device)], hub=hub, by=world.henrik, at=world.at)


def _returned(world: World, lot: Lot) -> VendorReturn:
    """A return of one lot, asked for."""
    device = Device.objects.get(product__name=lot.name, visit__why="stock")
    row = Unsold.objects.get(device=device, status="open")
    unsold.send_on([row], "vendor", reason="It doesn't sell.", by=world.henrik, at=world.at)
    return returning.draft(
        world.organizations[lot.supplier],
        [Piece(device=device)],
        hub=world.hubs["rotterdam"],
        by=world.henrik,
        at=world.at,
    )


def unsold_stock(world: World) -> Going:
    """Bought, not sold, found, and sent back in every state that a return can be in."""
    _agreed(world)
    boxed = _boxed(world)
    own = [*(stocked(world, lot).pk for lot in LOTS), boxed.pk]
    by = {lot.goes: lot for lot in LOTS if lot.goes}
    yield max(world.at + timedelta(hours=2), world.end - timedelta(days=44))
    unsold.sweep(by=world.henrik, at=world.at, only=own)
    first = ("shipped", "disputed", "closed", "partly", "refused", "taken in part")
    found = {goes: _returned(world, by[goes]) for goes in first} | {"sealed": _sealed(world, boxed)}
    for rtv in found.values():
        asking.ask(rtv, by=world.henrik, at=world.at)
    yield next_day(world, 20)
    asking.refuse(found["refused"], why="This model was never to come back.", by=world.henrik, at=world.at)
    # The one who reads the mailbox answers by its link: their store is full.
    part = found["taken in part"]
    partly.authorize(
        part, theirs="ND-R-7733", taken=[Taken(position=1, pieces=32)], why="Our store takes no more than 32.",
        by=guest({returning.scope(part)}), at=world.at,
    )  # fmt: skip
    sent = ("shipped", "disputed", "closed", "partly", "sealed")
    for place, goes in enumerate(sent):
        asking.authorize(found[goes], theirs=f"ND-R-{7710 + place}", by=world.nils, at=world.at)
    yield next_day(world, 20)
    for goes in sent:
        sending.pack(found[goes], parcels=2 if goes == "shipped" else 1, by=world.luca, at=world.at)
        sending.ship(found[goes], by=world.luca, at=world.at)
    yield max(next_day(world, 20), world.end - timedelta(days=20))
    rest = crediting.owed(found["closed"])
    crediting.credit(found["closed"], number="ND-CN-301", amount=rest, by=world.nils, at=world.at)
    crediting.close(found["closed"], by=world.henrik, at=world.at)
    crediting.credit(found["partly"], number="ND-CN-302", amount=Decimal("180.00"), by=world.nils, at=world.at)
    crediting.credit(found["disputed"], number="ND-CN-303", amount=Decimal("210.00"), by=world.nils, at=world.at)
    crediting.dispute(
        found["disputed"], text="Our packing list says 40 pieces, your note counts 20.", by=world.henrik, at=world.at
    )
    yield max(world.at, world.end - timedelta(days=16))
    asking.ask(_returned(world, by["asked"]), by=world.henrik, at=world.at)
    lapsing = asking.ask(_returned(world, by["authorized"]), by=world.henrik, at=world.at)
    until = (world.end + timedelta(days=2)).date()
    asking.authorize(lapsing, theirs="ND-R-7741", until=until, by=world.nils, at=world.at)
    yield max(world.at, world.end - timedelta(days=4))
    _returned(world, by["draft"])
    yield max(world.at, world.end - timedelta(days=1))
    old = ProductModel.objects.get(name=OBSOLETE)
    purchases.set_lifecycle(
        old, obsolete_since=(world.end - timedelta(days=30)).date(), successor=ProductModel.objects.get(name=SUCCESSOR),
        by=world.henrik, at=world.at,
    )  # fmt: skip
    purchases.set_lifecycle(
        ProductModel.objects.get(name=SEASONAL), season_ends_on=(world.end - timedelta(days=40)).date(), by=world.henrik,
        at=world.at,
    )  # fmt: skip
    unsold.sweep(at=world.at, only=own)


def corrective_actions(world: World) -> Going:
    """One that is open, one of which a second person found that it helped, one that was dropped as it said the same."""
    supplier = world.organizations["supplier"]
    first = actions.open_action(
        supplier, problem="Plugs of the charger break off after some weeks.", containment="Lot L260 is not sold any more.",
        owner="Quality, Norden Devices", due_on=(world.end + timedelta(days=12)).date(),
        product=ProductModel.objects.get(name="Charger 45 W"), lot="L260", by=world.henrik, at=world.at,
    )  # fmt: skip
    second = actions.open_action(
        supplier, problem="Two of five hundred sleeves had no label.", owner="Packing, Norden Devices",
        due_on=(world.at + timedelta(days=10)).date(), product=ProductModel.objects.get(name="Notebook sleeve 14"),
        by=world.henrik, at=world.at,
    )  # fmt: skip
    third = actions.open_action(
        supplier, problem="The plug of the charger is loose.", owner="Quality, Norden Devices",
        due_on=(world.end + timedelta(days=5)).date(), by=world.henrik, at=world.at,
    )  # fmt: skip
    yield next_day(world, 30)
    actions.drop(third, why=f"{first.number} says the same", by=world.henrik, at=world.at)
    actions.write(first, parts={"cause": "The wall of the plug is too thin."}, by=world.henrik, at=world.at)
    actions.write(
        second, parts={"cause": "The labeller ran empty.", "action": "It stops the line when it is empty."}, by=world.henrik,
        at=world.at,
    )  # fmt: skip
    yield next_day(world, 30)
    actions.done(second, by=world.henrik, at=world.at)
    yield next_day(world, 60)
    actions.verify(second, effective=True, proof="None of the next 600 was without one.", by=world.maria, at=world.at)


def campaigns(world: World) -> list[tuple[datetime, Going]]:
    """When each begins."""
    if world.half.name != "north":
        return []
    return [
        (max(world.at, world.end - timedelta(days=60)), unsold_stock(world)),
        (max(world.at, world.end - timedelta(days=30)), corrective_actions(world)),
    ]
