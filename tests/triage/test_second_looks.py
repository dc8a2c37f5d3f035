"""A second look at a unit drawn at random: blind, compared with the first, settled when far apart, and gone when nobody comes."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from revlog.accounts.actors import system
from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices.models import Device, Fault
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import triage as bench
from tests.triage.test_pages import as_
from triage import agreeing, queries, sampling
from triage.models import AgreementAlarm, Grading, SecondLook, SecondStatus
from triage.services import comparing, disposition, drift, inspection, looking
from triage.services import sampling as drawing
from triage.services.comparing import UnableToSettleLooks
from triage.services.disposition import UnableToDecide
from triage.services.inspection import Finding, UnableToInspect

HOUR = timedelta(hours=1)
SCRATCH = Finding(code="scratch", zone="lid", severity="minor")


def draw_all(cast: Cast, at: datetime) -> None:
    """Rules that draw every look."""
    body = {"parameters": {**sampling.BODY, "share": {"other": "1"}}}
    drafted = rules.draft(kind=sampling.KIND, body=body, by=cast.admin, at=at - HOUR)
    rules.publish(drafted, by=cast.maria, at=at - HOUR)


def looked(cast: Cast, at: datetime, **changes: Any) -> Device:
    """A laptop that Ravi looked at, and that was drawn."""
    device = bench.tested(cast, **changes)
    inspection.record(device=device, findings=[SCRATCH], works="yes", by=cast.ravi, at=at)
    device.refresh_from_db()
    return device


def nothing_is_told_elsewhere(cast: Cast, device: Device) -> None:
    """Neither on the unit's own page nor by a scan, nor to who asks for the grade."""
    second = as_(cast, "aisha")
    for tab in ("story", "ledger"):
        shown = second.get(reverse("unit", args=[device.tag]), {"tab": tab}).content.decode()
        assert ("scratch" in shown.lower(), 'class="grade"' in shown, "Graded" in shown) == (False, False, False), tab
    # Nor is its grade told by a scan, or got by asking for it.
    before = Grading.objects.count()
    refused = second.post(reverse("triage_grade", args=[device.tag]))
    assert (refused.status_code, Grading.objects.count()) == (409, before)
    assert "drawn for a second look" in refused.content.decode()
    for route in ("triage_scan", "floor_scan"):
        shown = second.post(reverse(route), {"code": device.tag}).content.decode()
        assert device.tag in shown, route
        assert 'class="grade"' not in shown, route
        assert 'class="grade"' in as_(cast, "ravi").post(reverse(route), {"code": device.tag}).content.decode(), route
    shown = second.post(reverse("floor_scan"), {"code": "GRADE D"}).content.decode()
    assert "drawn for a second look" in shown
    assert "By the rules it is" not in shown


