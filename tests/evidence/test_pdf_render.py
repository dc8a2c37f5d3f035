"""Documents from records: what they say, that they are PDF/A-3u, that they load nothing from outside and come out the same twice."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, get_args

import pypdfium2
import pytest
from pypdf import PdfReader

from revlog.evidence.pdf import contexts, filters
from revlog.evidence.pdf.render import AttachedFile, UnableToRender, primitives, render, render_html
from tests.evidence import pdf_samples as samples

AT = datetime(2026, 3, 4, 14, 21, 9, tzinfo=UTC)
LEDGER = AttachedFile("ledger.json", b'{"entries":[1,2,3],"text":"\xc3\xa9"}' * 100, "The chain in full")
PICTURE_IN_PICTURE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'%3E"
    "%3Cimage href='http://198.51.100.7/a.png' width='9' height='9'/%3E%3C/svg%3E"
)
RECORDS: dict[str, contexts.DocumentRecord] = {
    "sanitization": samples.of_sanitization(),
    "sanitization on letter": samples.of_sanitization(paper="letter", media=5),
    "destruction": samples.of_destruction(),
    "custody": samples.custody(60),
    "label": samples.label(),
    "packing slip": samples.packing(paper="letter", lines=40),
    "recycling": samples.recycling(),
    "credit memo": samples.memo(lines=60),
    "purchase document": samples.purchase(),
    "debit note": samples.memo(contexts.DebitNote, paper="letter", corrects="CM-2026-000041", why="Counted twice."),
    "vendor return": samples.vendor_return(lines=30),
    "list of a lot": samples.lot_manifest(lines=30),
    "driver's sheet": samples.delivery_sheet(lines=12),
    "handover paper": samples.handover_paper(lines=30, taken_in=True),
    "claim letter": samples.claim_letter(),
    "receiving report": samples.receiving_report(lines=30),
}


def made(
    record: contexts.DocumentRecord,
    *,
    language: str = "en",
    files: tuple[AttachedFile, ...] = (LEDGER,),
    **changes: Any,
) -> bytes:
    arguments: dict[str, Any] = {
        "template": record.TEMPLATE,
        "context": contexts.context_of(record),
        "attachments": files,
        "title": f"Document {record.sheet.number}",
        "language": language,
        "created_at": AT,
        "identifier": record.sheet.number,
    }
    return render(**(arguments | changes))


def text_of(pdf: bytes) -> str:
    """What the pages say, in one line: where a line of print ends is not part of it."""
    return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in pypdfium2.PdfDocument(pdf))


@pytest.fixture(scope="module")
def documents() -> dict[str, bytes]:
    return {name: made(record) for name, record in RECORDS.items()}


def fonts_of(reader: PdfReader) -> list[Any]:
    found = []
    for page in reader.pages:
        for font in (page["/Resources"].get("/Font") or {}).values():
            found.extend(part.get_object() for part in font.get_object().get("/DescendantFonts", [font]))
    return found


def test_every_kind_of_document_has_a_sample_here() -> None:
    assert {type(record) for record in RECORDS.values()} == set(get_args(contexts.DocumentRecord))
    folder = Path(__file__).parents[2] / "templates" / "documents"
    templates = {path.name for path in folder.glob("[a-z]*.html")} - {"base.html"}
    assert {Path(record.TEMPLATE).name for record in RECORDS.values()} == templates


@pytest.mark.parametrize("name", RECORDS)
def test_it_writes_every_document_as_pdf_a_3u(documents: dict[str, bytes], name: str) -> None:
    pdf = documents[name]
    reader = PdfReader(BytesIO(pdf))
    catalog = reader.trailer["/Root"]
    xmp = catalog["/Metadata"].get_data().decode()

    assert pdf.startswith(b"%PDF-1.7")
    assert 'pdfaid:part="3"' in xmp
    assert 'pdfaid:conformance="U"' in xmp
    assert "2026-03-04T14:21:09" in xmp
    intent = catalog["/OutputIntents"][0].get_object()
    assert intent["/S"] == "/GTS_PDFA1"
    assert intent["/DestOutputProfile"].get_object().get_data()[36:40] == b"acsp"
    assert len(catalog["/AF"]) == 1
    specification = catalog["/AF"][0].get_object()
    assert (specification["/AFRelationship"], specification["/UF"]) == ("/Data", "ledger.json")
    assert specification["/EF"]["/F"].get_object()["/Subtype"] == "/application/json"
    assert len(reader.trailer["/ID"]) == 2
    assert "/Encrypt" not in reader.trailer
    fonts = fonts_of(reader)
    assert fonts
    for font in fonts:
        descriptor = font["/FontDescriptor"]
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor), f"{font['/BaseFont']} is not embedded"
    for page in reader.pages:
        assert all("/ToUnicode" in font.get_object() for font in page["/Resources"]["/Font"].values())
    assert catalog["/Lang"] == "en"


@pytest.mark.parametrize("name", RECORDS)
def test_it_gives_equal_bytes_for_equal_input(documents: dict[str, bytes], name: str) -> None:
    assert made(RECORDS[name]) == documents[name]


def test_it_gives_equal_bytes_in_another_process(documents: dict[str, bytes]) -> None:
    code = (
        "import sys, django; django.setup();"
        "from tests.evidence import test_pdf_render as t; sys.stdout.buffer.write(t.made(t.RECORDS['destruction']))"
    )
    root = Path(__file__).resolve().parents[2]
    other = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        capture_output=True,
        check=True,
        env={
            "PATH": "/usr/bin:/bin",
            "DJANGO_SETTINGS_MODULE": "revlog.settings.check",
            "PYTHONHASHSEED": "7",
            "TZ": "Asia/Tokyo",
        },
    )
    assert other.stdout == documents["destruction"]


def test_it_changes_the_bytes_with_the_identifier_and_the_time() -> None:
    record = samples.label()
    first = made(record)
    assert made(record, identifier="another") != first
    assert made(record, created_at=datetime(2026, 3, 5, tzinfo=UTC)) != first


def test_it_gives_the_attachment_back_byte_by_byte(documents: dict[str, bytes]) -> None:
    assert PdfReader(BytesIO(documents["sanitization"])).attachments == {"ledger.json": [LEDGER.data]}


def test_a_certificate_of_sanitization_says_what_was_done_to_each_medium(documents: dict[str, bytes]) -> None:
    text = text_of(documents["sanitization"])
    for said in (
        "Certificate of sanitization",
        "CS-2026-000417",
        "Vega Recycling B.V.",
        "Nordmark Kreditbank AG",
        "S3TNNX0K400000",
        "WDES8QZN",
        "Purge",
        "nwipe 0.42",
        "IEEE 2883-2022",
        "4 Mar 2026, 12:58 UTC+01:00",
        "512,110,190,592",
        "completed without errors",
        "S-4K7M, data technician",
        "S-9Q2F, quality",
        "power lost after 38 %",
        "NIST SP 800-88 Rev. 2",
        "NIST does not certify",
        "certificate-of-sanitization/1",
        "Page 1 of 2",
        samples.proof().head_digest,
    ):
        assert said in text, said
    assert "DoD" not in text


def test_a_certificate_of_destruction_names_equipment_witness_particles_and_pictures(
    documents: dict[str, bytes],
) -> None:
    text = text_of(documents["destruction"])
    for said in (
        "Certificate of destruction",
        "HSM Powerline HDS 230",
        "18.5 mm",
        "class H-4 of ISO/IEC 21964",
        "0.094 kg",
        "Witnessed by",
        "not readable",
        "M-2026-7K3M9Q-0001-RTM",
        samples.digest("before"),
        "118 sectors could not be written",
    ):
        assert said in text, said


def test_a_chain_of_custody_repeats_its_header_and_shows_every_entry(documents: dict[str, bytes]) -> None:
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(documents["custody"])]
    text = "\n".join(pages)
    assert sum("Digest" in page and "Fact" in page for page in pages) >= 2
    for entry in samples.custody(60).entries:
        assert filters.short(entry.digest) in text
    assert "2026-03-01 09:00:07" in text


def test_a_label_is_ten_by_fifteen_centimeters_on_one_page(documents: dict[str, bytes]) -> None:
    pages = PdfReader(BytesIO(documents["label"])).pages
    assert len(pages) == 1
    assert [round(float(side) / 72 * 25.4) for side in pages[0].mediabox[2:]] == [100, 150]


@pytest.mark.parametrize(("paper", "size"), [("a4", (210, 297)), ("letter", (216, 279))])
def test_it_prints_on_the_paper_that_is_asked_for(paper: contexts.Paper, size: tuple[int, int]) -> None:
    for page in PdfReader(BytesIO(made(samples.packing(paper=paper)))).pages:
        assert tuple(round(float(side) / 72 * 25.4) for side in page.mediabox[2:]) == size


def test_long_serials_wrap_in_print_and_are_copied_whole() -> None:
    text = text_of(made(samples.packing()))
    assert "CZC9287ABCDEFGH1234567890XYZ" in "".join(text.split())


def test_what_a_broken_drive_calls_itself_is_printed_and_not_obeyed() -> None:
    evil = contexts.Medium(kind="hdd", model="<img src='http://198.51.100.7/x'/> & \x00\x1b[2J", serial="]]>\ud800&lt;")
    unit = contexts.SanitizedUnit(unit=samples.LAPTOP, media=(samples.sanitization(medium=evil),))
    record = contexts.CertificateOfSanitization(
        sheet=samples.sheet(), client=None, job="", site="", units=(unit,), proof=samples.proof(), signatures=()
    )
    text = text_of(made(record))
    assert "<img src='http://198.51.100.7/x'/> &" in text
    assert "]]>" in text


@pytest.mark.parametrize(
    "address",
    [
        "http://198.51.100.7/logo.png",
        "https://example.org/logo.png",
        "file:///etc/hostname",
        "ftp://198.51.100.7/logo.png",
        "../../pyproject.toml",
        "%2e%2e/%2e%2e/pyproject.toml",
        "missing.png",
        PICTURE_IN_PICTURE,
    ],
)
def test_it_refuses_any_address_but_our_own_folder_and_data_uris(address: str) -> None:
    record = samples.packing()
    record = replace(record, sheet=replace(record.sheet, issuer=contexts.Issuer(name="Vega", logo=address)))
    with pytest.raises(UnableToRender, match="may not load"):
        made(record)


def test_it_prints_pictures_in_data_uris() -> None:
    record = samples.packing()
    pixel = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    pdf = made(replace(record, sheet=replace(record.sheet, issuer=contexts.Issuer(name="Vega", logo=pixel))))
    assert len(PdfReader(BytesIO(pdf)).pages[0].images) == 1


@dataclass
class Something:
    name: str = "x"


class Sneaky(str):
    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (1.5, "a.1.b is a float"),
        (Something(), "a.1.b is a Something"),
        (AT, "a.1.b is a datetime"),
        (b"x", "a.1.b is a bytes"),
        (Sneaky("x"), "a.1.b is a Sneaky"),
        ({1, 2}, "a.1.b is a set"),
        ({1: "x"}, "a.1.b has the key 1"),
    ],
)
def test_it_refuses_anything_but_primitives_and_names_the_place(value: object, place: str) -> None:
    with pytest.raises(UnableToRender, match=place):
        primitives({"a": ["fine", {"b": value}]})


def test_it_refuses_a_context_without_end() -> None:
    endless: dict[str, object] = {}
    endless["again"] = endless
    with pytest.raises(UnableToRender, match="nested deeper"):
        primitives(endless)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"created_at": datetime(2026, 3, 4)}, "needs a zone"),  # noqa: DTZ001
        ({"identifier": ""}, "needs an identifier"),
        ({"attachments": [AttachedFile("../x.json", b"")]}, "not a plain file name"),
        ({"attachments": [AttachedFile("a.json", b"1"), AttachedFile("a.json", b"2")]}, "the same name"),
        ({"template": "layouts/office.html"}, "not a document template"),
        ({"template": "documents/../layouts/office.html"}, "not a document template"),
    ],
)
def test_it_refuses_what_would_make_no_proper_document(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UnableToRender, match=sentence):
        made(samples.label(), **changes)


def test_it_refuses_a_code_it_has_no_word_for() -> None:
    context = contexts.context_of(samples.packing())
    context["packed_by"] = {"staff": "S-1", "role": "astronaut"}
    with pytest.raises(filters.UnreadableValue, match="no word for “astronaut”"):
        render_html(template=contexts.PackingSlip.TEMPLATE, context=context, language="en")


def test_a_web_process_that_imports_the_package_loads_no_layout_engine() -> None:
    code = (
        "import sys, django; django.setup();"
        "from revlog.evidence.pdf import contexts, filters, qr, render, sign, validate, words;"
        "print([name for name in ('weasyprint', 'pyhanko', 'fontTools', 'pypdfium2', 'asn1crypto') if name in sys.modules])"
    )
    root = Path(__file__).resolve().parents[2]
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        capture_output=True,
        check=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": "revlog.settings.check"},
    )
    assert said.stdout.strip() == "[]"
