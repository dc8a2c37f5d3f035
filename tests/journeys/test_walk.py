"""Every page that a person can reach opens, says what it says in people's words, and fits a phone and a desk.

The pages come from the URL configuration, so that a new one can't be forgotten; `addresses` says what stands in their addresses.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Page

from tests.journeys import addresses, looking
from tests.journeys.conftest import People
from tests.journeys.steps import portal
from tests.platforms import Platform, platform, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("walk")]

UNITS, DAYS, SEED = 60, 90, 20  # which fill every queue: tests/pages/test_simulation_queues.py
SIMULATED = """
from revlog.common import clock
from revlog.pages.simulation import run
from reporting.services import projections
at = clock.now()
ran = run.run(units=units, days=days, seed=seed, end=at, documents=2, tour=True)
projections.catch_up(at=at)
told = ran.units
"""
WIDTHS = ((390, 844), (1440, 900))
# Pages that can't be seen as they are meant, and why.
UNSEEN = {
    "mfa_reauthenticate_webauthn": "needs a passkey",
    "mfa_remove_webauthn": "needs a passkey",
    "mfa_edit_webauthn": "needs a passkey",
    "api-problem": "leads to the docs",
    "api-nothing": "is a refusal",
    "styleguide": "is tested by itself, tests/frontend",
    "demo_mail_html": "is a mail inside a frame, in the look of mail programs",
}


@pytest.fixture(scope="module")
def running() -> Iterator[Platform]:
    """A platform of its own, with some dozens of units in all stages: the journeys begin with an empty one."""
    with platform() as made:
        made.python(SIMULATED, units=UNITS, days=DAYS, seed=SEED)
        for what, written in (
            ("label", "SELECT 1 FROM returns_rmaparcel WHERE label_id IS NOT NULL LIMIT 1"),
            ("purchase document", "SELECT 1 FROM returns_tradein WHERE document_id IS NOT NULL LIMIT 1"),
        ):
            wait_for(lambda asked=written: made.ask(asked), 90, what=f"the first {what}")  # type: ignore[misc]
        yield made


@pytest.fixture(scope="module")
def site(running: Platform) -> dict[str, Any]:
    """The address of each page."""
    told: dict[str, Any] = running.python("from tests.journeys import addresses\ntold = addresses.told()")
    return told


def window(people: People, who: str, site: dict[str, Any]) -> Page:
    if who == addresses.STATION:
        page = people.at_station(site["station"])
    else:
        page = people.guest() if who == addresses.GUEST else people.as_person(who)
    return page


def begin_a_return(page: Page, order: list[str], link: str) -> None:
    """A guest whose order was found and who has chosen what comes back and why: the portal's later steps need both."""
    page.goto("/return/")
    page.locator("[name=order]").fill(order[0])
    page.locator("[name=email]").fill(order[1])
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/return/order/**")
    if "/why/" not in page.url:  # there is more than one thing in the order
        if not page.locator("[name=lines]:checked").count():
            page.locator("[name=lines]:not(:disabled)").first.check()
        page.locator("main .go button[type=submit]").click()
        page.wait_for_url("**/why/")
    page.wait_for_load_state()
    for panel in page.locator("section.panel").all():
        portal.say_why(panel, "CHANGED_MIND")
    settled(page)
    page.locator("main .go button[type=submit]").click()
    page.wait_for_url("**/check/")
    page.goto(link)


def is_page(answer: APIResponse) -> bool:
    """Not a file, and not a fragment of a page."""
    return "html" in answer.headers.get("content-type", "") and "<html" in answer.text()


def settled(page: Page) -> None:
    """Panels come by themselves after the page."""
    page.wait_for_function("() => !document.querySelector('.htmx-request, [data-panel] > .loading')")


def test_every_page_opens_and_reads_well_on_a_phone_and_on_a_desk(people: People, site: dict[str, Any]) -> None:
    begin_a_return(people.guest(), site["order"], site["link"])
    opened: set[str] = set()
    wrong: list[str] = []
    for address in (addresses.Address(**one) for one in site["addresses"]):
        if address.route in UNSEEN:
            continue
        if address.who == "nobody" or not address.path:
            wrong.append(f"{address.route}: nobody of the demo may open it, or it has no address")
            continue
        page = window(people, address.who, site)
        answer = page.request.get(address.path)
        if answer.status == 405:  # an act, which is tested where it acts
            continue
        if not address.named:
            wrong.append(f"{address.route}: addresses.NAMED doesn't say what stands in its address")
        elif answer.status >= 400:
            wrong.append(f"{address.path} as {address.who}: {answer.status}")
        elif is_page(answer):
            opened.add(address.route)
            wrong += [f"{address.path} as {address.who}, {fault}" for fault in faults_of(page, answer.url)]
    assert not wrong, "\n".join(wrong)
    assert len(opened) > 60, sorted(opened)


def faults_of(page: Page, address: str) -> list[str]:
    """What is wrong with the page as the browser shows it."""
    page.set_viewport_size({"width": WIDTHS[0][0], "height": WIDTHS[0][1]})
    page.goto(address)
    settled(page)
    found = [f"{WIDTHS[0][0]} px: {fault}" for fault in looking.of(page)]
    page.set_viewport_size({"width": WIDTHS[1][0], "height": WIDTHS[1][1]})
    found += [f"{WIDTHS[1][0]} px: {fault}" for fault in looking.of(page)]
    return found + looking.axe(page)


def test_what_must_be_seen_is_seen() -> None:
    """The list of what is left out names routes that exist, so that it can't hide one that was renamed."""
    from revlog.accounts import access

    assert set(UNSEEN) <= {route.name for route in access.routes()}
    assert set(addresses.NAMED) <= {route.name for route in access.routes()}
