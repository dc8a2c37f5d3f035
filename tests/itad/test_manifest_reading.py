"""A client's list as it comes: whatever the spreadsheet, the language and the damage, a row is read for what it says or refused."""

from __future__ import annotations

import io
import zipfile

import pytest

from itad.manifests import judging, refusals, values
from itad.manifests.columns import Columns, meaning
from itad.manifests.judging import Judged, Line
from revlog.common import tables
from revlog.common.tables import UnreadableTable, workbook
from tests.factories.manifests import xlsx

ROWS = 'Seriennummer;Inventarnummer;Hersteller;Modell;Gerätetyp\nPF1ABC01;VG-1;Lenovo;"ThinkPad\nT480";Notebook\n'


def read(data: bytes | str, **more: object) -> Judged:
    return judging.judged(tables.read(data.encode() if isinstance(data, str) else data), **more)  # type: ignore[arg-type]


def good(found: Judged) -> list[Line]:
    return [line for line in found.lines if not line.reason]


def refused(found: Judged) -> dict[int, str]:
    return {line.line: line.reason for line in found.lines if line.reason}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
def test_any_encoding_and_delimiter_says_the_same(encoding: str, mark: str) -> None:
    (line,) = read(ROWS.replace(";", mark).encode(encoding)).lines
    assert (line.serial, line.asset_tag, line.manufacturer, line.model, line.device_class) == (
        "PF1ABC01", "VG-1", "Lenovo", "ThinkPad T480", "laptop",
    )  # fmt: skip
    assert line.line == 2


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Serial Number", "serial"), ("S/N", "serial"), ("Numéro de série", "serial"), ("N° de série", "serial"),
        ("Serien-Nr.", "serial"), ("Número de serie", "serial"), ("Serienummer", "serial"), ("SERIAL_NO", "serial"),
        ("Service Tag", "serial"), ("Serial Number (S/N)", "serial"), ("Asset #", "asset_tag"), ("AssetTag", "asset_tag"),
        ("Inventar-Nr.", "asset_tag"), ("Numéro d’inventaire", "asset_tag"), ("Nº de inventario", "asset_tag"),
        ("Inventarisnummer", "asset_tag"), ("IMEI 1", "imei"), ("Anzahl", "count"), ("Qté", "count"), ("Aantal", "count"),
        ("Fabricant", "manufacturer"), ("Marca", "manufacturer"), ("Modèle", "model"), ("Type d'appareil", "category"),
        ("Geraetetyp", "category"), ("Standort", ""), ("Purchase Date", ""), ("PO Number", ""), ("#", ""), ("Nr.", ""),
    ],
)  # fmt: skip
def test_a_heading_means_what_people_of_five_languages_mean_by_it(heading: str, field: str) -> None:
    assert meaning(heading)[0] == field


def test_the_heading_may_stand_lower_and_totals_and_headings_again_are_no_things() -> None:
    found = read(
        "Vega GmbH;;;\nDevices to be collected;;;\n\nPos;Serial;Asset tag;Maker\n1;PF100001;VG-1;Dell;;\n2;PF100002;-;Dell;;\n;;;;;\n"
        "Pos;Serial;Asset tag;Maker\n3;N/A;VG-3;Dell\n4;unknown;n/a;Dell\n;;;\nTotal: 4;;;\nPrinted by Ms Example: see page 2\n"
    )
    assert [(line.line, line.serial, line.asset_tag) for line in good(found)] == [
        (5, "PF100001", "VG-1"), (6, "PF100002", ""), (9, "", "VG-3"),
    ]  # fmt: skip
    assert refused(found) == {10: "nameless", 13: "nameless"}
    assert [code for code, _told in found.warnings] == ["head_again", "total"]


