"""Questions about hazards: what shares a place with a thing, what is open, what a place's protection refuses."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Case, Count, Q, QuerySet, Sum, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import clock, ids, measures
from revlog.common.errors import Reason
from revlog.common.words import word
from revlog.devices.exceptions import ExceptionRow
from revlog.devices.models import Device, Hazard, Location, LocationKind
from revlog.storage import dangers
from revlog.storage.models import (
    Container,
    HazardCase,
    HazardKind,
    HazardState,
    HazardSteps,
    HazardUnit,
    LookState,
    Reinspection,
)
from revlog.storage.queries import containers, suiting

PREFIX = "HZ"
SHARED = frozenset({LocationKind.BIN, LocationKind.CONTAINER, LocationKind.BENCH, LocationKind.VAN})
"""Kinds of places in which things lie close to each other. In a hall or at a dock, the thing alone is frozen."""


@dataclass(frozen=True)
class Steps:
    lines: list[str]
    minutes: int
    call: str


def steps_for(hub: Hub, kind: str) -> Steps:
    """What this site does first; what is shipped where it said nothing."""
    row = HazardSteps.objects.filter(hub=hub, kind=kind).first()
    if row is not None:
        return Steps([line.strip() for line in row.steps.splitlines() if line.strip()], row.minutes, row.call)
    first = dangers.FIRST[HazardKind(kind)]
    return Steps([str(step) for step in first.steps], first.minutes, "")


def by_number(text: str, actor: Actor) -> HazardCase | None:
    number = ids.normal(text.strip(), PREFIX)
    if number is None:
        return None
    rows = HazardCase.objects.visible_to(actor).select_related("hub", "device__owner", "place", "photo")
    return rows.filter(number=number).first()


def shared(place: Location | None) -> list[uuid.UUID]:
    """The places that are frozen with a thing in this one: a container with all that it stands in and all in those; a bin with the
    containers in it."""
    if place is None or place.kind not in SHARED:
        return []
    outermost = place.pk
    for step in containers.way(place.pk)[1:] if place.kind == LocationKind.CONTAINER else ():
        if step.kind != LocationKind.CONTAINER:
            break
        outermost = step.id
    return containers.below([outermost])


def undecided(devices: Sequence[Device], *, but: HazardCase | None = None) -> set[uuid.UUID]:
    """Which of these some open case waits for a verdict on."""
    rows = HazardUnit.objects.filter(device__in=[one.pk for one in devices], verdict="")
    return set((rows.exclude(case=but) if but is not None else rows).values_list("device_id", flat=True))


def listed(actor: Actor) -> QuerySet[HazardCase]:
    """The cases of one's sites, open ones by their clock, then the newest."""
    rows = HazardCase.objects.visible_to(actor).select_related("hub", "device", "place")
    return rows.annotate(
        frozen=Count("units", distinct=True),
        looks_left=Count("looks", filter=Q(looks__state=LookState.WAITING), distinct=True),
    ).order_by("-state", "due_at", "-assessed_at")


def looks(actor: Actor, hub: Hub | None = None) -> QuerySet[Reinspection]:
    """Containers that wait to be inspected again, in the order of the walk."""
    rows = Reinspection.objects.visible_to(actor).filter(state=LookState.WAITING)
    if hub is not None:
        rows = rows.filter(hub=hub)
    return rows.select_related("place__parent", "hub", "owner", "case").order_by("place__parent__code", "place__code")


def units(case: HazardCase, actor: Actor) -> QuerySet[HazardUnit]:
    """What a case froze, of that what this one may see (a unit may have gone to another site since); what was reported comes first."""
    rows = case.units.filter(device__in=Device.objects.visible_to(actor))
    own = Case(When(device=case.device_id, then=0), default=1) if case.device_id is not None else Value(0)
    return rows.select_related("device__hub", "device__location", "device__owner").order_by(own, "device__tag")


def looks_of(case: HazardCase, actor: Actor) -> QuerySet[Reinspection]:
    """The containers that are looked into again for a case, at the sites where this one works."""
    rows = Reinspection.objects.visible_to(actor).filter(case=case)
    return rows.select_related("place", "hub").order_by("hub__name", "place__code")


def left(case: HazardCase, at: datetime) -> str:
    """How long the assessor still has, in words."""
    seconds = (case.due_at - at).total_seconds()
    if seconds < 0:
        return _("%s overdue") % measures.span(-seconds)
    return _("%s left") % measures.span(seconds)


# What keeps things from leaving ---------------------------------------------------------------------------------------------------------


def reasons_against_leaving(devices: Sequence[Device], container: Container | None = None) -> list[Reason]:
    """Why these units, or this container with them, don't leave the site: where they are is frozen, or one is dangerous and isn't packed.

    Asked of the places as well as of the holds on units: an empty container may be frozen, or stand in one that is.
    """
    if container is not None:
        places = {*containers.below([container.pk]), *_ways([container.location.parent_id])}
    else:
        places = _ways(one.location_id for one in devices)
    frozen = Location.objects.filter(pk__in=places).exclude(frozen_by="").order_by("code")
    found = [
        Reason(
            "frozen",
            _("%(place)s is frozen by %(number)s: nothing leaves before it is free again")
            % {"place": one.code, "number": one.frozen_by},
        )
        for one in frozen
    ]
    for device in devices:
        told = {"tag": device.tag, "hazard": word(f"hazard.{device.hazard}") if device.hazard else ""}
        if device.hazard == Hazard.SUSPECT:
            found.append(Reason("not_assessed", _("%(tag)s: a safety assessor has to classify it first") % told))
        elif device.hazard and not device.packed_as:
            found.append(
                Reason("not_packed", _("%(tag)s is classified as %(hazard)s and isn't packed for that yet") % told)
            )
    return found


