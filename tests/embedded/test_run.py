"""`make run`, with each of its processes killed in turn while units are announced: it mends itself or ends whole, the next start is well,
and whatever was answered with success is there, once.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from revlog.embedded import processes
from revlog.embedded.processes import Account
from tests.embedded.test_embedded import command, environment, wait_for
from tests.platforms import free_port

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("services")]


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    command: str


class Platform:
    """An instance under a folder of its own; `start` is what `make run` does after its set-up."""

    def __init__(self, var: Path, port: int) -> None:
        self.var, self.port, self.url = var, port, f"http://127.0.0.1:{port}"
        self.runner: subprocess.Popen[bytes] | None = None

    def start(self, *prefix: str) -> None:
        """``prefix`` stands before the command, to run it as somebody else."""
        more = {
            "PORT": str(self.port),
            "REVLOG_TIED": "1",
            "DJANGO_SETTINGS_MODULE": "revlog.settings.dev",
            "REVLOG_DEMO": "0",
            # As an install runs: a server killed in the middle of a write must find its way back.
            "REVLOG_EMBEDDED_DURABLE": "1",
        }
        self.runner = subprocess.Popen(
            [*prefix, sys.executable, "tools/run.py"], cwd=ROOT, env=environment(self.var, **more), start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_for(lambda: self.is_well() or self.runner is None or self.runner.poll() is not None, 180)
        assert self.runner.poll() is None, f"it ended with {self.runner.returncode}"

    def is_well(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def stop(self) -> int:
        assert self.runner is not None
        os.killpg(self.runner.pid, signal.SIGINT)
        return self.runner.wait(timeout=30)

    def processes(self) -> list[Process]:
        """All that belongs to this instance, by its folder in their environment or arguments."""
        found = []
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or int(folder.name) == os.getpid():
                continue
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                told = words.encode() + (folder / "environ").read_bytes()
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                if str(self.var).encode() in told and fields[0] != "Z":
                    found.append(Process(int(folder.name), int(fields[1]), words))
        return sorted(found, key=lambda process: process.pid)

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=180,
            env=environment(self.var, DJANGO_SETTINGS_MODULE="revlog.settings.dev", REVLOG_DEMO="0"),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.strip()

    def find(self, pattern: str) -> list[int]:
        return [process.pid for process in self.processes() if re.search(pattern, process.command)]


class Sender(threading.Thread):
    """Announces units over the API, one after the other; each that wasn't answered is sent again under its key, until ``stop``."""

    def __init__(self, running: Platform) -> None:
        super().__init__(daemon=True)
        self.running, self.stop = running, threading.Event()
        self.session = requests.Session()
        key = running.manage("create_api_key", "--organization", "operator", "--scopes", "all")
        self.session.headers["Authorization"] = f"Bearer {key}"
        self.answered: dict[str, str] = {}
        self.broken = 0
        self.refused: list[str] = []

    def run(self) -> None:
        number = 0
        while not self.stop.is_set():
            serial = f"RUN{number:06d}"
            body = {"device_class": "laptop", "manufacturer": "Dell", "model": "Latitude", "serial": serial}
            try:
                answer = self.session.post(
                    f"{self.running.url}/api/v1/devices/", json=body, headers={"Idempotency-Key": serial}, timeout=20
                )
            except requests.RequestException:
                answer = None
            if answer is None or answer.status_code >= 500:
                self.broken += 1
                time.sleep(0.2)
                continue
            number += 1
            if answer.status_code == 201:
                self.answered[serial] = answer.json()["tag"]
            else:
                self.refused.append(answer.text)

    def sends(self, more: int = 10) -> None:
        """Wait until so many more were answered."""
        goal = len(self.answered) + more
        wait_for(lambda: len(self.answered) >= goal or self.refused, 90)
        assert self.refused == []

    def nothing_is_lost(self) -> None:
        """Each is there under the tag that was answered, and there once: each tag and serial is named by one unit alone."""
        self.stop.set()
        self.join(timeout=30)
        assert self.refused == []
        kept: dict[str, str] = {}
        at: str | None = f"{self.running.url}/api/v1/devices/?limit=200"
        while at:
            page = self.session.get(at, timeout=30).json()
            for row in page["results"]:
                assert row["serial"] not in kept, f"{row['serial']} is there twice"
                kept[row["serial"]] = row["tag"]
            at = page["next"]
        assert {serial: kept.get(serial) for serial in self.answered} == self.answered
        self.running.manage("verify_ledger")


