"""`make lock`: compile each requirements*.in into a list with exact versions and digests, and no address in it.

Where the packages come from is the business of the machine that installs them, so the lists name no index. Compiled with
the oldest Python that Revlog supports, since newer ones need a subset of it (`requirements.in` says where they don't).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("requirements", "requirements-dev", "requirements-node")


def main(arguments: list[str]) -> int:
    """Arguments go to pip-compile, so `tools/lock.py --upgrade` renews all versions."""
    environment = os.environ | {"CUSTOM_COMPILE_COMMAND": "make lock"}
    for name in NAMES:
        print(f"Compiling {name}.txt", flush=True)
        command = [
            sys.executable, "-m", "piptools", "compile", "--quiet", "--generate-hashes", "--strip-extras", "--allow-unsafe",
            "--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links", "--no-emit-options",
            "--output-file", f"{name}.txt", *arguments, f"{name}.in",
        ]  # fmt: skip
        if code := subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
            return code
        if "://" in (ROOT / f"{name}.txt").read_text():
            print(f"{name}.txt holds an address; it must not.", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
