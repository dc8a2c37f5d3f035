"""Web processes to measure, started and stopped here, and clients that ask them in parallel; loopback alone, bounded in time."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OURS = {
    "DJANGO_SETTINGS_MODULE": "revlog.settings.dev",
    "REVLOG_LOG_LEVEL": "ERROR",
    # Requests are counted as ever, and never too many.
    "REVLOG_API_REQUESTS_PER_MINUTE": "100000000",
}


def free_port() -> int:
    for port in range(21000, 22000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise RuntimeError("No port is free.")


def make_bare_tables() -> dict[str, str]:
    """The tables of the bare application, beside ours, owned by the owner's login; gives its environment."""
    environment = {
        "BARE_DATABASE_URL": os.environ["DATABASE_OWNER_URL"],
        "DJANGO_SETTINGS_MODULE": "benchmarks.bare.settings",
    }
    script = (
        "import django; django.setup(); from django.db import connection; from benchmarks.bare.app.models import Device, Event\n"
        "names = connection.introspection.table_names()\n"
        "with connection.schema_editor() as editor:\n"
        "    [editor.create_model(m) for m in (Device, Event) if m._meta.db_table not in names]"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=os.environ | environment, check=True)
    return environment


@contextmanager
def gunicorn(
    application: str,
    *,
    ready: str,
    environment: dict[str, str] | None = None,
    workers: int = 2,
    config: str = "python:benchmarks.quiet",
) -> Iterator[tuple[int, int]]:
    """Serve ``application``; yields port and process id once ``ready`` answers at all."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--workers", str(workers), "--bind", f"127.0.0.1:{port}", "--log-level", "error",
         "--config", config, application],
        cwd=ROOT, env=os.environ | (environment or {}), start_new_session=True,
    )  # fmt: skip
    try:
        for _ in range(200):
            try:
                link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                link.request("GET", ready)
                link.getresponse().read()
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise RuntimeError(f"{application} did not answer.")
        yield port, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


@dataclass(frozen=True)
class Load:
    rate: float
    p95_ms: float
    errors: int


Ask = Callable[[http.client.HTTPConnection, int], int]


def load(port: int, ask: Ask, *, clients: int = 4, seconds: float = 4.0) -> Load:
    """``clients`` threads, each with a connection of its own, asking for ``seconds``. ``ask`` returns the status it got."""
    stop = time.perf_counter() + seconds
    times: list[list[float]] = [[] for _ in range(clients)]
    errors = [0] * clients

    def work(me: int) -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        count = 0
        while time.perf_counter() < stop:
            start = time.perf_counter()
            try:
                status = ask(link, me * 10_000_000 + count)
            except (OSError, http.client.HTTPException):
                link.close()
                errors[me] += 1
                continue
            times[me].append(time.perf_counter() - start)
            errors[me] += status >= 400
            count += 1

    threads = [threading.Thread(target=work, args=(me,)) for me in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - start
    every = [each for mine in times for each in mine]
    p95 = statistics.quantiles(every, n=20)[-1] * 1000 if len(every) > 20 else 0.0
    return Load(rate=len(every) / took, p95_ms=p95, errors=sum(errors))


def post(link: http.client.HTTPConnection, path: str, body: object, headers: dict[str, str]) -> tuple[int, bytes]:
    link.request("POST", path, json.dumps(body), {"Content-Type": "application/json"} | headers)
    answer = link.getresponse()
    return answer.status, answer.read()


def get(link: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
    link.request("GET", path, headers=headers)
    answer = link.getresponse()
    return answer.status, answer.read()


def post_raw(port: int, path: str, bodies: list[bytes], headers: dict[str, str], *, clients: int = 4) -> float:
    """Send these bodies, each once, by ``clients`` at a time; how many seconds it took. Raises RuntimeError unless each was accepted."""
    refused: list[int] = []

    def work(mine: list[bytes]) -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for body in mine:
            link.request("POST", path, body, headers)
            answer = link.getresponse()
            answer.read()
            if answer.status >= 300:
                refused.append(answer.status)

    threads = [threading.Thread(target=work, args=(bodies[me::clients],)) for me in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refused:
        raise RuntimeError(f"{len(refused)} requests were refused: {sorted(set(refused))}.")
    return time.perf_counter() - start


def resident_mib(pid: int) -> float:
    """The largest resident size among a process and its children, in MiB."""
    sizes = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if int(fields.get("PPid", "0")) == pid or int(fields.get("Pid", "0")) == pid:
            sizes.append(int(fields.get("VmRSS", "0 kB").split()[0]) / 1024)
    return max(sizes, default=0.0)