@contextlib.contextmanager
def an_instance(folder: Path) -> Iterator[Platform]:
    """One that leaves nothing behind, whatever the test did to it."""
    platform = Platform(folder / "var", free_port())
    try:
        yield platform
    finally:
        for process in platform.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        command(platform.var, "discard")


@pytest.fixture
def platform() -> Iterator[Platform]:
    with tempfile.TemporaryDirectory(prefix="instances-") as name:
        Path(name).chmod(0o755)
        with an_instance(Path(name)) as made:
            yield made


MENDED: dict[str, Callable[[Platform], list[int]]] = {
    "PostgreSQL": lambda platform: platform.find(r"postgres -D"),
    "Valkey": lambda platform: platform.find(r"valkey-server"),
    "a web worker": lambda platform: platform.find(r"gunicorn")[-1:],
    "the child that does the work": lambda platform: platform.find(r"--queues fast")[-1:],
}
ENDED: dict[str, Callable[[Platform], list[int]]] = {
    "the web master": lambda platform: platform.find(r"bin/gunicorn")[:1],
    "a worker": lambda platform: platform.find(r"bin/celery.*--queues fast")[:1],
    "beat": lambda platform: platform.find(r"celery.* beat"),
    "honcho": lambda platform: platform.find(r"bin/honcho")[:1],
    "the runner": lambda platform: platform.find(r"tools/run\.py"),
    "everything at once": lambda platform: platform.find(r"."),
}


@pytest.mark.parametrize("name", MENDED)
def test_it_mends_itself_and_loses_nothing_when_one_of_these_is_killed(platform: Platform, name: str) -> None:
    platform.start()
    sender = Sender(platform)
    sender.start()
    sender.sends()
    for pid in MENDED[name](platform) or pytest.fail(f"{name} was not found"):
        os.kill(pid, signal.SIGKILL)
    sender.sends()
    wait_for(platform.is_well, 60)
    sender.nothing_is_lost()
    assert platform.stop() == 0
    assert platform.processes() == []


@pytest.mark.parametrize("name", ENDED)
def test_it_ends_whole_and_starts_again_without_loss_when_one_of_these_is_killed(platform: Platform, name: str) -> None:
    platform.start()
    sender = Sender(platform)
    sender.start()
    sender.sends()
    assert platform.runner is not None
    for pid in ENDED[name](platform) or pytest.fail(f"{name} was not found"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    platform.runner.wait(timeout=30)
    servers = r"postgres|valkey-server"
    wait_for(lambda: not [process for process in platform.processes() if not re.search(servers, process.command)])
    platform.start()
    sender.sends()
    assert sender.broken, "it was never away"
    sender.nothing_is_lost()
    assert platform.stop() == 0
    assert platform.processes() == []
    assert json.loads(command(platform.var, "status", "--json").stdout)["postgresql"] is None


def test_two_run_side_by_side_and_one_ctrl_c_stops_one_of_them(platform: Platform) -> None:
    with an_instance(platform.var.parent / "second") as second:
        platform.start()
        second.start()
        senders = Sender(platform), Sender(second)
        for sender in senders:
            sender.start()
            sender.sends(5)
        assert platform.stop() == 0
        assert platform.processes() == []
        senders[1].sends(5)
        senders[1].nothing_is_lost()
        # Their units are their own: the tags are drawn by each for itself.
        assert not set(senders[0].answered.values()) & set(senders[1].answered.values())
        assert second.stop() == 0
        assert second.processes() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run it as somebody else")
def test_an_ordinary_account_runs_it_as_well_as_root(platform: Platform) -> None:
    nobody = pwd.getpwnam("nobody")
    if not processes.can(Account.of(nobody), "-r", Path(sys.executable)):
        pytest.skip("another account can't read this tree")
    platform.var.mkdir()
    os.chown(platform.var, nobody.pw_uid, nobody.pw_gid)
    platform.start(
        "setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups", "env", "HOME=/nonexistent"
    )
    owners = {Path(f"/proc/{process.pid}").stat().st_uid for process in platform.processes()}
    assert owners == {nobody.pw_uid}
    assert platform.stop() == 0
    assert platform.processes() == []


def test_a_taken_port_is_said_in_one_sentence_and_nothing_is_left_running(platform: Platform) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "tools/run.py"], cwd=ROOT, env=environment(platform.var, PORT=str(taken.getsockname()[1])),
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 1
    assert "cannot be had" in done.stderr
    assert "make run PORT=" in done.stderr
    assert platform.processes() == []
