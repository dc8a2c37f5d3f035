"""Rules in the words of people who don't write JSON: what facts, operators, outcomes and parameters are called, and a condition said.

A stage registers a vocabulary for a kind of its rules; the page that edits them and every explanation of a decision speak by it. A kind
without one is edited as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revlog.terms.conditions import Condition
from revlog.terms.ruling import Change, diff

Text = str | Promise
Choices = Mapping[str, Text]


@dataclass(frozen=True)
class Word:
    """What a fact, an outcome or a parameter is called and how it is written.

    ``type`` is ``number``, ``money``, ``percent``, ``days``, ``flag``, ``text``, ``choice``, ``list`` (of texts or of choices),
    ``window``; tables know more. ``unit`` stands behind it.
    """

    label: Text
    type: str = "text"
    unit: Text = ""
    choices: Choices | Callable[[], Choices] = field(default_factory=dict)
    help: Text = ""

    @property
    def options(self) -> Choices:
        return self.choices() if callable(self.choices) else self.choices

    def said(self, value: object) -> str:
        """A value of it as people read it."""
        if isinstance(value, list | tuple):
            return ", ".join(self.said(one) for one in value) or _("nothing")
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if value is None:
            return "—"
        known = self.options.get(str(value))
        if known is not None:
            return str(known)
        # A tag or category that people made up themselves is a word with its gaps closed.
        plain = value.replace("_", " ") if isinstance(value, str) and self.type in {"text", "list"} else value
        return f"{plain} {self.unit}".strip()


@dataclass(frozen=True)
class Template:
    """A rule to begin with: what somebody picks and then changes."""

    id: str
    label: Text
    rule: Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """Rows that stand beside the rules of a body under ``key``: a list of objects, or (``named_by``) an object of lists by name.

    ``columns`` says what each value is called and how it is written; beside the types of a `Word` there are ``date``,
    ``day`` (a date that may be without a year) and ``countries``.
    """

    key: str
    label: Text
    columns: Mapping[str, Word]
    help: Text = ""
    heading: Sequence[str] = ()
    """The columns by which a row is known at a glance."""
    open: Sequence[str] = ()
    """Columns that may be left without a value, which then is said to be none."""
    named_by: str = ""
    value: str = ""


@dataclass(frozen=True)
class Vocabulary:
    facts: Mapping[str, Word]
    outcomes: Mapping[str, Word]
    parameters: Mapping[str, Word]
    templates: Sequence[Template] = ()
    families: Mapping[str, Word] = field(default_factory=dict)
    """Facts that there are many of, by what they begin with: ``answers.``"""
    tables: Sequence[Table] = ()

    def fact(self, name: str) -> Word:
        family = next((word for start, word in self.families.items() if name.startswith(start)), None)
        if name in self.facts:
            return self.facts[name]
        if family is not None:
            return Word(f"{family.label} {name.partition('.')[2]}", family.type, family.unit, family.choices)
        return Word(name)


_vocabularies: dict[str, Vocabulary] = {}
NONE = Vocabulary({}, {}, {})


def register(kind: str, vocabulary: Vocabulary) -> None:
    _vocabularies[kind] = vocabulary


def of(kind: str) -> Vocabulary:
    return _vocabularies.get(kind, NONE)


def is_known(kind: str) -> bool:
    return kind in _vocabularies


OPERATORS: Mapping[str, Text] = {
    "==": gettext_lazy("is"),
    "!=": gettext_lazy("is not"),
    "<": gettext_lazy("is less than"),
    "<=": gettext_lazy("is at most"),
    ">": gettext_lazy("is more than"),
    ">=": gettext_lazy("is at least"),
    "in": gettext_lazy("is one of"),
    "not_in": gettext_lazy("is none of"),
    "contains": gettext_lazy("has"),
    "exists": gettext_lazy("is known"),
    "missing": gettext_lazy("isn't known"),
}
ALONE = frozenset({"exists", "missing"})
"""Operators that compare with nothing."""


def condition(told: Condition | None, words: Vocabulary, parameters: Mapping[str, Any]) -> str:
    """A condition as a sentence without a full stop."""
    if told is None:
        return _("always")
    if "all" in told:
        return _(" and ").join(_bracketed(part, words, parameters) for part in told["all"])
    if "any" in told:
        return _(" or ").join(_bracketed(part, words, parameters) for part in told["any"])
    if "not" in told:
        return _("not (%s)") % condition(told["not"], words, parameters)
    word = words.fact(str(told.get("fact", "")))
    operator = str(told.get("op", "=="))
    verb = str(OPERATORS.get(operator, operator))
    if operator in ALONE:
        return f"{word.label} {verb}"
    return f"{word.label} {verb} {_value(told.get('value'), word, words, parameters)}"


def _bracketed(part: Condition, words: Vocabulary, parameters: Mapping[str, Any]) -> str:
    said = condition(part, words, parameters)
    return f"({said})" if "any" in part or "all" in part else said


def _value(value: object, word: Word, words: Vocabulary, parameters: Mapping[str, Any]) -> str:
    if isinstance(value, Mapping) and "param" in value:
        name = str(value["param"])
        known = words.parameters.get(name)
        return f"{word.said(parameters.get(name))} ({known.label if known else name})"
    return word.said(value)


def outcome(then: Mapping[str, Any], words: Vocabulary, parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a rule gives, name by name in the vocabulary's order; what it doesn't know comes last, as it stands."""
    known = [name for name in words.outcomes if name in then]
    rest = [name for name in then if name not in words.outcomes]
    return [
        (
            str(words.outcomes[name].label) if name in words.outcomes else name,
            _given(then[name], words.outcomes.get(name, Word(name)), words, parameters),
        )
        for name in [*known, *rest]
    ]


