"""HAZARD on the floor: one scan freezes the thing in the hand and what shares its place, one photo shows it; the steps stand there
until the assessor has come. Containers that are to be inspected again are ticked off by scans."""

from __future__ import annotations

import uuid
from functools import partial

from django.urls import reverse
from django.utils.formats import time_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from revlog.common import ids
from revlog.common.errors import BadInput, NotFound, Reason
from revlog.common.words import word
from revlog.devices.faces import face
from revlog.devices.models import Device, Location
from revlog.scanning import registry
from revlog.scanning.answers import Action, Answer, Photo, action, leads
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.registry import Command, Found, Job
from revlog.storage.models import Container, HazardCase, HazardKind, HazardState
from revlog.storage.queries import hazards as queries
from revlog.storage.queries import places as place_reads
from revlog.storage.services.hazards import looking, reporting

JOB = "reinspect"
CODES = {
    HazardKind.SWOLLEN: "HAZARD BATTERY",
    HazardKind.HOT: "HAZARD HOT",
    HazardKind.LEAKING: "HAZARD LEAK",
    HazardKind.WATER: "HAZARD WATER",
    HazardKind.GLASS: "HAZARD GLASS",
    HazardKind.POWDER: "HAZARD POWDER",
}
registry.printed(queries.PREFIX)


def _hazard(here: Here, _reading: Reading, kind: HazardKind | None = None) -> Answer:
    """Freeze what lies in the hand; of a case that is shown, say what it really is."""
    if here.shown("hazard"):
        case = _case(here, here.shown("hazard")[0])
        if kind is not None and case.state == HazardState.OPEN:
            case = reporting.recognize(case, kind, by=here.by, at=here.at)
        return shown(here, case)
    device = _device(here)
    place = None if device is not None else _place(here)
    if device is None and place is None:
        return _nothing_in_hand(here, kind or HazardKind.OTHER)
    case = reporting.report(hub=here.hub, device=device, place=place, kind=kind, by=here.by, at=here.at)
    return shown(here, case)


def _nothing_in_hand(here: Here, kind: HazardKind) -> Answer:
    """Nobody knows what it is about: the steps stand there all the same."""
    steps = queries.steps_for(here.hub, kind)
    return {
        "tone": "refused",
        "title": _("HAZARD: of what?"),
        "text": _("Nothing is frozen yet."),
        "todo": _("When it is safe, scan the thing or its place, then HAZARD."),
        "call": steps.call,
        "steps": steps.lines,
    }


def shown(here: Here, case: HazardCase) -> Answer:
    """The case lies in the hand: its steps, its clock, the photo that is missing, and what else it may be."""
    here.show("hazard", case.pk)
    units, places = case.units.count(), [row.place.code for row in case.places.select_related("place")]
    if case.state != HazardState.OPEN:
        return {
            "tone": "accepted",
            "title": _("Assessed"),
            "text": f"{case.number} · {word(f'verdict.{case.verdict}')}",
            "actions": [_opens(case)],
        }
    steps = queries.steps_for(case.hub, case.kind)
    told = [
        case.number,
        word(f"danger.{case.kind}"),
        ngettext("%s unit frozen", "%s units frozen", units) % units,
        *([_("nothing goes in or out of %s") % ", ".join(places[:3])] if places else []),
        _("assessor by %(time)s, %(left)s")
        % {"time": time_format(localtime(case.due_at), "H:i"), "left": queries.left(case, here.at)},
    ]
    said: Answer = {
        "tone": "refused",
        "stands": True,
        "title": _("FROZEN"),
        "text": " · ".join(told),
        "call": steps.call,
        "steps": steps.lines,
        "unit": face(case.device) if case.device is not None else None,
        "actions": [_is(kind, code) for kind, code in CODES.items() if kind != case.kind] + [_opens(case)],
    }
    if case.photo_id is None:
        said["photo"] = _photo(case)
    return said


def _photo(case: HazardCase) -> Photo:
    return {
        "label": _("Photo, from where you stand"),
        "url": reverse("hazard_picture"),
        "sends": {"case": str(case.pk)},
    }


def _is(kind: HazardKind, code: str) -> Action:
    made = action(str(kind.label).capitalize(), "floor_scan", code, icon="alert-triangle")
    made["sends"]["code"] = code
    return made


def _opens(case: HazardCase) -> Action:
    return leads(_("Open"), reverse("hazard", args=[case.number]), icon="arrow-right")


def pictured(here: Here, case: HazardCase) -> Answer:
    return {**shown(here, case), "title": _("FROZEN, photo kept")}


