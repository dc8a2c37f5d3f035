"""Tables of benches: known by their header once somebody said what their columns are; each row a report, bad rows named by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from revlog.common import clock
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.services import reactions
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import triage as bench
from triage import tables as read
from triage.management.commands import ingest_report
from triage.models import ReportColumns, ReportStatus, TestReport
from triage.reports import encode, registry
from triage.reports.normal import Report, UnreadableReport
from triage.services import reports, tables
from triage.tables import Columns

HEADER = "S/N;Make;Phone;IMEI;RAM (GB);Battery %;Grade;MDM;Camera test;Remark"
COLUMNS = Columns(
    {
        "serial": "S/N", "manufacturer": "Make", "model": "Phone", "imei": "IMEI", "memory": "RAM (GB)", "battery_health": "Battery %",
        "appearance": "Grade", "lock_mdm": "MDM", "test:camera_test": "Camera test",
    }
)  # fmt: skip
GOOD = "PF1ABCDE;Lenovo;ThinkPad T480;490154203237518;8;88;B;no;fail;x"
OTHER = "R58N40T7QXZ;Samsung;Galaxy S20;;;79;C;yes;pass;"
BAD = ("n/a;Samsung;Galaxy S9;;;;;;;", "3.5E+14;Apple;iPhone 8;;;;;;;", "to be filled by o.e.m.;X;;;;;;;;")


def table(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows]).encode()


def lines(data: bytes, columns: Columns = COLUMNS) -> list[read.Line]:
    return read.lines(read.told_by(read.sheets_of(data), columns))


def parsed(row: str) -> Report:
    (line,) = lines(table(row))
    return registry.read(read.document(line, mapping="Bench", file="0" * 64))


# What a file says -----------------------------------------------------------------------------------------------------------------------


def test_a_row_is_a_report_with_its_cells_where_they_belong() -> None:
    report = parsed(GOOD)

    assert (report.kind, report.tool, report.manufacturer, report.model, report.serial) == (
        "bench.row", "Bench", "Lenovo", "ThinkPad T480", "PF1ABCDE",
    )  # fmt: skip
    assert report.memory_bytes == 8 * 2**30
    assert report.battery is not None
    assert report.battery.health_percent == 88
    assert [(one.value, one.valid) for one in report.identifiers] == [("490154203237518", True)]
    assert [(lock.kind.value, lock.state.value) for lock in report.locks] == [("mdm", "open")]
    assert [(test.code, test.verdict.value) for test in report.tests] == [("camera_test", "fail")]
    assert report.inspection == {"appearance": "B"}


def test_rows_that_can_t_be_taken_are_named_by_their_line_with_the_reason() -> None:
    told = lines(table(GOOD, *BAD, HEADER, OTHER, '"broken;x'))

    assert [(line.line, line.reason) for line in told] == [
        (2, ""), (3, "nameless"), (4, "scientific"), (5, "placeholder"), (7, ""), (8, "broken"),
    ]  # fmt: skip
    assert "3.5E+14" in told[2].sentence


def test_a_header_is_known_again_below_other_lines_and_in_another_order() -> None:
    shuffled = table("Galaxy;SN123;x", header="Bench 7, June\n\nPhone;S/N;Make")
    known = read.known(
        read.sheets_of(shuffled), [("other", COLUMNS), ("short", Columns({"model": "phone", "serial": "S/N"}))]
    )

    assert known is not None
    assert (known.name, known.head.line) == ("short", 3)
    assert read.known(read.sheets_of(b"a;b\n1;2\n"), [("short", COLUMNS)]) is None


def test_headings_are_guessed_and_a_person_s_word_is_checked() -> None:
    guessed = read.guessed(read.sheets_of(table(GOOD))).columns.headings
    chosen, twice = read.columns_of(
        [("serial", "S/N"), ("serial", "IMEI"), ("test", "A"), ("test", "B"), ("", "C"), ("nonsense", "D")]
    )

    assert {name: guessed[name] for name in ("serial", "imei", "manufacturer", "memory", "battery_health", "lock_mdm")} == {
        "serial": "S/N", "imei": "IMEI", "manufacturer": "Make", "memory": "RAM (GB)", "battery_health": "Battery %", "lock_mdm": "MDM",
    }  # fmt: skip
    assert [reason.code for reason in twice] == ["twice"]
    assert set(chosen.headings) == {"serial", "test:a", "test:b"}
    assert [reason.code for reason in Columns({"model": "x", "works": "y"}).problems()] == ["no_names"]
    assert [reason.code for reason in Columns({"serial": "x"}).problems()] == ["too_few"]


def test_what_is_no_table_is_never_taken_for_one() -> None:
    assert [read.looks_like_one(data) for data in (b'{"a": 1, "b": 2}', b"<a>,</a>", b"", b"hello", b"a;b\n1;2")] == [
        False, False, False, False, True,
    ]  # fmt: skip
    with pytest.raises(UnreadableReport) as refused:
        registry.read(json.dumps({"revlog_row": 1, "line": 4, "cells": {"model": "x"}}).encode())
    assert (refused.value.code, refused.value.position) == ("NO_DEVICE", "line 4")


# Taking it in ---------------------------------------------------------------------------------------------------------------------------


def kept(cast: Cast) -> ReportColumns:
    return tables.keep(organization=cast.operator.id, columns=COLUMNS, name="Bench 2", by=cast.aisha, at=make.AT)


def test_each_row_of_a_known_table_is_matched_and_the_table_names_the_others(cast: Cast) -> None:
    device = make.laptop(cast)
    kept(cast)

    report = bench.sent(table(GOOD, BAD[0], OTHER), cast.ravi, name="bench.csv")
    first, second = report.rows.order_by("line")

    assert (report.status, report.kind, report.reason_code) == (ReportStatus.SPLIT, "bench.table", "ROWS_REFUSED")
    assert "line 3." in report.reason
    assert encode.decode(report.summary or {}).warnings[0].startswith("Line 3: ")
    assert (first.line, first.status, first.device_id) == (2, ReportStatus.INGESTED, device.id)
    assert (second.line, second.status) == (4, ReportStatus.UNMATCHED)
    assert device.identifiers.filter(scheme="imei", normal_form="490154203237518").exists()
    # The same file again is the same reports.
    assert bench.sent(table(GOOD, BAD[0], OTHER), cast.ravi) == report
    assert TestReport.objects.count() == 3


def test_the_api_and_the_worker_take_a_table_too_and_only_its_sender_s_columns_read_it(cast: Cast) -> None:
    kept(cast)
    own = reports.receive(data=table(GOOD), name="a.csv", via="api", by=cast.ravi, at=make.AT)
    theirs = reports.receive(data=table(GOOD), name="a.csv", via="api", by=cast.vera, at=make.AT)
    reactions.drain(at=make.AT)
    own.refresh_from_db()
    theirs.refresh_from_db()

    assert (own.status, own.rows.get().kind) == (ReportStatus.SPLIT, "bench.row")
    assert (theirs.status, theirs.reason_code) == (ReportStatus.REFUSED, "UNKNOWN_FORMAT")


def test_a_table_of_several_units_is_not_taken_for_one_and_one_of_no_good_row_is_refused(cast: Cast) -> None:
    device = make.laptop(cast)
    kept(cast)

    several = bench.sent(table(GOOD, OTHER), cast.ravi, unit=device)
    nothing = bench.sent(table(BAD[0]), cast.ravi)

    assert (several.status, several.reason_code, several.rows.count()) == (ReportStatus.REFUSED, "SEVERAL_DEVICES", 0)
    assert (nothing.status, nothing.reason_code, nothing.position) == (ReportStatus.REFUSED, "NO_ROWS", "line 2")


def test_only_a_lead_keeps_columns_and_they_have_to_be_whole(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        tables.keep(organization=cast.operator.id, columns=COLUMNS, name="x", by=cast.ravi, at=make.AT)
    with pytest.raises(BadInput):
        tables.keep(organization=cast.operator.id, columns=COLUMNS, name=" ", by=cast.aisha, at=make.AT)


def test_a_second_bench_s_table_of_the_same_name_takes_nothing_from_the_first(cast: Cast) -> None:
    others = Columns({"serial": "Serial", "model": "Device"})
    first = kept(cast)
    for _again in range(2):
        second = tables.keep(organization=cast.operator.id, columns=others, name=first.name, by=cast.aisha, at=make.AT)

    first.refresh_from_db()
    assert first.columns == dict(COLUMNS.headings)
    assert (second.name, second.columns) == ("Bench 2 (2)", dict(others.headings))
    assert kept(cast) == first
    assert ReportColumns.objects.count() == 2


def test_a_table_whose_bytes_are_gone_takes_nothing_else_off_the_page(cast: Cast) -> None:
    lost, there = (bench.sent(table(row), cast.ravi, name=f"{row[:4]}.CSV") for row in (GOOD, OTHER))
    default_storage.delete(lost.artifact.stored_as)
    client = Client()
    client.force_login(cast.user("aisha"))

    page = client.get(reverse("triage_tables"))

    assert page.status_code == 200
    assert [one["name"] for one in page.context["waiting"]] == [there.name]


def test_a_lead_names_the_columns_on_the_page_and_the_table_is_taken_in(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.user("aisha"))
    sent = client.post(reverse("triage_upload"), {"files": SimpleUploadedFile("bench.csv", table(GOOD, BAD[1]))})
    report = TestReport.objects.get()
    address = reverse("triage_report_columns", args=[report.pk])
    page = client.get(address).content.decode()
    names = HEADER.split(";")
    fields = {heading: name.partition(":")[0] for name, heading in COLUMNS.headings.items()}
    form = {"count": str(len(names)), "name": "Bench 2"}
    form |= {f"heading-{place}": name for place, name in enumerate(names)}
    form |= {f"field-{place}": fields.get(name, "") for place, name in enumerate(names)}

    assert "none of the reports" in sent.content.decode()
    assert address in client.get(reverse("triage_report", args=[report.pk])).content.decode()
    assert "PF1ABCDE" in page
    assert "3.5E+14" in client.post(address, form | {"act": "look"}).content.decode()
    assert client.post(address, form | {"act": "keep", "field-0": ""}).status_code == 302
    assert ReportColumns.objects.get().columns["imei"] == "IMEI"
    reactions.drain(at=clock.now())
    report.refresh_from_db()
    assert (report.status, report.rows.count()) == (ReportStatus.SPLIT, 1)
    listed = client.get(reverse("triage_tables")).content.decode()
    assert "Bench 2" in listed
    client.post(reverse("triage_table_drop", args=[ReportColumns.objects.get().pk]))
    assert not ReportColumns.objects.exists()


def test_a_stranger_s_table_is_not_shown_and_a_technician_has_no_columns_to_name(cast: Cast) -> None:
    report = bench.sent(table(GOOD), cast.ravi, name="a.csv")
    for name, status in (("ravi", 403), ("vera", 403)):
        client = Client()
        client.force_login(cast.user(name))
        assert client.get(reverse("triage_report_columns", args=[report.pk])).status_code == status


def test_the_command_prints_the_rows_of_a_table(cast: Cast, tmp_path: Path) -> None:
    kept(cast)
    file = tmp_path / "bench.csv"
    file.write_bytes(table(OTHER, BAD[0]))

    line = ingest_report.bring_in(str(file))

    assert (line["status"], line["kind"]) == ("split", "bench.table")
    assert [(row["line"], row["status"], row["serial"]) for row in line["rows"]] == [(2, "unmatched", "R58N40T7QXZ")]
