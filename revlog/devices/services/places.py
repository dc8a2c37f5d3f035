"""Setting up places: bins, benches, cages. Whether a place is secured decides where data may lie, so each change is on its chain."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody.models import Chain
from revlog.custody.services import ledger
from revlog.devices import facts
from revlog.devices.journey import CLEARED
from revlog.devices.models import Location, LocationKind

CHAIN = "place"
# What a scanner reads without a change of mode, and what no other code of ours looks like.
CODE = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]{0,38}[A-Z0-9])?")
MOST_UNITS = 100_000


class UnableToSetUp(DomainError):
    """The place can't be set up like this."""

    code = "unable_to_set_up_place"


def add(
    *, hub: Hub, code: str, kind: LocationKind, secured: bool, capacity: int | None = None, by: Actor, at: datetime
) -> Location:
    """Set up a place at a hub. Raises BadInput for a code that scanners can't tell, UnableToSetUp for one that is taken."""
    _require(by, hub, secured=secured)
    code = code.strip().upper()
    wrong = []
    if not CODE.fullmatch(code):
        wrong.append(
            Reason("bad_code", _("A place's code has letters, digits, dots and dashes, at most 40 of them."), "code")
        )
    if capacity is not None and not 1 <= capacity <= MOST_UNITS:
        wrong.append(
            Reason("bad_capacity", _("A place holds 1 to %s units, or as many as fit.") % f"{MOST_UNITS:,}", "capacity")
        )
    if wrong:
        raise BadInput(wrong)
    if secured and not hub.secured:
        raise UnableToSetUp(Reason("hub_not_secured", _("%(hub)s has no secured zone.") % {"hub": hub.name}, "secured"))
    taken = Reason("taken", _("%(hub)s has a place called %(code)s.") % {"hub": hub.name, "code": code}, "code")
    if Location.objects.filter(hub=hub, code__iexact=code).exists():
        raise UnableToSetUp(taken)
    place = Location(id=ids.new(at), hub=hub, code=code, kind=kind, secured=secured, capacity=capacity, created_at=at)
    try:
        with transaction.atomic():
            place.save(force_insert=True)
            _begin(place, by=by, at=at)
    except IntegrityError as raced:
        raise UnableToSetUp(taken) from raced
    return place


def secure(place: Location, *, secured: bool, by: Actor, at: datetime) -> Location:
    """Say that a place is secured, or no longer is; the latter is refused while units in it may hold data."""
    _require(by, place.hub, secured=True)
    with transaction.atomic():
        place = _taken(place)
        if place.secured == secured:
            return place
        if secured and not place.hub.secured:
            raise UnableToSetUp(Reason("hub_not_secured", _("%(hub)s has no secured zone.") % {"hub": place.hub.name}))
        if not secured and (risky := place.devices.exclude(data__in=CLEARED).count()):
            raise UnableToSetUp(
                Reason(
                    "data_inside",
                    ngettext(
                        "%(count)s unit in %(place)s may hold data; move it to a secured place first.",
                        "%(count)s units in %(place)s may hold data; move them to a secured place first.",
                        risky,
                    )
                    % {"count": risky, "place": place.code},
                )
            )
        place.secured = secured
        _change(place, by=by, at=at)
    return place


def close(place: Location, *, by: Actor, at: datetime) -> Location:
    """Take an empty place out of use; its code stays taken, since old entries name it."""
    return _use(place, active=False, by=by, at=at)


def reopen(place: Location, *, by: Actor, at: datetime) -> Location:
    return _use(place, active=True, by=by, at=at)


def _use(place: Location, *, active: bool, by: Actor, at: datetime) -> Location:
    _require(by, place.hub, secured=place.secured)
    with transaction.atomic():
        place = _taken(place)
        if place.active == active:
            return place
        if not active and (inside := place.devices.count()):
            raise UnableToSetUp(
                Reason(
                    "not_empty",
                    ngettext(
                        "%(count)s unit is in %(place)s; put it elsewhere first.",
                        "%(count)s units are in %(place)s; put them elsewhere first.",
                        inside,
                    )
                    % {"count": inside, "place": place.code},
                )
            )
        place.active = active
        _change(place, by=by, at=at)
    return place


def _require(by: Actor, hub: Hub, *, secured: bool) -> None:
    """Leads set up open places at their hubs; where data may lie is the administrator's to say."""
    if not Hub.objects.visible_to(by).filter(pk=hub.pk).exists():
        raise NotAllowed(Reason("not_allowed", _("This hub is not yours to set up.")))
    if not by.may("accounts.hubs" if secured else "accounts.stations"):
        raise NotAllowed(
            Reason("not_allowed", _("A secured place is set up by an administrator."))
            if secured
            else Reason("not_allowed", _("Places are set up by a lead or an administrator."))
        )


def _taken(place: Location) -> Location:
    return Location.objects.select_for_update(no_key=True, of=("self",)).select_related("hub").get(pk=place.pk)


def _begin(place: Location, *, by: Actor, at: datetime) -> None:
    fact = facts.PlaceAdded(
        place=place.code, hub=place.hub.code, kind_of_place=place.kind, secured=place.secured, capacity=place.capacity
    )
    ledger.begin(CHAIN, place.pk, fact, by=by, at=at, hub=place.hub_id)


def _change(place: Location, *, by: Actor, at: datetime) -> None:
    if not Chain.objects.filter(pk=place.pk).exists():
        # It was set up before places had chains: its story begins with what was found.
        found = Location.objects.select_related("hub").get(pk=place.pk)
        _begin(found, by=by, at=at)
    place.save(update_fields=["secured", "active"])
    fact = facts.PlaceChanged(place=place.code, hub=place.hub.code, secured=place.secured, active=place.active)
    ledger.append(place.pk, fact, by=by, at=at, hub=place.hub_id)
