"""JSON as tools and terminals really leave it: a warning before it, a prompt behind it, commas before closing brackets (old lshw),
several documents one after the other. What is cut off stays cut off: nothing is ever closed here that the tool left open."""

from __future__ import annotations

import json
import re
from typing import Any, TypeAlias

Value: TypeAlias = Any  # whatever a foreign file holds

LONGEST = 4 * 1024 * 1024
MOST_DOCUMENTS = 1000
_BEFORE = 4096
_BEHIND = 2048
_BLANKS = "\ufeff \t\r\n"
_START = re.compile(r"[{\[]\s*(?:[\"{\[}\]]|$)")
_LINE = re.compile(r"(?:^|[\r\n])[ \t]*(?=[{\[])")
_STRING_OR_COMMA = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")|,(?=\s*[}\]])', re.DOTALL)
_SOMETHING = re.compile(r"[^\s,\ufeff]")
_DECODER = json.JSONDecoder(parse_constant=lambda _: None, strict=False)


def start(text: str) -> int | None:
    """Where JSON begins behind a few lines of something else; None where it doesn't, or where there is nothing before it."""
    head = text[: _BEFORE + 200]
    if _START.match(head.lstrip(_BLANKS)):
        return None
    for found in _LINE.finditer(head, 1, _BEFORE):
        if _START.match(head, found.end()):
            return found.end()
    return None


def read(text: str) -> Value:
    """The document in the text, or a list of them when there are several; None when there is more wrong with it than this.

    Raises RecursionError and ValueError as ``json`` does, for what is too deep and for numbers that are too long.
    """
    if len(text) > LONGEST:
        return None
    body = _STRING_OR_COMMA.sub(lambda found: found[1] or " ", text[start(text) or 0 :])
    documents: list[Value] = []
    at = _behind_blanks(body, 0)
    while at < len(body):
        try:
            value, at = _DECODER.raw_decode(body, at)
        except json.JSONDecodeError:
            rest = body[at:].strip().removeprefix("]")
            if not documents or len(rest) > _BEHIND or re.search(r'[{"]', rest):
                return None
            break
        if not isinstance(value, dict | list) or len(documents) >= MOST_DOCUMENTS:
            return None
        documents += value if isinstance(value, list) else [value]
        at = _behind_blanks(body, at)
    return documents[0] if len(documents) == 1 else documents or None


def _behind_blanks(body: str, at: int) -> int:
    found = _SOMETHING.search(body, at)
    return found.start() if found else len(body)
