"""An act that was made a while ago, without the net, and is done only now: what somebody else did since must not be passed over.

Set around such an act by `revlog.scanning.kept`; the ledger asks before it writes (`revlog.custody.services.ledger`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from revlog.common.errors import DomainError


@dataclass
class Late:
    """Made at ``made_at`` by ``by``, an actor's reference. ``story`` is what somebody else did since, once it was met."""

    made_at: datetime
    by: str
    story: dict[str, Any] | None = None


class ChangedSince(DomainError):
    """Somebody else has done something to the thing since the act was made."""

    code: ClassVar[str] = "changed_since"


_now: ContextVar[Late | None] = ContextVar("late", default=None)


def current() -> Late | None:
    return _now.get()


@contextmanager
def late(told: Late) -> Iterator[None]:
    token = _now.set(told)
    try:
        yield
    finally:
        _now.reset(token)


@contextmanager
def anyway() -> Iterator[None]:
    """Within, an act is done whatever others did since it was made: a danger stays one."""
    token = _now.set(None)
    try:
        yield
    finally:
        _now.reset(token)
