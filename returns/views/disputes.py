"""An appeal at the desk: what was found first and what now, side by side, and the decision."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from returns import proof
from returns.models import Appeal, AppealStatus, Rma
from returns.services import appeals
from returns.views.common import face, text
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import answers, clock
from revlog.common.errors import DomainError
from revlog.common.templatetags.ui import money
from revlog.common.words import Audience, word
from revlog.evidence.models import Attachment


@allow("returns.view", write=("returns.appeal", "triage.regrade"))
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One appeal: its two looks, its photos, its money; decided by somebody whose own work it isn't."""
    by = gate.actor_for(request)
    row = get_object_or_404(
        Appeal.objects.select_related(
            "unit__line__order_line", "unit__line__rma__hub", "unit__device__product", "unit__device__location", "refund", "hold"
        ).filter(unit__line__rma__in=Rma.objects.visible_to(by)),
        pk=pk,
    )  # fmt: skip
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            _decide(request, row, by, clock.now())
        except DomainError as refusal:
            problem = refusal
        else:
            messages.success(request, _("Decided."))
            return HttpResponseRedirect(reverse("returns_appeal", args=[row.pk]))
    return render(request, "returns/appeal.html", _context(row, by, problem), status=problem.status if problem else 200)


def _decide(request: HttpRequest, row: Appeal, by: Actor, at: datetime) -> None:
    wanted, why = request.POST.get("act", ""), text(request, "why", 1000)
    if wanted == "changed":
        appeals.decide(row, changed=True, amount=answers.decimal(request, "amount"), why=why, by=by, at=at)
    elif wanted == "upheld":
        appeals.decide(row, changed=False, why=why, by=by, at=at)
    elif wanted == "rest":
        appeals.propose_rest(row, amount=answers.decimal(request, "amount"), why=why, by=by, at=at)
    else:
        raise Http404


def _context(row: Appeal, by: Actor, problem: DomainError | None) -> dict[str, Any]:
    unit = row.unit
    rma, currency = unit.line.rma, unit.line.currency
    told = proof.of(unit, Audience.STAFF)
    names = people.names_of([*row.inspectors, row.decided_by, *(look.by for look in told.looks)])
    before = [look for look in told.looks if look.at < row.opened_at]
    after = [look for look in told.looks if look.at >= row.opened_at]
    photos = _photos(row)
    may_act = by.may("returns.appeal") or by.may("triage.regrade")
    is_open = row.status == AppealStatus.OPEN
    return {
        "row": row,
        "rma": rma,
        "unit": face(unit.device) if unit.device is not None else None,
        "status": word(f"appeal.{row.status}"),
        "look": "work" if is_open else "done",
        "sides": [
            _side(_("First"), before[-1] if before else None, photos["before"], names),
            _side(_("Again"), after[-1] if after else None, photos["after"], names),
        ],
        "inspectors": [names.get(one, "—") for one in row.inspectors],
        "decided_by": names.get(row.decided_by, ""),
        "deductions": told.deductions,
        "refusal": row.refund is None,
        "promised": money(appeals.promised(row), currency),
        "most": money(appeals.most(row), currency),
        "amount": f"{appeals.most(row):.2f}",
        "is_open": is_open,
        "may_act": may_act and is_open,
        "may_rest": may_act and appeals.waits_for_rest(row),
        "reasons": [reason.sentence for reason in appeals.reasons_against_deciding(row, by=by)] if is_open else [],
        "triage_url": reverse("triage_unit", args=[unit.device.tag])
        if unit.device is not None and appeals.can_be_looked_at(row) and by.may("triage.inspect")
        else "",
        "problem": problem,
    }


def _side(title: str, look: proof.Look | None, photos: list[dict[str, str]], names: dict[str, str]) -> dict[str, Any]:
    return {"title": title, "look": look, "by": names.get(look.by, _("Revlog")) if look else "", "photos": photos}


def _photos(row: Appeal) -> dict[str, list[dict[str, str]]]:
    """All photos that were taken of it on this return, whoever may see them, parted by the appeal."""
    found: dict[str, list[dict[str, str]]] = {"before": [], "after": []}
    device = row.unit.device
    if device is None or row.unit.received_at is None:
        return found
    rows = Attachment.objects.filter(
        chain_id=device.pk, use__startswith="photo", added_at__gte=row.unit.received_at, artifact__erased_at=None
    ).order_by("added_at")
    if row.decided_at is not None:
        rows = rows.filter(added_at__lte=row.decided_at)
    for one in rows:
        side = "before" if one.added_at < row.opened_at else "after"
        found[side].append({"url": reverse("unit_photo", args=[device.tag, one.pk]), "alt": one.name or _("Photo")})
    return found
