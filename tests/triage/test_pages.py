"""The pages of triage, as their people use them."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from revlog.custody.models import Entry
from revlog.devices.journey import State
from revlog.devices.models import Device, HoldKind
from revlog.devices.services import moves, standing
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import triage as bench
from triage import queries
from triage.models import Decision, TestReport


def as_(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.user(name))
    return client


def file(data: bytes, name: str = "report.json") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def page(device: Device) -> str:
    return reverse("triage_unit", args=[device.tag])


def test_the_worklist_shows_each_unit_where_it_waits(cast: Cast) -> None:
    fresh, graded = make.laptop(cast, serial="NEW1"), bench.tested(cast)

    begin = as_(cast, "ravi").get(reverse("triage") + "?view=begin").content.decode()
    decide = as_(cast, "ravi").get(reverse("triage") + "?view=decide").content.decode()

    assert fresh.tag in begin
    assert graded.tag not in begin
    assert graded.tag in decide


@pytest.mark.parametrize("view", ["begin", "look", "decide", "regrade", "nonsense"])
def test_an_empty_worklist_says_what_comes_here(cast: Cast, view: str) -> None:
    answer = as_(cast, "ravi").get(reverse("triage") + f"?view={view}&from=x")

    assert answer.status_code == 200
    assert b"empty-here" in answer.content


def test_a_scan_takes_a_unit_in_hand(cast: Cast) -> None:
    device = make.laptop(cast)
    ravi = as_(cast, "ravi")

    first, second = (ravi.post(reverse("triage_scan"), {"code": device.tag}) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 200)
    assert b"Begun" in first.content
    assert b"In hand" in second.content
    assert make.state_of(device) == State.IN_TRIAGE


def test_a_scan_says_what_it_can_not_take(cast: Cast) -> None:
    sold = make.for_sale(cast)
    for _ in range(2):
        make.laptop(cast, serial="TWIN0001")
    ravi = as_(cast, "ravi")

    assert ravi.post(reverse("triage_scan"), {"code": sold.tag}).status_code == 409
    assert ravi.post(reverse("triage_scan"), {"code": "TWIN0001"}).status_code == 409
    assert ravi.post(reverse("triage_scan"), {"code": "NOTHING1"}).status_code == 404
    assert ravi.post(reverse("triage_scan"), {"code": "\x00<b>"}).status_code == 404


def test_the_unit_s_page_shows_facts_grade_and_every_path_with_its_sum(cast: Cast) -> None:
    device = bench.tested(cast, battery=62)

    shown = as_(cast, "ravi").get(page(device)).content.decode()

    assert "SAMSUNG MZVLB256" in shown
    assert "The battery holds 62 % of its design capacity." in shown
    assert "What refused the better grade" in shown
    for way in ("Harvest parts", "Sell as it is", "Refurbish and sell", "Recycle", "Destroy", "Restock"):
        assert way in shown
    assert "default assumption" in shown
    assert "Expected net recovery" in shown


def test_the_proposed_way_is_one_tap(cast: Cast) -> None:
    device = bench.tested(cast)

    answer = as_(cast, "ravi").post(reverse("triage_decide", args=[device.tag]))

    assert answer.status_code == 302
    assert make.state_of(device) == State.TO_SANITIZE
    assert "decided" in as_(cast, "ravi").get(page(device)).content.decode()


def test_another_way_needs_its_reason_on_the_page_too(cast: Cast) -> None:
    device = bench.tested(cast)
    aisha = as_(cast, "aisha")
    url = reverse("triage_decide", args=[device.tag])

    refused = aisha.post(url, {"disposition": "RECYCLE", "reason": ""})
    assert refused.status_code == 422
    assert "Say why it goes another way" in refused.content.decode()

    assert aisha.post(url, {"disposition": "RECYCLE", "reason": "client wants it gone"}).status_code == 302
    assert Decision.objects.get(device=device).overridden
    assert "client wants it gone" in aisha.get(page(device)).content.decode()
    assert as_(cast, "ravi").post(url, {"disposition": "DESTROY", "reason": "x"}).status_code == 409


def test_an_inspector_does_not_see_the_way_to_override(cast: Cast) -> None:
    device = bench.tested(cast)

    assert "Send it another way" not in as_(cast, "ravi").get(page(device)).content.decode()
    assert "Send it another way" in as_(cast, "aisha").get(page(device)).content.decode()


def test_a_gate_is_said_beside_the_button(cast: Cast, at: datetime) -> None:
    device = bench.tested(cast)
    with transaction.atomic():
        standing.hold(moves.take_one(device.id), HoldKind.LEGAL, reason="matter 14", by=cast.carla, at=at)
    ravi = as_(cast, "ravi")

    assert "legal hold" in ravi.get(page(device)).content.decode()
    refused = ravi.post(reverse("triage_decide", args=[device.tag]))
    assert refused.status_code == 409
    assert "legal hold" in refused.content.decode()


def test_files_are_brought_in_together_and_each_is_answered(cast: Cast) -> None:
    device = make.laptop(cast)

    answer = as_(cast, "ravi").post(
        reverse("triage_upload"),
        {
            "files": [
                file(bench.snapshot(), "good.json"),
                file(b"", "empty.log"),
                file(bench.smart(serial="ZZ1"), "<b>.json"),
            ]
        },
    )

    shown = answer.content.decode()
    assert answer.status_code == 200
    assert device.tag in shown
    assert "The file is empty" in shown
    assert "No unit that the sender may see is known by" in shown
    assert "UNKNOWN_UNIT" not in shown
    assert "<b>.json" not in shown
    assert TestReport.objects.count() == 3


def test_nothing_chosen_is_said(cast: Cast) -> None:
    answer = as_(cast, "ravi").post(reverse("triage_upload"))

    assert answer.status_code == 422
    assert b"Choose a file first" in answer.content


def test_a_report_sent_on_a_unit_s_page_is_that_unit_s(cast: Cast) -> None:
    nameless = make.laptop(cast, serial="")

    as_(cast, "ravi").post(
        reverse("triage_unit_reports", args=[nameless.tag]), {"files": [file(bench.snapshot(serial=None, drives=()))]}
    )

    assert TestReport.objects.get().device_id == nameless.id


def test_an_unmatched_report_is_matched_on_its_page(cast: Cast) -> None:
    report = bench.sent(bench.snapshot(serial="QQ1"), cast.ravi)
    device = make.laptop(cast, serial="")
    ravi = as_(cast, "ravi")
    url = reverse("triage_report", args=[report.pk])
    assert "No unit that the sender may see is known by" in ravi.get(url).content.decode()

    wrong = ravi.post(reverse("triage_report_match", args=[report.pk]), {"unit": "RL-NOPE", "reason": "x"})
    assert wrong.status_code == 422
    assert "RL-NOPE" in wrong.content.decode()

    right = ravi.post(reverse("triage_report_match", args=[report.pk]), {"unit": device.tag, "reason": "on my bench"})
    assert right.status_code == 302
    assert make.state_of(device) == State.IN_TRIAGE


def test_a_lead_makes_a_unit_of_it(cast: Cast) -> None:
    report = bench.sent(bench.snapshot(), cast.ravi)
    assert "Make a unit of it" not in as_(cast, "ravi").get(reverse("triage_report", args=[report.pk])).content.decode()

    answer = as_(cast, "aisha").post(reverse("triage_report_create", args=[report.pk]))

    assert answer.status_code == 302
    assert Device.objects.filter(serial="PF1ABCDE").count() == 1


def test_a_report_is_set_aside_with_a_reason_and_leaves_the_inbox(cast: Cast) -> None:
    report = bench.sent(b"", cast.ravi)
    assert [row.key for row in queries.exceptions(cast.ravi)] == [f"report:{report.pk}"]
    ravi = as_(cast, "ravi")
    url = reverse("triage_report_set_aside", args=[report.pk])

    assert ravi.post(url, {"reason": ""}).status_code == 422
    assert ravi.post(url, {"reason": "sent by mistake"}).status_code == 302

    assert queries.exceptions(cast.ravi) == []
    assert Entry.objects.filter(chain_id=report.pk, kind="triage.report_set_aside").count() == 1


def test_strangers_find_nothing(cast: Cast) -> None:
    device = bench.tested(cast)
    report = bench.sent(bench.smart(serial="ZZ1"), cast.ravi)
    alex, jonas = as_(cast, "alex"), as_(cast, "jonas")

    assert jonas.get(page(device)).status_code == 404
    assert alex.get(page(device)).status_code == 403
    assert alex.get(reverse("triage_panel_grade", args=[device.tag])).status_code == 404
    assert alex.get(reverse("triage_report", args=[report.pk])).status_code == 404
    assert jonas.post(reverse("triage_decide", args=[device.tag])).status_code == 404


def test_the_panels_show_the_grade_and_keep_the_sums_inside(cast: Cast, at: datetime) -> None:
    from tests.triage.test_matching import vegas

    hers = vegas(cast, "VG000001")
    with transaction.atomic():
        standing.authorize(moves.take_one(hers.id), ground="contract", by=cast.aisha, at=at)
    bench.sent(bench.snapshot(serial="VG000001", drives=("VGD1",)), cast.ravi)
    ravi, vera = as_(cast, "ravi"), as_(cast, "vera")
    grade, decision = (reverse(f"triage_panel_{name}", args=[hers.tag]) for name in ("grade", "decision"))

    assert "Prüfschema laptop-2026-2" in vera.get(grade).content.decode()
    assert "Expected net recovery" in ravi.get(decision).content.decode()
    assert "Erwarteter Nettoerlös" not in vera.get(decision).content.decode()


def test_the_inbox_names_what_waits_and_the_next_step(cast: Cast) -> None:
    unmatched = bench.sent(bench.snapshot(serial="QQ1"), cast.ravi)
    waiting = bench.tested(cast)

    rows = {row.key: row for row in queries.exceptions(cast.ravi)}

    assert set(rows) == {f"report:{unmatched.pk}", f"undecided:{waiting.pk}"}
    assert rows[f"report:{unmatched.pk}"].next_action == "Match to a unit"
    assert rows[f"undecided:{waiting.pk}"].due is not None
    assert queries.exceptions(cast.jonas) == []
