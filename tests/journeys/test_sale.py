"""A shopper's laptop: returned, tested, wiped with a certificate that anybody can check, repaired and sold again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from revlog.pages.simulation import catalog, machines
from revlog.pages.simulation.formats import nwipe, smartctl, workbench
from revlog.pages.simulation.machines import Machine
from tests.journeys.conftest import People, until
from tests.journeys.steps import bench, dock, erasing, portal, proof, selling, triage
from tests.journeys.steps.pages import again_until, file_behind, reads, refuses, says, scan
from tests.journeys.steps.portal import Bought, Line
from tests.platforms import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]


KIM, BEA = "kim@sale.example", "bea@sale.example"


def test_a_returned_laptop_is_wiped_repaired_and_sold_again(people: People, tmp_path: Path) -> None:
    # Its battery is worn; its own tools write its reports.
    laptop = machines.build(machines.dice("sale"), catalog.BY_SKU["T480-16-256"], battery=61)

    rma, tag = _returned(people, laptop)
    _graded(people, laptop, tag)
    _paid(people, rma)
    _kept_from_sale(people, tag)
    certificate, public = _wiped(people, laptop, tag)
    _repaired(people, laptop, tag)
    _sold(people, laptop, tag)

    # What proves it: the certificate still says, byte for byte, what the ledger says; anybody can check it, and the ledger holds.
    proof.signature_holds(certificate, people.platform)
    proof.ledger_is_the_exported(certificate, tag, people.platform, tmp_path)
    proof.document_holds(certificate, people.platform, tmp_path)
    proof.anybody_can_check(people, public)
    proof.whole_ledger_holds(people.platform)


def _returned(people: People, laptop: Machine) -> tuple[str, str]:
    """The shopper announces one of two lines with a reason and a wish, prints the label; the dock scans label and laptop."""
    order = Bought(
        f"PS-{laptop.serial}",
        KIM,
        (
            Line("ThinkPad T480, 16 GB", "449.00", serials=laptop.serial, sku="T480-16-256", reason="BATTERY"),
            Line("USB-C cable, 1 m", "2.50", quantity=2, kind="accessory", back=0),
        ),
    )
    portal.import_order(people, order)
    guest = people.guest()
    rma = portal.announce(guest, order)
    label = portal.label(guest)
    reads(label, rma, "Kim Jansen")

    ines = people.as_person("ines")
    dock.photograph(ines, label)
    says(ines, f"Return {rma}")
    refuses(scan(ines, "SOMETHING-ELSE"), f"{laptop.serial} was sold, this is SOMETHING-ELSE.")
    tag = dock.receive(ines, laptop.serial)
    dock.put(ines, "CAGE-1", tag=tag)
    return rma, tag


def _graded(people: People, laptop: Machine, tag: str) -> None:
    """The reports name the laptop by its serial and bring its drive; the worker grades it."""
    ravi = people.as_person("ravi")
    reports = {
        "workbench.json": workbench.version11(laptop, at=datetime.now(UTC) - timedelta(minutes=20), appearance="B"),
        "smart.json": smartctl.written(laptop.disks[0]),
    }
    triage.bring_in(ravi, reports)
    triage.wait_for_grade(ravi, tag, "C")


def _paid(people: People, rma: str) -> None:
    """The shopper is paid once it is accepted, and reads so; the return is closed, whatever becomes of the laptop."""
    guest = people.guest()
    guest.goto(f"/return/{rma}/")
    until(guest, "Everything is settled.")
    says(guest, "We paid you 449.00 EUR. There is nothing for you to do.", "You got back")
    guest.get_by_text("We paid you 449.00 EUR ·").click()
    says(guest, "We paid you 449.00 EUR, reference")
    sam = people.as_person("sam")
    sam.goto(f"/returns/{rma}/")
    says(sam, "closed")
    for subject in (f"You can send your return {rma}", f"Your return {rma} arrived", "We paid you 449.00 EUR"):
        assert rma in portal.mail(people, subject, to=KIM)


def _kept_from_sale(people: People, tag: str) -> None:
    """Decided for the bench, it still can't be sold or worked on: its data has to go first, and the pages say so."""
    triage.decide(people.as_person("ravi"), tag, "refurbish and sell")
    assert people.platform.state(tag) == "TO_SANITIZE"
    luca, jakob = people.as_person("luca"), people.as_person("jakob")
    luca.goto("/sales/ship/")
    refuses(scan(luca, tag), f"{tag} can't be sold: it is waiting for wipe, and it would leave with data on it")
    jakob.goto("/bench/")
    refuses(scan(jakob, tag), f"{tag} is not waiting for the bench")


