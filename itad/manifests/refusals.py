"""Why a row of a manifest was refused, and what was noted of one that was taken: the codes, and the sentences people read."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from revlog.common.tables.cells import SPOILED

REFUSED: Mapping[str, Promise] = {
    **SPOILED,
    "nameless": _("Neither serial nor asset tag, and no count with maker, model or category."),
    "too_short": _("“%(told)s” is too short to be a serial."),
    "placeholder": _("“%(told)s” is no serial."),
    "imei": _("“%(told)s” is no IMEI: it needs fifteen digits, of which the last checks the others."),
    "count": _("“%(told)s” is no count from 1 to 100,000."),
    "too_many": _("Of things that may hold data at most %(told)s go in one line; each becomes a unit of its own. Split the line."),
    "count_named": _("It names one thing and counts %(told)s; give each its own line."),
    "twice": _("The same unit as line %(told)s."),
    "swapped": _("Serial and asset tag look swapped: “%(told)s” is like the other asset tags of this list."),
    "two_units": _("Its numbers are of two different units: %(told)s. Open both and settle which is right."),
    "other_asset_tag": _("The unit with this serial has another asset tag: %(told)s."),
    "other_serial": _("The unit with this asset tag has another serial: %(told)s."),
    "several": _("Several units have this number: %(told)s."),
    "unit_refused": _("It can't be taken: %(told)s"),
}  # fmt: skip
NOTED: Mapping[str, Promise] = {
    "category": _("The category “%(told)s” isn't known; it is taken as other, which may hold data."),
    "imei_as_serial": _("The serial is an IMEI and was taken as one."),
    "imei": _("“%(told)s” is no IMEI and was left out."),
    "decimal": _("“%(told)s” was taken as the whole number that it is; zeros in front would be lost."),
    "hidden": _("The row is hidden in the sheet; it was read all the same."),
    "names_swapped": _("Serial and asset tag stand in each other's column; the unit was found by them."),
    "serial_joined": _("The unit was known by its asset tag; its serial %(told)s was noted."),
    "asset_tag_joined": _("The unit was known by its serial; its asset tag %(told)s was noted."),
    "is_here": _("It is with us already."),
    "was_here": _("It was here before; its scan at the dock begins its next stay."),
}
WARNED: Mapping[str, Promise] = {
    "hidden_sheet": _("The sheet “%(told)s” is hidden and was not read."),
    "no_head": _("On the sheet “%(told)s” no line names the columns; it was not read."),
    "only_counts": _("The sheet “%(told)s” only counts what other sheets list; it was not read."),
    "hidden_rows": _("%(told)s rows are hidden in the sheet; they were read all the same."),
    "total": _("Line %(told)s is a total and was left out."),
    "head_again": _("Line %(told)s names the columns again and was left out."),
    "swapped_columns": _("The column of serials looks like asset tags (“%(told)s”). Look whether the two are swapped."),
    "imei_column": _("%(told)s serials are IMEIs; they are taken as such."),
}
MOST_WARNINGS = 40


def refused(code: str, told: str) -> str:
    """The reason in words. Raises KeyError for a code that isn't one."""
    return str(REFUSED[code]) % {"told": told}


def noted(code: str, told: str) -> str:
    return str(NOTED[code]) % {"told": told}


def warned(code: str, told: str) -> str:
    return str(WARNED[code]) % {"told": told}
