"""The pages of vendors: what the desk does there, what a supplier sees of it, and what a stranger doesn't."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from returns.models import CorrectiveAction, Unsold, VendorReturn
from returns.queries import vendors as queries
from returns.services import supplier_claims
from returns.services.vendors import actions, returning, unsold
from returns.services.vendors.actions import UnableToAct
from revlog.common import clock
from revlog.common.errors import BadInput
from revlog.devices.models import Device
from revlog.terms.models import Agreement, Purchase
from tests.cast import Cast
from tests.factories import vendors as make

AGREED = {
    "allowed": "1", "quota_of": "pieces", "quota": "50", "quota_period": "year", "window_since": "receipt", "carriage_paid_by": "us",
}  # fmt: skip


def signed_in(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.user(name))
    return client


def text(answer: object) -> str:
    return " ".join(answer.content.decode().split())  # type: ignore[attr-defined]


def test_the_desk_sends_unsold_goods_to_their_vendor_by_pages_alone(cast: Cast, client: Client) -> None:
    at = clock.now()
    desk = signed_in(cast, "maria")
    lot = make.stock(cast, at=at)
    assert desk.post("/vendors/supplier/agreement/", AGREED | {"credit_percent": "90"}).status_code == 302
    wrong = desk.post("/vendors/supplier/agreement/", AGREED | {"credit_percent": "130"})
    assert (wrong.status_code, "a percentage from 0 to 100" in text(wrong)) == (422, True)
    assert desk.post("/vendors/supplier/agreement/", AGREED | {"credit_percent": "80"}).status_code == 302
    assert Agreement.objects.count() == 2
    page = text(desk.get("/vendors/supplier/agreement/"))
    assert "Version 2 holds today" in page
    assert "Credit in percent of the purchase price" in page

    assert desk.post("/vendors/unsold/look").status_code == 302
    row = Unsold.objects.get()
    listed = text(desk.get("/vendors/unsold/?class=overstock"))
    assert lot.tag in listed
    assert "Return to the vendor" in listed
    assert "Sell-through" in text(desk.get(f"/vendors/unsold/{row.pk}/"))
    previewed = text(desk.post("/vendors/unsold/", {"all": "1", "filter": "class=overstock", "act": "vendor"}))
    assert "Send 1 on" in previewed
    assert desk.post("/vendors/unsold/send", {"act": "vendor", "unit": str(row.pk)}).status_code == 302

    assert lot.tag in text(desk.get("/vendors/returns/new/?supplier=supplier"))
    told = {"supplier": "supplier", "hub": "rotterdam", "unit": [lot.tag], f"pieces-{lot.tag}": "15"}
    made = desk.post("/vendors/returns/new/", told)
    rtv = VendorReturn.objects.get()
    url = f"/vendors/returns/{rtv.number}/"
    assert made["Location"] == url
    early = desk.post(f"{url}act", {"act": "ship"})
    assert (early.status_code, "is being prepared" in text(early)) == (409, True)
    assert desk.post(f"{url}act", {"act": "ask"}).status_code == 302

    _answered(cast, rtv, url)

    assert desk.post(f"{url}act", {"act": "pack", "parcels": "1"}).status_code == 302
    assert desk.post(f"{url}act", {"act": "ship"}).status_code == 302
    nils = signed_in(cast, "nils")
    assert nils.post(f"{url}act", {"act": "credit", "number": "CN-1", "amount": "30,00"}).status_code == 302
    assert desk.post(f"{url}act", {"act": "close"}).status_code == 302
    closed = text(desk.get(url))
    assert "Closed: 30.00 EUR credited, 7.50 written off." in closed
    assert Device.objects.get(pk=lot.pk).quantity == 25


def _answered(cast: Cast, rtv: VendorReturn, url: str) -> None:
    """The supplier answers on the same page; somebody of another company finds nothing there."""
    nils = signed_in(cast, "nils")
    assert nils.get("/vendors/")["Location"] == "/vendors/supplier/"
    assert rtv.number in text(nils.get("/vendors/supplier/"))
    shown = text(nils.get(url))
    assert "Your answer" in shown
    assert "The goods cost" not in shown
    assert "Henrik" not in shown
    assert "Maria" not in shown
    assert nils.post(f"{url}act", {"act": "cancel", "why": "x"}).status_code == 403
    assert nils.post(f"{url}act", {"act": "authorize", "theirs": "N-7", "until": "tomorrow"}).status_code == 422
    assert "Say why not all" in text(nils.post(f"{url}act", {"act": "take_part", "theirs": "N-7", "credit-1": "1"}))
    assert nils.post(f"{url}act", {"act": "authorize", "theirs": "N-7"}).status_code == 302
    other = make.other()
    stranger = signed_in(cast, "nils")
    VendorReturn.objects.update(supplier=other)
    assert stranger.get(url).status_code == 404
    assert stranger.post(f"{url}act", {"act": "refuse", "why": "x"}).status_code == 404
    assert stranger.get("/vendors/lenovo-service/").status_code == 404
    assert stranger.get("/vendors/lenovo-service/agreement/").status_code == 404
    assert stranger.get("/vendors/unsold/").status_code == 403
    assert signed_in(cast, "vera").get(url).status_code == 403
    VendorReturn.objects.update(supplier=make.norden())


def test_a_file_of_purchases_is_taken_on_the_page_of_suppliers(cast: Cast) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    lot = make.stock(cast, price=None)
    desk = signed_in(cast, "henrik")
    sent = f"tag,supplier,order,bought_on,price\n{lot.tag},supplier,PO-1,2026-05-02,2.40\n".encode()
    assert desk.post("/vendors/purchases", {"file": SimpleUploadedFile("p.csv", sent)}).status_code == 302
    assert Purchase.objects.get().price == Decimal("2.40")
    assert "1 purchase noted" in text(desk.get("/vendors/"))
    assert signed_in(cast, "ines").post("/vendors/purchases").status_code == 403
    # However many suppliers have an agreement, their quotas are asked for at once, and each reads its own.
    make.agreed(cast, quota_of="percent", quota="50", quota_period="year")
    make.agreed(cast, make.other(), quota_of="pieces", quota="7", quota_period="year")
    with CaptureQueriesContext(connection) as asked:
        page = text(desk.get("/vendors/"))
    assert sum('FROM "terms_purchase"' in one["sql"] for one in asked.captured_queries) == 1
    assert sum('FROM "terms_agreement"' in one["sql"] for one in asked.captured_queries) == 1
    assert sum('FROM "returns_vendorreturnline"' in one["sql"] for one in asked.captured_queries) == 1
    assert "0 of 7 pieces" in page
    bought = Purchase.objects.get()
    left = queries.quotas_of([make.norden(), make.other()], at=make.AT)
    assert left[make.norden().pk][1].limit == bought.price * bought.quantity / 2


def test_a_corrective_action_is_verified_by_somebody_else(cast: Cast, at: datetime) -> None:
    desk, other = signed_in(cast, "henrik"), signed_in(cast, "maria")
    answer = desk.post(
        "/vendors/supplier/action", {"problem": "Plugs break", "owner": "Quality, Norden", "due_on": "2099-01-31"}
    )
    row = CorrectiveAction.objects.get()
    url = f"/vendors/actions/{row.number}/"
    assert answer["Location"] == url
    assert "whose task" in text(
        desk.post("/vendors/supplier/action", {"problem": "x", "owner": "", "due_on": "2099-01-31"})
    )
    assert "cause and the action down first" in text(desk.post(f"{url}act", {"act": "done"}))
    assert desk.post(f"{url}act", {"act": "write", "cause": "Thin wall", "action": "New mould"}).status_code == 302
    assert [one.kind for one in queries.exceptions(cast.henrik, at=at)] == ["exception.action_due"]
    assert desk.post(f"{url}act", {"act": "done"}).status_code == 302
    with pytest.raises(UnableToAct, match="called done"):
        actions.verify(row, effective=True, proof="x", by=cast.henrik, at=at)
    assert "called done" in text(desk.get(url)).lower()
    assert other.post(f"{url}act", {"act": "not_effective", "proof": "Two more broke"}).status_code == 302
    actions.done(row, by=cast.henrik, at=at)
    assert other.post(f"{url}act", {"act": "effective", "proof": "None of 400 broke"}).status_code == 302
    assert CorrectiveAction.objects.get().status == "effective"
    shown = signed_in(cast, "nils").get(url)
    assert shown.status_code == 200
    assert "Maria" not in text(shown)
    assert queries.exceptions(cast.henrik, at=at) == []
    with pytest.raises(BadInput, match="isn't in the past"):
        actions.open_action(make.norden(), problem="x", owner="y", due_on=date(2020, 1, 1), by=cast.henrik, at=at)


def test_a_corrective_action_is_dropped_with_its_reason(cast: Cast, at: datetime) -> None:
    row = actions.open_action(
        make.norden(), problem="Plugs break", owner="Quality", due_on=date(2099, 1, 31), by=cast.henrik, at=at
    )
    desk, url = signed_in(cast, "henrik"), f"/vendors/actions/{row.number}/"
    assert "Say why it is dropped" in text(desk.post(f"{url}act", {"act": "drop", "why": " "}))
    assert desk.post(f"{url}act", {"act": "drop", "why": "The model is not made any more."}).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.dropped_why) == ("dropped", "The model is not made any more.")
    page = text(desk.get(url))
    assert "Dropped: The model is not made any more." in page
    assert 'value="drop"' not in page
    with pytest.raises(UnableToAct, match="is dropped"):
        actions.drop(row, why="Twice.", by=cast.henrik, at=at)
    with pytest.raises(UnableToAct, match="is dropped"):
        actions.write(row, parts={"cause": "x"}, by=cast.henrik, at=at)
    assert signed_in(cast, "nils").post(f"{url}act", {"act": "drop", "why": "x"}).status_code == 403
    assert queries.exceptions(cast.henrik, at=at) == []


def test_a_supplier_s_defects_are_counted_by_model_with_their_evidence(cast: Cast, at: datetime) -> None:
    lot = make.stock(cast, lot="L-9")
    claim = supplier_claims.draft(
        lot, supplier=make.norden(), asks="credit", defect="Plugs break", amount=Decimal(20), by=cast.henrik, at=at
    )
    [found] = queries.defects_of(make.norden())
    assert (found.product, found.lot, found.claims, found.evidence[0][0]) == (
        "Norden USB-C cable",
        "L-9",
        1,
        claim.number,
    )
    desk = signed_in(cast, "henrik")
    assert claim.number in text(desk.get("/vendors/supplier/"))
    life = {"product": str(lot.product_id), "season_ends_on": "2026-09-30"}
    assert desk.post("/vendors/supplier/lifecycle", life).status_code == 302
    assert desk.post("/vendors/supplier/lifecycle", life | {"product": ""}).status_code == 422
    assert desk.post("/vendors/supplier/lifecycle", life | {"season_ends_on": "soon"}).status_code == 422
    assert "Season until" in text(desk.get("/vendors/supplier/"))
    hidden = text(signed_in(cast, "nils").get("/vendors/supplier/"))
    assert claim.number not in hidden
    supplier_claims.send(claim, by=cast.henrik, at=at)
    assert claim.number in text(signed_in(cast, "nils").get("/vendors/supplier/"))
    unsold.sweep(at=at)
    assert returning.reason_of(lot) == "defective"
