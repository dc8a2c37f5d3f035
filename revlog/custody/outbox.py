"""Who listens to which fact: the table behind every later step.

A stage's ``reactions.py`` says ``@on(facts.Graded, queue="fast")`` over a function ``(entry, at)``. The row that promises the call is
written with the entry, in its transaction (``services/ledger.py``); ``services/reactions.py`` keeps the promise.

A handler runs inside the transaction that marks it done. One marked ``slow=True`` runs outside any transaction and returns a function
that writes the result: that one runs inside. Either way the effect and "done" commit together, once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from revlog.custody.facts import Fact
from revlog.custody.models import Entry

Queue = Literal["fast", "documents", "outside", "jobs"]
QUEUES: tuple[Queue, ...] = ("fast", "documents", "outside", "jobs")
"""``jobs`` are what takes minutes (an import, a trial of rules): a worker of their own, so that no certificate waits for one."""
Finish = Callable[[], object]
Handle = Callable[..., "Finish | None"]
H = TypeVar("H", bound=Callable[..., object])


@dataclass(frozen=True)
class Handler:
    name: str
    call: Callable[..., object]
    queue: Queue
    slow: bool
    held_for: timedelta | None = None
    """How long a worker may hold it before another begins it again; its queue's time where it doesn't say."""


_by_kind: dict[str, list[Handler]] = {}
_by_name: dict[str, Handler] = {}


def on(
    *heard: type[Fact], queue: Queue = "fast", slow: bool = False, held_for: timedelta | None = None
) -> Callable[[H], H]:
    """Call the decorated ``(entry: Entry, *, at: datetime)`` for each later entry of these facts.

    What may take longer than its queue's time says ``held_for``: else another worker begins it again, and the result of the first is
    refused, however often.
    """

    def register(function: H) -> H:
        name = f"{function.__module__}.{getattr(function, '__qualname__', 'handler')}"
        handler = Handler(name=name, call=function, queue=queue, slow=slow, held_for=held_for)
        if name in _by_name:
            raise TypeError(f"Two handlers are called {name}.")
        _by_name[name] = handler
        for fact in heard:
            _by_kind.setdefault(fact.kind, []).append(handler)
        return function

    return register


def handlers_of(kind: str) -> list[Handler]:
    return _by_kind.get(kind, [])


def named(name: str) -> Handler | None:
    return _by_name.get(name)


def listeners() -> dict[str, list[str]]:
    """Kind -> names of its handlers; docs/journey.md is rendered from it."""
    return {kind: [handler.name for handler in found] for kind, found in sorted(_by_kind.items())}


def call(handler: Handler, entry: Entry, at: datetime) -> Finish | None:
    result = handler.call(entry, at=at)
    return result if callable(result) else None
