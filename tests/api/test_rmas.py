"""A return over the API, from the wish to the money, and who may do what."""

from __future__ import annotations

from decimal import Decimal

from returns.models import Discrepancy, Rma
from revlog.accounts.models import ApiKey
from revlog.common import clock
from revlog.custody.services import reactions
from revlog.devices.models import Device, ProductModel, Variant
from revlog.terms.models import Order
from tests.api.callers import Caller, caller, problem
from tests.cast import Cast
from tests.factories import terms


def bought(cast: Cast, **changes: object) -> Order:
    return terms.order(cast, at=clock.now(), **changes)


def announced(them: Caller, **line: object) -> dict:
    body = {"order": "PS-1001", "lines": [{"order_line": 1, "reason": "CHANGED_MIND"} | line]}
    answer = them.post("/rmas/", body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_it_goes_the_whole_way_from_wish_to_refund(cast: Cast) -> None:
    bought(cast)
    seller, operator = caller(cast, organization=cast.retailer), caller(cast)

    rma = announced(seller)
    assert (rma["status"], rma["order"], rma["seller"]) == ("approved", "PS-1001", "retailer")
    assert rma["parcels"]
    assert "hand the parcel in" in rma["next"]
    taken = operator.post(f"/rmas/{rma['number']}/receive/", {"serial": "PF1ABCDE"})
    assert taken.status_code == 201, taken.content
    assert taken.json()["troubles"] == []
    unit = taken.json()["unit"]
    device = Device.objects.get(tag=taken.json()["device"])
    assert device.state == "RECEIVED"
    settled = operator.post(f"/rmas/{rma['id']}/settle/", {"unit": unit, "outcome": "accept"})
    assert settled.status_code == 200, settled.content
    # A person's own word about money is approved by another, here as on the pages.
    assert settled.json()["lines"][0]["units"][0]["status"] == "accepted"
    assert seller.get(f"/rmas/{rma['id']}/").json()["lines"][0]["price"] == {"amount": "449.00", "currency": "EUR"}
    assert [row["number"] for row in seller.get("/rmas/?order=ps-1001").json()["results"]] == [rma["number"]]


def test_the_rules_are_overridden_with_a_reason_by_a_key_that_may(cast: Cast) -> None:
    bought(cast, days=1200)
    plain = caller(cast, "rmas:read", "rmas:write", organization=cast.retailer)
    trusted = caller(cast, "rmas:read", "rmas:write", "rmas:override", organization=cast.retailer)
    line = {"order_line": 1, "reason": "CHANGED_MIND", "override": {"why": "A loyal customer."}}
    body = {"order": "PS-1001", "lines": [line]}

    problem(trusted.post("/rmas/", {**body, "lines": [line | {"override": None}]}), 422)
    problem(plain.post("/rmas/", body), 403)
    problem(trusted.post("/rmas/", {**body, "lines": [line | {"override": {"why": " "}}]}), 422)
    rma = announced(trusted, override={"why": "A loyal customer."})

    told = trusted.get(f"/rmas/{rma['id']}/").json()["lines"][0]["decision"]
    assert told["rule"] == "override"
    # 449.00 is more than support gives by itself: another person approves it.
    assert rma["status"] == "requested"
    assert Rma.objects.get().opened_by.startswith("key:")


def test_a_shop_gets_links_for_its_mails_and_for_its_own_orders_alone(cast: Cast) -> None:
    from django.test import Client

    bought(cast)
    terms.order(cast, "RV-1", seller=cast.operator, at=clock.now())
    seller = caller(cast, organization=cast.retailer)

    answer = seller.post("/rmas/links/", {"orders": ["ps-1001"]})

    assert answer.status_code == 200, answer.content
    [link] = answer.json()
    assert link["order"] == "PS-1001"
    page = Client().get("/return/link/" + link["url"].partition("/return/link/")[2], follow=True)
    assert "Why does it come back?" in page.content.decode()
    refused = seller.post("/rmas/links/", {"orders": ["PS-1001", "RV-1"]})
    assert refused.status_code in {400, 422}
    assert "There is no order RV-1." in refused.content.decode()


def test_it_gives_the_label_once_a_worker_has_made_it(cast: Cast) -> None:
    bought(cast)
    seller = caller(cast, organization=cast.retailer)
    rma = announced(seller)

    problem(seller.get(f"/rmas/{rma['id']}/label/"), 404)
    reactions.drain(at=clock.now(), queues=["documents"])
    label = seller.get(f"/rmas/{rma['id']}/label/")

    assert label.status_code == 200
    assert label.content.startswith(b"%PDF")
    problem(caller(cast, organization=cast.vega).get(f"/rmas/{rma['id']}/label/"), 404)


def test_it_says_what_to_do_with_a_wrong_serial_and_records_it_when_told_to(cast: Cast) -> None:
    bought(cast)
    operator = caller(cast)
    rma = announced(caller(cast, organization=cast.retailer))

    refused = problem(operator.post(f"/rmas/{rma['id']}/receive/", {"serial": "XX9OTHER"}), 409)
    assert "hold shelf" in refused["detail"]
    assert refused["reasons"][0]["pointer"] == "/serial"
    told = operator.post(f"/rmas/{rma['id']}/receive/", {"serial": "XX9OTHER", "wrong": True}).json()

    assert told["unit"] is None
    assert told["troubles"][0]["found"] == "XX9OTHER"
    assert told["rma"]["lines"][0]["units"][0]["status"] == "expected"
    assert Discrepancy.objects.count() == 1


def test_it_tells_the_second_who_receives_the_same_thing(cast: Cast) -> None:
    bought(cast)
    operator = caller(cast)
    rma = announced(caller(cast, organization=cast.retailer))
    other = caller(cast)
    other.post(f"/rmas/{rma['id']}/receive/", {"serial": "PF1ABCDE"})
    key = ApiKey.objects.latest("created_at")

    told = problem(operator.post(f"/rmas/{rma['id']}/receive/", {"serial": "PF1ABCDE"}), 409)

    assert f"was received by {key.name or key} on " in told["detail"]
    assert Device.objects.count() == 1


def test_it_lets_a_person_decide_what_the_rules_leave_open(cast: Cast) -> None:
    terms.order(cast, at=clock.now(), days=100)
    seller, operator = caller(cast, organization=cast.retailer), caller(cast)
    first = seller.post(
        "/rmas/", {"order": "PS-1001", "lines": [{"order_line": 1, "reason": "DOA", "wanted": "repair"}]}
    )
    assert first.status_code == 201, first.content
    rma = first.json()
    assert rma["status"] == "requested"
    problem(seller.post(f"/rmas/{rma['id']}/approve/", {}), 403)
    told = operator.post(f"/rmas/{rma['id']}/approve/", {"why": "goodwill"}).json()
    assert (told["status"], told["decided_why"]) == ("approved", "goodwill")
    problem(operator.post(f"/rmas/{rma['id']}/refuse/", {"reason": "too late"}), 409)


def test_it_calls_a_return_off(cast: Cast) -> None:
    bought(cast)
    seller = caller(cast, organization=cast.retailer)
    rma = announced(seller)

    assert seller.post(f"/rmas/{rma['id']}/cancel/").json()["status"] == "cancelled"
    problem(seller.post(f"/rmas/{rma['id']}/cancel/"), 409)


def test_it_sends_a_unit_back_with_the_reason_that_the_customer_reads(cast: Cast) -> None:
    bought(cast)
    operator = caller(cast)
    rma = announced(caller(cast, organization=cast.retailer))
    unit = operator.post(f"/rmas/{rma['id']}/receive/", {"serial": "PF1ABCDE"}).json()["unit"]

    problem(operator.post(f"/rmas/{rma['id']}/settle/", {"unit": unit, "outcome": "refuse"}), 422)
    told = operator.post(
        f"/rmas/{rma['id']}/settle/", {"unit": unit, "outcome": "refuse", "why": "screen broken"}
    ).json()

    assert told["lines"][0]["units"][0]["status"] == "refused"


def test_it_points_at_what_is_wrong_with_a_wish(cast: Cast) -> None:
    bought(cast)
    seller = caller(cast, organization=cast.retailer)

    for body, pointer in [
        ({"order": "NOPE", "lines": [{"order_line": 1, "reason": "DOA"}]}, "/order"),
        ({"order": "PS-1001", "lines": [{"order_line": 9, "reason": "DOA"}]}, "/lines/0/order_line"),
        ({"order": "PS-1001", "lines": [{"order_line": 1, "reason": "BORED"}]}, "/lines/0/reason"),
        ({"order": "PS-1001", "lines": []}, "/lines"),
        ({"order": "PS-1001"}, "/lines"),
    ]:
        refused = problem(seller.post("/rmas/", body), 422)
        assert refused["reasons"][0].get("pointer", "").startswith(pointer), (body, refused)
    problem(
        seller.post("/rmas/", {"order": "PS-1001", "lines": [{"order_line": 1, "reason": "DOA", "quantity": 2}]}), 422
    )
    assert not Rma.objects.exists()


def test_it_hides_returns_from_strangers(cast: Cast) -> None:
    bought(cast)
    rma = announced(caller(cast, organization=cast.retailer))
    vega = caller(cast, organization=cast.vega)

    assert vega.get("/rmas/").json()["results"] == []
    for address in (rma["id"], rma["number"]):
        problem(vega.get(f"/rmas/{address}/"), 404)
        problem(vega.post(f"/rmas/{address}/cancel/"), 404)
    problem(vega.post("/rmas/", {"order": "PS-1001", "lines": [{"order_line": 1, "reason": "DOA"}]}), 422)


def test_a_return_and_a_claim_sent_together_are_opened_apart(cast: Cast) -> None:
    terms.order(cast, "PS-2", terms.laptop_line(), terms.cable_line(8), at=clock.now())
    seller = caller(cast, organization=cast.retailer)
    lines = [
        {"order_line": 1, "reason": "CHANGED_MIND"},
        {"order_line": 2, "reason": "MISSING_ITEM", "quantity": 8},
    ]

    back = seller.post("/rmas/", {"order": "PS-2", "lines": lines})

    assert back.status_code == 201, back.content
    assert (back.json()["kind"], back.json()["lines"][0]["goods"]) == ("return", "back")
    (number,) = back.json()["also"]
    claim = seller.get(f"/rmas/{number}/").json()
    assert (claim["kind"], claim["lines"][0]["goods"], claim["parcels"]) == ("claim", "none", [])


def test_an_exchange_for_another_thing_names_its_sku_and_shows_what_is_to_be_paid(cast: Cast) -> None:
    product = ProductModel.objects.create(
        manufacturer="Lenovo", name="ThinkPad T490", device_class="laptop", created_at=clock.now()
    )
    for sku, price in (("T480-16-256", "449.00"), ("T490-16-512", "509.00")):
        Variant.objects.create(
            product=product, name=sku, sku=sku, list_price=Decimal(price), currency="EUR", created_at=clock.now()
        )
    bought(cast)
    seller = caller(cast, organization=cast.retailer)

    rma = announced(seller, reason="POWER", wanted="advance", new_sku="T490-16-512")
    reactions.drain(at=clock.now())

    line = seller.get(f"/rmas/{rma['id']}/").json()["lines"][0]
    assert (line["new_sku"], line["new_price"]["amount"], line["exchange"]) == ("T490-16-512", "509.00", None)
    assert {one["purpose"]: (one["amount"]["amount"], one["status"]) for one in line["charges"]} == {
        "deposit": ("449.00", "asked"), "difference": ("60.00", "asked"),
    }  # fmt: skip
    assert all(one["reference"] for one in line["charges"])
    wrong = problem(
        seller.post(
            "/rmas/",
            {
                "order": "PS-1001",
                "lines": [{"order_line": 1, "reason": "POWER", "wanted": "exchange", "new_sku": "NO-SUCH"}],
            },
        ),
        422,
    )
    assert "no such thing to exchange for" in str(wrong)


def test_an_offer_is_made_answered_and_shown(cast: Cast) -> None:
    bought(cast)
    operator = caller(cast)
    rma = announced(caller(cast, organization=cast.retailer))
    unit = operator.post(f"/rmas/{rma['number']}/receive/", {"serial": "PF1ABCDE"}).json()["unit"]
    body = {"unit": unit, "kind": "reduction", "amount": "300.00", "words": "Its lid is dented."}
    problem(caller(cast, organization=cast.retailer).post(f"/rmas/{rma['id']}/offer/", body), 403)
    made = operator.post(f"/rmas/{rma['id']}/offer/", body)
    assert made.status_code == 201
    offer = made.json()["offers"][0]
    assert (offer["status"], offer["amount"]) == ("open", {"amount": "300.00", "currency": "EUR"})
    problem(operator.post(f"/rmas/{rma['id']}/offer/", body), 409)
    # Nobody answers an offer that they made.
    told = {"offer": offer["id"], "accept": True}
    problem(operator.post(f"/rmas/{rma['id']}/answer/", told), 409)
    gone = operator.post(f"/rmas/{rma['id']}/withdraw-offer/", {"offer": offer["id"], "reason": "Wrong sum."})
    assert gone.json()["offers"][0]["status"] == "withdrawn"
    problem(caller(cast, organization=cast.vega).get(f"/rmas/{rma['id']}/talks/"), 404)


def test_an_appeal_is_opened_and_needs_another_look_before_it_is_decided(cast: Cast) -> None:
    bought(cast)
    operator = caller(cast)
    rma = announced(caller(cast, organization=cast.retailer))
    unit = operator.post(f"/rmas/{rma['number']}/receive/", {"serial": "PF1ABCDE"}).json()["unit"]
    problem(operator.post(f"/rmas/{rma['id']}/appeal/", {"unit": unit}), 409)
    operator.post(f"/rmas/{rma['id']}/settle/", {"unit": unit, "outcome": "refuse", "why": "It is another one."})
    assert [one["status"] for one in operator.get(f"/rmas/{rma['id']}/talks/").json()["waits"]] == ["refused"]
    problem(caller(cast, organization=cast.retailer).post(f"/rmas/{rma['id']}/ask-back/", {"unit": unit}), 403)
    problem(operator.post(f"/rmas/{rma['id']}/agree/", {"unit": unit}), 409)
    assert operator.post(f"/rmas/{rma['id']}/ask-back/", {"unit": unit}).json()["waits"] == []
    problem(operator.post(f"/rmas/{rma['id']}/ask-back/", {"unit": unit}), 409)
    opened = operator.post(f"/rmas/{rma['id']}/appeal/", {"unit": unit, "words": "It is mine."})
    assert opened.status_code == 201
    appeal = opened.json()["appeals"][0]
    assert appeal["status"] == "open"
    body = {"appeal": appeal["id"], "changed": False, "why": "x"}
    assert "looked at it again" in str(problem(operator.post(f"/rmas/{rma['id']}/decide-appeal/", body), 409))


def test_a_deduction_is_agreed_to_once(cast: Cast) -> None:
    bought(cast)
    operator = caller(cast)
    rma = announced(caller(cast, organization=cast.retailer))
    unit = operator.post(f"/rmas/{rma['number']}/receive/", {"serial": "PF1ABCDE"}).json()["unit"]
    body = {"unit": unit, "outcome": "accept", "deduction": "20.00", "why": "A key is missing."}
    operator.post(f"/rmas/{rma['id']}/settle/", body)
    assert [one["unit"] for one in operator.get(f"/rmas/{rma['id']}/talks/").json()["waits"]] == [unit]
    problem(caller(cast, organization=cast.vega).post(f"/rmas/{rma['id']}/agree/", {"unit": unit}), 403)
    for _call in range(2):
        agreed = operator.post(f"/rmas/{rma['id']}/agree/", {"unit": unit})
        assert (agreed.status_code, agreed.json()["waits"]) == (200, [])
    problem(operator.post(f"/rmas/{rma['id']}/appeal/", {"unit": unit}), 409)
