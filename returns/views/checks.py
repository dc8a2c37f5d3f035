"""What registers and makers say of one unit's number, and the form for what a person looked up."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from returns import checks
from returns.models import CheckKind, CheckState, NumberCheck
from returns.services.sessions import checking
from returns.views.common import face, text
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.words import word
from revlog.devices.models import Device

LOOKS = {"clear": "done", "bad": "held", "unknown": "coming"}


@allow("returns.receive", "exceptions.view", write="returns.receive")
@require_http_methods(["GET", "HEAD", "POST"])
def unit(request: HttpRequest, tag: str) -> HttpResponse:
    """All answers about one unit, newest first; a POST keeps what a person found."""
    by = gate.actor_for(request)
    device = get_object_or_404(
        Device.objects.visible_to(by).select_related("product", "location", "owner"), tag=tag.upper()
    )
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            row = checking.enter(
                device, kind=text(request, "kind", 10), state=text(request, "state", 8), source=text(request, "source", 60),
                detail=text(request, "detail", 200), by=by, at=clock.now(),
            )  # fmt: skip
        except DomainError as refusal:
            problem = refusal
        else:
            held = _("It is kept, and the unit is held.") if row.state == CheckState.BAD else _("It is kept.")
            messages.success(request, held)
            return HttpResponseRedirect(reverse("receiving_checks", args=[device.tag]))
    rows = list(NumberCheck.objects.filter(device=device)[:200])
    names = people.names_of([row.checked_by for row in rows])
    named = checking.number_of(device)
    context = {
        "device": device,
        "unit": face(device),
        "number": named[1] if named else "",
        "service": checks.adapter() is not None,
        "rows": [
            {
                "row": row,
                "kind": word(f"check.{row.kind}"),
                "state": capfirst(word(f"check_state.{row.state}")),
                "look": LOOKS[row.state],
                "who": names.get(row.checked_by, "") if row.checked_by != checking.BY.reference else "",
            }
            for row in rows
        ],
        "kinds": CheckKind.choices,
        "states": CheckState.choices,
        "may_enter": by.may("returns.receive"),
        "problem": problem,
    }
    return render(request, "returns/sessions/checks.html", context, status=problem.status if problem else 200)
