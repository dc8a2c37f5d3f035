"""The halves of a run side by side, a process each. They share no row that either changes, so the order between them says nothing."""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from django.db import connection, connections

H = TypeVar("H")
R = TypeVar("R")
Progress = Callable[[int, int], None]
STEPS = 1000


class HalfFailed(RuntimeError):
    """A half ended before its time; the message is its traceback."""


def each(halves: Sequence[H], work: Callable[[H, Progress], R], progress: Progress) -> list[R]:
    """What ``work(half, progress)`` gives for each of them, in their order.

    Within a transaction (a test's) they come one after the other, since nobody else could see what it has written.
    """
    done = [0] * len(halves)

    def moved(place: int, steps: int) -> None:
        done[place] = steps
        progress(sum(done), STEPS * len(halves))

    def shown_of(place: int) -> Progress:
        return lambda now, total: moved(place, now * STEPS // total)

    if connection.in_atomic_block:
        return [work(half, shown_of(place)) for place, half in enumerate(halves)]
    connections.close_all()  # a forked child must not speak on its parent's connection
    fork = multiprocessing.get_context("fork")
    ends: dict[Connection, int] = {}
    processes = []
    for place, half in enumerate(halves):
        here, there = fork.Pipe(duplex=False)
        process = fork.Process(target=_child, args=(there, work, half), daemon=True)
        process.start()
        there.close()
        ends[here] = place
        processes.append(process)
    results: dict[int, R] = {}
    try:
        while ends:
            for end in wait(list(ends)):
                assert isinstance(end, Connection)  # noqa: S101 - no sockets among them
                _hear(end, ends, results, moved)
    finally:
        for process in processes:
            process.terminate()
            process.join()
    return [results[place] for place in range(len(halves))]


def _hear(
    end: Connection, ends: dict[Connection, int], results: dict[int, Any], moved: Callable[[int, int], None]
) -> None:
    """One message of a half: how far it is, or what it gives."""
    place = ends[end]
    try:
        kind, told = end.recv()
    except EOFError:
        raise HalfFailed("A half of the run was ended from outside.") from None
    if kind == "progress":
        moved(place, told)
        return
    if kind == "failed":
        raise HalfFailed(told)
    results[place] = told
    del ends[end]


def _child(end: Connection, work: Callable[[H, Progress], object], half: H) -> None:
    last = -1

    def shown(now: int, total: int) -> None:
        nonlocal last
        steps = now * STEPS // total
        if steps > last:
            last = steps
            end.send(("progress", steps))

    try:
        end.send(("done", work(half, shown)))
    except Exception:
        end.send(("failed", traceback.format_exc()))
    finally:
        connections.close_all()
