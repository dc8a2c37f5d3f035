"""After a rubric changed: units whose grade still matters are graded again, each once; what somebody relies on is listed and stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from revlog.common import clock
from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Device, HoldKind
from revlog.devices.services import moves, standing
from revlog.terms.models import RuleSet
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import triage as bench
from triage import rubrics
from triage.models import Grading
from triage.rubrics import defaults
from triage.services import disposition, grading, inspection, regrading

HOUR = timedelta(hours=1)


def graded(cast: Cast, number: int, *, battery: int, at: datetime) -> Device:
    """A laptop in triage, tried and whole: its battery decides."""
    serial, drive = f"PF1ABC{number:02}", f"S4X1NB{number:02}"
    device = make.triaged(cast, serial=serial, drive=drive, at=at)
    bench.sent(bench.snapshot(serial=serial, drives=(drive,), battery=battery), cast.ravi, at=at)
    inspection.record(device=device, tests={"complete": "pass"}, works="yes", by=cast.ravi, at=at + HOUR)
    return Device.objects.get(pk=device.pk)


def published(cast: Cast, at: datetime, *, least: int) -> RuleSet:
    laptop = defaults.BODIES["laptop"] | {"battery": [[least, "A"], [70, "B"], [50, "C"]]}
    row = rules.draft(
        kind=rubrics.KIND, body={"parameters": defaults.BODIES | {"laptop": laptop}}, by=cast.admin, at=at
    )
    return rules.publish(row, by=cast.maria, at=at).rule_set


def grade_of(device: Device) -> str:
    return Device.objects.values_list("grade", flat=True).get(pk=device.pk)


def test_each_unit_changes_once_by_its_own_fact_and_what_is_relied_on_is_listed(cast: Cast, at: datetime) -> None:
    free, same, decided, awaited = (
        graded(cast, number, battery=battery, at=at) for number, battery in enumerate((83, 95, 83, 83))
    )
    disposition.decide(device=decided, by=cast.aisha, at=at + 2 * HOUR)
    with transaction.atomic():
        standing.hold(
            moves.take_one(awaited.pk), HoldKind.AWAITING_OWNER, reason="asked", by=cast.aisha, at=at + 2 * HOUR
        )
    now = at + 3 * HOUR
    given = {device.pk: Grading.objects.filter(device=device).count() for device in (free, same, decided, awaited)}
    version = published(cast, now, least=85)

    with pytest.raises(NotAllowed, match="right to publish"):
        regrading.ask(rule_set=version, by=cast.ravi, at=now)
    run = regrading.ask(rule_set=version, by=cast.maria, at=now)
    # A worker that dies after two units is followed by another, and asking once more is the same run.
    assert (regrading.one(run.pk, at=now), regrading.one(run.pk, at=now)) == (True, True)
    assert regrading.ask(rule_set=version, by=cast.maria, at=now).pk == run.pk
    reactions.drain(at=now)
    regrading.run(run.pk, at=now)

    run.refresh_from_db()
    assert (run.status, run.total, run.done, run.changed, run.listed) == ("done", 4, 4, 1, 2)
    assert (grade_of(free), grade_of(same), grade_of(decided), grade_of(awaited)) == ("B", "A", "A", "A")
    after = {device.pk: Grading.objects.filter(device=device).count() for device in (free, same, decided, awaited)}
    assert {pk: count - given[pk] for pk, count in after.items()} == {
        free.pk: 1,
        same.pk: 0,
        decided.pk: 0,
        awaited.pk: 0,
    }
    newest = Grading.objects.filter(device=free).latest("at")
    asked = Entry.objects.filter(chain_id=run.pk).order_by("sequence").first()
    assert asked is not None
    assert (newest.rubric, newest.caused_by, newest.by) == ("laptop/1", asked.digest, grading.GRADER.reference)
    assert list(Entry.objects.filter(chain_id=run.pk).values_list("kind", flat=True)) == [
        "triage.regrade_asked",
        "triage.regrade_done",
    ]

    client = Client()
    client.force_login(cast.user("maria"))
    page = client.get(reverse("triage_regrade", args=[run.pk])).content.decode()
    for told in (free.tag, decided.tag, "A → B", "Where it goes is decided", "Its owner&#x27;s answer is awaited"):
        assert told in page
    assert same.tag not in page
    csv = b"".join(client.get(reverse("triage_regrade_csv", args=[run.pk])).streaming_content).decode()  # type: ignore[attr-defined]
    assert f"{free.tag},laptop,A,B,yes," in csv
    assert f"{decided.tag},laptop,A,B,no,decided," in csv

    # Asked on the page, a second run by the same rules finds nothing more to change.
    answer = client.post(reverse("triage_regrades"), {"rules": version.pk})
    assert answer.status_code == 302
    reactions.drain(at=clock.now())
    again = version.regrades.latest("asked_at")
    assert (again.changed, again.listed) == (0, 2)


def test_only_a_version_that_holds_grades_again(cast: Cast, at: datetime) -> None:
    draft = rules.draft(kind=rubrics.KIND, body={"parameters": dict(defaults.BODIES)}, by=cast.admin, at=at)
    with pytest.raises(regrading.UnableToRegrade, match="aren't published"):
        regrading.ask(rule_set=draft, by=cast.maria, at=at)
    coming = rules.publish(draft, valid_from=at + timedelta(days=2), by=cast.maria, at=at).rule_set
    with pytest.raises(regrading.UnableToRegrade, match="doesn't hold now"):
        regrading.ask(rule_set=coming, by=cast.maria, at=at)


def test_a_unit_that_cannot_be_graded_is_listed_with_its_reason_and_holds_no_other(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = (graded(cast, number, battery=83, at=at) for number in range(2))
    now = at + 3 * HOUR
    run = regrading.ask(rule_set=published(cast, now, least=85), by=cast.maria, at=now)
    give = grading.give

    def gives(device: Device, **told: Any) -> Grading:
        if device.pk == broken.pk:
            raise ValueError("a report without a battery")
        return give(device, **told)

    monkeypatch.setattr(grading, "give", gives)
    regrading.run(run.pk, at=now)

    run.refresh_from_db()
    assert (run.status, run.done, run.changed, run.listed) == ("done", 2, 1, 1)
    assert (grade_of(broken), grade_of(whole)) == ("A", "B")
    client = Client()
    client.force_login(cast.user("maria"))
    page = client.get(reverse("triage_regrade", args=[run.pk])).content.decode()
    assert "It couldn&#x27;t be graded again (a report without a battery)" in page
