"""What a report should have been read as, field by field: every leaf of the truth is one check.

The truth has the normal form (``encode``) or the flatter one of ``ingest_report --json``. A field it doesn't name isn't checked; null, and
an empty list, mean that there must be none. Members of lists are the same when their names are (serial, code, kind with value), else by
their place; plain values in a list (addresses, warnings) only have to be there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from triage import grading
from triage.reports import values
from triage.reports.normal import Report, UnreadableReport

Value: TypeAlias = Any  # whatever a truth holds

_READ = frozenset({"parsed", "ingested", "unmatched"})
_UNCHECKED = frozenset({"file"})
_NAMES: tuple[tuple[str, ...], ...] = (
    ("serial",),
    ("kind", "value"),
    ("code",),
    ("device",),
    ("kind", "model"),
    ("model",),
    ("kind",),
)
"""By which members of a list are told to be the same, the surest first."""
DEEPEST = 20


@dataclass(frozen=True, kw_only=True)
class Check:
    """One leaf: ``path`` as ``media[1].serial``, and what was expected and found there."""

    path: str
    expected: Value
    found: Value
    right: bool


def checks(truth: Mapping[str, Value], read: Report | UnreadableReport) -> list[Check]:
    """Each field of the truth against what was read. All fields of a report that was refused are wrong, unless it had to be."""
    if isinstance(read, UnreadableReport):
        if truth.get("status") == "refused":
            return list(_refused(truth, read))
        return [Check(path=path, expected=leaf, found=None, right=False) for path, leaf in _leaves(truth, "")]
    found = {**_whole(read), "grade": None, "reason": None}
    if "grade" in truth:
        found["grade"] = grading.preview(read)
    wanted = {name: leaf for name, leaf in truth.items() if name not in _UNCHECKED}
    status = wanted.pop("status", None)
    told = list(_compare(wanted, found, ""))
    if status is not None:
        told.insert(0, Check(path="status", expected=status, found="parsed", right=status in _READ))
    return told


def _refused(truth: Mapping[str, Value], refusal: UnreadableReport) -> Iterator[Check]:
    yield Check(path="status", expected="refused", found="refused", right=True)
    wanted = values.text(truth.get("reason")) or values.text(truth.get("code"))
    if wanted is not None:
        code = wanted.partition(":")[0]
        yield Check(path="reason", expected=code, found=refusal.code, right=code == refusal.code)


def _leaves(truth: Value, path: str, depth: int = 0) -> Iterator[tuple[str, Value]]:
    if depth > DEEPEST:
        return
    if isinstance(truth, dict) and truth:
        for name, inner in truth.items():
            if depth or name not in _UNCHECKED:
                yield from _leaves(inner, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(truth, list) and truth:
        for place, inner in enumerate(truth):
            yield from _leaves(inner, f"{path}[{place}]", depth + 1)
    elif not isinstance(truth, dict):
        yield path, truth


def _whole(value: object) -> Value:
    """A report with every field, also those that hold nothing."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _whole(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, dict):
        return {str(name): _whole(member) for name, member in value.items()}
    return [_whole(member) for member in value] if isinstance(value, list | tuple) else value


def _compare(truth: Value, found: Value, path: str, depth: int = 0) -> Iterator[Check]:
    if depth > DEEPEST:
        return
    if isinstance(truth, dict):
        inside = found if isinstance(found, dict) else {}
        for name, inner in truth.items():
            yield from _compare(inner, inside.get(name), f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(truth, list) and truth:
        yield from _compare_lists(truth, found if isinstance(found, list) else [], path, depth)
    else:
        yield Check(path=path, expected=truth, found=found, right=_same(truth, found))


def _compare_lists(truth: Sequence[Value], found: Sequence[Value], path: str, depth: int) -> Iterator[Check]:
    left = list(found)
    partners: dict[int, Value] = {}
    for place, wanted in enumerate(truth):
        if not isinstance(wanted, dict | list):
            at = next((at for at, one in enumerate(left) if _same(wanted, one)), None)
            partners[place] = None if at is None else left.pop(at)
    for names in _NAMES:
        for place, wanted in enumerate(truth):
            if place in partners or not isinstance(wanted, dict) or any(wanted.get(name) is None for name in names):
                continue
            at = next((at for at, one in enumerate(left) if _named(wanted, one, names)), None)
            if at is not None:
                partners[place] = left.pop(at)
    for place, wanted in enumerate(truth):
        if place not in partners:
            partners[place] = left.pop(0) if left else None
        yield from _compare(wanted, partners[place], f"{path}[{place}]", depth + 1)


def _named(wanted: Mapping[str, Value], one: Value, names: Sequence[str]) -> bool:
    return isinstance(one, dict) and all(
        one.get(name) is not None and str(one[name]).casefold() == str(wanted[name]).casefold() for name in names
    )


def _same(truth: Value, found: Value) -> bool:
    if truth in (None, [], {}):
        return found in (None, [], {})
    if isinstance(truth, bool) or isinstance(found, bool):
        return truth is found
    if isinstance(truth, str) and isinstance(found, str) and truth != found:
        moment = values.moment(truth)
        return moment is not None and moment == values.moment(found)
    return bool(truth == found)


def read(data: bytes) -> dict[str, Value]:
    """The truth in a sidecar. Raises ValueError for what is no JSON object."""
    try:
        truth = json.loads(data.decode("utf-8-sig"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(truth, dict):
        raise ValueError("no JSON object")
    return truth
