"""Waking the workers after a commit. Nothing depends on it: the sweep finds every due reaction within seconds.

A dead broker must not slow a page (tried: up to 0.7 s a request), so messages go without retry, over short time-outs, and after one
failure none is sent for a while. Where workers are behind, no more is heaped upon what waits for them already.
"""

from __future__ import annotations

import contextlib
import contextvars
import logging
import time
from collections import deque
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import connection, transaction

from revlog.common import broker
from revlog.custody.models import Entry
from revlog.custody.outbox import Handler

log = logging.getLogger(__name__)
PAUSE_SECONDS = 5.0
ENOUGH = 100
"""Where so many messages wait in a queue, its workers are behind: each works off all that is due, so one more would wake nobody."""
_silent_until = 0.0
Promises = deque[tuple[Entry, Handler]]
_kept_here: contextvars.ContextVar[Promises | None] = contextvars.ContextVar("kept_here", default=None)


@contextlib.contextmanager
def kept_here() -> Iterator[Promises]:
    """Within, no worker is woken: each promise comes into this list too, oldest first, for a simulated run that keeps them itself."""
    promises: Promises = deque()
    token = _kept_here.set(promises)
    try:
        yield promises
    finally:
        _kept_here.reset(token)


def promised(promises: Iterable[tuple[Entry, Handler]]) -> None:
    """Reactions were written in this transaction: wake whoever keeps them."""
    if (kept := _kept_here.get()) is not None:
        kept.extend(promises)
    else:
        after_commit({handler.queue for _entry, handler in promises})


class _Wake:
    def __init__(self) -> None:
        self.queues: set[str] = set()

    def __call__(self) -> None:
        _send(self.queues)


def after_commit(queues: Iterable[str]) -> None:
    """Once the transaction has committed, tell a worker of each queue that there is work: one message a queue and transaction."""
    wanted = set(queues)
    if not wanted or not getattr(settings, "WAKE_WORKERS", True):
        return
    for waiting in connection.run_on_commit:
        call = waiting[1]
        if isinstance(call, _Wake):
            call.queues |= wanted
            return
    wake = _Wake()
    wake.queues |= wanted
    transaction.on_commit(wake, robust=True)


def _send(queues: set[str]) -> None:
    global _silent_until  # noqa: PLW0603 - one process, one breaker
    if time.monotonic() < _silent_until:
        return
    waiting = broker.waiting(sorted(queues))
    if waiting is None:
        _silent_until = time.monotonic() + PAUSE_SECONDS
        log.warning("The broker doesn't answer; the sweep will find the work.")
        return
    from celery import current_app  # noqa: PLC0415 - the command line and the verifier never need it

    try:
        for queue in [name for name, count in waiting.items() if count < ENOUGH]:
            current_app.send_task("custody.work", args=[queue], queue=queue, retry=False, expires=60)
    except Exception as error:
        _silent_until = time.monotonic() + PAUSE_SECONDS
        log.warning("The broker can't be reached (%s); the sweep will find the work.", type(error).__name__)
