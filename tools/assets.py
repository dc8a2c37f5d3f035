"""Fetch the page assets: `python tools/assets.py [--dev]`.

Installs the locked npm packages under $REVLOG_VAR/npm (the source tree stays clean), then copies the short list of
`assets.toml` to $REVLOG_VAR/assets, from where Django serves it. Does nothing when nothing changed. Needs npm on PATH
and nothing of Python but the standard library, since it runs before the virtual environment is complete.

`--dev` installs the packages that only the tests use as well (axe-core, read straight from $REVLOG_VAR/npm).
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
INPUTS = ("package.json", "package-lock.json", "assets.toml", "tools/assets.py")
SVG = "http://www.w3.org/2000/svg"
# A copied file that names a map we do not copy would stop the hashed storage; maps are of no use to the people served.
SOURCE_MAP = re.compile(rb"(/\*[#@]\s*sourceMappingURL=[^*]*\*/|^//[#@]\s*sourceMappingURL=\S+\s*$)", re.MULTILINE)


class UnableToFetch(Exception):
    """The assets cannot be put in place; the message says why and what to do."""


def fingerprint(root: Path) -> str:
    """One digest of everything that decides what lands in the assets folder."""
    digest = hashlib.sha256()
    for name in INPUTS:
        content = (root / name).read_bytes()
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def targets(manifest: dict[str, Any]) -> list[str]:
    """Every path that a complete assets folder holds."""
    return [entry["to"] for entry in manifest["copy"]] + [manifest["icons"]["to"]]


def is_current(*, stamp: Path, digest: str, assets: Path, wanted: list[str], dev: bool) -> bool:
    """Whether an earlier run left exactly this; a run with --dev also satisfies one without."""
    try:
        told = json.loads(stamp.read_text())
    except (OSError, ValueError):
        return False
    if not isinstance(told, dict) or told.get("digest") != digest or (dev and not told.get("dev")):
        return False
    return all((assets / path).is_file() for path in wanted)


def install(*, root: Path, npm_folder: Path, dev: bool) -> None:
    """Install the locked packages, running none of their scripts."""
    npm = shutil.which("npm")
    if npm is None:
        raise UnableToFetch(
            "npm is not on PATH. Install Node 20 or newer (Debian: apt-get install npm), then run make setup again."
        )
    npm_folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(root / name, npm_folder / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if not dev:
        command.append("--omit=dev")
    done = subprocess.run(command, cwd=npm_folder, capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise UnableToFetch(f"npm ci ended with {done.returncode} in {npm_folder}:\n{last}")


def sprite(*, package: Path, names: list[str]) -> str:
    """One SVG with a <symbol> per icon. Only shapes are taken: no colour, no size, no script could come along."""
    ET.register_namespace("", SVG)
    sheet = ET.Element(f"{{{SVG}}}svg")
    for name in sorted(names):
        source = package / "icons" / "outline" / f"{name}.svg"
        if not source.is_file():
            raise UnableToFetch(f"assets.toml names the icon {name!r}, which {package.name} does not have.")
        symbol = ET.SubElement(sheet, f"{{{SVG}}}symbol", {"id": name, "viewBox": "0 0 24 24"})
        for shape in ET.fromstring(source.read_text()):  # noqa: S314 - from a package held by its digest
            if shape.get("stroke") == "none":
                continue  # the invisible frame around each drawing
            ET.SubElement(symbol, shape.tag, dict(shape.attrib))
    return ET.tostring(sheet, encoding="unicode") + "\n"


def place(*, node_modules: Path, manifest: dict[str, Any], into: Path) -> None:
    """Copy the listed files, without their source-map lines, and build the sprite."""
    for entry in manifest["copy"]:
        source, target = node_modules / entry["from"], into / entry["to"]
        if ".." in PurePosixPath(entry["to"]).parts:
            raise UnableToFetch(f"assets.toml: {entry['to']} leads out of the assets folder.")
        if not source.is_file():
            raise UnableToFetch(f"assets.toml names {entry['from']}, which the installed packages do not have.")
        target.parent.mkdir(parents=True, exist_ok=True)
        content = source.read_bytes()
        if target.suffix in {".css", ".js"}:
            content = SOURCE_MAP.sub(b"", content)
        target.write_bytes(content)
    icons = manifest["icons"]
    target = into / icons["to"]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(sprite(package=node_modules / icons["package"], names=icons["outline"]))


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold off a second set-up of the same folder: both would write the same files."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def fetch(*, root: Path, var: Path, dev: bool) -> bool:
    """Bring `var/assets` up to date. Returns whether there was anything to do; raises UnableToFetch."""
    manifest = tomllib.loads((root / "assets.toml").read_text())
    npm_folder, assets = var / "npm", var / "assets"
    stamp = npm_folder / "stamp.json"
    with alone(var / "assets.lock"):
        digest = fingerprint(root)
        if is_current(stamp=stamp, digest=digest, assets=assets, wanted=targets(manifest), dev=dev):
            return False
        stamp.unlink(missing_ok=True)
        install(root=root, npm_folder=npm_folder, dev=dev)
        fresh, old = var / "assets.new", var / "assets.old"
        for folder in (fresh, old):
            shutil.rmtree(folder, ignore_errors=True)
        place(node_modules=npm_folder / "node_modules", manifest=manifest, into=fresh)
        if assets.exists():
            assets.rename(old)
        fresh.rename(assets)
        shutil.rmtree(old, ignore_errors=True)
        stamp.write_text(json.dumps({"digest": digest, "dev": dev}) + "\n")
    return True


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Install and copy the page assets named in assets.toml.")
    parser.add_argument("--dev", action="store_true", help="also install what only the tests use (axe-core)")
    options = parser.parse_args(arguments)
    var = Path(os.environ.get("REVLOG_VAR") or "var").resolve()
    try:
        changed = fetch(root=ROOT, var=var, dev=options.dev)
    except UnableToFetch as problem:
        print(f"assets: {problem}", file=sys.stderr)
        return 1
    print(f"assets: {'placed in' if changed else 'nothing to do in'} {var / 'assets'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
