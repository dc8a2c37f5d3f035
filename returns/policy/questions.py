"""What customers are asked before something comes back: questions as rules of the kind ``returns.questions``. Pure.

A question is asked for the reasons, groups of reasons and classes of things that its row names (all where it names none), or, with
``by_rule``, only where a return rule names it. What an answer leads to isn't said here: rules compare ``answers.<id>``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext, gettext_noop
from django.utils.translation import gettext as _

from returns import reasons
from revlog.common.errors import Reason
from revlog.devices import classes
from revlog.terms import ruling
from revlog.terms.ruling import Body, Kind, Ruling

KIND = "returns.questions"
KINDS = ("yes_no", "choice", "tick")
LONGEST = 300
MOST_CHOICES = 12
YES, NO = "yes", "no"

SHIPPED: Body = {
    "questions": [
        {
            "id": "dropped",
            "kind": "yes_no",
            "text": gettext_noop("Has it been dropped?"),
            "groups": ["fault"],
            "required": False,
        },
        {
            "id": "wet",
            "kind": "yes_no",
            "text": gettext_noop("Did it get wet?"),
            "groups": ["fault"],
            "required": False,
        },
        {
            "id": "since",
            "kind": "choice",
            "text": gettext_noop("Since when?"),
            "choices": [
                {"id": "start", "text": gettext_noop("From the start")},
                {"id": "later", "text": gettext_noop("It began later")},
            ],
            "groups": ["fault"],
            "required": False,
        },
        {
            "id": "signed_out",
            "kind": "tick",
            "text": gettext_noop("I have signed out of my accounts on it"),
            "groups": ["fault", "remorse", "mismatch"],
            "classes": ["phone", "tablet", "laptop"],
            "by_rule": True,
            "required": False,
        },
        {
            "id": "opened",
            "kind": "choice",
            "text": gettext_noop("How is it now?"),
            "choices": [
                {"id": "sealed", "text": gettext_noop("Never opened")},
                {"id": "opened", "text": gettext_noop("Opened, not used")},
                {"id": "used", "text": gettext_noop("Used")},
            ],
            "by_rule": True,
            "required": True,
        },
        {
            "id": "complete",
            "kind": "yes_no",
            "text": gettext_noop("Is everything there that came with it?"),
            "by_rule": True,
            "required": True,
        },
    ]
}


@dataclass(frozen=True)
class Question:
    """A question as it is shown to one person: text and choices are in their language. A tick has one choice, which is its text."""

    id: str
    kind: str
    text: str
    choices: Sequence[tuple[str, str]]
    required: bool

    @property
    def field(self) -> str:
        return f"answers.{self.id}"


def asked(found: Ruling, *, reason: str, device_class: str, named: Iterable[str] = ()) -> list[Question]:
    """What is asked of a thing of this class that comes back for this reason; ``named`` are those that rules ask for besides."""
    wanted = set(named)
    return [
        _shown(row)
        for row in found.body.get("questions", [])
        if row["id"] in wanted or (not row.get("by_rule") and _fits(row, reason, device_class))
    ]


def _fits(row: Mapping[str, Any], reason: str, device_class: str) -> bool:
    named, groups, kinds = row.get("reasons") or (), row.get("groups") or (), row.get("classes") or ()
    if kinds and device_class not in kinds:
        return False
    return not (named or groups) or reason in named or reasons.group(reason) in groups


def _shown(row: Mapping[str, Any]) -> Question:
    text = _said(row["text"])
    match row["kind"]:
        case "yes_no":
            choices = [(YES, _("Yes")), (NO, _("No"))]
        case "tick":
            choices = [(YES, text)]
        case _:
            choices = [(one["id"], _said(one["text"])) for one in row["choices"]]
    return Question(row["id"], row["kind"], text, choices, bool(row.get("required")))


def _said(text: str | Mapping[str, str]) -> str:
    """A text in the reader's language: of the catalogs, or of the row where it brings its own."""
    if isinstance(text, str):
        return gettext(text)
    language = (get_language() or "en")[:2]
    return text.get(language) or text.get("en") or next(iter(text.values()))


