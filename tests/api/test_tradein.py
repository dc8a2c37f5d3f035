"""Trade-ins over the API: questions, a quote, its acceptance; and what somebody else's key sees of them."""

from __future__ import annotations

import uuid

from returns.models import Rma
from revlog.common import clock
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.factories import tradein
from tests.factories.tradein import GOOD, IBAN

SELLER = {
    "name": "Robin Visser", "email": "robin@example.org", "address": ["Oude Dijk 7"], "country": "AT", "iban": IBAN, "declared": True,
}  # fmt: skip


def test_a_shop_quotes_and_accepts_for_its_customer(cast: Cast) -> None:
    product = tradein.phone(cast, clock.now())
    shop = caller(cast, organization=cast.retailer)
    asked = shop.get("/trade-ins/questions/?device_class=phone").json()
    assert {one["code"] for one in asked} == set(GOOD)
    problem(shop.get("/trade-ins/questions/?device_class=spoon"), 422)
    sent = {"product": str(product.pk), "answers": GOOD, "key": str(uuid.uuid4())}
    problem(shop.post("/trade-ins/", sent | {"answers": {}}), 422)
    problem(shop.post("/trade-ins/", sent | {"buyer": "operator"}), 422)
    made, again = shop.post("/trade-ins/", sent), shop.post("/trade-ins/", sent)
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["status"], told["grade"], again.json()["id"]) == ("quoted", "B", told["id"])
    assert told["amount"] == {"amount": "226.00", "currency": "EUR"}
    assert [step["amount"] for step in told["steps"]] == ["340.00", "-102.00", "-12.00"]
    way = f"/trade-ins/{told['number']}/accept/"
    problem(shop.post(way, SELLER | {"iban": "NL00"}), 422)
    done = shop.post(way, SELLER).json()
    assert (done["status"], done["rma"]) == ("accepted", Rma.objects.get().number)
    assert shop.post(way, SELLER).json()["rma"] == done["rma"]
    assert "NL91" not in str(shop.get(f"/trade-ins/{told['id']}/").json())
    assert len(shop.get("/trade-ins/?status=accepted").json()["results"]) == 1

    stranger = caller(cast, organization=cast.vega)
    problem(stranger.get(f"/trade-ins/{told['id']}/"), 404)
    assert stranger.get("/trade-ins/").json()["results"] == []
    problem(stranger.post("/trade-ins/", sent | {"key": str(uuid.uuid4())}), 422)
    problem(caller(cast, "orders:read").get("/trade-ins/"), 403)
