"""Two returns that are talked over, on a phone: a deduction that its customer doesn't agree with, and a repair for a price."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import People
from tests.journeys.steps import bench, dock, erasing, portal, triage
from tests.journeys.steps.pages import again_until, choose, says, scan
from tests.journeys.steps.portal import Bought, Line

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

PICTURES = os.environ.get("REVLOG_PICTURES", "")
"""A folder where the pages that were walked through are kept to be looked at."""


def seen(page: Page, name: str) -> None:
    """The page fits the phone; where pictures are wanted, one of it."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
        f"{name} is wider than its window"
    )
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def announced(people: People, order: Bought) -> tuple[Page, str]:
    """Kim, on a phone, announces the return of what the order brought."""
    portal.import_order(people, order)
    kim = people.guest()
    kim.set_viewport_size({"width": 390, "height": 844})
    return kim, portal.announce(kim, order)


def received(people: People, number: str, serial: str) -> str:
    ines = people.as_person("ines")
    dock.open_return(ines, number)
    tag = dock.receive(ines, serial)
    dock.put(ines, "CAGE-1", tag=tag)
    return tag


def looked_at(page: Page, tag: str, name: str, *, code: str = "", off: str = "") -> None:
    """An inspector says what they see, with a photo that the customer may see."""
    triage.start(page, tag)
    triage.pass_all(page)
    if code:
        triage.mark(page, code)
    if off:
        gone = page.locator(f'#marked form:has([name="code"][value="{off}"]):not([enctype]) button')
        gone.click()
        expect(gone).to_have_count(0)
    page.locator(".zones a").first.click()
    page.locator(".place .photo-of summary").click()
    choose(page, "#photo-place", {f"{name}.jpg": erasing.photo(name)}, kind="image/jpeg")
    page.locator(".place").get_by_role("button", name="Keep the photo").click()
    expect(page.locator("#photos")).to_contain_text("1 photo")
    triage.finish(page)


def test_a_deduction_is_appealed_against_and_the_rest_is_paid(people: People) -> None:
    order = Bought("TO-1001", "kim@talked.example", (Line("Lenovo ThinkPad T480", "449.00", serials="PF4TALK01"),))
    kim, number = announced(people, order)
    tag = received(people, number, "PF4TALK01")

    # The charger isn't in the box; by rule eight percent are deducted, and what isn't disputed is paid.
    looked_at(people.as_person("ravi"), tag, "a box without a charger", code="power_adapter")
    again_until(kim, kim.get_by_text("The charger is missing.").first)
    says(kim, "What we found", "35.92", "Rule: charger missing")
    expect(kim.locator(".proof .photo-grid img")).to_have_count(1)
    again_until(kim, kim.get_by_text("We paid you 413.08").first)
    seen(kim, "proof")

    kim.locator(".proof summary", has_text="I don't agree").click()
    says(kim, re.compile("Until .* you can have somebody else look again"))
    kim.get_by_label("What do you see otherwise?").fill("It is under the cardboard.")
    seen(kim, "appeal")
    kim.get_by_role("button", name="Look again").click()
    says(kim, "Somebody else is looking at it again.")
    expect(kim.get_by_role("button", name="Look again")).to_have_count(0)
    assert people.platform.state(tag) == "IN_TRIAGE"

    # Ravi may not look at his own work again; Maria does, and finds it.
    ravi, maria, carla = (people.as_person(name) for name in ("ravi", "maria", "carla"))
    ravi.goto(f"/triage/units/{tag}/")
    says(ravi, "Somebody else looks again")
    expect(ravi.get_by_role("link", name=re.compile("Look at it"))).to_have_count(0)
    carla.goto("/exceptions/")
    carla.get_by_role("row", name=tag).filter(has_text="appeals").get_by_role("link").first.click()
    says(carla, "It is under the cardboard.", "Nobody else has looked at it again yet.")
    looked_at(maria, tag, "a charger under cardboard", off="power_adapter")
    carla.reload()
    expect(carla.locator(".photo-grid img")).to_have_count(2)
    if PICTURES:
        carla.screenshot(path=str(Path(PICTURES) / "decide.png"), full_page=True)
    carla.get_by_label("Why, as the customer reads it").fill("It was there, you are right.")
    carla.get_by_role("button", name="Decide anew").click()
    says(carla, "Decided.")

    # A third person approves the rest; it is paid once, and the customer reads why.
    esra = people.as_person("esra")
    esra.goto(f"/returns/{number}/")
    esra.get_by_role("button", name=re.compile("Approve 35.92")).click()
    says(esra, "Decided.")
    again_until(kim, kim.get_by_text("We paid you 35.92").first)
    says(kim, "You asked us to look again: decided anew.", "It was there, you are right.")
    seen(kim, "decided")
    paid = people.platform.ask(
        "SELECT r.amount FROM returns_refund r JOIN returns_rmaline l ON l.id = r.line_id JOIN returns_rma m ON m.id = l.rma_id"
        " WHERE m.number = %s AND r.status = 'paid' ORDER BY r.amount", number,
    )  # fmt: skip
    assert [str(row[0]) for row in paid] == ["35.92", "413.08"]


