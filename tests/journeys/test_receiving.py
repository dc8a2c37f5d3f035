"""Receiving in a browser: with a session open one scan receives what is announced, and two take in what nobody announced."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.floor.budget import budget
from tests.journeys.conftest import People
from tests.journeys.steps.pages import says

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

READY = """
from itad.services import manifests
from revlog.accounts import queries, stable
from revlog.accounts.models import Hub, Organization, User
from revlog.accounts.services import stations
from revlog.common import clock
at = clock.now()
people = {one.code: one for one in stable.PEOPLE}
aisha = queries.actor_of(User.objects.get(pk=people["aisha"].id), at=at)
hub = Hub.objects.get(code="rotterdam")
client = Organization.objects.get(code="demo")
data = b"Seriennummer;Inventarnummer;Hersteller;Typ\\nPF7UNPACK1;;Lenovo;Laptop\\n;UNP-0002;Lenovo;Laptop\\n"
run = manifests.begin(data=data, name="unpack.csv", client=client, hub=hub, reference="UNPACK", by=aisha, at=at)
manifests.carry_on(run, data=data, by=aisha, at=at)
token = stations.register(hub=hub, name="Dock 7", by=aisha, at=at).token
told = {"token": token, "ines": people["ines"].badge, "pin": stable.DEMO_PIN}
"""


def test_with_a_session_open_one_scan_receives_and_two_take_in_what_nobody_announced(people: People) -> None:
    ready = people.platform.python(READY)
    page = people.at_station(ready["token"])
    page.goto(f"/station/?badge={ready['ines']}&next=/floor/")
    page.locator("[data-pin]").fill(ready["pin"])
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"^[^?]*/floor/$"))

    with budget("open a receiving session", page) as hand:
        says(hand.scan("RECEIVE"), "RS-")
    with budget("receive an announced unit, session open", page) as hand:
        says(hand.scan("PF7UNPACK1"), "Received")
    says(page.locator("#answer"), "Undo")
    with budget("receive an announced unit, session open", page) as hand:
        says(hand.scan("UNP-0002"), "Scan its serial number, if it has one")
    with budget("note the serial of a unit known by its asset tag", page) as hand:
        says(hand.scan("PF7UNPACK2"), "It is the serial of")
        says(hand.scan("SAME"), "Number noted")
    with budget("receive blind, session open", page) as hand:
        says(hand.scan("PF7NEVERSEEN"), "Nobody knows this code")
        says(hand.scan("UNIT"), "Taken in and held")
    expect(page.locator("#answer").get_by_text("Take the photo")).to_be_visible()
