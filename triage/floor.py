"""What triage offers for a scanned unit, and the command codes of grades."""

from __future__ import annotations

from functools import partial

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revlog.common import clock
from revlog.common.words import word
from revlog.devices import floor as units
from revlog.devices.faces import face, hides_grade
from revlog.devices.journey import ENDS, State
from revlog.devices.models import Device
from revlog.devices.services import decontaminating
from revlog.scanning import registry
from revlog.scanning.answers import Action, Answer, action, leads
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.registry import Command
from triage import judging, queries
from triage.models import SecondStatus
from triage.services import grading, inspection, sampling, second_look

hides_grade(lambda device, by, at: sampling.is_veiled(device, by=by, at=at))


@registry.next_for("device", order=15)
def _next(here: Here, device: Device) -> list[Action]:
    state = State(device.state)
    if not here.by.may("triage.inspect"):
        return []
    page = reverse("triage_unit", args=[device.tag])
    if decontaminating.is_needed(device):
        return []
    if state == State.RECEIVED:
        return [
            action(_("Begin triage"), "triage_floor_begin", "TRIAGE", primary=True, icon="stethoscope", unit=device.tag)
        ]
    if state != State.IN_TRIAGE:
        return []
    if (drawn := sampling.open_of(device)) is not None:
        if here.by.reference in drawn.firsts or drawn.status != SecondStatus.WAITING:
            return []
        page = reverse("triage_look", args=[device.tag])
        return [leads(_("Make the second look"), page, primary=True, icon="stethoscope")]
    label = _("Decide where it goes") if device.grade not in {"", judging.UNTESTED} else _("Test it and look at it")
    if device.grade in {"", judging.UNTESTED}:
        page = reverse("triage_look", args=[device.tag])
    return [leads(label, page, primary=True, icon="stethoscope")]


@registry.next_for("device", order=5)
def _paper(here: Here, device: Device) -> list[Action]:
    """A medical device without its record: what is to be done first."""
    if State(device.state) in ENDS or not decontaminating.is_needed(device):
        return []
    if not any(here.by.may(one) for one in decontaminating.MAY):
        return []
    page = reverse("triage_decontamination", args=[device.tag])
    return [leads(_("Write down its decontamination"), page, primary=True, icon="file-certificate")]


def begin(here: Here, device: Device) -> Answer:
    """Take a received unit in hand."""
    inspection.begin(device=device, by=here.by, at=here.at)
    here.show("device", device.pk)
    device.refresh_from_db()
    return {
        "tone": "accepted",
        "title": _("Triage begun"),
        "text": _("Test it, look at it, then decide."),
        "unit": face(device),
        "actions": registry.actions_for(here, "device", device),
    }


registry.command(
    Command(
        "TRIAGE",
        gettext_lazy("Begin its triage"),
        "stethoscope",
        "triage.inspect",
        lambda here, _reading: begin(here, units.at_hand(here)),
    )
)


def _grade(here: Here, _reading: Reading, letter: str) -> Answer:
    """Give the grade that a person names, when what is known of the unit gives it by the rules; else say what it gives, and why."""
    device = units.at_hand(here)
    if reasons := [*grading.reasons_against_grading(device), *second_look.reasons_against(device, by=here.by)]:
        raise grading.UnableToGrade(reasons)
    if reasons := sampling.reasons_against_knowing(device, by=here.by, at=here.at):
        raise grading.UnableToGrade(reasons)
    judged = grading.judged(device, at=clock.now())
    page = leads(_("Look at it again"), reverse("triage_unit", args=[device.tag]), primary=True, icon="stethoscope")
    if judged.overall != letter:
        told = "; ".join(each["sentence"] for each in queries.said(judged.reasons)[:2])
        return {
            "tone": "attention",
            "title": _("By the rules it is: %s") % word(f"grade.{judged.overall}"),
            "text": told,
            "todo": _("Nothing was graded. Note what you see, then grade it."),
            "unit": face(device),
            "actions": [page],
        }
    grading.grade(device=device, by=here.by, at=here.at)
    fresh = units.at_hand(here)
    return {
        "tone": "accepted",
        "title": word(f"grade.{letter}"),
        "unit": face(fresh),
        "actions": registry.actions_for(here, "device", fresh),
    }


for _letter, _label in (
    ("A", gettext_lazy("Grade A")),
    ("B", gettext_lazy("Grade B")),
    ("C", gettext_lazy("Grade C")),
    ("D", gettext_lazy("Grade D")),
):
    registry.command(
        Command(
            f"GRADE {_letter}",
            _label,
            "star",
            "triage.grade",
            partial(_grade, letter=_letter),
        )
    )