def test_what_a_spreadsheet_made_of_a_number_is_refused_not_guessed() -> None:
    found = read(
        "serial,asset tag,model\n1.23E+15,A1,x\n\"3,57E+14\",A2,x\n2026-03-12,A3,x\n12.03.2026,A4,x\n00123,A5,x\n\"=\"\"00456\"\"\",A6,x\n"
        "'00789,A7,x\n12345.0,A8,x\n12345E6789,A9,x\nMär-12,B1,x\n=A1+B1,B2,x\n\"broken,B3,x\nPF1,B4,15\" screen\nPF2,B5,x\n"
        "Signature of the carrier and date,,\n12,B6,x\nPF2,B7,y\npf 2,B8,z\n,b5,\n"
    )  # fmt: skip
    assert refused(found) == {
        2: "scientific", 3: "scientific", 4: "date", 5: "date", 11: "date", 12: "no_name", 13: "broken", 16: "no_name",
        17: "too_short", 18: "twice", 19: "twice", 20: "twice",
    }  # fmt: skip
    assert [line.serial for line in good(found)] == [
        "00123", "00456", "00789", "12345", "12345E6789", "PF1", "PF2",
    ]  # fmt: skip
    assert good(found)[3].notes == [("decimal", "12345.0")]
    for line in found.lines:
        assert not line.reason or refusals.refused(line.reason, line.told)


def test_a_workbook_is_read_by_what_its_cells_were() -> None:
    found = read(
        xlsx(
            {
                "Laptops": [
                    ["Vega: laptops and phones"],
                    ["Serial", "Asset", "Make", "Type"],
                    ["PF1", ("zeros", "42"), "Dell", "Laptop"],
                    ["PF2", ("formula", '"VG-"&ROW()'), None, "Laptop"],
                    [("date", "45000"), "VG-3", None, "Laptop"],
                    [("number", "1.23E+15"), "VG-4", None, "Laptop"],
                    [("number", "4711"), ("reckoned", "A&B=VG-5"), None, "Laptop"],
                    [("number", "356938035643809"), "VG-6", None, "Phone"],
                    [12.5, "VG-7", None, "Phone"],
                    ["PF8", "VG-8", None, "gizmo", None, None, None],
                    [None, None, None, None],
                ],
                "Notes": [["Call before you come"]],
                "Summary": [["Type", "Quantity"], ["Laptop", 5]],
                "Old": [["Serial"], ["PF999"]],
            },
            hidden_rows=[3],
            hidden_sheets=["Old"],
            merged=["A1:D1", "C3:C10"],
        )
    )
    assert [(line.line, line.serial, line.asset_tag, line.manufacturer) for line in good(found)] == [
        (3, "PF1", "000042", "Dell"), (7, "4711", "VG-5", "Dell"), (8, "", "VG-6", "Dell"), (10, "PF8", "VG-8", "Dell"),
    ]  # fmt: skip
    assert refused(found) == {4: "formula", 5: "date", 6: "rounded", 9: "fraction"}
    assert good(found)[2].imeis == ["356938035643809"]
    assert good(found)[0].notes == [("hidden", "")]
    assert (good(found)[3].device_class, good(found)[3].notes) == ("other", [("category", "gizmo")])
    assert {code for code, _told in found.warnings} == {
        "hidden_sheet", "no_head", "only_counts", "hidden_rows", "imei_column",
    }  # fmt: skip
    for code, told in found.warnings:
        assert refusals.warned(code, told)


def test_serials_and_asset_tags_in_each_others_column_are_refused_or_told() -> None:
    rows = [(f"X{number}K9{number}", f"VG-{number}") for number in range(1, 8)]
    mixed = [*rows, ("VG-8", "X8K98")]
    found = read("serial,asset tag\n" + "".join(f"{a},{b}\n" for a, b in mixed))
    assert refused(found) == {9: "swapped"}
    other = read("serial,asset tag\n" + "".join(f"{b},{a}\n" for a, b in rows))
    assert [code for code, _told in other.warnings] == ["swapped_columns"]


def test_a_line_may_count_like_things() -> None:
    found = read(
        "Qty,Maker,Model,Category\n12,Dell,P2419,Monitor\n3,Dell,Latitude,Laptop\n0,Dell,X,Laptop\n1.000.000,Dell,X,Mouse\n4,,,\n"
    )
    lot, units = good(found)
    assert (lot.is_lot, lot.count, units.is_lot, units.count) == (True, 12, False, 3)
    assert refused(found) == {4: "count", 5: "count", 6: "nameless"}
    assert refused(read("serial,count\nPF1,2\nPF2,1\n")) == {2: "count_named"}


