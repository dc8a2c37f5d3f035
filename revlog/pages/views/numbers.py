"""Two units and one number: a person says whether they are one thing."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.devices.faces import face
from revlog.devices.models import Device
from revlog.devices.services import naming


@allow("devices.view", write="devices.correct")
@require_http_methods(["GET", "HEAD", "POST"])
def numbers(request: HttpRequest, tag: str) -> HttpResponse:
    """What was found on this unit and is another's: both side by side, and the two answers."""
    by = gate.insider_for(request)
    device = get_object_or_404(Device.objects.visible_to(by), tag=tag)
    rows = naming.open_of([device.pk])
    problem: DomainError | None = None
    if request.method == "POST":
        row = next((one for one in rows if str(one.pk) == request.POST.get("row", "")), None)
        if row is None:
            raise Http404
        try:
            naming.settle(
                row,
                outcome=request.POST.get("outcome", ""),
                reason=request.POST.get("reason", ""),
                by=by,
                at=clock.now(),
            )
        except DomainError as refusal:
            problem = refusal
        else:
            messages.success(request, _("Settled. It stands in both stories."))
            return HttpResponseRedirect(reverse("unit", args=[device.tag]))
    context = {
        "device": device,
        "problem": problem,
        "rows": [
            {
                "row": row,
                "one": face(row.device),
                "other": face(row.other),
                "names": _("%(printed)s was found on %(one)s and is %(other)s's.")
                % {"printed": row.printed, "one": row.device.tag, "other": row.other.tag},
                "gone": naming.gone(row),
                # Of one at a site where the reader doesn't work, no more is told than its tag.
                "sees": {"one": row.device.is_visible_to(by), "other": row.other.is_visible_to(by)},
                "may": not naming.reasons_against_settling(row, naming.APART, by=by),
            }
            for row in rows
        ],
    }
    return render(request, "pages/numbers.html", context, status=problem.status if problem else 200)