def _ways(places: Iterable[uuid.UUID | None]) -> set[uuid.UUID]:
    return {step.id for place in set(places) if place is not None for step in containers.way(place)}


# What the protection of a place refuses ------------------------------------------------------------------------------------------------


def reasons_against_limits(devices: Sequence[Device], place: Location) -> list[Reason]:
    """Why a place for dangerous goods, or an insured one, takes no more of these."""
    coming = [one for one in devices if one.location_id != place.pk]
    dangerous = [one for one in coming if one.hazard]
    found = []
    if dangerous and (place.hazard_limit_count is not None or place.hazard_limit_kg is not None):
        found += _too_much(dangerous, place)
    if dangerous and place.parent_id is not None:
        found += _too_near(dangerous, place)
    if coming and place.insured_value is not None:
        found += _uninsured(coming, place)
    return found


def _too_much(coming: Sequence[Device], place: Location) -> list[Reason]:
    there = list(place.devices.exclude(hazard="").exclude(pk__in=[one.pk for one in coming]))
    found = []
    most = place.hazard_limit_count
    if most is not None and len(there) + len(coming) > most:
        told = {"place": place.code, "most": most, "there": len(there)}
        found.append(
            Reason(
                "too_many_hazards", _("%(place)s takes %(most)s dangerous units at most; %(there)s are there") % told
            )
        )
    kilograms = place.hazard_limit_kg
    if kilograms is not None and sum(map(_grams, [*there, *coming])) > kilograms * 1000:
        told = {"place": place.code, "most": f"{kilograms.normalize():f}"}
        found.append(Reason("too_heavy", _("%(place)s takes %(most)s kg of dangerous goods at most") % told))
    return found


def _grams(device: Device) -> int:
    return device.grams or device.kind.typical_grams * device.quantity


def _too_near(coming: Sequence[Device], place: Location) -> list[Reason]:
    """Places of one zone stand nearer to each other than what they are kept apart by."""
    classes = {one.hazard for one in coming}
    others = Location.objects.filter(hub=place.hub_id, parent=place.parent_id).exclude(pk=place.pk).order_by("code")
    rows = others.filter(Q(devices__hazard__in=place.kept_apart_from) | Q(kept_apart_from__overlap=sorted(classes)))
    found = []
    for other in rows.exclude(devices=None).distinct():
        metres = max(place.min_distance_m or Decimal(0), other.min_distance_m or Decimal(0))
        told = {"place": place.code, "other": other.code, "metres": f"{metres.normalize():f}"}
        if metres:
            found.append(
                Reason(
                    "too_near",
                    _("%(place)s stands nearer than %(metres)s m to %(other)s, from which it is kept apart") % told,
                )
            )
        else:
            found.append(Reason("too_near", _("%(place)s stands beside %(other)s, from which it is kept apart") % told))
    return found


def _uninsured(coming: Sequence[Device], place: Location) -> list[Reason]:
    fresh = sum((one.expected_value or Decimal(0) for one in coming if one.currency == place.currency), Decimal(0))
    there = place.devices.filter(currency=place.currency).aggregate(worth=Sum("expected_value"))["worth"] or Decimal(0)
    if place.insured_value is None or not fresh or there + fresh <= place.insured_value:
        return []
    told = {"place": place.code, "most": f"{place.insured_value:,.2f}", "currency": place.currency}
    return [Reason("uninsured", _("%(place)s is insured up to %(most)s %(currency)s, and this would be more") % told)]


def suits(device: Device, place: Location) -> bool:
    """Whether a place takes a dangerous one within its limits; nothing is asked for harmless ones."""
    return not device.hazard or (suiting.suits(device, place) and not reasons_against_limits([device], place))


# What needs a person -------------------------------------------------------------------------------------------------------------------


def exceptions(actor: Actor, *, at: datetime | None = None) -> list[ExceptionRow]:
    """Dangers that nobody has assessed, and containers that nobody has looked into again."""
    if not actor.is_operator or not actor.may("devices.hold"):
        return []
    now = at or clock.now()
    rows = [
        ExceptionRow(
            key=f"hazard:{case.pk}",
            kind="exception.hazard",
            sentence=_("%(danger)s: not assessed, %(left)s.")
            % {"danger": word(f"danger.{case.kind}").capitalize(), "left": left(case, now)},
            thing=case.number,
            url=reverse("hazard", args=[case.number]),
            owner=_("safety assessor"),
            since=case.reported_at,
            due=case.due_at,
            next_action=_("Assess it"),
        )
        for case in HazardCase.objects.visible_to(actor).filter(state=HazardState.OPEN)[:200]
    ]
    return rows + [
        ExceptionRow(
            key=f"reinspection:{one.pk}",
            kind="exception.reinspection",
            sentence=_("It is to be inspected again for %s.") % one.case.number,
            thing=one.place.code,
            url=reverse("hazard", args=[one.case.number]),
            owner=_("warehouse"),
            since=one.asked_at,
            next_action=_("Look into it"),
        )
        for one in looks(actor)[:200]
    ]