def test_a_drawn_unit_waits_for_somebody_else_who_is_shown_nothing_of_the_first_look(cast: Cast, at: datetime) -> None:
    untouched = bench.tested(cast)
    inspection.record(device=untouched, findings=[SCRATCH], works="yes", by=cast.ravi, at=at - 2 * HOUR)
    assert not SecondLook.objects.exists()  # as shipped nothing is drawn

    draw_all(cast, at)
    inspection.record(device=untouched, findings=[SCRATCH], works="yes", by=cast.ravi, at=at)
    device = Device.objects.get(pk=untouched.pk)
    row = SecondLook.objects.get()
    drawn = Entry.objects.get(chain_id=device.pk, kind="triage.second_look_drawn")
    assert (row.first_by, row.status, row.first_grade) == (cast.ravi.reference, SecondStatus.WAITING, device.grade)
    again = sampling.number_of(device.pk, datetime.fromisoformat(drawn.payload["day"]).date(), drawn.payload["entry"])
    assert str(again) == drawn.payload["number"]

    # The first can neither look again nor decide, and finds it in no list of second looks.
    with pytest.raises(UnableToInspect, match="nobody makes both"):
        looking.begin(device=device, by=cast.ravi, at=at)
    with pytest.raises(UnableToDecide, match="drawn for a second look"):
        disposition.decide(device=device, by=cast.ravi, at=at)
    assert (list(queries.to_look_again(cast.ravi)), list(queries.to_look_again(cast.aisha))) == ([], [device])
    assert list(queries.to_decide(cast.aisha)) == []

    # Somebody else is shown what was measured, and nothing that a person judged.
    SecondLook.objects.update(until=clock.now() + HOUR)  # pages go by the clock
    second = as_(cast, "aisha")
    for name in ("triage_look", "triage_unit", "triage_panel_grade", "triage_panel_decision", "unit"):
        shown = second.get(reverse(name, args=[device.tag])).content.decode()
        assert "scratch" not in shown.lower().replace('value="scratch"', "")
        assert 'class="grade"' not in shown, name
    page = second.get(reverse("triage_look", args=[device.tag])).content.decode()
    assert "Look as if nobody had" in page
    nothing_is_told_elsewhere(cast, device)
    assert "SAMSUNG MZVLB256" in page

    look = looking.begin(device=device, by=cast.aisha, at=at)
    assert (look.defects, look.second_id) == ([], row.pk)
    for test in ("danger", "power", "keyboard"):
        looking.answer(device=device, test=test, verdict="pass", by=cast.aisha, at=at)
    looking.mark(device=device, code="scratch", zone="lid", severity="major", by=cast.aisha, at=at)
    looking.finish(device=device, by=cast.aisha, at=at)

    # One letter apart: the stricter word goes on, and each look's own word is kept.
    row.refresh_from_db()
    device.refresh_from_db()
    assert (row.first_grade, row.second_grade, row.steps, row.status) == ("B", "C", 1, SecondStatus.DONE)
    assert (row.first_axes["cosmetic"], row.second_axes["cosmetic"], device.grade) == ("B", "C", "C")
    assert Fault.objects.get(device=device, code="scratch").severity == "major"
    said = Entry.objects.get(chain_id=device.pk, kind="triage.second_look_done").payload
    assert (said["first"], said["second"], said["axes"], said["verdict"]) == ("B", "C", ["cosmetic"], "looks_near")
    assert disposition.decide(device=device, by=cast.ravi, at=at).device_id == device.pk


def test_looks_that_are_far_apart_wait_for_a_lead_who_made_neither(cast: Cast, at: datetime) -> None:
    draw_all(cast, at)
    device = looked(cast, at)
    inspection.record(
        device=device,
        findings=[Finding(code="display", zone="screen", severity="major")],
        works="no",
        by=cast.maria,
        at=at + HOUR,
    )
    row = SecondLook.objects.get()
    assert (row.status, row.steps, row.second_grade) == (SecondStatus.APART, 2, "D")
    assert Device.objects.get(pk=device.pk).grade == "D"
    kinds = {one.kind: one for one in queries.exceptions(cast.aisha)}
    assert kinds["triage.looks_apart"].url == reverse("triage_looks", args=[row.pk])
    assert "triage.looks_apart" not in {one.kind for one in queries.exceptions(cast.ravi)}
    with pytest.raises(UnableToDecide, match="far apart"):
        disposition.decide(device=device, by=cast.ravi, at=at + HOUR)

    with pytest.raises(NotAllowed):
        comparing.settle(row=row, counts="first", reason="I saw it", by=cast.ravi, at=at + HOUR)
    with pytest.raises(BadInput):
        comparing.settle(row=row, counts="first", reason=" ", by=cast.aisha, at=at + HOUR)
    lead = as_(cast, "aisha")
    url = reverse("triage_looks_settle", args=[row.pk])
    assert lead.post(url, {"counts": "luck", "reason": "x"}).status_code == 422
    assert "Second look" in lead.get(reverse("triage_looks", args=[row.pk])).content.decode()
    assert lead.post(url, {"counts": "first", "reason": "A dead battery; on mains it works."}).status_code == 302

    row.refresh_from_db()
    device.refresh_from_db()
    assert (row.status, row.counts, device.grade) == (SecondStatus.SETTLED, "first", "B")
    assert set(Fault.objects.filter(device=device, cleared_at=None).values_list("code", flat=True)) == {"scratch"}
    settled = Entry.objects.get(chain_id=device.pk, kind="triage.contradiction_settled").payload
    assert (settled["field"], settled["value"], settled["over"]) == ("grade", "B", ["D"])
    with pytest.raises(UnableToSettleLooks):
        comparing.settle(row=row, counts="second", reason="no", by=cast.aisha, at=at + HOUR)
    assert disposition.decide(device=device, by=cast.ravi, at=at + HOUR).device_id == device.pk


