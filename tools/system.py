"""What Revlog needs of the system: the text libraries of WeasyPrint, a font, and for the tests a Chromium.

On Debian and its kin they are installed with apt-get by root or through a sudo that asks nothing; an ordinary user gets
them unpacked under `$REVLOG_VAR/system`, with `environment.json` saying what to export. Elsewhere, and when that fails,
the person is told exactly what to type. Standard library only.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

LIBRARIES = {
    "libgobject-2.0.so.0": "libglib2.0-0",
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz.so.0": "libharfbuzz0b",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
    "libfontconfig.so.1": "libfontconfig1",
}
FONT_PACKAGES = ["fonts-dejavu-core", "fonts-liberation"]
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FONT_CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{unpacked}/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <dir>/usr/local/share/fonts</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


class UnableToProvide(Exception):
    """Something of the system is missing and cannot be had from here; the message says what to type."""


def provide(*, var: Path, purpose: str) -> None:
    """Bring what is missing for `run` or `test`; quick when nothing is."""
    folder = var / "system"
    lacking = missing(folder / "root", purpose=purpose)
    if not lacking:
        return
    print(f"Missing on this system: {' '.join(lacking)}", flush=True)
    if not shutil.which("apt-get"):
        raise UnableToProvide(
            "install these with your system's package manager, then run make setup again:\n"
            f"    Pango, HarfBuzz with its subset library, Fontconfig, a font{', Chromium' if purpose == 'test' else ''}"
        )
    if prefix := privilege():
        apt_install(lacking, prefix=prefix)
    elif not unpack(lacking, folder=folder):
        raise UnableToProvide(by_hand(lacking))
    if still := missing(folder / "root", purpose=purpose):
        raise UnableToProvide(by_hand(still))


def by_hand(packages: Sequence[str]) -> str:
    return f"these Debian packages are missing; ask an administrator to type:\n    apt-get install {' '.join(packages)}"


def missing(unpacked: Path, *, purpose: str) -> list[str]:
    """The Debian packages of which the system, and what we unpacked before, have nothing."""
    folders = library_folders(unpacked)
    lacking = [package for name, package in LIBRARIES.items() if not has_library(name, folders)]
    if not has_font(unpacked):
        lacking += FONT_PACKAGES
    if purpose == "test" and browser(unpacked) is None:
        lacking.append("chromium")
    return lacking


def has_library(name: str, folders: Sequence[Path]) -> bool:
    if any((folder / name).exists() for folder in folders):
        return True
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def has_font(unpacked: Path) -> bool:
    folders = [Path(folder) for folder in FONT_FOLDERS] + [unpacked / "usr/share/fonts"]
    return any(path.suffix in {".ttf", ".otf"} for folder in folders for path in folder.rglob("*"))


def browser(unpacked: Path) -> str | None:
    """The browser for the tests: ``REVLOG_CHROMIUM``, the system's, else the unpacked one."""
    told = os.environ.get("REVLOG_CHROMIUM")
    found = told if told and os.access(told, os.X_OK) else next(filter(None, map(shutil.which, BROWSERS)), None)
    ours = unpacked / "usr/lib/chromium/chromium"
    return found or (str(ours) if ours.exists() else None)


def library_folders(unpacked: Path) -> list[Path]:
    """Where unpacked libraries lie. Some packages keep private ones a folder deeper, found by a path that is not ours."""
    folders = [*unpacked.glob("usr/lib/*-linux-gnu*"), *unpacked.glob("lib/*-linux-gnu*")]
    deeper = [path for folder in folders for path in folder.glob("*/") if any(path.glob("lib*.so*"))]
    return [path for path in [*folders, *deeper, unpacked / "usr/lib", unpacked / "lib"] if path.is_dir()]


@functools.cache
def privilege() -> tuple[str, ...]:
    """What to put before a command to run it as root; empty when that is not to be had without asking."""
    settings = ("env", "DEBIAN_FRONTEND=noninteractive")
    if os.geteuid() == 0:
        return settings
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ("sudo", "-n", *settings)
    return ()


