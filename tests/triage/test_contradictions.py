"""What contradicts on a unit, through the verbs and pages: noticed, shown, settled; and a swollen battery that no report takes back."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices.models import Device, Fault, HoldKind
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import triage as bench
from triage import queries, showing
from triage.models import Contradiction
from triage.paths import Disposition
from triage.services import contradictions, disposition, grading, inspection, reports
from triage.services.inspection import Finding

HOUR = timedelta(hours=1)


def lshw(*, serial: str = "PF1ABCDE", memory: int = 16, drives: tuple[str, ...] = ("S4X1NB0K",)) -> bytes:
    """What ``lshw -json`` says of the laptop of ``bench.snapshot``."""
    told: dict[str, Any] = {
        "id": "host", "class": "system", "product": "20L5S00100", "vendor": "LENOVO", "serial": serial,
        "configuration": {"chassis": "notebook"},
        "children": [
            {
                "id": "core", "class": "bus",
                "children": [
                    {"id": "cpu", "class": "processor", "product": "Intel(R) Core(TM) i5-8350U CPU @ 1.70GHz"},
                    {
                        "id": "memory", "class": "memory", "description": "System Memory",
                        "children": [{"id": "bank:0", "class": "memory", "size": memory * 2**30, "serial": "M1"}],
                    },
                    *(
                        {
                            "id": f"disk:{place}", "class": "disk", "product": "SAMSUNG MZVLB256", "serial": name,
                            "size": 256060514304, "logicalname": f"/dev/sd{place}",
                        }
                        for place, name in enumerate(drives)
                    ),
                ],
            }
        ],
    }  # fmt: skip
    return json.dumps(told).encode()


def client(cast: Cast, name: str) -> Client:
    made = Client()
    made.force_login(cast.user(name))
    return made


def rows(device: Device) -> list[tuple[str, str, str]]:
    return sorted(Contradiction.objects.filter(device=device).values_list("field", "kind", "outcome"))


def test_a_drive_that_one_report_misses_waits_for_a_person_who_settles_it_with_a_reason(
    cast: Cast, at: datetime
) -> None:
    device = bench.tested(cast, drives=("S4X1NB0K", "S4X1NB0L"), smart=False)
    bench.sent(lshw(memory=8), cast.ravi, at=at + HOUR)

    assert rows(device) == [("drive:S4X1NB0L", "drives", ""), ("memory", "reading", "")]
    device.refresh_from_db()
    assert device.memory_bytes == 8 * 2**30
    (row,) = queries.contradictions(cast.aisha)
    (told,) = [one for one in queries.exceptions(cast.aisha) if one.kind == "triage.drives"]
    assert (told.sentence, told.next_action) == ("Drive S4X1NB0L: the sources say inside and not seen.", "Settle it")
    assert not [one for one in queries.exceptions(cast.vera) if one.kind == "triage.drives"]

    page = client(cast, "aisha").get(reverse("triage_unit", args=[device.tag])).content.decode()
    assert page.index("Drive S4X1NB0L") < page.index("Memory") < page.index("Processor")
    assert "Open it and count the drives." in page
    assert "8 GB" in page
    assert "16 GB" in page

    outside = showing.panel(grading.evidence(device).picture, inside=False)
    assert {source["by"] for row in outside.facts for source in row.value.sources} == {""}
    assert "Ravi" in page

    verb = {"device": device, "field": row.field, "at": at + 2 * HOUR}
    with pytest.raises(BadInput, match="Say how you know"):
        contradictions.settle(**verb, value="not_seen", reason=" ", by=cast.aisha)
    with pytest.raises(contradictions.UnableToSettle, match="choose one of the values"):
        contradictions.settle(**verb, value="there", reason="seen", by=cast.aisha)
    with pytest.raises(NotAllowed, match="resolve exceptions"):
        contradictions.settle(**verb, value="not_seen", reason="seen", by=cast.luca)

    answer = client(cast, "aisha").post(
        reverse("triage_settle", args=[device.tag]),
        {"field": row.field, "value": "not_seen", "reason": "opened it, the second slot is empty"},
    )
    assert answer.status_code == 302
    assert ("drive:S4X1NB0L", "drives", "settled") in rows(device)
    assert queries.contradictions(cast.aisha) == []
    entry = Entry.objects.get(chain_id=device.id, kind="triage.contradiction_settled")
    assert (entry.payload["value"], entry.payload["over"]) == ("not_seen", ["inside"])
    # Its record stays: a drive that was seen once is answered for when the unit is wiped.
    assert device.media.filter(serial="S4X1NB0L", state="UNKNOWN").exists()
    again = client(cast, "aisha").post(
        reverse("triage_settle", args=[device.tag]), {"field": row.field, "value": "inside", "reason": "x"}
    )
    assert again.status_code == 409


def test_two_serials_are_an_exception_and_go_away_with_their_cause(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast)
    strange = bench.sent(bench.snapshot(serial="ZZ99QQQQ", maker="Dell Inc."), cast.ravi, at=at)
    assert strange.status == "unmatched"
    reports.match_by_hand(report=strange, unit=device, reason="its label is torn", by=cast.aisha, at=at + HOUR)

    assert rows(device) == [("maker", "identity", ""), ("serial", "identity", "")]
    kinds = {one.kind for one in queries.exceptions(cast.aisha)}
    assert "triage.identity" in kinds
    contradictions.settle(device=device, field="serial", value="PF1ABCDE", reason="read it", by=cast.aisha, at=at + HOUR)  # fmt: skip
    assert ("serial", "identity", "settled") in rows(device)


def test_what_a_person_tried_and_found_well_clears_what_a_report_had_found_until_a_later_test_fails(
    cast: Cast, at: datetime
) -> None:
    device = bench.tested(cast, failed=("TestKeyboard",))
    assert Fault.objects.filter(device=device, code="keyboard", source="report", cleared_at=None).exists()

    inspection.record(device=device, tests={"keyboard": "pass", "complete": "pass"}, by=cast.ravi, at=at + HOUR)

    assert not Fault.objects.filter(device=device, code="keyboard", cleared_at=None).exists()
    picture = grading.evidence(device).picture
    assert [value.key for value in picture.by_name["test:keyboard"].values] == ["pass", "fail"]
    given = device.gradings.first()
    assert given is not None
    # What its report had tried still counts beside it; what belongs to it was looked at too.
    assert (given.function, given.completeness, given.data) == ("A", "A", "U")

    bench.sent(bench.snapshot(failed=("TestKeyboard",), note="once more"), cast.ravi, at=at + 2 * HOUR)
    assert Fault.objects.filter(device=device, code="keyboard", source="report", cleared_at=None).exists()


@pytest.mark.parametrize("looked_first", [True, False])
def test_a_battery_that_reports_call_good_and_a_person_calls_swollen_is_swollen(
    cast: Cast, at: datetime, looked_first: bool
) -> None:
    device = make.triaged(cast)
    good = bench.snapshot(battery=97)
    look = {"findings": [Finding(code="battery_swollen", severity="critical")], "works": "yes", "by": cast.ravi}
    if looked_first:
        inspection.record(device=device, **look, at=at)
        bench.sent(good, cast.ravi, at=at + HOUR)
    else:
        bench.sent(good, cast.ravi, at=at)
        inspection.record(device=device, **look, at=at + HOUR)
    bench.sent(bench.snapshot(battery=99, note="once more"), cast.ravi, at=at + 2 * HOUR)

    device.refresh_from_db()
    given = device.gradings.first()
    picture = grading.evidence(device).picture
    assert picture.counting("battery") == "battery_swollen"
    assert given is not None
    assert (given.overall, given.battery, given.function) == ("D", "D", "D")
    assert HoldKind.SAFETY in device.holds
    assert Fault.objects.filter(device=device, code="battery_swollen", cleared_at=None).exists()
    worth = disposition.worth_of(device, at=at + 2 * HOUR)
    shut = {path.disposition: {reason.code for reason in path.against} for path in worth.paths}
    assert worth.best is None
    assert {"on_hold", "hazard"} <= shut[Disposition.RESELL]
    assert {"on_hold", "hazard"} <= shut[Disposition.REFURBISH]
    with pytest.raises(disposition.UnableToDecide):
        disposition.decide(device=device, by=cast.ravi, at=at + 3 * HOUR)
    (row,) = contradictions.open_of(device)
    assert row.field == "battery"
    with pytest.raises(contradictions.UnableToSettle, match="only another look"):
        contradictions.settle(device=device, field="battery", value="99", reason="tool says", by=cast.aisha, at=at)

    # Another look takes it back, and then the reading counts; the hold stays until somebody else releases it.
    inspection.record(device=device, works="yes", gone=["battery_swollen"], by=cast.ravi, at=at + 3 * HOUR)
    device.refresh_from_db()
    assert grading.evidence(device).picture.counting("battery") in {"97", "99"}
    assert HoldKind.SAFETY in device.holds
