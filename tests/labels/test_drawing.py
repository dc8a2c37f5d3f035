"""One description of a label, drawn as PDF and as ZPL: nothing outside, nothing on top of another, no text that commands the printer."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pypdf
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from revlog.common.errors import BadInput
from revlog.labels.drawing import fonts, layout, pdf, signs, zpl
from revlog.labels.drawing.shapes import STOCKS, Code, Label, Stock, Text
from revlog.labels.symbols import code128, datamatrix
from tests.labels import zpl as strict

AT = datetime(2026, 11, 28, 3, tzinfo=UTC)
EVIL = "^XA^FO0,0^GB800,800,800^FS^XZ ~JA ~DGR:X,1,1,FF _5E Łódź 東京"
LABELS = {
    "unit": Label("RL-7K3M-9QXA", Code("RL-7K3M-9QXA"), ("ThinkPad T14 Gen 3, 14 inch, Intel Core i5", EVIL, "Northwind"), signs=("lock",)),
    "small": Label("RL-7K3M-9QXA", Code("RL-7K3M-9QXA", "datamatrix"), ("iPhone 13", "IMEI 356938035643809")),
    "place": Label("A-04", Code("A-04"), ("returns to look at", "kept for Müller & Söhne", "Rotterdam")),
    "return": Label("RMA-7K3M-9QXA", Code("RMA-7K3M-9QXA", "code128"), ("3 things", "Northwind", "Rotterdam")),
    "pallet": Label("Northwind Traders", Code("345312000000111335", "gs1"), ("Havenstraat 1", "3011 AB Rotterdam"), ("From: us", EVIL),
        ("hazard",), "address", (99, 140)),
    "class_9a": Label("9", signs=("class_9a",), form="mark", least=(100, 100)),
    "lithium": Label("UN 3481", lines=("+31 10 123 4567",), signs=("lithium",), form="mark", least=(100, 100), colour=True),
    "damaged": Label("RL-7K3M-9QXA", Code("RL-7K3M-9QXA"), ("DAMAGED/", "DEFECTIVE", "LITHIUM-ION", "BATTERIES"),
        ("+31 10 123 4567",), form="words", least=(100, 100)),
}  # fmt: skip
ROLLS = [one for one in STOCKS.values() if one.sheet is None]


def fits(label: Label, stock: Stock) -> bool:
    return label.least[0] <= stock.width and label.least[1] <= stock.height


@pytest.mark.parametrize("name", LABELS)
def test_on_every_roll_and_head_each_field_lies_inside_and_none_on_another(name: str) -> None:
    label = LABELS[name]
    drawn = 0
    for stock in ROLLS:
        if not fits(label, stock):
            with pytest.raises(BadInput, match="needs a size of"):
                layout.marks(label, stock)
            continue
        for dpi in zpl.DPI[:2]:
            try:
                text = zpl.draw(label, stock, dpi=dpi, copies=2, red_stock=True)
            except BadInput as refusal:
                # A code that would be too fine to be read is refused, never printed.
                assert "no room" in refusal.sentence and stock.name == "50x25"
                continue
            [told] = strict.read(text)
            assert (told.width, told.height, told.copies) == (
                int(stock.width * {203: 8, 300: 12}[dpi]), int(stock.height * {203: 8, 300: 12}[dpi]), 2,
            )  # fmt: skip
            assert strict.outside(told) == []
            assert strict.overlapping(told) == []
            drawn += 1
    assert drawn
    if label.code is not None:
        assert any(one.text.removeprefix(">;>800") == label.code.text for one in told.fields if one.kind != "text")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["50x25", "100x50"]))
def test_no_name_can_command_the_printer(text: str, stock: str) -> None:
    label = Label("RL-7K3M-9QXA", Code("RL-7K3M-9QXA"), (text, text[::-1]))
    [told] = strict.read(zpl.draw(label, STOCKS[stock], dpi=203))
    assert strict.outside(told) == [] and strict.overlapping(told) == []
    shown = [one.text for one in told.fields if one.kind == "text"][1:]
    bare = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    assert not bare or not shown or bare.startswith(shown[0].rstrip("…").rstrip()) or not fonts.fitted(text, 1e9, 1)


def test_the_strict_reader_refuses_what_we_never_write() -> None:
    good = zpl.draw(LABELS["place"], STOCKS["100x50"], dpi=203)
    for bad in (
        good.replace("^PQ1", "^PQ1\n^JUS"), good.replace("A-04^FS", "A^04^FS"), good.replace("^CI28", "~JA"),
        good.replace("^FH_", "", 1), good + "x", good.replace("^GB", "^GE") if "^GB" in good else good + "^XA",
    ):  # fmt: skip
        with pytest.raises(strict.Wrong):
            strict.read(bad)


def test_a_mark_that_needs_red_is_printed_in_black_only_on_stock_with_the_border() -> None:
    with pytest.raises(BadInput, match="red border"):
        zpl.draw(LABELS["lithium"], STOCKS["100x100"], dpi=203)
    [told] = strict.read(zpl.draw(LABELS["lithium"], STOCKS["100x100"], dpi=203, red_stock=True))
    number = next(one for one in told.fields if one.text == "UN 3481")
    assert number.height / 8 * 0.7 >= 12 * 0.7, "the UN number has letters of 12 mm and more for transport by air"
    with pytest.raises(BadInput, match="roll"):
        zpl.draw(LABELS["place"], STOCKS["a4-3x8"], dpi=203)


def test_pictures_survive_the_short_form_of_their_dots() -> None:
    for name in ("lock", "hazard", "class_9a", "lithium"):
        data = signs.dots(name, 96)
        rows = strict.unpacked(zpl._rows(data, 12), 12)
        assert bytes.fromhex("".join(rows)) == data


def test_a_pdf_has_a_page_for_each_label_and_its_words_can_be_found() -> None:
    made = pdf.draw([LABELS["place"], replace(LABELS["place"], title="A-05")], STOCKS["75x50"], title="Labels", at=AT)
    read = pypdf.PdfReader(io.BytesIO(made))
    assert [round(float(side) / 72 * 25.4) for side in read.pages[0].mediabox[2:]] == [75, 50]
    assert ["A-04" in read.pages[0].extract_text(), "A-05" in read.pages[1].extract_text()] == [True, True]
    assert "kept for Mül" in read.pages[0].extract_text()
    assert read.metadata is not None and read.metadata.title == "Labels"
    assert made == pdf.draw(
        [LABELS["place"], replace(LABELS["place"], title="A-05")], STOCKS["75x50"], title="Labels", at=AT
    )


def test_sheets_begin_at_the_first_free_label_and_go_on_with_the_next_page() -> None:
    many = [replace(LABELS["place"], title=f"A-{number:02d}") for number in range(1, 23)]
    read = pypdf.PdfReader(io.BytesIO(pdf.draw(many, STOCKS["a4-3x7"], start=3, title="Places", at=AT)))
    assert len(read.pages) == 2
    first, second = (page.extract_text() for page in read.pages)
    assert "A-19" in first and "A-20" not in first and "A-20" in second
    where = {}
    read.pages[0].extract_text(visitor_text=lambda text, cm, tm, *_rest: where.setdefault(text.strip(), (cm[4], cm[5])))
    sheet = STOCKS["a4-3x7"].sheet
    assert sheet is not None
    x, y = where["A-01"]
    assert abs(x / 72 * 25.4 - (sheet.left + 2 * (63.5 + sheet.across))) < 0.1
    assert abs((297 - y / 72 * 25.4) - sheet.top) < 0.1


def test_words_that_are_too_long_are_shortened() -> None:
    marks = layout.marks(LABELS["unit"], STOCKS["50x25"])
    said = [one for one in marks if isinstance(one, Text)]
    assert all(fonts.width(one.text) * one.size <= one.width + 0.01 for one in said)
    assert any(one.text.endswith("…") for one in said)


def test_bars_and_modules_are_those_of_the_standards() -> None:
    # The example "123456" of ISO/IEC 16022; these modules were read back by an independent reader (ZXing).
    rows = ["".join("#" if cell else "." for cell in row) for row in datamatrix.matrix("123456")]
    assert rows == [
        "#.#.#.#.#.", "##..#.##.#", "##.....#..", "##...###.#", "##....#...",
        "#.....####", "###.##....", "####.##..#", "#..###.#..", "##########",
    ]  # fmt: skip
    assert all(sum(int(width) for width in pattern) == 11 for pattern in code128._PATTERNS[:-1])
    assert len(set(code128._PATTERNS)) == 107
    # "PJJ123C", the usual worked example, whose check value in subset A is 54, and one more in subset B.
    assert code128.values("PJJ123C") == [104, 48, 42, 42, 17, 18, 19, 35, 55, 106]
    assert code128.values("00345312000000111335", gs1=True)[:3] == [105, 102, 0]
    assert code128.check_digit("34531200000011133") == 5
    assert all(len(segno.make_qr(text, error="m").matrix) >= 21 for text in ("A-04", "RL-7K3M-9QXA"))
    for bad in ("", "^XA", "ä", "x" * 61):
        with pytest.raises(BadInput):
            code128.bars(bad)
