"""A database that was just made gets its tables and its stable organizations before anybody uses it."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import revlog.embedded
from revlog.embedded import holding, places
from revlog.embedded.errors import UnableToServe


def prepare(*, always: bool) -> None:
    """Migrate as the owner and run ``manage.py prepare``, when the code's migrations are not those last applied.

    ``always`` does so in any case. One process at a time; what the commands say goes to stderr.
    """
    var = places.var_folder()
    stamp = var / "embedded" / "prepared"
    digest = migrations_digest()
    if not always and _told(stamp) == digest:
        return
    places.embedded_folder(var)
    with holding.instance(var).alone("prepare"):
        if not always and _told(stamp) == digest:
            return
        migrate()
        places.write_private(stamp, digest)


def migrate() -> None:
    """Bring the tables up to date as the owner, then the stable organizations as the application."""
    manage("migrate", "--no-input", "--verbosity=0", environment=revlog.embedded.migration_environment())
    if has_command("prepare"):
        manage("prepare")


def collect_static() -> None:
    """Hash and compress the pages' files where they or the packages that bring some have changed."""
    var = places.var_folder()
    digest = hashlib.sha256((places.ROOT / "requirements.txt").read_bytes())
    for folder in (places.ROOT / "static", var / "assets"):
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            status = path.stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    stamp = var / "static" / ".collected"
    if _told(stamp) != digest.hexdigest():
        print("Preparing the pages' files", file=sys.stderr)
        manage("collectstatic", "--no-input", "--verbosity=0")
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(digest.hexdigest())


def manage(*arguments: str, environment: dict[str, str] | None = None) -> None:
    """Run a command of manage.py with nothing on our stdout; raises UnableToServe when it fails."""
    command = [sys.executable, str(places.ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=environment, check=False)
    if done.returncode:
        raise UnableToServe(f"manage.py {arguments[0]} ended with {done.returncode}; its words are above.")


def has_command(name: str) -> bool:
    return any(places.ROOT.glob(f"*/management/commands/{name}.py")) or any(
        places.ROOT.glob(f"revlog/*/management/commands/{name}.py")
    )


def migrations_digest() -> str:
    """One digest of all that decides what tables there should be: our migrations and the installed packages."""
    files = [places.ROOT / "requirements.txt"]
    for pattern in ("*/migrations", "revlog/*/migrations"):
        for folder in places.ROOT.glob(pattern):
            files += [path for path in folder.rglob("*") if path.suffix in {".py", ".sql"}]
    digest = hashlib.sha256()
    for path in sorted(files):
        content = path.read_bytes() if path.exists() else b""
        digest.update(f"{path.relative_to(places.ROOT)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _told(stamp: Path) -> str:
    try:
        return stamp.read_text()
    except OSError:
        return ""
