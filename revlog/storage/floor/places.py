"""Places on the floor: what a place is, putting one thing away, moving many, missing and found."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from revlog.common.errors import BadInput, NotFound, Reason
from revlog.common.words import word
from revlog.devices import identifiers
from revlog.devices.faces import face
from revlog.devices.floor import undo_put
from revlog.devices.models import Device, Location, LocationKind
from revlog.devices.services.places import CODE
from revlog.devices.services.placing import UnableToPut
from revlog.scanning import registry
from revlog.scanning.answers import LEAD, Action, Answer, undo
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.registry import Command, Found, Job
from revlog.storage.queries import places as queries
from revlog.storage.services import places

MOST_IN_HAND = 200


# What a place is --------------------------------------------------------------------------------------------------------------------


def _find(here: Here, reading: Reading) -> Found | None:
    """A place of this site by its own code; containers, which move, have answers of their own."""
    known = CODE.fullmatch(reading.code) and not identifiers.tag(reading.text)
    place = queries.by_code(here.hub, reading.code) if known else None
    if place is None and (told := reading.elements.get("place_part")):
        place = queries.by_code(here.hub, told)
    return Found("place", place) if place is not None and place.kind != LocationKind.CONTAINER else None


@registry.kind("place", order=10, find=_find)
def answer(here: Here, reading: Reading, found: Found) -> Answer:
    place: Location = found.thing
    inside = place.devices.count()
    device = _one(here, here.shown("device"))
    here.show("place", place.pk)
    offered: list[Action] = []
    if device is not None and device.location_id != place.pk and here.by.may("devices.locate"):
        offered.append(
            _sends(
                _("Put %(tag)s here") % {"tag": device.tag},
                "storage_put",
                primary=True,
                place=place.code,
                unit=device.pk,
            )
        )
    return {
        "tone": "accepted" if place.active else "attention",
        "title": queries.way(place),
        "text": "; ".join(_about(place, inside)),
        "actions": [*offered, *registry.actions_for(here, "place", place)],
    }


def _about(place: Location, inside: int) -> list[str]:
    told = [
        ngettext("%(count)s thing in it", "%(count)s things in it", inside) % {"count": inside}
        if place.capacity is None
        else _("%(count)s of %(most)s in it") % {"count": inside, "most": place.capacity}
    ]
    if not place.active:
        told.insert(0, _("Not in use"))
    if place.frozen_by:
        told.insert(0, _("Frozen by %s: nothing goes in or out") % place.frozen_by)
    if place.hazard_class:
        told.append(_("for dangerous goods: %s at worst") % word(f"hazard.{place.hazard_class}"))
    if place.purpose:
        told.append(_("for %s") % word(f"purpose.{place.purpose}"))
    if place.client is not None:
        told.append(_("kept for %s") % place.client.name)
    if place.secured:
        told.append(_("secured"))
    return told


@registry.next_for("place")
def _empties(here: Here, place: Location) -> Sequence[Action]:
    if not here.by.may("devices.locate") or not place.devices.exists():
        return []
    return [_sends(_("Move everything in it"), "storage_take_all", "MOVE-ALL", place=place.code)]


@registry.next_for("device", order=90)
def _putting(here: Here, device: Device) -> Sequence[Action]:
    if not here.by.may("devices.locate") or device.hub_id != here.hub.pk:
        return []
    return [_sends(_("Put away"), "storage_hold", "PUTAWAY", unit=device.pk, primary=device.location_id is None)]


# Putting away -----------------------------------------------------------------------------------------------------------------------


def _open_put_away(here: Here) -> Answer:
    device = _one(here, here.shown("device"))
    here.keep(units=None, source=None)
    if device is not None:
        return take_in_hand(here, device)
    return {"tone": "accepted", "title": _("Putting away"), "text": _("Scan a thing, then the place where you put it.")}


def take_in_hand(here: Here, device: Device) -> Answer:
    """It waits for its place: the one that suits it is said, and why."""
    before = [one for one in _in_hand(here) if one != str(device.pk)]
    here.keep(job="put_away", units=device.pk, source=None, last=f"device:{device.pk}")
    found = queries.suggestion(device, here.hub)
    told = [", ".join(found.why)] if found is not None else [_("No place here suits it that has room.")]
    if before and (other := _one(here, before[-1:])) is not None:
        told.insert(0, _("%s is not put away yet.") % other.tag)
    return {
        "tone": "attention" if device.holds or found is None or before else "accepted",
        "title": _("Put away"),
        "text": " ".join(part for part in told if part),
        "todo": _("Scan the place where you put it.")
        if found is not None
        else _("Scan a place that you know to be free, or call your lead."),
        "unit": face(device),
        "goes_to": goes_to(found.place) if found is not None else "",
    }


def goes_to(place: Location) -> str:
    return f"{place.code} · {_('DATA CAGE')}" if place.secured else place.code


def _answer_put_away(here: Here, reading: Reading) -> Answer | None:
    found = registry.look(here, reading)
    if found is None or found.several or found.kind not in {"place", "container", "device"}:
        return None
    if found.kind == "device":
        return take_in_hand(here, found.thing)
    units = _in_hand(here)
    place = place_of(found.thing)
    if not units or place is None:
        return None
    return put_in(here, units, place)


def put_in(here: Here, units: Sequence[str], place: Location) -> Answer:
    """Put what is in the hand in the place; what it was is shown, and half a minute to take it back. A wrong place is a stop."""
    try:
        made = places.put([uuid.UUID(one) for one in units], place, by=here.by, at=here.at)
    except UnableToPut as refusal:
        return _stop(here, units, place, refusal)
    here.keep(units=None, source=None)
    return done(here, made)


def _stop(here: Here, units: Sequence[str], place: Location, refusal: UnableToPut) -> Answer:
    """Wrong place: why, and where it goes instead. It stays in the hand."""
    here.keep(units=",".join(units))
    device = _one(here, units[:1])
    found = queries.suggestion(device, here.hub) if device is not None else None
    better = found.place if found is not None and found.place.pk != place.pk else None
    said: Answer = {
        "tone": "refused",
        "title": _("Stop: not in %s") % place.code,
        "text": refusal.sentence,
        "unit": face(device) if device is not None and len(units) == 1 else None,
    }
    if better is None:
        return {**said, "todo": _("Put it on the hold shelf."), "call": _(LEAD)}
    return {
        **said,
        "todo": _("Take it to %s and scan that.") % better.code,
        "goes_to": goes_to(better),
    }


def done(here: Here, made: places.Put) -> Answer:
    """One thing is shown, and of many how many; half a minute to take it back, by the root over their entries."""
    if len(made.units) == 1:
        before = made.entries[0].payload.get("before")
        device = _one(here, [str(made.units[0].pk)]) or made.units[0]
        here.show("device", device.pk)
        return {
            "tone": "accepted",
            "title": _("Put in %s") % made.place.code,
            "text": device.tag,
            "unit": face(device),
            "undo": undo_put(device, made.entries[0], before=queries.by_code(here.hub, before) if before else None),
        }
    names = {"count": len(made.units), "place": made.place.code}
    return {
        "tone": "accepted",
        "title": _("Put in %s") % made.place.code,
        "text": _("%s things") % len(made.units),
        "undo": undo(
            "storage.put",
            _("Undo: %(count)s things put in %(place)s") % names,
            place=made.place.pk,
            root=made.root,
            at=made.at.isoformat(),
        ),
    }


@registry.undoing("storage.put")
def _undo_put(here: Here, told: Mapping[str, str]) -> Answer:
    place = queries.visible(here.by).filter(pk=told["place"]).first()
    if place is None:
        raise NotFound(Reason("unknown", _("This place is not at your site.")))
    units = places.take_back(
        place, root=told["root"], put_at=datetime.fromisoformat(told["at"]), by=here.by, at=here.at
    )
    return {
        "tone": "accepted",
        "title": _("Taken back"),
        "text": ngettext(
            "%(count)s thing is where it was before, as far as we know.",
            "%(count)s things are where they were before, as far as we know.",
            len(units),
        )
        % {"count": len(units)},
    }


# Moving many ------------------------------------------------------------------------------------------------------------------------


def _open_move(here: Here) -> Answer:
    here.keep(units=None, source=None)
    return {
        "tone": "accepted",
        "title": _("Moving"),
        "text": _("Scan the things and then the new place, or a place to move all that lies in it."),
    }


def _answer_move(here: Here, reading: Reading) -> Answer | None:
    found = registry.look(here, reading)
    if found is None or found.several or found.kind not in {"place", "container", "device"}:
        return None
    if found.kind == "device":
        return _collect(here, found.thing)
    place = place_of(found.thing)
    if place is None:
        return None
    if units := _in_hand(here):
        return put_in(here, units, place)
    if found.kind == "container":
        # Nothing is in hand: it is the container that is to be moved (``floor/containers.py``).
        return None
    source = here.open.get("source")
    if not source:
        return take_all(here, place)
    return empty_into(here, queries.visible(here.by).filter(pk=source).first(), place)


def _collect(here: Here, device: Device) -> Answer:
    units = _in_hand(here)
    again = str(device.pk) in units
    if not again:
        if len(units) >= MOST_IN_HAND:
            raise BadInput(Reason("too_many", _("%s things are in hand. Put them down first.") % len(units)))
        units.append(str(device.pk))
    here.keep(units=",".join(units), source=None, last=f"device:{device.pk}")
    return {
        "tone": "attention" if again else "accepted",
        "title": _("In hand already") if again else _("In hand"),
        "text": ngettext("%(count)s thing in hand", "%(count)s things in hand", len(units)) % {"count": len(units)},
        "todo": _("Scan the next one, or the place where you put them."),
        "unit": face(device),
        "actions": [_sends(_("Put them back"), "storage_let_go", "NONE")],
    }


def take_all(here: Here, place: Location) -> Answer:
    inside = place.devices.count()
    if not inside:
        raise BadInput(Reason("empty", _("Nothing lies in %s.") % place.code))
    here.keep(job="move", units=None, source=place.pk)
    return {
        "tone": "accepted",
        "title": _("All of %s") % place.code,
        "text": ngettext("%(count)s thing", "%(count)s things", inside) % {"count": inside},
        "todo": _("Scan the place where you put them."),
        "actions": [_sends(_("Leave them"), "storage_let_go", "NONE")],
    }


def empty_into(here: Here, source: Location | None, place: Location) -> Answer:
    if source is None:
        raise NotFound(Reason("unknown", _("This place is not at your site.")))
    made = places.empty_into(source, place, by=here.by, at=here.at)
    here.keep(source=None)
    return done(here, made)


def let_go(here: Here) -> Answer:
    here.keep(units=None, source=None)
    return {"tone": "attention", "title": _("Nothing moved"), "text": _("Everything is where it was.")}


# Missing and found ------------------------------------------------------------------------------------------------------------------


def _missing(here: Here, _reading: Reading) -> Answer:
    device = _last(here)
    place = device.location.code if device.location else ""
    places.miss(device.pk, by=here.by, at=here.at)
    return {
        "tone": "attention",
        "title": _("Missing"),
        "text": _("%(tag)s is not in %(place)s. It is looked for.") % {"tag": device.tag, "place": place},
        "todo": _("Go on with the next one."),
        "unit": face(_last(here)),
    }


def _found(here: Here, _reading: Reading) -> Answer:
    device = _last(here)
    if device.location is not None:
        return {
            "tone": "attention",
            "title": _("Nobody misses it"),
            "text": _("It is in %s.") % device.location.code,
            "todo": _("Scan PUTAWAY to put it somewhere else."),
            "unit": face(device),
        }
    said = take_in_hand(here, device)
    return {**said, "title": _("Found")}


def _last(here: Here) -> Device:
    device = _one(here, here.shown("device"))
    if device is None:
        raise BadInput(Reason("nothing", _("Scan the thing first, or type the tag of one that isn't there.")))
    return device


# What lies in the hand --------------------------------------------------------------------------------------------------------------


def _in_hand(here: Here) -> list[str]:
    return [one for one in here.open.get("units", "").split(",") if one]


def _one(here: Here, keys: Sequence[str]) -> Device | None:
    return (
        Device.objects.visible_to(here.by).select_related("hub", "location", "owner").filter(pk__in=list(keys)).first()
        if keys
        else None
    )


def place_of(thing: object) -> Location | None:
    """The place that a scan names: itself, or the one that a container is."""
    if isinstance(thing, Location):
        return thing
    found = getattr(thing, "location", None)
    return found if isinstance(found, Location) else None


def _sends(label: str, route: str, code: str = "", *, primary: bool = False, **sends: object) -> Action:
    return {
        "label": label,
        "url": reverse(route),
        "code": code,
        "icon": "map-pin" if primary else "",
        "primary": primary,
        "danger": False,
        "sends": {name: str(value) for name, value in sends.items()},
    }


registry.job(
    Job(
        name="put_away",
        label=gettext_lazy("Put away"),
        about=gettext_lazy("put things where they belong"),
        icon="map-pin",
        permission="devices.locate",
        command="PUTAWAY",
        opened=_open_put_away,
        answer=_answer_put_away,
        hint=gettext_lazy("thing, then place"),
    )
)
registry.job(
    Job(
        name="move",
        label=gettext_lazy("Move"),
        about=gettext_lazy("move several things, or all of a place"),
        icon="arrow-right",
        permission="devices.locate",
        command="MOVE",
        opened=_open_move,
        answer=_answer_move,
        hint=gettext_lazy("things, then place"),
    )
)
registry.command(Command("MISSING", gettext_lazy("Missing"), "alert-triangle", "devices.locate", _missing))
registry.command(Command("FOUND", gettext_lazy("Found"), "check", "devices.locate", _found))
