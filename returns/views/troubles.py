"""What was not as announced, and the acts that settle it."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from returns.models import Discrepancy, Trouble
from returns.queries import inbox
from returns.services import differing, troubles
from returns.views.common import face, text
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.words import word


@allow("returns.view", "exceptions.view", write="exceptions.resolve")
@require_http_methods(["GET", "HEAD", "POST"])
def trouble(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One discrepancy, with what was expected and found, and the acts that settle it."""
    by = gate.actor_for(request)
    row = get_object_or_404(
        Discrepancy.objects.visible_to(by).select_related("rma", "unit__line", "device__location", "parcel", "hub"),
        pk=pk,
    )
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            _settle_trouble(row, request.POST.get("act", ""), text(request, "reason"), by, clock.now())
            messages.success(request, _("Settled."))
            return HttpResponseRedirect(
                reverse("returns_rma", args=[row.rma.number]) if row.rma else reverse("exceptions")
            )
        except DomainError as refusal:
            problem = refusal
    names = people.names_of([row.raised_by, row.resolved_by])
    wrong = row.kind == Trouble.WRONG_SERIAL and row.resolved_at is None
    context = {
        "row": row,
        "kind": word(row.kind),
        "sentence": inbox.sentence_of(row),
        "unit": face(row.device) if row.device else None,
        "raised_by": names.get(row.raised_by, ""),
        "resolved_by": names.get(row.resolved_by, ""),
        "may_match": wrong and by.may("returns.settle"),
        "reasons": [reason.sentence for reason in troubles.reasons_against_resolving(row, by=by)],
        "may_resolve": by.may("exceptions.resolve"),
        "problem": problem,
    }
    return render(request, "returns/trouble.html", context, status=problem.status if problem else 200)


def _settle_trouble(row: Discrepancy, act: str, reason: str, by: Actor, at: datetime) -> None:
    if act == "match":
        differing.match_anyway(row, reason=reason, by=by, at=at)
    elif act == "refuse":
        differing.refuse_wrong(row, reason=reason, by=by, at=at)
    else:
        troubles.resolve(row, resolution=reason, by=by, at=at)
