"""What a carrier charges, line by line: pure functions over a card and a load."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from revlog.common.errors import BadInput
from revlog.logistics.freight import cards, liability
from revlog.logistics.freight.liability import RULES
from revlog.logistics.freight.rating import Card, Load, Piece, Spot, UnableToRate, chargeable, quote

FILE = """kind,service,from,to,unit,over_kg,upto_kg,price,minimum
zone,Z2,DE-0 DE-1 AT,,,,,,
rate,standard,NL,NL,parcel,0,5,4.95,
rate,standard,NL,NL,parcel,5,31.5,6.40,
rate,standard,NL,*,parcel,0,31.5,9.90,
rate,standard,NL,Z2,parcel,0,31.5,7.80,
rate,standard,NL,DE-04,parcel,0,31.5,7.10,
rate,freight,*,*,flat,,,25.00,
rate,freight,*,*,kg,0,100,0.60,30.00
rate,freight,*,*,kg,100,1000,0.42,
rate,pallet,NL,NL,pallet,,,48.00,
rate,van,NL,NL,km,,,1.15,60
extra,waiting,,,hour,,,42.00,
extra,signature,,,parcel,,,0.80,
extra,hazardous,,,percent,,,15,
extra,second_attempt,,,time,,,3.50,
"""


HERE = Spot("NL")


def card(**told: object) -> Card:
    found = cards.read(FILE)
    return Card(currency="EUR", lines=found.lines, extras=found.extras, zones=found.zones, **told)  # type: ignore[arg-type]


def load(*grams: int, service: str = "standard", to: Spot = HERE, **told: object) -> Load:
    pieces = tuple(Piece(one) for one in grams)
    return Load(origin=Spot("NL", "3011 AD"), destination=to, service=service, pieces=pieces, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "total"),
    [
        (load(4000), "4.95"),
        (load(5000), "4.95"),
        (load(5001), "6.40"),
        (load(1000, 1000, 9000), "16.30"),
        (load(4000, to=Spot("FR")), "9.90"),
        (load(4000, to=Spot("AT", "1010")), "7.80"),
        (load(4000, to=Spot("DE", "10115")), "7.80"),
        # The longer what both have in common, the nearer.
        (load(4000, to=Spot("DE", "04179")), "7.10"),
        (load(4000, to=Spot("DE", "80331")), "9.90"),
        # A price a shipment and a price a kilogram add up; the second is never below its minimum.
        (load(20_000, service="freight"), "55.00"),
        (load(60_000, 60_000, service="freight"), "75.40"),
        (load(service="pallet", pallets=3), "144.00"),
        (load(service="van", km=40), "60.00"),
        (load(service="van", km=100), "115.00"),
        (load(1000, 1000, extras={"signature": Decimal(1), "waiting": Decimal("0.5")}), "32.50"),
        (load(1000, extras={"hazardous": Decimal(1), "second_attempt": Decimal(2)}), "12.69"),
    ],
)
def test_the_sum_of_a_load(wanted: Load, total: str) -> None:
    found = quote(card(), wanted)

    assert found.total == Decimal(total)
    assert sum(step.amount for step in found.steps) == found.total
    assert all(step.why for step in found.steps)


def test_minimum_then_fuel_then_extras_and_each_line_says_why() -> None:
    found = quote(card(least=Decimal(8), fuel=Decimal("12.5")), load(2000, extras={"hazardous": Decimal(1)}))

    assert [(step.what, step.amount) for step in found.steps] == [
        ("parcel", Decimal("4.95")),
        ("minimum", Decimal("3.05")),
        ("fuel", Decimal("1.00")),
        ("hazardous", Decimal("1.20")),
    ]
    assert found.steps[0].why == "1 parcel of 2 kg at 4.95 EUR (standard, NL → NL)"
    assert found.steps[2].why == "Fuel: 12.5 % of 8.00 EUR"


@pytest.mark.parametrize(
    ("piece", "divisor", "step", "grams"),
    [
        (Piece(2400), 0, 0, 2400),
        (Piece(2400, (400, 300, 200)), 5000, 0, 4800),
        (Piece(9000, (400, 300, 200)), 5000, 0, 9000),
        (Piece(2400, (400, 300, 200)), 0, 0, 2400),
        (Piece(2400), 5000, 1000, 3000),
        (Piece(3000), 0, 1000, 3000),
    ],
)
def test_what_a_piece_counts_for(piece: Piece, divisor: int, step: int, grams: int) -> None:
    assert chargeable(Card(currency="EUR", divisor=divisor, step=step), piece) == grams


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (load(1000, service="express"), "no_line"),
        (load(40_000), "no_bracket"),
        (load(1000, extras={"toll": Decimal(1)}), "no_extra"),
        (load(1000, service="pallet"), "nothing"),
    ],
)
def test_what_has_no_price_is_named(wanted: Load, code: str) -> None:
    with pytest.raises(UnableToRate) as refusal:
        quote(card(), wanted)
    assert [one.code for one in refusal.value.reasons] == [code]


def test_a_card_can_be_written_and_read_again() -> None:
    found = cards.read(FILE)
    again = cards.read(cards.write(found.lines, found.extras, found.zones))

    assert (again.lines, again.extras, again.zones) == (found.lines, found.extras, found.zones)


def test_each_row_at_fault_is_named_with_what_is_wrong() -> None:
    text = (
        "kind;service;from;to;unit;over_kg;upto_kg;price;minimum\n"
        "rate;standard;NL;Germany;parcel;0;5;4,95;\n"
        "rate;Std!;NL;DE;box;5;2;abc;x\n"
        "extra;waiting;;;hour;;;42;\n"
        "extra;waiting;;;hour;;;42;\n"
        "fee;label;;;time;;;1;\n"
    )
    with pytest.raises(BadInput) as refusal:
        cards.read(text)
    told = [one.sentence for one in refusal.value.reasons]
    assert [one.split(":")[0] for one in told] == ["Row 2", *["Row 3"] * 5, "Row 5", "Row 6"]
    assert told[0].startswith("Row 2: from and to are a country (DE)")
    for text in ("", "a,b\n1,2\n", "service,price\n", "kind,service,price\nextra,label,1\n", 'service,price\n"x,1'):
        with pytest.raises(BadInput):
            cards.read(text)


@pytest.mark.parametrize(
    ("regime", "kind", "apparent", "days"),
    [
        ("cmr", "damage", True, 1),
        ("cmr", "damage", False, 7),
        ("cmr", "delay", False, 21),
        ("cmr", "loss", False, 365),
        ("montreal", "damage", True, 14),
        ("montreal", "loss", False, 730),
    ],
)
def test_until_when_a_carrier_is_told(regime: str, kind: str, apparent: bool, days: int) -> None:
    since = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert liability.notice_by(kind, apparent=apparent, since=since, rule=RULES[regime]) - since == timedelta(days=days)


def test_liability_ends_at_a_limit_by_weight() -> None:
    assert liability.limit(2400, sdr_per_kg=Decimal("8.33"), sdr_rate=Decimal("1.15"), currency="EUR") == Decimal(
        "22.99"
    )
    assert liability.limit(2400, sdr_per_kg=Decimal(26), sdr_rate=Decimal("1.15"), currency="EUR") == Decimal("71.76")
