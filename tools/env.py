"""Run a command with the system libraries, fonts and browser that `make setup` unpacked: `python tools/env.py COMMAND...`."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import system  # noqa: E402

from revlog.embedded import libraries, places  # noqa: E402


def main(command: list[str]) -> None:
    if not command:
        sys.exit(__doc__)
    environment = os.environ | libraries.environment()
    if chosen := system.browser(places.var_folder() / "system" / "root"):
        environment.setdefault("REVLOG_CHROMIUM", chosen)
    program = shutil.which(command[0])
    if program is None:
        sys.exit(f"{command[0]} was not found; make setup installs the project's own programs.")
    os.execve(program, command, environment)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
