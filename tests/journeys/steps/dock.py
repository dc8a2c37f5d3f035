"""Receiving: one box to scan into, and the big buttons of its answer."""

from __future__ import annotations

import io

import pypdfium2
from playwright.sync_api import Locator, Page, expect

from tests.journeys.steps.pages import choose, says, scan


def open_return(page: Page, code: str) -> None:
    """Scan the number of a return or of its parcel: the box is open."""
    page.goto("/dock/?next=parcel")
    says(scan(page, code), code)


def photograph(page: Page, pdf: bytes) -> None:
    """Scan the code that is printed on a page, from a photo of it: what the camera's sheet offers where no camera may be used."""
    page.goto("/dock/?next=parcel")
    picture = io.BytesIO()
    pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil().save(picture, "PNG")
    page.get_by_role("button", name="Scan with the camera").click()
    choose(page, "#camera input[type=file]", {"photo.png": picture.getvalue()}, kind="image/png")


def receive(page: Page, code: str, *, button: str = "Receive") -> str:
    """Scan the thing in the hand and press the button; gives the tag that it has now."""
    return press_receive(scan(page, code), button=button)


def press_receive(answer: Locator, *, button: str = "Receive") -> str:
    """Press the button of an answer that is there; a second scan of one code within a second would count as the first."""
    answer.get_by_role("button", name=button).click()
    says(answer, "Received")
    return tag_in(answer.page)


def tag_in(page: Page) -> str:
    """The tag of the unit in the answer."""
    return page.locator("#answer .unit-tag").first.inner_text().strip()


def put(page: Page, place: str, *, tag: str) -> None:
    """Scan the place where the thing that was just received is put."""
    answer = scan(page, place)
    says(answer, f"Put in {place}")
    expect(answer).to_contain_text(tag)