def changes(found: Sequence[Change], kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The same differences with rules and parameters in words, where the kind has any; else as JSON, table by table."""
    words = of(kind)
    if words is NONE:
        return diff(before, after, within=True)
    return [
        Change(
            _place(one.where, words),
            _changed(one.where, one.before, words, before.get("parameters", {})),
            _changed(one.where, one.after, words, after.get("parameters", {})),
        )
        for one in found
    ]


def _place(where: str, words: Vocabulary) -> str:
    family, _mark, name = where.partition(".")
    if family == "parameters" and name in words.parameters:
        return str(words.parameters[name].label)
    if (table := next((one for one in words.tables if one.key == where), None)) is not None:
        return str(table.label)
    return name.replace("_", " ") if family == "rules" and name else where


def rows_of(table: Table, told: object) -> list[Mapping[str, Any]]:
    """The rows of a table as they stand in a body, each with its name where the body has them by name."""
    if table.named_by:
        named = told if isinstance(told, Mapping) else {}
        return [{table.named_by: name, table.value: value} for name, value in named.items()]
    return [row for row in told if isinstance(row, Mapping)] if isinstance(told, list) else []


def rows_said(table: Table, told: object) -> str:
    """All rows of a table in words."""
    rows = [
        "; ".join(
            f"{word.label}: {word.said(row[name])}"
            for name, word in table.columns.items()
            if row.get(name) not in (None, "", [])
        )
        for row in rows_of(table, told)
    ]
    return " · ".join(rows) or _("nothing")


def _changed(where: str, text: str | None, words: Vocabulary, parameters: Mapping[str, Any]) -> str | None:
    if text is None:
        return text
    if (table := next((one for one in words.tables if one.key == where), None)) is not None:
        return rows_said(table, json.loads(text))
    if "." not in where:
        return text
    family, _mark, name = where.partition(".")
    value = json.loads(text)
    if family == "parameters" and name in words.parameters:
        return words.parameters[name].said(value)
    if family != "rules" or not isinstance(value, Mapping):
        return text
    given = "; ".join(f"{label}: {said}" for label, said in outcome(value.get("then", {}), words, parameters))
    told = _("When %(when)s. %(then)s.") % {"when": condition(value.get("when"), words, parameters), "then": given}
    parts = [_("Off.") if value.get("off") else "", told, f"“{_(value['why'])}”" if value.get("why") else ""]
    return " ".join(part for part in parts if part)


def _given(value: object, word: Word, words: Vocabulary, parameters: Mapping[str, Any]) -> str:
    if word.type == "window" and isinstance(value, Mapping):
        days = _value(value.get("days"), Word("", "days", _("days")), words, parameters)
        anchor = value.get("from")
        told = parameters.get(str(anchor["param"])) if isinstance(anchor, Mapping) else anchor
        return _("%(days)s from %(day)s") % {"days": days, "day": word.said(told or "delivery")}
    return _value(value, word, words, parameters)
