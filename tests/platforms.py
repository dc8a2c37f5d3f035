"""The whole platform in processes of its own, as `make run` has it: for the tests that need a real one.

A `Platform` has its own folder, PostgreSQL and Valkey, its web, worker and beat processes started by the lines of the Procfile. A test
may kill any of them and start it again, ask its database, or run a command or a few lines of Python in it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import psycopg2
from django.conf import settings

from tests import prepared

ROOT = Path(__file__).resolve().parents[1]
T = TypeVar("T")

# What the test run itself was given must not reach the platform.
OURS = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "REVLOG_APP_ROLE",
    "REVLOG_SECRET_KEY",
    "REVLOG_VAR",
    "PG_BIN",
    "REVLOG_DEBUG",
)
SERVICES = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "REVLOG_APP_ROLE", "REVLOG_SECRET_KEY")
HOLDER = f"""
import json, os, sys
from revlog import embedded
embedded.attach()
print(json.dumps({{name: os.environ[name] for name in {SERVICES}}}), flush=True)
sys.stdin.read()
"""
INSIDE = """
import json, sys
import revlog.celery
import django
django.setup()
asked = json.load(sys.stdin)
told = None
exec(compile(asked["code"], "<test>", "exec"), globals() | asked["names"])
"""
# Django is set up once; each call runs in a fork of that, so that it begins with nothing of the one before.
WARM = """
import json, os, sys, traceback
import revlog.celery
import django
from django.core import management
django.setup()
for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if not child:
        for number, name, how in ((0, os.devnull, os.O_RDONLY), (1, asked["out"], os.O_WRONLY), (2, asked["err"], os.O_WRONLY)):
            os.dup2(os.open(name, how), number)
        code = 0
        try:
            if asked["code"]:
                exec(compile(asked["code"], "<test>", "exec"), {"json": json, "sys": sys, "told": None} | asked["names"])
            else:
                management.execute_from_command_line(["manage.py", *asked["arguments"]])
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
        except BaseException:
            traceback.print_exc()
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def wait_for(question: Callable[[], T], seconds: float = 60, *, what: str = "", pause: float = 0.1) -> T:
    """Ask until the answer is true, and return it; fails after ``seconds``."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"{what or 'what was waited for'} did not happen within {seconds:g} s")
        time.sleep(pause)


def free_port() -> int:
    """A port that nothing listens on, below those that the kernel gives to outgoing connections."""
    for _ in range(200):
        port = random.randrange(20000, 32000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def procfile() -> dict[str, str]:
    lines = (line.partition(":") for line in (ROOT / "Procfile").read_text().splitlines() if line.strip())
    return {name.strip(): command.strip() for name, _, command in lines}


def _let_go(holder: subprocess.Popen[str]) -> None:
    """End who holds the services; the last one stops them."""
    assert holder.stdin is not None
    holder.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        holder.wait(timeout=20)


def _copy(source: Path, target: Path) -> None:
    """With owners and modes: PostgreSQL accepts its data from nobody else."""
    subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True, capture_output=True)


class Platform:
    """One instance under ``folder``. ``environment`` is added to that of each of its processes."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder, self.var, self.port = folder, folder / "var", free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        self.environment = kept | {
            "REVLOG_VAR": str(self.var), "REVLOG_EMBEDDED_DURABLE": "0", "PYTHONPATH": str(ROOT), "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "revlog.settings.dev", "PYTHONWARNINGS": "ignore", "REVLOG_LOG_LEVEL": "WARNING",
            "REVLOG_SEQUENCER_SECONDS": "1", "REVLOG_SWEEP_SECONDS": "1", "REVLOG_CHECKPOINT_SECONDS": "2", "REVLOG_WEB_WORKERS": "1",
        } | environment  # fmt: skip
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.holder: subprocess.Popen[str] | None = None
        self.warm: tuple[subprocess.Popen[str], dict[str, str]] | None = None

    # From nothing to healthy, and back ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Services, tables, the demo's people, the pages' files, then everything that the Procfile lists."""
        self.lay()
        for name in procfile():
            self.start(name)
        self.wait_until_well()

    def lay(self) -> None:
        """All of it but its processes."""
        self.var.mkdir()
        assets = Path(settings.VAR) / "assets"
        assert assets.is_dir(), f"The page assets are not at {assets}: run make setup, or tools/assets.py --dev."
        self.place_services()
        (self.var / "assets").symlink_to(assets.resolve())
        self.hold()
        self.place_static()

    def place_services(self) -> None:
        """A folder with services, all tables and the demo's people in it, as the first platform of these migrations left it."""
        with prepared.alone("prepared") as folder:
            kept = folder / "prepared" / prepared.digest()
            if not kept.exists():
                shutil.rmtree(kept.parent, ignore_errors=True)
                kept.parent.mkdir()
                self.hold()
                self.manage(
                    "migrate", "--no-input", "--verbosity=0", DATABASE_URL=self.environment["DATABASE_OWNER_URL"]
                )
                self.manage("prepare")
                self.cool()  # it knows of no assets: they aren't there yet
                self.let_go()
                _copy(self.var, kept)
                return
            _copy(kept, self.var)
            (self.var / "embedded" / "place.json").unlink(missing_ok=True)

    def let_go(self) -> None:
        """Stop holding the services; nobody else may, so they stop, and are looked for by their folder the next time."""
        assert self.holder is not None
        _let_go(self.holder)
        self.holder, self.environment = None, self.bare

    def place_static(self) -> None:
        """The pages' files, hashed and compressed as in `make run`; kept between platforms, since that takes half a minute."""
        shared = Path(settings.VAR).resolve() / "collected"
        shared.mkdir(exist_ok=True)
        (self.var / "static").symlink_to(shared)
        files = sorted(
            path for folder in (ROOT / "static", self.var / "assets") for path in folder.rglob("*") if path.is_file()
        )
        told = f"{hashlib.sha256((ROOT / 'requirements.txt').read_bytes()).hexdigest()}\n" + "".join(
            f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}\n" for path in files
        )
        stamp = shared / ".collected"
        with (shared.parent / "collected.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not stamp.exists() or stamp.read_text() != told:
                self.manage("collectstatic", "--no-input", "--clear", "--verbosity=0")
                stamp.write_text(told)

    def hold(self) -> None:
        """Start what of PostgreSQL and Valkey doesn't run, and use it until the end."""
        # A later holder must look for the folder's own services, not be told of them.
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDER], env=self.bare, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )  # fmt: skip
        before, self.holder = self.holder, holder
        assert holder.stdout is not None
        line = holder.stdout.readline()
        assert line, "the services did not start"
        self.environment |= json.loads(line)
        if before is not None:
            _let_go(before)

    @property
    def bare(self) -> dict[str, str]:
        """The environment of whoever has to find the services by their folder."""
        return {name: value for name, value in self.environment.items() if name not in SERVICES}

    def service(self, name: str) -> int | None:
        """The process of ``postgresql`` or ``valkey``, while it runs."""
        done = subprocess.run(
            [sys.executable, "-m", "revlog.embedded", "status", "--json"],
            cwd=ROOT,
            env=self.bare,
            capture_output=True,
            text=True,
            check=False,
        )
        pid = json.loads(done.stdout)[name]
        return int(pid) if pid else None

    def end(self) -> None:
        """All of it goes, so nobody is waited for."""
        for name in list(self.running):
            self.kill(name)
        self.cool()
        if self.holder is not None:
            _let_go(self.holder)
        subprocess.run(
            [sys.executable, "-m", "revlog.embedded", "discard"],
            cwd=ROOT,
            env=self.bare,
            check=False,
            capture_output=True,
            timeout=60,
        )
        shutil.rmtree(self.folder, ignore_errors=True)

    # Its processes -----------------------------------------------------------------------------------------------------------------

    def start(self, name: str, **environment: str) -> None:
        """Start one process of the Procfile, in a group of its own so that it can be killed with its children."""
        log = (self.folder / f"{name}.log").open("ab")
        self.running[name] = subprocess.Popen(
            ["sh", "-c", procfile()[name]], cwd=ROOT, env=self.environment | environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        log.close()

    def kill(self, name: str) -> None:
        """SIGKILL, to the process and its children: no handler runs, no connection is closed in order."""
        process = self.running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)

    def stop(self, name: str) -> None:
        process = self.running.pop(name)
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)

    def health(self) -> tuple[int, dict[str, str]]:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:  # noqa: S310 - our own address
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as problem:
            return problem.code, json.load(problem)
        except OSError as problem:
            return 0, {"status": str(problem)}

    def wait_until_well(self, seconds: float = 120) -> None:
        try:
            wait_for(lambda: self.health()[0] == 200, seconds, pause=0.3)
        except AssertionError:
            raise AssertionError(f"not healthy: {self.health()}\n{self.words()}") from None

    def words(self) -> str:
        """The ends of what its processes wrote, for the report of a failure."""
        return "\n".join(
            f"--- {path.stem}\n{path.read_text(errors='replace')[-3000:]}" for path in sorted(self.folder.glob("*.log"))
        )

    # Its inside --------------------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def database(self, *, role: str = "DATABASE_OWNER_URL") -> Iterator[Any]:
        """A cursor in a transaction of its own, rolled back at the end."""
        with contextlib.closing(psycopg2.connect(self.environment[role])) as connection, connection.cursor() as cursor:
            yield cursor
            connection.rollback()

    def ask(self, question: str, *arguments: object) -> list[tuple[Any, ...]]:
        with self.database() as cursor:
            cursor.execute(question, arguments)
            return cursor.fetchall()

    def kinds(self, tag: str) -> list[str]:
        """The kinds of the facts on a unit's chain, oldest first."""
        rows = self.ask(
            "SELECT e.kind FROM custody_entry e JOIN devices_device d ON d.id = e.chain_id WHERE d.tag = %s ORDER BY e.sequence",
            tag,
        )
        return [row[0] for row in rows]

    def state(self, tag: str) -> str:
        rows = self.ask("SELECT state FROM devices_device WHERE tag = %s", tag)
        assert rows, f"there is no unit {tag}"
        return str(rows[0][0])

    def undone(self, handler: str = "") -> list[tuple[Any, ...]]:
        """Reactions (of handlers that end in ``handler``) that aren't done: (handler, attempts, error)."""
        return self.ask(
            "SELECT handler, attempts, error FROM custody_reaction WHERE done_at IS NULL AND handler LIKE %s",
            f"%{handler}",
        )

    def settle(self, handler: str = "", *, seconds: float = 90) -> None:
        """Wait until every reaction (of these handlers) is done; fails naming those that aren't."""
        try:
            wait_for(lambda: not self.undone(handler), seconds, pause=0.3)
        except AssertionError:
            raise AssertionError(f"not done after {seconds:g} s: {self.undone(handler)}\n{self.words()}") from None

    def troubles(self) -> list[tuple[Any, ...]]:
        """Reactions that failed at least once: (handler, attempts, error)."""
        return self.ask(
            "SELECT handler, attempts, error FROM custody_reaction WHERE error <> '' OR parked_at IS NOT NULL"
        )

    def manage(self, *arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        if environment:
            done = subprocess.run(
                [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment | environment,
                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300,
            )  # fmt: skip
        else:
            done = self._inside(arguments=arguments)
        assert done.returncode == 0 or not check, (
            f"manage.py {arguments[0]}: {done.stdout[-2000:]}{done.stderr[-6000:]}"
        )
        return done

    def python(self, code: str, **names: object) -> Any:
        """Run ``code`` in a process of the platform's; the JSON value that it leaves in ``told``. ``names`` are JSON values."""
        done = self._inside(code=f"{textwrap.dedent(code)}\nprint(json.dumps(told, default=str))", names=names)
        assert done.returncode == 0, done.stderr[-6000:]
        return json.loads(done.stdout.strip().splitlines()[-1])

    def _inside(
        self, *, code: str = "", names: dict[str, object] | None = None, arguments: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """One call in a process of its own, which needn't set Django up again."""
        if self.warm is None or self.warm[1] != self.environment or self.warm[0].poll() is not None:
            self.cool()
            begun = subprocess.Popen(
                [sys.executable, "-c", WARM], env=self.environment, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )  # fmt: skip
            self.warm = begun, dict(self.environment)
        process = self.warm[0]
        assert process.stdin is not None
        assert process.stdout is not None
        with tempfile.NamedTemporaryFile("r") as out, tempfile.NamedTemporaryFile("r") as err:
            asked = {"code": code, "names": names or {}, "arguments": arguments, "out": out.name, "err": err.name}
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            answered, _, _ = select.select([process.stdout], [], [], 300)
            line = process.stdout.readline() if answered else ""
            if not line:
                self.cool()
                raise AssertionError(f"no answer within 300 s, or no Django: {err.read()[-6000:]}")
            return subprocess.CompletedProcess(list(arguments), int(line), out.read(), err.read())

    def cool(self) -> None:
        """End the process in which calls are made."""
        if self.warm is not None:
            process, self.warm = self.warm[0], None
            process.kill()
            process.communicate()


@contextlib.contextmanager
def platform(**environment: str) -> Iterator[Platform]:
    """A healthy platform, and nothing left of it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="platform-"))
    folder.chmod(0o755)  # PostgreSQL runs as an ordinary account when the tests run as root
    made = Platform(folder, **environment)
    try:
        made.begin()
        yield made
    finally:
        made.end()
