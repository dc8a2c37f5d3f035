"""Test plans and photo rules in the words of the people who change them."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from revlog.devices import classes
from revlog.terms import wording
from revlog.terms.wording import Choices, Template, Vocabulary, Word
from triage import plans
from triage.defects import DEFECTS, SEVERITIES, ZONES, Axis
from triage.words import AXIS_WORDS, SEVERITY_WORDS, ZONE_WORDS

_CLASSES: Choices = {code: one.label for code, one in classes.CLASSES.items()}
_DEFECTS: Choices = {code: one.label for code, one in DEFECTS.items()}
_ZONES: Choices = {code: ZONE_WORDS[code] for code in sorted(ZONES)}
SECONDS = _("seconds")

_THING: Mapping[str, Word] = {
    "device_class": Word(_("Class"), "choice", choices=_CLASSES),
    "manufacturer": Word(_("Maker")),
    "model": Word(_("Model")),
    "why": Word(_("Why it is here")),
    "value": Word(_("What it is expected to bring"), "money"),
    "features": Word(_("What is in it"), "list", help=_("As reports name its parts; no_drive where it has none.")),
    "again": Word(_("Looked at again after the bench"), "flag"),
}
_OF_A_DEFECT: Mapping[str, Word] = {
    "defect": Word(_("Defect"), "choice", choices=_DEFECTS),
    "severity": Word(_("How bad"), "choice", choices={code: SEVERITY_WORDS[code] for code in SEVERITIES}),
    "zone": Word(_("Place"), "choice", choices=_ZONES),
    "axis": Word(_("What it weighs on"), "choice", choices={one.value: AXIS_WORDS[one.value] for one in Axis}),
}
TESTS: Mapping[str, Word] = {
    "title": Word(_("What is asked")),
    "seconds": Word(_("How long it takes"), "number", SECONDS),
    "wipe": Word(
        _("When it may run"),
        "choice",
        choices={plans.BEFORE: _("before the wipe too"), plans.AFTER: _("only after the wipe")},
    ),
    "faults": Word(_("What a fail means"), "list", choices=_DEFECTS),
    "reports": Word(_("Answered by reports that say"), "list"),
    "needs": Word(_("Only where this test was passed")),
}
PICTURES: Mapping[str, Word] = {
    "of": Word(
        _("Photo"),
        "choice",
        choices={plans.OF_DEFECT: _("of the defect"), plans.OF_FACES: _("of these places")},
    ),
    "faces": Word(_("Places"), "list", choices=_ZONES),
}
_NEW_TEST = Template(
    "dock_test",
    _("A test of one class"),
    {
        "id": "dock_test",
        "when": {"fact": "device_class", "op": "==", "value": "laptop"},
        "then": {"title": "Docking station", "seconds": 60, "wipe": "before", "faults": ["port"], "needs": "power"},
        "why": "Put it on a docking station: it charges and shows its picture.",
    },
)
_DENTS = Template(
    "dents",
    _("A photo of each severe or clear dent"),
    {
        "id": "dents",
        "when": {
            "all": [
                {"fact": "defect", "op": "==", "value": "dent"},
                {"fact": "severity", "op": "in", "value": ["major", "critical"]},
            ]
        },
        "then": {"of": "defect"},
        "why": "A dent is shown.",
    },
)
wording.register(plans.KIND, Vocabulary(_THING, TESTS, {}, (_NEW_TEST,)))
wording.register(
    plans.PHOTOS,
    Vocabulary({**_THING, **_OF_A_DEFECT}, PICTURES, {"dear": Word(_("Dear from"), "money")}, (_DENTS,)),
)
