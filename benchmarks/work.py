"""Two workers as the Procfile starts them, and the work that is given to them one message a unit."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis

from benchmarks.servers import OURS, ROOT
from revlog.celery import app

QUEUE = "bench"


@app.task(name="bench.nothing")  # type: ignore[misc]
def nothing() -> None:
    """The reference: what a message costs by itself."""


@app.task(name="bench.triage")  # type: ignore[misc]
def triage(unit: str) -> None:
    """Grade a unit on what is known of it, and send it on its way by the path that is proposed."""
    from revlog.accounts.actors import system
    from revlog.common import clock
    from revlog.devices.models import Device
    from triage.services import disposition, grading

    by = system("bench")
    grading.grade(device=Device.objects.get(pk=unit), by=by, at=clock.now())
    disposition.decide(device=Device.objects.get(pk=unit), by=by, at=clock.now())


@contextmanager
def two_workers(queues: str = f"fast,{QUEUE}") -> Iterator[None]:
    # Nothing there matters, and wake-ups that nobody took would all be taken first.
    redis.Redis.from_url(os.environ["REDIS_URL"]).flushdb()
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "celery", "--quiet", "-A", "benchmarks.work", "worker", "--queues", queues, "--concurrency", "1",
             "--hostname", f"bench{number}@%h", "--without-gossip", "--without-mingle", "--loglevel", "ERROR"],
            cwd=ROOT, env=os.environ | OURS, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for number in range(2)
    ]  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while len(app.control.ping(timeout=0.5)) < 2:
            if time.monotonic() > deadline:
                raise RuntimeError("The workers did not come up.")
        yield
    finally:
        for worker in workers:
            # Told alone: it lets its child finish what it has in hand.
            worker.terminate()
        for worker in workers:
            worker.wait(timeout=30)


def until(done: Callable[[], bool], *, seconds: float = 120.0, pause: float = 0.01) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise RuntimeError("The workers did not get done with it.")
        time.sleep(pause)


def sent(task: str, rows: list[list[str]]) -> float:
    """Send a message for each row and wait until none is left with broker or worker; how many seconds it took."""
    broker = redis.Redis.from_url(os.environ["REDIS_URL"])
    start = time.perf_counter()
    for row in rows:
        app.send_task(task, args=row, queue=QUEUE)
    # Acknowledged late: a message that a worker has counts as unacknowledged until its work is done.
    until(lambda: broker.llen(QUEUE) == 0 and broker.hlen("unacked") == 0)
    return time.perf_counter() - start
