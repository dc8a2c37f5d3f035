"""The job of counting: scan the place, then each thing in it. What is expected isn't shown; what doesn't belong is called out.

The next place, the place again, or END closes the count.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from revlog.common import ids
from revlog.common.errors import BadInput, NotFound, Reason
from revlog.common.words import word
from revlog.devices.faces import face
from revlog.devices.models import Device, Location, LocationKind
from revlog.devices.models.device import Tracking
from revlog.devices.queries import SHOWN_WITH
from revlog.scanning import answers, registry
from revlog.scanning.answers import Action, Answer, action
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.registry import Job
from revlog.storage.floor.places import place_of
from revlog.storage.models.counts import CURRENT, Count, CountState, Walk
from revlog.storage.queries import counts as queries
from revlog.storage.services.counts import boxes, walking
from revlog.storage.services.counts.keeping import Found, UnableToCount

JOB = "count"
END, LEAVE = "END", "LEAVE IT"
registry.printed(queries.PREFIX)


def _find(here: Here, reading: Reading) -> registry.Found | None:
    row = queries.by_number(reading.text, here.by) if ids.holds(reading.text, queries.PREFIX) else None
    return registry.Found("count", row) if row is not None else None


@registry.kind("count", order=51, find=_find)
def answer(here: Here, reading: Reading, found: registry.Found) -> Answer:
    """A count's own code says where to go."""
    row: Count = found.thing
    if row.state not in CURRENT:
        text = _("%(number)s is %(state)s.") % {"number": row.number, "state": word(f"count.{row.state}")}
        return {"tone": "attention", "title": _("Closed count"), "text": text}
    if row.hub_id != here.hub.pk:
        return {"tone": "attention", "title": row.number, "text": _("It belongs to %(hub)s.") % {"hub": row.hub.name}}
    here.keep(job=JOB)
    return {
        "tone": "accepted",
        "title": row.place.code,
        "text": word(f"count.{row.state}"),
        "todo": _("Scan the place, then each thing in it."),
        "goes_to": row.place.code,
    }


def _opened(here: Here) -> Answer:
    walk = queries.open_walk(here.by, here.open.get("walk"))
    if walk is not None:
        return _goes_on(walk)
    here.keep(walk=None, lot=None)
    return {"tone": "accepted", "title": _("Counting"), **_next(here)}


def _next(here: Here, *, after: str = "") -> Answer:
    """Where to go next."""
    row = queries.next_for(here.by, here.hub, after=after)
    if row is None:
        return {"todo": _("Nothing more is asked for. Scan any place to count it.")}
    return {"todo": _("Go there and scan the place."), "goes_to": row.place.code}


def _goes_on(walk: Walk) -> Answer:
    return {
        "tone": "accepted",
        "title": walk.count.place.code,
        "text": _things(queries.seen(walk)),
        "todo": _("Scan each thing in it. Scan the next place, or END, when all are scanned."),
    }


def _things(count: int) -> str:
    return ngettext("%(count)s thing scanned", "%(count)s things scanned", count) % {"count": count}


def _answer(here: Here, reading: Reading) -> Answer | None:
    walk = queries.open_walk(here.by, here.open.get("walk"))
    if walk is not None and reading.code == END:
        return ended(here, walk)
    if walk is not None and reading.code == LEAVE:
        return left(here, walk)
    if walk is not None and (lot := here.open.get("lot")) and reading.text.isdecimal() and len(reading.text) <= 7:
        return pieces(here, walk, _unit(here, lot), int(reading.text))
    found = registry.look(here, reading, among=("place", "container", "device"))
    if found is None or found.several:
        return None
    if isinstance(found.thing, Device):
        return seen(here, walk, found.thing) if walk is not None else None
    place = place_of(found.thing)
    if place is None or place.hub_id != here.hub.pk:
        return None
    if walk is not None and _is_one_thing(walk, place):
        return stands(here, walk, place)
    return at_place(here, walk, place)