def test_what_a_person_says_of_the_columns_counts_before_what_they_are_called() -> None:
    text = "Serial,Code\nVG-1,PF1\n"
    told = Columns({"serial": "code", "asset_tag": "Serial"})
    assert [(line.serial, line.asset_tag) for line in read(text, columns=told).lines] == [("PF1", "VG-1")]
    assert [line.serial for line in read(text, saved=[Columns({"serial": "Nowhere"}), told]).lines] == ["PF1"]
    with pytest.raises(UnreadableTable, match="has no column “Nowhere”; it has: Serial, Code"):
        read(text, columns=Columns({"serial": "Nowhere"}))
    assert [reason.code for reason in Columns({"count": "A"}).problems()] == ["no_names"]
    assert [reason.code for reason in Columns({"serial": "A", "model": "A"}).problems()] == ["twice"]


def _zip(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "old Excel"),
        (b"%PDF-1.7", "no table"),
        (b"<html><table>", "no table"),
        (b"abc\0def\0\0\0\0x", "no table"),
        (b"\xff\xfea", "isn't"),
        (b"PK\x03\x04broken", "can't be read"),
        (b"name,maker\na,b\n", "No line names the columns.*name, maker"),
        (b"serial\n", "no lines below"),
        (xlsx({"A": [["serial"], ["PF1"]]}, more={"xl/vbaProject.bin": b"x"}), "macros"),
        (xlsx({"A": [["serial"], ["PF1"]]}, more={"xl/media/a.bin": b"\0" * 60_000_000}), "far more"),
        (_zip(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_dot_xml=b"<x/>"), "OpenDocument"),
        (_zip(xl__workbook_dot_bin=b"x"), "binary Excel"),
        (_zip(word__document_dot_xml=b"<x/>"), "no table"),
        (
            _zip(xl__workbook_dot_xml=b'<!DOCTYPE a [<!ENTITY b "c">]><workbook><sheets/></workbook>'),
            "can't be read|no sheet",
        ),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_what_it_is(data: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableTable, match=sentence):
        read(data)


def test_a_file_that_lies_about_its_size_is_stopped_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_UNPACKED", 20_000)
    monkeypatch.setattr(workbook, "_demand", lambda _book: None)
    book = xlsx({"A": [["serial"], *([f"PF{number:06d}"] for number in range(2_000))]})
    with pytest.raises(UnreadableTable, match="far more"):
        tables.read(book)
    with pytest.raises(UnreadableTable, match="at most 10 rows"):
        tables.read(b"serial\n" + b"PF1234\n" * 20, most_rows=10)


def test_words_for_nothing_and_for_totals() -> None:
    for text in ("N/A", "-", "unknown", "k.A.", "unbekannt", "n.v.t.", "?", "TBD", "#N/A", "s/n", "sin serie"):
        assert values.is_nothing(text), text
    assert not values.is_nothing("PF1ABC")
    for text in ("Total", "Total: 5,000", "Gesamt 120 Stück", "Sous-total", "Total general"):
        assert values.is_total(text), text
    assert not values.is_total("TOTAL123")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        # Headings: on several lines, in quotes, twice, behind and among empty columns, below a title over all of them.
        ('"Serial\nNumber","Asset\r\ntag"\nPF1,VG-1\n', [(4, "PF1", "VG-1")]),
        ("Serial,Serial,Asset tag\nPF1,PF1B,VG-1\n", [(2, "PF1", "VG-1")]),
        (";;Serial;;Asset tag;;\n;;PF1;;VG-1;;\n", [(2, "PF1", "VG-1")]),
        ("List of devices;;\n;;\nDevice;;Owner\nSerial;Asset tag;Name\nPF1;VG-1;Kim\n", [(5, "PF1", "VG-1")]),
        # Lines that end as an old Mac ends them, and Excel's own word for the delimiter, which counts before a comma in a name.
        ("Serial;Asset tag\rPF1;VG-1\rPF2;VG-2\r", [(2, "PF1", "VG-1"), (3, "PF2", "VG-2")]),
        ("sep=;\nSerial;Asset tag;Model\nPF1;VG-1;a, b, c\n", [(3, "PF1", "VG-1")]),
        # Rows that are longer or shorter than the line of headings, and text that Excel is kept from taking for a number.
        ('Serial,Asset tag\nPF1\n"=""00123""",VG-2,,,x\n', [(2, "PF1", ""), (3, "00123", "VG-2")]),
        ("\ufeffSerial\tAsset tag\n\u00a0PF1\u200b\tVG-1\n", [(2, "PF1", "VG-1")]),
    ],
)
def test_a_list_as_people_make_it_is_read_for_what_it_says(text: str, lines: list[tuple[int, str, str]]) -> None:
    assert [(line.line, line.serial, line.asset_tag) for line in good(read(text))] == lines


