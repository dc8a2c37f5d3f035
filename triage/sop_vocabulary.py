"""Clients' instructions in the words of the people who write them."""

from __future__ import annotations

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from revlog.common.words import word
from revlog.devices import classes
from revlog.terms import wording
from revlog.terms.wording import Choices, Template, Vocabulary, Word
from triage import sop
from triage.defects import DEFECTS
from triage.gates import GRADED

_word = lazy(word, str)
_PATHS: Choices = {code: _word(f"disposition.{code}") for code in sop.PATHS} | {sop.SALE: _("every way of selling")}
_CHANNELS: Choices = {code: _word(f"channel.{code}") for code in sop.CHANNELS}
_GRADES: Choices = {code: _word(f"grade.{code}") for code in GRADED}
FACTS = {
    "device_class": Word(_("Class"), "choice", choices={code: one.label for code, one in classes.CLASSES.items()}),
    "grade": Word(_("Grade"), "choice", choices=_GRADES),
    "value": Word(_("What it sells for as it is"), "money"),
    "media": Word(_("Media inside"), "list", help=_("As they are on record: ssd, hdd, nvme, ufs, emmc ...")),
    "has_data": Word(_("Holds data that isn't cleared"), "flag"),
    "faults": Word(_("Faults"), "list", choices={code: one.label for code, one in DEFECTS.items()}),
    "why": Word(_("Why it is here")),
    "tracking": Word(_("How it is counted")),
}
OUTCOMES = {
    "forbid": Word(_("These paths are shut"), "list", choices=_PATHS),
    "only": Word(_("Only these paths are open"), "list", choices=_PATHS),
    "forbid_channels": Word(_("Never sold by"), "list", choices=_CHANNELS),
    "only_channels": Word(_("Only sold by"), "list", choices=_CHANNELS),
    "least_grade": Word(_("Used again from grade"), "choice", choices=_GRADES),
    "drives": Word(_("Drives"), "choice", choices={"destroy": _("are destroyed, never wiped")}),
    "prefer": Word(_("Taken in this order, where open"), "list", choices=_PATHS),
    "weigh": Word(_("Weighed with the other paths"), "list", choices=_PATHS),
}
TEMPLATES = (
    Template(
        "drives",
        _("Every drive is destroyed"),
        {
            "id": "drives",
            "when": {"fact": "has_data", "op": "==", "value": True},
            "then": {"drives": "destroy"},
            "why": "All data carriers are destroyed, none is wiped.",
        },
    ),
    Template(
        "no_sale",
        _("A class isn't sold"),
        {
            "id": "no_sale",
            "when": {"fact": "device_class", "op": "==", "value": "network"},
            "then": {"forbid": [sop.SALE]},
            "why": "Network equipment isn't sold.",
        },
    ),
    Template(
        "above",
        _("Above a value it goes back"),
        {
            "id": "above",
            "when": {"fact": "value", "op": ">", "value": "500"},
            "then": {"only": ["RETURN_TO_OWNER"]},
            "why": "What is worth more than 500 goes back to its owner.",
        },
    ),
    Template(
        "first",
        _("Redeploy first"),
        {
            "id": "first",
            "when": {"fact": "grade", "op": "in", "value": ["NEW", "A", "B"]},
            "then": {"prefer": ["DEPLOY"]},
            "why": "Units in good order go back to work with their owner first.",
        },
    ),
)
wording.register(sop.KIND, Vocabulary(FACTS, OUTCOMES, {}, TEMPLATES))
