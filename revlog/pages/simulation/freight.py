"""What carriage costs in the demo: two carriers with contracts, their bills, and claims to them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.core.files.base import ContentFile

from revlog.evidence.models import Artifact
from revlog.logistics.freight.billing import Columns
from revlog.logistics.models import Accrual, Bill, Carrier, CarrierClaim, Contract, Direction
from revlog.logistics.services import parcels
from revlog.logistics.services.freight import billing, claiming, contracts
from revlog.pages.simulation.world import World

POST, FREIGHT = "harbour-post", "north-freight"
SENT, REFERENCE = 18, "desk:spare parts"
PARCELS = """kind,service,from,to,unit,over_kg,upto_kg,price,minimum
zone,NEAR,BE LU DE-4 DE-5,,,,,,
zone,FAR,DE AT FR DK,,,,,,
rate,standard,NL,NL,parcel,0,2,4.35,
rate,standard,NL,NL,parcel,2,10,5.20,
rate,standard,NL,NL,parcel,10,31.5,7.80,
rate,standard,NL,NEAR,parcel,0,10,6.90,
rate,standard,NL,NEAR,parcel,10,31.5,9.60,
rate,standard,NL,FAR,parcel,0,10,8.40,
rate,standard,NL,FAR,parcel,10,31.5,12.10,
rate,standard,*,*,parcel,0,10,8.90,
rate,standard,*,*,parcel,10,31.5,13.40,
rate,express,NL,NL,parcel,0,31.5,14.50,
extra,signature,,,parcel,,,0.85,
extra,second_attempt,,,time,,,2.90,
extra,return_to_sender,,,parcel,,,4.35,
extra,hazardous,,,parcel,,,6.50,
"""
TRUCKS = """kind,service,from,to,unit,over_kg,upto_kg,price,minimum
rate,standard,*,*,flat,,,18.00,
rate,standard,*,*,kg,0,250,0.48,22.00
rate,standard,*,*,kg,250,1000,0.36,
rate,standard,*,*,kg,1000,,0.29,
rate,pallet,NL,NL,pallet,,,46.00,
rate,pallet,NL,DE,pallet,,,88.00,
rate,pallet,*,*,pallet,,,112.00,
extra,waiting,,,hour,,,48.00,
extra,tail_lift,,,shipment,,,25.00,
extra,hazardous,,,percent,,,20,
extra,toll,,,shipment,,,9.50,
"""


def prepare(world: World) -> None:
    """Contracts that hold from the start of the year before; safe to run again."""
    begins = date(world.at.year - 1, 1, 1)
    for code, name, theirs, mail, text, figures in (
        (POST, "Parcels, domestic and abroad", "HP-440187", "claims@harbourpost.example", PARCELS,
         {"regime": "hgb", "fuel": Decimal("6.5"), "divisor": 5000, "assumed_grams": 1800}),
        (FREIGHT, "Groupage and pallets", "NF-2210", "disputes@northfreight.example", TRUCKS,
         {"regime": "cmr", "fuel": Decimal("11.2"), "divisor": 3000, "assumed_grams": 9000, "step": 1000}),
    ):  # fmt: skip
        carrier = Carrier.objects.get(code=code)
        if Contract.objects.filter(carrier=carrier).exists():
            continue
        row = contracts.keep(
            carrier=carrier,
            name=name,
            currency="EUR",
            begins_on=begins,
            reference=theirs,
            mail=mail,
            by=world.henrik,
            at=world.at,
        )
        card = contracts.import_card(
            contracts.draft(row, by=world.henrik, at=world.at), text, by=world.henrik, at=world.at
        )
        contracts.set_figures(card, **figures, by=world.henrik, at=world.at)  # type: ignore[arg-type]
        contracts.publish(card, valid_from=begins, by=world.esra, at=world.at)


def next_rates(world: World) -> None:
    """The post announced dearer fuel: a version is drafted, and waits for somebody to publish it."""
    row = Contract.objects.filter(carrier__code=POST).first()
    if row is None or row.cards.count() > 1:
        return
    world.at -= timedelta(hours=3)
    card = contracts.draft(row, by=world.henrik, at=world.at)
    contracts.set_figures(card, regime=card.regime, fuel=Decimal("7.25"), by=world.henrik, at=world.at)
    world.at += timedelta(hours=3)


BILL = Columns(
    {
        "tracking": "parcel",
        "charge": "charge",
        "weight": "kg",
        "amount": "net",
        "shipped_on": "day",
        "reference": "",
        "text": "",
    }
)


def sent(world: World) -> None:
    """What the packers handed to the post in the last days; one parcel is heavier than its rates go."""
    post, hub = Carrier.objects.get(code=POST), world.hubs["rotterdam"]
    now = world.at
    for place in range(SENT):
        world.at = now - timedelta(days=12, hours=-12 * place)
        made = parcels.announce(
            direction=Direction.OUTBOUND, hub=hub, owner=hub.organization, reference=REFERENCE, carrier=post, by=world.henrik,
            at=world.at,
        )  # fmt: skip
        grams = 46_000 if place == SENT - 1 else 900 + 740 * (place % 9)
        parcels.weigh(made.parcels[0], grams, by=world.ines, at=world.at)
        parcels.release(made.shipment, giver=hub.code, taker=post.code, parcels=1, by=world.ines, at=world.at)
        world.drain()
    world.at = now


def _sent() -> list[Accrual]:
    rows = Accrual.objects.filter(shipment__reference=REFERENCE, status="open")
    return list(rows.select_related("shipment__hub__organization").order_by("handed_over_at", "id"))


def _billed() -> list[tuple[str, Decimal, int, str]]:
    """Parcels of the post that nobody billed: number, expected, grams, day."""
    return [
        (row.shipment.parcels.get(number=1).tracking, row.amount, row.grams, row.handed_over_at.date().isoformat())
        for row in _sent()
    ]


def _bill(world: World, theirs: str, lines: list[tuple[str, str, str, Decimal, str]]) -> Bill:
    text = "parcel,charge,kg,net,day\n" + "".join(f"{a},{b},{c},{d},{e}\n" for a, b, c, d, e in lines)
    bill = billing.enter(
        contract=Contract.objects.get(carrier__code=POST), theirs=theirs, dated=world.at.date(),
        total=sum((one[3] for one in lines), Decimal(0)), file=ContentFile(text.encode(), "bill.csv"), by=world.esra, at=world.at,
    )  # fmt: skip
    return billing.read(bill, BILL, by=world.esra, at=world.at)


def bills(world: World) -> None:
    """One that was approved, with a line in dispute; one that came today, with one of each kind of line; and one to be read."""
    found = _billed()
    now = world.at
    world.at = now - timedelta(hours=20)
    old, new = found[:4], found[4:12]
    lines = [(number, "Carriage", f"{grams / 1000}", amount, day) for number, amount, grams, day in old]
    lines.append((old[0][0], "Peak season", "", Decimal("1.10"), old[0][3]))
    bill = _bill(world, "HP-2026-0911", lines)
    charge = bill.lines.get(position=5)
    billing.decide(
        charge,
        paid=Decimal(0),
        dispute="A charge for the peak season is not in our contract.",
        by=world.esra,
        at=world.at,
    )
    billing.approve(bill, by=world.maria, at=world.at)
    world.drain()
    world.at = now - timedelta(hours=2)
    lines = [(number, "Carriage", f"{grams / 1000}", amount, day) for number, amount, grams, day in new]
    first, second, third = new[0], new[1], new[2]
    lines[0] = (first[0], "Carriage", f"{first[2] / 1000}", first[1] + Decimal("2.60"), first[3])
    lines[1] = (second[0], "Carriage", "12.4", second[1] + Decimal("2.77"), second[3])
    lines.append((third[0], "Carriage", f"{third[2] / 1000}", third[1], third[3]))
    lines.append(("RP-0000-0000-0000", "Carriage", "1.0", Decimal("5.20"), third[3]))
    lines.append((third[0], "Congestion", "", Decimal("0.95"), third[3]))
    lines.append((third[0], "Signature", "", Decimal("0.85"), third[3]))
    _bill(world, "HP-2026-1004", lines)
    day = f"{now - timedelta(days=2):%d.%m.%Y}"
    trucks = f"Sendung;Leistung;Gewicht;Betrag;Tag\nNF-77120;Fracht;216,0;135,31;{day}\nNF-77120;Maut;;9,50;{day}\n"
    billing.enter(
        contract=Contract.objects.get(carrier__code=FREIGHT), theirs="NF-40031", dated=now.date(), total=Decimal("144.81"),
        file=ContentFile(trucks.encode(), "NF-40031.csv"), by=world.esra, at=world.at,
    )  # fmt: skip
    world.at = now


def claims(world: World) -> None:
    """Of what was handed over: a loss that was paid, one that waits for the post; a damage that was filed with its photo, and one
    that has to be told in time."""
    now = world.at
    paid, waits, broken, damaged = _sent()[-4:]
    photo = Artifact.objects.get(digest=world.photo("a display that broke on the way"))
    for row in (paid, waits, broken, damaged):
        world.at = now - timedelta(hours=26)
        lost = row in (paid, waits)
        claim = claiming.draft(
            row.shipment, parcel=row.shipment.parcels.get(number=1), kind="loss" if lost else "damage", apparent=False,
            since=row.handed_over_at, grams=row.grams, value=Decimal("214.50"),
            text="Handed over and never delivered." if lost else "The receiver found the display broken.",
            evidence=() if lost else (photo,), by=world.henrik, at=world.at,
        )  # fmt: skip
        if row is not damaged:
            claiming.file(claim, by=world.henrik, at=world.at)
            world.drain()
        if row is paid:
            world.at = now - timedelta(hours=4)
            claiming.answer(
                claim, offered=claim.claimed, text="Accepted.", theirs="HP-C-7731", by=world.henrik, at=world.at
            )
            claiming.pay(claim, paid=claim.claimed, by=world.esra, at=world.at)
    world.at = now


def tell(world: World) -> None:
    """The day at the desk, after all that travelled."""
    next_rates(world)
    if Bill.objects.exists() or CarrierClaim.objects.exists():
        return
    sent(world)
    bills(world)
    claims(world)
