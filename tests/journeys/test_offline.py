"""The net is cut in the middle of receiving: everything is kept, in order, for the one who did it, and done once when it is back."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import People
from tests.journeys.steps.pages import says
from tests.journeys.test_floor import picture

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

READY = """
from tests.journeys import scenes
from revlog.accounts import actors, queries, stable
from revlog.accounts.models import Hub, User
from revlog.accounts.services import stations
from revlog.common import clock
from revlog.devices.models import Location
told = scenes.thirty_announced("OFF-30", "offline@example.org")
people = {one.code: one for one in stable.PEOPLE}
hub = Hub.objects.get(code="rotterdam")
aisha = queries.actor_of(User.objects.get(pk=people["aisha"].id), at=clock.now())
for code in ("OFF-1", "OFF-2"):
    Location.objects.create(hub=hub, code=code, kind="bin", secured=True, created_at=clock.now())
told["token"] = stations.register(hub=hub, name="Dock 9", by=aisha, at=clock.now()).token
told |= {"ines": people["ines"].badge, "aisha": people["aisha"].badge, "pin": stable.DEMO_PIN}
"""
FOUND = """
from returns.models import SessionLine
rows = list(SessionLine.objects.filter(device__serial__startswith="OFFLINE").select_related("device__location").order_by("at"))
told = {
    "serials": [row.device.serial for row in rows],
    "photos": {row.device.serial: row.photos.count() for row in rows if row.photos.count()},
    "at": [row.at.isoformat() for row in rows],
    "lie": {row.device.serial: row.device.location.code for row in rows if row.device.location},
}
"""


def type_in(page: Page, *codes: str) -> None:
    for code in codes:
        page.keyboard.type(code)
        page.keyboard.press("Enter")


def waits(page: Page, count: int) -> None:
    expect(page.locator("[data-waiting]")).to_have_text(str(count))


def sign_in(page: Page, badge: str, pin: str) -> None:
    page.goto(f"/station/?badge={badge}&next=/floor/")
    page.locator("[data-pin]").fill(pin)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"^[^?]*/floor/$"))
    # The app is on the tablet: its files, and the page of this person.
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("caches.match('/floor/').then(kept => Boolean(kept))")


def receives_without_the_net(page: Page, serials: list[str], badge: str) -> None:
    """In the middle of thirty the net goes, then the tab."""
    context = page.context
    context.set_offline(True)
    type_in(page, *serials[8:15])
    says(page.locator("#answer"), "No connection")
    waits(page, 7)
    # A trigger held too long counts once, also without the net; half a code is kept as what it is.
    type_in(page, serials[15], serials[15], "RL-4Q", "DAMAGED")
    waits(page, 10)
    page.locator("#answer input[name=photo]").set_input_files(
        {"name": "damage.png", "mimeType": "image/png", "buffer": picture("DAMAGE")}
    )
    says(page.locator("#answer"), "Photo kept, no connection")
    type_in(page, *serials[16:20])
    waits(page, 15)

    page.close()
    page = context.new_page()
    page.goto("/floor/")
    waits(page, 15)
    type_in(page, *serials[20:])
    waits(page, 25)
    type_in(page, "PUTAWAY", serials[0], "OFF-1")
    waits(page, 28)
    # A badge can't be checked now: nobody else's scans count as hers.
    type_in(page, badge)
    says(page.locator("#answer"), re.compile("PIN can't be checked"))
    page.locator("[data-line-state]").click()
    expect(page.locator("#waiting-scans li")).to_have_count(28)
    page.close()


def reads_both_stories(page: Page) -> None:
    """Somebody else moved it meanwhile: what was done to it is not done, the rest is; and again as an act of now, about that thing."""
    waits(page, 1)
    page.locator("[data-line-state]").click()
    says(page.locator("#waiting-scans"), "Not done: two stories", "OFF-1", re.compile("OFF-2.*"))
    page.get_by_role("button", name="Do it again now").click()
    says(page.locator("#answer"), "Put in OFF-1")
    expect(page.locator("[data-waiting]")).to_be_hidden()


def test_thirty_units_are_received_once_though_the_net_is_cut_and_the_tab_closed(people: People) -> None:
    ready = people.platform.python(READY)
    people.cut = True
    serials = ready["serials"]
    page = people.at_station(ready["token"], app=True)
    context = page.context
    sign_in(page, ready["ines"], ready["pin"])
    type_in(page, "RECEIVE")
    says(page.locator("#answer"), re.compile("session|Receiving", re.IGNORECASE))
    type_in(page, *serials[:8])
    says(page.locator("#answer"), re.compile(serials[7]))
    expect(page.locator("[data-waiting]")).to_be_hidden()

    receives_without_the_net(page, serials, ready["aisha"])

    # Another person takes the tablet, with the net: what waits is not theirs to see or to send, what they do themselves is.
    context.set_offline(False)
    page = people.windows["station"] = context.new_page()
    sign_in(page, ready["aisha"], ready["pin"])
    waits(page, 28)
    page.locator("[data-line-state]").click()
    expect(page.locator("#waiting-scans")).to_be_visible()
    expect(page.locator("#waiting-scans [data-others]")).to_contain_text("28")
    assert serials[20] not in page.locator("#waiting-scans").inner_text()
    page.keyboard.press("Escape")
    expect(page.locator("#waiting-scans")).to_be_hidden()
    type_in(page, "PUTAWAY", serials[0], "OFF-2")
    says(page.locator("#answer"), "Put in OFF-2")
    waits(page, 28)

    sign_in(page, ready["ines"], ready["pin"])
    reads_both_stories(page)
    found = people.platform.python(FOUND)
    assert found["serials"] == serials
    assert found["photos"] == {serials[15]: 1}
    assert all(before < after for before, after in pairwise(found["at"]))
    assert found["lie"] == {serials[0]: "OFF-1"}
