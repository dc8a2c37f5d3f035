"""Triage: reports brought in, a look, the grade that the worker gives, the decision."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from playwright.sync_api import Page, expect

from revlog.pages.simulation import pictures
from tests.journeys.steps.pages import choose, says, still


def begin(page: Page, tag: str) -> None:
    page.goto(f"/triage/units/{tag}/")
    page.get_by_role("button", name="Begin triage").click()
    expect(page.get_by_role("link", name="Look at it")).to_be_visible()


def bring_in(page: Page, files: Mapping[str, bytes], *, tag: str = "") -> None:
    """Upload reports, on a unit's page or for whom they name; each must have found its unit."""
    page.goto(f"/triage/units/{tag}/" if tag else "/triage/reports/upload/")
    choose(page, "#files", files)
    page.get_by_role("button", name="Bring in").click()
    answers = page.get_by_role("region", name="Answers")
    for name in files:
        expect(answers.get_by_role("row", name=name)).to_contain_text("matched")


def start(page: Page, tag: str) -> None:
    """Open the page of the look, and begin unless somebody has."""
    page.goto(f"/triage/units/{tag}/look/")
    begin_it = page.locator("#begin")
    if begin_it.count():
        begin_it.click()
    expect(page.locator("#finish")).to_be_visible()


def mark(page: Page, code: str) -> None:
    """Choose the first place at which this can be wrong, on the picture and with the keys, and how bad it is: as bad as it can be."""
    choices = page.locator(f'.defect-taps:has([name="code"][value="{code}"]) button:not([value=""])')
    places = [(".outline a", each) for each in range(page.locator(".outline a").count())] + [(".zones a", -1)]
    for where, place in places:
        page.locator(where).nth(place).press("Enter")
        expect(page.locator(where).nth(place)).to_have_attribute("aria-current", "true")
        if choices.count():
            break
    choices.last.press("Enter")
    expect(choices.last).to_have_attribute("aria-pressed", "true")


def pass_all(page: Page) -> None:
    """Pass the test that is asked with the keys, and the others by the same form, which is sooner."""
    asked = page.locator(".tap-pass")
    if not asked.count():
        return
    name = asked.get_attribute("id")
    asked.press("Enter")
    expect(page.locator(f"#{name}")).to_have_count(0)
    still(page)
    token = page.locator('#look-work [name="csrfmiddlewaretoken"]').first.input_value()
    # Read at one moment: what the swap brought keeps the classes of what it replaced until it settles.
    still_open: list[str] = page.locator(".look-tests li.is-open").evaluate_all(
        "items => items.map(item => item.id.slice(2))"
    )
    for test in still_open:
        told = {"csrfmiddlewaretoken": token, "test": test, "verdict": "pass"}
        page.request.post(page.url.split("?")[0].split("#")[0] + "answer/", form=told, headers={"Referer": page.url})
    page.goto(page.url.split("?")[0].split("#")[0])
    expect(asked).to_have_count(0)


def finish(page: Page) -> None:
    page.get_by_role("button", name="Keep what I saw").click()
    says(page, re.compile("^Kept: "))


def look(page: Page, tag: str, *, works: str = "yes", defects: Sequence[str] = ()) -> None:
    """Try what is asked and say what a person sees: each defect as bad as it can be, by its code."""
    start(page, tag)
    if works == "yes":
        pass_all(page)
    for code in defects:
        mark(page, code)
    if "crack" in defects:
        # What a rule asks for stands open.
        shot = page.locator('#marked form:has([name="code"][value="crack"]) input[type="file"]')
        shot.set_input_files({"name": "crack.jpg", "mimeType": "image/jpeg", "buffer": pictures.drawn("crack")})
        shot.locator("xpath=..").get_by_role("button", name="Keep the photo").click()
        expect(page.locator("#photos")).to_contain_text("photo taken")
    if works == "no" and {"no_power", "does_not_work"} & set(defects) and page.locator("#t-power.is-open").count():
        if not page.locator("#power-fail").count():
            page.locator("#t-power a").click()
        page.locator("#power-fail").click()
        page.locator("#power-no_power" if "no_power" in defects else "#power-does_not_work").click()
    finish(page)


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
