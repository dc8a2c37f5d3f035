"""A wiped and sold laptop comes back: the same unit on its second visit, its proof of erasure gone, and no way to sell it before a wipe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import People
from tests.journeys.steps import dock, portal, triage
from tests.journeys.steps.pages import again_until, refuses, says, scan

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

SERIAL = "PF2SECOND01"
SCENE = "from tests.journeys import scenes\ntold = scenes.sold_and_delivered(serial)"


def columns(people: People, tag: str) -> dict[str, object]:
    """What the database says of the unit, with the states of its media and the visits of its one chain."""
    [(state, data, grade, disposition)] = people.platform.ask(
        "SELECT state, data, grade, disposition FROM devices_device WHERE tag = %s", tag
    )
    media = people.platform.ask(
        "SELECT m.state, m.proof FROM devices_medium m JOIN devices_device d ON d.id = m.device_id WHERE d.tag = %s",
        tag,
    )
    return {"state": state, "data": data, "grade": grade, "disposition": disposition, "media": media}


def test_a_sold_laptop_that_comes_back_waits_for_its_wipe_again(people: People) -> None:
    sold = people.platform.python(SCENE, serial=SERIAL)
    tag = sold["tag"]
    before = columns(people, tag)
    assert (before["state"], before["data"], before["grade"], before["disposition"]) == (
        "SOLD",
        "SANITIZED",
        "B",
        "RESELL",
    )

    # Its buyer gives it back, by the number of our own sale.
    kim = people.guest()
    number = portal.announce(kim, portal.Bought(sold["order"], sold["email"], (portal.Line(sold["name"], "249.00"),)))

    # At the dock it is known: the same unit, on its next visit, with nothing left of what was known of its data.
    ines = people.as_person("ines")
    dock.open_return(ines, number)
    answer = scan(ines, SERIAL)
    says(answer, "It arrives again.")
    assert dock.press_receive(answer) == tag
    says(ines.locator("#answer"), "DATA CAGE")
    dock.put(ines, "CAGE-1", tag=tag)
    assert columns(people, tag) == {
        "state": "RECEIVED", "data": "UNKNOWN", "grade": "U", "disposition": "", "media": [("UNKNOWN", "")],
    }  # fmt: skip
    ravi = people.as_person("ravi")
    ravi.goto(f"/unit/{tag}/")
    says(ravi, "Arrived again, visit 2; what was known of its data no longer holds.", "Arrived: Lenovo ThinkPad T480")
    visits = ravi.locator("#visits li")
    expect(visits).to_have_count(2)
    expect(visits.nth(0)).to_contain_text("with us now")
    expect(visits.nth(1)).to_contain_text("Sold")
    kinds = people.platform.kinds(tag)
    assert kinds.index("resale.shipped") < kinds.index("devices.arrived_again")

    # Looked at and accepted, it is to be sold once more: it waits for its wipe.
    triage.begin(ravi, tag)
    triage.look(ravi, tag, works="yes")
    again_until(ravi, ravi.get_by_role("button", name="Decide: sell as it is"))
    triage.decide(ravi, tag, "sell as it is")
    tomas = people.as_person("tomas")
    tomas.goto("/itad/")
    expect(tomas.get_by_role("row", name=tag)).to_contain_text("To wipe")
    after = columns(people, tag)
    assert (after["state"], after["data"], after["disposition"]) == ("TO_SANITIZE", "UNKNOWN", "RESELL")

    # And nobody sells it before: it stands in no pool, the offer it was sold by has none ready, the packer gets no parcel for it.
    anouk = people.as_person("anouk")
    anouk.goto("/sales/")
    expect(anouk.locator("main")).not_to_contain_text(tag)
    anouk.goto(f"/sales/pools/{sold['pool']}/")
    expect(anouk.locator("aside")).not_to_contain_text(tag)
    anouk.get_by_label("Buyer's e-mail").fill("oda@example.org")
    anouk.get_by_role("button", name="Sell", exact=True).click()
    refuses(anouk, "is sold out")
    luca = people.as_person("luca")
    luca.goto("/sales/ship/")
    scan(luca, tag)
    refuses(luca, f"{tag} can't be sold", "it would leave with data on it")
    assert people.platform.state(tag) == "TO_SANITIZE"
