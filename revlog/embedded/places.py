"""Where the embedded services live, and as whom.

Everything is under ``$REVLOG_VAR/embedded``. Two things may have to be elsewhere: the socket folder (a unix socket's path
has at most 107 bytes), and, when root runs us from a folder that an ordinary account cannot enter (``/root``, a private
``mktemp -d``), the data as well. We never loosen a folder that is not ours; we make a short private one and remember it.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from revlog.embedded import processes
from revlog.embedded.errors import UnableToServe
from revlog.embedded.processes import Account

ROOT = Path(__file__).resolve().parents[2]
# PostgreSQL's name for its socket is .s.PGSQL.5432 plus .lock beside it; sun_path holds 107 bytes and a zero.
_LONGEST_SOCKET_FOLDER = 85
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+")
_PREFIX = "revlog-"


def var_folder() -> Path:
    """``REVLOG_VAR`` as an absolute path; a relative one counts from the project's folder, wherever one stands."""
    return Path(os.path.abspath(ROOT / (os.environ.get("REVLOG_VAR") or "var")))  # noqa: PTH100 - links stay as told


def write_private(path: Path, content: str) -> None:
    """Write a file that only we can read, whole or not at all, even when we are killed in the middle."""
    draft(path, content).replace(path)


def draft(path: Path, content: str) -> Path:
    """Write ``content`` under a passing name beside ``path``, for us alone."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    belonging_like(path.parent, Path(name))
    return Path(name)


def belonging_like(folder: Path, *paths: Path) -> None:
    """Root, working in somebody's folder, leaves nothing there that the somebody cannot use."""
    if os.geteuid() == 0 and (owner := folder.stat()).st_uid != 0:
        for path in paths:
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


@dataclass(frozen=True)
class Place:
    """The folders of one instance. ``account`` is whom the servers run as when we are root, else nobody but us."""

    var: Path
    folder: Path
    home: Path
    sockets: Path
    account: Account | None

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @property
    def broker(self) -> Path:
        return self.home / "valkey"

    @property
    def binaries(self) -> Path:
        return self.home / "binaries"

    def give(self, *paths: Path) -> None:
        """Hand these over to the servers' account."""
        if self.account:
            for path in paths:
                os.chown(path, self.account.uid, self.account.gid, follow_symlinks=False)


def embedded_folder(var: Path) -> Path:
    """Make ``$REVLOG_VAR/embedded`` where it is missing."""
    folder = var / "embedded"
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if missing:
            belonging_like(missing[-1].parent, *missing)
    except OSError as problem:
        raise UnableToServe(
            f"{folder} cannot be made: {problem.strerror}. Set REVLOG_VAR to a folder that can."
        ) from None
    if not os.access(folder, os.W_OK):
        raise UnableToServe(
            f"{folder} belongs to another account ({_name(folder.stat().st_uid)}), which ran this instance before. "
            "Run as that account, or choose another folder with REVLOG_VAR."
        )
    return folder


