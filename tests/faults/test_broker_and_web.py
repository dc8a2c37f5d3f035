"""The broker stopped and flushed, the web process killed: nothing that was answered with success is lost, and pages stay fast."""

from __future__ import annotations

import concurrent.futures
import itertools
import os
import re
import signal
import threading
import time
from pathlib import Path

import pytest
import requests

from tests.faults.conftest import stopped_at, waiters
from tests.platforms import Platform, wait_for
from tests.visitors import Partner, Visitor, least

pytestmark = [pytest.mark.slow, pytest.mark.services, pytest.mark.xdist_group("faults")]


NUMBERS = itertools.count(1)
WAIT = 0.25
"""Seconds that nobody spends on a broker that is gone: less than the least that one try to reach it may take (0.3 s)."""


def fresh(prefix: str) -> str:
    """A serial that no test before this one used."""
    return f"{prefix}{next(NUMBERS):03d}"


def report(serial: str) -> bytes:
    from tests.factories import triage

    return triage.snapshot(serial=serial, drives=(f"D{serial}",))


def upload(visitor: Visitor, serial: str) -> requests.Response:
    return visitor.post("/triage/reports/upload/", {}, files=[("files", (f"{serial}.json", report(serial)))])


def test_pages_stay_fast_and_nothing_is_lost_while_the_broker_is_gone_and_comes_back_empty(
    hurt: Platform, record_property: pytest.RecordProperty
) -> None:  # fmt: skip
    ravi, serial = Visitor(hurt, "ravi"), fresh("PFBROKER")
    told = hurt.python("from tests.faults import scenes\ntold = scenes.in_triage(serial=serial)", serial=serial)
    page = f"/unit/{told['tag']}/"

    def bring() -> None:
        assert upload(ravi, fresh("PFELSE")).status_code == 200

    hurt.settle()
    with_broker, posted_with = ravi.seconds(page), least(bring, times=5)
    hurt.settle()

    # The broker dies, with whatever it held.
    pid = hurt.service("valkey")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: hurt.health()[1].get("broker", "ok") != "ok", 20, what="a health page that misses the broker")

    try:
        began = time.perf_counter()
        assert upload(ravi, serial).status_code == 200
        first = time.perf_counter() - began
        without, posted = ravi.seconds(page), least(bring, times=5)
        record_property(
            "seconds_of_page_and_upload_with_broker_and_without", (with_broker, without, posted_with, posted)
        )
        assert without < with_broker + WAIT
        assert first < 4 + posted_with, "not even the first, who finds out"
        assert posted < posted_with + WAIT, "whoever brings something in must not wait for a broker that is gone"
        kinds = hurt.kinds(told["tag"])
        assert "triage.report_matched" in kinds
        assert "triage.graded" not in kinds, "it was graded without a worker that could be called"
    finally:
        # It comes back empty: every wake-up that was ever sent is lost.
        hurt.hold()

    # And the work is done all the same.
    assert hurt.service("valkey") not in {None, pid}
    wait_for(lambda: "triage.graded" in hurt.kinds(told["tag"]), 60, what="the grade")
    hurt.settle()
    assert hurt.kinds(told["tag"]).count("triage.graded") == 1
    hurt.wait_until_well()


def test_a_post_that_dies_with_the_web_process_leaves_nothing_half_written(hurt: Platform) -> None:
    ravi, serial = Visitor(hurt, "ravi"), fresh("PFHALF")
    kept = f"SELECT count(*) FROM triage_testreport WHERE name = '{serial}.json'"
    received = "SELECT count(*) FROM custody_entry WHERE kind = 'triage.report_received'"
    before = hurt.ask(received)
    answers: list[requests.Response | Exception] = []

    def post() -> None:
        try:
            answers.append(upload(ravi, serial))
        except requests.ConnectionError as problem:
            answers.append(problem)

    # Its transaction waits at the very last thing that it writes: there the process dies.
    with stopped_at(hurt, "custody_reaction"):
        thread = threading.Thread(target=post)
        thread.start()
        wait_for(lambda: waiters(hurt, "custody_reaction"), 30, what="the upload writing")
        hurt.kill("web")
        thread.join(timeout=30)
    assert len(answers) == 1
    assert isinstance(answers[0], requests.ConnectionError), answers[0]

    hurt.start("web")
    hurt.wait_until_well()
    assert hurt.ask(kept) == [(0,)]
    assert hurt.ask(received) == before

    # The same again, and now it is kept.
    assert upload(Visitor(hurt, "ravi"), serial).status_code == 200
    assert hurt.ask(kept) == [(1,)]


def test_what_was_answered_with_success_is_there_when_the_web_process_is_killed_under_load(hurt: Platform) -> None:
    visitors = [Visitor(hurt, "ravi") for _ in range(3)]
    kept: list[str] = []
    lost: list[str] = []
    stop = threading.Event()

    def send(number: int) -> None:
        while not stop.is_set():
            serial = fresh("PFLOAD")
            try:
                answer = upload(visitors[number], serial)
            except requests.RequestException:
                lost.append(serial)
                return
            (kept if answer.status_code == 200 and re.search(serial, answer.text) else lost).append(serial)

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        senders = [pool.submit(send, number) for number in range(3)]
        wait_for(lambda: len(kept) >= 9, 120, what="a few uploads", pause=0.01)
        hurt.kill("web")
        concurrent.futures.wait(senders, timeout=60)
        stop.set()
    assert lost, "nothing was in the air when the web process died"

    hurt.start("web")
    hurt.wait_until_well()
    there = {row[0] for row in hurt.ask("SELECT name FROM triage_testreport")}
    assert [serial for serial in kept if f"{serial}.json" not in there] == []
    hurt.settle()
    hurt.manage("verify_ledger")


def test_while_the_database_is_away_pages_and_api_say_so_and_then_go_on(hurt: Platform) -> None:
    ravi, partner = Visitor(hurt, "ravi"), Partner(hurt, "operator")
    pid = hurt.service("postgresql")
    assert pid is not None

    os.kill(pid, signal.SIGKILL)
    try:
        wait_for(lambda: not Path(f"/proc/{pid}").exists(), 20, what="the end of the database")
        page, call = ravi.get("/work/"), partner.get("/devices/")
        assert (page.status_code, call.status_code) == (503, 503)
        assert page.headers["Retry-After"] == call.headers["Retry-After"] == "5"
        assert "mostly back within seconds" in page.text
        assert "Traceback" not in page.text
        told = call.json()
        assert call.headers["Content-Type"] == "application/problem+json"
        assert (told["status"], told["code"]) == (503, "away")
        assert hurt.health()[0] == 503
    finally:
        hurt.hold()

    # The same processes, not started again: they find their way back to it.
    wait_for(lambda: ravi.get("/work/").status_code == 200, 30, what="the page")
    assert partner.get("/devices/").status_code == 200
    hurt.wait_until_well()