def test_whoever_tapped_one_of_the_looks_neither_makes_the_other_nor_settles_them(cast: Cast, at: datetime) -> None:
    draw_all(cast, at)
    device = bench.tested(cast)
    looking.begin(device=device, by=cast.aisha, at=at)
    looking.mark(device=device, code="scratch", zone="lid", severity="minor", by=cast.maria, at=at)
    for test in ("danger", "power", "keyboard"):
        looking.answer(device=device, test=test, verdict="pass", by=cast.ravi, at=at)
    looking.finish(device=device, by=cast.ravi, at=at)
    device.refresh_from_db()
    row = SecondLook.objects.get()

    for one in (cast.aisha, cast.maria, cast.ravi):
        with pytest.raises(UnableToInspect, match="nobody makes both"):
            looking.begin(device=device, by=one, at=at)
        assert list(queries.to_look_again(one)) == []
        assert not drawing.is_blind(device, by=one, at=at)
    row.status, row.second_by = SecondStatus.APART, "user:other"
    row.save()
    assert [one.code for one in comparing.reasons_against_settling(row, by=cast.aisha)] == ["second_look_settling"]


def test_a_look_that_left_its_letter_to_a_later_report_is_drawn_with_that_letter(cast: Cast, at: datetime) -> None:
    draw_all(cast, at)
    device = make.triaged(cast, at=at)
    inspection.record(device=device, findings=[SCRATCH], by=cast.ravi, at=at)
    assert (Device.objects.get(pk=device.pk).grade, SecondLook.objects.count()) == ("U", 0)

    bench.sent(bench.snapshot(), cast.ravi, at=at + HOUR)

    row = SecondLook.objects.get()
    graded = Entry.objects.filter(chain_id=device.pk, kind="triage.graded").latest("sequence")
    drawn = Entry.objects.get(chain_id=device.pk, kind="triage.second_look_drawn")
    assert (row.first_by, row.first_grade) == (cast.ravi.reference, graded.payload["grade"])
    # By a number that wasn't there before the letter was.
    assert (drawn.payload["entry"], drawn.sequence) == (graded.digest, graded.sequence + 1)
    # Once it was drawn or not drawn, no later report draws it anew.
    SecondLook.objects.all().delete()
    bench.sent(bench.snapshot(battery=70), cast.ravi, at=at + 2 * HOUR)
    assert not SecondLook.objects.exists()


def test_a_second_look_at_a_box_that_the_first_opened_is_told_so(cast: Cast, at: datetime) -> None:
    draw_all(cast, at)
    device = looked(cast, at)

    with pytest.raises(UnableToSettleLooks, match="was opened for the first look"):
        inspection.record(device=device, sealed=True, by=cast.aisha, at=at + HOUR)