def known(var: Path) -> Place | None:
    """The place as recorded by an earlier start, or None when there was none."""
    try:
        record = json.loads((var / "embedded" / "place.json").read_text())
        home, sockets = record["home"], record["sockets"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise UnableToServe(
            f"{var / 'embedded' / 'place.json'} cannot be read; it names the data folder. "
            "Restore it, or delete it to let the next start find the usual folder again."
        ) from None
    folder = var / "embedded"
    here = folder / "services"
    place = Path(home) if home else here
    if home and not _is_ours(place, var):
        raise UnableToServe(
            f"The data folder {home} of {var} is gone or belongs to another instance. "
            f"Restore it, or delete {folder / 'place.json'} to begin with an empty database."
        )
    return Place(
        var=var,
        folder=folder,
        home=place,
        sockets=Path(sockets) if sockets else place / "s",
        account=_account(var, place),
    )


def settle(var: Path) -> Place:
    """Find or make the folders for a start. The caller holds the instance's lock."""
    folder = embedded_folder(var)
    place = known(var)
    if place is None:
        _sweep()
        place = _choose(var, folder)
    for path in (place.home, place.broker):
        if not path.exists():
            path.mkdir(mode=0o700)
            place.give(path)
    if not _is_private(place.sockets, place.account):
        place = _with_sockets(place)
    elsewhere = place.home if place.home != folder / "services" else None
    sockets = place.sockets if place.sockets != place.home / "s" else None
    write_private(
        folder / "place.json",
        json.dumps({"home": str(elsewhere) if elsewhere else None, "sockets": str(sockets) if sockets else None})
        + "\n",
    )
    if place.data.exists() and (owner := place.data.stat().st_uid) != (
        place.account.uid if place.account else os.geteuid()
    ):
        raise UnableToServe(
            f"The data folder {place.data} belongs to {_name(owner)}. Run as that account or as root, "
            "or choose another folder with REVLOG_VAR."
        )
    return place


def _choose(var: Path, folder: Path) -> Place:
    home = folder / "services"
    account = _account(var, home)
    place = Place(var=var, folder=folder, home=home, sockets=home / "s", account=account)
    if account is None or processes.can(account, "-x", folder):
        return place
    # As lasting as the folder it stands in for: beside it in the temporary folder, else where servers keep their state.
    temporary = Path(tempfile.gettempdir())
    bases = (
        [temporary]
        if var.resolve().is_relative_to(temporary.resolve())
        else [Path("/var/lib"), Path("/srv"), temporary]
    )
    for base in bases:
        if not (base.is_dir() and os.access(base, os.W_OK)) or not processes.can(account, "-x", base):
            continue
        home = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
        (home / "origin").write_text(f"{var}\n")
        place = Place(var=var, folder=folder, home=home, sockets=home / "s", account=account)
        place.give(home, home / "origin")
        print(f"{folder} is out of reach for the account {account.name}: the data goes to {home}", file=sys.stderr)
        return place
    raise UnableToServe(
        f"PostgreSQL does not run as root, and the account {account.name} cannot enter {folder}. "
        "Run as an ordinary user, or set REVLOG_VAR to a folder that every account can enter."
    )


def _with_sockets(place: Place) -> Place:
    sockets = place.home / "s"
    if len(os.fsencode(sockets)) > _LONGEST_SOCKET_FOLDER or not _PLAIN_PATH.fullmatch(str(sockets)):
        sockets = Path(tempfile.mkdtemp(prefix=_PREFIX, dir="/tmp"))
    else:
        with contextlib.suppress(FileExistsError):
            sockets.mkdir(mode=0o700)
    place.give(sockets)
    if not _is_private(sockets, place.account):
        raise UnableToServe(f"{sockets}, the folder for the sockets, is not private to us; remove it and start again.")
    return Place(var=place.var, folder=place.folder, home=place.home, sockets=sockets, account=place.account)


def _is_private(folder: Path, account: Account | None) -> bool:
    """A folder in /tmp could be somebody else's by now; passwords are sent through the sockets in it."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    owner = account.uid if account else os.geteuid()
    return folder.is_dir() and not folder.is_symlink() and status.st_uid == owner and status.st_mode & 0o077 == 0


def _is_ours(home: Path, var: Path) -> bool:
    try:
        return (home / "origin").read_text().strip() == str(var)
    except OSError:
        return False


def _account(var: Path, home: Path) -> Account | None:
    """Whom the servers run as: us, but for root the one who owns the data, or the folder, or a system account."""
    if os.geteuid() != 0:
        return None
    for path in (home / "postgres", var):
        with contextlib.suppress(OSError, KeyError):
            if uid := path.stat().st_uid:
                return Account.of(pwd.getpwuid(uid))
    wanted = os.environ.get("REVLOG_SERVICE_ACCOUNT", "")
    for name in [wanted] if wanted else ["revlog", "nobody"]:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            if entry.pw_uid:
                return Account.of(entry)
    raise UnableToServe(
        f"PostgreSQL does not run as root, and there is no ordinary account {wanted or 'nobody'!r}. "
        "Name one with REVLOG_SERVICE_ACCOUNT, or run as an ordinary user."
    )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _sweep() -> None:
    """Remove private folders in the temporary folder whose instance is gone (a clone tried out there and deleted)."""
    for home in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            origin = home / "origin"
            if home.is_symlink() or origin.is_symlink() or not origin.is_file() or _busy(home):
                continue
            if not Path(origin.read_text().strip()).exists():
                shutil.rmtree(home, ignore_errors=True)


def _busy(home: Path) -> bool:
    return any(processes.all_in(home / part) for part in ("postgres", "valkey"))
