"""Containers on the floor. First what, then where: a container and a place move it with all that is in it; a unit and a container put the
unit in; with a container in hand, each unit that is scanned goes in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from revlog.common.errors import BadInput, NotFound, Reason
from revlog.common.words import word
from revlog.devices import identifiers
from revlog.devices import queries as units
from revlog.devices.faces import face
from revlog.devices.models import Device, Location, LocationKind
from revlog.scanning import answers, registry
from revlog.scanning.answers import Action, Answer, action, leads
from revlog.scanning.codes import Reading
from revlog.scanning.here import IN_HAND, Here
from revlog.scanning.registry import Found, Job
from revlog.storage.models import Container, ContainerState
from revlog.storage.queries import containers as reads
from revlog.storage.services.containers import filling, keeping, moving

JOB = "containers"
FREE = frozenset({"", "move", JOB})
"""Jobs at hand in which a container that is scanned begins to be moved or filled; every other job keeps its scanner."""
registry.printed(reads.PREFIX)


def _find(here: Here, reading: Reading) -> Found | None:
    if identifiers.tag(reading.text):
        return None
    labels = [reading.elements[name] for name in ("asset", "sscc") if reading.elements.get(name)]
    found = reads.known(reading.text, here.by, label=labels, hub=here.hub)
    return None if found is None else Found("container", found)


@registry.kind("container", order=15, find=_find)
def answer(here: Here, reading: Reading, found: Found) -> Answer:
    container: Container = found.thing
    if container.location.hub_id != here.hub.pk:
        return {
            "tone": "attention",
            "title": container.number,
            "text": _("It belongs to %(hub)s.") % {"hub": container.location.hub.name},
            "todo": _("Put it aside and tell your lead."),
            "actions": [_opens(container)],
        }
    if here.job in FREE and here.by.may("devices.locate"):
        if (unit := _unit_in_hand(here)) is not None and unit.location_id != container.pk:
            return _put(here, unit, container)
        here.keep(job=JOB)
    return take_up(here, container)


def take_up(here: Here, container: Container) -> Answer:
    """It lies in the hand from now on: the next scan says where it goes, or what goes in."""
    here.show("container", container.pk)
    here.keep(container=container.pk, seen=moving.stands(container))
    return shown(here, container) | {"todo": _("Scan the place where it goes, or what goes in.")}


def shown(here: Here, container: Container) -> Answer:
    inside = keeping.contents(container)
    told = [word(f"container.{container.kind}"), word(f"container_state.{container.state}"), _units(inside.units)]
    if place := reads.path(container.location.parent_id):
        told.append(_("in %s") % place)
    shut = container.state in {ContainerState.SEALED, ContainerState.RETIRED}
    return {
        "tone": "attention" if shut else "accepted",
        "title": container.number,
        "text": " · ".join(told),
        "actions": [*registry.actions_for(here, "container", container), _opens(container)],
    }


@registry.next_for("container")
def _buttons(here: Here, container: Container) -> list[Action]:
    if not here.by.may("devices.locate"):
        return []
    if container.state == ContainerState.OPEN:
        return [action(_("Close it"), "container_floor", "CLOSE", icon="lock", container=container.pk, act="close")]
    if container.state == ContainerState.CLOSED:
        return [action(_("Open it"), "container_floor", "OPEN", icon="key", container=container.pk, act="open")]
    return []


def _opened(here: Here) -> Answer:
    here.keep(container=None, seen=None)
    return {
        "tone": "accepted",
        "title": _("Containers"),
        "todo": _("Scan a container, then the place where it goes; or a unit, then the container that it goes into."),
    }


def _answer(here: Here, reading: Reading) -> Answer | None:
    """The job: the first scan says what, the second where. Whatever it doesn't know is answered as anywhere."""
    at_hand = _container_in_hand(here)
    found = _find(here, reading)
    if found is not None:
        other: Container = found.thing
        if at_hand is None or at_hand.pk == other.pk or other.location.hub_id != here.hub.pk:
            return None
        return _move(here, at_hand, other.location)
    if (place := _place(here, reading)) is not None:
        if at_hand is None:
            return None
        return _move(here, at_hand, place)
    if at_hand is not None and (unit := _unit(here, reading)) is not None:
        return _put(here, unit, at_hand, filling_it=True)
    return None


registry.job(
    Job(
        name=JOB,
        label=gettext_lazy("Containers"),
        about=gettext_lazy("move totes, cages and pallets with all that is in them, and fill them"),
        icon="packages",
        permission="devices.locate",
        command="CONTAINER",
        opened=_opened,
        answer=_answer,
        hint=gettext_lazy("a container, then its place"),
    )
)


def _move(here: Here, container: Container, place: Location) -> Answer:
    seen = here.open.get("seen", "")
    here.keep(container=None, seen=None)
    return move(here, container, place, seen=seen)


