"""The one box: whatever is scanned, the answer is what to do next with this thing here."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from revlog.accounts.access import allow
from revlog.common.errors import BadInput, DomainError, NotFound, Reason
from revlog.scanning import answers, codes, registry
from revlog.scanning.acts import at_floor, respond
from revlog.scanning.answers import Answer
from revlog.scanning.here import Here


@allow("devices.view")
@never_cache
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The empty box and the jobs of this person."""
    try:
        here = Here(request)
    except DomainError as error:
        return render(request, "floor/box.html", {"problem": error.sentence})
    return respond(request, here, None)


@allow("devices.view")
@require_POST
@at_floor
def scan(request: HttpRequest, here: Here) -> Answer:
    """What the code is, and what can be done with the thing in the hand."""
    reading = codes.read(request.POST.get("code", ""))
    if not reading.text:
        raise BadInput(Reason("nothing", _("Scan or type a code."), "code"))
    said = registry.answer(here, reading)
    if said is None:
        raise NotFound(
            Reason(
                "unknown",
                _("Nothing here has the code %(code)s. Scan it again, or look for it by name.")
                % {"code": reading.text},
            )
        )
    return said


@allow("devices.view")
@require_POST
@at_floor
def undo(request: HttpRequest, here: Here) -> Answer:
    """Take back what was offered to be taken back, while it still may."""
    try:
        told = answers.undone(request.POST.get("token", ""))
    except signing.BadSignature:
        raise BadInput(
            Reason("too_late", _("It is too late to undo that. Scan the thing and do what is right now."))
        ) from None
    verb = registry.UNDOING.get(told.get("name", ""))
    if verb is None:
        raise NotFound(Reason("unknown", _("That can't be undone.")))
    return verb(here, told)
