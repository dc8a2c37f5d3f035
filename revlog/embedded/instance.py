"""One instance of the embedded services, and those who use it.

Every user (a web process, a command, a test run) holds a lock on a file of its own under ``embedded/users``; the kernel
lets go of it however the user ends, so a killed user is never counted. Starts and stops go through one more lock. Whoever
leaves and finds no other user stops the services.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from revlog.embedded import places, postgres, processes, valkey
from revlog.embedded.errors import NotRunning, UnableToServe
from revlog.embedded.places import Place

POSTGRES = "PostgreSQL"
VALKEY = "Valkey"
_PATIENCE = 180.0


@dataclass(frozen=True)
class User:
    """A living process that uses the services."""

    pid: int
    command: str


class Instance:
    """The services under one ``REVLOG_VAR``."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.folder = var / "embedded"
        self._place: Place | None = None
        self._mine: int | None = None
        self._file: Path | None = None
        self._services: frozenset[str] = frozenset()

    @property
    def place(self) -> Place:
        if self._place is None:
            raise NotRunning(f"No services were started yet under {self.var}.")
        return self._place

    def hold(self, services: frozenset[str], *, start: bool = True) -> list[str]:
        """Become a user, starting what is not running. Returns what was started; raises UnableToServe or NotRunning."""
        if not start and not self.folder.is_dir():
            raise NotRunning(f"The services of {self.var} are not running; start them with make run.")
        places.embedded_folder(self.var)
        with self._alone():
            try:
                started = self._bring_up(services, start=start)
            except BaseException:
                if not self.users():
                    self._shut_down()  # half of the services is of no use to anybody
                raise
            self._services |= services
            if self._mine is None:
                self._register()
        return started

    def watch(self) -> list[str]:
        """Start again what died under its users. Returns what did; cheap when nothing did."""
        if self._is_up(POSTGRES) and self._is_up(VALKEY):
            return []
        with self._alone():
            return self._bring_up(self._services, start=True)

    def release(self) -> None:
        """Stop being a user; the last one stops the services."""
        if self._mine is None:
            return
        if not self.folder.is_dir():
            processes.end_children()  # somebody deleted the instance under us: nothing is left to be read or kept
            return
        with self._alone():
            if self._file:
                self._file.unlink(missing_ok=True)
            os.close(self._mine)
            self._mine = None
            if not self.users():
                self._shut_down()

    def users(self) -> list[User]:
        """Who lives and uses the services; what dead ones left is cleared away."""
        users = []
        for path in sorted((self.folder / "users").glob("*")):
            try:
                handle = os.open(path, os.O_RDWR)
            except FileNotFoundError:
                continue
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink(missing_ok=True)
            except BlockingIOError:
                users.append(
                    User(pid=int(path.name.partition("-")[0]), command=path.read_text(errors="replace").strip())
                )
            finally:
                os.close(handle)
        return users

    def stop(self) -> None:
        """Stop the services; refused while they are used."""
        if places.known(self.var) is None:
            return
        with self._alone():
            if users := self.users():
                named = "\n".join(f"  {user.pid}  {user.command}" for user in users)
                raise UnableToServe(f"The services of {self.var} are in use; end these first:\n{named}")
            self._shut_down()

    def discard(self) -> None:
        """Delete the database and all else that the services keep; the caller has stopped them."""
        if (place := places.known(self.var)) is not None:
            shutil.rmtree(place.home, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def status(self) -> dict[str, object]:
        """What runs, where, for whom."""
        place = places.known(self.var)
        if place is None:
            return {"var": str(self.var), "postgresql": None, "valkey": None, "users": []}
        return {
            "var": str(self.var),
            "data": str(place.data),
            "account": place.account.name if place.account else None,
            "sockets": str(place.sockets),
            "postgresql": postgres.running(place),
            "valkey": valkey.running(place),
            "users": [{"pid": user.pid, "command": user.command} for user in self.users()],
        }

    def server_pids(self) -> set[int]:
        """The servers that run now; their own children are theirs to end."""
        place = places.known(self.var)
        return {pid for pid in (postgres.running(place), valkey.running(place)) if pid} if place else set()

    def addresses(self) -> dict[str, str]:
        """The environment that reaches the services that are held."""
        passwords = self._passwords()
        told = {}
        if POSTGRES in self._services:
            host = quote(str(self.place.sockets))
            for name, role in (("DATABASE_URL", postgres.APPLICATION), ("DATABASE_OWNER_URL", postgres.OWNER)):
                told[name] = f"postgresql://{role}:{passwords[role]}@/{postgres.DATABASE}?host={host}&port=5432"
            told["REVLOG_APP_ROLE"] = postgres.APPLICATION
        if VALKEY in self._services:
            told["REDIS_URL"] = f"unix://{quote(str(valkey.socket_path(self.place)))}?db=0"
        return told

    @contextlib.contextmanager
    def alone(self, purpose: str) -> Iterator[None]:
        """One process at a time for this purpose (migrating, say), apart from starts and stops."""
        with _locked(self.folder / f"{purpose}.lock", waiting_for=f"another process that is busy with: {purpose}"):
            yield

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with _locked(self.folder / "lock", waiting_for="another start or stop of the services"):
            yield

    def _is_up(self, service: str) -> bool:
        if service not in self._services:
            return True
        return postgres.listens(self.place) if service == POSTGRES else valkey.is_ready(self.place)

    def _bring_up(self, services: frozenset[str], *, start: bool) -> list[str]:
        passwords = self._passwords()
        place = places.known(self.var)
        down = sorted(services)
        if place is not None:
            ready = {POSTGRES: postgres.is_ready(place, passwords), VALKEY: valkey.is_ready(place)}
            down = [service for service in down if not ready[service]]
        if down and not start:
            raise NotRunning(f"{' and '.join(down)} of {self.var} not running; make run starts them.")
        # Both share the socket folder: it may move only while neither runs.
        if place is None or (down and not self._serving(place)):
            place = places.settle(self.var)
        self._place = place
        if POSTGRES in down:
            postgres.start(place, passwords)
        if VALKEY in down:
            valkey.start(place)
        return down

    @staticmethod
    def _serving(place: Place) -> bool:
        return postgres.listens(place) or valkey.is_ready(place)

    def _shut_down(self) -> None:
        place = places.known(self.var)
        if place is not None:
            valkey.stop(place)
            postgres.stop(place)
            if place.sockets.parent != place.home:
                shutil.rmtree(place.sockets, ignore_errors=True)

    def _register(self) -> None:
        folder = self.folder / "users"
        if not folder.exists():
            folder.mkdir(mode=0o700)
            places.belonging_like(self.folder, folder)
        path = folder / f"{os.getpid()}-{secrets.token_hex(4)}"
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.write(handle, (shlex.join(sys.orig_argv)[:500] + "\n").encode())
        places.belonging_like(self.folder, path)
        self._mine, self._file = handle, path

    def _passwords(self) -> dict[str, str]:
        path = self.folder / "passwords.json"
        try:
            told = json.loads(path.read_text())
            return {role: str(told[role]) for role in postgres.ROLES}
        except FileNotFoundError:
            if (place := places.known(self.var)) is not None and place.data.exists():
                raise UnableToServe(
                    f"{path} is gone, and with it the passwords of the database in {place.data}. "
                    "Restore that file, or move the data folder away to begin with an empty database."
                ) from None
            passwords = {role: secrets.token_urlsafe(24) for role in postgres.ROLES}
            places.write_private(path, json.dumps(passwords, indent=1) + "\n")
            return passwords
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise UnableToServe(f"{path} cannot be read ({problem}); it holds the passwords of the database.") from None


@contextlib.contextmanager
def _locked(path: Path, *, waiting_for: str) -> Iterator[None]:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise UnableToServe(f"{path} cannot be opened: {problem.strerror}.") from None
    try:
        places.belonging_like(path.parent, path)
        _wait_for(handle, waiting_for=waiting_for)
        yield
    finally:
        os.close(handle)


def _wait_for(handle: int, *, waiting_for: str) -> None:
    began, told = time.monotonic(), False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            waited = time.monotonic() - began
            if waited > _PATIENCE:
                raise UnableToServe(f"Waited {_PATIENCE:.0f} s for {waiting_for}.") from None
            if waited > 5 and not told:
                print(f"Waiting for {waiting_for}", file=sys.stderr)
                told = True
            time.sleep(0.05)