def move(here: Here, container: Container, place: Location, *, seen: str) -> Answer:
    if container.location.parent_id == place.pk and seen in {"", place.code}:
        return {
            "tone": "attention",
            "title": _("It is there already"),
            "text": reads.last_move(container),
            "actions": [_opens(container)],
        }
    entry = moving.move(container, place, seen_at=seen, by=here.by, at=here.at)
    if entry is None:
        return {"tone": "attention", "title": _("It is there already"), "text": reads.last_move(container)}
    count = int(entry.payload["units"])
    said: Answer = {
        "tone": "accepted",
        "title": _("%(container)s is in %(place)s") % {"container": container.number, "place": place.code},
        "text": ngettext("%s unit moved with it.", "%s units moved with it.", count) % count,
        "actions": [_opens(container)],
    }
    if seen:
        said["undo"] = answers.undo(
            "container_move",
            _("Undo: %(container)s moved to %(place)s") % {"container": container.number, "place": place.code},
            container=container.pk,
            back=seen,
            seen=place.code,
        )
    return said


@registry.undoing("container_move")
def _move_back(here: Here, told: Mapping[str, str]) -> Answer:
    container = by_id(here, told["container"])
    place = Location.objects.filter(hub=here.hub, code=told["back"]).select_related("hub").first()
    if place is None:
        raise NotFound(Reason("unknown", _("There is no place %s any more.") % told["back"]))
    moving.move(container, place, seen_at=told["seen"], by=here.by, at=here.at)
    return {
        "tone": "accepted",
        "title": _("Taken back"),
        "text": _("%(container)s is in %(place)s again.") % {"container": container.number, "place": place.code},
    }


def _put(here: Here, unit: Device, container: Container, *, filling_it: bool = False) -> Answer:
    before = unit.location
    filling.put([unit], container, by=here.by, at=here.at)
    if filling_it:
        here.show("container", container.pk)
    else:
        here.keep(last=None, container=None, seen=None)
    inside = container.location.devices.count()
    fit = container.location.capacity
    said: Answer = {
        "tone": "accepted",
        "title": _("In %s") % container.number,
        "text": _("%(units)s of %(fit)s in it") % {"units": inside, "fit": fit} if fit else _units(inside),
        "unit": face(Device.objects.select_related("location").get(pk=unit.pk)),
        "actions": [_opens(container)],
    }
    if before is not None:
        said["undo"] = answers.undo(
            "container_put",
            _("Undo: %(thing)s %(tag)s put in %(place)s")
            % {"thing": unit.face, "tag": unit.tag, "place": container.number},
            unit=unit.pk,
            back=before.pk,
            place=container.pk,
        )
    return said


@registry.undoing("container_put")
def _put_back(here: Here, told: Mapping[str, str]) -> Answer:
    unit, place = filling.put_back(
        uuid.UUID(told["unit"]), out_of=uuid.UUID(told["place"]), to=uuid.UUID(told["back"]), by=here.by, at=here.at
    )
    return {
        "tone": "accepted",
        "title": _("Taken back"),
        "text": _("%(tag)s is in %(place)s again.") % {"tag": unit.tag, "place": place.code},
    }


def by_id(here: Here, told: str) -> Container:
    """The container of an act, among those of the person's site. Raises NotFound."""
    try:
        key = uuid.UUID(told)
    except ValueError:
        raise BadInput(Reason("container", _("Scan the container."))) from None
    places = Location.objects.select_related("hub__organization", "parent").filter(kind=LocationKind.CONTAINER)
    found = keeping.of_place(places.filter(hub=here.hub, pk=key).first())
    if found is None:
        raise NotFound(Reason("unknown", _("There is no such container here.")))
    return found


def _container_in_hand(here: Here) -> Container | None:
    told = here.open.get("container")
    if not told:
        return None
    try:
        return by_id(here, told)
    except NotFound:
        return None


def _unit_in_hand(here: Here) -> Device | None:
    keys = here.shown("device", within=IN_HAND)
    return Device.objects.visible_to(here.by).select_related("location").filter(pk__in=keys).first() if keys else None


def _unit(here: Here, reading: Reading) -> Device | None:
    for text in reading.candidates("serial", "imei", "asset", "second_serial"):
        if (match := units.scanned(text, here.by)).device is not None:
            return match.device
    return None


def _place(here: Here, reading: Reading) -> Location | None:
    rows = Location.objects.filter(hub=here.hub, code__iexact=reading.text, active=True)
    return rows.exclude(kind=LocationKind.CONTAINER).select_related("hub").first()


def _opens(container: Container) -> Action:
    return leads(_("Open"), reverse("container", args=[container.number]), icon="arrow-right")


def _units(count: int) -> str:
    return ngettext("%s unit", "%s units", count) % count
