"""A client's dead laptop and monitor: data closed first, then a batch that balances to the gram, and its certificate."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from revlog.pages.simulation import catalog, machines
from revlog.pages.simulation.formats import nwipe, workbench
from revlog.pages.simulation.machines import Machine
from tests.journeys.conftest import People
from tests.journeys.steps import erasing, intake, proof, recycling, triage
from tests.journeys.steps.pages import again_until, file_behind, reads, refuses, says, scan

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]


def test_a_dead_laptop_and_a_monitor_become_material_that_is_accounted_for(people: People, tmp_path: Path) -> None:
    laptop = machines.build(machines.dice("recycling"), catalog.BY_SKU["E5570-8-500"], battery=38)
    monitor = machines.build(machines.dice("recycled monitor"), catalog.BY_SKU["U2419H"])

    tag, other = _taken_in(people, laptop, monitor)
    _decided(people, laptop, tag, other)
    before = recycling.balance_of(people.as_person("pavel"), "Mixed IT equipment")
    number = _kept_out_with_data(people, tag)
    _wiped(people, laptop, tag)
    batch = _filled_and_weighed(people, number, tag, other)
    _let_go(people, batch)
    _closed(people, batch, tag, other)
    after = recycling.balance_of(people.as_person("pavel"), "Mixed IT equipment")
    assert [now - then for now, then in zip(after, before, strict=True)] == [0, 7500, 7100, 400, 0, 0]

    # What proves it: the certificate of the batch, signed, with its ledger, checked by anybody; and the client reads the end.
    pavel = people.as_person("pavel")
    pavel.goto(batch)
    link = again_until(pavel, pavel.get_by_role("link", name=re.compile("^CR-")))
    certificate = file_behind(link)
    reads(certificate, "Certificate of recycling", number, "7.500", "4.100", "3.000", "0.400", "Kreislauf Metall")
    proof.signature_holds(certificate, people.platform)
    proof.document_holds(certificate, people.platform, tmp_path)
    ledger = tmp_path / "batch.json"
    ledger.write_bytes(proof.ledger_in(certificate))
    proof.verifies_alone(ledger)
    proof.anybody_can_check(people, str(link.get_attribute("href")).replace("/documents/", "/verify/"))
    proof.whole_ledger_holds(people.platform)
    vera = people.as_person("vera")
    for unit in (tag, other):
        vera.goto(f"/unit/{unit}/")
        says(vera.locator(".unit-header"), re.compile("recycled|recycelt", re.IGNORECASE))


def _taken_in(people: People, laptop: Machine, monitor: Machine) -> tuple[str, str]:
    """The lead takes in what the client's list names; the laptop, which may hold data, is put into the cage."""
    aisha = people.as_person("aisha")
    rows = [
        f"{laptop.serial},Dell Inc.,{laptop.model.name},laptop,VG-{laptop.serial}",
        f"{monitor.serial},Dell Inc.,{monitor.model.name},monitor,VG-{monitor.serial}",
    ]
    intake.take_in(aisha, rows, contract="VG-2026-7")
    tag, other = intake.find(aisha, laptop.serial), intake.find(aisha, monitor.serial)
    intake.put(aisha, tag, "CAGE-1")
    intake.put(aisha, other, "BIN-1")
    return tag, other


def _decided(people: People, laptop: Machine, tag: str, other: str) -> None:
    """Triage: the laptop fails its tests and falls apart, the monitor's screen is cracked; a lead sends both to recycling."""
    ravi, aisha = people.as_person("ravi"), people.as_person("aisha")
    laptop.failed = ("StressTest",)
    report = workbench.version11(laptop, at=datetime.now(UTC) - timedelta(minutes=20), appearance="E")
    triage.bring_in(ravi, {"workbench.json": report}, tag=tag)
    triage.look(ravi, tag, works="no", defects=["does_not_work", "hinge"])
    triage.begin(ravi, other)
    triage.look(ravi, other, works="no", defects=["no_power", "crack"])
    expect(ravi.get_by_text("Send it another way")).to_have_count(0)
    triage.decide(aisha, tag, "Recycle", reason="Board broken, no parts worth the work")
    triage.decide(aisha, other, "Recycle", reason="Screen cracked; nobody buys it")
    assert people.platform.state(tag) == "TO_SANITIZE"
    assert people.platform.state(other) == "TO_RECYCLE"


def _kept_out_with_data(people: People, tag: str) -> str:
    """While data may be on it, the laptop can't be put into a batch, and the page says why. Gives the batch's number."""
    pavel = people.as_person("pavel")
    number = recycling.open_batch(pavel, "it_mixed")
    refuses(scan(pavel, tag), f"{tag}: it is waiting for wipe", f"{tag}: it would leave with data on it")
    return number


def _wiped(people: People, laptop: Machine, tag: str) -> None:
    """Its drive still runs: it is wiped, verified by a second person, and certified to the client."""
    tomas, sofia = people.as_person("tomas"), people.as_person("sofia")
    erasing.begin(tomas, tag)
    began = datetime.now(UTC) - nwipe.needs(laptop.disks[0]) - timedelta(minutes=5)
    erasing.bring_in_log(tomas, tag, {"nwipe.log": nwipe.written(laptop.disks, began=began)})
    erasing.verify(sofia, tag)
    assert people.platform.state(tag) == "TO_RECYCLE"
    reads(erasing.download(sofia, tag, "Certificate of sanitization"), laptop.disks[0].serial, tag)


def _filled_and_weighed(people: People, number: str, tag: str, other: str) -> str:
    """Both are scanned in and weighed, first provisionally; with the final weight nothing joins any more. Gives the batch's page."""
    pavel = people.as_person("pavel")
    recycling.fill(pavel, tag, tag)
    recycling.fill(pavel, other, other)
    pavel.get_by_role("link", name="Weigh and close").click()
    expect(pavel.get_by_role("heading", level=1)).to_have_text(number)
    recycling.weigh(pavel, "7.6", final=False)
    expect(pavel.get_by_role("cell", name="7,600 g (provisional)")).to_be_visible()
    recycling.weigh(pavel, "7.5", final=True)
    expect(pavel.get_by_role("cell", name="7,500 g", exact=True).first).to_be_visible()
    expect(pavel.get_by_role("link", name="Scan units in")).to_have_count(0)
    return pavel.url


def _let_go(people: People, batch: str) -> None:
    """Fractions leave for a vendor, each with what is done with it."""
    pavel = people.as_person("pavel")
    recycling.send_out(pavel, "ferrous", "4.1", treatment="R4", price="0.20")
    recycling.send_out(pavel, "plastics", "3", treatment="R3", price="-0.10")
    expect(pavel.get_by_role("button", name="Close and certify")).to_have_count(0)


def _closed(people: People, batch: str, tag: str, other: str) -> None:
    """Somebody with the right closes it: not while grams are missing without a word, but in balance."""
    aisha = people.as_person("aisha")
    aisha.goto(batch)
    aisha.get_by_role("button", name="Close and certify").click()
    refuses(aisha, "It is out of balance by 400 g (5.33 %); weigh again, or say why.")
    assert people.platform.state(tag) == "TO_RECYCLE"
    recycling.close(aisha, loss="0.4")
    assert [people.platform.state(unit) for unit in (tag, other)] == ["RECYCLED", "RECYCLED"]