def _wiped(people: People, laptop: Machine, tag: str) -> tuple[bytes, str]:
    """Tomas wipes the drive and brings in the tool's log; Sofia has the second word, not he. Gives certificate and public page."""
    tomas, sofia = people.as_person("tomas"), people.as_person("sofia")
    erasing.begin(tomas, tag)
    began = datetime.now(UTC) - nwipe.needs(laptop.disks[0]) - timedelta(minutes=5)
    erasing.bring_in_log(tomas, tag, {"nwipe.log": nwipe.written(laptop.disks, began=began)})
    refuses(tomas, "Nobody verifies their own wipe; a second person must")
    expect(tomas.get_by_role("button", name="Verify this wipe")).to_have_count(0)
    erasing.verify(sofia, tag)
    certificate = erasing.download(sofia, tag, "Certificate of sanitization")
    reads(certificate, "Certificate of sanitization", laptop.serial, laptop.disks[0].serial, "nwipe 0.37", tag)
    return certificate, str(sofia.get_by_role("link", name="check").get_attribute("href"))


def _repaired(people: People, laptop: Machine, tag: str) -> None:
    """The bench puts a new battery in, another person checks the work, and its new report sends it on to be sold."""
    part, battery = f"BAT-{laptop.serial}", "Laptop battery, 57 Wh"
    bench.stock_part(people, part, battery)
    jakob = people.as_person("jakob")
    bench.open_work(jakob, tag)
    bench.operate(jakob, "Replace battery", fault="Battery worn")
    bench.use_part(jakob, part, battery)
    bench.operate(jakob, "Test", fault="none of them")
    bench.finish(jakob, tag)
    bench.open_check(jakob, tag)
    refuses(jakob, "nobody checks their own repair; another person must")
    expect(jakob.get_by_role("button", name="Good")).to_have_count(0)
    mei = people.as_person("mei")
    bench.open_check(mei, tag)
    expect(mei.get_by_role("row", name="Replace battery battery worn").locator("td.number")).to_have_text(
        re.compile(r"[1-9]")
    )
    expect(mei.get_by_role("row", name=part)).to_be_visible()
    bench.accept(mei, tag)
    assert people.platform.state(tag) == "IN_TRIAGE"

    laptop.battery, laptop.cycles = 100, 0
    after = workbench.version11(laptop, at=datetime.now(UTC), appearance="B")
    ravi = people.as_person("ravi")
    triage.bring_in(ravi, {"after-repair.json": after}, tag=tag)
    wait_for(lambda: people.platform.state(tag) == "TO_SELL", 40, what="the regrade")
    triage.wait_for_grade(ravi, tag, "B")


def _sold(people: People, laptop: Machine, tag: str) -> None:
    """Anouk offers its pool, a buyer's order is given this unit, and Luca packs and ships it."""
    anouk, luca = people.as_person("anouk"), people.as_person("luca")
    selling.open_pool(anouk, "ThinkPad T480, 16 GB")
    expect(anouk.locator("aside")).to_contain_text(tag)
    selling.offer(anouk, "329.00")
    order = selling.sell(anouk, email=BEA, name="Bea Vogel")
    expect(anouk.get_by_role("main")).to_contain_text(tag)
    selling.pick(luca, tag, order)
    slip = file_behind(again_until(anouk, anouk.get_by_role("link", name=re.compile("^PS-2"))))
    reads(slip, order, laptop.serial, "12 months")
    selling.ship(luca, tag, order, "3SREVL000001")
    assert people.platform.state(tag) == "SOLD"
    anouk.reload()
    says(anouk, "shipped", "3SREVL000001")
