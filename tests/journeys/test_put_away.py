"""Things are put away by scans alone: the thing, then its place; a wrong place is a stop, and the right one ends it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.floor.budget import budget
from tests.journeys.conftest import People
from tests.journeys.steps.pages import says

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

READY = """
from revlog.accounts import actors
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.devices.models import Location
from revlog.devices.services import arrivals
by, at = actors.system("test"), clock.now()
hub = Hub.objects.get(code="rotterdam")
for code, secured in (("PA-OPEN", False), ("PA-CAGE", True), ("PA-CAGE-2", True)):
    Location.objects.create(hub=hub, code=code, kind="bin", secured=secured, created_at=at)
told = [
    arrivals.arrive(
        what=arrivals.Description(device_class="laptop", manufacturer="Dell", model="Latitude 7400", serial=f"PUTAWAY{n}"),
        stay=arrivals.Stay(why="return", owner=hub.organization_id, hub=hub.id, custodian=hub.organization_id),
        by=by, at=at,
    ).tag
    for n in range(2)
]
"""


def test_things_are_put_away_with_two_scans(people: People) -> None:
    first, second = people.platform.python(READY)
    page = people.as_person("ines")
    page.goto("/floor/")
    page.keyboard.type("PUTAWAY")
    page.keyboard.press("Enter")
    says(page.locator("#answer"), "Scan a thing, then the place")

    with budget("put a thing away", page) as hand:
        # Data may be on it: only a secured place is named.
        expect(hand.scan(first).locator(".goes-to")).to_contain_text("DATA CAGE")
        says(hand.scan("PA-CAGE"), "Put in PA-CAGE")
    with budget("put a thing away after a wrong place", page) as hand:
        hand.scan(second)
        stop = hand.scan("PA-OPEN")
        says(stop, "Stop: not in PA-OPEN")
        expect(stop.locator("[data-tone=refused]")).to_be_visible()
        put = hand.scan("PA-CAGE")
        expect(
            put.locator("[data-tone=accepted]")
        ).to_be_visible()  # the stop offers to undo the first, in the same words
        says(put, "Put in PA-CAGE")
    with budget("take the putting away back", page) as hand:
        says(hand.scan("UNDO"), "Taken back")
    with budget("move all that lies in a place", page) as hand:
        hand.scan("MOVE")
        says(hand.scan("PA-CAGE"), "All of PA-CAGE")
        says(hand.scan("PA-CAGE-2"), "Put in PA-CAGE-2")
    where = people.platform.python(
        "from revlog.devices.models import Device\n"
        "told = {one.tag: one.location and one.location.code for one in Device.objects.filter(serial__startswith='PUTAWAY')}"
    )
    assert where == {first: "PA-CAGE-2", second: None}
    with budget("print a thing's label", page) as hand:
        hand.scan(first)
        says(hand.scan("PRINT"), "Label is ready")
    with budget("print it again, with the reason", page) as hand:
        hand.scan(first)
        says(hand.scan("PRINT"), "It has this label already")
        says(hand.scan("REPRINT DAMAGED"), "Label is ready")
