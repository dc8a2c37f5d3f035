"""Test reports over the API: kept first, answered at once, read afterwards."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from revlog.common import clock
from revlog.custody.services import reactions
from revlog.evidence.services import artifacts
from tests.api.callers import Caller, caller, problem
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import triage as bench
from triage.models import TestReport


def sent(them: Caller, raw: bytes, query: str = "", form: str = "application/octet-stream") -> dict:
    answer = them.post(f"/reports/{query}", raw=raw, form=form)
    assert answer.status_code == 202, answer.content
    return answer.json()


def test_it_answers_at_once_and_matches_afterwards(cast: Cast) -> None:
    device = make.laptop(cast, serial="PF1ABCDE")
    them = caller(cast)

    told = sent(them, bench.snapshot(), "?name=T480.json")
    assert told["status"] == "received"
    assert "will be read" in told["next"]
    reactions.drain(at=clock.now())
    told = them.get(f"/reports/{told['id']}/").json()

    assert (told["status"], told["kind"], told["units"], told["name"]) == (
        "ingested", "ereuse.workbench11", [device.tag], "T480.json",
    )  # fmt: skip
    assert device.tag in told["next"]
    assert told["content"]["serial"] == "PF1ABCDE"
    assert told["content"]["media"][0]["serial"] == "S4X1NB0K"
    assert [row["id"] for row in them.get("/reports/?status=ingested").json()["results"]] == [told["id"]]


def test_it_takes_the_same_report_as_a_form_and_knows_it(cast: Cast) -> None:
    them = caller(cast)
    first = sent(them, bench.snapshot(), form="application/json")
    form = {"file": SimpleUploadedFile("again.json", bench.snapshot())}

    answer = them.client.post("/api/v1/reports/", form, headers=them.headers)

    assert answer.status_code == 202, answer.content
    assert answer.json()["id"] == first["id"]
    assert TestReport.objects.count() == 1


def test_it_keeps_what_it_cannot_read_and_says_why(cast: Cast) -> None:
    them = caller(cast)
    told = sent(them, b'{"type": "Snapshot", "dev')
    reactions.drain(at=clock.now())

    told = them.get(f"/reports/{told['id']}/").json()

    assert told["status"] == "refused"
    assert told["reason"].split(":")[0].isupper()
    assert told["content"] is None
    assert artifacts.read(TestReport.objects.get().artifact) == b'{"type": "Snapshot", "dev'


def test_it_says_what_to_do_with_a_report_of_no_known_unit(cast: Cast) -> None:
    them = caller(cast)
    told = sent(them, bench.snapshot(serial="NOBODY01", drives=("NODRIVE1",)))
    reactions.drain(at=clock.now())

    told = them.get(f"/reports/{told['id']}/").json()

    assert told["status"] == "unmatched"
    assert "Announce the unit" in told["next"]


def test_it_matches_nothing_of_a_stranger(cast: Cast) -> None:
    make.laptop(cast, serial="PF1ABCDE")
    vega = caller(cast, organization=cast.vega)

    told = sent(vega, bench.snapshot())
    reactions.drain(at=clock.now())

    assert vega.get(f"/reports/{told['id']}/").json()["status"] == "unmatched"
    problem(caller(cast, organization=cast.altair).get(f"/reports/{told['id']}/"), 404)


def test_it_takes_a_word_for_the_unit_only_of_what_is_the_senders(cast: Cast) -> None:
    device = make.laptop(cast)

    problem(
        caller(cast, organization=cast.vega).post(f"/reports/?unit={device.tag}", raw=bench.smart(), form="text/plain"),
        422,
    )
    told = sent(caller(cast), bench.smart(serial="LOOSE001"), f"?unit={device.tag}", form="text/plain")
    assert TestReport.objects.get(pk=told["id"]).meant_for_id == device.pk


@pytest.mark.parametrize("raw", [b"", b"   \n", b"\x00"])
def test_it_takes_no_empty_report(cast: Cast, raw: bytes) -> None:
    answer = caller(cast).post("/reports/", raw=raw, form="text/plain")

    if raw.strip():
        assert answer.status_code == 202
    else:
        problem(answer, 422)


def test_it_takes_no_report_that_is_too_large(cast: Cast) -> None:
    problem(caller(cast).post("/reports/", raw=b"x" * (20 * 1024 * 1024 + 1), form="text/plain"), 413)

    assert not TestReport.objects.exists()


def test_it_reads_no_broken_form(cast: Cast) -> None:
    for raw in (b"", b"--x\r\n", b"--x\r\nContent-Disposition: form-data; name=file\r\n\r\nabc"):
        answer = caller(cast).post("/reports/", raw=raw, form="multipart/form-data; boundary=x")
        assert answer.status_code in {400, 422}, (raw, answer.content)
    problem(caller(cast).post("/reports/", raw=b"abc", form="multipart/form-data"), 400)