def apt_install(packages: Sequence[str], *, prefix: tuple[str, ...]) -> None:
    command = [*prefix, "apt-get", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"]
    if not are_known(packages):
        # One unreachable extra source must not stop us: what counts is whether the packages are known afterwards.
        subprocess.run([*command, "--quiet", "update"], stdin=subprocess.DEVNULL, check=False)
    install = [*command, "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    if subprocess.run(install, stdin=subprocess.DEVNULL, check=False).returncode == 0:
        return
    # Lists from last month name files that the mirror has replaced since.
    subprocess.run([*command, "--quiet", "update"], stdin=subprocess.DEVNULL, check=False)
    if subprocess.run(install, stdin=subprocess.DEVNULL, check=False).returncode:
        raise UnableToProvide(f"apt-get failed, see above. {by_hand(packages)}")


def are_known(packages: Sequence[str], options: Sequence[str] = ()) -> bool:
    """Whether apt's lists name a version of each."""
    done = subprocess.run(
        ["apt-cache", *options, "policy", *packages], capture_output=True, text=True, env=plain(), check=False
    )
    return len(re.findall(r"^  Candidate: (?!\(none\))", done.stdout, re.MULTILINE)) == len(set(packages))


def unpack(packages: Sequence[str], *, folder: Path) -> bool:
    """Download packages with what they need and the system lacks, unpack them, and write down what to export."""
    folder.mkdir(parents=True, exist_ok=True)
    print(f"Not root and no sudo: unpacking them under {folder}", flush=True)
    wanted = list(closure(packages, folder=folder))
    if not wanted or not download(wanted, folder=folder):
        return False
    write_environment(folder)
    return True


def closure(packages: Sequence[str], *, folder: Path) -> Iterator[str]:
    """Ask apt, which needs no rights for a simulation, what an installation would bring."""
    options = apt_options(folder, packages)
    command = ["apt-get", *options, "--simulate", "--no-install-recommends", "install", *packages]
    done = subprocess.run(command, capture_output=True, text=True, env=plain(), stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        print(done.stderr.strip(), file=sys.stderr)
        return
    for line in done.stdout.splitlines():
        if match := re.match(r"Inst (\S+)(?: \[[^]]*\])? \((\S+)", line):
            yield f"{match[1]}={match[2]}"


def apt_options(folder: Path, packages: Sequence[str]) -> list[str]:
    """The system's lists when they know the packages, else lists of our own, fetched now."""
    if are_known(packages):
        return []
    lists, cache = folder / "apt" / "lists", folder / "apt" / "cache"
    for path in (lists / "partial", cache / "archives" / "partial"):
        path.mkdir(parents=True, exist_ok=True)
    options = ["-o", f"Dir::State::Lists={lists}", "-o", f"Dir::Cache={cache}", "-o", "Debug::NoLocking=true"]
    if not are_known(packages, options):
        subprocess.run(
            ["apt-get", *options, "--quiet", "update"],
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            env=plain(),
            check=False,
        )
    return options


def download(wanted: Sequence[str], *, folder: Path) -> bool:
    packages = [name.partition("=")[0] for name in wanted]
    debs = folder / "debs"
    shutil.rmtree(debs, ignore_errors=True)
    debs.mkdir(parents=True)
    command = ["apt-get", *apt_options(folder, packages), "--quiet", "download", *wanted]
    if subprocess.run(
        command, cwd=debs, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=plain(), check=False
    ).returncode:
        return False
    for deb in sorted(debs.glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", deb, folder / "root"], check=True)
    shutil.rmtree(debs)
    return True


def write_environment(folder: Path) -> None:
    root = folder / "root"
    told = {}
    if folders := library_folders(root):
        told["LD_LIBRARY_PATH"] = ":".join(map(str, folders))
    if has_font(root) or not Path("/etc/fonts/fonts.conf").exists():
        configuration = folder / "fonts.conf"
        configuration.write_text(FONT_CONFIGURATION.format(unpacked=root, cache=folder / "font-cache"))
        told["FONTCONFIG_FILE"] = str(configuration)
    chosen = browser(root)
    if chosen and chosen.startswith(str(root)):
        told["REVLOG_CHROMIUM"] = chosen
    fresh = folder / "environment.json.new"
    fresh.write_text(json.dumps(told, indent=1) + "\n")
    fresh.replace(folder / "environment.json")


def plain() -> dict[str, str]:
    """The environment with untranslated answers, since they are read."""
    return os.environ | {"LC_ALL": "C.UTF-8", "LANGUAGE": "C"}


def install_ensurepip() -> None:
    """Debian keeps ensurepip in a package of its own; install it where we may."""
    prefix = privilege()
    if prefix and shutil.which("apt-get"):
        exact = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        print(f"This Python cannot make virtual environments; installing {exact}", flush=True)
        try:
            apt_install([exact], prefix=prefix)
        except UnableToProvide as problem:
            print(problem, file=sys.stderr)


def pip_wheel(var: Path) -> Path:
    """Debian's own pip, as a wheel, without installing anything."""
    folder = var / "system"
    pattern = "usr/share/python-wheels/pip-*.whl"
    package = "python3-pip-whl"
    for root in (Path("/"), folder / "root"):
        if found := sorted(root.glob(pattern)):
            return found[-1]
    folder.mkdir(parents=True, exist_ok=True)
    print(f"This Python has no pip; unpacking {package} under {folder}", flush=True)
    if shutil.which("apt-get"):
        download([package], folder=folder)
    if found := sorted((folder / "root").glob(pattern)):
        return found[-1]
    raise UnableToProvide(by_hand(["python3-venv"]))
