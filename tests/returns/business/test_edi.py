"""A customer's interchange becomes a return, once and whole; our answer goes back under a number of its own."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from returns.edi import rma180, x12
from returns.models import BusinessCase, EdiPartner, Interchange, Rma
from returns.services.business import edi, partners
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
    return partners.add_partner(
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
    assert not Rma.objects.exists()
    assert not Interchange.objects.exists()
    # What was refused may be mended and sent under the same number.
    assert edi.take_in(SAMPLE.encode(), by=cast.lola, at=at).rmas


def answered(came: Interchange) -> list[tuple[str, ...]]:
    told = x12.read(artifacts.read(came.acknowledgment.artifact))
    sets = [one for group in told.groups for one in group.sets]
    return [(row.id, *row.elements) for one in (told.notices, *(one.segments for one in sets)) for row in one]


def test_each_set_is_accepted_noted_or_rejected_by_itself_with_what_is_wrong_in_it(cast: Cast, at: datetime) -> None:
    partner(cast, at)
    bought(cast)
    body = SAMPLE.partition("ST*180*0001~\n")[2].partition("SE*13*0001~\n")[0]
    noted = body.replace("DTM*036*20270630", "DTM*036*20271331").replace("*12*EA", "*5*EA").replace("RA-500", "RA-501")
    noted = noted.split("BLI*VN*PHONE")[0]
    wrong = body.replace("RDR*RA*DR", "RDR*RA*XX").replace("RA-500", "RA-502").replace("*12*EA", "*x*EA")
    sets = (
        f"ST*180*0001~\n{body}SE*13*0001~\nST*180*0002~\n{noted}SE*9*0002~\nST*180*0003~\n{wrong}SE*12*0003~\n"
        "ST*850*0004~\nBEG*00~\nSE*3*0004~\n"
    )
    head, tail = SAMPLE.partition("ST*180")[0], "GE*4*7~\nIEA*1*000000007~\n"

    done = edi.take_in((head + sets + tail).encode(), by=cast.lola, at=at)

    assert [rma.business.reference for rma in done.rmas] == ["RA-500", "RA-501"]
    assert done.interchange.verdict == "P"
    assert len(done.problems) == 5
    # A day of expiry can be done without: the line is taken, by that of what was sold.
    assert done.rmas[1].lines.get().business.expires_on == date(2027, 6, 30)
    assert answered(done.interchange) == [
        ("AK1", "AN", "7"),
        ("AK2", "180", "0001"), ("AK5", "A"),
        ("AK2", "180", "0002"), ("AK3", "DTM", "8", "", "8"), ("AK4", "2", "", "8", "20271331"), ("AK5", "E"),
        ("AK2", "180", "0003"), ("AK3", "BLI", "6", "", "8"), ("AK4", "3", "", "6", "x"),
        ("AK3", "RDR", "12", "", "8"), ("AK4", "2", "", "7", "XX"), ("AK5", "R", "4", "5"),
        ("AK2", "850", "0004"), ("AK5", "R", "1"),
        ("AK9", "P", "4", "4", "2"),
    ]  # fmt: skip


def test_what_cannot_be_read_at_all_is_kept_and_answered_once_and_may_be_mended(cast: Cast, at: datetime) -> None:
    partner(cast, at)
    bought(cast)
    rejected, torn = SAMPLE.replace("SE*13", "SE*12").encode(), SAMPLE.replace("IEA*1", "IEA*2").encode()
    for _twice in range(2):
        with pytest.raises(UnreadableInterchange, match="Segment 15"):
            edi.take_in(rejected, by=cast.lola, at=at)
        with pytest.raises(UnreadableInterchange, match="Segment 17"):
            edi.take_in(torn, by=cast.lola, at=at)
    assert not Rma.objects.exists()
    first, second = Interchange.objects.filter(direction="in").order_by("acknowledgment__control")
    assert answered(first) == [
        ("AK1", "AN", "7"), ("AK2", "180", "0001"), ("AK5", "R", "4"), ("AK9", "R", "1", "1", "0"),
    ]  # fmt: skip
    assert answered(second) == [("TA1", "000000007", "261102", "0930", "R", "021")]
    with pytest.raises(UnreadableInterchange):
        edi.take_in(b"ISA*half", by=cast.lola, at=at)
    with pytest.raises(UnreadableInterchange):
        edi.take_in(torn.replace(b"IBERIA ", b"NOBODY "), by=cast.lola, at=at)
    assert Interchange.objects.count() == 4
    # What was rejected may be mended and sent under the same number.
    assert edi.take_in(SAMPLE.encode(), by=cast.lola, at=at).rmas


def test_what_a_partner_says_of_ours_is_written_to_it_once(cast: Cast, at: datetime) -> None:
    partner(cast, at)
    bought(cast)
    [rma] = edi.take_in(SAMPLE.encode(), by=cast.lola, at=at).rmas
    sent = edi.authorize(rma.business, by=cast.sam, at=at)
    head = SAMPLE.partition("GS*")[0].replace("000000007", "000000008")
    theirs = (
        f"{head}TA1*000000999*261102*0930*R*001~\nGS*FA*IBERIA*POLDER*20261102*0930*8*X*004010~\nST*997*0001~\n"
        f"AK1*AN*{int(sent.control)}~\nAK2*180*0001~\nAK3*BLI*6**8~\nAK4*2**7*TONER-1~\nAK5*R*5~\nAK9*R*1*1*0~\nSE*8*0001~\n"
        "GE*1*8~\nIEA*1*000000008~\n"
    )

    done = edi.take_in(theirs.encode(), by=cast.lola, at=at)

    sent.refresh_from_db()
    assert (list(done.rmas), done.interchange.verdict) == ([], "A")
    assert (sent.verdict, sent.answered_at) == ("R", at)
    assert sent.problems == ["AK3*BLI*6**8", "AK4*2**7*TONER-1", "AK5*R*5"]
    assert Entry.objects.get(chain_id=rma.pk, kind="returns.interchange_answered").payload["verdict"] == "edi.R"
    # An acknowledgment isn't acknowledged, or the two would never end.
    assert Interchange.objects.filter(direction="out").count() == 2
    page = as_(cast, "lola").get("/returns/business/edi/").content.decode()
    assert "AK3*BLI*6**8" in page


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
        partners.add_partner(qualifier="ZZZ", identifier="A", by=cast.maria, **told)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="no nothing"):
        partners.add_partner(qualifier="ZZ", identifier="A", mapping={"nothing": "x"}, by=cast.maria, **told)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        partners.add_partner(qualifier="ZZ", identifier="A", by=cast.lola, **told)  # type: ignore[arg-type]
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
    assert "Acknowledges 000000007" in listed
