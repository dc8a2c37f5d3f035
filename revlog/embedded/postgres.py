"""The embedded PostgreSQL: made, started, provided with its roles, stopped. One unix socket, passwords, no TCP.

Three roles: ``postgres`` (only this module), ``revlog_owner`` (owns the database and its tables, migrates and grants) and
``revlog_app`` (what the platform runs as; it owns nothing).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from revlog.embedded import binaries, processes
from revlog.embedded.errors import UnableToServe
from revlog.embedded.places import Place

DATABASE = "revlog"
OWNER = "revlog_owner"
APPLICATION = "revlog_app"
SUPERUSER = "postgres"
ROLES = (SUPERUSER, OWNER, APPLICATION)

# After a hard kill of the postmaster its last children hold the shared memory for two or three seconds.
_PATIENCE = 30.0
_RECOVERY = 600.0
_PASSES_BY_ITSELF = ("pre-existing shared memory block", "is another post", "another server might be running")
_LOG_LIMIT = 10_000_000
_NEW = "postgres.new-"


def socket_path(place: Place) -> Path:
    return place.sockets / ".s.PGSQL.5432"


def listens(place: Place) -> bool:
    """Whether somebody answers the socket at all: a cheap look, once a second, by those who hold the services."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(5)
        try:
            probe.connect(str(socket_path(place)))
        except OSError:
            return False
    return True


def is_ready(place: Place, passwords: dict[str, str]) -> bool:
    """Whether the server lets the application's role in."""
    try:
        with _connected(place, APPLICATION, passwords, DATABASE):
            return True
    except psycopg2.OperationalError:
        return False


def start(place: Place, passwords: dict[str, str]) -> int:
    """Bring the server up, with its roles and its database. Returns its major version; raises UnableToServe.

    The caller holds the instance's lock. What a kill left half-made is made anew; what it left running is waited for.
    """
    chosen = binaries.postgres(place)
    made = not place.data.exists()
    if made:
        _initialize(place, chosen, passwords[SUPERUSER])
    for left in place.home.glob(f"{_NEW}*"):
        shutil.rmtree(left, ignore_errors=True)
        with contextlib.suppress(OSError):
            left.unlink(missing_ok=True)
    log = place.folder / "postgres.log"
    _rotate(log)
    if running(place) and not _appears(socket_path(place)):
        stop(place)  # somebody tidied the socket folder away; a server without a socket can't be asked for another
    give_up = time.monotonic() + _PATIENCE
    while True:
        problem = _try_to_start(place, chosen, passwords, log)
        if problem is None:
            break
        if not any(sign in problem.lower() for sign in _PASSES_BY_ITSELF) or time.monotonic() > give_up:
            raise UnableToServe(f"PostgreSQL {chosen.label} does not start; the end of {log}:\n{problem}")
        time.sleep(0.25)
    _provide(place, passwords)
    return chosen.major


def stop(place: Place) -> None:
    """Shut down at once but cleanly (sessions are ended, everything answered is on disk)."""
    if pid := running(place):
        gone = processes.end(
            pid, folder=place.data, signals=[(signal.SIGINT, 60), (signal.SIGQUIT, 15), (signal.SIGKILL, 10)]
        )
        if not gone:
            raise UnableToServe(f"PostgreSQL (process {pid}) does not stop; see {place.folder / 'postgres.log'}.")


