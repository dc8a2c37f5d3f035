"""Things are put away and fetched by scans alone: the thing, then its place; a wrong place is a stop, and the right one ends it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.floor.budget import budget
from tests.journeys.conftest import People
from tests.journeys.steps.pages import says

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

READY = """
from django.db import transaction
from revlog.accounts import actors
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.devices import facts
from revlog.devices.journey import Disposition
from revlog.devices.models import Location
from revlog.devices.services import arrivals, moves
from revlog.storage.models import PickTarget
from revlog.storage.services import picks, places
from tests.factories import devices as make
by, at = actors.system("test"), clock.now()
hub = Hub.objects.get(code="rotterdam")
for code, secured in (("PA-OPEN", False), ("PA-CAGE", True), ("PA-CAGE-2", True)):
    Location.objects.create(hub=hub, code=code, kind="bin", secured=secured, created_at=at)
stay = arrivals.Stay(why="return", owner=hub.organization_id, hub=hub.id, custodian=hub.organization_id)

def arrived(kind, serial):
    what = arrivals.Description(device_class=kind, manufacturer="Dell", model="Latitude 7400", serial=serial)
    return arrivals.arrive(what=what, stay=stay, by=by, at=at)

laptops, screens = [arrived("laptop", f"PUTAWAY{n}") for n in range(2)], [arrived("monitor", f"FETCH{n}") for n in range(2)]
for one in screens:
    with transaction.atomic():
        moves.advance(moves.take_one(one.pk), moves.TO_TRIAGE, fact=facts.SentToTriage(reason="look"), by=by, at=at)
    make.decided(one, Disposition.REFURBISH, at=at)
Location.objects.create(hub=hub, code="PA-BENCH", kind="bench", created_at=at)
places.put([one.pk for one in screens], Location.objects.get(hub=hub, code="PA-OPEN"), by=by, at=at)
picks.release(hub=hub, target=PickTarget.BENCH, units=[one.pk for one in screens], assignee=None, by=by, at=at)
told = [one.tag for one in laptops + screens]
"""


def test_things_are_put_away_with_two_scans_and_fetched_with_one(people: People) -> None:
    first, second, screen, lost = people.platform.python(READY)
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

    with budget("open the list of things to fetch", page) as hand:
        says(hand.scan("PICK"), "0 of 2", "lies in PA-OPEN")
    with budget("fetch a thing of a list", page) as hand:
        said = hand.scan(screen)
        says(said, "1 of 2", lost)
    with budget("say that a thing of a list isn't there", page) as hand:
        says(hand.scan("NOT-THERE"), "Not fetched")
    with budget("bring what was fetched to its place", page) as hand:
        says(hand.scan("PA-BENCH"), "Brought to PA-BENCH", "1 not fetched")
