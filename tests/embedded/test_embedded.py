"""The embedded services as their users meet them: real servers in temporary folders, killed and started again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from revlog.embedded import binaries, places, processes
from revlog.embedded.errors import UnableToServe

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.services, pytest.mark.xdist_group("services")]

# What the test run itself was given must not reach the instances tried here.
OURS = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "REVLOG_APP_ROLE",
    "REVLOG_SECRET_KEY",
    "REVLOG_VAR",
    "PG_BIN",
)
HOLDER = """
import json, os, sys
from revlog import embedded
started = embedded.attach()
names = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "REVLOG_APP_ROLE", "REVLOG_SECRET_KEY")
print(json.dumps({"started": started} | {name: os.environ[name] for name in names}), flush=True)
sys.stdin.read()
"""


def environment(var: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return kept | {"REVLOG_VAR": str(var), "REVLOG_EMBEDDED_DURABLE": "0", "PYTHONPATH": str(ROOT)} | more


class Holder:
    """A program that uses the services until it is told to end, or killed."""

    def __init__(self, var: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER],
            env=environment(var),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the services did not start"
        self.told: dict[str, Any] = json.loads(line)

    def ask(
        self, question: str, *, role: str = "DATABASE_URL", arguments: tuple[object, ...] = ()
    ) -> list[tuple[Any, ...]]:
        with (
            contextlib.closing(psycopg2.connect(self.told[role])) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(question, arguments)
            return cursor.fetchall() if cursor.description else []

    def end(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(timeout=60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every account can enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="instances-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def var(place: Path) -> Iterator[Path]:
    yield place / "var"
    command(place / "var", "discard")


@pytest.fixture
def other(place: Path) -> Iterator[Path]:
    yield place / "other"
    command(place / "other", "discard")


def command(var: Path, *arguments: str, more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "revlog.embedded", *arguments],
        env=environment(var, **(more or {})), cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def status(var: Path) -> dict[str, Any]:
    return json.loads(command(var, "status", "--json").stdout)


def is_alive(pid: int, folder: Path) -> bool:
    return processes.works_in(pid, folder)


def test_two_instances_run_side_by_side_and_know_nothing_of_each_other(var: Path, other: Path) -> None:
    one, two = Holder(var), Holder(other)
    one.ask("CREATE TABLE kept (word text)", role="DATABASE_OWNER_URL")
    assert two.ask("SELECT to_regclass('kept')") == [(None,)]
    assert one.told["REDIS_URL"] != two.told["REDIS_URL"]
    assert one.told["REVLOG_SECRET_KEY"] != two.told["REVLOG_SECRET_KEY"]
    assert one.end() == two.end() == 0


def test_the_application_owns_nothing_and_the_owner_is_no_superuser(var: Path) -> None:
    holder = Holder(var)
    roles = holder.ask(
        "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname LIKE 'revlog_%%' ORDER BY 1"
    )
    assert roles == [("revlog_app", False, False, False, False), ("revlog_owner", False, False, True, False)]
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    assert holder.ask(owner) == [("revlog_owner",)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        holder.ask("CREATE TABLE mine (word text)")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        holder.ask("SET session_replication_role = replica", role="DATABASE_OWNER_URL")
    holder.end()


def test_a_wrong_password_is_refused_even_on_the_private_socket(var: Path) -> None:
    holder = Holder(var)
    host = status(var)["sockets"]
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(host=host, port=5432, user="revlog_owner", password="guess", dbname="revlog")
    assert Path(host).stat().st_mode & 0o077 == 0
    holder.end()


def test_the_last_user_stops_the_services_and_nobody_before(var: Path) -> None:
    first, second = Holder(var), Holder(var)
    assert (first.told["started"], second.told["started"]) == (True, False)
    before = status(var)
    assert [user["pid"] for user in before["users"]] == sorted([first.process.pid, second.process.pid], key=str)
    first.end()
    assert second.ask("SELECT 1") == [(1,)]
    second.end()
    after = status(var)
    assert (after["postgresql"], after["valkey"], after["users"]) == (None, None, [])
    assert not is_alive(before["postgresql"], Path(before["data"]))


def test_a_killed_user_does_not_count_and_its_services_are_taken_over(var: Path) -> None:
    killed = Holder(var)
    killed.kill()
    left = status(var)
    assert left["postgresql"]
    assert left["users"] == []
    next_one = Holder(var)
    assert next_one.told["started"] is False
    next_one.end()
    assert status(var)["postgresql"] is None


def test_what_was_answered_is_there_after_the_server_is_killed_hard(var: Path) -> None:
    holder = Holder(var)
    holder.ask("CREATE TABLE kept (word text)", role="DATABASE_OWNER_URL")
    holder.ask("INSERT INTO kept VALUES ('answered')", role="DATABASE_OWNER_URL")
    servers = status(var)
    os.kill(servers["postgresql"], signal.SIGKILL)
    os.kill(servers["valkey"], signal.SIGKILL)
    holder.kill()
    again = Holder(var)
    assert again.told["started"] is True
    assert again.ask("SELECT word FROM kept", role="DATABASE_OWNER_URL") == [("answered",)]
    assert again.told["DATABASE_URL"] == holder.told["DATABASE_URL"]
    again.end()


def test_a_server_that_died_under_one_user_is_started_by_another(var: Path) -> None:
    # The first user started it, and looks neither at it nor after it.
    first = Holder(var)
    servers = status(var)
    os.kill(servers["postgresql"], signal.SIGKILL)
    os.kill(servers["valkey"], signal.SIGKILL)
    wait_for(lambda: not status(var)["postgresql"])
    second = Holder(var)
    assert second.told["started"] is True
    assert second.ask("SELECT 1") == first.ask("SELECT 1") == [(1,)]
    assert first.end() == second.end() == 0
    assert status(var)["postgresql"] is None


def test_whoever_holds_the_services_starts_a_killed_one_again(var: Path) -> None:
    runner = subprocess.Popen(
        [sys.executable, "-m", "revlog.embedded", "run", "--", "sleep", "60"],
        env=environment(var),
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    try:
        servers = wait_for(lambda: (told := status(var))["postgresql"] and told["valkey"] and told["users"] and told)
        os.kill(servers["postgresql"], signal.SIGKILL)
        os.kill(servers["valkey"], signal.SIGKILL)
        wait_for(lambda: (told := status(var))["postgresql"] not in {None, servers["postgresql"]} and told["valkey"])
    finally:
        runner.terminate()
        assert runner.wait(timeout=30) == 128 + signal.SIGTERM
    assert status(var)["postgresql"] is None


def test_a_start_killed_at_any_moment_leaves_nothing_that_the_next_cannot_mend(var: Path) -> None:
    for milliseconds in (80, 250, 450, 700):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER], env=environment(var), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd=ROOT,
        )  # fmt: skip
        time.sleep(milliseconds / 1000)
        process.kill()
        process.communicate()
    holder = Holder(var)
    assert holder.ask("SELECT current_user, current_database()") == [("revlog_app", "revlog")]
    holder.end()


def test_a_command_gets_the_environment_and_its_exit_code_is_kept(var: Path) -> None:
    done = command(var, "run", "--", "sh", "-c", 'psql -tA "$DATABASE_OWNER_URL" -c "SELECT current_user"; exit 7')
    assert (done.stdout.strip(), done.returncode) == ("revlog_owner", 7)
    assert command(var, "run", "--", "/does/not/exist").returncode == 127
    assert status(var)["postgresql"] is None


def test_servers_named_by_the_environment_are_left_alone(tmp_path: Path) -> None:
    more = {"DATABASE_URL": "postgresql://them@elsewhere/theirs", "REDIS_URL": "redis://elsewhere"}
    done = command(tmp_path / "var", "run", "--", "sh", "-c", "echo $DATABASE_URL $REDIS_URL", more=more)
    assert done.stdout.split() == list(more.values())
    assert not (tmp_path / "var" / "embedded" / "services").exists()


def test_a_folder_too_deep_for_a_socket_gets_a_short_one_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 100) / "with space"
    holder = Holder(deep)
    sockets = Path(status(deep)["sockets"])
    assert not sockets.is_relative_to(deep)
    assert holder.ask("SELECT 1") == [(1,)]
    assert len(os.fsencode(sockets)) < 90
    holder.end()
    command(deep, "discard")
    assert not sockets.exists()


def test_services_in_use_are_not_stopped_behind_their_users_back(var: Path) -> None:
    holder = Holder(var)
    refused = command(var, "stop")
    assert refused.returncode == 1
    assert str(holder.process.pid) in refused.stderr
    assert holder.ask("SELECT 1") == [(1,)]
    holder.end()


def test_data_of_another_major_is_refused_untouched_with_the_recipe(var: Path) -> None:
    Holder(var).end()
    version = Path(status(var)["data"]) / "PG_VERSION"
    version.write_text("14\n")
    done = command(var, "run", "--", "true")
    assert done.returncode == 1
    assert "was made by PostgreSQL 14" in done.stderr
    assert "PG_BIN=/usr/lib/postgresql/14/bin" in done.stderr
    assert "pg_dump" in done.stderr
    assert version.read_text() == "14\n"


def test_a_pg_bin_without_binaries_is_refused_rather_than_passed_over(var: Path, tmp_path: Path) -> None:
    done = command(var, "run", "--", "true", more={"PG_BIN": str(tmp_path)})
    assert done.returncode == 1
    assert "PG_BIN" in done.stderr


def test_lost_passwords_are_named_and_no_second_database_is_made(var: Path) -> None:
    Holder(var).end()
    (var / "embedded" / "passwords.json").unlink()
    done = command(var, "run", "--", "true")
    assert done.returncode == 1
    assert "passwords.json" in done.stderr
    assert status(var)["postgresql"] is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the servers over to another account")
def test_root_hands_the_servers_to_an_ordinary_account_even_from_a_private_folder(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    var = private / "var"
    holder = Holder(var)
    told = status(var)
    data = Path(told["data"])
    assert data.stat().st_uid != 0
    assert not data.is_relative_to(private)
    assert private.stat().st_mode & 0o777 == 0o700
    assert Path(f"/proc/{told['postgresql']}").stat().st_uid == data.stat().st_uid
    holder.ask("CREATE TABLE kept (word text)", role="DATABASE_OWNER_URL")
    holder.end()
    again = Holder(var)
    assert again.ask("SELECT count(*) FROM kept", role="DATABASE_OWNER_URL") == [(0,)]
    again.end()
    assert command(var, "discard").returncode == 0
    assert not data.exists()


def test_a_broken_record_of_the_place_is_named(var: Path) -> None:
    (var / "embedded").mkdir(parents=True)
    (var / "embedded" / "place.json").write_text("{")
    with pytest.raises(UnableToServe, match=r"place\.json"):
        places.known(var)
    (var / "embedded" / "place.json").unlink()


def test_a_reused_process_number_is_not_taken_for_the_server(tmp_path: Path) -> None:
    assert not processes.works_in(os.getpid(), tmp_path)
    assert processes.works_in(os.getpid(), Path.cwd())


def test_the_major_of_a_data_folder_is_read_and_nonsense_refused(tmp_path: Path) -> None:
    assert binaries.data_major(tmp_path) is None
    (tmp_path / "PG_VERSION").write_text("17\n")
    assert binaries.data_major(tmp_path) == 17
    (tmp_path / "PG_VERSION").write_text("seventeen\n")
    with pytest.raises(UnableToServe, match="not a PostgreSQL data folder"):
        binaries.data_major(tmp_path)


def wait_for(question: Any, seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.1)
    return answer
