"""Sanitization: a drive's wipe from its beginning to the second person's word, destruction with its witness, the certificate."""

from __future__ import annotations

import io
from collections.abc import Mapping

from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page

from tests.journeys.steps import triage
from tests.journeys.steps.pages import again_until, file_behind, says


def photo(words: str) -> bytes:
    """A photo with these words on it; no two of different words are the same file."""
    picture = Image.new("RGB", (640, 480), (96, 104, 112))
    ImageDraw.Draw(picture).text((40, 220), words, fill="white", font_size=36)
    data = io.BytesIO()
    picture.save(data, "JPEG")
    return data.getvalue()


def open_media(page: Page, tag: str) -> None:
    page.goto(f"/itad/units/{tag}/")


def begin(page: Page, tag: str) -> None:
    """Take the drive in hand."""
    open_media(page, tag)
    page.get_by_role("button", name="Begin the wipe").click()
    says(page, "Wipe it now, then bring in the tool's log")


def bring_in_log(page: Page, tag: str, logs: Mapping[str, bytes]) -> None:
    """Bring in the tool's log, which is matched to the drive by its serial, and wait until it is credited."""
    open_media(page, tag)
    page.get_by_role("link", name="Bring in the log").click()
    triage.bring_in(page, logs)
    open_media(page, tag)
    again_until(page, page.get_by_text(": to verify"))


def verify(page: Page, tag: str) -> None:
    """The second person's word."""
    open_media(page, tag)
    page.get_by_role("button", name="Verify this wipe").click()
    says(page, "Verified.")


def document(page: Page, tag: str, kind: str) -> Locator:
    """The link to a document of the unit, once it is issued."""
    open_media(page, tag)
    return again_until(page, page.get_by_role("link", name=kind))


def download(page: Page, tag: str, kind: str) -> bytes:
    return file_behind(document(page, tag, kind))
