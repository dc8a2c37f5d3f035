"""Processes: started apart from the terminal, as an ordinary account when we are root, and recognized again later."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

# What this process started.
_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Account:
    """The ordinary account that the servers run as when root starts them."""

    name: str
    uid: int
    gid: int

    @classmethod
    def of(cls, entry: pwd.struct_passwd) -> Account:
        return cls(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def _environment(home: Path) -> dict[str, str]:
    """Nothing of the caller's environment: PGDATA, PGPORT or LD_LIBRARY_PATH of a shell must not reach our servers."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": str(home)}


def spawn(command: Sequence[str], *, account: Account | None, home: Path, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that Ctrl-C in the terminal stops the users first, not it."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd="/",
        env=_environment(home),
        start_new_session=True,
        umask=0o077,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    _children.append(process)
    # Waited for at once: a dead child that nobody waits for is a zombie, which PostgreSQL takes for a living server, and then no
    # other user of the folder could start a new one.
    threading.Thread(target=process.wait, name=f"wait-{process.pid}", daemon=True).start()
    return process


def call(
    command: Sequence[str], *, account: Account | None, home: Path, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run a short command as the servers' account; never raises on its exit code."""
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd="/",
        env=_environment(home),
        umask=0o077,
        timeout=timeout,
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def can(account: Account, test: str, path: Path) -> bool:
    """Ask the kernel, as that account, about a path: ``-x``, ``-r`` or ``-w`` as in test(1)."""
    return (
        call(["/bin/sh", "-c", f'test {test} "$1"', "sh", str(path)], account=account, home=Path("/")).returncode == 0
    )


def end_children() -> None:
    """End the servers that this very process started."""
    for process in _children:
        process.terminate()  # nothing happens to one that has ended


def works_in(pid: int, folder: Path) -> bool:
    """Whether the process lives and has this working folder, as both servers do in their data folder.

    A pid in a file says little after a hard kill: the number may be another process's by now.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False
    if not Path("/proc/self/cwd").exists():
        return True
    try:
        return Path(f"/proc/{pid}/cwd").resolve() == folder.resolve() and not _is_zombie(pid)
    except OSError:
        return False


def all_in(folder: Path) -> list[int]:
    """Every process with this working folder, also those whose own record of themselves is lost."""
    pids = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if works_in(pid, folder)] if folder.is_dir() else []


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def end(pid: int, *, folder: Path, signals: Sequence[tuple[signal.Signals, float]]) -> bool:
    """Send each signal in turn and wait that many seconds for the process to be gone. Returns whether it is."""
    for number, seconds in signals:
        if not works_in(pid, folder):
            return True
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return True
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not works_in(pid, folder):
                return True
            time.sleep(0.02)
    return not works_in(pid, folder)
