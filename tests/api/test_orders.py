"""Forward orders over the API: imported whole or not at all, and read without the customer."""

from __future__ import annotations

import pytest

from revlog.terms.models import Contact, Order
from tests.api.callers import caller, problem
from tests.cast import Cast

LINE = {
    "sku": "T480-16-256",
    "description": "Lenovo ThinkPad T480",
    "price": "449.00",
    "device_class": "laptop",
    "serials": ["PF1ABCDE"],
}
ORDER = {
    "number": "PS-1001",
    "email": "kim@example.com",
    "name": "Kim Jansen",
    "address": ["Kade 12", "3011 AA Rotterdam"],
    "country": "NL",
    "ordered_at": "2026-10-20T09:00:00Z",
    "lines": [LINE],
}
CSV = (
    "order,email,sku,description,quantity,price,currency,ordered\n"
    "PS-2001,kim@example.com,T480,ThinkPad,1,449.00,EUR,2026-10-20\n"
    "PS-2001,kim@example.com,USB-C,Cable,2,2.50,EUR,2026-10-20\n"
)


def test_it_imports_orders_and_knows_them_when_they_come_again(cast: Cast) -> None:
    seller = caller(cast, organization=cast.retailer)

    first = seller.post("/orders/", {"orders": [ORDER]})
    again = seller.post("/orders/", {"orders": [ORDER]})

    assert first.status_code == 201, first.content
    assert first.json() == {"placed": ["PS-1001"], "known": []}
    assert again.json() == {"placed": [], "known": ["PS-1001"]}
    assert Order.objects.get().seller == cast.retailer


def test_it_reads_orders_without_saying_whose_they_are(cast: Cast) -> None:
    seller = caller(cast, organization=cast.retailer)
    seller.post("/orders/", {"orders": [ORDER]})
    answer = seller.get("/orders/?number=ps-1001")

    told = answer.json()["results"][0]
    assert told["lines"][0]["price"] == {"amount": "449.00", "currency": "EUR"}
    for secret in ("kim@example.com", "Jansen", "Kade"):
        assert secret not in answer.content.decode()
    assert seller.get(f"/orders/{told['id']}/").json() == told
    assert seller.get("/orders/PS-1001/").json() == told
    assert Contact.objects.get().email == "kim@example.com"


def test_it_shows_a_seller_no_order_of_another(cast: Cast) -> None:
    caller(cast, organization=cast.retailer).post("/orders/", {"orders": [ORDER]})
    row = Order.objects.get()
    vega = caller(cast, organization=cast.vega)

    assert vega.get("/orders/").json()["results"] == []
    problem(vega.get(f"/orders/{row.pk}/"), 404)
    problem(vega.post("/orders/", {"seller": "retailer", "orders": [ORDER]}), 422)
    assert caller(cast).post("/orders/", {"seller": "retailer", "orders": [ORDER]}).json()["known"] == ["PS-1001"]


def test_it_imports_all_or_none_and_points_at_each_mistake(cast: Cast) -> None:
    wrong = [
        ORDER,
        ORDER | {"number": "PS-1002", "lines": [LINE | {"price": "-3"}]},
        ORDER | {"number": "=cmd()", "email": "nobody", "lines": [LINE | {"colour": "red"}]},
    ]

    refused = problem(caller(cast, organization=cast.retailer).post("/orders/", {"orders": wrong}), 422)

    assert {"/orders/1/lines/0/price", "/orders/2/lines/0/colour"} <= {one.get("pointer") for one in refused["reasons"]}
    assert not Order.objects.exists()


def test_it_points_at_what_only_the_rules_of_orders_find(cast: Cast) -> None:
    wrong = ORDER | {"number": "PS-1003", "name": "=HYPERLINK(1)"}

    refused = problem(caller(cast, organization=cast.retailer).post("/orders/", {"orders": [ORDER, wrong]}), 422)

    assert refused["reasons"][0]["pointer"] == "/orders/1/name"
    assert not Order.objects.exists()


def test_it_imports_a_table(cast: Cast) -> None:
    seller = caller(cast, organization=cast.retailer)

    answer = seller.post("/orders/?zone=Europe/Amsterdam", raw=CSV.encode(), form="text/csv")

    assert answer.status_code == 201, answer.content
    assert answer.json()["placed"] == ["PS-2001"]
    refused = problem(seller.post("/orders/", raw=CSV.replace("449.00", "much").encode(), form="text/csv"), 422)
    assert refused["reasons"][0]["place"] == "line 2, price"


@pytest.mark.parametrize("raw", [b"", b"\x00\x01", b"number\n1", b"\xff\xfe", b"a,b\n" + b"," * 100_000])
def test_it_refuses_what_is_no_table(cast: Cast, raw: bytes) -> None:
    answer = caller(cast, organization=cast.retailer).post("/orders/", raw=raw, form="text/csv")

    problem(answer, 422)
    assert not Order.objects.exists()


def test_it_takes_no_import_in_a_strange_zone(cast: Cast) -> None:
    problem(
        caller(cast, organization=cast.retailer).post("/orders/?zone=Mars/Olympus", raw=CSV.encode(), form="text/csv"),
        422,
    )
