"""What carriage costs in the demo: two carriers with contracts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from revlog.logistics.models import Carrier, Contract
from revlog.logistics.services.freight import contracts
from revlog.pages.simulation.world import World

POST, FREIGHT = "harbour-post", "north-freight"
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


def tell(world: World) -> None:
    next_rates(world)