def _case(here: Here, key: str) -> HazardCase:
    rows = HazardCase.objects.visible_to(here.by).select_related(
        "hub", "device__owner", "device__hub", "device__location"
    )
    found = rows.filter(pk=_key(key)).first()
    if found is None:
        raise NotFound(Reason("unknown", _("There is no such case at your site.")))
    return found


def by_id(here: Here, told: str) -> HazardCase:
    return _case(here, told)


def _key(told: str) -> uuid.UUID:
    try:
        return uuid.UUID(told)
    except ValueError:
        raise BadInput(Reason("unknown", _("Scan it again."))) from None


def _device(here: Here) -> Device | None:
    keys = here.shown("device")
    rows = Device.objects.visible_to(here.by).select_related("location", "hub", "owner")
    return rows.filter(pk__in=keys).first() if keys else None


def _place(here: Here) -> Location | None:
    keys = here.shown("container") or here.shown("place")
    return place_reads.visible(here.by).filter(pk__in=keys).first() if keys else None


registry.command(
    Command("HAZARD", gettext_lazy("Hazard: freeze it"), "alert-triangle", "devices.hold", _hazard, danger=True)
)
for _kind, _code in CODES.items():
    registry.command(
        Command(
            _code, _kind.label, "alert-triangle", "devices.hold",
            partial(_hazard, kind=_kind), danger=True,
        )
    )  # fmt: skip


def _find(here: Here, reading: Reading) -> Found | None:
    case = queries.by_number(reading.text, here.by) if ids.holds(reading.text, queries.PREFIX) else None
    return Found("hazard", case) if case is not None else None


@registry.kind("hazard", order=53, find=_find)
def answer(here: Here, reading: Reading, found: Found) -> Answer:
    return shown(here, _case(here, str(found.thing.pk)))


@registry.next_for("device", order=5)
def _of_a_case(here: Here, device: Device) -> list[Action]:
    """A unit that stands still for a hazard says for which."""
    if not device.holds or not here.by.is_operator or not here.by.may("devices.hold"):
        return []
    row = device.hazards.filter(verdict="").select_related("case").first()
    return (
        [leads(_("Hazard %s") % row.case.number, reverse("hazard", args=[row.case.number]), icon="alert-triangle")]
        if row
        else []
    )


# Inspecting again --------------------------------------------------------------------------------------------------------------------


@registry.next_for("container", order=5)
def _look(here: Here, container: Container) -> list[Action]:
    if not container.location.frozen_by or not here.by.may("devices.hold") or looking.of_place(container.pk) is None:
        return []
    return [
        action(_("Looked inside: all well"), "hazard_all_well", "WELL", primary=True, icon="check", place=container.pk),
        _danger(),
    ]


def _danger() -> Action:
    made = action(_("Hazard"), "floor_scan", "HAZARD", danger=True, icon="alert-triangle")
    made["sends"]["code"] = "HAZARD"
    return made


def _opened(here: Here) -> Answer:
    return _next(here, title=_("Inspect again"))


def _next(here: Here, *, title: str, text: str = "") -> Answer:
    rows = list(queries.looks(here.by, here.hub)[:50])
    if not rows:
        return {
            "tone": "accepted",
            "title": title,
            "text": " ".join([text, _("No container waits to be inspected.")]).strip(),
        }
    first = rows[0]
    where = first.place.parent.code if first.place.parent is not None else ""
    counted = ngettext("%s container waits.", "%s containers wait.", len(rows)) % len(rows)
    return {
        "tone": "accepted",
        "title": title,
        "text": " ".join(part for part in (text, counted) if part),
        "todo": _("Look inside for swelling, heat, smell and wet spots. Scan it, then WELL or HAZARD."),
        "goes_to": " · ".join(part for part in (first.place.code, where) if part),
    }


def all_well(here: Here, told: str) -> Answer:
    place = place_reads.visible(here.by).filter(pk=_key(told)).first()
    if place is None:
        raise NotFound(Reason("unknown", _("This place is not at your site.")))
    looking.all_well(place, by=here.by, at=here.at)
    return _next(here, title=_("All well"), text=_("%s is free again.") % place.code)


registry.job(
    Job(
        name=JOB,
        label=gettext_lazy("Inspect again"),
        about=gettext_lazy("look into containers that came with a hazard"),
        icon="search",
        permission="devices.hold",
        command="REINSPECT",
        opened=_opened,
        answer=lambda _here, _reading: None,
        hint=gettext_lazy("the container"),
    )
)
