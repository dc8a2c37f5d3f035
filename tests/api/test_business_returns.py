"""Returns of businesses over the API: announced as JSON, CSV or X12, read as a match, seen by those whose they are."""

from __future__ import annotations

from returns.models import BusinessCase, Rma
from returns.services.business import partners
from revlog.common import clock
from revlog.terms.models import Order
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.factories import business as make
from tests.returns.business.test_x12 import SAMPLE

PATH = "/business-returns/"


def bought(cast: Cast) -> Order:
    return make.order(cast, "B-1", make.toner(), make.phones("SN-A1", "SN-A2"), at=clock.now())


def body(**changes: object) -> dict[str, object]:
    line = {"sku": "TONER-1", "lot": "L-100", "quantity": 12, "reason": "STOCK_ROTATION"}
    return {"customer": "buyer", "seller": "retailer", "reference": "RA-1", "lines": [line]} | changes


def test_a_return_is_looked_up_announced_and_read_as_a_match(cast: Cast) -> None:
    bought(cast)
    them = caller(cast, "rmas:read", "rmas:write")

    preview = them.post(PATH, body(preview=True))
    assert (preview.status_code, preview.json()["amount"]["amount"], preview.json()["approvals"]) == (200, "300.00", 0)
    assert not Rma.objects.exists()
    made = them.post(PATH, body(boxes=2))
    assert made.status_code == 201, made.content
    again = them.post(PATH, body(boxes=2))
    assert again.json()["number"] == made.json()["number"]

    told = them.get(f"{PATH}{made.json()['number']}/").json()
    assert (told["status"], told["customer"], told["boxes_announced"], told["memos"]) == ("approved", "buyer", 2, [])
    [line] = told["lines"]
    assert (line["announced"], line["received"], line["match"], line["to_credit"]) == (12, 0, "open", None)
    assert line["lots"][0]["lot"] == "L-100"
    assert [one["number"] for one in them.get(PATH).json()["results"]] == [told["number"]]


def test_mistakes_are_named_by_their_line_and_nothing_is_announced(cast: Cast) -> None:
    bought(cast)
    them = caller(cast, "rmas:write")
    lines = [
        {"sku": "TONER-1", "lot": "X-1", "reason": "GIFT"},
        {"sku": "NOTHING", "reason": "GIFT"},
    ]
    told = problem(them.post(PATH, body(lines=lines)), 422)
    assert "Line 1: Lot X-1" in str(told)
    assert "Line 2: We never delivered NOTHING" in str(told)
    problem(them.post(PATH, body(customer="nobody")), 422)
    problem(them.post(PATH, raw=b"sku;reason\nA;NOPE\n", form="text/csv"), 422)
    assert not BusinessCase.objects.exists()


def test_a_customer_announces_by_csv_with_a_key_of_its_own_and_a_stranger_sees_nothing(cast: Cast) -> None:
    bought(cast)
    them = caller(cast, "rmas:read", "rmas:write", organization=make.buyer(cast))
    file = b"sku;quantity;lot;reason\nTONER-1;5;L-100;STOCK_ROTATION\n"
    made = them.post(f"{PATH}?seller=retailer&po_number=PO-77", raw=file, form="text/csv")
    assert made.status_code == 201, made.content
    stranger = caller(cast, "rmas:read", "rmas:write", organization=cast.vega)
    problem(stranger.get(f"{PATH}{made.json()['number']}/"), 404)
    assert stranger.get(PATH).json()["results"] == []
    problem(stranger.post(PATH, body()), 403)


def test_an_interchange_is_taken_and_answered(cast: Cast) -> None:
    bought(cast)
    partners.add_partner(
        customer=make.buyer(cast), seller=cast.retailer, qualifier="ZZ", identifier="IBERIA", own_qualifier="ZZ",
        own_identifier="POLDER", by=cast.maria, at=clock.now(),
    )  # fmt: skip
    them = caller(cast, "rmas:write")
    form = "application/edi-x12"
    broken = problem(them.post(f"{PATH}edi/", raw=SAMPLE.replace("GE*1", "GE*2").encode(), form=form), 422)
    assert "Segment 16" in str(broken)
    problem(them.post(f"{PATH}edi/", {}), 422)
    first = them.post(f"{PATH}edi/", raw=SAMPLE.encode(), form=form).json()
    again = them.post(f"{PATH}edi/", raw=SAMPLE.encode(), form=form).json()
    assert (first["known"], again["known"], first["returns"]) == (False, True, again["returns"])
    answer = them.post(f"{PATH}{first['returns'][0]}/authorize/").json()
    assert first["returns"][0] in answer["interchange"]
    assert them.post(f"{PATH}{first['returns'][0]}/authorize/").json() == answer
