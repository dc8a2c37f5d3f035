"""eReuse's erasure events. An event names no bytes, so it is at most the tool's word that its passes ended well; the word counts
as success only when it is whole: no error anywhere, every pass with its end, and a drive it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from triage.reports import values
from triage.reports.normal import Erasure, ErasureOutcome

# Events that wipe nothing by themselves or were done by hand outside the tool.
_SECURE = frozenset({"EraseCrypto", "EraseSecure", "EraseDataWipe"})


def is_erasure(event: Mapping[str, Any]) -> bool:
    return kind(event).startswith("Erase")


def kind(event: Mapping[str, Any]) -> str:
    """The type of an event, part or snapshot, without the namespace that old versions put before it.

    Where ``@type`` stands, ``type`` means something else (the kind of drive, the length of a test).
    """
    return (values.text(event.get("@type")) or values.text(event.get("type")) or "").rpartition(":")[2]


def erasure(
    event: Mapping[str, Any], *, device: str | None, model: str | None, serial: str | None, capacity: int | None
) -> Erasure:
    """The event as a record of the drive's erasure. Never raises."""
    steps = list(values.mappings(event.get("steps")))
    outcome, doubts = _judge(event, steps, identified=bool(serial or device))
    return Erasure(
        device=device,
        model=model,
        serial=serial,
        method=_method(event, steps),
        rounds=len(steps) or None,
        bytes_total=capacity,
        pass_errors=sum(_failed(step) for step in steps) if steps else None,
        started_at=values.moment(_start(event)),
        ended_at=values.moment(_end(event)),
        outcome=outcome,
        doubts=tuple(doubts),
    )


def _method(event: Mapping[str, Any], steps: list[Mapping[str, Any]]) -> str | None:
    passes = [name for step in steps if (name := kind(step).removeprefix("Step"))]
    name = kind(event)
    return f"{name} ({', '.join(passes)})" if name and passes else name or None


def _start(event: Mapping[str, Any]) -> object:
    return event.get("startTime") or event.get("startingTime")


def _end(event: Mapping[str, Any]) -> object:
    return event.get("endTime") or event.get("endingTime")


def _failed(event: Mapping[str, Any]) -> bool:
    severity = (values.text(event.get("severity")) or "").lower()
    success, error = values.truth(event.get("success")), values.truth(event.get("error"))
    return severity in {"error", "2"} or success is False or error is True


def _passed(event: Mapping[str, Any]) -> bool:
    """Whether the event says itself that it went well; silence and warnings are no yes."""
    severity = values.text(event.get("severity"))
    if _failed(event):
        return False
    if severity is not None:
        return severity.lower() in {"info", "0"}
    return values.truth(event.get("success")) is True or values.truth(event.get("error")) is False


def _judge(
    event: Mapping[str, Any], steps: list[Mapping[str, Any]], *, identified: bool
) -> tuple[ErasureOutcome, list[str]]:
    if _failed(event) or any(_failed(step) for step in steps):
        return ErasureOutcome.FAILED, []
    doubts = list(_gaps(event, steps, identified=identified))
    if doubts:
        return ErasureOutcome.UNKNOWN, doubts
    return ErasureOutcome.SUCCESS, list(_oddities(steps))


def _gaps(event: Mapping[str, Any], steps: list[Mapping[str, Any]], *, identified: bool) -> Iterator[str]:
    if not identified:
        yield "The event names no drive."
    if kind(event) == "ErasePhysical":
        yield "The event tells of a destruction by hand, which needs its own record."
    if _time(_end(event)) is None:
        yield "The event has no end."
    if not steps and kind(event) not in _SECURE:
        yield "The event lists no pass."
    silent = values.text(event.get("severity")) is None and event.get("success") is None and event.get("error") is None
    if not _passed(event) and not (silent and steps):
        yield "The event doesn't say that it went well."
    for step in steps:
        if not _passed(step):
            yield "A pass doesn't say that it went well."
        if _time(_end(step)) is None:
            yield "A pass has no end."
    yield from _contradictions(event, steps)


def _contradictions(event: Mapping[str, Any], steps: list[Mapping[str, Any]]) -> Iterator[str]:
    """Times that can't be true together: a pass beyond the erasure, or two passes at once (a second's rounding aside)."""
    start, end = _time(_start(event)), _time(_end(event))
    if start is not None and end is not None and end < start:
        yield "The erasure ends before it starts."
    before: float | None = None
    for step in steps:
        first, last = _time(_start(step)), _time(_end(step))
        if first is not None and last is not None and last < first:
            yield "A pass ends before it starts."
        if end is not None and last is not None and last > end + 1:
            yield "A pass ends after the erasure."
        if before is not None and first is not None and first < before - 1:
            yield "Two passes run at the same time."
        before = last


def _oddities(steps: list[Mapping[str, Any]]) -> Iterator[str]:
    if any((first := _time(_start(step))) is not None and first == _time(_end(step)) for step in steps):
        yield "A pass takes no time by its own clock."


def _time(value: object) -> float | None:
    """Seconds, only to compare times of one file; a missing zone is the same for all of them."""
    line = values.text(value)
    try:
        at = datetime.fromisoformat(line) if line else None
        if at is None:
            return None
        return (at - datetime(1970, 1, 1, tzinfo=at.tzinfo)).total_seconds()
    except (ValueError, OverflowError):
        return None
