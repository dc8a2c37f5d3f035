"""What the codes of a grade's reasons say to a reader, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from revlog.common.words import Audience, sentence, word

_SENTENCES: dict[str, Promise] = {
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
    "drive_fine": _("Drive {drive} reports no fault."),
}


def say(reason: Mapping[str, str], audience: Audience = Audience.STAFF) -> str:
    """One reason as a sentence; an unknown code, from a later version, is said by its name."""
    code = "flaw_at" if reason.get("code") == "flaw" and reason.get("zone") else reason.get("code", "")
    text = _SENTENCES.get(code)
    if text is None:
        return word(code, audience)
    values = dict(reason)
    for name in ("flaw", "zone", "severity", "counter"):
        if name in values:
            values[name] = word(values[name], audience)
    if "tests" in values:
        values["tests"] = ", ".join(word(f"test.{one}", audience) for one in values["tests"].split(", "))
    told = sentence(text, values, audience)
    return told[:1].upper() + told[1:]