def running(place: Place) -> int | None:
    """The postmaster's pid, from its own file, if that process is still the one that wrote it."""
    try:
        pid = int((place.data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if processes.works_in(pid, place.data) else None


def _appears(path: Path) -> bool:
    """A server makes its socket within moments of its start, long before it opens."""
    deadline = time.monotonic() + 5
    while not path.exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _initialize(place: Place, chosen: binaries.Postgres, password: str) -> None:
    print(f"Making a PostgreSQL {chosen.major} database in {place.data}", file=sys.stderr)
    # A name of its own for each try: the initdb of a start that was killed may still be at work on the last one.
    fresh = place.home / f"{_NEW}{secrets.token_hex(4)}"
    told = fresh.with_name(f"{fresh.name}.password")
    with os.fdopen(os.open(told, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password)
    place.give(told)
    # One order of letters on every machine and forever: an index must not depend on the system's locale version.
    locale = ["--locale=C.UTF-8"]
    if chosen.major >= 17:
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command = [
        str(chosen.folder / "initdb"),
        f"--pgdata={fresh}",
        f"--username={SUPERUSER}",
        f"--pwfile={told}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--data-checksums",
        "--no-instructions",
        *locale,
        *([] if _durable() else ["--no-sync"]),
    ]
    try:
        done = processes.call(command, account=place.account, home=place.home)
    finally:
        told.unlink(missing_ok=True)
    if done.returncode:
        raise UnableToServe(f"initdb failed:\n{done.stdout.strip()}")
    (place.folder / "prepared").unlink(missing_ok=True)
    fresh.rename(place.data)


def _try_to_start(place: Place, chosen: binaries.Postgres, passwords: dict[str, str], log: Path) -> str | None:
    """Start, or wait for one that an earlier killed start left behind. Returns what the log says when it failed."""
    before = log.stat().st_size if log.exists() else 0
    process = None
    began = time.monotonic()
    while True:
        problem = _asked(place, passwords[SUPERUSER])
        if problem is None:
            return None
        if process is None and not running(place):
            with log.open("ab") as output:
                process = processes.spawn(_command(place, chosen), account=place.account, home=place.home, log=output)
        elif process is not None and process.poll() is not None:
            with log.open("rb") as lines:
                lines.seek(before)
                return lines.read()[-4000:].decode(errors="replace").strip() or problem
        if time.monotonic() - began > _RECOVERY:
            raise UnableToServe(
                f"PostgreSQL has not opened after {_RECOVERY:.0f} s; see {log}. Its last word: {problem}"
            )
        time.sleep(0.05)


def _command(place: Place, chosen: binaries.Postgres) -> list[str]:
    settings = {
        "listen_addresses": "",
        "port": "5432",
        "unix_socket_directories": str(place.sockets),
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "max_connections": "100",
        # A quarter of a small machine is too much when web, workers and a browser share it.
        "shared_buffers": "128MB",
        "max_wal_size": "1GB",
        "jit": "off",
        "log_checkpoints": "off",
        "log_min_messages": "warning",
        "log_min_error_statement": "panic",
    }
    if not _durable():
        # synchronous_commit stays on: without it a killed server forgets what it answered, and tests kill servers.
        settings |= {"fsync": "off", "full_page_writes": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [str(chosen.folder / "postgres"), "-D", str(place.data), *options]


def _durable() -> bool:
    """Tests throw their databases away, so they need not wait for the disk."""
    return os.environ.get("REVLOG_EMBEDDED_DURABLE", "1").strip().lower() not in {"0", "no", "off", "false"}


def _asked(place: Place, password: str) -> str | None:
    """None when the server lets us in, else why not."""
    try:
        with _connected(place, SUPERUSER, {SUPERUSER: password}, "postgres"):
            return None
    except psycopg2.OperationalError as problem:
        if "password authentication failed" in str(problem):
            raise UnableToServe(
                f"The database in {place.data} was made with other passwords than {place.folder / 'passwords.json'} holds. "
                "Restore that file, or move the data folder away to begin with an empty database."
            ) from None
        return str(problem).strip()


def _provide(place: Place, passwords: dict[str, str]) -> None:
    """Create what is missing of roles and database; a start may have been killed between any two of them."""
    wanted = [
        ("SELECT 1 FROM pg_roles WHERE rolname = %s", OWNER, "CREATE ROLE {name} LOGIN CREATEDB PASSWORD {password}"),
        ("SELECT 1 FROM pg_roles WHERE rolname = %s", APPLICATION, "CREATE ROLE {name} LOGIN PASSWORD {password}"),
        ("SELECT 1 FROM pg_database WHERE datname = %s", DATABASE, "CREATE DATABASE {name} OWNER {owner}"),
    ]
    try:
        with _connected(place, SUPERUSER, passwords, "postgres") as connection, connection.cursor() as cursor:
            for question, name, statement in wanted:
                cursor.execute(question, [name])
                if cursor.fetchone() is None:
                    cursor.execute(
                        sql.SQL(statement).format(
                            name=sql.Identifier(name),
                            password=sql.Literal(passwords.get(name)),
                            owner=sql.Identifier(OWNER),
                        )
                    )
    except psycopg2.Error as problem:
        raise UnableToServe(f"PostgreSQL refused to set up its roles: {problem}") from None


@contextlib.contextmanager
def _connected(place: Place, role: str, passwords: dict[str, str], database: str) -> Iterator[Any]:
    connection = psycopg2.connect(
        host=str(place.sockets), port=5432, user=role, password=passwords[role], dbname=database, connect_timeout=5
    )
    try:
        connection.autocommit = True
        yield connection
    finally:
        connection.close()


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
