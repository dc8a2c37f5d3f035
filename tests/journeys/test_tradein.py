"""A phone is sold on a phone, and another one at a kiosk that forgets who stood there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.factories.tradein import GOOD
from tests.journeys import looking
from tests.journeys.conftest import People

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

READY = """
from datetime import timedelta
from revlog.accounts import actors
from revlog.accounts.models import Hub
from revlog.accounts.services import stations
from revlog.common import clock
from decimal import Decimal
from revlog.devices.models import ProductModel
from revlog.terms.services import prices
at = clock.now() - timedelta(hours=1)
by = actors.system("journey")
phone = ProductModel.objects.create(manufacturer="Fairphone", name="Fairphone 5", device_class="phone", created_at=at)
for grade, amount in {"A": "400", "B": "340", "C": "260", "D": "120"}.items():
    prices.set_price(product=phone, grade=grade, amount=Decimal(amount), currency="EUR", valid_from=at, by=by, at=at)
told = stations.register(hub=Hub.objects.get(code="rotterdam"), name="Kiosk", by=by, at=at).token
"""


def look(page: Page, name: str) -> None:
    page.wait_for_load_state()
    faults = [*looking.of(page), *looking.axe(page)]
    assert faults == [], f"{name}: {faults}"


def answer_and_sell(page: Page) -> None:
    """From the first page on: find it, answer, read the sum, say who sells."""
    look(page, "start")
    page.locator("#q").fill("fairphone")
    page.locator("main button[type=submit]").click()
    found = page.locator("ul.ways a", has_text="Fairphone 5")
    expect(found).to_be_visible()
    look(page, "found")
    found.click()
    page.wait_for_url(re.compile("/model/"))
    expect(page.locator(".go button")).to_be_visible()
    look(page, "questions")
    for name, told in GOOD.items():
        page.locator(f"input[type=radio][name='answers.{name}'][value={told}]").check()
    page.locator(".go button").click()
    page.wait_for_url(re.compile("/quote/TI-"))
    expect(page.locator(".says strong")).to_have_text("We pay you 226.00\xa0EUR.")
    look(page, "quote")
    for name, told in {"name": "Robin Visser", "email": "robin@example.org", "address": "Oude Dijk 7"}.items():
        page.locator(f"[name={name}]").fill(told)
    page.locator("[name=iban]").fill("NL91 ABNA 0417 1643 00")
    page.locator("[name=declared]").check()
    page.locator(".go button").click()


def test_a_phone_is_sold_on_the_web_and_at_a_kiosk(people: People) -> None:
    token = str(people.platform.python(READY))

    page = people.guest()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/trade-in/")
    answer_and_sell(page)
    page.wait_for_url(re.compile("/return/RMA-"))
    expect(page.locator(".says strong")).to_have_text("You can hand it in now.")
    look(page, "status")

    tablet = people.at_station(token)
    tablet.set_viewport_size({"width": 1024, "height": 768})
    tablet.goto("/kiosk/")
    answer_and_sell(tablet)
    expect(tablet.locator(".kiosk-code .mono")).to_have_text(re.compile("^RMA-"))
    look(tablet, "code")
    code = tablet.url
    # Left alone, it goes back to its first page; and nobody after that sees the code again.
    tablet.evaluate("document.querySelector('main').dataset.idle = '0.05'")
    tablet.locator("main").dispatch_event("pointerdown")
    tablet.wait_for_url("**/kiosk/")
    tablet.goto(code)
    expect(tablet).to_have_url(re.compile("/kiosk/$"))
    expect(tablet.locator("#q")).to_be_visible()
