"""The portal in a real browser: how few clicks it takes, without script, by keyboard, and each of its pages looked at."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys import looking
from tests.journeys.conftest import PATIENCE, People
from tests.journeys.steps import portal
from tests.journeys.steps.pages import again_until, says, still

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

SCENE = "from tests.journeys import scenes\ntold = scenes.ordered(number, email)"
DOC = Path(__file__).resolve().parents[2] / "docs" / "portal.md"
MOST = 6
EMAIL = "kim@portal.example"


@dataclass
class Counted:
    """A customer whose every click and key is counted."""

    page: Page
    count: int = 0

    def click(self, place: Locator) -> None:
        place.click()
        self.count += 1

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.count += 1


def published(way: str) -> int:
    """The number in the table of the docs."""
    found = re.search(rf"^\| {way} \| (\d+) \|$", DOC.read_text(), re.MULTILINE)
    assert found, f"docs/portal.md says nothing of “{way}”"
    return int(found[1])


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def ordered(people: People, number: str) -> dict[str, str]:
    told: dict[str, str] = people.platform.python(SCENE, number=number, email=EMAIL)
    return told


def test_a_plain_return_takes_as_few_clicks_as_the_docs_say(people: People) -> None:
    page = people.guest()
    page.goto("/return/" + ordered(people, "PT-1")["one"])
    kim = Counted(page)

    heading(page, "Why does it come back?")  # there is one thing in the order: nobody asks which
    page.wait_for_load_state()
    with page.expect_response(re.compile("/why/")):
        kim.click(page.get_by_label("Changed my mind"))
    still(page)
    says(page, re.compile("449"))
    kim.click(page.get_by_role("button", name="Continue"))
    heading(page, "Is this right?")
    kim.click(page.get_by_role("button", name="Announce the return"))

    heading(page, "Your return")
    says(page, "You can send it now.")
    assert kim.count == published("With a pointer")
    assert kim.count <= MOST


@pytest.mark.parametrize(
    ("number", "way", "keys", "reason"),
    [
        ("PT-2", "By keyboard alone", ("Tab", "Space"), "Changed my mind"),
        ("PT-5", "By keyboard alone, for a reason of the second group", ("ArrowDown", "Tab", "Space"), "Not what I ordered"),
    ],
    ids=["changed my mind", "not what I ordered"],
)  # fmt: skip
def test_the_keyboard_alone_is_enough(
    people: People, number: str, way: str, keys: tuple[str, ...], reason: str
) -> None:
    page = people.guest()
    page.goto("/return/" + ordered(people, number)["one"])
    kim = Counted(page)

    # The cursor is in the first question: what it is about. Arrow keys choose there, Tab leads to the reasons of it.
    heading(page, "Why does it come back?")
    page.wait_for_load_state()
    expect(page.get_by_role("radio", name="I don't want it")).to_be_focused()
    for key in keys:
        kim.press(key)
    expect(page.get_by_role("radio", name=reason)).to_be_checked()
    expect(page.get_by_role("radio", name="My money back")).to_be_checked()
    kim.press("Enter")

    # The next page begins at its question, so that Enter pressed twice announces nothing.
    heading(page, "Is this right?")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    kim.press("Tab")
    # Into the form: how it is sent, where there is a choice, else the button. Enter announces from either.
    expect(page.locator("form:has(button:text('Announce the return')) :focus")).to_be_attached()
    kim.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Your (return|claim)$"))
    assert kim.count == published(way)
    assert kim.count <= MOST


def test_without_script_a_return_is_announced_and_its_label_comes(people: People) -> None:
    order = ordered(people, "PT-3")
    context = people.browser.new_context(base_url=people.platform.url, java_script_enabled=False, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    people.contexts.append(context)
    page = context.new_page()

    page.goto("/return/")
    page.get_by_label("Order number").fill(order["number"])
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_role("button", name="Find my order").click()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("radio", name="It doesn't work").check()
    page.get_by_label("Battery doesn't last").check()
    page.get_by_role("button", name="Continue").click()

    # The reason leads to questions: they are on the same page now, with the cursor in the first.
    heading(page, "Why does it come back?")
    says(page, "Has it been dropped?", "A little more about it, then continue.")
    assert page.locator("[autofocus]").first.evaluate("element => element === document.activeElement")
    page.get_by_role("group", name="Has it been dropped?").get_by_label("No").check()
    page.get_by_role("radio", name="Have it repaired").check()
    page.get_by_role("button", name="Continue").click()
    heading(page, "Something to try first")
    page.get_by_role("button", name="No", exact=True).click()
    says(page, "Lower the brightness")
    page.get_by_role("button", name="Skip this, and return it").click()
    heading(page, "Is this right?")
    page.get_by_role("button", name="Announce the return").click()

    heading(page, "Your return")
    again_until(page, page.get_by_role("link", name="Print the label"))


@pytest.fixture
def windows(people: People) -> Iterator[list[Page]]:
    """The same customer on a phone, on a desktop, and on a phone in the dark."""
    made = []
    looks: tuple[tuple[int, int, Literal["light", "dark"]], ...] = (
        (390, 844, "light"), (1440, 900, "light"), (390, 844, "dark"),
    )  # fmt: skip
    for width, height, scheme in looks:
        context = people.browser.new_context(
            base_url=people.platform.url,
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
            locale="en-GB",
        )
        context.set_default_timeout(PATIENCE)
        people.contexts.append(context)
        made.append(context.new_page())
    yield made


def looked_at(page: Page, name: str) -> list[str]:
    page.wait_for_function("() => !document.querySelector('.htmx-request')")
    return [f"{name}, {page.viewport_size}: {fault}" for fault in [*looking.of(page), *looking.axe(page)]]


def test_every_state_of_the_portal_reads_well(people: People, windows: list[Page]) -> None:
    wrong: list[str] = []
    for place, page in enumerate(windows):
        number = f"PT-4-{place}"
        order = ordered(people, number)

        def seen(name: str, page: Page = page, place: int = place) -> None:
            wrong.extend(looked_at(page, name))
            if pictures := os.environ.get("REVLOG_JOURNEY_PICTURES"):
                page.screenshot(path=Path(pictures) / f"portal-{place}-{name}.png", full_page=True)

        for path, name in (
            ("/return/", "start"),
            ("/return/link/", "link"),
            ("/return/gift/", "gift"),
            ("/return/elsewhere/", "elsewhere"),
        ):
            page.goto(path)
            seen(name)
            page.locator("main button[type=submit]").last.click()
            seen(f"{name}-refused")
        page.goto("/return/" + order["link"])
        page.get_by_text("Return something from another order too").click()
        page.get_by_label("Number of the other order").fill(f"{number}-1")
        page.get_by_role("button", name="Add this order").click()
        says(page, f"Order {number}-1")
        for box in page.get_by_role("checkbox").all():
            box.check()
        seen("which")
        page.get_by_role("button", name="Continue").click()
        seen("why")
        page.wait_for_load_state()
        reasons = ("BATTERY", "CHANGED_MIND", "SWOLLEN_BATTERY")
        for panel, reason in zip(page.locator("section.panel").all(), reasons, strict=True):
            portal.say_why(panel, reason)
        page.get_by_text("Another variant, or something else").first.click()
        seen("why-asked")
        page.get_by_role("button", name="Continue").click()
        heading(page, "Something to try first")
        seen("try")
        page.get_by_role("button", name="Skip this, and return it").click()
        heading(page, "Is this right?")
        seen("check")
        page.get_by_role("button", name="Announce the return").click()
        heading(page, "Your return")
        page.get_by_label("Write to the returns desk").fill("How long does it take?")
        page.get_by_role("button", name="Send the message").click()
        says(page, "How long does it take?")
        seen("status")
        page.goto("/return/" + order["link"])
        seen("which-announced")
    assert not wrong, "\n".join(wrong)