def _is_one_thing(walk: Walk, place: Location) -> bool:
    """A container is one thing of the place that is counted. Of containers that are counted one by one, the next is the next place."""
    counted = walk.count.place
    if place.kind != LocationKind.CONTAINER or place.pk == counted.pk:
        return False
    return counted.kind != LocationKind.CONTAINER or place.parent_id == counted.pk


def at_place(here: Here, walk: Walk | None, place: Location) -> Answer:
    """The first scan of a place begins its count; the next one's, or its own again, ends it."""
    if walk is not None:
        said = ended(here, walk)
        if walk.count.place_id == place.pk:
            return said
        before = f"{said['title']}. {said['text']}"
        try:
            return {**begun(here, place), "text": before}
        except UnableToCount as refusal:
            # The count before it is closed all the same.
            return {**answers.refused(refusal.sentence), "todo": before, "stands": True}
    return begun(here, place)


def begun(here: Here, place: Location) -> Answer:
    walk = walking.begin(place, by=here.by, at=here.at)
    here.keep(job=JOB, walk=walk.pk, lot=None)
    here.show("place", place.pk)
    return {**_goes_on(walk), "title": _("Counting %s") % place.code}


def ended(here: Here, walk: Walk) -> Answer:
    count = walking.end(walk, by=here.by, at=here.at)
    # What was counted last lies in no hand.
    here.keep(walk=None, lot=None, last=None)
    place = walk.count.place.code
    said: Answer = {**_next(here, after=place), "title": _("%s is counted") % place}
    if count.state == CountState.DONE:
        return {**said, "tone": "accepted", "text": _("All is as it should be.")}
    if count.state == CountState.RECOUNT:
        return {**said, "tone": "attention", "text": _("It differs from the books: somebody else counts it again.")}
    return {**said, "tone": "attention", "text": _("It differs from the books: your lead looks at it.")}


def left(here: Here, walk: Walk) -> Answer:
    walking.drop(walk, by=here.by, at=here.at)
    here.keep(walk=None, lot=None, last=None)
    return {
        "tone": "attention",
        "title": _("Left off"),
        "text": _("What was scanned in %s is forgotten. It is counted anew.") % walk.count.place.code,
    }


def seen(here: Here, walk: Walk, device: Device) -> Answer:
    told = walking.see(walk, device, by=here.by, at=here.at)
    here.keep(lot=None)
    here.show("device", device.pk)
    if device.tracking == Tracking.COUNTED:
        return _how_many(here, walk, device, told)
    return _said(walk, device, told)


def stands(here: Here, walk: Walk, container: Location) -> Answer:
    told = boxes.see(walk, container, by=here.by, at=here.at)
    here.keep(lot=None)
    here.show("place", container.pk)
    said: Answer = {"text": f"{container.code} · {_things(queries.seen(walk))}"}
    return _told(said, walk, told, undo=_("Undo: %s counted") % container.code)


def _how_many(here: Here, walk: Walk, device: Device, told: Found) -> Answer:
    here.keep(lot=device.pk)
    said = _said(walk, device, told)
    # Its face would tell how many the books have.
    return {
        **said,
        "title": _("How many?"),
        "unit": {**face(device), "name": device.model or str(device.kind.label).capitalize()},
        "todo": _("Count the pieces and type how many there are."),
    }


def pieces(here: Here, walk: Walk, device: Device, count: int) -> Answer:
    told = walking.see(walk, device, pieces=count, by=here.by, at=here.at)
    here.keep(lot=None)
    said = _said(walk, device, Found(told.seen, belongs=told.belongs, elsewhere=told.elsewhere))
    return {**said, "title": ngettext("%s piece", "%s pieces", count) % count, "unit": None}


def _said(walk: Walk, device: Device, told: Found) -> Answer:
    said: Answer = {"text": _things(queries.seen(walk)), "unit": face(device)}
    undo = _("Undo: %(thing)s %(tag)s counted") % {"thing": device.kind.label, "tag": device.tag}
    return _told(said, walk, told, undo=undo)


