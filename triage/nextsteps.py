"""What is to be done next with a unit once a report of it was read: what the report shows first, then what the floor offers for it.

One answer for a test bench (API), for who brought the report in (page) and for who scans the unit: the floor's own offers
(``registry.actions_for``), with what the picture asks for before them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.accounts.actors import Actor, ActorKind
from revlog.common.words import word
from revlog.devices.journey import CLEARED, ON_HAND, Data, State
from revlog.devices.models import Device, Medium, MediumState
from revlog.scanning import registry
from revlog.scanning.here import Elsewhere
from revlog.storage.queries import places
from triage import showing
from triage.defects import Axis, axis_of
from triage.merging import FOR_A_PERSON, Flaw, Picture
from triage.services import grading

WORTH_A_LOOK = 80
"""A battery that holds less percent of its capacity is looked at by a person."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """``code`` for machines; ``words`` what is done; ``why`` one line behind it; ``url`` the page where it is done."""

    code: str
    words: str
    why: str = ""
    url: str = ""


def of(device: Device, *, by: Actor, at: datetime) -> list[Step]:
    """What comes next with it, the first first. ``by`` is the operator's; the owner of a unit is told where it stands by its own pages."""
    known = grading.evidence(device)
    picture = known.picture
    found: list[Step] = []
    if State(device.state) in ON_HAND:
        found += _held(device)
        found += _to_settle(device, picture)
        found += _locked(device, known.flaws)
        found += _to_look_at(device, picture, inspected=known.inspected)
    return [*found, *_on_the_floor(device, by=by, at=at)]


def _page(device: Device, part: str = "") -> str:
    return reverse("triage_unit", args=[device.tag]) + part


def _held(device: Device) -> Iterator[Step]:
    if device.holds:
        kinds = ", ".join(word(f"hold.{kind}") for kind in device.holds)
        yield Step(
            code="held",
            words=_("Put it on the hold shelf and call your lead."),
            why=_("It is on hold: %s.") % kinds,
            url=reverse("unit", args=[device.tag]),
        )


def _to_settle(device: Device, picture: Picture) -> Iterator[Step]:
    for one in picture.clashes:
        told = showing.in_short(one.clash, one.name, [{"key": value.key} for value in one.live])
        what = "settle" if one.clash in FOR_A_PERSON else "check"
        if words := str(showing.todo_of(one)):
            code = f"{what}_{one.what}"
            yield Step(code=code, words=words, why=told, url=_page(device, "#picture"))


def _locked(device: Device, flaws: Sequence[Flaw]) -> Iterator[Step]:
    locks = sorted({flaw.code for flaw in flaws if axis_of(flaw.code) is Axis.LOCK})
    if locks:
        yield Step(
            code="release_lock",
            words=_("Ask %(owner)s to take the lock off; put it where it waits for that.")
            % {"owner": device.owner.name},
            why=", ".join(word(code) for code in locks),
            url=_page(device, "#grade"),
        )


def _to_look_at(device: Device, picture: Picture, *, inspected: bool) -> Iterator[Step]:
    share = picture.battery_share
    battery = picture.by_name.get("battery")
    if share is None or share >= WORTH_A_LOOK or inspected or (battery and battery.clash):
        return
    yield Step(
        code="look_at_battery",
        words=_("Look at the battery: the report says %(share)s %%.") % {"share": share},
        url=_page(device, "#look"),
    )


def _on_the_floor(device: Device, *, by: Actor, at: datetime) -> Iterator[Step]:
    """The biggest thing that the floor offers, whoever's work it is; and its place, where it has none."""
    if device.hub is None:
        return
    # The bench that asks may not have the right to do it: who has will see it, at the sites where the bench may see units.
    everybody = Actor(
        kind=ActorKind.SYSTEM, id="triage", is_operator=by.is_operator, hub_id=device.hub_id, hubs=by.hubs
    )
    here = Elsewhere(by=everybody, hub=device.hub, at=at)
    first = next((one for one in registry.actions_for(here, "device", device) if one.get("primary")), None)
    put_away = first is not None and first.get("code") == "PUTAWAY"
    if first is not None and not put_away:
        code = first.get("code") or device.state.lower()
        yield Step(
            code=code.lower().replace("-", "_"),
            words=_("%(act)s.") % {"act": first["label"]},
            why=_drives(device),
            url=first.get("href") or reverse("unit", args=[device.tag]),
        )
    if device.location_id is None and State(device.state) in ON_HAND:
        place = places.suggestion(device, device.hub)
        if place is not None:
            yield Step(
                code="put_away",
                words=_("Put it away in %(place)s.") % {"place": place.place.code},
                why=", ".join(place.why),
                url=reverse("unit", args=[device.tag]),
            )


def _drives(device: Device) -> str:
    """How many drives wait to be cleared, where that is what is done next."""
    if State(device.state) not in {State.TO_SANITIZE, State.TO_DESTROY} or Data(device.data) in CLEARED:
        return ""
    open_ones = Medium.objects.filter(device=device, state__in=[MediumState.UNKNOWN, MediumState.PRESENT]).count()
    return ngettext("%s drive waits for it.", "%s drives wait for it.", open_ones) % open_ones if open_ones else ""
