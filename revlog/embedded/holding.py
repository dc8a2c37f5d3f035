"""What this process holds of the embedded services."""

from __future__ import annotations

import atexit
import os
from pathlib import Path

from revlog.embedded.instance import POSTGRES, VALKEY, Instance

_held: dict[Path, Instance] = {}
# A forked child inherits the dictionary, but it is not the user.
_holder: int | None = None


def hold(var: Path, *, start: bool) -> list[str]:
    """Hold what the environment does not name and name it there. Returns the services that had to be started."""
    wanted = {
        name for name, variable in ((POSTGRES, "DATABASE_URL"), (VALKEY, "REDIS_URL")) if not os.environ.get(variable)
    }
    global _holder  # noqa: PLW0603 - one process, one holder
    if _holder != os.getpid():
        _held.clear()
        _holder = os.getpid()
        atexit.register(release)
    instance = _held.get(var) or Instance(var)
    started = instance.hold(frozenset(wanted), start=start)
    _held[var] = instance
    for name, value in instance.addresses().items():
        if not os.environ.get(name):
            os.environ[name] = value
    return started


def held(var: Path) -> Instance | None:
    """The instance that this process holds, if it does."""
    return _held.get(var)


def instance(var: Path) -> Instance:
    """The held instance, or a handle on one that others may hold."""
    return _held.get(var) or Instance(var)


def release() -> None:
    """Let go of everything that this very process holds."""
    while os.getpid() == _holder and _held:
        _held.popitem()[1].release()
