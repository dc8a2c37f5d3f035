"""What happened before the accident, played inside the platform by the verbs that its pages use; its workers do what follows."""

from __future__ import annotations

from datetime import datetime, timedelta

from revlog.accounts.models import Hub, Organization
from revlog.common import clock
from revlog.devices.journey import Disposition
from tests import cast as casting
from tests.factories import devices as make


def cast() -> casting.Cast:
    """The people of the demo that runs."""
    found = {one.code: one for one in Organization.objects.all()}
    hubs = {one.code: one for one in Hub.objects.all()}
    return casting.Cast(
        at=clock.now(),
        operator=found["operator"],
        vega=found["demo"],
        altair=found["demo"],  # the rival takes no part
        retailer=found["retailer"],
        rotterdam=hubs["rotterdam"],
        leipzig=hubs["leipzig"],
    )


def report_sent(serial: str) -> dict[str, str]:
    """A laptop in triage, and its report just handed in."""
    from tests.factories import triage
    from triage.services import reports

    people, at = cast(), clock.now()
    unit = make.triaged(people, serial=serial, drive=f"D{serial}", at=at)
    reports.receive(
        data=triage.snapshot(serial=serial, drives=(f"D{serial}",)),
        name="report.json",
        via="page",
        by=people.ravi,
        at=at,
    )
    return {"tag": unit.tag}


def wipe_verified(serial: str) -> dict[str, str]:
    """A laptop whose wipe was just verified by a second person."""
    from itad.services import sanitization
    from tests.factories import itad

    people, at = cast(), clock.now() - timedelta(hours=4)
    unit = make.decided(make.triaged(people, serial=serial, drive=f"D{serial}", at=at), Disposition.RESELL, at=at)
    medium = itad.medium_of(unit)
    sanitization.begin(medium=medium, by=people.tomas, at=at + timedelta(minutes=10))
    wiped = itad.erasure(serial=medium.serial, started_at=local(at, 15), ended_at=local(at, 75))
    recorded = itad.credited(unit, wiped, by=people.tomas, at=at + timedelta(hours=2)).recorded[0]
    sanitization.verify(job=recorded, by=people.sofia, at=at + timedelta(hours=3))
    return {"tag": unit.tag}


def local(at: datetime, minutes: int) -> str:
    """As nwipe writes it: the machine's own time, without a zone."""
    return (at + timedelta(minutes=minutes)).replace(tzinfo=None, microsecond=0).isoformat()


def return_accepted(serial: str, order: str) -> dict[str, str]:
    """A customer's laptop came back as it was sold: graded, so accepted, so its money is due."""
    from tests.factories import returns, terms

    people, at = cast(), clock.now() - timedelta(hours=1)
    placed = terms.order(people, order, terms.laptop_line(serials=(serial,)), at=at)
    rma = returns.rma(people, order=placed, at=at)
    found = returns.received(people, rma, serial=serial, at=at)
    returns.graded(found.device, at=at)
    return {"tag": found.device.tag, "rma": rma.number}


def in_triage(serial: str) -> dict[str, str]:
    """A laptop in triage that nobody has tested yet."""
    return {"tag": make.triaged(cast(), serial=serial, drive=f"D{serial}", at=clock.now()).tag}
