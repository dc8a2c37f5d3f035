"""Acts of the store on the floor: the buttons that its answers offer."""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from revlog.accounts.access import allow
from revlog.common.errors import BadInput, NotFound, Reason
from revlog.devices.models import Device, Location
from revlog.scanning.acts import at_floor
from revlog.scanning.answers import Answer
from revlog.scanning.here import Here
from revlog.storage.floor import counts as count_floor
from revlog.storage.floor import picks as pick_floor
from revlog.storage.floor import places as floor
from revlog.storage.models.picks import ShortReason
from revlog.storage.queries import places as queries


@allow("devices.locate")
@require_POST
@at_floor
def hold(request: HttpRequest, here: Here) -> Answer:
    """Take a thing in the hand, to put it away."""
    return floor.take_in_hand(here, _unit(request, here))


@allow("devices.locate")
@require_POST
@at_floor
def put(request: HttpRequest, here: Here) -> Answer:
    """Put the thing in the place."""
    return floor.put_in(here, [str(_unit(request, here).pk)], _place(request, here))


@allow("devices.locate")
@require_POST
@at_floor
def take_all(request: HttpRequest, here: Here) -> Answer:
    """Take all that lies in the place in the hand."""
    return floor.take_all(here, _place(request, here))


@allow("devices.locate")
@require_POST
@at_floor
def let_go(request: HttpRequest, here: Here) -> Answer:
    """Move nothing after all."""
    return floor.let_go(here)


@allow("devices.locate")
@require_POST
@at_floor
def take_on(request: HttpRequest, here: Here) -> Answer:
    """Go on with a pick list."""
    return pick_floor.take_on(here, pick_floor.named(here, request.POST.get("list", "")))


@allow("devices.locate")
@require_POST
@at_floor
def short(request: HttpRequest, here: Here) -> Answer:
    """A unit of the list can't be fetched, and why."""
    row = pick_floor.named(here, request.POST.get("list", ""))
    reason = request.POST.get("reason", "")
    if reason not in ShortReason.values:
        raise BadInput(Reason("no_reason", _("Say why it can't be fetched."), "reason"))
    return pick_floor.not_fetched(here, row, _unit(request, here), ShortReason(reason))


@allow("devices.count")
@require_POST
@at_floor
def count(request: HttpRequest, here: Here) -> Answer:
    """Something with a code that nobody knows lies in the place that is counted."""
    walk = count_floor.named(here, request.POST.get("walk", ""))
    return count_floor.noted(here, walk, request.POST.get("text", "").replace("\0", ""))


def _unit(request: HttpRequest, here: Here) -> Device:
    try:
        key = uuid.UUID(request.POST.get("unit", ""))
    except ValueError:
        key = None
    found = Device.objects.visible_to(here.by).select_related("hub", "location", "owner").filter(pk__in=[key]).first()
    if found is None:
        raise NotFound(Reason("unknown", _("This thing is not at your site.")))
    return found


def _place(request: HttpRequest, here: Here) -> Location:
    found = queries.by_code(here.hub, request.POST.get("place", "").replace("\0", ""))
    if found is None:
        raise NotFound(Reason("unknown", _("This place is not at your site.")))
    return found
