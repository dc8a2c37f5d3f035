"""What customers write of each fault, in many languages: files of this folder, one a language. Our own, and the first that is learned.

A line is ``code: phrase | phrase ...``; the codes are those of ``triage.defects`` and of ``labels.BESIDES``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
VERSION = "2026-1"


@cache
def phrases() -> Sequence[tuple[str, str, str]]:
    """(code, language, phrase) of all files, in their order."""
    return tuple(
        (code, path.stem, phrase)
        for path in sorted(HERE.glob("*.txt"))
        for code, told in _lines(path.read_text(encoding="utf-8"))
        for phrase in told
    )


def languages() -> Sequence[str]:
    return sorted(path.stem for path in HERE.glob("*.txt"))


def _lines(content: str) -> list[tuple[str, list[str]]]:
    found = []
    for line in content.splitlines():
        if not line or line.startswith("#"):
            continue
        code, _colon, told = line.partition(":")
        found.append((code.strip(), [phrase.strip() for phrase in told.split("|") if phrase.strip()]))
    return found
