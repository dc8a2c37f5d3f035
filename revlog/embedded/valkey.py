"""The embedded Valkey: a broker and cache on a unix socket, kept in memory alone. It holds nothing that matters."""

from __future__ import annotations

import contextlib
import signal
import socket
import time
from pathlib import Path

from revlog.embedded import binaries, processes
from revlog.embedded.errors import UnableToServe
from revlog.embedded.places import Place

_PATIENCE = 20.0


def socket_path(place: Place) -> Path:
    return place.sockets / "v"


def is_ready(place: Place) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(socket_path(place)))
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def start(place: Place) -> None:
    """Bring the server up; raises UnableToServe. The caller holds the instance's lock."""
    stop(place)  # one that lives and does not answer would lose its socket to the new one and stay for ever
    log = place.folder / "valkey.log"
    settings = {
        "port": "0",
        "unixsocket": str(socket_path(place)),
        "unixsocketperm": "700",
        "dir": str(place.broker),
        "pidfile": str(_pidfile(place)),
        "daemonize": "no",
        "save": "",
        "appendonly": "no",
        "maxmemory": "256mb",
        # A broker that forgets messages silently is worse than one that refuses them.
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    command = [
        str(binaries.valkey(place)),
        *(part for name, value in settings.items() for part in (f"--{name}", value)),
    ]
    with log.open("wb") as output:
        process = processes.spawn(command, account=place.account, home=place.home, log=output)
    deadline = time.monotonic() + _PATIENCE
    while not is_ready(place):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise UnableToServe(f"Valkey does not start; the end of {log}:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)


def stop(place: Place) -> None:
    for pid in processes.all_in(place.broker):
        processes.end(pid, folder=place.broker, signals=[(signal.SIGTERM, 5), (signal.SIGKILL, 5)])
    with contextlib.suppress(OSError):
        _pidfile(place).unlink()


def running(place: Place) -> int | None:
    try:
        pid = int(_pidfile(place).read_text())
    except (OSError, ValueError):
        return None
    return pid if processes.works_in(pid, place.broker) else None


def _pidfile(place: Place) -> Path:
    return place.broker / "valkey.pid"
