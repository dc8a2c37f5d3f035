"""Words, numbers and codes on documents: in four languages, complete, and legible."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
import segno
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.test import override_settings
from django.utils import translation
from django.utils.translation.template import templatize

from revlog.evidence.pdf import filters, words
from revlog.evidence.pdf.qr import QUIET, UnreadableCode, qr_svg
from tests.evidence import pdf_samples as samples
from tests.evidence.test_pdf_render import made, text_of

ROOT = Path(__file__).resolve().parents[2]
CATALOGS = ROOT / "revlog" / "evidence" / "locale"
LANGUAGES = ("de", "fr", "es")
KEYWORDS: dict[str, object] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "pgettext": None,
    "pgettext_lazy": None,
    "ngettext": None,
}


@pytest.fixture
def compiled(tmp_path: Path) -> Iterator[None]:
    """The catalogs as set-up compiles them."""
    for language in LANGUAGES:
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        catalog = read_po(BytesIO((CATALOGS / language / "LC_MESSAGES" / "django.po").read_bytes()), locale=language)
        with (folder / "django.mo").open("wb") as file:
            write_mo(file, catalog)
    with override_settings(LOCALE_PATHS=[tmp_path]):
        yield


def sentences() -> set[tuple[str | None, str]]:
    """Every (context, text) that documents ask the catalogs for."""
    found: set[tuple[str | None, str]] = set()
    sources = {
        path: templatize(path.read_text(), origin=str(path))
        for path in (ROOT / "templates" / "documents").glob("*.html")
    }
    sources[Path(words.__file__)] = Path(words.__file__).read_text()
    for text in sources.values():
        for _line, function, messages, _comments in extract_python(BytesIO(text.encode()), KEYWORDS.keys(), [], {}):
            parts = messages if isinstance(messages, tuple) else (messages,)
            found.add((parts[0], parts[1]) if function.startswith("pg") else (None, parts[0]))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_documents_is_translated(language: str) -> None:
    catalog = read_po(BytesIO((CATALOGS / language / "LC_MESSAGES" / "django.po").read_bytes()), locale=language)
    asked = sentences()
    assert len(asked) > 150
    for context, text in asked:
        message = catalog.get(text, context)
        assert message is not None, f"“{text}” ({context}) is not in the catalog"
        assert message.string, f"“{text}” ({context}) is not translated"
        assert sorted(re.findall(r"%\(\w+\)s", text)) == sorted(re.findall(r"%\(\w+\)s", str(message.string)))
        # Literals of a template are not escaped, and templates are XML.
        assert not set("<&") & set(str(message.string))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", ["Löschzertifikat", "4. März 2026", "512.110.190.592", "fehlerfrei abgeschlossen", "Seite 1 von 2"]),
        ("fr", ["Certificat d’effacement", "4 mars 2026", "terminé sans erreur", "Page 1 sur 2"]),
        ("es", ["Certificado de borrado", "4 de marzo de 2026", "completado sin errores", "Página 1 de 2"]),
    ],
)
@pytest.mark.usefixtures("compiled")
def test_a_certificate_is_written_in_its_readers_language(language: str, said: list[str]) -> None:
    text = text_of(made(samples.of_sanitization(), language=language))
    for part in said:
        assert part in text, part
    assert "sanitized" not in text


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
@pytest.mark.usefixtures("compiled")
def test_a_label_with_everything_on_it_fits_one_page_in_every_language(language: str) -> None:
    record = samples.label(
        hand_in="DHL ServicePoint or any parcel shop that shows the sign on its door",
        warning="Lithium batteries inside: do not ship if damaged, swollen or warm. Call us first.",
    )
    assert len(pypdfium2.PdfDocument(made(record, language=language))) == 1


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (filters.instant("2026-07-04T23:30:00Z", "Europe/Amsterdam"), "5 Jul 2026, 01:30 UTC+02:00"),
        (filters.instant("2026-07-04T23:30:00+00:00", "UTC"), "4 Jul 2026, 23:30 UTC"),
        (filters.instant("2026-01-04T23:30:00.123456Z", "America/New_York"), "4 Jan 2026, 18:30 UTC-05:00"),
        (filters.instant(""), "—"),
        (filters.stamp("2026-07-04T23:30:05Z", "Asia/Kolkata"), "2026-07-05 05:00:05"),
        (filters.day("2026-03-04"), "4 March 2026"),
        (filters.number(1234567), "1,234,567"),
        (filters.number("97.4"), "97.4"),
        (filters.number(None), "—"),
        (filters.kilograms(94), "0.094"),
        (filters.kilograms(1_234_567), "1,234.567"),
        (filters.capacity(512_110_190_592), "512 GB"),
        (filters.capacity(1_000_204_886_016), "1 TB"),
        (filters.capacity(15_360_950_534_144), "15.4 TB"),
        (filters.capacity(None), "—"),
        (filters.short("ab" * 32), "abab abab abab abab"),
        (filters.grouped("PF1CVK3T"), "PF1CVK3T"),
        (filters.grouped("PO 2026 / " + "A" * 18), "PO 2026 / AAAA\u200bAAAA\u200bAAAA\u200bAAAA\u200bAA"),
        (
            filters.address("https://a.example/verify/x-1/"),
            "https://\u200ba.\u200bexample/\u200bverify/\u200bx-\u200b1/",
        ),
    ],
)
def test_values_are_written_as_people_read_them(written: str, expected: str) -> None:
    assert written == expected


@pytest.mark.parametrize(
    ("write", "value", "sentence"),
    [
        (filters.instant, "2026-07-04T23:30:00", "has no zone"),
        (filters.instant, "yesterday", "not an ISO 8601 time"),
        (filters.day, "soon", "not an ISO 8601 time"),
        (filters.number, "many", "not a number"),
        (lambda value: filters.instant("2026-07-04T23:30:00Z", value), "Mars/Olympus", "not a time zone"),
        (lambda value: filters.word(value, "level"), "sparkling", "no word for"),
    ],
)
def test_a_value_that_cannot_be_read_is_refused(write: object, value: str, sentence: str) -> None:
    with pytest.raises(filters.UnreadableValue, match=sentence):
        write(value)  # type: ignore[operator]


@pytest.mark.usefixtures("compiled")
def test_numbers_and_days_follow_the_language() -> None:
    with translation.override("de"):
        assert (filters.kilograms(1_234_567), filters.day("2026-03-04")) == ("1.234,567", "4. März 2026")


def test_a_printed_qr_code_shows_each_module_where_the_standard_puts_it() -> None:
    """The label's page is turned into pixels, and the middle of every module compared with the code's matrix."""
    record = samples.label()
    expected = [bytes(row) for row in segno.make_qr(record.rma, error="m", boost_error=False).matrix]
    picture = pypdfium2.PdfDocument(made(record))[0].render(scale=6).to_pil().convert("L")
    # The finder patterns' outer corner is the first black pixel in the right part of the page, rows from the top.
    side = len(expected) + 2 * QUIET
    module = 36 / 25.4 * 72 * 6 / side
    right = [
        (x, y)
        for y in range(picture.height)
        for x in range(int(picture.width * 0.6), picture.width)
        if picture.getpixel((x, y)) < 60  # type: ignore[operator]
    ]
    rows = sorted({y for _, y in right})
    block = next(start for start in rows if all(start + step in set(rows) for step in range(int(module * 7) - 2)))
    left = min(x for x, y in right if block <= y <= block + module * 7)
    read = [
        bytes(
            int(picture.getpixel((int(left + (x + 0.5) * module), int(block + (y + 0.5) * module))) < 128)  # type: ignore[operator]
            for x in range(len(expected))
        )
        for y in range(len(expected))
    ]
    assert read == expected
    assert len(expected) * 36 / side >= 25


def test_a_qr_code_of_a_verify_address_is_at_least_25_millimeters_wide() -> None:
    modules = len(segno.make_qr(samples.VERIFY, error="m", boost_error=False).matrix)
    assert 32 * modules / (modules + 2 * QUIET) >= 25


@pytest.mark.parametrize("text", ["", "x" * 513])
def test_a_text_that_makes_no_legible_code_is_refused(text: str) -> None:
    with pytest.raises(UnreadableCode, match="1 to 512 characters"):
        qr_svg(text)