def test_columns_of_one_name_are_told_apart_and_either_may_be_meant() -> None:
    text = "Serial,Serial,Serial (2)\nPF1,PF2,PF3\n"
    (part,) = read(text).parts
    assert part.head.names == ("Serial", "Serial (2)", "Serial (2) (2)")
    assert [line.serial for line in read(text, columns=Columns({"serial": "Serial (2)"})).lines] == ["PF2"]
    wide = ",".join(["Serial"] * 5_000) + "\nPF1\n"
    assert len(read(wide).parts[0].head.names) == 200, "what stands further right isn't read"


def _book(rows: str, *, sheets: str = '<sheet name="A" r:id="a"/>', head: str = "", strings: str = "") -> bytes:
    """A workbook by the letter, as no spreadsheet would write it."""
    return _zip(
        xl__workbook_dot_xml=f'{head}<workbook xmlns:r="r">{sheets}</workbook>'.encode(),
        xl___rels__workbook_dot_xml_dot_rels=b'<Relationships><Relationship Id="a" Target="worksheets/a.xml"/></Relationships>',
        xl__worksheets__a_dot_xml=f"<worksheet><sheetData>{rows}</sheetData></worksheet>".encode(),
        **({"xl__sharedStrings_dot_xml": strings.encode()} if strings else {}),
    )


def _text(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


SERIALS = f"<row>{_text('A1', 'Serial')}</row>"


def test_a_workbook_made_by_hand_gives_each_row_a_line_and_each_sheet_a_name_of_its_own() -> None:
    rows = f'{SERIALS}<row r="9">{_text("A9", "PF1")}</row><row r="9">{_text("A9", "PF2")}</row><row>{_text("A1", "PF_xD800_3")}</row>'
    twice = f'<sheet name="{"A" * 80}" r:id="a"/><sheet name="{"A" * 70}" r:id="a"/>'
    found = read(_book(rows, sheets=twice))
    assert [(line.line, line.serial) for line in good(found)] == [(9, "PF1"), (10, "PF2"), (11, "PF3")]
    assert [part.sheet.name for part in found.parts] == ["A" * 60, "A" * 54 + " (2)"]
    assert [line.told for line in found.lines[3:]] == ["A" * 60 + place for place in (" 9", " 10", " 11")]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (_book(f'{SERIALS}<row r="99999999999">{_text("A2", "PF1")}</row>'), "too many rows"),
        (_book(SERIALS, head='<?xml version="1.0" encoding="UTF-99"?>'), "can't be read"),
        (_book("<row/>" * 60), "too many rows"),
        (_book("<row>" + "<c/>" * 200 + "</row>"), "far more"),
        (_book("<x/>" * 700), "far more"),
        (_book(SERIALS, strings="<sst><si>" + "<r/>" * 200 + "</si></sst>"), "far more"),
    ],
)
def test_a_workbook_that_is_made_to_exhaust_whoever_reads_it_is_stopped(
    monkeypatch: pytest.MonkeyPatch, data: bytes, sentence: str
) -> None:
    for name, most in (("MOST_LINES", 50), ("MOST_ELEMENTS", 500), ("MOST_IN_ONE", 100)):
        monkeypatch.setattr(workbook, name, most)
    with pytest.raises(UnreadableTable, match=sentence):
        read(data)


def test_days_behind_the_last_one_and_lines_without_end_are_no_fault_of_ours() -> None:
    dates = '<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>'
    rows = f'{SERIALS}<row><c r="A2" s="0"><v>2957900</v></c></row><row>{_text("A3", "PF1")}</row>'
    book = _book(rows, sheets='<workbookPr date1904="1"/><sheet name="A" r:id="a"/>')
    out = io.BytesIO(book)
    with zipfile.ZipFile(out, "a") as file:
        file.writestr("xl/styles.xml", dates)
    assert refused(read(out.getvalue())) == {2: "date"}
    with pytest.raises(UnreadableTable, match="at most 10 rows"):
        tables.read(b"serial" + b"\n" * 2_000, most_rows=10)
