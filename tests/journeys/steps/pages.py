"""What every step needs: scanning, choosing a file, following a link to its file, being refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO

from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from tests.platforms import wait_for


def scan(page: Page, code: str) -> Locator:
    """Scan a code as a scanner does: typed, with Enter at its end. Gives the place where the answer lands."""
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator("#scan").fill(code)
        page.keyboard.press("Enter")
    still(page)
    return page.locator("#answer")


def says(place: Page | Locator, *words: str | re.Pattern[str]) -> None:
    """Wait until each of these words stands there to be seen."""
    for text in words:
        expect(place.get_by_text(text).first).to_be_visible()


def refuses(place: Page | Locator, *words: str | re.Pattern[str]) -> None:
    """Wait until a refusal with these words stands there, of a page or of the answer to a scan."""
    box = place.locator(".problem, .band-refused")
    expect(box.first).to_be_visible()
    for text in words:
        expect(box.filter(has_text=text).first).to_be_visible()


def choose(
    place: Page | Locator, selector: str, files: Mapping[str, bytes], *, kind: str = "application/octet-stream"
) -> None:
    """Choose these files, by name, in a file field."""
    place.locator(selector).set_input_files(
        [{"name": name, "mimeType": kind, "buffer": data} for name, data in files.items()]
    )


def file_behind(link: Locator, *, kind: str = "application/pdf") -> bytes:
    """The file that a link of the page leads to, fetched as the person who sees the link."""
    address = link.get_attribute("href")
    assert address, "the link leads nowhere"
    answer = link.page.context.request.get(address)
    assert answer.status == 200, f"{address}: {answer.status}"
    assert answer.headers["content-type"].startswith(kind), answer.headers["content-type"]
    return answer.body()


def text_of(pdf: bytes) -> str:
    """What a PDF says, with every run of white space as one space."""
    return " ".join(" ".join((page.extract_text() or "").split()) for page in PdfReader(BytesIO(pdf)).pages)


def reads(pdf: bytes, *words: str) -> None:
    """Each of these words stands in a PDF; how it breaks and groups them is left out of account."""
    told = text_of(pdf)
    missing = [text for text in words if text.replace(" ", "") not in told.replace(" ", "")]
    assert not missing, f"{missing} not in {told}"


def still(page: Page) -> None:
    """What was asked for has come, and stands: an answer that has arrived is swapped in and settles a moment later."""
    page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")


def again_until(page: Page, place: Locator, *, seconds: float = 40) -> Locator:
    """Load the page again until ``place`` is there to be seen: what a worker makes shows within seconds."""

    def seen() -> bool:
        if place.first.is_visible():
            return True
        page.wait_for_timeout(400)
        page.reload()
        return place.first.is_visible()

    wait_for(seen, seconds, what=f"{place} on {page.url}")
    return place.first
