"""S16: how long an instance that was set up takes to answer again: services, migrations looked at, web process up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.harness import Result
from benchmarks.servers import ROOT, free_port


def _until_answered(environment: dict[str, str], port: int, limit: float) -> float:
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "tools/run.py"], cwd=ROOT, env=environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while time.perf_counter() - start < limit:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
                    if answer.status == 200:
                        return time.perf_counter() - start
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.1)
        raise RuntimeError(f"It did not answer within {limit:.0f} s.")
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)


def start() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="revlog-bench-") as folder:
        assets = Path(os.environ.get("REVLOG_VAR", "var")).parent / "assets"
        if assets.is_dir():
            (Path(folder) / "assets").symlink_to(assets.resolve())
        port = free_port()
        clean = {
            k: v
            for k, v in os.environ.items()
            if k not in {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "REVLOG_SECRET_KEY"}
        }
        environment = clean | {"REVLOG_VAR": folder, "PORT": str(port), "DJANGO_SETTINGS_MODULE": "revlog.settings.dev"}
        first = _until_answered(environment, port, 240)
        again = _until_answered(environment, port, 60)
    return [
        Result("S16 first start with demo", "s", round(first, 1), None, None, "<= 180 with set-up"),
        Result("S16 start again", "s", round(again, 1), None, None, "<= 10"),
    ]
