"""What follows by itself: wipes in reports are weighed, units that wait get their attempts."""

from __future__ import annotations

from django.db import transaction

from itad.models import JobState, SanitizationJob
from revlog.accounts.actors import Actor
from revlog.custody.services import reactions
from revlog.devices.journey import Disposition
from revlog.devices.models import Device
from revlog.devices.services import media, moves
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories.itad import AT, WIPED, erasure, waiting
from triage import facts as triage_facts


def report(unit: Device, *erasures: dict[str, object], by: Actor) -> None:
    with transaction.atomic():
        moves.note(
            moves.take_one(unit.id),
            fact=triage_facts.ReportMatched(
                report="r1", digest="ab" * 32, format="nwipe.log", how="serial", erasures=list(erasures) or None
            ),
            by=by,
            at=WIPED,
        )
    reactions.drain(at=WIPED, queues=["fast"], raising=True)


def test_a_report_with_a_good_wipe_is_recorded_in_the_name_of_who_brought_it(cast: Cast) -> None:
    unit = waiting(cast)
    report(unit, erasure(), by=cast.tomas)
    job = SanitizationJob.objects.get(device=unit)
    assert (job.state, job.operator, job.tool) == (JobState.RECORDED, cast.tomas.reference, "nwipe")


def test_a_report_without_wipes_opens_nothing(cast: Cast) -> None:
    unit = make.triaged(cast)
    report(unit, by=cast.ravi)
    assert not SanitizationJob.objects.exists()


def test_a_drive_found_in_a_unit_that_waits_gets_its_own_attempt(cast: Cast) -> None:
    unit = waiting(cast, Disposition.RESELL)
    with transaction.atomic():
        media.observe(
            moves.take_one(unit.id),
            [media.Seen(type="hdd", model="ST1000", serial="WD1")],
            source="report",
            by=cast.ravi,
            at=AT,
        )
    reactions.drain(at=WIPED, queues=["fast"])
    assert SanitizationJob.objects.filter(device=unit, state=JobState.REQUIRED).count() == 2
