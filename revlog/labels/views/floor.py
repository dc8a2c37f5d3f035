"""Printing on the floor by a button: the same as the command's code."""

from __future__ import annotations

from django.http import HttpRequest
from django.views.decorators.http import require_POST

from revlog.accounts.access import allow
from revlog.labels import floor
from revlog.labels.views.jobs import MAY
from revlog.scanning.acts import at_floor
from revlog.scanning.answers import Answer
from revlog.scanning.here import Here


@allow(*MAY)
@require_POST
@at_floor
def act(request: HttpRequest, here: Here) -> Answer:
    """The label of a thing at the station's printer, again where a reason comes along; or a job once more."""
    told = {name: request.POST.get(name, "").replace("\0", "")[:60] for name in ("kind", "thing", "reason", "variant")}
    return floor.printed(here, told["kind"], told["thing"], reason=told["reason"], variant=told["variant"])
