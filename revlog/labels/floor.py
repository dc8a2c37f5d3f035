"""PRINT: the label of the thing in the hand, at the station's printer. A second one asks why."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revlog.common.errors import NotFound, Reason
from revlog.labels import registry as labels
from revlog.labels.models import JobStatus, PrintJob, Reprint, Way
from revlog.labels.registry import Kind, Thing
from revlog.labels.services import printing
from revlog.scanning import registry
from revlog.scanning.answers import Action, Answer, action, leads
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.registry import Command

ALWAYS = "unit", "place", "container", "rma", "bag", "parcel"
"""The kind that a bare PRINT means; marks of dangerous goods are chosen by their button."""


def in_hand(here: Here) -> tuple[list[Kind], str]:
    """What kinds of label the thing in the hand has, and its id. Raises NotFound where nothing is in it, or it has no label."""
    hand, _colon, key = here.open.get("last", "").partition(":")
    found = labels.for_hand(here.by, hand) if key else []
    if not found:
        raise NotFound(Reason("nothing_shown", _("Scan what needs a label first, then PRINT.")))
    return found, key


def printed(here: Here, name: str, key: str, *, reason: str = "", variant: str = "") -> Answer:
    """Print it; where it was printed before and no reason is told, ask for one."""
    kind = labels.KINDS.get(name)
    if kind is None:
        raise NotFound(Reason("unknown", _("There is no such label.")))
    variant = kind.variant(variant)
    found = printing.things(kind, [key], variant=variant, by=here.by)
    if printing.printed(kind, found, variant) and reason not in Reprint.values:
        here.keep(label=f"{kind.name} {found[0].id} {variant}".strip())
        return _why(kind, found[0], variant)
    printers = printing.of_station(here.station)
    one = found[0]
    printer = printing.suiting(printers, one.label) if one.stored is None else None
    job = printing.ask(
        kind,
        found,
        hub=here.hub,
        station=here.station,
        printer=printer,
        variant=variant,
        reason=reason,
        by=here.by,
        at=here.at,
    )
    here.keep(label=None)
    return _told(job, kind, one)


def _told(job: PrintJob, kind: Kind, thing: Thing) -> Answer:
    waits = job.status == JobStatus.QUEUED and job.printer is not None
    said: Answer = {
        "tone": "accepted",
        "title": _("Label is printed") if waits else _("Label is ready"),
        "text": f"{thing.name} · {kind.title}" + (f" · {job.printer.name}" if job.printer is not None else ""),
        "actions": [leads(_("How the printing stands"), reverse("print_job", args=[job.pk]), icon="printer")],
    }
    if not waits:
        is_file = job.printer is not None and job.printer.way == Way.FILE
        label = _("Open the file for the printer") if is_file else _("Open the label")
        opens = leads(label, reverse("print_file", args=[job.pk]), code="OPEN", primary=True, icon="printer")
        said["actions"] = [opens, *said["actions"]]
    return said


def _why(kind: Kind, thing: Thing, variant: str) -> Answer:
    return {
        "tone": "attention",
        "title": _("It has this label already"),
        "text": f"{thing.name} · {kind.title}",
        "todo": _("Say why it is printed again."),
        "actions": [
            action(
                str(one.label).capitalize(), "labels_floor", _code(one), icon="printer", kind=kind.name, thing=thing.id,
                reason=one.value, variant=variant,
            )
            for one in Reprint
        ],
    }  # fmt: skip


def _code(one: Reprint) -> str:
    return f"REPRINT {one.name}"


def _print(here: Here, _reading: Reading) -> Answer:
    kinds, key = in_hand(here)
    usual = next((one for one in kinds if one.name in ALWAYS), kinds[0])
    said = printed(here, usual.name, key)
    others: list[Action] = [
        action(str(one.title), "labels_floor", icon="printer", kind=one.name, thing=key)
        for one in kinds
        if one is not usual
    ]
    return {**said, "actions": [*said.get("actions", []), *others]}


def _reprint(here: Here, _reading: Reading, reason: Reprint) -> Answer:
    """Why, as a code of the sheet: of the label that was just asked about, else of the usual one of the thing in the hand."""
    name, _space, rest = here.open.get("label", "").partition(" ")
    key, _space, variant = rest.partition(" ")
    if not key:
        kinds, key = in_hand(here)
        name = next((one for one in kinds if one.name in ALWAYS), kinds[0]).name
    return printed(here, name, key, reason=reason.value, variant=variant)


registry.command(Command("PRINT", gettext_lazy("Print its label"), "printer", "devices.locate", _print))
_LABELS = {
    Reprint.LOST: gettext_lazy("Print again: the label is lost"),
    Reprint.DAMAGED: gettext_lazy("Print again: the label is damaged"),
    Reprint.JAM: gettext_lazy("Print again: the printer jammed"),
    Reprint.WRONG: gettext_lazy("Print again: it came out wrong or elsewhere"),
    Reprint.CHANGED: gettext_lazy("Print again: what stands on it has changed"),
}
for _one, _label in _LABELS.items():
    _run: Callable[[Here, Reading], Answer] = partial(_reprint, reason=_one)
    registry.command(Command(_code(_one), _label, "printer", "devices.locate", _run))


def _offer(here: Here, thing: object, *, name: str) -> list[Action]:
    """The button beside what else can be done with a thing."""
    kind = labels.KINDS[name]
    key = getattr(thing, "pk", None)
    if key is None or not kind.may(here.by) or not here.by.may("devices.locate"):
        return []
    return [action(_("Print its label"), "labels_floor", "PRINT", icon="printer", kind=name, thing=key)]


for _name, _hand in (("unit", "device"), ("rma", "rma")):
    registry.next_for(_hand, order=95)(partial(_offer, name=_name))
