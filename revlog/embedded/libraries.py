"""System libraries that `make setup` had to unpack under ``$REVLOG_VAR/system``, where no package manager could be used."""

from __future__ import annotations

import json
import os
import sys

from revlog.embedded import places


def environment() -> dict[str, str]:
    """What to add to the environment so that the unpacked libraries, fonts and browser are found; empty if none were."""
    path = places.var_folder() / "system" / "environment.json"
    try:
        told = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    wanted = {str(name): str(value) for name, value in told.items()}
    if libraries := wanted.get("LD_LIBRARY_PATH"):
        before = os.environ.get("LD_LIBRARY_PATH", "")
        wanted["LD_LIBRARY_PATH"] = before if libraries in before else ":".join(filter(None, (libraries, before)))
    return wanted


def adopt() -> None:
    """Make this process see them. The dynamic loader reads its path only at the start, so that means starting anew."""
    wanted = environment()
    if "LD_LIBRARY_PATH" in wanted and os.environ.get("LD_LIBRARY_PATH", "") != wanted["LD_LIBRARY_PATH"]:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | wanted)  # noqa: S606 - ourselves
    os.environ.update(wanted)
