"""A counted box: 400 cables announced, 388 in it. The difference is told to everybody, the box goes on with what was there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import People
from tests.journeys.steps import dock, portal, triage
from tests.journeys.steps.pages import again_until, says, scan

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

ORDER = "CABLES-4001"
CABLES = portal.Line(
    "USB-C cable, 1 m", "2.50", quantity=400, kind="accessory", tracking="counted", sku="USB-C-1M", back=400
)


def count(page: Page, pieces: str) -> None:
    page.get_by_label("How many are there?").fill(pieces)
    page.get_by_role("button", name="Receive").click()


def box_of(people: People, tag: str) -> tuple[str, int, str, str]:
    """Serial, quantity, tracking and state of the box, as the database has them."""
    [(serial, quantity, tracking, state)] = people.platform.ask(
        "SELECT serial, quantity, tracking, state FROM devices_device WHERE tag = %s", tag
    )
    return serial, quantity, tracking, state


def test_a_box_of_400_cables_comes_back_12_short_and_goes_to_stock_as_388(people: People) -> None:
    kim = people.guest()
    bought = portal.Bought(ORDER, "kim@example.com", (CABLES,))
    portal.import_order(people, bought)
    number = portal.announce(kim, bought)
    says(kim, "400 × USB-C cable, 1 m")
    expect(kim.locator(".money")).to_contain_text("1,000.00 EUR")

    # At the dock it is counted; no number of its own is asked for.
    ines = people.as_person("ines")
    dock.open_return(ines, number)
    says(ines, "How many are there? 400 were announced.")
    count(ines, "388")
    says(ines, "Received", "388 of 400 came.")
    tag = dock.tag_in(ines)
    dock.put(ines, "BIN-1", tag=tag)
    assert box_of(people, tag) == ("", 388, "counted", "RECEIVED")
    # Scanned once more, it is here already.
    says(scan(ines, tag), "Here already", "388 × USB-C cable, 1 m")

    # Twelve at 2.50 are at risk: in the inbox, and on the customer's page.
    aisha = people.as_person("aisha")
    aisha.goto("/exceptions/")
    row = aisha.get_by_role("row", name=number)
    expect(row).to_contain_text("388 of 400 came.")
    expect(row).to_contain_text("30.00 EUR")
    kim.reload()
    says(kim, "Something isn't as announced, and we need to look closer.", "388 of 400 × USB-C cable, 1 m")
    expect(kim.locator(".money")).to_contain_text("970.00 EUR")
    row.get_by_role("link", name="Decide").click()
    aisha.get_by_label("What was decided, and why").fill("counted twice; the sender packed 388")
    aisha.get_by_role("button", name="Settle").click()
    says(aisha, "Settled.")
    aisha.goto("/exceptions/")
    expect(aisha.get_by_role("row", name=number)).to_have_count(0)

    # The box goes on as what it is: looked at, accepted by rule, back to the shelf.
    ravi = people.as_person("ravi")
    triage.begin(ravi, tag)
    triage.look(ravi, tag, works="yes")
    again_until(ravi, ravi.get_by_role("button", name="Decide: restock"))
    triage.decide(ravi, tag, "restock")
    ines.goto("/returns/queue/restock/")
    row = ines.get_by_role("row", name=tag)
    row.get_by_label("Shelf").fill("A-07")
    row.get_by_role("button", name="Restock").click()
    says(ines, f"{tag} is back in stock.")

    # Nothing was lost on the way but what never came: pieces and money agree.
    assert box_of(people, tag) == ("", 388, "counted", "RESTOCKED")
    again_until(kim, kim.get_by_text("We paid you 970.00 EUR."))
    aisha.goto(f"/unit/{tag}/")
    says(aisha, re.compile("388.*400|400.*388"))