def _told(said: Answer, walk: Walk, told: Found, *, undo: str) -> Answer:
    if told.again:
        return {**said, "tone": "attention", "title": _("Counted already")}
    said = {**said, "tone": "accepted", "title": _("Counted")}
    said["undo"] = answers.undo("count.scan", undo, walk=walk.pk, seen=told.seen.pk)
    if not told.elsewhere:
        return said
    where = told.belongs.code if told.belongs is not None else ""
    return {
        **said,
        "tone": "attention",
        "title": _("It belongs in %s") % where if where else _("It was missed"),
        "todo": _("Leave it here for now and go on; your lead decides."),
    }


def unknown(here: Here, reading: Reading) -> Answer:
    """A code that nobody knows is called out; a press says that the thing lies here all the same."""
    walk = queries.open_walk(here.by, here.open.get("walk"))
    if walk is None:
        return {
            "tone": "attention",
            "title": _("Nobody knows this code"),
            "text": reading.text,
            "todo": _("Scan the place first, then each thing in it."),
        }
    return {
        "tone": "attention",
        "title": _("Nobody knows this code"),
        "text": reading.text,
        "todo": _("Look for another label on it and scan that, or say that it lies here."),
        "actions": [action(_("It lies here"), "storage_count", "LIES-HERE", walk=walk.pk, text=reading.text[:80])],
    }


def noted(here: Here, walk: Walk, code: str) -> Answer:
    told = walking.note(walk, code, by=here.by, at=here.at)
    said: Answer = {
        "tone": "attention",
        "title": _("Noted"),
        "text": f"{told.seen.code} · {_things(queries.seen(walk))}",
    }
    if told.again:
        return {**said, "title": _("Counted already")}
    said["undo"] = answers.undo("count.scan", _("Undo: %s noted") % told.seen.code, walk=walk.pk, seen=told.seen.pk)
    return said


@registry.next_for("place", order=60)
def _count_it(here: Here, place: Location) -> Sequence[Action]:
    """A place that somebody stands before can be counted."""
    if not here.by.may("devices.count") or not place.active or place.kind not in queries.COUNTABLE:
        return []
    return [answers.in_job(_("Count it"), JOB, place.code, icon="list-check")]


@registry.undoing("count.scan")
def _undo(here: Here, told: Mapping[str, str]) -> Answer:
    walk = named(here, told["walk"])
    device = walking.unsee(walk, uuid.UUID(told["seen"]), by=here.by)
    here.keep(lot=None)
    said: Answer = {"tone": "accepted", "title": _("Taken back"), "text": _things(queries.seen(walk))}
    return {**said, "unit": face(device)} if device is not None else said


def named(here: Here, key: str) -> Walk:
    """The walk of an act: the person's own. Raises NotFound."""
    try:
        walk = queries.open_walk(here.by, str(uuid.UUID(key)))
    except ValueError:
        raise BadInput(Reason("walk", _("Scan the place first, then each thing in it."))) from None
    if walk is None:
        raise NotFound(Reason("unknown", _("This count is over. Scan the place to begin anew.")))
    return walk


def _unit(here: Here, key: str) -> Device:
    rows = Device.objects.visible_to(here.by).select_related(*SHOWN_WITH)
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound(Reason("unknown", _("This thing is not at your site.")))
    return found


def _tally(here: Here) -> tuple[int, int | None] | None:
    walk = queries.open_walk(here.by, here.open.get("walk"))
    return (queries.seen(walk), None) if walk is not None else None


registry.job(
    Job(
        name=JOB,
        label=gettext_lazy("Count"),
        about=gettext_lazy("count what lies in a place, without seeing what should"),
        icon="list-check",
        permission="devices.count",
        command="COUNT",
        opened=_opened,
        answer=_answer,
        unknown=unknown,
        tally=_tally,
        hint=gettext_lazy("the place, then each thing in it"),
    )
)
