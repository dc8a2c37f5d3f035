"""Who reads, and in whose words: one table from a code to what each audience calls it. Tested: no raw code on a page.

Codes are stored and hashed, sentences are rendered later, in the reader's language.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from babel.dates import format_date
from django.utils import formats
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language
from typing_extensions import override


class Audience(StrEnum):
    STAFF = "staff"
    CUSTOMER = "customer"
    CLIENT = "client"
    AUDITOR = "auditor"


Text = str | Promise
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_words: dict[str, dict[Audience, Text]] = {}


def add(table: Mapping[str, Text | Mapping[Audience, Text]]) -> None:
    """Words for codes; a plain text serves every audience, a mapping must hold STAFF, which serves those it leaves out."""
    for code, told in table.items():
        if isinstance(told, Mapping):
            _words[code] = {audience: told.get(audience, told[Audience.STAFF]) for audience in Audience}
        else:
            _words[code] = dict.fromkeys(Audience, told)


def word(code: str, audience: Audience = Audience.STAFF) -> str:
    """What ``audience`` calls ``code``; an unknown code comes back in lower case with spaces, so a page never breaks on one."""
    told = _words.get(code)
    return str(told[audience]) if told else code.replace("_", " ").replace(".", " ").lower()


def known(code: str) -> bool:
    return code in _words


_name_of: list[Callable[[str], str]] = []


def organizations_by(name_of: Callable[[str], str]) -> None:
    """Who knows the name of an organization by its code; facts hold codes, and this layer knows no organizations."""
    _name_of[:] = [name_of]


class _Sentences(string.Formatter):
    """``{state!w}`` is the audience's word, ``{amount!m}`` a local number, ``{at!d}`` a local date, ``{to!o}`` an organization's name,
    ``{units:unit|units}`` a count with its noun; a missing value reads as a dash. What stands in ``[...]`` is left out when a value in
    it is missing.
    """

    def __init__(self, audience: Audience) -> None:
        self.audience = audience

    @override
    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        return kwargs.get(key, "—") if isinstance(key, str) else "—"

    @override
    def convert_field(self, value: Any, conversion: str | None) -> Any:
        if conversion == "w":
            return word(str(value), self.audience)
        if conversion == "o":
            return _name_of[0](str(value)) if _name_of else value
        if conversion == "m":
            try:
                return formats.number_format(Decimal(str(value)), use_l10n=True, force_grouping=True)
            except ArithmeticError:
                return value
        if conversion == "d":
            try:
                day = datetime.fromisoformat(str(value)).date()
                language = (get_language() or "en").replace("-", "_")
                return str(format_date(day, format="long", locale="en_GB" if language == "en" else language))
            except ValueError:
                return value
        if conversion == "l":
            return ", ".join(str(part) for part in value) if isinstance(value, (list, tuple)) else value
        return super().convert_field(value, conversion)

    @override
    def format_field(self, value: Any, format_spec: str) -> Any:
        one, several, many = format_spec.partition("|")
        if not several:
            return super().format_field(value, format_spec)
        return (
            f"{formats.number_format(value, force_grouping=True)} {one if value == 1 else many}"
            if value != "—"
            else f"— {many}"
        )


def sentence(template: Text, values: Mapping[str, Any], audience: Audience) -> str:
    def kept(part: re.Match[str]) -> str:
        names = (name for _, name, _, _ in string.Formatter().parse(part[1]) if name)
        return part[1] if all(values.get(name) not in {None, ""} for name in names) else ""

    return capfirst(_Sentences(audience).vformat(_OPTIONAL.sub(kept, str(template)), (), values))


_NAMED = ("flaw", "zone", "severity", "counter")


def because(told: Mapping[str, str], audience: Audience = Audience.STAFF) -> str:
    """One reason of a grade, ``{code, ...}`` as a fact holds it, as a sentence; a code that nobody named is said by its name.

    The sentences are named ``because.<code>`` by the app that gives the reasons, so that whoever reads its facts can say them too.
    """
    code = "flaw_at" if told.get("code") == "flaw" and told.get("zone") else told.get("code", "")
    found = _words.get(f"because.{code}")
    if found is None:
        return capfirst(word(code, audience))
    values = {name: word(value, audience) if name in _NAMED else value for name, value in told.items()}
    if "tests" in values:
        values["tests"] = ", ".join(word(f"test.{one}", audience) for one in values["tests"].split(", "))
    return sentence(found[audience], values, audience)
