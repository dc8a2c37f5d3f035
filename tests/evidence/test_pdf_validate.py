"""A changed byte anywhere is found; a broken file gets a sentence, never an error."""

from __future__ import annotations

import asyncio
import logging
import random
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO

import pytest
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pypdf import PdfWriter

from revlog.evidence.pdf.sign import Signer, make_signer
from revlog.evidence.pdf.validate import LARGEST, attachments, holds, validate
from tests.evidence.test_pdf_sign import AT, signed, unsigned

HEX = b"0123456789ABCDEF"


@lru_cache(maxsize=1)
def signer() -> Signer:
    return make_signer(issuer="Vega Recycling B.V.", valid_from=AT)


@lru_cache(maxsize=1)
def document() -> bytes:
    return signed(signer())


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """pyHanko logs each signature that does not hold with its traceback."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def failing(pdf: bytes) -> list[str]:
    return [check.name for check in validate(pdf, trusted=[signer().certificate]) if not check.ok]


def container() -> tuple[int, int]:
    start = document().index(b"/Contents <", len(unsigned())) + len(b"/Contents ")
    return start, document().index(b">", start) + 1


def test_every_check_passes_on_a_document_as_issued() -> None:
    checks = validate(document(), trusted=[signer().certificate])
    assert [check.name for check in checks] == [
        "readable",
        "signed",
        "intact",
        "whole_file",
        "no_later_change",
        "trusted",
        "attachment",
    ]
    assert holds(checks)
    assert all(check.sentence.endswith(".") for check in checks)
    assert "“Vega Recycling B.V.”" in checks[1].sentence


def test_the_attachment_comes_back_equal() -> None:
    assert attachments(document()) == {"ledger.json": b'{"entries":[]}' * 200}


def test_a_changed_byte_anywhere_is_found() -> None:
    rng = random.Random(20260304)
    start, end = container()
    stream = document().index(b"/EmbeddedFile")
    places = [
        *rng.sample(range(len(unsigned())), 90),  # the body
        *rng.sample(range(stream, stream + 300), 20),  # the attachment
        *rng.sample(range(start, start + 2000), 50),  # the signature's container
        *rng.sample(range(start + 2000, end), 15),  # its padding
        *rng.sample(range(end, len(document())), 25),  # what comes after it
    ]
    assert len(places) == 200
    for place in places:
        changed = bytearray(document())
        changed[place] ^= 1 << rng.randrange(8)
        assert failing(bytes(changed)), f"the change at byte {place} was not found"


def test_a_changed_digit_of_the_signature_is_found_even_where_readers_do_not_look() -> None:
    """Version numbers, algorithm lists and padding of the container are protected by nothing but our own comparison."""
    rng = random.Random(7)
    start, end = container()
    places = [*range(start + 1, start + 121, 3), *rng.sample(range(start + 121, end - 1), 40)]
    for place in places:
        changed = bytearray(document())
        changed[place] = rng.choice([digit for digit in HEX if digit != changed[place]])
        assert failing(bytes(changed)), f"the change at byte {place} was not found"


def test_hexadecimal_digits_in_the_other_case_are_found() -> None:
    start, end = container()
    changed = document()[:start] + document()[start:end].lower() + document()[end:]
    assert changed != document()
    assert failing(changed) == ["intact"]


def test_a_second_revision_is_found() -> None:
    writer = IncrementalPdfFileWriter(BytesIO(document()))
    writer.root[pdf_name("/Note")] = pdf_string("added later")
    writer.update_root()
    later = BytesIO()
    writer.write(later)
    assert {"whole_file", "no_later_change"} <= set(failing(later.getvalue()))


@pytest.mark.parametrize("tail", [b"\n", b"\0", b"%%EOF\n", b"trailing words"])
def test_bytes_after_the_end_are_found(tail: bytes) -> None:
    assert failing(document() + tail)


def test_a_document_signed_by_a_stranger_is_told_from_ours() -> None:
    stranger = make_signer(issuer="Vega Recycling B.V.", valid_from=AT)  # the same name, another key
    assert failing(signed(stranger)) == ["trusted"]
    assert [check.name for check in validate(document(), trusted=[]) if not check.ok] == ["trusted"]


def test_an_unsigned_document_is_told_so() -> None:
    checks = validate(unsigned(), trusted=[signer().certificate])
    assert checks[-1].sentence == "The file carries no signature."
    assert not holds(checks)


@lru_cache(maxsize=1)
def hostile() -> dict[str, bytes]:
    blank = BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(blank)
    loop = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Names<</EmbeddedFiles 2 0 R>>>>\nendobj\n2 0 obj\n<</Kids[2 0 R 2 0 R]>>\nendobj\n"
    table = b"xref\n0 3\n0000000000 65535 f \n%010d 00000 n \n%010d 00000 n \n" % (
        loop.index(b"1 0 obj"),
        loop.index(b"2 0 obj"),
    )
    looped = (
        loop + table + b"trailer\n<</Size 3/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (len(loop), len(loop))
    )
    bomb = zlib.compress(b"\0" * (200 * 1024 * 1024), 9)
    return {
        "nothing": b"",
        "text": b"hello",
        "a header alone": b"%PDF-1.7\n",
        "half a document": document()[: len(document()) // 2],
        "zeros": b"%PDF-1.7\n" + bytes(100_000),
        "no signature": blank.getvalue(),
        "a loop of references": looped,
        "nested brackets": b"%PDF-1.7\n1 0 obj\n" + b"[" * 200_000 + b"\nendobj\nstartxref\n9\n%%EOF\n",
        "a bomb as cross-references": b"%PDF-1.7\n1 0 obj\n<</Type/XRef/Size 1/W[1 1 1]/Filter/FlateDecode/Length "
        + str(len(bomb)).encode()
        + b">>\nstream\n"
        + bomb
        + b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n",
        "megabytes without an end": b"%PDF-1.7\n" + bytes(LARGEST // 2),
        "too large": b"%PDF-1.7\n" + bytes(LARGEST),
    }


@pytest.mark.parametrize("name", list(hostile()))
def test_a_broken_or_hostile_file_gets_a_sentence(name: str) -> None:
    data = hostile()[name]
    checks = validate(data, trusted=[signer().certificate])
    assert not holds(checks)
    assert all(check.sentence for check in checks)
    assert attachments(data) == {}


def test_a_hundred_mangled_documents_get_an_answer_each() -> None:
    rng = random.Random(11)
    for _ in range(100):
        mangled = bytearray(document())
        for _ in range(rng.randrange(1, 8)):
            start = rng.randrange(len(mangled))
            what = rng.choice(["cut", "zero", "copy"])
            length = rng.randrange(1, 2000)
            if what == "cut":
                del mangled[start : start + length]
            elif what == "zero":
                mangled[start : start + length] = bytes(min(length, len(mangled) - start))
            else:
                mangled[start:start] = mangled[rng.randrange(len(mangled)) :][:length]
        assert failing(bytes(mangled)) or bytes(mangled) == document()


def test_it_answers_the_same_inside_a_running_event_loop() -> None:
    async def within() -> bool:
        return holds(validate(document(), trusted=[signer().certificate]))

    assert asyncio.run(within())


def test_the_moment_is_the_claimed_one() -> None:
    assert holds(validate(signed(signer(), at=datetime(2030, 1, 1, tzinfo=UTC)), trusted=[signer().certificate]))
