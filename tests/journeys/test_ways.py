"""Ways of sending a return in, on a phone and on a desk, in two languages: a code instead of a label, then the van, then the counter."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import looking
from tests.journeys.conftest import People
from tests.journeys.steps.pages import still

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

SCENE = "from tests.journeys import scenes\ntold = scenes.with_ways(number, email)"
FEE = re.compile(r"4[.,]95")
LEFT = re.compile(r"444[.,]05")


def look(page: Page, language: str) -> None:
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("lang") == language
    assert [*looking.of(page), *looking.axe(page)] == [], page.url


@pytest.fixture(params=[("en", 390, 844), ("de", 1440, 900)], ids=["phone, English", "desk, German"])
def shopper(request: pytest.FixtureRequest, people: People) -> Iterator[tuple[Page, str]]:
    """A customer's own browser. Everything is found by what it is, not by its words."""
    language, width, height = request.param
    context = people.browser.new_context(
        base_url=people.platform.url,
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
        locale={"en": "en-GB", "de": "de-DE"}[language],
    )
    yield context.new_page(), language
    context.close()


def test_a_code_then_the_van_then_the_counter(people: People, shopper: tuple[Page, str]) -> None:
    page, language = shopper
    told = people.platform.python(SCENE, number=f"WAY-{language.upper()}", email=f"kim.{language}@ways.example")
    page.goto("/return/" + told["link"])
    page.wait_for_load_state()
    with page.expect_response(re.compile("/why/")):
        page.locator("input[type=radio][value=CHANGED_MIND]").check()
    still(page)
    page.locator(".go button[type=submit]").click()

    # The last page: the label is chosen, the van costs something, and the sum says so at once.
    page.wait_for_url(re.compile("/check/"))
    expect(page.locator("#way-label")).to_be_checked()
    expect(page.locator("#sums")).not_to_contain_text(FEE)
    page.locator("#way-pickup").check()
    expect(page.locator("#sums")).to_contain_text(FEE)
    expect(page.locator("#sum")).to_contain_text(LEFT)
    page.locator("#way-qr").check()
    expect(page.locator("#sums")).not_to_contain_text(FEE)
    look(page, language)
    page.locator(".go button[type=submit]").click()

    # There is a code to show, and nothing to print.
    page.wait_for_url(re.compile("/return/RMA-"))
    expect(page.locator(".code-shown img")).to_be_visible()
    expect(page.locator("#labels a")).to_have_count(0)
    look(page, language)

    # Another way: the van, at one of its times.
    status, number = page.url, page.locator("main .mono").first.inner_text()
    page.goto(f"{status}way/")
    page.locator("#way-pickup").check()
    page.locator("#slot").select_option(index=0)
    look(page, language)
    page.locator(".go button[type=submit]").click()
    page.wait_for_url(status)
    expect(page.locator(".money")).to_contain_text(FEE)
    look(page, language)

    # Or to the counter, without a box; there somebody takes it.
    page.goto(f"{status}way/")
    page.locator("#way-counter").check()
    page.locator(".go button[type=submit]").click()
    page.wait_for_url(status)
    expect(page.locator(".code-shown img")).to_be_visible()
    expect(page.locator(".money")).not_to_contain_text(FEE)
    look(page, language)
    if language == "en":  # the counter's people see the same, whatever their customers read
        handed_in(people, page, number, told["serial"])


def handed_in(people: People, page: Page, number: str, serial: str) -> None:
    desk = people.as_person("ines")
    desk.goto("/counter/?place=kade-shop")
    for code in (number, serial):
        desk.locator(".scan input[name=code]").fill(code)
        desk.locator(".scan input[name=code]").press("Enter")
        expect(desk.locator("main")).to_contain_text(code)
    assert [*looking.of(desk), *looking.axe(desk)] == []
    desk.locator("form:has(input[name=act][value=bag]) button[type=submit]").click()
    expect(desk.locator(f'a[href*="/counter/"][href*="{number}"]')).to_be_visible()
    page.reload()
    expect(page.locator("main")).to_contain_text("Kade Shop")
    look(page, "en")
