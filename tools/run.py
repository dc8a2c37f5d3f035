"""`make run`: the whole platform on this machine, until Ctrl-C.

Holds the embedded services (unless DATABASE_URL and REDIS_URL name others), migrates, loads the demo into an empty
database, then starts what the Procfile lists and says where it answers. Nothing that it started outlives it, however it or
any of them ends: the processes ask the kernel for a signal when their parent dies, orphans are handed to us, and what is
left of the services by a hard kill is used and later stopped by the next start.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from revlog import embedded  # noqa: E402
from revlog.embedded import holding, libraries, places, preparing, trusting  # noqa: E402

_SET_PDEATHSIG, _SET_CHILD_SUBREAPER = 1, 36
_STOP_SECONDS = 7.0  # longer than honcho's own patience of 5 s


class Stopped(SystemExit):
    """Somebody asked us to end."""


def main() -> int:
    libraries.adopt()
    _stop_on_signals()
    _tie_to_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "revlog.settings.dev")
    os.environ["PYTHONUNBUFFERED"] = "1"
    # The terminal is for what went wrong; and Celery need not say five times that this is root.
    os.environ.setdefault("REVLOG_LOG_LEVEL", "WARNING")
    os.environ.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser")
    os.chdir(ROOT)
    # With TLS it is for the tablets on the network, without for this machine alone.
    host, port = os.environ.setdefault("HOST", "0.0.0.0" if trusting.wanted() else "127.0.0.1"), _port()  # noqa: S104
    _refuse_a_taken_port(host, port)
    own_database = not os.environ.get("DATABASE_URL")
    try:
        base = trusting.serve(port=port, plain_port=port + 1) if trusting.wanted() else ""
        # Each process gets a PORT of its own; what the workers write into codes and mails is the web's all the same.
        os.environ.setdefault("REVLOG_BASE_URL", base or f"http://127.0.0.1:{port}")
        embedded.attach()
        if own_database:
            preparing.prepare(always=True)
        else:
            preparing.migrate()
        preparing.collect_static()
        if preparing.has_command("load_demo_if_empty"):
            preparing.manage("load_demo_if_empty")
        return _serve(host, port, base)
    except embedded.UnableToServe as problem:
        print(problem, file=sys.stderr)
        return 1
    finally:
        _end_descendants()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # an impatient second Ctrl-C must not leave PostgreSQL running
        holding.release()


def _serve(host: str, port: int, base: str) -> int:
    # A session of its own: one Ctrl-C reaches us alone, and we pass it on once.
    honcho = subprocess.Popen(
        [
            "setpriv", "--pdeathsig", "TERM", str(ROOT / ".venv/bin/honcho"), "--no-colour", "-e", os.devnull,
            "-f", "Procfile", "start",
        ],
        start_new_session=True,
    )  # fmt: skip
    threading.Thread(target=_announce, args=(host, port, base, honcho), daemon=True).start()
    instance = holding.instance(places.var_folder())
    try:
        while True:
            try:
                code = honcho.wait(timeout=1)
            except subprocess.TimeoutExpired:
                for service in instance.watch():
                    print(f"{service} was gone and is running again", file=sys.stderr)
                continue
            print(
                f"One of the processes ended (code {code}), so all were stopped; make run starts again.",
                file=sys.stderr,
            )
            return 1
    except Stopped:
        if honcho.poll() is None:
            honcho.terminate()
            try:
                honcho.wait(timeout=_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                honcho.kill()
        print("Stopped.", file=sys.stderr)
        return 0


def _announce(host: str, port: int, base: str, honcho: subprocess.Popen[bytes]) -> None:
    """Say the address once the platform calls itself healthy; say what it lacks when that takes long. ``base``: with TLS."""
    here = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    url = f"{'https' if base else 'http'}://{here}:{port}"
    trusted = ssl.create_default_context(cafile=os.environ["REVLOG_TLS_AUTHORITY"]) if base else None
    began, reminded, last = time.monotonic(), False, "no answer"
    while honcho.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5, context=trusted):  # noqa: S310 - our own address
                print(f"\nRevlog is ready: {base or url}/    (Ctrl-C stops it)", flush=True)
                if base:
                    print(f"Tablets learn to trust it at {os.environ['REVLOG_TRUST_URL']}", flush=True)
                print(flush=True)
                return
        except urllib.error.HTTPError as problem:
            last = f"{problem.code}: {problem.read(2000).decode(errors='replace')}"
            time.sleep(0.7)  # it answers, but its worker is still starting
        except OSError:
            pass
        if not reminded and time.monotonic() - began > 60:
            print(f"{url}/healthz is not satisfied yet: {last}", file=sys.stderr)
            reminded = True
        time.sleep(0.3)


def _port() -> int:
    told = os.environ.get("PORT") or "8000"
    if not told.isdigit() or not 0 < int(told) < 65535:
        sys.exit(f"PORT is {told!r}; it takes a number from 1 to 65534, best below 32768.")
    return int(told)


def _refuse_a_taken_port(host: str, port: int) -> None:
    """Better one sentence now than a retrying web process later. A killed web process may need a moment to end."""
    deadline = time.monotonic() + 5
    while True:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                return
            except OSError as problem:
                if time.monotonic() > deadline or isinstance(problem, PermissionError):
                    sys.exit(
                        f"Port {port} of {host} cannot be had ({problem.strerror}). Choose another: make run PORT=8001"
                    )
        time.sleep(0.2)


def _stop_on_signals() -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # make and the terminal may both tell us; once is enough
        raise Stopped(0)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def _tie_to_parent() -> None:
    """End when make is killed, and become the parent of whatever is orphaned below us. Linux only; elsewhere nothing."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if os.environ.get("REVLOG_TIED"):
        libc.prctl(_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)


def _end_descendants() -> None:
    """End what honcho left behind when it was killed hard, and leave the servers to whoever uses them last."""
    spared = holding.instance(places.var_folder()).server_pids()
    for number, seconds in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 2.0)):
        deadline = time.monotonic() + seconds
        while left := _descendants(os.getpid(), spared):
            for pid in left:
                _send(pid, number)
            if time.monotonic() > deadline:
                break
            time.sleep(0.1)
            _reap(spared)


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _reap(spared: set[int]) -> None:
    for pid in _children(os.getpid()):
        if pid not in spared:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def _descendants(pid: int, spared: set[int]) -> list[int]:
    found = []
    for child in _children(pid):
        if child not in spared:
            found += [child, *_descendants(child, spared)]
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, path.read_text().split())
        except OSError:
            continue
    return found


if __name__ == "__main__":
    sys.exit(main())
