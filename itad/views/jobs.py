"""Client jobs: a list of units, and the policies that owners chose."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from itad import queries
from itad.models import PolicyChoice
from itad.policies import POLICIES
from itad.services import drafts, intake, policies
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.models import Hub, Organization
from revlog.common import clock, tables
from revlog.common.errors import DomainError


@allow("itad.jobs")
@require_http_methods(["GET", "HEAD", "POST"])
def take_in(request: HttpRequest) -> HttpResponse:
    """A client's units: announced or received from a pasted list; a file's columns are looked at first."""
    actor = gate.actor_for(request)
    clients = Organization.objects.visible_to(actor).filter(active=True).exclude(kind="operator")
    hubs = Hub.objects.visible_to(actor).filter(active=True)
    context: dict[str, Any] = {"clients": clients, "hubs": hubs, "sent": request.POST, "columns": intake.COLUMNS}
    status = 200
    if request.method == "POST":
        client = clients.filter(code=request.POST.get("client", "")).first()
        hub = hubs.filter(code=request.POST.get("hub", "")).first()
        try:
            sent = request.FILES.get("file")
            if client is None or hub is None:
                context |= {"problem": _("Choose the client and the hub."), "reasons": []}
                status = 422
            elif sent is not None:
                drafted = drafts.keep(
                    data=sent.read(tables.MOST_BYTES + 1),
                    name=sent.name or "list",
                    client=client,
                    hub=hub,
                    contract=request.POST.get("contract", ""),
                    reference=request.POST.get("reference", ""),
                    here=request.POST.get("here") == "1",
                    by=actor,
                    at=clock.now(),
                )
                return HttpResponseRedirect(reverse("itad_manifest", args=[drafted.pk]))
            else:
                taken = intake.take_in(
                    client=client,
                    lines=intake.read(request.POST.get("list", "")),
                    contract=request.POST.get("contract", ""),
                    reference=request.POST.get("reference", ""),
                    hub=hub,
                    here=request.POST.get("here") == "1",
                    by=actor,
                    at=clock.now(),
                )
                count = len(taken.all)
                messages.success(
                    request, ngettext("%(count)s unit taken in.", "%(count)s units taken in.", count) % {"count": count}
                )
                return HttpResponseRedirect(reverse("itad"))
        except DomainError as error:
            context |= {
                "problem": _("The list can't be taken as it is."),
                "reasons": [r.sentence for r in error.reasons][:50],
            }
            status = error.status
    return render(request, "itad/intake.html", context, status=status)


@allow("itad.view", write=("itad.jobs", "itad.certify", "itad.authorize"))
@require_http_methods(["GET", "HEAD", "POST"])
def policy_page(request: HttpRequest) -> HttpResponse:
    """What each owner's media need, and the choice of another policy."""
    actor, at = gate.actor_for(request), clock.now()
    owners = Organization.objects.visible_to(actor).filter(active=True)
    if not actor.is_operator:
        owners = owners.filter(pk__in=[actor.organization_id])
    problem, status = "", 200
    if request.method == "POST":
        owner = owners.filter(code=request.POST.get("owner", "")).first()
        try:
            if owner is None:
                problem, status = _("Choose whose media it is about."), 422
            else:
                policies.choose(
                    owner=owner,
                    policy=request.POST.get("policy", ""),
                    reason=request.POST.get("reason", ""),
                    by=actor,
                    at=at,
                )
                messages.success(request, _("Chosen. It counts for media that are begun from now on."))
                return HttpResponseRedirect(reverse("itad_policies"))
        except DomainError as error:
            problem, status = error.sentence, error.status
    rows: list[dict[str, Any]] = []
    for owner in owners.order_by("name"):
        policy, own = queries.policy_of(owner.id, at=at)
        choice = PolicyChoice.objects.filter(owner=owner).first() if own else None
        rows.append({"owner": owner, "policy": policy, "own": own, "choice": choice})
    context = {
        "rows": rows,
        "policies": list(POLICIES.values()),
        "choosable": [row["owner"] for row in rows if not policies.reasons_against_choosing(row["owner"], actor)],
        "problem": problem,
        "sent": request.POST,
    }
    return render(request, "itad/policies.html", context, status=status)
