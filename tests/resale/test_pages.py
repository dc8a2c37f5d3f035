"""The pages of selling: pool, offer, sell, pick and ship."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from resale import queries
from resale.models import Offer, Pool, Sale
from revlog.devices.journey import State
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import resale as shop


@pytest.fixture
def client_of(cast: Cast) -> Callable[[str], Client]:
    def make_client(name: str) -> Client:
        client = Client()
        client.force_login(cast.user(name))
        return client

    return make_client


def test_a_unit_goes_from_the_pool_to_its_buyer_by_the_pages(cast: Cast, client_of: Callable[[str], Client]) -> None:
    unit = make.for_sale(cast)
    anouk, luca = client_of("anouk"), client_of("luca")
    assert unit.tag in anouk.get(reverse("sales")).content.decode()
    anouk.post(reverse("sales"))
    pool = Pool.objects.get()
    here = reverse("sales_pool", args=[pool.pk])
    anouk.post(here, {"act": "offer", "channel": "own_shop", "price": "249,00"})
    assert "249.00" in anouk.get(here).content.decode()
    sold = anouk.post(
        here,
        {
            "act": "sell",
            "offer": str(Offer.objects.get().pk),
            "quantity": "1",
            "email": "bea@example.org",
            "name": "Bea",
            "country": "nl",
        },
    )
    sale = Sale.objects.get()
    assert sold.url == reverse("sales_order", args=[sale.line.order_id])
    assert "bea@example.org" in anouk.get(sold.url).content.decode()
    assert sale.line.order.number in anouk.get(reverse("sales_orders")).content.decode()

    floor = reverse("sales_ship")
    assert unit.tag in luca.get(floor).content.decode()
    assert luca.post(floor, {"code": unit.tag}).status_code == 302
    assert luca.post(floor, {"act": "ship", "sale": str(sale.pk), "parcel": "3S 1"}).status_code == 302
    assert make.state_of(unit) == State.SOLD
    assert luca.post(sold.url, {"act": "deliver", "sale": str(sale.pk)}).status_code == 302


def test_a_sold_out_pool_says_so_beside_the_button_and_keeps_what_was_typed(
    cast: Cast, client_of: Callable[[str], Client]
) -> None:
    offer = shop.offered(cast)
    shop.sold(cast, offer)
    sent = {"act": "sell", "offer": str(offer.pk), "quantity": "1", "email": "oda@example.org"}

    answer = client_of("anouk").post(reverse("sales_pool", args=[offer.pool_id]), sent)

    assert answer.status_code == 409
    assert "another buyer was first: Anouk de Vries sold the last one on" in answer.content.decode()
    assert "oda@example.org" in answer.content.decode()


def test_a_price_that_is_none_is_refused(cast: Cast, client_of: Callable[[str], Client]) -> None:
    offer = shop.offered(cast)

    answer = client_of("anouk").post(
        reverse("sales_pool", args=[offer.pool_id]), {"act": "offer", "channel": "own_shop", "price": "free"}
    )

    assert answer.status_code == 422
    assert "is no amount" in answer.content.decode()


def test_the_packer_who_scans_an_unsold_unit_is_told_to_put_it_back(
    cast: Cast, client_of: Callable[[str], Client]
) -> None:
    unit = shop.pooled(cast)

    answer = client_of("luca").post(reverse("sales_ship"), {"code": unit.tag}, headers={"HX-Request": "true"})

    assert answer.status_code == 404
    assert "was not sold; put it back on its shelf" in answer.content.decode()


def test_the_packer_who_scans_a_unit_with_data_is_told_that_it_cant_be_sold_and_why(
    cast: Cast, client_of: Callable[[str], Client]
) -> None:
    unit = make.triaged(cast)

    answer = client_of("luca").post(reverse("sales_ship"), {"code": unit.tag}, headers={"HX-Request": "true"})

    assert answer.status_code == 409
    assert (
        f"{unit.tag} can&#x27;t be sold: it is in triage, and it would leave with data on it" in answer.content.decode()
    )


def test_a_client_sees_the_pool_of_its_own_goods_and_a_rival_none(cast: Cast) -> None:
    offer = shop.offered(cast, owner=cast.vega)

    assert [stock.pool for stock in queries.pools(cast.vera)] == [offer.pool]
    assert queries.pools(cast.alex) == []


def test_the_panel_names_pool_offer_and_sale_and_strangers_get_404(
    cast: Cast, client_of: Callable[[str], Client]
) -> None:
    sale = shop.sold(cast)
    here = reverse("resale_panel_offer", args=[sale.device.tag])

    page = client_of("anouk").get(here).content.decode()
    assert sale.line.order.number in page
    assert "249.00" in page
    assert client_of("jonas").get(here).status_code == 404
    assert client_of("jonas").get(reverse("sales_order", args=[sale.line.order_id])).status_code == 404
