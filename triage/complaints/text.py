"""Words as customers write them, in one plain form: no markup, no accents, no case, bounded."""

from __future__ import annotations

import html
import re
import unicodedata

LONGEST = 4000
"""More of a text isn't read: what is wrong stands at its beginning, and a pasted book must not keep a worker."""
_MARKUP = re.compile(
    r"<(script|style)\b[^>]{0,500}>.{0,20000}?</\1\s*>|<[a-zA-Z/!][^<>]{0,500}>", re.DOTALL | re.IGNORECASE
)
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_RUN = re.compile(r"\S+")
_NUMBER = re.compile(r"\d{5,}")
_WORD = re.compile(r"[^\W_]+")
_SPELLED = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})


def plain(text: str) -> str:
    """``text`` as it is counted. Links, addresses and long numbers are left out: they are somebody's, and say nothing of a fault."""
    bounded = text[: LONGEST * 2]
    bare = html.unescape(_MARKUP.sub(" ", html.unescape(bounded)))[:LONGEST]
    bare = _NUMBER.sub(" ", _LINK.sub(" ", _RUN.sub(_unless_an_address, bare)))
    split = unicodedata.normalize("NFKD", bare.casefold())
    letters = "".join(letter for letter in split if not unicodedata.combining(letter))
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", letters).translate(_SPELLED)))


def _unless_an_address(run: re.Match[str]) -> str:
    """The letters between two blanks; nothing of an e-mail address. By ``find`` alone: a pattern would take cubic time for a row of @."""
    told = run.group()
    at = told.find("@", 1)
    return " " if at > 0 and told.find(".", at + 2, -1) > 0 else told


def words(text: str) -> list[str]:
    """The words of what ``plain`` gave."""
    return text.split()
