"""Support cases over the API: opened, noted, closed, and to whom they are there."""

from __future__ import annotations

from typing import Any

from returns.models import SupportCase
from revlog.accounts.models import Organization
from revlog.common import clock
from revlog.custody.models import Entry
from tests.api.callers import Caller, caller, problem
from tests.cast import Cast
from tests.factories import desk as desks
from tests.factories import returns, terms


def opened(them: Caller, **more: object) -> dict[str, Any]:
    answer = them.post(
        "/cases/", {"order": "PS-1001", "order_line": 1, "channel": "chat", "note": "It stays dark."} | more
    )
    assert answer.status_code == 201, answer.content
    told: dict[str, Any] = answer.json()
    return told


def test_it_is_opened_noted_and_closed(cast: Cast) -> None:
    terms.order(cast, "PS-1001", desks.phone_line(), at=clock.now())
    them = caller(cast, organization=Organization.objects.get(code="provider"))

    case = opened(them)
    assert (case["seller"], case["desk"], case["order"], case["order_line"], case["result"], case["cost"]) == (
        "retailer", "provider", "PS-1001", 1, "", None,
    )  # fmt: skip
    assert [note["text"] for note in case["notes"]] == ["It stays dark."]
    assert them.post(f"/cases/{case['number']}/note/", {"text": "It works."}).status_code == 201
    problem(them.post(f"/cases/{case['id']}/close/", {"result": "information", "minutes": 9}), 409)
    done = them.post(f"/cases/{case['id']}/close/", {"result": "fixed", "minutes": 10, "why": "By our own clock."})

    assert done.status_code == 200, done.content
    assert (done.json()["minutes"], done.json()["cost"]) == (10, {"amount": "5.00", "currency": "EUR"})
    assert len(done.json()["notes"]) == 2
    assert Entry.objects.filter(kind="returns.fixed_without_return").count() == 1
    assert (
        them.post(f"/cases/{case['id']}/close/", {"result": "fixed", "minutes": 10, "why": "Again."}).status_code == 200
    )
    problem(them.post(f"/cases/{case['id']}/note/", {"text": "More"}), 409)


def test_it_is_there_for_those_who_serve_the_seller_and_for_nobody_else(cast: Cast) -> None:
    now = clock.now()
    terms.order(cast, "PS-1001", desks.phone_line(), at=now)
    vegas = desks.case(
        cast, terms.order(cast, "VG-1", desks.phone_line(serials=("PXV1",)), seller=cast.vega, at=now), at=now
    )
    case = opened(caller(cast, organization=cast.retailer))

    provider = caller(cast, organization=Organization.objects.get(code="provider"))
    assert [row["number"] for row in provider.get("/cases/").json()["results"]] == [case["number"]]
    assert {row["number"] for row in caller(cast).get("/cases/").json()["results"]} == {case["number"], vegas.number}
    problem(provider.get(f"/cases/{vegas.pk}/"), 404)
    problem(provider.post(f"/cases/{vegas.pk}/close/", {"result": "information"}), 404)
    problem(provider.post(f"/cases/{vegas.pk}/note/", {"text": "Hello"}), 404)
    problem(provider.post("/cases/", {"order": "VG-1", "channel": "call"}), 422)
    problem(caller(cast, "rmas:read").get("/cases/"), 403)
    reader = caller(cast, "cases:read")
    assert reader.get(f"/cases/{case['number']}/").status_code == 200
    problem(reader.post(f"/cases/{case['number']}/note/", {"text": "Hello"}), 403)


def test_it_says_what_is_wrong(cast: Cast) -> None:
    rma = returns.rma(cast, order=terms.order(cast, "PS-1001", desks.phone_line(), at=clock.now()), at=clock.now())
    them = caller(cast)

    problem(them.post("/cases/", {"channel": "call"}), 422)
    problem(them.post("/cases/", {"order": "PS-1001", "channel": "pigeon"}), 422)
    problem(them.post("/cases/", {"order": "PS-1001", "order_line": 7, "channel": "call"}), 422)
    problem(them.post("/cases/", {"order": "PS-9", "channel": "call"}), 422)
    problem(them.post("/cases/", {"rma": "RMA-0000-0000", "channel": "call"}), 422)
    assert not SupportCase.objects.exists()
    case = them.post("/cases/", {"rma": rma.number, "channel": "call"}).json()
    assert case["rma"] == rma.number
    assert Entry.objects.get(chain_id=case["id"], kind="returns.case_opened").payload["rma"] == str(rma.pk)
    assert them.get("/cases/?open=true").json()["results"][0]["number"] == case["number"]
    assert them.get("/cases/?open=false").json()["results"] == []
    problem(them.get("/cases/nothing/"), 404)
