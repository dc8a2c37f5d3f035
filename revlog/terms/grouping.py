"""Conditions as form fields: groups (all, any, not all, none) of comparisons and further groups, each field named by its place. Pure.

A place is a number in its group, joined by dashes: ``fact-2-0`` is the first row of the group that is the third part of the whole. What
is left empty, rows and groups alike, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revlog.common.errors import BadInput, Reason
from revlog.terms.conditions import DEEPEST, OPERATORS, Condition
from revlog.terms.editing import LISTED, read, shown
from revlog.terms.wording import ALONE, Vocabulary

GROUPS: Mapping[str, str | Promise] = {
    "all": gettext_lazy("all of this holds"),
    "any": gettext_lazy("any of this holds"),
    "not_all": gettext_lazy("not all of this holds"),
    "none": gettext_lazy("none of this holds"),
}
MOST_ROWS = 20
"""Parts that a group of a form has at most."""
DEEPEST_NEW = 4
"""How deep a form lets one put a new group into another; what is nested deeper is shown and kept."""


@dataclass(frozen=True)
class Part:
    """One row of a form, a comparison or (with ``group``) a group of parts; as text, the way it was typed."""

    group: str = ""
    fact: str = ""
    op: str = "=="
    value: str = ""
    parts: Sequence[Part] = field(default_factory=tuple)


def parts_of(when: Condition | None, words: Vocabulary) -> Part:
    """A condition as the group that a form shows."""
    found = _part(when, words) if when is not None else None
    return found if found is not None and found.group else Part("all", parts=(found,) if found is not None else ())


def _part(told: Condition, words: Vocabulary) -> Part:
    for name, group in (("all", "all"), ("any", "any")):
        if name in told:
            return Part(group, parts=tuple(_part(one, words) for one in told[name]))
    if "not" in told:
        inner = told["not"]
        if "any" in inner:
            return Part("none", parts=_part(inner, words).parts)
        if "all" in inner:
            return Part("not_all", parts=_part(inner, words).parts)
        return Part("none", parts=(_part(inner, words),))
    fact = str(told.get("fact", ""))
    return Part(fact=fact, op=str(told.get("op", "==")), value=shown(told.get("value"), words.fact(fact)))


def typed(told: Mapping[str, str], place: str = "", depth: int = 0) -> Part:
    """What was typed into the fields of a group, without the rows and groups that were left empty."""
    group = told.get(f"group{place}", "all")
    found: list[Part] = []
    for n in range(MOST_ROWS):
        at = f"{place}-{n}"
        if f"group{at}" in told:
            inner = typed(told, at, depth + 1) if depth < DEEPEST else Part("all")
            if inner.parts:
                found.append(inner)
        elif (fact := told.get(f"fact{at}", "").strip()) != "":
            found.append(Part(fact=fact, op=told.get(f"op{at}", "=="), value=told.get(f"value{at}", "")))
    return Part(group if group in GROUPS else "all", parts=tuple(found))


def condition_of(whole: Part, words: Vocabulary) -> Condition | None:
    """The condition of what was typed; None where nothing was. Raises BadInput with every wrong row."""
    wrong: list[Reason] = []
    found = _condition(whole, words, "", wrong)
    if wrong:
        raise BadInput(wrong)
    return found


def _condition(part: Part, words: Vocabulary, place: str, wrong: list[Reason]) -> Condition | None:
    if not part.group:
        return _comparison(part, words, place, wrong)
    made = [_condition(one, words, f"{place}-{n}", wrong) for n, one in enumerate(part.parts)]
    found = [one for one in made if one is not None]
    if not found:
        return None
    match part.group:
        case "any":
            return {"any": found}
        case "none":
            return {"not": found[0] if len(found) == 1 else {"any": found}}
        case "not_all":
            return {"not": {"all": found}}
        case _:
            return found[0] if not place and len(found) == 1 else {"all": found}


def _comparison(part: Part, words: Vocabulary, place: str, wrong: list[Reason]) -> Condition | None:
    word = words.fact(part.fact)
    if part.op not in OPERATORS:
        wrong.append(Reason("operator", _("Choose how it is compared."), f"op{place}"))
    elif part.op in ALONE:
        return {"fact": part.fact, "op": part.op}
    elif not part.value.strip():
        wrong.append(Reason("no_value", _("Say what %s is compared with.") % word.label, f"value{place}"))
    else:
        try:
            value = read(part.value, word, field=f"value{place}", listed=part.op in LISTED)
        except BadInput as refusal:
            wrong += refusal.reasons
        else:
            return {"fact": part.fact, "op": part.op, "value": value}
    return None


def fields(part: Part, words: Vocabulary, place: str = "", depth: int = 0, blank: int = 2) -> dict[str, Any]:
    """A group as its form shows it: its parts, empty rows behind them, and one empty group to fill."""
    rows: list[dict[str, Any]] = []
    room = MOST_ROWS - len(part.parts)
    parts = [*part.parts, *[Part()] * max(0, min(blank, room - 1))]
    for n, one in enumerate(parts):
        at = f"{place}-{n}"
        rows.append({"group": fields(one, words, at, depth + 1, 1)} if one.group else _row(one, words, at))
    found: dict[str, Any] = {"place": place, "kind": part.group, "rows": rows, "new": None, "is_root": not place}
    if depth < DEEPEST_NEW and room > blank:
        at = f"{place}-{len(parts)}"
        found["new"] = {
            "place": at,
            "kind": "any",
            "rows": [_row(Part(), words, f"{at}-{n}") for n in range(2)],
            "new": None,
            "is_root": False,
        }
    return found


def _row(part: Part, words: Vocabulary, place: str) -> dict[str, Any]:
    word = words.fact(part.fact)
    return {
        "place": place,
        "fact": part.fact,
        "unknown": str(word.label) if part.fact and part.fact not in words.facts else "",
        "op": part.op,
        "value": part.value,
        "choices": [str(label) for label in word.options.values()] if part.fact else [],
    }
