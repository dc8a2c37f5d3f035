"""The pages of returns of businesses: announced by a table, counted, inspected, disputed, credited; a stranger sees nothing of it."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from returns.models import BoxCount, BusinessCase, Dispute, DisputeEnd, DisputeNote, LotUnit, Memo, Rma, RmaUnit
from returns.queries import inbox
from returns.services import letters
from returns.services.business import counting, disputes, memos
from returns.services.business.counting import Counted
from revlog.accounts.actors import system
from revlog.common import clock
from revlog.custody.services import reactions
from revlog.terms.models import OrderLine
from tests.cast import Cast
from tests.factories import business as make

TABLE = "sku;quantity;lot;reason\nTONER-1;10;L-100;STOCK_ROTATION\n"


def as_(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.user(name))
    return client


def told(**changes: str) -> dict[str, str]:
    return {"customer": "buyer", "seller": "retailer", "lines": TABLE, "act": "announce"} | changes


def bought(cast: Cast) -> None:
    make.order(cast, "B-1", at=clock.now())


def disputed(cast: Cast) -> tuple[Rma, Dispute]:
    bought(cast)
    now = clock.now()
    rma = make.rma(cast, make.told(quantity=40), at=now)
    make.inspected(cast, *make.counted(cast, rma, Counted(position=1, pieces=38), at=now), at=now)
    counting.complete(rma.business, by=cast.ines, at=now)
    return rma, Dispute.objects.get()


def test_a_customer_looks_lines_up_and_announces_them(cast: Cast) -> None:
    bought(cast)
    lola = as_(cast, "lola")

    page = lola.post("/returns/business/new/", told(act="preview")).content.decode()
    assert "What would be announced" in page
    assert "250,00" in page
    assert not BusinessCase.objects.exists()
    answer = lola.post("/returns/business/new/", told(reference="RA-1", boxes="2"))

    rma = Rma.objects.get()
    assert answer.headers["Location"] == f"/returns/business/{rma.number}/"
    assert (rma.origin, rma.business.boxes_announced) == ("portal", 2)
    assert "Toner, black" in lola.get(f"/returns/business/{rma.number}/").content.decode()
    assert rma.number in lola.get("/returns/business/?q=ra-1").content.decode()
    # Twice by the back button: one return.
    lola.post("/returns/business/new/", told(reference="RA-1", boxes="2"))
    assert Rma.objects.count() == 1


def test_a_file_with_mistakes_names_each_by_its_line_and_announces_nothing(cast: Cast) -> None:
    bought(cast)
    file = SimpleUploadedFile(
        "r.csv", b"sku;quantity;lot;reason\nTONER-1;99;L-100;GIFT\nTONER-1;1;X-1;GIFT\n;1;;GIFT\n"
    )
    sam = as_(cast, "sam")
    answer = sam.post("/returns/business/new/", told(act="announce") | {"file": file})
    assert answer.status_code == 422
    assert "Line 4: Name the SKU" in answer.content.decode()
    file = SimpleUploadedFile("r.csv", b"sku;quantity;lot;reason\nTONER-1;99;L-100;GIFT\nTONER-1;1;X-1;GIFT\n")
    page = sam.post("/returns/business/new/", told() | {"file": file}).content.decode()
    assert "Line 2: Of TONER-1 (L-100) only 40" in page
    assert "Line 3: Lot X-1 of TONER-1 was never sent" in page
    assert sam.post("/returns/business/new/", told(boxes="many")).status_code == 422
    assert sam.post("/returns/business/new/", told(customer="nobody", seller="nobody", lines="")).status_code == 422
    assert not BusinessCase.objects.exists()


def test_boxes_lines_and_conditions_go_in_by_the_pages(cast: Cast) -> None:
    bought(cast)
    rma = make.rma(cast, make.told(quantity=10), at=clock.now())
    ines, ravi = as_(cast, "ines"), as_(cast, "ravi")
    here = f"/returns/business/{rma.number}/"

    assert ines.post(f"{here}boxes", {"boxes": "x"}).status_code == 422
    for _twice in range(2):
        assert (
            ines.post(f"{here}boxes", {"boxes": "2", "damaged": "0", "hub": "rotterdam", "key": "k"}).status_code == 302
        )
    row = BoxCount.objects.get()
    assert ines.post(f"{here}complete").status_code == 409
    assert ines.post(f"{here}open", {"count": str(row.pk), "boxes": "2"}).status_code == 302
    assert ines.post(f"{here}open", {"count": "nonsense", "boxes": "2"}).status_code == 404
    assert "Toner, black" in ines.get(f"{here}count/").content.decode()
    wrong = ines.post(f"{here}count/", {"pieces-1": "6", "expires-1": "31.12.2026"})
    assert wrong.status_code == 422
    assert "is no date" in wrong.content.decode()
    sent = {"pieces-1": "6", "lot-1": "L-100", "x-line-1": "1", "x-pieces-1": "4", "x-lot-1": "X-9", "key": "c"}
    assert ines.post(f"{here}count/", sent).status_code == 302
    assert sorted(LotUnit.objects.values_list("lot", "unit__counted")) == [("L-100", 6), ("X-9", 4)]

    units = {unit.found.lot: unit for unit in RmaUnit.objects.select_related("found")}
    assert ravi.post(f"{here}inspect/", {f"good-{units['L-100'].pk}": "5"}).status_code == 422
    assert ravi.post(f"{here}inspect/", {f"damaged-{units['L-100'].pk}": "1", "act": "rest"}).status_code == 302
    assert sorted(LotUnit.objects.values_list("lot", "condition", "unit__counted")) == [
        ("L-100", "damaged", 1), ("L-100", "good", 5), ("X-9", "good", 4),
    ]  # fmt: skip
    page = ravi.get(here).content.decode()
    assert "Disputed" in page
    assert "another lot" in page
    assert "Nothing waits to be inspected" in ravi.get(f"{here}inspect/").content.decode()


def test_serial_numbers_are_scanned_into_one_field(cast: Cast) -> None:
    make.order(cast, "B-1", make.phones("SN-A1", "SN-A2"), at=clock.now())
    serial = {"sku": "PHONE-1", "lot": "", "quantity": 1}
    rma = make.rma(cast, *[make.told(n, **serial | {"serial": f"SN-A{n}"}) for n in (1, 2)], at=clock.now())  # type: ignore[arg-type]
    ines = as_(cast, "ines")
    wrong = ines.post(f"/returns/business/{rma.number}/count/", {"serials": "SN-A1 SN-X"})
    assert "SN-X was not announced" in wrong.content.decode()
    assert ines.post(f"/returns/business/{rma.number}/count/", {"serials": "SN-A1\nSN-A2"}).status_code == 302
    assert RmaUnit.objects.filter(status="received").count() == 2


def test_a_dispute_is_argued_with_a_photo_and_decided_by_somebody_else(cast: Cast) -> None:
    _rma, dispute = disputed(cast)
    lola, maria, ravi = as_(cast, "lola"), as_(cast, "maria"), as_(cast, "ravi")
    here = f"/returns/business/dispute/{dispute.pk}/"
    picture = BytesIO()
    Image.new("RGB", (60, 40), "red").save(picture, "JPEG")

    photo = SimpleUploadedFile("p.jpg", picture.getvalue(), "image/jpeg")
    assert lola.post(here, {"act": "answer", "text": "There were forty.", "photo": photo}).status_code == 302
    page = maria.get(here).content.decode()
    assert "There were forty." in page
    note = DisputeNote.objects.get()
    assert maria.get(f"/returns/business/evidence/{note.pk}.jpg").headers["Content-Type"] == "image/jpeg"
    assert lola.post(here, {"act": "decide", "end": "found", "reason": "x"}).status_code == 403
    assert ravi.post(here, {"act": "decide", "end": "found", "reason": "x"}).status_code == 403
    assert maria.post(here, {"act": "decide", "end": "nonsense", "reason": "x"}).status_code == 422
    assert maria.post(here, {"act": "decide", "end": "amount", "amount": "abc", "reason": "x"}).status_code == 422
    assert (
        maria.post(here, {"act": "decide", "end": "amount", "amount": "975", "reason": "half each"}).status_code == 302
    )
    dispute.refresh_from_db()
    assert dispute.amount == Decimal(975)
    assert "half each" in lola.get(here).content.decode()


def test_a_memo_is_proposed_approved_corrected_and_settled_by_the_pages(cast: Cast) -> None:
    rma, dispute = disputed(cast)
    disputes.decide(dispute, DisputeEnd.FOUND, reason="two short", by=cast.maria, at=clock.now())
    aisha, esra, lola = as_(cast, "aisha"), as_(cast, "esra"), as_(cast, "lola")

    assert aisha.post(f"/returns/business/{rma.number}/credit").status_code == 302
    assert aisha.post(f"/returns/business/{rma.number}/credit").status_code == 409
    memo = Memo.objects.get()
    here = f"/returns/business/memo/{memo.pk}/"
    assert lola.get(here).status_code == 404
    assert aisha.post(here, {"act": "approve"}).status_code == 403
    assert esra.post(here, {"act": "nonsense"}).status_code == 422
    assert esra.post(here, {"act": "approve"}).status_code == 302
    reactions.drain(at=clock.now(), queues=["documents"])
    memo.refresh_from_db()
    assert memo.document is not None
    assert memo.document.number in lola.get(here).content.decode()
    assert lola.get(f"/documents/{memo.document_id}/").headers["Content-Type"] == "application/pdf"
    sent = {"act": "debit", "line": "1", "quantity": "1", "amount": "25.00", "why": "one more was missing", "key": "k"}
    for _twice in range(2):
        assert aisha.post(here, sent).status_code == 302
    assert Memo.objects.count() == 2
    assert esra.post(here, {"act": "settle", "reference": "INV-12"}).status_code == 302
    assert "INV-12" in lola.get(here).content.decode()


def test_the_match_is_a_file_too_and_no_cell_of_it_is_a_formula(cast: Cast) -> None:
    rma, _dispute = disputed(cast)
    OrderLine.objects.update(description="=1+1")
    answer = as_(cast, "lola").get(f"/returns/business/{rma.number}/match.csv")
    rows = list(csv.DictReader(StringIO(answer.content.decode())))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{rma.number}-match.csv"'
    [row] = rows
    assert (row["announced"], row["received"], row["short"], row["good"], row["status"], row["differs"]) == (
        "40", "38", "2", "38", "disputed", "short",
    )  # fmt: skip
    assert row["description"] == "'=1+1"


def test_a_stranger_sees_nothing_of_it(cast: Cast) -> None:
    rma, dispute = disputed(cast)
    for name in ("vera", "alex"):
        stranger: Client = as_(cast, name)
        for path in (f"{rma.number}/", f"{rma.number}/match.csv", f"dispute/{dispute.pk}/"):
            assert stranger.get(f"/returns/business/{path}").status_code == 404
        assert rma.number not in stranger.get("/returns/business/").content.decode()
    assert as_(cast, "lola").get(f"/returns/business/{rma.number}/count/").status_code == 403
    assert Client().get(f"/returns/business/{rma.number}/").status_code in {302, 403}


def test_what_waits_for_a_person_is_in_the_inbox(cast: Cast) -> None:
    rma, dispute = disputed(cast)
    kinds = {row.kind: row for row in inbox.exceptions(system("test"))}
    assert kinds["line_disputed"].money_at_risk == Decimal("50.00")
    disputes.decide(dispute, DisputeEnd.FOUND, reason="two short", by=cast.maria, at=clock.now())
    memos.credit(rma.business, by=cast.aisha, at=clock.now())
    kinds = {row.kind: row for row in inbox.exceptions(system("test"))}
    assert "line_disputed" not in kinds
    assert kinds["memo_waiting"].money_at_risk == Decimal("950.00")


def test_boxes_that_nobody_opened_are_in_the_inbox(cast: Cast) -> None:
    bought(cast)
    rma = make.rma(cast, at=clock.now())
    make.boxes(cast, rma, 3, at=clock.now())
    assert "boxes_closed" in {row.kind for row in inbox.exceptions(system("test"))}


def test_a_page_of_many_lines_asks_no_more_than_one_of_few(cast: Cast) -> None:
    now = clock.now()
    counts = []
    for number, size in (("B-1", 2), ("B-2", 60)):
        rows = [make.toner(f"L-{n}", sku=f"{number}-{n}", price=Decimal("1.00")) for n in range(size)]
        make.order(cast, number, *rows, at=now)
        rma = make.rma(
            cast, *[make.told(n + 2, sku=f"{number}-{n}", lot=f"L-{n}", quantity=1) for n in range(size)], at=now
        )
        sam = as_(cast, "sam")
        sam.get(f"/returns/business/{rma.number}/")
        with CaptureQueriesContext(connection) as asked:
            assert sam.get(f"/returns/business/{rma.number}/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("show", ["", "open", "disputed", "matched", "nonsense"])
def test_tabs_narrow_the_table(cast: Cast, show: str) -> None:
    rma, _dispute = disputed(cast)
    page = as_(cast, "sam").get(f"/returns/business/{rma.number}/?show={show}&from=x").content.decode()
    assert ("Toner, black" in page) == (show in {"", "disputed", "nonsense"})


def test_the_return_itself_and_its_list_and_its_customers_page_show_it_too(cast: Cast) -> None:
    rma, _dispute = disputed(cast)
    sam = as_(cast, "sam")
    page = sam.get(f"/returns/{rma.number}/")
    assert page.status_code == 200
    assert f"/returns/business/{rma.number}/" in page.content.decode()
    assert "credit to their account" in page.content.decode()
    assert rma.number in sam.get("/returns/").content.decode()
    link = letters.link(rma, at=clock.now())
    guest = Client()
    guest.get(link.partition("8000")[2] or link)
    assert guest.get(f"/return/{rma.number}/").status_code == 200