def wrong_with(questions: Sequence[Question], answers: Mapping[str, str]) -> list[Reason]:
    """What is missing or can't be an answer; each reason names the field."""
    found = []
    for question in questions:
        told = answers.get(question.id, "")
        if told and told not in {value for value, _label in question.choices}:
            found.append(Reason("answer", _("That is no answer to “%s”.") % question.text, question.field))
        elif not told and question.required:
            sentence = _("Confirm: %s.") if question.kind == "tick" else _("Answer this: %s")
            found.append(Reason("no_answer", sentence % question.text, question.field))
    return found


def given(questions: Sequence[Question], answers: Mapping[str, str]) -> dict[str, str]:
    """The answers to what was asked; others are left out."""
    return {question.id: answers[question.id] for question in questions if answers.get(question.id)}


def told(found: Ruling, answers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Questions with their answers, in words (of a tick, *yes*); a question that there isn't any more is left out."""
    rows = [_shown(row) for row in found.body.get("questions", []) if row["id"] in answers]
    return [
        (one.text, _("Yes") if one.kind == "tick" else dict(one.choices).get(answers[one.id], answers[one.id]))
        for one in rows
    ]


# Checking ---------------------------------------------------------------------------------------------------------------------------


def check(body: Body) -> list[Reason]:
    rows = body.get("questions")
    if not isinstance(rows, list):
        return [Reason("questions", "The questions are a list.", "body.questions")]
    found: list[Reason] = []
    seen: set[str] = set()
    for place, row in enumerate(rows):
        where = f"body.questions[{place}]"
        if not isinstance(row, Mapping):
            found.append(Reason("question", f"{where} is not a question.", where))
            continue
        name = row.get("id")
        if not isinstance(name, str) or not name.isidentifier() or len(name) > 40 or name in seen:
            found.append(Reason("id", f"{where} has an id of its own: letters, digits and _.", f"{where}.id"))
        else:
            seen.add(name)
        if row.get("kind") not in KINDS:
            found.append(Reason("kind", f"A question is one of {', '.join(KINDS)}.", f"{where}.kind"))
        if not _is_text(row.get("text")):
            sentence = f"A question has a text of at most {LONGEST} characters, or one for each language."
            found.append(Reason("text", sentence, f"{where}.text"))
        if row.get("kind") == "choice":
            found += _wrong_choices(row.get("choices"), where)
        found += _wrong_names(row, where)
    return found


def _is_text(text: object) -> bool:
    if isinstance(text, Mapping):
        return bool(text) and all(isinstance(key, str) and _is_text(value) for key, value in text.items())
    return isinstance(text, str) and 0 < len(text) <= LONGEST


def _wrong_choices(choices: object, where: str) -> list[Reason]:
    fine = (
        isinstance(choices, list)
        and 2 <= len(choices) <= MOST_CHOICES
        and all(isinstance(one, Mapping) and isinstance(one.get("id"), str) and one["id"] for one in choices)
        and all(len(one["id"]) <= 40 and _is_text(one.get("text")) for one in choices)
        and len({one["id"] for one in choices}) == len(choices)
    )
    if fine:
        return []
    sentence = f"A choice has 2 to {MOST_CHOICES} answers, each with an id of its own and a text."
    return [Reason("choices", sentence, f"{where}.choices")]


def _wrong_names(row: Mapping[str, Any], where: str) -> list[Reason]:
    found = []
    for name, known in (
        ("reasons", set(reasons.CODES)),
        ("groups", set(reasons.GROUPS)),
        ("classes", {code for code, _label in classes.CHOICES}),
    ):
        told = row.get(name, [])
        if not isinstance(told, list) or not all(isinstance(one, str) and one in known for one in told):
            found.append(Reason(name, f"{name} of {where} holds one that there isn't.", f"{where}.{name}"))
    found += [
        Reason(name, f"{name} of {where} is true or false.", f"{where}.{name}")
        for name in ("required", "by_rule")
        if not isinstance(row.get(name, False), bool)
    ]
    return found


QUESTIONS = ruling.register(Kind(KIND, SHIPPED, check, told=True))
