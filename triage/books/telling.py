"""What a grade book found, in plain sentences."""

from __future__ import annotations

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revlog.common.words import because, word
from revlog.devices.classes import CLASSES
from triage.books import Book, Missed, Standing
from triage.books.vocabulary import ANY, LEVELS, WHOLE, Clause, Failed
from triage.defects import DEFECTS, Axis

CERTAINTY = {
    "own": gettext_lazy("Your own rules."),
    "read": gettext_lazy("Read in the publisher's own text."),
    "secondary": gettext_lazy("Read second-hand, not in the publisher's own text."),
    "known": gettext_lazy("As it is known in the trade; the publisher's text wasn't read."),
    "uncertain": gettext_lazy("Uncertain: check it against what you agreed, and change it here."),
}
_NONE = {
    "": gettext_lazy("%(found)s; %(grade)s allows none."),
    "screen": gettext_lazy("%(found)s; %(grade)s allows none on the screen."),
    "keyboard": gettext_lazy("%(found)s; %(grade)s allows none on the keyboard."),
    "housing": gettext_lazy("%(found)s; %(grade)s allows none on the housing."),
}
_LIGHT = {
    "": gettext_lazy("%(found)s; %(grade)s allows light ones only."),
    "screen": gettext_lazy("%(found)s; %(grade)s allows light ones only on the screen."),
    "keyboard": gettext_lazy("%(found)s; %(grade)s allows light ones only on the keyboard."),
    "housing": gettext_lazy("%(found)s; %(grade)s allows light ones only on the housing."),
}
_NOT_SEVERE = {
    "": gettext_lazy("%(found)s; %(grade)s allows no severe ones."),
    "screen": gettext_lazy("%(found)s; %(grade)s allows no severe ones on the screen."),
    "keyboard": gettext_lazy("%(found)s; %(grade)s allows no severe ones on the keyboard."),
    "housing": gettext_lazy("%(found)s; %(grade)s allows no severe ones on the housing."),
}
_WORST = {"none": _NONE, "minor": _LIGHT, "major": _NOT_SEVERE}
_FLAGS = {
    "tested": gettext_lazy("Nobody tried yet whether it works; %(grade)s asks for that."),
    "looked_at": gettext_lazy("Nobody looked at it yet; %(grade)s asks for that."),
    "not_compared": gettext_lazy("Nobody compared what belongs to it; %(grade)s asks for that."),
    "cleared": gettext_lazy("Its data isn't cleared; %(grade)s asks for that."),
    "sealed": gettext_lazy("It isn't sealed by its maker; %(grade)s is for sealed goods."),
}
_WANTING = {
    "tested": gettext_lazy("Nobody tried yet whether it works."),
    "looked_at": gettext_lazy("Nobody looked at it yet."),
}
_KINDS = {
    ANY: gettext_lazy("Defects"),
    Axis.COSMETIC: gettext_lazy("Marks"),
    Axis.FUNCTION: gettext_lazy("Faults of function"),
    Axis.BATTERY: gettext_lazy("Faults of the battery"),
    Axis.STORAGE: gettext_lazy("Faults of drives"),
    Axis.COMPLETENESS: gettext_lazy("Missing parts"),
    Axis.LOCK: gettext_lazy("Locks"),
    Axis.HAZARD: gettext_lazy("Dangers"),
}


def sentence(failed: Failed, grade: str) -> str:
    """Why it isn't ``grade``, as the book calls it: "Scratches (front), severe; Excellent allows none on the screen."."""
    told: dict[str, Any] = {"grade": _(grade)}
    match failed["word"]:
        case "worst":
            return str(_WORST[failed["allowed"]][failed["place"]]) % (told | {"found": _found(failed)})
        case "most":
            told |= {"what": _counted(failed), "count": failed["count"], "allowed": failed["allowed"]}
            return _("%(what)s: %(count)s found; %(grade)s allows %(allowed)s at the most.") % told
        case "battery":
            told |= {"share": failed["share"], "least": failed["least"]}
            return _("The battery holds %(share)s %% of its capacity; %(grade)s asks for %(least)s %%.") % told
        case "battery_unread":
            return _("Nobody read its battery; %(grade)s asks for %(least)s %%.") % (told | {"least": failed["least"]})
        case "axis":
            return _of_an_axis(failed, told)
        case "complete":
            told["missing"] = ", ".join(word(part) for part in failed["missing"])
            return _("Missing: %(missing)s; %(grade)s asks for all that belongs to it.") % told
        case name:
            return str(_FLAGS[name]) % told


def _found(failed: Failed) -> str:
    """What was found where and how bad, the way the reasons of a grade say it."""
    code, zone = failed["flaw"], failed["zone"]
    name = capfirst(word(code))
    if zone:
        name = f"{name} ({word(f'zone.{zone}')})"
    defect = DEFECTS.get(code)
    if defect is None or len(defect.severities) > 1:
        name = f"{name}, {word(failed['severity'])}"
    return name


def _counted(failed: Failed) -> str:
    kind = str(_KINDS[failed["of"]]) if failed["of"] in _KINDS else capfirst(word(failed["of"]))
    parts = [kind]
    if failed["place"]:
        parts.append(f"({word('zone.body' if failed['place'] == 'housing' else 'zone.' + failed['place'])})")
    name = " ".join(parts)
    how = {"major": _("clear or worse"), "critical": _("severe")}.get(failed["from"])
    return f"{name}, {how}" if how else name


