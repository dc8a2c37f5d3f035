"""A look at a unit, tap by tap: what is asked, what is known, what waits for the wipe, what is photographed, and what is kept."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from returns.facts import PartsCompared, UnitMatched
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices.classes import CLASSES
from revlog.devices.models import Device, Fault, HoldKind
from revlog.devices.services import moves, standing
from revlog.evidence.models import Artifact, Attachment
from revlog.evidence.services import artifacts
from revlog.pages.simulation import pictures
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import triage as bench
from tests.triage.test_pages import as_
from triage import asking, knowing, outlines, plans
from triage.defects import of_class, zones_of
from triage.models import Inspection, Look
from triage.services import inspection, looking
from triage.services.inspection import Finding, Shot, UnableToInspect

HOUR = timedelta(hours=1)


def photo(what: str, at: datetime) -> Artifact:
    return artifacts.keep_photo(pictures.drawn(what), at=at)


def rows(device: Device, *, at: datetime) -> dict[str, asking.Asked]:
    look = Look.objects.filter(device=device).first()
    known = knowing.of(Device.objects.get(pk=device.pk), at=at)
    return {row.test.code: row for row in asking.standing(known, look.answers if look else {})}


def test_what_reports_the_return_and_the_dock_said_is_known_and_not_asked(cast: Cast, at: datetime) -> None:
    device = bench.tested(cast, battery=62, passed=("StressTest",))
    with transaction.atomic():
        taken = moves.take_one(device.id)
        came = UnitMatched(
            rma="r", number="RMA-1", line="l", position=1, how="serial", reason="CHANGED_MIND", wanted="refund"
        )
        moves.note(taken, fact=came, by=cast.ines, at=at)
        moves.note(taken, fact=PartsCompared(there="charger", missing="—"), by=cast.ines, at=at)

    now = rows(device, at=at)

    states = {code: (row.state, row.verdict) for code, row in now.items()}
    assert states["power"] == (asking.KNOWN, "pass")
    assert states["stress"] == (asking.KNOWN, "pass")
    assert states["drive"] == (asking.KNOWN, "pass")
    assert states["charging"] == (asking.KNOWN, "fail")
    assert states["complete"] == (asking.KNOWN, "pass")
    assert states["keyboard"] == (asking.OPEN, "")
    assert states["surface"] == states["setup"] == (asking.SHUT, "")
    shown = as_(cast, "ravi").get(reverse("triage_look", args=[device.tag])).content.decode()
    for told in ("Changed my mind", "everything", "62 %", "SAMSUNG MZVLB256"):
        assert told in shown
    assert "Only after the wipe" in shown


def test_reports_that_differ_are_asked_and_a_repair_is_tried_again(cast: Cast, at: datetime) -> None:
    device = bench.tested(cast, failed=("StressTest",), passed=())
    bench.sent(bench.smart(passed=False), cast.ravi, at=at + HOUR)

    now = rows(device, at=at + HOUR)

    # Two tools say both of the drive; what the machine failed is known.
    assert (now["drive"].state, now["drive"].differs) == (asking.OPEN, True)
    assert (now["stress"].state, now["stress"].verdict) == (asking.KNOWN, "fail")
    with transaction.atomic():
        taken = moves.take_one(device.id)
        standing.clear_fault(taken, taken.faults.get(code="stress"), by=cast.jakob, at=at + 2 * HOUR)
    assert rows(device, at=at + 2 * HOUR)["stress"].state == asking.OPEN


def test_a_whole_look_is_kept_with_plan_tests_defects_and_photos(cast: Cast, at: datetime) -> None:  # noqa: PLR0915 - one story
    device, by = bench.tested(cast), cast.ravi
    begun = looking.begin(device=device, by=by, at=at)
    assert looking.begin(device=device, by=cast.maria, at=at + HOUR).pk == begun.pk

    # No means what: with several meanings a person says which, with one it is implied.
    looking.answer(device=device, test="danger", verdict="pass", by=by, at=at)
    looking.answer(device=device, test="keyboard", verdict="fail", by=by, at=at)
    looking.answer(device=device, test="locks", verdict="fail", by=by, at=at)
    with pytest.raises(UnableToInspect, match="Say what is wrong: Locks"):
        looking.finish(device=device, by=by, at=at)
    looking.answer(device=device, test="locks", verdict="fail", faults=["locked"], by=by, at=at)
    with pytest.raises(BadInput):
        looking.answer(device=device, test="locks", verdict="fail", faults=["crack"], by=by, at=at)

    # What may only run after the wipe is refused by the verb too.
    with pytest.raises(UnableToInspect, match="Only after the wipe"):
        looking.answer(device=device, test="surface", verdict="pass", by=by, at=at)
    with pytest.raises(UnableToInspect, match="Only after the wipe"):
        inspection.record(device=device, tests={"setup": "pass"}, by=by, at=at)
    with pytest.raises(UnableToInspect, match="no test nothing"):
        looking.answer(device=device, test="nothing", verdict="pass", by=by, at=at)

    # A crack is shown, by a photo of the crack where it is.
    looking.mark(device=device, code="crack", zone="screen", severity="major", by=by, at=at)
    looking.mark(device=device, code="scratch", zone="lid", severity="minor", by=by, at=at)
    looking.mark(device=device, code="scratch", zone="lid", severity="major", by=by, at=at)
    with pytest.raises(UnableToInspect, match=re.escape("A photo is missing: crack (screen).")):
        looking.finish(device=device, by=by, at=at)
    with pytest.raises(BadInput, match="Mark the defect first"):
        looking.photograph(device=device, photo=photo("x", at), zone="lid", code="crack", by=by, at=at)
    looking.photograph(device=device, photo=photo("lid", at), zone="lid", by=by, at=at)
    with pytest.raises(UnableToInspect, match="photo is missing"):
        looking.finish(device=device, by=by, at=at)
    looking.photograph(device=device, photo=photo("crack", at), zone="screen", code="crack", by=by, at=at)
    done = looking.finish(device=device, by=by, at=at + HOUR)

    assert not Look.objects.exists()
    assert done.plan == "laptop-2026-1"
    tests = {one["test"]: (one["verdict"], one["by"]) for one in done.tests}
    assert tests["keyboard"] == ("fail", "person")
    assert tests["stress"] == ("pass", "known")
    assert tests["surface"] == tests["ports"] == ("untested", "")
    assert {(one["zone"], one["code"]) for one in done.photos} == {("screen", "crack"), ("lid", "")}
    assert Attachment.objects.filter(chain_id=device.pk, use=inspection.PHOTO).count() == 2
    assert set(Fault.objects.filter(device=device, cleared_at=None).values_list("code", "zone", "severity")) == {
        ("keyboard", "keyboard", "major"),
        ("locked", "", "major"),
        ("crack", "screen", "major"),
        ("scratch", "lid", "major"),
    }
    said = Entry.objects.get(chain_id=device.pk, kind="triage.inspected").payload
    assert said["plan"] == "laptop-2026-1"
    assert {"test": "keyboard", "verdict": "fail", "by": "person"} in said["tests"]

    # Looked at again, what was answered is known; what is taken off is gone, and milder is milder.
    later = at + 2 * HOUR
    now = rows(device, at=later)
    assert (now["keyboard"].state, now["danger"].state, now["ports"].state) == (asking.KNOWN, asking.KNOWN, asking.OPEN)
    looking.begin(device=device, by=cast.maria, at=later)
    looking.unmark(device=device, code="locked", by=cast.maria, at=later)
    looking.unmark(device=device, code="crack", zone="screen", by=cast.maria, at=later)
    looking.mark(device=device, code="scratch", zone="lid", severity="minor", by=cast.maria, at=later)
    looking.answer(device=device, test="keyboard", verdict="pass", by=cast.maria, at=later)
    looking.finish(device=device, by=cast.maria, at=later)
    assert set(Fault.objects.filter(device=device, cleared_at=None).values_list("code", "zone", "severity")) == {
        ("scratch", "lid", "minor")
    }
    assert rows(device, at=later + HOUR)["keyboard"].verdict == "pass"


def test_after_the_wipe_the_rest_is_asked_and_works_is_what_nothing_is_open_of(cast: Cast, at: datetime) -> None:
    device = make.cleared(bench.tested(cast))
    looking.begin(device=device, by=cast.ravi, at=at)
    open_ones = [code for code, row in rows(device, at=at).items() if row.state == asking.OPEN]
    assert {"surface", "setup"} <= set(open_ones)
    for code in open_ones[1:]:
        looking.answer(device=device, test=code, verdict="pass", by=cast.ravi, at=at)
    assert looking.finish(device=device, by=cast.ravi, at=at).works == "untested"

    looking.begin(device=device, by=cast.ravi, at=at + HOUR)
    looking.answer(device=device, test=open_ones[0], verdict="pass", by=cast.ravi, at=at + HOUR)
    assert looking.finish(device=device, by=cast.ravi, at=at + HOUR).works == "yes"

    # What doesn't switch on can't be tried further, and doesn't work.
    looking.begin(device=device, by=cast.ravi, at=at + 2 * HOUR)
    looking.answer(device=device, test="power", verdict="fail", faults=["no_power"], by=cast.ravi, at=at + 2 * HOUR)
    done = looking.finish(device=device, by=cast.ravi, at=at + 2 * HOUR)
    assert done.works == "no"
    dead = make.laptop(cast, serial="DEAD1", at=at)
    looking.begin(device=dead, by=cast.ravi, at=at)
    looking.answer(device=dead, test="power", verdict="fail", faults=["no_power"], by=cast.ravi, at=at)
    assert rows(dead, at=at)["display"].state == asking.MOOT
    with pytest.raises(UnableToInspect, match="“Switches on” failed"):
        looking.answer(device=dead, test="display", verdict="pass", by=cast.ravi, at=at)


def test_a_danger_holds_the_unit_at_once_and_dropping_the_look_frees_nothing(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast, device_class="phone", serial="", at=at)
    looking.begin(device=device, by=cast.ravi, at=at)
    looking.answer(device=device, test="danger", verdict="fail", faults=["battery_swollen"], by=cast.ravi, at=at)

    device.refresh_from_db()
    assert device.holds == [HoldKind.SAFETY]
    with pytest.raises(NotAllowed):
        looking.mark(device=device, code="scratch", zone="front", severity="minor", by=cast.ines, at=at)
    looking.leave(device=device, by=cast.ravi, at=at)
    device.refresh_from_db()
    assert device.holds == [HoldKind.SAFETY]
    assert not Inspection.objects.exists()
    with pytest.raises(UnableToInspect, match="Nobody has begun"):
        looking.finish(device=device, by=cast.ravi, at=at)


def test_photos_of_what_was_dropped_go_and_those_that_another_look_holds_stay(cast: Cast, at: datetime) -> None:
    device, other = bench.tested(cast), make.triaged(cast, serial="PF1OTHER", drive="S4X1OTHR")
    shared, own = photo("shared", at), photo("own", at)
    for one in (device, other):
        looking.begin(device=one, by=cast.ravi, at=at)
        looking.photograph(device=one, photo=shared, zone="lid", by=cast.ravi, at=at)
    looking.photograph(device=device, photo=own, zone="screen", by=cast.ravi, at=at)
    looking.drop_photos(device=device, zone="screen", by=cast.ravi, at=at)
    assert not Artifact.objects.filter(pk=own.pk).exists()
    looking.leave(device=device, by=cast.ravi, at=at)
    assert Artifact.objects.filter(pk=shared.pk).exists()
    looking.leave(device=other, by=cast.ravi, at=at)
    assert not Artifact.objects.filter(pk=shared.pk).exists()


def test_photos_are_asked_for_by_value_and_record_asks_for_them_too(cast: Cast, at: datetime) -> None:
    device = bench.tested(cast)
    with pytest.raises(UnableToInspect, match="A crack is shown"):
        inspection.record(device=device, findings=[Finding(code="crack", zone="lid")], by=cast.ravi, at=at)
    Device.objects.filter(pk=device.pk).update(expected_value="1200.00")
    with pytest.raises(UnableToInspect) as refused:
        inspection.record(device=device, works="yes", by=cast.ravi, at=at)
    assert [reason.sentence.split(".")[0] for reason in refused.value.reasons] == [
        "A photo is missing: lid",
        "A photo is missing: screen",
    ]
    shots = [Shot(photo=photo("lid", at), zone="lid"), Shot(photo=photo("screen", at), zone="screen")]
    assert inspection.record(device=device, works="yes", photos=shots, by=cast.ravi, at=at).plan == "laptop-2026-1"


def test_an_operator_s_own_plan_is_drafted_published_and_named_by_what_was_begun_with_it(
    cast: Cast, at: datetime
) -> None:
    device = bench.tested(cast)
    looking.begin(device=device, by=cast.ravi, at=at)
    own: dict[str, Any] = {
        "mode": "collect",
        "rules": [
            {
                "id": "dock",
                "when": {"fact": "manufacturer", "op": "==", "value": device.manufacturer},
                "then": {
                    "title": {"en": "Docking station", "de": "Dockingstation"},
                    "seconds": 40,
                    "wipe": "before",
                    "faults": ["port"],
                },
                "why": "Put it on.",
            }
        ],
    }
    with pytest.raises(BadInput) as refused:
        wrong = {"rules": [{"id": "x", "then": {"wipe": "never", "faults": ["rust"], "needs": "y", "seconds": 0}}]}
        rules.draft(kind=plans.KIND, body=wrong, by=cast.maria, at=at)
    assert {reason.code for reason in refused.value.reasons} == {"title", "wipe", "faults", "needs", "seconds"}
    drafted = rules.draft(kind=plans.KIND, body=own, by=cast.admin, at=at)
    rules.publish(drafted, by=cast.maria, at=at + HOUR)

    # What was begun is finished by the plan that it was begun with.
    assert looking.finish(device=device, by=cast.ravi, at=at + 2 * HOUR).plan == "laptop-2026-1"
    looking.begin(device=device, by=cast.ravi, at=at + 2 * HOUR)
    looking.answer(device=device, test="dock", verdict="fail", by=cast.ravi, at=at + 2 * HOUR)
    done = looking.finish(device=device, by=cast.ravi, at=at + 2 * HOUR)
    assert (done.plan, [one["test"] for one in done.tests]) == ("laptop/1", ["dock"])
    page = as_(cast, "maria").get(reverse("rules_kind", args=[plans.KIND])).content.decode()
    assert "Docking station" in page


@pytest.mark.parametrize("kind", sorted(CLASSES))
def test_each_class_has_a_picture_of_every_place_and_a_plan_that_finds_what_it_can_have(kind: str) -> None:
    can = {zone for defect in of_class(kind) for zone in zones_of(defect, kind)}
    assert {place.zone for view in outlines.of_class(kind) for place in view.places} == can
    plan = plans.plan_for(plans.SHIPPED, plans.inputs_of(device_class=kind))
    assert plan.version == f"{kind}-2026-1"
    assert all(test.faults for test in plan.tests)
    if kind not in {"apparel", "materials", "part"}:
        assert any(test.before_wipe for test in plan.tests)
    if kind in {"phone", "tablet", "network", "laptop", "desktop", "server", "storage", "medical"}:
        assert any(not test.before_wipe for test in plan.tests)


# On the page ----------------------------------------------------------------------------------------------------------------------------


def test_the_page_is_worked_by_plain_forms(cast: Cast) -> None:
    device = bench.tested(cast)
    ravi, here = as_(cast, "ravi"), reverse("triage_look", args=[device.tag])

    def tap(act: str, **told: Any) -> Any:
        return ravi.post(reverse(f"triage_look_{act}", args=[device.tag]), told)

    assert b"Begin to look" in ravi.get(here).content
    assert tap("begin").status_code == 302
    assert tap("answer", test="display", verdict="fail").url.endswith("#tests")
    shown = ravi.get(here).content.decode()
    assert "What is wrong?" in shown
    tap("answer", test="display", verdict="fail", fault="pixels")
    tap("answer", test="display", verdict="fail", fault="display")
    tap("answer", test="display", verdict="fail", fault="display")
    assert tap("mark", code="crack", zone="screen", severity="critical", at="screen").status_code == 302
    at_screen = ravi.get(here + "?at=screen").content.decode()
    assert "through, or pieces are loose" in at_screen
    assert 'aria-label="Screen, 2 defects"' in at_screen
    shut = tap("answer", test="surface", verdict="pass")
    assert (shut.status_code, b"Only after the wipe" in shut.content) == (409, True)
    early = tap("finish")
    assert early.status_code == 409
    assert "A photo is missing: crack (screen)." in early.content.decode()
    picture = SimpleUploadedFile("a.jpg", pictures.drawn("crack"), content_type="image/jpeg")
    assert tap("photo", zone="screen", code="crack", photo=picture).status_code == 302
    assert tap("finish", shown="on").status_code == 302
    done = Inspection.objects.get()
    assert {(one["code"], one["zone"]) for one in done.defects} == {("pixels", "screen"), ("crack", "screen")}
    after = ravi.get(reverse("triage_unit", args=[device.tag])).content.decode()
    assert "Plan laptop-2026-1" in after
    assert "Look at it again" in after
    assert as_(cast, "jonas").get(here).status_code == 404
    assert as_(cast, "jonas").post(reverse("triage_look_begin", args=[device.tag])).status_code == 404
