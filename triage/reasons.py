"""What the codes of a grade's reasons say to a reader: named ``because.<code>`` in the words, and said by ``words.because``."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, Promise] = {
    "sealed": _("The maker's seal is unbroken."),
    "untested": _("Nobody tested this yet."),
    "not_looked_at": _("Nobody looked at it yet; until then no better grade."),
    "works": _("A person tried it and it works."),
    "no_marks": _("A person looked and saw no marks."),
    "passed": _("Passed its tests: {tests}."),
    "stated": _("Stated by the inspector in the report."),
    "flaw": _("{flaw}, {severity}."),
    "flaw_at": _("{flaw} ({zone}), {severity}."),
    "battery_share": _("The battery holds {share} % of its design capacity."),
    "no_drive": _("There is no drive inside."),
    "drive_says_failing": _("Drive {drive} says itself that it is failing."),
    "drive_count": _("Drive {drive}: {count} {counter}."),
    "parts_there": _("All that belongs to it is there."),
    "part_gone": _("Missing: {part}."),
    "no_data": _("It holds no data."),
    "data_cleared": _("Its data is cleared."),
    "data_open": _("Its data waits to be cleared."),
    "data_stuck": _("Its data can't be cleared while a drive fails."),
    "drive_fine": _("Drive {drive} reports no fault."),
}
