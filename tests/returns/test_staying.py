"""What isn't worth its freight stays with who has it; the desk reads the sum and may say otherwise; the nearest site takes what comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from returns import policy
from returns.models import Goods, Origin, Refund, Rma, RmaStatus
from returns.queries import travel
from returns.services import approval, foreseeing, keeping, opening, staying
from returns.services.staying import UnableToDecideGoods
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry
from revlog.devices.models import ProductModel, Variant
from revlog.terms.models import Order
from revlog.terms.services import prices, rules
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.factories import returns, terms

CHEAP = {"A": "9.00", "B": "7.00", "C": "4.00", "D": "1.50"}


@pytest.fixture
def earphones(cast: Cast, at: datetime) -> Variant:
    """A pair of earphones that bring little once they were used."""
    model = ProductModel.objects.create(manufacturer="Sonor", name="In-ear 2", device_class="accessory", created_at=at)
    for grade, amount in CHEAP.items():
        prices.set_price(
            product=model, grade=grade, amount=Decimal(amount), currency="EUR", valid_from=at, by=cast.anouk, at=at
        )
    return Variant.objects.create(product=model, sku="EAR-2", name="black", created_at=at)


def bought(cast: Cast, at: datetime, *, number: str = "PS-3001", **changes: Any) -> Order:
    line = terms.laptop_line(
        sku="EAR-2", description="Sonor In-ear 2", price=Decimal("29.00"), device_class="accessory", serials=()
    )
    return terms.order(cast, number, line, at=at, **changes)


def announced(order: Order, at: datetime, *, reason: str = "DOA", wanted: str = "refund") -> Rma:
    wish = returns.wish(order, reason=reason, wanted=wanted)
    return opening.open_rma(order=order, wishes=[wish], origin=Origin.API, by=returns.kim(order), at=at)


def test_it_stays_is_kept_with_its_sum_and_is_reckoned_again_to_the_same(
    cast: Cast, at: datetime, earphones: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    rma = announced(bought(cast, at), at)
    line = rma.lines.get()
    # It was announced without the photo that is asked for: a person looks first.
    assert (rma.status, line.goods, line.decision["rule"]) == (RmaStatus.REQUESTED, Goods.KEEP, "not_worth_its_freight")
    kept = foreseeing.of_line(line.decision)
    assert Decimal(kept["left"]) < 0
    assert kept["price_from"] == "price_book"
    again = foreseeing.again(line.decision)
    assert again is not None
    assert again.kept() | {"inputs": None} == {**kept, "inputs": None}

    # What is wanted back repaired stays its owner's: nothing is foretold of it. What is recalled comes whatever it brings.
    repaired = announced(bought(cast, at, number="PS-3002"), at, wanted="repair").lines.get()
    assert (repaired.goods, foreseeing.of_line(repaired.decision)) == (Goods.BACK, {})
    monkeypatch.setattr(travel, "is_recalled", lambda line: True)
    recalled = announced(bought(cast, at, number="PS-3003"), at)
    assert (recalled.status, recalled.lines.get().goods) == (RmaStatus.REQUESTED, Goods.BACK)


def test_a_shop_asks_over_the_api_what_would_become_of_it_and_only_the_operator_reads_the_sum(
    cast: Cast, at: datetime, earphones: Variant
) -> None:
    order = bought(cast, clock.now())
    body = {"order": order.number, "lines": [{"order_line": 1, "reason": "DOA"}]}

    told = caller(cast).post("/rmas/quote/", body).json()
    [line] = told["lines"]
    assert (line["goods"], line["rule"], told["amount"]["amount"]) == ("keep", "not_worth_its_freight", "29.00")
    assert Decimal(line["foretold"]["left"]["amount"]) < 0
    own = caller(cast, "rmas:write", organization=cast.retailer).post("/rmas/quote/", body).json()["lines"][0]
    assert (own["goods"], own["foretold"]) == ("keep", None)
    assert problem(caller(cast).post("/rmas/quote/", body | {"order": "PS-0"}), 422)
    assert not Rma.objects.exists()


def test_without_a_price_nothing_is_foretold_and_it_comes_as_ever(cast: Cast, at: datetime) -> None:
    model = ProductModel.objects.create(manufacturer="Sonor", name="In-ear 3", device_class="accessory", created_at=at)
    Variant.objects.create(product=model, sku="EAR-2", name="white", created_at=at)
    line = announced(bought(cast, at), at).lines.get()
    assert (line.goods, line.decision["rule"]) == (Goods.BACK, "wrong_in_window")
    assert foreseeing.of_line(line.decision) == {}


def test_who_keeps_often_is_looked_at_and_the_desk_decides_with_the_sum_before_it(
    cast: Cast, at: datetime, earphones: Variant, client: Client
) -> None:
    returns.published(cast, at=at, keep_times=1)
    announced(bought(cast, at), at)
    rma = announced(bought(cast, at, number="PS-3002"), at)
    line = rma.lines.get()
    assert (rma.status, line.goods, line.decision["rule"]) == (RmaStatus.REQUESTED, Goods.BACK, "kept_often")

    client.force_login(cast.user("aisha"))
    shown = client.get(f"/returns/{rma.number}/worth").content.decode()
    assert "not worth its way" in shown
    assert "As of now; no rule asked for it" in shown
    assert "planning figure for a parcel within the country" in shown
    with pytest.raises(NotAllowed):
        staying.decide(line, goods="keep", why="cheap", by=cast.ravi, at=at)
    with pytest.raises(UnableToDecideGoods, match="Say why"):
        staying.decide(line, goods="keep", why=" ", by=cast.aisha, at=at)
    told = {"line": "1", "goods": "keep", "why": "Known to us, and it isn't worth its way."}
    assert client.post(f"/returns/{rma.number}/worth/decide", told).status_code == 302
    assert client.post(f"/returns/{rma.number}/worth/decide", told).status_code == 302  # said again, nothing happens
    assert "the rules said: comes back" in client.get(f"/returns/{rma.number}/worth").content.decode()
    assert Entry.objects.filter(chain_id=rma.pk, kind="returns.goods_decided").count() == 1

    approval.approve(rma, by=cast.aisha, at=at)
    assert not rma.parcel_links.exists()
    keeping.begin(rma.pk, at=at)
    assert Refund.objects.get(line__rma=rma).amount == Decimal("29.00")
    with pytest.raises(UnableToDecideGoods, match="approved"):
        staying.decide(line, goods="back", why="late", by=cast.aisha, at=at)
    client.force_login(cast.user("vera"))
    assert client.get(f"/returns/{rma.number}/worth").status_code == 404


def test_rules_may_send_it_to_the_site_of_least_freight_that_takes_its_class(
    cast: Cast, at: datetime, earphones: Variant
) -> None:
    def published(sites: dict[str, Sequence[str]]) -> None:
        body = dict(policy.SHIPPED) | {
            "parameters": {**policy.SHIPPED["parameters"], "hub": "nearest", "keep_up_to": "0"}, "sites": sites,
        }  # fmt: skip
        rules.publish(rules.draft(kind=policy.KIND, body=body, by=cast.admin, at=at), by=cast.maria, at=at)

    Hub.objects.filter(pk=cast.leipzig.pk).update(secured=False)
    published({})
    dutch = announced(bought(cast, at), at)
    german = announced(bought(cast, at, number="PS-3002", country="DE"), at)
    laptop = announced(terms.order(cast, "PS-3003", at=at, country="DE"), at, reason="CHANGED_MIND")
    assert [one.hub for one in (dutch, german, laptop)] == [cast.rotterdam, cast.leipzig, cast.rotterdam]
    told = german.lines.get().decision["site"]
    assert [row["site"] for row in told["freights"]] == ["leipzig", "rotterdam"]
    assert laptop.lines.get().decision["site"]["left_out"] == {"leipzig": "data"}

    published({"leipzig": ["phone"]})
    other = announced(bought(cast, at, number="PS-3004", country="DE"), at)
    assert (other.hub, other.lines.get().decision["site"]["left_out"]) == (cast.rotterdam, {"leipzig": "class"})
