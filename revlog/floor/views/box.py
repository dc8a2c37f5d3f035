"""The one box: whatever is scanned, the answer is what to do next with this thing here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from revlog.accounts.access import allow
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.evidence.pdf import qr
from revlog.scanning import codes, registry, undoing
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
    if request.GET.get("job") == "none":
        here.keep(job=None)
    if request.GET.get("shell") == "1":
        # Kept by the browser for opening without the net: nothing of what was scanned is on it.
        here.recent = []
    return respond(request, here, None)


@allow("devices.view")
@require_POST
@at_floor
def scan(request: HttpRequest, here: Here) -> Answer | HttpResponse:
    """What the code is, and what can be done with the thing in the hand. With ``job``, that job is begun first."""
    reading = codes.read(request.POST.get("code", ""))
    if job := request.POST.get("job", "")[:40]:
        registry.begin(here, job)
    if not reading.text:
        raise BadInput(Reason("nothing", _("Scan or type a code."), "code"))
    if here.repeats(reading.code):
        return _repeated(request)
    return registry.answer(here, reading)


def _repeated(request: HttpRequest) -> HttpResponse:
    """The trigger was pulled twice: what stands on the page stays there."""
    answer: Answer = {"tone": "attention", "title": _("Scanned twice"), "text": _("It counts once.")}
    response = render(request, "floor/_answer.html", {"answer": answer})
    response.headers["HX-Reswap"] = "none"
    return response


@allow("devices.view")
@require_POST
@at_floor
def undo(request: HttpRequest, here: Here) -> Answer:
    """Take back what was offered to be taken back, while it still may."""
    return undoing.take_back(here, request.POST.get("token", ""))


@allow("devices.view")
@require_GET
def commands(request: HttpRequest) -> HttpResponse:
    """The sheet of command codes, for this person's permissions: printed once, it hangs at the station."""
    try:
        here = Here(request)
    except DomainError as error:
        return render(request, "floor/box.html", {"problem": error.sentence})
    groups = [
        {
            "title": title,
            "codes": [{"command": one, "picture": qr.qr_svg(one.code)} for one in rows],
        }
        for title, rows in registry.sheet(here)
        if rows
    ]
    return render(request, "floor/commands.html", {"groups": groups, "hub": {"name": here.hub.name}})
