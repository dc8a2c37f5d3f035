"""Who reads, and in whose words: one table from a code to what each audience calls it. Tested: no raw code on a page.

Codes are stored and hashed, sentences are rendered later, in the reader's language.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from babel.dates import format_date, format_datetime
from django.utils import formats, timezone
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


NameOf = Callable[[str], str | None]
_namers: dict[str, dict[str, NameOf]] = {}
_names_read: ContextVar[dict[tuple[str, str, str | None], str] | None] = ContextVar("names_read", default=None)


def named_by(conversion: str, what: str, name_of: NameOf) -> None:
    """Who knows the name behind a code, for ``{field!conversion}``; facts hold codes, and this layer knows no organizations or sites.

    Of several, each known by ``what`` it names, the first that knows the code is believed, in the order in which they came.
    """
    _namers.setdefault(conversion, {})[what] = name_of


def named(conversion: str, code: str) -> str:
    """The name behind ``code``, or the code where nobody knows it. Read once while ``names_read_once``."""
    read, asked = _names_read.get(), (conversion, code, get_language())
    if read is not None and asked in read:
        return read[asked]
    name = next((found for name_of in _namers[conversion].values() if (found := name_of(code))), code)
    if read is not None:
        read[asked] = name
    return name


@contextmanager
def names_read_once() -> Iterator[None]:
    """While this lasts, each name is looked up once: a page tells many sentences of the same few sites and carriers."""
    if _names_read.get() is not None:
        yield
        return
    token = _names_read.set({})
    try:
        yield
    finally:
        _names_read.reset(token)


def _locale() -> str:
    language = (get_language() or "en").replace("-", "_")
    return "en_GB" if language == "en" else language


def weight(grams: object) -> object:
    """Grams as people say them: kilograms from a thousand on; what is no number as it is."""
    try:
        told = Decimal(str(grams))
    except ArithmeticError:
        return grams
    if told < 1000:
        return f"{formats.number_format(told.normalize(), force_grouping=True)} g"
    return f"{formats.number_format((told / 1000).normalize() + 0, use_l10n=True, force_grouping=True)} kg"


class _Sentences(string.Formatter):
    """``{state!w}`` is the audience's word, ``{amount!m}`` a local number, ``{grams!k}`` a weight, ``{at!d}`` a local date, ``{at!t}`` a
    moment, ``{units:unit|units}`` a count with its noun. Names behind codes: ``{to!o}`` of an organization, ``{hub!h}`` of a site,
    ``{carrier!c}`` of a carrier or several, ``{taker!p}`` of a party, whichever of them it is, ``{person!n}`` of an account, ``{type!g}``
    of returnable packaging, ``{criteria!x}`` of what is cited, ``{classes!z}`` of dangers. A missing value reads as a dash. What stands in
    ``[...]`` is left out when a value in it is missing.
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
        if conversion == "k":
            return weight(value)
        if conversion == "p" and known(f"party.{value}"):
            return word(f"party.{value}", self.audience)
        if conversion in _namers:
            return ", ".join(named(conversion, code) for code in str(value).split(", "))
        if conversion == "m":
            try:
                return formats.number_format(Decimal(str(value)), use_l10n=True, force_grouping=True)
            except ArithmeticError:
                return value
        if conversion == "d":
            try:
                day = datetime.fromisoformat(str(value)).date()
                return str(format_date(day, format="long", locale=_locale()))
            except ValueError:
                return value
        if conversion == "t":
            try:
                moment = datetime.fromisoformat(str(value))
            except ValueError:
                return value
            if moment.tzinfo is not None:
                moment = timezone.localtime(moment).replace(tzinfo=None)
            return str(format_datetime(moment, format="d MMMM y, HH:mm", locale=_locale()))
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


_NAMED = ("flaw", "zone", "severity", "counter", "part")


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
