"""`make run`, with each of its processes killed in turn: it mends itself or ends whole, and the next start is well."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.embedded.test_embedded import command, environment, wait_for

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
        self.var, self.port = var, port
        self.runner: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        more = {
            "PORT": str(self.port),
            "REVLOG_TIED": "1",
            "DJANGO_SETTINGS_MODULE": "revlog.settings.dev",
            "REVLOG_DEMO": "0",
        }
        self.runner = subprocess.Popen(
            [sys.executable, "tools/run.py"], cwd=ROOT, env=environment(self.var, **more), start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_for(self.is_well, 120)

    def is_well(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
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

    def find(self, pattern: str) -> list[int]:
        return [process.pid for process in self.processes() if re.search(pattern, process.command)]


@pytest.fixture
def platform() -> Iterator[Platform]:
    with tempfile.TemporaryDirectory(prefix="instances-") as name:
        Path(name).chmod(0o755)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = 20000 + probe.getsockname()[1] % 10000  # below the range of outgoing connections
        platform = Platform(Path(name) / "var", port)
        yield platform
        for process in platform.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        command(platform.var, "discard")


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
def test_it_mends_itself_when_one_of_these_is_killed(platform: Platform, name: str) -> None:
    platform.start()
    for pid in MENDED[name](platform) or pytest.fail(f"{name} was not found"):
        os.kill(pid, signal.SIGKILL)
    time.sleep(2)
    wait_for(platform.is_well, 60)
    assert platform.stop() == 0
    assert platform.processes() == []


@pytest.mark.parametrize("name", ENDED)
def test_it_ends_whole_and_starts_again_when_one_of_these_is_killed(platform: Platform, name: str) -> None:
    platform.start()
    assert platform.runner is not None
    for pid in ENDED[name](platform) or pytest.fail(f"{name} was not found"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    platform.runner.wait(timeout=30)
    servers = r"postgres|valkey-server"
    wait_for(lambda: not [process for process in platform.processes() if not re.search(servers, process.command)])
    platform.start()
    assert platform.stop() == 0
    assert platform.processes() == []
    assert json.loads(command(platform.var, "status", "--json").stdout)["postgresql"] is None


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
