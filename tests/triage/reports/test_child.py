"""The child that reads strangers' bytes: its limits, its replacement, and that it can neither write nor call out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from triage.reports import child, childs_side, registry
from triage.reports.normal import Report, UnreadableReport

ROOT = Path(__file__).resolve().parents[3]
GOOD = json.dumps(
    {"id": "bench", "class": "system", "claimed": True, "vendor": "Acme", "product": "Atlas", "serial": "AT14-000771"}
).encode()
HEAVY = b"[" + b"[1]," * 3_000_000 + b"[]]"


@pytest.fixture(autouse=True)
def no_idle_children() -> Iterator[None]:
    child._pool.end()
    yield
    child._pool.end()


def idle() -> list[int]:
    return [one.process.pid for one in child._pool.idle]


def refused(data: bytes, **limits: float) -> UnreadableReport:
    with pytest.raises(UnreadableReport) as caught:
        child.read_bounded(data, **limits)  # type: ignore[arg-type]
    return caught.value


def test_it_reads_as_this_process_would_and_keeps_the_child_for_the_next_report() -> None:
    assert child.read_bounded(GOOD) == registry.read(GOOD)
    first = idle()
    assert refused(b'{"a": [1').code == "TRUNCATED"

    assert child.read_bounded(GOOD).serial == "AT14-000771"
    assert idle() == first


def test_a_report_over_its_memory_is_refused_and_the_next_one_gets_a_new_child() -> None:
    child.read_bounded(GOOD)
    first = idle()

    assert refused(HEAVY, memory_bytes=150 * 2**20).code == "PARSER_LIMIT"

    assert idle() == []
    assert child.read_bounded(GOOD).serial == "AT14-000771"
    assert idle() != first


def test_a_report_over_its_time_is_refused_when_the_time_is_over() -> None:
    before = time.monotonic()

    error = refused(HEAVY, seconds=0.2)

    assert error.code == "PARSER_LIMIT"
    assert "0.2 seconds" in error.sentence
    assert time.monotonic() - before < 5
    assert child.read_bounded(GOOD).serial == "AT14-000771"


def test_a_child_that_died_while_idle_is_replaced_without_a_word() -> None:
    child.read_bounded(GOOD)
    (only,) = child._pool.idle
    only.process.kill()
    only.process.wait()

    assert child.read_bounded(GOOD).serial == "AT14-000771"
    assert idle() != [only.process.pid]


def test_a_child_is_renewed_after_its_share_of_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "RENEW_AFTER", 2)
    child.read_bounded(GOOD)
    (first,) = idle()
    child.read_bounded(GOOD)

    assert idle() == []
    child.read_bounded(GOOD)
    assert idle() != [first]


def test_too_many_bytes_never_reach_a_child() -> None:
    assert refused(b"x" * (20 * 2**20 + 1)).code == "TOO_LARGE"
    assert idle() == []


def test_many_threads_read_at_the_same_time() -> None:
    found: list[Report] = []
    threads = [
        threading.Thread(target=lambda: [found.append(child.read_bounded(GOOD)) for _ in range(20)]) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 120
    assert {report.serial for report in found} == {"AT14-000771"}
    assert len(idle()) <= 4


def test_a_forked_worker_has_children_of_its_own() -> None:
    child.read_bounded(GOOD)
    (ours,) = idle()
    reading, writing = os.pipe()
    worker = os.fork()
    if worker == 0:
        report = child.read_bounded(GOOD)
        os.write(writing, json.dumps([report.serial, idle()]).encode())
        child._pool.end()
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        serial, theirs = json.loads(pipe.read())
    os.waitpid(worker, 0)

    assert serial == "AT14-000771"
    assert theirs != [ours]
    assert child.read_bounded(GOOD).serial == "AT14-000771"
    assert idle() == [ours]


def inside(code: str) -> str:
    """What the code prints when it runs under the child's limits."""
    started = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}]; from triage.reports import childs_side; childs_side._confine()\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", started + code], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout + done.stderr


def test_the_child_can_neither_write_nor_start_nor_call_anything(tmp_path: Path) -> None:
    target = tmp_path / "written"

    assert "writes no files" in inside(f"open({str(target)!r}, 'w')")
    assert "writes no files" in inside(f"import os; os.open({str(target)!r}, os.O_CREAT | os.O_WRONLY)")
    assert "may not socket" in inside("import socket; socket.socket()")
    assert "may not os.system" in inside("import os; os.system('true')")
    assert "may not subprocess" in inside("import subprocess; subprocess.run(['true'])")
    assert "may not os.remove" in inside(f"import os; os.remove({str(tmp_path)!r})")
    assert not target.exists()


def test_the_child_loads_neither_django_nor_a_database_driver() -> None:
    said = inside(
        "print([name for name in sys.modules if name.split('.')[0] in {'django', 'psycopg2', 'celery', 'revlog'}])"
    )

    assert said.strip() == "[]"


def test_a_reader_s_own_fault_is_an_answer_with_the_place_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: bytes) -> Report:
        raise ZeroDivisionError

    monkeypatch.setattr(childs_side.registry, "read", broken)

    answer = childs_side._answer(GOOD)

    assert answer["code"] == "PARSER_FAULT"
    assert "ZeroDivisionError" in answer["sentence"]
    assert answer["position"].startswith("test_child.py:")