def test_nobody_came_in_time_so_it_goes_on_and_the_draw_counts_as_lapsed(cast: Cast, at: datetime) -> None:
    draw_all(cast, at)
    device = looked(cast, at)
    look = looking.begin(device=device, by=cast.aisha, at=at + 3.5 * HOUR)
    assert SecondLook.objects.get().until == at + 4.5 * HOUR  # who has begun may finish
    assert drawing.sweep(at=at + 4 * HOUR) == 0
    # Its time is over and the first look is shown again, whether or not the sweep came: what was begun blind counts no more.
    with pytest.raises(UnableToInspect, match="Nobody has begun"):
        looking.finish(device=device, by=cast.aisha, at=at + 4.6 * HOUR)
    assert queries.look_of(device, at=at + 4.6 * HOUR) is None
    assert drawing.sweep(at=at + 5 * HOUR) == 1
    assert drawing.sweep(at=at + 5 * HOUR) == 0

    row = SecondLook.objects.get()
    assert (row.status, row.lapsed_at) == (SecondStatus.LAPSED, at + 5 * HOUR)
    with pytest.raises(UnableToInspect, match="Nobody has begun"):
        looking.answer(device=device, test="danger", verdict="pass", by=cast.aisha, at=at + 5 * HOUR)
    assert looking.begin(device=device, by=cast.ravi, at=at + 5 * HOUR).pk != look.pk
    assert disposition.decide(device=device, by=cast.ravi, at=at + 5 * HOUR).device_id == device.pk
    assert agreeing.drawn(system("test"), at - HOUR, at + HOUR) == agreeing.Drawn(1, 0, 1, 0, 0)


def pairs(cast: Cast, same: int, apart: int, *, kind: str = "laptop") -> list[SecondLook]:
    words = [("A", "A"), ("B", "B"), ("C", "C")]
    kept = [words[place % 3] for place in range(same)] + [("A", "C")] * apart
    return [
        SecondLook(
            first_by=cast.ravi.reference,
            device_class=kind,
            hub_id=cast.rotterdam.pk,
            first_grade=first,
            second_grade=second,
        )
        for first, second in kept
    ]


def test_an_alarm_opens_once_names_persons_only_to_who_may_and_goes_when_it_is_well(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_all(cast, at)
    now, before = pairs(cast, 8, 16), pairs(cast, 23, 1)
    monkeypatch.setattr(agreeing, "between", lambda _rows, _since, until: now if until == at else before)
    assert drift.watch(at=at) == 2
    assert drift.watch(at=at) == 0
    of_class, of_person = AgreementAlarm.objects.get(scope="class"), AgreementAlarm.objects.get(scope="person")
    assert (of_class.key, of_class.why, of_class.n, of_class.same) == ("laptop", "floor", 24, 8)
    assert of_class.kappa is not None
    assert of_class.kappa < Decimal("0.6")
    assert (of_person.key, of_person.classes) == (cast.ravi.reference, ["laptop"])

    name = cast.user("ravi").name
    rows = {
        actor: [one for one in queries.exceptions(actor) if one.kind == "triage.agreement"]
        for actor in (cast.maria, cast.ravi)
    }
    assert rows[cast.ravi] == []
    assert {one.thing for one in rows[cast.maria]} == {"Laptop", name}
    shown = [one for one in queries.exceptions(cast.carla) if one.kind == "triage.agreement"]
    assert {one.thing for one in shown} == {"Laptop"}
    for person, seen in (("maria", True), ("carla", False), ("ravi", False)):
        page = as_(cast, person).get(reverse("triage_agreement")).content.decode()
        assert (">" + name + "<" in page.replace(" <small", "<")) is seen or person == "ravi"
        assert ('id="persons"' in page) is seen

    now[:] = pairs(cast, 24, 0)
    before[:] = pairs(cast, 23, 1)
    assert drift.watch(at=at) == 0
    assert not AgreementAlarm.objects.filter(ended_at=None).exists()

    # Better than the floor, and yet fewer agree than before by more than chance.
    now[:] = pairs(cast, 20, 4, kind="phone")
    before[:] = pairs(cast, 120, 0, kind="phone")
    assert drift.watch(at=at) == 2
    assert set(AgreementAlarm.objects.filter(ended_at=None).values_list("why", flat=True)) == {"fell"}
