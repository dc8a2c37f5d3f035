"""Reports as they come in: kept first, read later, settled once, and said on the chain of the unit they are of."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from revlog.common.errors import BadInput, NotAllowed, NotFound
from revlog.custody.models import Entry, Reaction
from revlog.custody.services import reactions
from revlog.devices.journey import State
from revlog.devices.models import Device, Fault, HoldKind
from revlog.devices.services import arrivals, moves, standing
from revlog.evidence.models import Attachment
from revlog.evidence.services import artifacts
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import triage as bench
from tests.triage.reports.test_edid import WHOLE as SCREEN
from tests.triage.reports.test_edid import edid as screen_of
from tests.triage.reports.test_edid import text
from triage.models import Grading, ReportStatus, ReportUnit, TestReport
from triage.reactions import grade_unit, read_report
from triage.reports.normal import Report
from triage.services import reports


def kinds(device: Device) -> list[str]:
    return list(Entry.objects.filter(chain_id=device.id).order_by("sequence").values_list("kind", flat=True))


def test_a_report_is_kept_and_answered_before_it_is_read(cast: Cast, at: datetime) -> None:
    make.laptop(cast)

    report = reports.receive(data=bench.snapshot(), name="a.json", via="page", by=cast.ravi, at=at)

    assert (report.status, report.kind, report.summary) == (ReportStatus.RECEIVED, "", None)
    assert artifacts.read(report.artifact) == bench.snapshot()
    entry = Entry.objects.get(chain_id=report.id)
    assert (entry.kind, entry.payload["digest"]) == ("triage.report_received", report.artifact_id)
    assert Reaction.objects.filter(entry=entry).count() == 1


def test_the_worker_reads_it_matches_it_and_grades_the_unit(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast)
    report = reports.receive(data=bench.snapshot(), name="a.json", via="page", by=cast.ravi, at=at)

    reactions.drain(at=at)

    report.refresh_from_db()
    device.refresh_from_db()
    assert (report.status, report.kind, report.device_id) == (ReportStatus.INGESTED, "ereuse.workbench11", device.id)
    assert (device.state, device.grade) == (State.IN_TRIAGE, "B")
    assert kinds(device)[1] == "triage.report_matched"
    assert kinds(device)[-1] == "triage.graded"
    assert Attachment.objects.filter(chain_id=device.id, use="report").count() == 1


def test_a_report_makes_known_what_the_unit_is_and_holds(cast: Cast) -> None:
    device = make.laptop(cast, model="")

    bench.sent(bench.snapshot(mac="00:16:6f:aa:bb:01"), cast.ravi)

    device.refresh_from_db()
    assert (device.manufacturer, device.model, device.memory_bytes) == ("Lenovo", "20L5S00100", 16 * 2**30)
    assert list(device.media.values_list("serial", "state")) == [("S4X1NB0K", "UNKNOWN")]
    assert device.identifiers.filter(scheme="mac", normal_form="00166FAABB01").exists()
    assert device.data == "UNKNOWN"


def test_failed_tests_become_faults_and_a_later_pass_clears_them(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast)

    bench.sent(bench.snapshot(failed=("TestKeyboard",), battery=62), cast.ravi)
    assert set(Fault.objects.filter(device=device).values_list("code", "severity", "source")) == {
        ("keyboard", "major", "report"),
        ("battery_worn", "major", "report"),
    }

    bench.sent(bench.snapshot(passed=("StressTest", "TestKeyboard"), battery=97), cast.ravi, at=at + timedelta(hours=1))
    assert not Fault.objects.filter(device=device, cleared_at=None).exists()


def test_the_same_report_twice_is_the_same_answer(cast: Cast) -> None:
    device = make.laptop(cast)
    first = bench.sent(bench.snapshot(), cast.ravi)
    told = kinds(device)

    second = bench.sent(bench.snapshot(), cast.aisha, name="again.json")

    assert second.id == first.id
    assert kinds(device) == told
    assert TestReport.objects.count() == 1


def test_the_same_bytes_from_another_organization_are_another_report(cast: Cast) -> None:
    make.laptop(cast)
    ours = bench.sent(bench.snapshot(), cast.ravi)

    theirs = bench.sent(bench.snapshot(), cast.vera)

    assert theirs.id != ours.id
    assert (theirs.status, theirs.reason_code) == (ReportStatus.UNMATCHED, "UNKNOWN_UNIT")


def test_one_that_was_unmatched_is_tried_again_when_it_is_sent_again(cast: Cast, at: datetime) -> None:
    early = bench.sent(bench.snapshot(), cast.ravi)
    assert early.status == ReportStatus.UNMATCHED
    device = make.laptop(cast)

    reports.receive(data=bench.snapshot(), name="a.json", via="api", by=cast.ravi, at=at)
    reactions.drain(at=at)

    early.refresh_from_db()
    assert (early.status, early.device_id, early.reason_code) == (ReportStatus.INGESTED, device.id, "")


def test_an_unreadable_report_is_refused_with_code_reason_and_place_and_is_kept(cast: Cast) -> None:
    broken = bench.snapshot()[:200]

    report = bench.sent(broken, cast.ravi)

    assert (report.status, report.reason_code) == (ReportStatus.REFUSED, "TRUNCATED")
    assert report.position
    assert report.answer.startswith("TRUNCATED: ")
    assert artifacts.read(report.artifact) == broken
    assert Entry.objects.filter(chain_id=report.id, kind="triage.report_refused").count() == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "EMPTY"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "NOT_TEXT"),
        (b'{"a": 1}', "UNKNOWN_FORMAT"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><list>&b;</list>', "HOSTILE_XML"),
    ],
)
def test_hostile_and_foreign_files_get_an_answer(cast: Cast, data: bytes, code: str) -> None:
    assert (bench.sent(data, cast.ravi).reason_code) == code


def test_file_names_never_carry_a_path(cast: Cast) -> None:
    assert bench.sent(b"{}", cast.ravi, name="..\\..\\etc/pass\x00wd.json").name == "passwd.json"


def test_who_may_not_bring_in_reports_is_told_so(cast: Cast, at: datetime) -> None:
    with pytest.raises(NotAllowed, match="bring in test reports"):
        reports.receive(data=b"{}", name="", via="page", by=cast.luca, at=at)

    assert not TestReport.objects.exists()


def test_a_unit_on_its_way_is_matched_and_waits_where_it_is(cast: Cast, at: datetime) -> None:
    what = arrivals.Description(device_class="laptop", manufacturer="Lenovo", serial="PF1ABCDE")
    device = arrivals.announce(what=what, stay=make.stay(cast), by=cast.ines, at=at)

    report = bench.sent(bench.snapshot(), cast.ravi)

    assert report.device_id == device.id
    assert make.state_of(device) == State.EXPECTED
    assert not Grading.objects.exists()


def test_a_report_for_a_unit_that_is_for_sale_takes_it_out_when_it_shows_another_drive(cast: Cast) -> None:
    device = make.for_sale(cast)

    bench.sent(bench.snapshot(drives=("S4X1NB0K", "HIDDEN99")), cast.ravi)

    assert make.state_of(device) == State.TO_SANITIZE


def test_a_drive_s_report_describes_no_machine(cast: Cast) -> None:
    device = make.triaged(cast)

    report = bench.sent(bench.smart(passed=False), cast.ravi)

    device.refresh_from_db()
    assert report.device_id == device.id
    assert (device.manufacturer, device.model, device.serial) == ("Lenovo", "ThinkPad T480", "PF1ABCDE")
    assert Fault.objects.filter(device=device, code="drive_failing", cleared_at=None).exists()


def test_a_panel_s_report_names_no_laptop_and_a_monitor_s_makes_one(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast, model="", serial="")

    inside = bench.sent(SCREEN, cast.ravi, unit=device)
    loose = bench.sent(screen_of(text(0xFC, b"DELL U2415"), number=68056070), cast.aisha)
    _settled, monitor = reports.create_unit(report=loose, by=cast.aisha, at=at)

    device.refresh_from_db()
    assert inside.device_id == device.id
    assert (device.device_class, device.manufacturer, device.model, device.serial) == ("laptop", "Lenovo", "", "")
    monitor.refresh_from_db()
    assert (monitor.device_class, monitor.manufacturer, monitor.model, monitor.serial) == (
        "monitor", "Dell", "DELL U2415", "68056070",
    )  # fmt: skip


def test_a_report_counts_for_the_stay_in_which_it_came(cast: Cast, at: datetime) -> None:
    device = make.sold(make.for_sale(cast))
    arrivals.arrive_again(device, stay=make.stay(cast), by=cast.ines, at=at)
    bench.sent(bench.snapshot(), cast.ravi, at=at + timedelta(minutes=1))

    device.refresh_from_db()
    assert ReportUnit.objects.get(device=device).visit_id == device.visit_id
    assert device.visit is not None
    assert device.visit.number == 2


# By hand --------------------------------------------------------------------------------------------------------------------------------


def test_a_person_says_of_which_unit_it_is_and_why(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast, serial="")
    report = bench.sent(bench.snapshot(serial="QQ1"), cast.ravi)

    settled = reports.match_by_hand(report=report, unit=device, reason="only one on the bench", by=cast.ravi, at=at)

    assert (settled.status, settled.device_id) == (ReportStatus.INGESTED, device.id)
    entry = Entry.objects.get(chain_id=device.id, kind="triage.report_matched")
    assert (entry.payload["how"], entry.payload["reason"]) == ("by_hand", "only one on the bench")
    device.refresh_from_db()
    assert (device.serial, device.state) == ("QQ1", State.IN_TRIAGE)


def test_it_is_not_matched_by_hand_without_a_reason_right_or_sight(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast, serial="")
    report = bench.sent(bench.snapshot(serial="QQ1"), cast.ravi)

    with pytest.raises(BadInput, match="how you know"):
        reports.match_by_hand(report=report, unit=device, reason=" ", by=cast.ravi, at=at)
    with pytest.raises(NotAllowed):
        reports.match_by_hand(report=report, unit=device, reason="x", by=cast.luca, at=at)
    with pytest.raises(NotFound):
        reports.match_by_hand(report=report, unit=device, reason="x", by=cast.jonas, at=at)
    report.refresh_from_db()
    assert report.status == ReportStatus.UNMATCHED


def test_a_refused_or_settled_report_is_not_matched_by_hand(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast)
    refused, settled = bench.sent(b"", cast.ravi), bench.sent(bench.snapshot(), cast.ravi)

    for report, why in ((refused, "can't be read"), (settled, "matched already")):
        with pytest.raises(reports.UnableToMatch, match=why):
            reports.match_by_hand(report=report, unit=device, reason="x", by=cast.ravi, at=at)


def test_a_unit_is_made_of_an_unmatched_report(cast: Cast, at: datetime) -> None:
    report = bench.sent(bench.snapshot(), cast.aisha)

    settled, device = reports.create_unit(report=report, by=cast.aisha, at=at)
    reactions.drain(at=at)

    device.refresh_from_db()
    assert settled.device_id == device.id
    assert (device.device_class, device.manufacturer, device.serial, device.state) == (
        "laptop", "LENOVO", "PF1ABCDE", State.IN_TRIAGE,
    )  # fmt: skip
    assert (device.owner_id, device.hub_id, device.grade) == (cast.operator.id, cast.rotterdam.id, "B")


@pytest.mark.parametrize(
    ("chassis", "code"),
    [
        ("Network device", "network"), ("Printer", "printer"), ("All in One", "desktop"), ("Mini PC", "desktop"),
        ("Rack Mount Chassis", "server"), ("Storage appliance", None), ("KVM", None),
    ],
)  # fmt: skip
def test_a_thing_has_the_class_that_its_chassis_names(chassis: str, code: str | None) -> None:
    assert reports.class_of(Report(kind="glpi.json", chassis=chassis)) == code


def test_a_unit_made_of_a_client_s_report_is_the_client_s(cast: Cast, at: datetime) -> None:
    report = bench.sent(bench.snapshot(), cast.vera)

    _, device = reports.create_unit(report=report, by=cast.aisha, at=at)

    assert device.owner_id == cast.vega.id


def test_an_inspector_may_match_but_not_make_a_unit(cast: Cast, at: datetime) -> None:
    report = bench.sent(bench.snapshot(), cast.ravi)

    with pytest.raises(NotAllowed, match="tag and first record"):
        reports.create_unit(report=report, by=cast.ravi, at=at)


# Once, whatever dies --------------------------------------------------------------------------------------------------------------------


def test_a_report_is_settled_once_however_often_its_reaction_runs(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast)
    report = reports.receive(data=bench.snapshot(), name="a.json", via="page", by=cast.ravi, at=at)
    entry = Entry.objects.get(chain_id=report.id)

    finishes = [read_report(entry, at=at) for _ in range(2)]
    for finish in finishes:
        assert finish is not None
        with transaction.atomic():
            finish()

    assert kinds(device).count("triage.report_matched") == 1
    assert read_report(entry, at=at) is None


def test_a_grade_is_given_once_for_a_report_however_often_its_reaction_runs(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast)
    bench.sent(bench.snapshot(), cast.ravi)
    matched = Entry.objects.get(chain_id=device.id, kind="triage.report_matched")

    with transaction.atomic():
        grade_unit(matched, at=at)

    assert Grading.objects.filter(device=device).count() == 1


def test_a_held_unit_s_report_is_still_read(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast)
    with transaction.atomic():
        standing.hold(moves.take_one(device.id), HoldKind.LEGAL, reason="matter 14", by=cast.aisha, at=at)

    assert bench.sent(bench.snapshot(), cast.ravi).status == ReportStatus.INGESTED