def _of_an_axis(failed: Failed, told: dict[str, Any]) -> str:
    told |= {"letter": failed["letter"], "least": failed["least"]}
    why = " ".join(because(one) for one in failed.get("because", ()))
    if failed["of"] == WHOLE:
        text = _("Graded %(letter)s as a whole; %(grade)s asks for %(least)s.") % told
    else:
        told["axis"] = capfirst(word(f"axis.{failed['of']}"))
        text = _("%(axis)s: %(letter)s; %(grade)s asks for %(least)s.") % told
    return f"{text} {why}".rstrip()


def wanting(failed: Failed) -> str:
    """Why the book doesn't judge."""
    if failed["word"] == "axis_unknown":
        if failed["of"] == WHOLE:
            return _("It has no grade by our own rubric yet.")
        return _("Nobody tested this yet: %s.") % word(f"axis.{failed['of']}")
    return str(_WANTING[failed["word"]])


def as_data(found: Standing) -> dict[str, Any]:
    """A standing for pages and the API, each reason a sentence."""
    book = found.book
    return {
        "book": book.code,
        "name": _(book.name),
        "publisher": book.publisher,
        "edition": book.edition,
        "version": book.version,
        "source": _(book.source) if book.source else "",
        "certainty": book.certainty,
        "certainty_says": str(CERTAINTY[book.certainty]),
        "judged": found.judged,
        "grade": found.code,
        "called": _called(found),
        "means": _(found.grade.means) if found.grade and found.grade.means else "",
        "wanting": [wanting(one) for one in found.wanting],
        "better": [
            {
                "grade": missed.grade.code,
                "called": _(missed.grade.name),
                "why": list(dict.fromkeys(sentence(one, missed.grade.name) for one in _strictest(missed))),
            }
            for missed in reversed(found.better)
        ],
    }


def _strictest(missed: Missed) -> list[Failed]:
    """Of several conditions that one defect breaks, the one that asks for most."""
    least: dict[tuple[str, str, str], int] = {}
    for one in missed.failed:
        if one["word"] == "worst":
            least[_flaw(one)] = min(LEVELS[one["allowed"]], least.get(_flaw(one), len(LEVELS)))
    return [one for one in missed.failed if one["word"] != "worst" or LEVELS[one["allowed"]] == least[_flaw(one)]]


def _flaw(failed: Failed) -> tuple[str, str, str]:
    return failed["flaw"], failed["zone"], failed["severity"]


def _called(found: Standing) -> str:
    if not found.judged:
        return _(found.book.unjudged) if found.book.unjudged else _("not judged")
    return _(found.grade.name) if found.grade else _("none of its grades")


# What a grade asks for --------------------------------------------------------------------------------------------------------------------

_ON = {
    "": "",
    "screen": gettext_lazy("on the screen"),
    "keyboard": gettext_lazy("on the keyboard"),
    "housing": gettext_lazy("on the housing"),
}
_AT_WORST = {
    "none": gettext_lazy("%(what)s: none"),
    "minor": gettext_lazy("%(what)s: light ones only"),
    "major": gettext_lazy("%(what)s: no severe ones"),
}
_ASKED = {
    "tested": gettext_lazy("Tried by somebody or something"),
    "looked_at": gettext_lazy("Looked at by a person"),
    "complete": gettext_lazy("Nothing that belongs to it is missing"),
    "cleared": gettext_lazy("Its data is cleared, or it holds none"),
    "sealed": gettext_lazy("The maker's seal is unbroken"),
}


def asks(clause: Clause) -> str:
    """A condition as a line of a list: "Marks on the screen: none"."""
    match clause.word:
        case "worst":
            return str(_AT_WORST[clause.value]) % {"what": _subject(clause)}
        case "most":
            how = {"major": _("clear or worse"), "critical": _("severe")}.get(clause.from_, "")
            what = f"{_subject(clause)}, {how}" if how else _subject(clause)
            return _("%(what)s: %(allowed)s at the most") % {"what": what, "allowed": clause.value}
        case "battery":
            return _("Battery: read, and at least %(least)s %% of its capacity") % {"least": clause.value}
        case "axis" if clause.of == WHOLE:
            return _("Our own grade as a whole: %(least)s or better") % {"least": clause.value}
        case "axis":
            told = {"axis": capfirst(word(f"axis.{clause.of}")), "least": clause.value}
            return _("%(axis)s by our own rubric: %(least)s or better") % told
        case name:
            return str(_ASKED[name])


def _subject(clause: Clause) -> str:
    kind = str(_KINDS[clause.of]) if clause.of in _KINDS else capfirst(word(clause.of))
    return f"{kind} {_ON[clause.place]}".rstrip()


def shown(book: Book) -> dict[str, Any]:
    """A book as a page shows it, in plain words."""
    return {
        "code": book.code,
        "name": _(book.name),
        "publisher": book.publisher,
        "edition": _(book.edition) if book.edition else "",
        "version": book.version.removeprefix(book.code).lstrip("-/"),
        "source": _(book.source) if book.source else "",
        "certainty_says": str(CERTAINTY[book.certainty]),
        "uncertain": book.certainty == "uncertain",
        "classes": [capfirst(str(CLASSES[code].label)) for code in sorted(book.classes)],
        "needs": [str(_ASKED[need]) for need in book.needs],
        "unjudged": _(book.unjudged) if book.unjudged else _("not judged"),
        "grades": [
            {
                "code": grade.code,
                "name": _(grade.name),
                "means": _(grade.means) if grade.means else "",
                "asks": [asks(clause) for clause in grade.clauses],
            }
            for grade in book.grades
        ],
    }
