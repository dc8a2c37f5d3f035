"""The lines of a log, whatever way they came here: a log file, a screen, a paste with quote marks or colors."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_COLORS = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[()][0-9A-Za-z]|[=>78])")
_STAMP = re.compile(
    r"^\[(\d{4})/(\d\d)/(\d\d) (\d\d:\d\d:\d\d)\]"
    r"(?:\s+nwipe:)?"
    r"(?:\s*(debug|info|notice|warning|error|fatal|sanity|level \d+):)?(.*)$"
)
_QUOTE = re.compile(r"^(?:> ?)+")
_DEVICE = re.compile(r"/dev/[A-Za-z0-9_.+/-]*[A-Za-z0-9_+-]")
_NOT_A_CONTINUATION = re.compile(r"^\s*(?:$|[!*|]|-{3,}|[*.]{3,}|Waiting for wipe thread|Creating PDF|\S+\s*\|)")
_LONGEST = 4096


@dataclass(slots=True)
class Line:
    """One entry of the log. ``text`` is what stood on the line itself; ``more`` what was wrapped on to the next ones, which
    may speak against a drive but never for it, since nobody can tell whether it belongs here."""

    number: int
    text: str
    stamp: str | None = None
    level: str | None = None
    terminated: bool = True
    more: list[str] = field(default_factory=list)
    width: int = 0

    @property
    def full(self) -> str:
        return (
            self.text if not self.more else "".join([self.text, *self.more]) + " " + " ".join([self.text, *self.more])
        )

    @property
    def devices(self) -> list[str]:
        return devices_in(self.full)


def devices_in(text: str) -> list[str]:
    """The device names in a text, in order, each once."""
    if "/dev/" not in text:
        return []
    return list(dict.fromkeys(name.rstrip("/") for name in _DEVICE.findall(text)))


def lex(text: str) -> Iterator[Line]:
    """Entries in order. Lines without a time stamp come out themselves, and are also hung on to the stamped one before."""
    last: Line | None = None
    for number, raw in enumerate(io.StringIO(text, newline=None), start=1):
        terminated = raw.endswith("\n")
        plain = _COLORS.sub("", raw[:_LONGEST]).rstrip("\n")
        plain = _QUOTE.sub("", plain).strip("`") if plain.startswith((">", "`")) else plain
        found = _STAMP.match(plain.lstrip())
        if found:
            year, month, day, clock, level, rest = found.groups()
            last = Line(number, rest.strip(), f"{year}-{month}-{day}T{clock}", level, terminated, width=len(plain))
            yield last
            continue
        line = Line(number, plain.strip(), terminated=terminated, width=len(plain))
        if last is not None and not _NOT_A_CONTINUATION.match(plain) and len(last.more) < 20:
            last.more.append(plain.strip())
        elif not plain.strip():
            last = None
        yield line