def test_a_repair_is_quoted_agreed_to_paid_done_and_sent_back(people: People) -> None:
    line = Line("Lenovo ThinkPad T470", "399.00", serials="PF4TALK02", reason="KEYBOARD", wanted="repair")
    kim, number = announced(people, Bought("TO-1002", "kim@repair.example", (line,)))
    tag = received(people, number, "PF4TALK02")

    # Coffee in the keys is nobody's guarantee: the desk says so, and the bench says what it costs.
    aisha = people.as_person("aisha")
    aisha.goto(f"/returns/{number}/")
    aisha.get_by_text("What the reason was found to be").click()
    aisha.get_by_label("Found, as the customer reads it").select_option("CUSTOMER_DAMAGE")
    aisha.get_by_role("button", name="Keep", exact=True).click()
    says(aisha, "Kept.")
    ravi, jakob, mei = (people.as_person(name) for name in ("ravi", "jakob", "mei"))
    looked_at(ravi, tag, "coffee in the keys", code="keyboard")
    triage.decide(ravi, tag, "repair and return")
    jakob.goto("/bench/")
    scan(jakob, tag)
    jakob.wait_for_url("**/bench/quote/**")
    jakob.get_by_label("Minutes").first.fill("30")
    jakob.get_by_label("Parts, price").first.fill("45")
    jakob.get_by_role("button", name="Ask its owner").click()
    says(jakob, f"{tag} waits for its owner's answer")

    yes = kim.get_by_role("button", name=re.compile("Repair it for 72.00"))
    again_until(kim, yes)
    says(kim, "We need your answer.", re.compile("Answer by"))
    seen(kim, "quote")
    yes.click()
    says(kim, "It waits for your payment.")
    esra = people.as_person("esra")
    esra.goto(f"/returns/{number}/")
    again_until(esra, esra.get_by_role("button", name="It is on our account")).click()

    jakob.goto("/bench/")
    again_until(jakob, jakob.locator(".unit", has_text=tag).filter(has_not_text="no consent yet"))
    bench.open_work(jakob, tag)
    bench.operate(jakob, "Replace keyboard", fault="Keys fail or are missing")
    bench.finish(jakob, tag)
    bench.accept(mei, tag)
    assert people.platform.state(tag) == "TO_RETURN"
    ines = people.as_person("ines")
    ines.goto("/returns/queue/send-back/")
    row = ines.get_by_role("row").filter(has_text=tag)
    row.get_by_label("Tracking number").fill("3STALK02")
    row.get_by_role("button", name="Send back").click()
    assert people.platform.state(tag) == "RETURNED"
    again_until(kim, kim.get_by_text("We sent it back to you.").first)
    says(kim, "Everything is settled.")
    seen(kim, "repaired")
