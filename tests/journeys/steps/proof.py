"""What proves a journey: a document's signature, its copy of the ledger, the public page, the whole ledger."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

from playwright.sync_api import expect
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from tests.journeys.conftest import People
from tests.platforms import ROOT, Platform

PERSONS = re.compile(r"@|Kral|Lindqvist|Jansen|Kade 1", re.IGNORECASE)
"""An address of a mail, and the names and address of those who take part."""


def signature_holds(pdf: bytes, platform: Platform) -> None:
    """The one signature is sound and covers the whole file, and its certificate is the platform's own: pyHanko's judgement."""
    # pyHanko runs an event loop of its own, and Playwright holds the one of this thread.
    with ThreadPoolExecutor(1) as aside:
        status = aside.submit(_judged, pdf, platform).result()
    assert status.bottom_line, status.pretty_print_details()


def _judged(pdf: bytes, platform: Platform) -> PdfSignatureStatus:
    [signature] = PdfFileReader(BytesIO(pdf)).embedded_signatures
    own = list(load_certs_from_pemder((platform.var / "keys/trusted").glob("*.pem")))
    return validate_pdf_signature(
        signature,
        ValidationContext(trust_roots=own, allow_fetching=False),
        key_usage_settings=KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}),
    )


def ledger_in(pdf: bytes) -> bytes:
    """The ledger entries with their proof that the document carries."""
    [(_name, [data])] = PdfReader(BytesIO(pdf)).attachments.items()
    return data


def ledger_is_the_exported(pdf: bytes, tag: str, platform: Platform, folder: Path) -> None:
    """What the document carries is byte for byte what ``export_ledger`` writes up to the entry that it names, and verifies alone."""
    carried = ledger_in(pdf)
    sequence = json.loads(carried)["entries"][-1]["sequence"]
    file = folder / f"{tag}-{sequence}.json"
    platform.manage("export_ledger", tag, "--until", str(sequence), "--output", str(file))
    assert file.read_bytes() == carried
    verifies_alone(file)


def verifies_alone(file: Path) -> None:
    """The stand-alone verifier says that the exported chain holds."""
    done = subprocess.run(
        [sys.executable, "-m", "revlog.custody.verifier", str(file)], cwd=ROOT, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def document_holds(pdf: bytes, platform: Platform, folder: Path) -> None:
    """``verify_document`` says that everything holds, and of a changed copy which check failed."""
    file = folder / "document.pdf"
    file.write_bytes(pdf)
    assert "Everything holds." in platform.manage("verify_document", str(file)).stdout
    at = len(pdf) // 3
    changed = folder / "changed.pdf"
    changed.write_bytes(pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :])
    done = platform.manage("verify_document", str(changed), check=False)
    assert done.returncode in {1, 2}, done.stdout


def anybody_can_check(people: People, address: str) -> None:
    """The public page of a document says to a guest that it holds, and names nobody."""
    page = people.guest()
    page.goto(address)
    expect(page.locator(".band")).to_contain_text("It holds")
    assert not PERSONS.search(page.locator("main").inner_text()), page.locator("main").inner_text()


def whole_ledger_holds(platform: Platform) -> None:
    assert platform.manage("verify_ledger").stdout.startswith("Holds: ")
