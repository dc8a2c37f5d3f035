"""What stands in a cell: a value, nothing, or something that a spreadsheet made of a value and that can't be undone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from revlog.common.tables.shapes import Cell, Kind

_NOTHING = {
    "", "na", "n a", "no a", "none", "null", "nil", "unknown", "unbekannt", "inconnu", "inconnue", "desconocido", "onbekend",
    "sconosciuto",
    "keine", "kein", "keiner", "keine angabe", "k a", "ohne", "sans", "aucun", "aucune", "neant", "geen", "niet beschikbaar", "sin",
    "sin serie",
    "ninguno", "nv", "no", "non", "nein", "nee", "tbd", "tba", "missing", "fehlt", "manquant", "falta", "not available",
    "not applicable", "nicht vorhanden", "nicht verfugbar",
    "non disponible", "no disponible", "no aplica", "nvt", "n v t", "undefined", "empty", "leer", "vide", "vacio", "leeg", "blank",
    "nicht lesbar",
    "unreadable", "illisible", "ilegible", "onleesbaar", "not readable", "s n", "sn", "kein etikett", "no tag", "no serial", "no label",
    "not found", "tbc", "xxx", "x", "entfallt", "sans objet", "nan",
}  # fmt: skip
_SCIENTIFIC = re.compile(r"^[+-]?\d+([.,]\d+)?[eE]\+\d+$|^[+-]?\d+[.,]\d+[eE]-?\d+$")
_WHOLE_WITH_POINT = re.compile(r"^(\d+)[.,]0+$")
_DAY = re.compile(
    r"^(\d{1,2}[./]\d{1,2}[./](19|20)\d{2}|(19|20)\d{2}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?"
    r"|\d{1,2}[-. ](MONTH)[a-z]*\.?([-. ]\d{2,4})?|(MONTH)[a-z]*\.?[-. ]\d{2,4})$".replace(
        "MONTH", "[Jj]an|[Ff]eb|[Mm][aä]r|[Aa]pr|[Mm]a[iy]|[Jj]u[nl]|[Aa]ug|[Ss]ep|[Oo][ck]t|[Nn]ov|[Dd]e[cz]"
    )
)
"""As a spreadsheet shows a day that it made of something; all in capitals it is somebody's own number."""
_NAME = re.compile(r"^[\w./\\\-+#*:()&, ]{1,60}$")
MOST_DIGITS = 15
"""A spreadsheet keeps fifteen digits of a number; of a longer one the last are made up."""


SPOILED: Mapping[str, Promise] = {
    "broken": _("Its quotes can't be told apart, so neither can its cells."),
    "scientific": _(
        "“%(told)s” is what a spreadsheet made of a long number; its digits are lost. Format the column as text and "
        "fill it again."
    ),
    "rounded": _(
        "“%(told)s” has more digits than a spreadsheet keeps, so the last are made up. Format the column as text and "
        "fill it again."
    ),
    "fraction": _("“%(told)s” is a figure, not a number of a thing."),
    "date": _("“%(told)s” is a date; a spreadsheet may have made it of a number. Format the column as text and fill it again."),
    "formula": _("A formula stands there, and its value isn't in the file. Save the file in a spreadsheet, or put in the value."),
    "error": _("A formula that failed stands there: %(told)s."),
    "no_name": _("“%(told)s” can't be the number of a thing."),
}  # fmt: skip
"""Why a row can't be taken that holds such a cell, in words; ``told`` is what stands there."""


def text_of(cell: Cell) -> str:
    """The text of a cell on one line, without what can't be printed."""
    bare = "".join(one if one.isprintable() else " " for one in cell.text)
    return " ".join(bare.split())


def is_nothing(text: str) -> bool:
    """ "N/A", "-", "unbekannt": where a value should stand somebody said that there is none."""
    if not re.search(r"[^\W_]", text):
        return True
    return " ".join(re.findall(r"[a-z0-9]+", plain(text))) in _NOTHING


def spoiled(cell: Cell) -> str:
    """Why what stands here can't be a number of a thing, though something does: the code of the refusal, empty when it can."""
    text = text_of(cell)
    if cell.kind == Kind.FORMULA:
        return "formula"
    if cell.kind == Kind.ERROR:
        return "" if is_nothing(text) else "error"
    if cell.kind == Kind.DATE:
        return "date"
    if cell.kind == Kind.BOOL:
        return "no_name"
    if _SCIENTIFIC.match(text):
        return "scientific"
    if cell.kind == Kind.NUMBER:
        digits = text.lstrip("-")
        if not digits.isdigit() or text.startswith("-"):
            return "fraction"
        return "rounded" if len(digits.lstrip("0")) > MOST_DIGITS else ""
    if _DAY.match(text):
        return "date"
    return ""


def bare_number(text: str) -> str | None:
    """The digits of a whole number that was written with a point and zeros ("12345.0"), else None."""
    told = _WHOLE_WITH_POINT.match(text)
    return told.group(1) if told is not None and len(told.group(1)) <= MOST_DIGITS else None


def may_name(text: str) -> bool:
    """Whether it can be the number of a thing at all: a line of prose isn't."""
    if not _NAME.match(text) or ": " in f"{text} " or text.count(" ") > 2 or text.startswith(("=", "+", "@")):
        return False
    return any(one.isdigit() for one in text) or (" " not in text and text.upper() == text and len(text) >= 5)


def plain(text: str) -> str:
    """Without accents, for comparing words."""
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one)).lower()
