"""Waking the workers after a commit. Nothing depends on it: the sweep finds every due reaction within seconds.

A dead broker must not slow a page (tried: up to 0.7 s a request), so messages go without retry, over short time-outs, and after one
failure none is sent for a while.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from django.conf import settings
from django.db import connection, transaction

from revlog.common import broker

log = logging.getLogger(__name__)
PAUSE_SECONDS = 5.0
_silent_until = 0.0


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
    if not broker.is_there():
        _silent_until = time.monotonic() + PAUSE_SECONDS
        log.warning("The broker doesn't answer; the sweep will find the work.")
        return
    from celery import current_app  # noqa: PLC0415 - the command line and the verifier never need it

    try:
        for queue in sorted(queues):
            current_app.send_task("custody.work", args=[queue], queue=queue, retry=False, expires=60)
    except Exception as error:
        _silent_until = time.monotonic() + PAUSE_SECONDS
        log.warning("The broker can't be reached (%s); the sweep will find the work.", type(error).__name__)
