"""Settings: which service providers serve whose customers."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.forms import EngageForm, ProviderForm, show
from revlog.accounts.models import Engagement, Organization, OrganizationKind
from revlog.accounts.services import engaging
from revlog.common import clock
from revlog.common.errors import DomainError


@allow("accounts.hubs")
@require_http_methods(["GET", "HEAD", "POST"])
def providers(request: HttpRequest) -> HttpResponse:
    """Providers and whom they work for; a POST adds a provider, engages one or ends an engagement."""
    by, at = gate.actor_for(request), clock.now()
    act = request.POST.get("act", "")
    add = ProviderForm(request.POST if act == "add" else None)
    engage = EngageForm(request.POST if act == "engage" else None, actor=by)
    if act == "end":
        row = get_object_or_404(Engagement.objects.visible_to(by), pk=_key(request))
        engaging.end(row, by=by, at=at)
        messages.success(request, _("Ended."))
        return HttpResponseRedirect(reverse("accounts_providers"))
    form = add if act == "add" else engage if act == "engage" else None
    if form is not None and form.is_valid():
        try:
            if act == "add":
                engaging.add_provider(**form.cleaned_data, by=by, at=at)
                messages.success(request, _("Added. Invite its people, and say for whom they work."))
            else:
                engaging.engage(**form.cleaned_data, by=by, at=at)
                messages.success(request, _("Engaged."))
            return HttpResponseRedirect(reverse("accounts_providers"))
        except DomainError as refusal:
            show(form, refusal)
    context = {
        "rows": Engagement.objects.visible_to(by).filter(ended_at=None).select_related("provider", "client"),
        "providers": Organization.objects.visible_to(by).filter(kind=OrganizationKind.PROVIDER),
        "add": add,
        "engage": engage,
    }
    return render(request, "accounts/providers.html", context, status=422 if form is not None else 200)


def _key(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("engagement", ""))
    except ValueError:
        raise Http404 from None
