"""A carrier's bill: read, matched line by line, decided, approved by another person, posted once."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.services import reactions
from revlog.devices.models import Posting
from revlog.logistics import queries
from revlog.logistics.freight import billing as reading
from revlog.logistics.freight.billing import Columns, Known, Read, Tolerance, judge
from revlog.logistics.models import Accrual, Bill, BillColumns, Contract
from revlog.logistics.services.freight import billing
from revlog.logistics.services.freight.billing import UnableToBill
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.logistics.freight.test_accruals import in_book, sent
from tests.logistics.freight.test_contracts import agreed

LIMITS = Tolerance(Decimal(2), Decimal("0.10"), Decimal(5))


def line(amount: str, grams: int | None = None, charge: str = "") -> Read:
    return Read("PX1", "", None, grams, charge, "", Decimal(amount))


@pytest.mark.parametrize(
    ("billed", "known", "state"),
    [
        (line("5.45"), Known(Decimal("5.45"), 2000), "matched"),
        (line("5.55"), Known(Decimal("5.45"), 2000), "matched"),
        (line("5.57"), Known(Decimal("5.45"), 2000), "over_rate"),
        (line("101.99"), Known(Decimal(100), 2000), "matched"),
        (line("1.00"), Known(Decimal("5.45"), 2000), "matched"),
        (line("7.04", 6200), Known(Decimal("5.45"), 2000), "weight"),
        (line("5.45", 6200), Known(Decimal("5.45"), 2000), "matched"),
        (line("7.04", 2080), Known(Decimal("5.45"), 2000), "over_rate"),
        (line("3.00", charge="congestion"), Known(None, 2000), "surcharge"),
        (line("5.45"), Known(Decimal("5.45"), 2000, "R-1"), "twice"),
        (line("5.45"), None, "unknown"),
    ],
)
def test_what_is_thought_of_a_line(billed: Read, known: Known | None, state: str) -> None:
    verdict = judge(billed, known, LIMITS, "EUR")
    assert verdict.state == state
    assert bool(verdict.why) == (state != "matched")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("12,5", "12.50"),
        ("EUR 3", "3.00"),
        ("-2.10", "-2.10"),
        ("x", None),
        ("1,234", None),
        ("-1.234", None),
        ("0.350", "0.35"),
        ("1234.500", "1234.50"),
    ],
)
def test_amounts_are_read_as_carriers_write_them(text: str, amount: str | None) -> None:
    assert reading.amount_of(text) == (Decimal(amount) if amount else None)


def test_a_file_is_read_by_its_columns_and_fuel_joins_its_carriage() -> None:
    rows = [
        {"Sendung": "px 1", "Leistung": "Fracht", "Betrag": "4,95", "kg": "2,0", "Tag": "02.03.2026"},
        {"Sendung": "px 1", "Leistung": "Dieselzuschlag", "Betrag": "0,50", "kg": "", "Tag": ""},
        {"Sendung": "PX2", "Leistung": "Zweite Zustellung", "Betrag": "3,50", "kg": "", "Tag": ""},
    ]
    names = {"tracking": "Sendung", "charge": "Leistung", "amount": "Betrag", "weight": "kg", "shipped_on": "Tag"}
    told = Columns(names, dates="%d.%m.%Y", words={"zweite zustellung": "second_attempt"})
    found = reading.read(rows, told)
    assert [(one.tracking, one.charge, one.amount, one.grams) for one in found] == [
        ("PX1", "", Decimal("5.45"), 2000), ("PX2", "second_attempt", Decimal("3.50"), None),
    ]  # fmt: skip
    with pytest.raises(BadInput, match=r"Row 2: “x” is no amount.*“y” is no day"):
        reading.read([rows[0] | {"Betrag": "x"}, rows[0] | {"Tag": "y"}], told)
    assert reading.guess(["parcel_number", "net amount", "weight"])["tracking"] == "parcel_number"


def read_in(client: Client, contract: Contract, dear: str) -> tuple[Bill, str]:
    """A bill with one of each kind of line, its columns said on the page."""
    text = (
        "Parcel number;Charge;Weight kg;Net amount\n"
        "PX1;Carriage;2.0;4.95\nPX1;Fuel surcharge;;0.50\n"
        "PX2;Carriage;6.2;7.04\n"
        ";Carriage;6;9.00\n"
        "PX1;Signature;;0.80\n"
        "PX1;Congestion;;1.20\n"
        "PX1;Carriage;2.0;5.45\n"
        "ZZ9;Carriage;1;4.95\n"
    ).replace(";Carriage;6;9.00", f"{dear};Carriage;6;9.00")
    wrong = {"contract": contract.number, "theirs": " ", "dated": "2026-03-31"}
    assert client.post("/transport/bills/new", wrong).status_code == 422
    made = client.post(
        "/transport/bills/new",
        wrong | {"theirs": "R-1", "total": "33.89", "file": SimpleUploadedFile("bill.csv", text.encode())},
    )
    bill = Bill.objects.get()
    url = made["Location"]
    assert url == f"/transport/bills/{bill.number}/"
    shown = client.get(url).content.decode()
    assert 'value="parcel number" selected' in shown
    columns = {
        "tracking": "parcel number",
        "charge": "charge",
        "weight": "weight kg",
        "amount": "net amount",
        "dates": "%Y-%m-%d",
    }
    read = client.post(url, {"part": "columns", **{f"columns-{key}": value for key, value in columns.items()}})
    assert read.status_code == 302
    assert BillColumns.objects.get().columns["weight"] == "weight kg"
    states = list(bill.lines.values_list("state", flat=True))
    assert states == ["matched", "weight", "over_rate", "matched", "surcharge", "twice", "unknown"]
    return bill, url


def outsiders_learn_nothing(cast: Cast, client: Client, bill: Bill, url: str) -> None:
    for outsider in ("vera", "henrik", "ines"):
        client.force_login(cast.user(outsider))
        assert client.get(url).status_code in {403, 404}
        assert client.post(url, {"part": "aside", "reason": "No."}).status_code in {403, 404}
    address = f"/carrier-bills/{bill.pk}/"
    problem(caller(cast, "devices:read").get(address), 403)
    assert caller(cast, "devices:read", organization=cast.vega).get(address).status_code in {403, 404}


def test_a_bill_is_matched_disputed_approved_by_another_and_posted_once(
    cast: Cast, at: datetime, client: Client
) -> None:
    contract = agreed(cast, at)
    plain, heavy, dear = (
        sent(cast, contract, at, grams=grams, tracking=number)
        for grams, number in ((2000, "PX1"), (2000, "PX2"), (6000, "PX3"))
    )
    expected = in_book()
    assert expected == Decimal("-17.94")
    client.force_login(cast.user("esra"))
    bill, url = read_in(client, contract, dear.parcels[0].tracking)
    with pytest.raises(UnableToBill, match="entered already"):
        billing.enter(contract=contract, theirs="r-1", dated=date(2026, 3, 31), by=cast.maria, at=at)
    assert [one.kind for one in queries.exceptions(cast.esra)] == ["exception.carrier_bill"]

    # Esra decides; each line that isn't as expected, on the page.
    def decide(number: int, **told: str) -> int:
        return int(client.post(url, {"part": "decide", "line": str(number), **told}).status_code)

    assert decide(2, all="1") == 302
    assert decide(3, paid="7.04") == 422
    assert decide(3, paid="7.04", dispute="The contract says 7.04.") == 302
    assert decide(5, paid="0", dispute="No such charge is agreed.") == 302
    assert decide(6, paid="0", dispute="Billed twice.") == 302
    assert decide(9, paid="0", dispute="?") == 404
    assert client.post(url, {"part": "approve"}).status_code == 422
    assert decide(7, paid="0", dispute="Not ours.") == 302
    bill.refresh_from_db()
    with pytest.raises(UnableToBill, match="another person must"):
        billing.approve(bill, by=cast.esra, at=at)
    with pytest.raises(NotAllowed):
        billing.approve(bill, by=cast.henrik, at=at)
    client.force_login(cast.user("maria"))
    assert client.post(url, {"part": "approve"}).status_code == 302
    assert client.post(url, {"part": "approve"}).status_code == 422
    reactions.drain(at=clock.now())

    # 5.45 + 5.45 + 7.04 were expected and are out; 7.04 for the heavy one is 1.59 more; the signature is a cost by contract.
    assert in_book() == Decimal(0)
    assert in_book(account="freight") == Decimal("-18.74")
    assert in_book(account="freight_variance") == Decimal("-1.59")
    assert set(Accrual.objects.values_list("status", flat=True)) == {"billed"}
    letter = mail.outbox[-1]
    assert (letter.to, letter.subject) == (["claims@post.example"], "Your bill R-1: lines we dispute")
    assert "The contract says 7.04." in letter.body
    assert "PX2" not in letter.body

    # The carrier insists on the congestion charge, and is paid half of it; not by who disputed it.
    fifth = bill.lines.get(position=5)
    with pytest.raises(UnableToBill, match="another person must"):
        billing.settle(fifth, paid=Decimal("0.60"), note="Half of it", by=cast.esra, at=at)
    assert client.post(url, {"part": "settle", "line": "5", "paid": "0.60", "note": "Half of it"}).status_code == 302
    assert client.post(url, {"part": "settle", "line": "5", "paid": "0.60", "note": "Half of it"}).status_code == 422
    assert in_book(account="freight_variance") == Decimal("-2.19")
    keys = list(Posting.objects.values_list("key", flat=True))
    assert len(keys) == len(set(keys))
    assert "R-1" in client.get("/transport/bills/").content.decode()
    told = caller(cast, "freight:read").get("/carrier-bills/").json()["results"][0]
    assert [one["found"] for one in told["lines"]][:2] == ["matched", "weight"]
    outsiders_learn_nothing(cast, client, bill, url)
    assert plain.shipment.pk != heavy.shipment.pk


def test_a_bill_is_sent_in_over_the_api_once_and_waits_for_people(cast: Cast, at: datetime) -> None:
    contract = agreed(cast, at)
    sent(cast, contract, at, grams=2000, tracking="PX1")
    body: dict[str, object] = {
        "contract": contract.number, "theirs": "E-1", "dated": "2026-03-31", "total": "6.65",
        "lines": [
            {"tracking": "px 1", "amount": "4.95", "grams": 2000},
            {"tracking": "PX1", "charge": "fuel", "amount": "0.50"},
            {"tracking": "PX1", "charge": "Congestion", "amount": "1.20"},
        ],
    }  # fmt: skip
    ours = caller(cast, "freight:read", "freight:write")
    problem(caller(cast, "freight:read").post("/carrier-bills/", body), 403)
    problem(ours.post("/carrier-bills/", body | {"contract": "CT-0000-0000"}), 422)
    problem(ours.post("/carrier-bills/", body | {"lines": [{"amount": "1.00"}]}), 422)
    problem(ours.post("/carrier-bills/", body | {"lines": []}), 422)
    assert not Bill.objects.exists()
    made = ours.post("/carrier-bills/", body, Idempotency_Key="bill-1")
    assert made.status_code == 201, made.content
    again = ours.post("/carrier-bills/", body, Idempotency_Key="bill-1")
    assert (again.status_code, again.json()["id"]) == (201, made.json()["id"])
    problem(ours.post("/carrier-bills/", body), 409)
    told = ours.get(f"/carrier-bills/{made.json()['id']}/").json()
    assert (told["status"], told["theirs"]) == ("open", "E-1")
    found = [(one["charge"], one["amount"], one["found"], one["decision"]) for one in told["lines"]]
    assert found == [("", "5.45", "matched", "pay"), ("congestion", "1.20", "surcharge", "")]
    assert not Posting.objects.filter(account="freight").exists()


def test_a_bill_by_hand_is_matched_by_reference_or_by_day_and_weight_and_may_be_put_aside(
    cast: Cast, at: datetime
) -> None:
    contract = agreed(cast, at)
    first, second = sent(cast, contract, at, grams=2000), sent(cast, contract, at, grams=9000)
    bill = billing.enter(contract=contract, theirs="H-7", dated=at.date(), total=Decimal("12.49"), by=cast.esra, at=at)
    with pytest.raises(BadInput, match="which parcel, reference or day"):
        billing.add_line(bill, Read("", "", None, None, "", "", Decimal(1)), by=cast.esra, at=at)
    by_reference = Read("", first.shipment.number, None, None, "", "", Decimal("5.45"))
    by_day = Read("", "", at.date(), 9100, "", "", Decimal("7.04"))
    for told, made in ((by_reference, first), (by_day, second)):
        row = billing.add_line(bill, told, by=cast.esra, at=at)
        assert (row.state, row.accrual and row.accrual.shipment_id) == ("matched", made.shipment.pk)
    again = billing.add_line(bill, by_reference, by=cast.esra, at=at)
    assert (again.state, again.why) == ("twice", "Bill H-7 has it already.")
    billing.decide(again, paid=Decimal(0), dispute="Twice.", by=cast.esra, at=at)
    with pytest.raises(UnableToBill, match=r"add up to 17\.94"):
        billing.approve(bill, by=cast.maria, at=at)
    billing.put_aside(bill, reason="The carrier sends another.", by=cast.esra, at=at)
    # What was put aside counts for nothing.
    other = billing.enter(contract=contract, theirs="H-7", dated=at.date(), by=cast.esra, at=at)
    assert billing.add_line(other, by_reference, by=cast.esra, at=at).state == "matched"
    assert not Posting.objects.exclude(account="freight_accrued").exists()
    # Who writes a line of another's bill approves it no more than who entered it.
    billing.add_line(other, by_day, by=cast.maria, at=at)
    with pytest.raises(UnableToBill, match="another person must"):
        billing.approve(other, by=cast.maria, at=at)
