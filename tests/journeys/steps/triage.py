"""Triage: reports brought in, a look, the grade that the worker gives, the decision."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from playwright.sync_api import Page, expect

from tests.journeys.steps.pages import choose, says


def begin(page: Page, tag: str) -> None:
    page.goto(f"/triage/units/{tag}/")
    page.get_by_role("button", name="Begin triage").click()
    expect(page.get_by_role("button", name="Keep what I saw")).to_be_visible()


def bring_in(page: Page, files: Mapping[str, bytes], *, tag: str = "") -> None:
    """Upload reports, on a unit's page or for whom they name; each must have found its unit."""
    page.goto(f"/triage/units/{tag}/" if tag else "/triage/reports/upload/")
    choose(page, "#files", files)
    page.get_by_role("button", name="Bring in").click()
    answers = page.get_by_role("region", name="Answers")
    for name in files:
        expect(answers.get_by_role("row", name=name)).to_contain_text("matched")


def look(page: Page, tag: str, *, works: str = "yes", defects: Sequence[str] = ()) -> None:
    """Say what a person sees: whether it works, and the defects by their codes, each as bad as it can be."""
    page.goto(f"/triage/units/{tag}/")
    form = page.locator("form.look-form")
    form.locator("label", has=page.locator(f'[name="works"][value="{works}"]')).click()
    for code in defects:
        choice = form.locator("label", has=page.locator(f'[name="defect-{code}"]')).last
        choice.click()
        expect(choice.locator("input")).to_be_checked()
    page.get_by_role("button", name="Keep what I saw").click()
    says(page, re.compile("^Kept: "))


def wait_for_grade(page: Page, tag: str, grade: str) -> None:
    """The grade comes by itself once its report is in: the page fetches it."""
    page.goto(f"/triage/units/{tag}/")
    expect(page.locator("#grade .overall .grade")).to_have_text(grade, timeout=40_000)


def decide(page: Page, tag: str, way: str, *, reason: str = "") -> None:
    """Take the proposed way, or with a reason another one."""
    page.goto(f"/triage/units/{tag}/")
    if reason:
        page.get_by_text("Send it another way").click()
        page.get_by_label("Way", exact=True).select_option(label=way)
        page.get_by_label("Why", exact=True).fill(reason)
        page.get_by_role("button", name="Decide so").click()
    else:
        page.get_by_role("button", name=f"Decide: {way}").click()
    expect(page.locator(".notices")).to_contain_text(f"{tag}: {way}", ignore_case=True)
