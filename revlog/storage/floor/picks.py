"""The job of fetching: the next unit and where it lies, one scan a unit, and at the end the place where all of it is put."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from revlog.common import ids
from revlog.common.errors import NotFound, Reason
from revlog.common.words import word
from revlog.devices.faces import face
from revlog.devices.models import Device, Location
from revlog.scanning import registry
from revlog.scanning.answers import Action, Answer, action
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.registry import Found, Job
from revlog.storage.models.picks import Pick, PickList, PickListState, PickState, ShortReason
from revlog.storage.queries import picks as queries
from revlog.storage.services import picks

registry.printed(queries.PREFIX)


def _find(here: Here, reading: Reading) -> Found | None:
    row = queries.by_number(reading.text, here.by) if ids.holds(reading.text, queries.PREFIX) else None
    return Found("pick", row) if row is not None else None


@registry.kind("pick", order=50, find=_find)
def answer(here: Here, reading: Reading, found: Found) -> Answer:
    """A list's own code opens it."""
    return take_on(here, found.thing)


def _opened(here: Here) -> Answer:
    row = queries.for_person(here.by, here.hub)
    if row is None:
        here.keep(pick=None)
        return {
            "tone": "attention",
            "title": _("Nothing to fetch"),
            "text": _("No list is open here that is yours or free."),
        }
    return take_on(here, row)


def take_on(here: Here, row: PickList) -> Answer:
    """The list is at hand; one that nobody had is this person's from now on."""
    if row.state != PickListState.OPEN:
        text = _("%(number)s is %(state)s.") % {"number": row.number, "state": word(f"pick_list.{row.state}")}
        return {"tone": "attention", "title": _("Closed list"), "text": text}
    if row.assignee_id is None:
        row = picks.assign(row, queries.account(here.by), by=here.by, at=here.at)
    here.keep(job="pick", pick=row.pk)
    return _next(here, row, title=_("List %s") % row.number)


def _next(here: Here, row: PickList, *, title: str, after: str = "") -> Answer:
    lines = queries.lines(row)
    waiting = [one for one in lines if one.state == PickState.WAITING]
    cart = [one for one in lines if one.state == PickState.PICKED]
    told: Answer = {
        "tone": "accepted",
        "title": title,
        "text": "; ".join(part for part in (after, _progress(len(lines) - len(waiting), len(lines))) if part),
    }
    if not waiting:
        if not cart:
            return {**told, "todo": _("Scan any place at the bench or the dock to end the list.")}
        where = word(f"pick_target.{row.target}")
        return {
            **told,
            "todo": ngettext(
                "Bring %(count)s thing %(where)s and scan the place.",
                "Bring %(count)s things %(where)s and scan the place.",
                len(cart),
            )
            % {"count": len(cart), "where": where},
        }
    first = waiting[0]
    return {
        **told,
        "todo": _("Fetch this one and scan it."),
        "goes_to": "",
        "unit": face(first.device, note=_("lies in %s") % first.place.code),
        "actions": _short_buttons(row, first),
    }


def _progress(done: int, all: int) -> str:
    return _("%(done)s of %(all)s") % {"done": done, "all": all}


def _short_buttons(row: PickList, line: Pick) -> list[Action]:
    codes = {ShortReason.MISSING: "NOT-THERE", ShortReason.DAMAGED: "BROKEN", ShortReason.BLOCKED: "BLOCKED"}
    return [
        action(
            str(reason.label).capitalize(), "storage_short", code, list=row.number, unit=line.device_id, reason=reason.value
        )
        for reason, code in codes.items()
    ]  # fmt: skip


def _answer(here: Here, reading: Reading) -> Answer | None:
    row = _at_hand(here)
    if row is None:
        return None
    found = registry.look(here, reading)
    if found is None or found.several:
        return None
    if isinstance(found.thing, Device):
        return fetched(here, row, found.thing)
    if isinstance(found.thing, Location):
        return brought(here, row, found.thing)
    return None


def fetched(here: Here, row: PickList, device: Device) -> Answer:
    line = picks.pick(row, device.pk, by=here.by, at=here.at)
    return _next(here, row, title=_("Fetched"), after=line.device.tag)


def not_fetched(here: Here, row: PickList, device: Device, reason: ShortReason) -> Answer:
    picks.short(row, device.pk, reason, by=here.by, at=here.at)
    here.keep(job="pick", pick=row.pk)
    said = _next(here, row, title=_("Not fetched"), after=f"{device.tag}: {word(f'short.{reason.value}')}")
    return {**said, "tone": "attention"}


def brought(here: Here, row: PickList, place: Location) -> Answer:
    """At the end of the walk; on the way a place's code is only shown."""
    if queries.waiting(row):
        said = _next(here, row, title=_("Not yet"), after=place.code)
        return {**said, "tone": "attention", "text": _("The list isn't done: fetch what is left first.")}
    done = picks.bring(row, place, by=here.by, at=here.at)
    here.keep(pick=None)
    lines = queries.lines(done)
    staged = sum(one.state == PickState.STAGED for one in lines)
    short = len(lines) - staged
    return {
        "tone": "attention" if short else "accepted",
        "title": _("Brought to %s") % place.code,
        "text": "; ".join(
            part
            for part in (
                ngettext("%(count)s thing", "%(count)s things", staged) % {"count": staged},
                _("%s not fetched") % short if short else "",
            )
            if part
        ),
        "todo": _("Scan PICK for the next list."),
    }


def _at_hand(here: Here) -> PickList | None:
    key = here.open.get("pick")
    rows = PickList.objects.visible_to(here.by).select_related("hub", "assignee")
    return rows.filter(pk=key).first() if key else None


def named(here: Here, number: str) -> PickList:
    row = queries.by_number(number, here.by)
    if row is None:
        raise NotFound(Reason("unknown", _("There is no such list at your site.")))
    return row


@registry.next_for("device", order=95)
def _on_a_list(here: Here, device: Device) -> Sequence[Action]:
    """A unit that a list waits for says so wherever it is scanned."""
    line = (
        Pick.objects.filter(device=device, state=PickState.WAITING, list__hub=here.hub).select_related("list").first()
    )
    if line is None or not here.by.may("devices.locate"):
        return []
    return [action(_("Fetch for %s") % line.list.number, "storage_take_on", line.list.number, list=line.list.number)]


registry.job(
    Job(
        name="pick",
        label=gettext_lazy("Fetch"),
        about=gettext_lazy("fetch what a list names, for bench or shipping"),
        icon="list",
        permission="devices.locate",
        command="PICK",
        opened=_opened,
        answer=_answer,
        hint=gettext_lazy("the thing you fetched"),
    )
)
