"""A customer's interchange becomes a return, once and whole; our answer goes back under a number of its own."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from returns.edi import rma180, x12
from returns.models import BusinessCase, EdiPartner, Interchange, Rma
from returns.services.business import edi
from returns.services.business.edi import UnableToSend, UnreadableInterchange
from returns.services.opening import UnableToOpen
from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.evidence.services import artifacts
from tests.cast import Cast
from tests.factories import business as make
from tests.returns.business.test_pages import as_
from tests.returns.business.test_x12 import SAMPLE


def partner(cast: Cast, at: datetime) -> EdiPartner:
    return edi.add_partner(
        customer=make.buyer(cast), seller=cast.retailer, qualifier="ZZ", identifier="IBERIA", own_qualifier="ZZ",
        own_identifier="POLDER", by=cast.maria, at=at,
    )  # fmt: skip


def bought(cast: Cast) -> None:
    make.order(cast, "B-1", make.toner(), make.phones("SN-A1", "SN-A2"))


def test_an_interchange_becomes_a_return_and_the_same_again_is_known(cast: Cast, at: datetime) -> None:
    partner(cast, at)
    bought(cast)

    first = edi.take_in(SAMPLE.encode(), by=cast.lola, at=at)
    again = edi.take_in(SAMPLE.encode(), by=cast.sam, at=at)

    [rma] = first.rmas
    assert (first.known, again.known, list(again.rmas)) == (False, True, [rma])
    case = BusinessCase.objects.get(rma=rma)
    assert (rma.origin, case.reference, case.po_number, case.boxes_announced) == ("edi", "RA-500", "PO-77", 3)
    assert list(rma.lines.values_list("business__lot", "quantity", "reason")) == [
        ("L-100", 12, "STOCK_ROTATION"), ("", 2, "DOA"),
    ]  # fmt: skip
    assert Entry.objects.get(chain_id=rma.pk, kind="returns.interchange_taken").payload["control"] == "000000007"
    assert artifacts.read(first.interchange.artifact) == SAMPLE.encode()
    # It was acknowledged once, under our own next number.
    sent = Interchange.objects.get(direction="out")
    assert (sent.answers, sent.control) == (first.interchange, "000000001")
    told = x12.read(artifacts.read(sent.artifact))
    assert (told.sender, told.receiver, told.groups[0].code) == ("POLDER", "IBERIA", "FA")
    [acknowledged] = told.groups[0].sets
    came = x12.read(SAMPLE.encode()).groups[0]
    assert acknowledged.code == "997"
    assert [(row.id, *row.elements) for row in acknowledged.segments] == [
        ("AK1", "AN", came.control), ("AK2", "180", came.sets[0].control), ("AK5", "A"), ("AK9", "A", "1", "1", "1"),
    ]  # fmt: skip
    other = SAMPLE.replace("*12*EA", "*11*EA")
    with pytest.raises(UnreadableInterchange, match="used for another interchange"):
        edi.take_in(other.encode(), by=cast.lola, at=at)


def test_nothing_of_an_interchange_is_taken_when_one_line_cannot_come_back(cast: Cast, at: datetime) -> None:
    partner(cast, at)
    bought(cast)
    with pytest.raises(UnableToOpen, match="RA-500: Line 8: Of TONER-1") as refusal:
        edi.take_in(SAMPLE.replace("*12*EA", "*99*EA").encode(), by=cast.lola, at=at)
    assert refusal.value.reasons[0].field == "segment 8, quantity"
    with pytest.raises(UnreadableInterchange, match="Segment 15"):
        edi.take_in(SAMPLE.replace("SE*13", "SE*12").encode(), by=cast.lola, at=at)
    assert not Rma.objects.exists()
    assert not Interchange.objects.exists()
    # What was refused may be mended and sent under the same number.
    assert edi.take_in(SAMPLE.encode(), by=cast.lola, at=at).rmas


def test_a_stranger_in_the_envelope_or_at_the_door_is_refused(cast: Cast, at: datetime) -> None:
    with pytest.raises(UnreadableInterchange, match="Nobody agreed"):
        edi.take_in(SAMPLE.encode(), by=cast.lola, at=at)
    partner(cast, at)
    with pytest.raises(NotAllowed):
        edi.take_in(SAMPLE.encode(), by=cast.vera, at=at)


def test_an_approved_return_is_answered_once_by_an_interchange_that_reads_back(cast: Cast, at: datetime) -> None:
    partner(cast, at)
    bought(cast)
    [rma] = edi.take_in(SAMPLE.encode(), by=cast.lola, at=at).rmas
    case = BusinessCase.objects.get(rma=rma)

    sent = edi.authorize(case, by=cast.sam, at=at)

    assert edi.authorize(case, by=cast.sam, at=at) == sent
    told = x12.read(artifacts.read(sent.artifact))
    assert (told.sender, told.receiver, told.control, told.groups[0].code) == ("POLDER", "IBERIA", "000000002", "AN")
    answer = rma180.read(told.groups[0].sets[0], rma180.Mapping())
    assert answer.reference == "RA-500"
    assert [(line.sku, line.quantity, line.lot, line.serials) for line in answer.lines] == [
        ("TONER-1", 12, "L-100", ()), ("PHONE-1", 2, "", ("SN-A1", "SN-A2")),
    ]  # fmt: skip
    assert any(row.id == "N9" and row.elements == ("RZ", rma.number) for row in told.groups[0].sets[0].segments)
    other = make.rma(cast, make.told(quantity=1), reference="RA-501")
    assert edi.authorize(other.business, by=cast.sam, at=at).control == "000000003"


def test_without_an_agreement_or_approval_nothing_is_answered(cast: Cast, at: datetime) -> None:
    make.order(cast, "B-1", make.toner(quantity=1000))
    rma = make.rma(cast, make.told(quantity=900))
    with pytest.raises(UnableToSend) as refusal:
        edi.authorize(rma.business, by=cast.sam, at=at)
    assert [reason.code for reason in refusal.value.reasons] == ["not_approved", "no_partner"]
    with pytest.raises(NotAllowed):
        edi.authorize(rma.business, by=cast.ines, at=at)


def test_an_agreement_is_made_by_who_may_and_says_who_is_who(cast: Cast, at: datetime) -> None:
    made = partner(cast, at)
    with pytest.raises(BadInput, match="Somebody else"):
        partner(cast, at)
    told = {
        "customer": make.buyer(cast),
        "seller": cast.retailer,
        "own_qualifier": "ZZ",
        "own_identifier": "X",
        "at": at,
    }
    with pytest.raises(BadInput, match="1 to 2"):
        edi.add_partner(qualifier="ZZZ", identifier="A", by=cast.maria, **told)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="no nothing"):
        edi.add_partner(qualifier="ZZ", identifier="A", mapping={"nothing": "x"}, by=cast.maria, **told)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        edi.add_partner(qualifier="ZZ", identifier="A", by=cast.lola, **told)  # type: ignore[arg-type]
    assert EdiPartner.objects.get() == made


def test_an_interchange_is_uploaded_and_answered_by_the_pages(cast: Cast) -> None:
    now = clock.now()
    make.order(cast, "B-1", make.toner(), make.phones("SN-A1", "SN-A2"), at=now)
    maria, lola, vera = as_(cast, "maria"), as_(cast, "lola"), as_(cast, "vera")
    agreed = {
        "act": "partner", "customer": "buyer", "seller": "retailer", "qualifier": "ZZ", "identifier": "IBERIA", "own_qualifier": "ZZ",
        "own_identifier": "POLDER",
    }  # fmt: skip
    assert maria.post("/returns/business/edi/", agreed | {"mapping": "[]"}).status_code == 422
    assert maria.post("/returns/business/edi/", agreed | {"mapping": '{"lot": "LT"}'}).status_code == 302
    assert lola.post("/returns/business/edi/", agreed | {"identifier": "OTHER"}).status_code == 403

    def sent() -> dict[str, object]:
        return {"act": "take", "file": SimpleUploadedFile("a.edi", SAMPLE.encode())}

    assert lola.post("/returns/business/edi/", {"act": "take"}).status_code == 422
    broken = SimpleUploadedFile("a.edi", SAMPLE.replace("SE*13", "SE*12").encode())
    assert "Segment 15" in lola.post("/returns/business/edi/", {"act": "take", "file": broken}).content.decode()
    assert lola.post("/returns/business/edi/", sent()).status_code == 302
    assert lola.post("/returns/business/edi/", sent()).status_code == 302
    rma = Rma.objects.get()
    assert maria.post(f"/returns/business/{rma.number}/authorize").status_code == 302
    out = Interchange.objects.get(direction="out", answers=None)
    answer = lola.get(f"/returns/business/edi/{out.pk}/")
    assert answer.headers["Content-Type"].startswith("application/edi-x12")
    assert rma.number.encode() in answer.content
    assert vera.get(f"/returns/business/edi/{out.pk}/").status_code == 404
    listed = lola.get("/returns/business/edi/").content.decode()
    assert out.control in listed
    assert "Acknowledges 000000007 (997)" in listed
