"""Rules changed by people who don't write JSON: a body and what was typed in, a new body out. Pure.

What a form shows of a value is text: ``[name]`` stands for the parameter of that name, ``;`` separates the parts of a list, and a choice
may be typed as it is called or by its code. Conditions are in ``grouping``, the rows beside the rules in ``tabling``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from revlog.common.errors import BadInput, Reason
from revlog.terms.conditions import number
from revlog.terms.ruling import Body
from revlog.terms.wording import Template, Vocabulary, Word

NUMERIC = frozenset({"number", "days"})
DECIMAL = frozenset({"money", "percent"})
LISTED = frozenset({"in", "not_in"})
_PARAMETER = re.compile(r"\[([A-Za-z_][A-Za-z0-9_]*)\]")


# Values ------------------------------------------------------------------------------------------------------------------------------


def shown(value: object, word: Word) -> str:
    """A value as it stands in a text field."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return f"[{value.get('param', '')}]"
    if isinstance(value, list | tuple):
        return "; ".join(shown(one, word) for one in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(word.options.get(str(value), value))


def read(text: str, word: Word, *, field: str, listed: bool = False) -> Any:  # noqa: ANN401 - any JSON
    """What was typed as a value of this kind. Raises BadInput that names the field."""
    bare = text.strip()
    if found := _PARAMETER.fullmatch(bare):
        return {"param": found[1]}
    if listed:
        return [_one(part.strip(), word, field) for part in bare.split(";") if part.strip()]
    return _one(bare, word, field)


def _one(text: str, word: Word, field: str) -> Any:  # noqa: ANN401
    if word.type in NUMERIC:
        if not re.fullmatch(r"-?\d{1,9}", text):
            raise BadInput(Reason("whole", _("%s is a whole number.") % word.label, field))
        return int(text)
    if word.type in DECIMAL:
        plain = text.replace(",", ".")
        if number(plain) is None:
            raise BadInput(Reason("number", _("%s is a number.") % word.label, field))
        return plain
    if word.type == "flag":
        known = {_("yes").lower(): True, _("no").lower(): False, "yes": True, "no": False, "true": True, "false": False}
        if text.lower() not in known:
            raise BadInput(Reason("flag", _("%s is yes or no.") % word.label, field))
        return known[text.lower()]
    if not word.options:
        return text
    by_name = {str(label).lower(): code for code, label in word.options.items()} | {
        code.lower(): code for code in word.options
    }
    if text.lower() not in by_name:
        known_words = "; ".join(str(label) for label in word.options.values())
        told = {"what": text, "label": word.label, "known": known_words}
        raise BadInput(Reason("choice", _("%(label)s can't be “%(what)s”. It is one of: %(known)s.") % told, field))
    return by_name[text.lower()]


# Outcomes ----------------------------------------------------------------------------------------------------------------------------


def outcome_of(given: Mapping[str, str], before: Mapping[str, Any], words: Vocabulary) -> dict[str, Any]:
    """The outcome that was typed, name by name; what the form doesn't know stays as it was. Raises BadInput with every wrong field."""
    then = {name: value for name, value in before.items() if name not in words.outcomes}
    wrong: list[Reason] = []
    for name, word in words.outcomes.items():
        field = f"then-{name}"
        text = given.get(field, "").strip()
        if not text:
            continue
        try:
            if word.type == "window":
                anchor = given.get(f"{field}-from", "").strip()
                days = read(text, Word(word.label, "days"), field=field)
                begins = read(anchor, Word(word.label, "choice", choices=word.options), field=field) if anchor else None
                then[name] = {"days": days} | ({"from": begins} if begins else {})
            else:
                then[name] = read(text, word, field=field, listed=word.type == "list")
        except BadInput as refusal:
            wrong += refusal.reasons
    if wrong:
        raise BadInput(wrong)
    return {name: then[name] for name in [*words.outcomes, *before] if name in then}


def outcome_fields(then: Mapping[str, Any], words: Vocabulary) -> list[dict[str, Any]]:
    """The fields of a form for an outcome, each with its text."""
    found = []
    for name, word in words.outcomes.items():
        value = then.get(name)
        row: dict[str, Any] = {
            "name": f"then-{name}",
            "word": word,
            "value": shown(value, word),
            "options": word.options,
        }
        if word.type == "window":
            window = value if isinstance(value, Mapping) else {}
            row["value"] = shown(window.get("days"), Word("", "days"))
            row["anchor"] = shown(window.get("from"), word)
        found.append(row)
    return found


# Bodies ------------------------------------------------------------------------------------------------------------------------------


def parameters_of(given: Mapping[str, str], body: Body, words: Vocabulary) -> Body:
    """The body with the parameters that were typed; those that no vocabulary knows stay. Raises BadInput."""
    found = dict(body.get("parameters", {}))
    wrong: list[Reason] = []
    for name, word in words.parameters.items():
        field = f"param-{name}"
        if field not in given:
            continue
        text = given[field].strip()
        if not text and word.type != "list":
            found.pop(name, None)
            continue
        try:
            found[name] = read(text, word, field=field, listed=word.type == "list")
        except BadInput as refusal:
            wrong += refusal.reasons
    if wrong:
        raise BadInput(wrong)
    return dict(body) | {"parameters": found}


def place_of(body: Body, rule: str) -> int:
    """Where a rule stands. Raises BadInput for one that isn't there (any more)."""
    for place, one in enumerate(body.get("rules", [])):
        if one.get("id") == rule:
            return place
    raise BadInput(Reason("no_rule", _("There is no rule “%s”.") % rule, "rule"))


def _with(body: Body, rules: Sequence[Mapping[str, Any]]) -> Body:
    return dict(body) | {"rules": list(rules)}


def moved(body: Body, rule: str, by: int) -> Body:
    """The rule so many places further down; it stays at an end."""
    rules = list(body.get("rules", []))
    place = place_of(body, rule)
    taken = rules.pop(place)
    rules.insert(max(0, min(len(rules), place + by)), taken)
    return _with(body, rules)


def switched(body: Body, rule: str) -> Body:
    """The rule off where it was on, and on where it was off."""
    rules = list(body.get("rules", []))
    place = place_of(body, rule)
    one = {name: value for name, value in rules[place].items() if name != "off"}
    rules[place] = one if rules[place].get("off") else one | {"off": True}
    return _with(body, rules)


def removed(body: Body, rule: str) -> Body:
    place = place_of(body, rule)
    return _with(body, [one for n, one in enumerate(body.get("rules", [])) if n != place])


def replaced(body: Body, rule: str, new: Mapping[str, Any]) -> Body:
    place = place_of(body, rule)
    return _with(body, [new if n == place else one for n, one in enumerate(body.get("rules", []))])


def added(body: Body, template: Template) -> tuple[Body, str]:
    """The body with a rule from a template in front of the others, and the id it got."""
    taken = {str(one.get("id")) for one in body.get("rules", [])}
    name, n = template.id, 1
    while name in taken:
        n += 1
        name = f"{template.id}_{n}"
    return _with(body, [dict(template.rule) | {"id": name}, *body.get("rules", [])]), name
