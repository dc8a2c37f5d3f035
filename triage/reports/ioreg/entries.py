"""Entries of the registry, in their order: out of the text and out of the property list alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from triage.reports import values

Value: TypeAlias = Any  # whatever a foreign file holds

_ENTRY = re.compile(r"^[| ]*\+-o (?P<name>\S(?:.*?\S)?)\s+<class (?P<kind>\w+)")
_PROPERTY = re.compile(r'^[| ]*"(?P<name>[^"]+)" = (?P<value>.*)$')
_TOKEN = re.compile(r'"[^"]*"|<[^<>]*>|[{}()=,]|[^\s{}()=,"<>]+')
_DEEPEST = 20
_LONGEST = 200_000
_MOST_ENTRIES = 50_000
_MOST_TOKENS = 20_000
_NOT_A_PROPERTY = {"IOObjectClass", "IORegistryEntryName", "IORegistryEntryChildren"}


@dataclass
class Entry:
    name: str
    kind: str
    told: dict[str, Value] = field(default_factory=dict)

    def text(self, *names: str) -> str | None:
        """The first of the properties that holds a text; data are the bytes of one."""
        return next((line for name in names if (line := printed(self.told.get(name)))), None)

    def group(self, name: str) -> dict[str, Value]:
        found = self.told.get(name)
        if isinstance(found, str):
            found = structure(found)
        return found if isinstance(found, dict) else {}


def printed(value: Value) -> str | None:
    """A property as one line: a text, a number, or data that spell one (some are padded with zeros)."""
    if isinstance(value, bytes):
        try:
            value = value.rstrip(b"\x00").decode("ascii")
        except ValueError:
            return None
        if not value.isprintable():
            return None
    return values.text(value)


def of_text(text: str) -> Iterator[Entry]:
    entry: Entry | None = None
    count = 0
    for line in text.splitlines():
        if found := _ENTRY.match(line):
            if entry is not None:
                yield entry
            count += 1
            if count > _MOST_ENTRIES:
                return
            entry = Entry(found["name"], found["kind"])
        elif entry is not None and (pair := _PROPERTY.match(line.rstrip())):
            entry.told.setdefault(pair["name"], _plain(pair["value"]))
    if entry is not None:
        yield entry


def _plain(value: str) -> Value:
    """A simple value; a structure stays its text until somebody asks for it."""
    if value.startswith("<"):
        return _data(value)
    if value.startswith('"'):
        return value[1:-1] if value.endswith('"') and len(value) > 1 else value[1:]
    if value in {"Yes", "No"}:
        return value == "Yes"
    number = values.whole(value)
    return value[:_LONGEST] if number is None else number


def _data(value: str) -> Value:
    inner = value[1:-1] if value.endswith(">") else value[1:]
    if found := re.match(r'"([^"]*)"', inner):
        return found[1]
    try:
        return bytes.fromhex(inner)
    except ValueError:
        return b""


def structure(text: str) -> Value:
    """What ``{"name"=value,...}`` or ``(value,...)`` holds; None for what is no such text or nested without end."""
    tokens = _TOKEN.findall(text[:_LONGEST])[:_MOST_TOKENS]
    value, _ = _read(tokens, 0, 0)
    return value


def _read(tokens: list[str], at: int, depth: int) -> tuple[Value, int]:
    if at >= len(tokens) or depth > _DEEPEST:
        return None, len(tokens)
    first = tokens[at]
    if first == "{":
        return _read_members(tokens, at + 1, depth)
    if first == "(":
        items: list[Value] = []
        at += 1
        while at < len(tokens) and tokens[at] != ")":
            if tokens[at] == ",":
                at += 1
                continue
            item, at = _read(tokens, at, depth + 1)
            items.append(item)
        return items, at + 1
    return (None if first in {"}", ")", "=", ","} else _plain(first)), at + 1


def _read_members(tokens: list[str], at: int, depth: int) -> tuple[Value, int]:
    members: dict[str, Value] = {}
    while at < len(tokens) and tokens[at] != "}":
        if tokens[at] == "," or at + 1 >= len(tokens) or tokens[at + 1] != "=":
            at += 1
            continue
        name = tokens[at].strip('"')
        members[name], at = _read(tokens, at + 2, depth + 1)
    return members, at + 1


def of_plist(root: Value) -> Iterator[Entry]:
    waiting = [one for one in reversed(values.items(root)) if isinstance(one, dict)]
    count = 0
    while waiting and count < _MOST_ENTRIES:
        told = waiting.pop()
        count += 1
        yield Entry(
            values.text(told.get("IORegistryEntryName")) or "",
            values.text(told.get("IOObjectClass")) or "",
            {name: value for name, value in told.items() if name not in _NOT_A_PROPERTY},
        )
        below = values.items(told.get("IORegistryEntryChildren"))
        waiting.extend(one for one in reversed(below) if isinstance(one, dict))
