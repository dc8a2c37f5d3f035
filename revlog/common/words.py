"""Who reads, and in whose words: one table from a code to what each audience calls it. Tested: no raw code on a page.

Codes are stored and hashed, sentences are rendered later, in the reader's language.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from typing_extensions import override


class Audience(StrEnum):
    STAFF = "staff"
    CUSTOMER = "customer"
    CLIENT = "client"
    AUDITOR = "auditor"


Text = str | Promise
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


class _Sentences(string.Formatter):
    """``{state!w}`` is the audience's word, ``{amount!m}`` a local number, ``{at!d}`` a local date; a missing value reads as a dash."""

    def __init__(self, audience: Audience) -> None:
        self.audience = audience

    @override
    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        return kwargs.get(key, "—") if isinstance(key, str) else "—"

    @override
    def convert_field(self, value: Any, conversion: str | None) -> Any:
        if conversion == "w":
            return word(str(value), self.audience)
        if conversion == "m":
            try:
                return formats.number_format(Decimal(str(value)), use_l10n=True, force_grouping=True)
            except ArithmeticError:
                return value
        if conversion == "d":
            try:
                return formats.date_format(datetime.fromisoformat(str(value)), "DATE_FORMAT")
            except ValueError:
                return value
        if conversion == "l":
            return ", ".join(str(part) for part in value) if isinstance(value, (list, tuple)) else value
        return super().convert_field(value, conversion)


def sentence(template: Text, values: Mapping[str, Any], audience: Audience) -> str:
    return _Sentences(audience).vformat(str(template), (), values)
