"""X12 is read by its own separators, counts and control numbers; garbage is told what it is, and nothing else is ever raised."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from returns.edi import rma180, x12
from returns.edi.rma180 import Authorization, Line, Mapping
from returns.edi.x12 import Group, Interchange, Segment, Separators, TransactionSet, X12Error

SAMPLE = (
    "ISA*00*          *00*          *ZZ*IBERIA         *ZZ*POLDER         *261102*0930*U*00401*000000007*0*P*>~\n"
    "GS*AN*IBERIA*POLDER*20261102*0930*7*X*004010~\n"
    "ST*180*0001~\n"
    "BGN*00*RA-500*20261102~\n"
    "RDR*RA*SR~\n"
    "PRF*PO-77~\n"
    "TD1*CTN25*3~\n"
    "BLI*VN*TONER-1*12*EA*25.00~\n"
    "N9*LT*L-100~\n"
    "DTM*036*20270630~\n"
    "BLI*VN*PHONE-1*2*EA~\n"
    "N9*SE*SN-A1~\n"
    "N9*SE*SN-A2~\n"
    "RDR*RA*DR~\n"
    "SE*13*0001~\n"
    "GE*1*7~\n"
    "IEA*1*000000007~\n"
)


def test_a_request_is_read_with_its_papers_and_lines() -> None:
    told = x12.read(SAMPLE.encode())
    assert (told.sender, told.receiver, told.control, told.separators) == (
        "IBERIA",
        "POLDER",
        "000000007",
        Separators(),
    )
    request = rma180.read(told.groups[0].sets[0], Mapping())
    assert (request.reference, request.po, request.boxes) == ("RA-500", "PO-77", 3)
    assert request.lines == (
        Line(
            segment=8, sku="TONER-1", quantity=12, reason="STOCK_ROTATION", price=Decimal("25.00"), lot="L-100",
            expires_on=date(2027, 6, 30),
        ),
        Line(segment=11, sku="PHONE-1", quantity=2, reason="DOA", serials=("SN-A1", "SN-A2")),
    )  # fmt: skip


def test_separators_are_those_of_the_isa() -> None:
    other = SAMPLE.replace("*", "|").replace(">", ":").replace("~\n", "'")
    assert x12.read(other.encode()).groups == x12.read(SAMPLE.encode()).groups


@pytest.mark.parametrize(
    ("old", "new", "segment", "sentence"),
    [
        ("SE*13*0001", "SE*12*0001", 15, "It says 12, but there are 13 segments"),
        ("SE*13*0001", "SE*13*0002", 15, "Its control number is 0002"),
        ("GE*1*7", "GE*2*7", 16, "there are 1 transaction sets"),
        ("GE*1*7", "GE*1*8", 16, "that of the group is 7"),
        ("IEA*1*000000007", "IEA*1*000000008", 17, "that of the interchange is 000000007"),
        ("IEA*1*000000007~\n", "", 16, "isn't ended by an IEA"),
        ("GE*1*7~\n", "", 2, "isn't ended by a GE"),
        ("SE*13*0001~\n", "", 3, "isn't ended by an SE"),
        ("GS*AN", "XX*AN", 2, "begins here with GS"),
        ("BGN*00*RA-500", "bgn*00*RA-500", 4, "no segment"),
        ("ISA*00", "ISB*00", 0, "doesn't begin with ISA"),
        ("*000000007*0*P*>", "*00000000A*0*P*>", 1, "nine digits"),
        ("IEA*1*000000007~\n", "IEA*1*000000007", 0, "isn't ended"),
    ],
)
def test_an_envelope_that_does_not_agree_is_refused_with_its_segment(
    old: str, new: str, segment: int, sentence: str
) -> None:
    with pytest.raises(X12Error) as refusal:
        x12.read(SAMPLE.replace(old, new).encode())
    assert refusal.value.segment == segment
    assert sentence in refusal.value.sentence


@pytest.mark.parametrize(
    ("old", "new", "segment", "sentence"),
    [
        ("BGN*00*RA-500", "BGN*05*RA-500", 4, "Only originals"),
        ("BGN*00*RA-500", "BGN*00*", 4, "BGN02"),
        ("BGN*00*RA-500*20261102", "N9*ZZ*X", 3, "begins with a BGN"),
        ("RDR*RA*SR", "RDR*RA", 8, "has no reason"),
        ("RDR*RA*SR", "RDR*RA*XX", 5, "RDR02 is XX; agreed are DR, SR, WG"),
        ("BLI*VN*TONER-1*12", "BLI*VN*TONER-1*1.5", 8, "whole number"),
        ("BLI*VN*TONER-1*12", "BLI*VN*TONER-1*", 8, "no quantity"),
        ("BLI*VN*TONER-1*12", "BLI*QQ*TONER-1*12", 8, "no article number"),
        ("*12*EA*25.00", "*12*EA*NaN", 8, "no number"),
        ("DTM*036*20270630", "DTM*036*20271331", 10, "no date"),
        ("BLI*VN*PHONE-1*2", "BLI*VN*PHONE-1*3", 11, "names 2 serial numbers"),
        ("ST*180", "ST*850", 3, "only 180 is read"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused_with_its_segment(
    old: str, new: str, segment: int, sentence: str
) -> None:
    with pytest.raises(X12Error) as refusal:
        rma180.read(x12.read(SAMPLE.replace(old, new).encode()).groups[0].sets[0], Mapping())
    assert refusal.value.segment == segment
    assert sentence in refusal.value.sentence


def test_a_partner_may_have_codes_of_its_own() -> None:
    own = rma180.mapping({"lot": "BT", "sku": ["UP"], "reasons": {"XX": "EXPIRED"}})
    assert (own.lot, own.sku, own.reasons["XX"], own.reasons["SR"]) == ("BT", ("UP",), "EXPIRED", "STOCK_ROTATION")
    for wrong in (
        {"nothing": "x"},
        {"sku": "VN"},
        {"reasons": {"XX": "NOPE"}},
        {"reasons": []},
        {"lot": 3},
        {"sku": []},
    ):
        with pytest.raises(X12Error):
            rma180.mapping(wrong)


TEXT = st.text(
    st.characters(whitelist_categories=("L", "N", "P", "S"), blacklist_characters="*>~"), min_size=0, max_size=12
)
IDS = st.from_regex(r"[A-Z][A-Z0-9]{1,2}", fullmatch=True).filter(
    lambda one: one not in {"ISA", "IEA", "GS", "GE", "ST", "SE"}
)
SEGMENTS = st.builds(lambda name, elements: Segment(name, x12._trimmed(elements)), IDS, st.lists(TEXT, max_size=6))
SEPARATORS = st.sampled_from(
    [Separators(), Separators("|", ":", "'"), Separators("^", "\\", "!"), Separators("+", ">", "\x7e")]
)


@st.composite
def interchanges(draw: st.DrawFn) -> Interchange:
    groups = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        sets = tuple(
            TransactionSet("180", f"{place:04d}", tuple(draw(st.lists(SEGMENTS, max_size=5))))
            for place in range(1, draw(st.integers(0, 3)) + 1)
        )
        groups.append(Group("AN", "A", "B", "20261102", "0930", str(number), "X", "004010", sets))
    control = f"{draw(st.integers(1, 999_999_999)):09d}"
    return Interchange(
        "ZZ", "SENDER", "01", "RECEIVER", "261102", "0930", control, tuple(groups), separators=draw(SEPARATORS)
    )  # fmt: skip


@given(interchanges(), st.booleans())
def test_what_is_written_reads_back_as_it_was(told: Interchange, newline: bool) -> None:
    values = [value for group in told.groups for one in group.sets for row in one.segments for value in row.elements]
    bad = {told.separators.element, told.separators.segment}
    assume(not any(letter in value for value in values for letter in bad))
    assert x12.read(x12.write(told, newline=newline)) == told


@given(st.binary(max_size=600))
def test_garbage_is_told_what_it_is(data: bytes) -> None:
    with pytest.raises(X12Error):
        x12.read(data)


@given(st.data())
def test_a_damaged_interchange_is_read_or_refused_and_never_falls_over(data: st.DataObject) -> None:
    text = SAMPLE
    for _change in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, max(len(text) - 1, 0)))
        letter = data.draw(st.one_of(st.sampled_from("*>~\n 0A9"), st.characters()))
        text = text[:place] + letter + text[place + data.draw(st.integers(0, 3)) :]
    try:
        for group in x12.read(text.encode("utf-8", "ignore")).groups:
            for one in group.sets:
                rma180.read(one, Mapping())
    except X12Error:
        pass


def test_what_an_element_cannot_hold_is_not_written() -> None:
    told = x12.read(SAMPLE.encode())
    wrong = replace(told.groups[0].sets[0], segments=(Segment("N9", ("LT", "A*B")),))
    with pytest.raises(X12Error, match="holds a character"):
        x12.write(replace(told, groups=(replace(told.groups[0], sets=(wrong,)),)))
    with pytest.raises(X12Error, match="doesn't fit"):
        x12.write(replace(told, sender="X" * 16))
    with pytest.raises(X12Error, match="three different"):
        x12.write(replace(told, separators=Separators("*", "*", "~")))
    with pytest.raises(X12Error, match="letter, digit"):
        x12.write(replace(told, separators=Separators("A", ">", "~")))
    assert x12.plain("A*B~C\n") == "A B C"


def test_an_authorization_says_the_same_lines_and_our_number() -> None:
    request = rma180.read(x12.read(SAMPLE.encode()).groups[0].sets[0], Mapping())
    answer = Authorization(
        number="RMA-7K3M-9QXA", reference="RA-500", at=datetime(2026, 11, 2, tzinfo=UTC), hand_in_by=date(2026, 11, 16), request=request
    )  # fmt: skip
    made = rma180.write(answer, Mapping(), control="0001")
    assert Segment("N9", ("RZ", "RMA-7K3M-9QXA")) in made.segments
    assert Segment("DTM", ("038", "20261116")) in made.segments
    again = rma180.read(made, Mapping())
    assert [replace(one, segment=0) for one in again.lines] == [replace(one, segment=0) for one in request.lines]
    assert again.po == "PO-77"
