"""A place is counted with one scan and one for each thing in it; a pallet of 200 things is moved with two."""

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
from revlog.storage.models import ContainerKind
from revlog.storage.services import places
from revlog.storage.services.containers import filling, making
by, at = actors.system("test"), clock.now()
hub = Hub.objects.get(code="rotterdam")
bins = [Location.objects.create(hub=hub, code=f"CNT-{n}", kind="bin", created_at=at) for n in (1, 2, 3)]
stay = arrivals.Stay(why="return", owner=hub.organization_id, hub=hub.id, custodian=hub.organization_id)

def monitors(name, count):
    what = [arrivals.Description(device_class="monitor", manufacturer="Eizo", serial=f"{name}{n:04}") for n in range(count)]
    return arrivals.arrive_many(what=what, stay=stay, by=by, at=at)

here = monitors("COUNTHERE", 2)
there = monitors("COUNTTHERE", 1)
places.put([one.pk for one in here], bins[0], by=by, at=at)
places.put([one.pk for one in there], bins[1], by=by, at=at)
pallet = making.make(hub=hub, kind=ContainerKind.PALLET, parent=bins[0], by=by, at=at)[0]
filling.put(monitors("COUNTLOAD", 200), pallet, by=by, at=at)
told = {"here": [one.tag for one in here], "there": there[0].tag, "pallet": pallet.number}
"""
LEFT = """
from revlog.storage.models import Container, Count
told = {
    "counts": sorted(Count.objects.filter(place__code__startswith="CNT-").values_list("place__code", "state")),
    "stands": Container.objects.get(number=%r).location.parent.code,
    "units": Container.objects.get(number=%r).location.devices.count(),
}
"""


def test_a_place_is_counted_with_a_scan_for_each_thing_and_a_full_pallet_is_moved_with_two(people: People) -> None:
    stock = people.platform.python(READY)
    page = people.as_person("luca")
    page.goto("/floor/")
    page.keyboard.type("COUNT")
    page.keyboard.press("Enter")
    says(page.locator("#answer"), "Counting")

    # The pallet that stands there is one of them, whatever is on it.
    with budget("count a place with three things in it", page) as hand:
        says(hand.scan("CNT-1"), "Counting CNT-1")
        for place, tag in enumerate([*stock["here"], stock["pallet"]], 1):
            says(hand.scan(tag), f"{place} thing")
            expect(page.locator("#tally")).to_have_text(str(place))
    # The next place closes it; what belongs elsewhere is called out, and taken back.
    with budget("close the count of a place with the next one", page) as hand:
        said = hand.scan("CNT-2")
        says(said, "CNT-1 is counted. All is as it should be.")
    with budget("take the scan of a wrong thing back", page) as hand:
        stray = hand.scan(stock["here"][0])
        says(stray, "It belongs in CNT-1")
        expect(stray.locator("[data-tone=attention]").first).to_be_visible()
        says(hand.scan("UNDO"), "Taken back")
    page.keyboard.type("END")
    page.keyboard.press("Enter")
    says(page.locator("#answer"), "somebody else counts it again")
    page.keyboard.type("DONE")
    page.keyboard.press("Enter")
    says(page.locator("#answer"), "Scan anything")

    with budget("move a pallet with 200 things on it", page) as hand:
        says(hand.scan(stock["pallet"]), "200 units")
        says(hand.scan("CNT-3"), "200 units moved with it")
    left = people.platform.python(LEFT % (stock["pallet"], stock["pallet"]))
    assert left == {"counts": [["CNT-1", "done"], ["CNT-2", "recount"]], "stands": "CNT-3", "units": 200}
