"""What carriage is expected to cost stands in the book once its carrier has the goods, and is corrected until it is billed."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from django.test import Client

from revlog.custody.services import reactions
from revlog.devices.models import Posting
from revlog.logistics import queries
from revlog.logistics.models import Accrual, Carrier, Contract, Direction, Leg
from revlog.logistics.services import parcels
from revlog.logistics.services.freight import accruing
from revlog.logistics.services.parcels import Announced
from tests.cast import Cast
from tests.logistics.freight.test_contracts import agreed


def sent(
    cast: Cast, contract: Contract, at: datetime, *, count: int = 1, grams: int = 0, tracking: str = ""
) -> Announced:
    """Handed over to the contract's carrier."""
    made = parcels.announce(
        direction=Direction.OUTBOUND, hub=cast.rotterdam, owner=cast.vega, parcels=count, carrier=contract.carrier,
        tracking=tracking, by=cast.henrik, at=at,
    )  # fmt: skip
    if grams:
        for one in made.parcels:
            parcels.weigh(one, grams, by=cast.luca, at=at)
    parcels.release(made.shipment, giver="rotterdam", taker=contract.carrier.code, parcels=count, by=cast.luca, at=at)
    reactions.drain(at=at)
    return made


def in_book(book: str = "ours", account: str = "freight_accrued") -> Decimal:
    return sum((one.amount for one in Posting.objects.filter(book=book, account=account)), Decimal(0))


def test_it_is_expected_once_and_corrected_until_it_is_called_off(cast: Cast, at: datetime) -> None:
    contract = agreed(cast, at)
    made = sent(cast, contract, at, count=2)
    row = Accrual.objects.get()
    # Nobody weighed them, and nobody knows where they go: both are said to be assumed.
    assert (row.amount, row.grams, row.assumed, row.book) == (Decimal("10.89"), 4000, True, "ours")
    assert in_book() == Decimal("-10.89")

    parcels.accept(made.shipment, taker="customer", parcels=2, by=cast.luca, at=at)
    reactions.drain(at=at)
    accruing.expect(made.shipment.pk, at=at)
    assert Accrual.objects.count() == 1
    assert in_book() == Decimal("-10.89")

    parcels.weigh(made.parcels[0], 9000, by=cast.luca, at=at)
    reactions.drain(at=at)
    row.refresh_from_db()
    assert (row.amount, row.grams) == (Decimal("12.49"), 11_000)
    assert in_book() == Decimal("-12.49")
    assert accruing.correct(made.shipment.pk, cause="again", at=at) == []

    parcels.cancel(made.shipment, reason="Not sent after all.", by=cast.henrik, at=at)
    reactions.drain(at=at)
    row.refresh_from_db()
    assert (row.status, row.amount, in_book()) == ("cancelled", Decimal(0), Decimal(0))
    keys = list(Posting.objects.values_list("key", flat=True))
    assert len(keys) == len(set(keys)) == 3


def test_the_owner_of_the_goods_bears_it_where_that_is_agreed_and_reads_no_price(cast: Cast, at: datetime) -> None:
    sent(cast, agreed(cast, at, book="owner"), at, grams=3000)
    posting = Posting.objects.get(account="freight_accrued")
    assert (posting.book, posting.party, posting.amount) == ("client", cast.vega, Decimal("-5.45"))
    # What was agreed with a carrier is no story of the goods' owner.
    assert posting.owner_id == cast.operator.pk
    assert [bool(Accrual.objects.visible_to(one)) for one in (cast.esra, cast.maria, cast.vera, cast.ines)] == [
        True, True, False, False,
    ]  # fmt: skip


def test_what_has_no_price_waits_for_a_planner(cast: Cast, at: datetime, client: Client) -> None:
    contract = agreed(cast, at)
    made = sent(cast, contract, at, grams=60_000)
    row = Accrual.objects.get()
    assert (row.status, row.amount, Posting.objects.count()) == ("unrated", Decimal(0), 0)
    found = queries.exceptions(cast.henrik)
    assert [one.kind for one in found] == ["exception.carriage_unrated"]
    assert "no price for a weight of 60 kg" in found[0].sentence
    assert queries.exceptions(cast.ines) == []
    parcels.weigh(made.parcels[0], 6000, by=cast.luca, at=at)
    reactions.drain(at=at)
    row.refresh_from_db()
    assert (row.status, row.amount) == ("open", Decimal("7.04"))

    client.force_login(cast.user("esra"))
    page = client.get(f"/transport/accruals/?month={at:%Y-%m}").content.decode()
    assert made.shipment.number in page
    assert "1 parcel of 6 kg at 6.40 EUR" in page
    lines = client.get(f"/transport/accruals/accruals.csv?month={at:%Y-%m}").content.decode().splitlines()
    assert len(lines) == 2
    assert (
        f"{made.shipment.number},,post,{contract.number},1,rotterdam,ours,,standard,1,6000,yes,open,7.04,0.00,EUR"
        in lines[1]
    )
    assert "Nothing was handed over" in client.get("/transport/accruals/?month=2020-03").content.decode()
    client.force_login(cast.user("henrik"))
    assert client.get("/transport/accruals/").status_code == 403


def test_goods_of_no_contract_are_expected_to_cost_nothing(cast: Cast, at: datetime) -> None:
    contract = agreed(cast, at, outbound=False)
    sent(cast, contract, at)
    assert not Accrual.objects.exists()


def test_what_comes_to_us_is_expected_when_it_is_taken_in(cast: Cast, at: datetime) -> None:
    contract = agreed(cast, at)
    made = parcels.announce(
        direction=Direction.INBOUND,
        hub=cast.rotterdam,
        owner=cast.retailer,
        carrier=contract.carrier,
        by=cast.henrik,
        at=at,
    )
    parcels.take_in(made.parcels[0], by=cast.ines, at=at)
    reactions.drain(at=at)
    assert Accrual.objects.get().amount == Decimal("5.45")


def test_each_leg_is_paid_by_the_contract_of_its_own_carrier(cast: Cast, at: datetime) -> None:
    contract = agreed(cast, at)
    made = parcels.announce(
        direction=Direction.OUTBOUND, hub=cast.rotterdam, owner=cast.operator, by=cast.henrik, at=at
    )
    ship = Carrier.objects.create(code="ship", name="Ship", created_at=at)
    for number, carrier in ((1, contract.carrier), (2, ship), (3, contract.carrier)):
        Leg.objects.create(
            id=uuid4(), shipment=made.shipment, number=number, carrier=carrier, begins_at="A", ends_at="B", planned_from=at,
            planned_to=at + timedelta(days=number),
        )  # fmt: skip
    parcels.release(made.shipment, giver="rotterdam", taker="post", parcels=1, by=cast.luca, at=at)
    reactions.drain(at=at)
    assert [row.leg and row.leg.number for row in Accrual.objects.order_by("leg__number")] == [1, 3]
    assert in_book() == Decimal("-10.90")
