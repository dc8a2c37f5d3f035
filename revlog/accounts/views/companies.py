"""Settings: the addresses and VAT numbers that documents name."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.forms import CompanyForm, show
from revlog.accounts.models import Organization
from revlog.accounts.services import companies
from revlog.accounts.services.companies import Told
from revlog.common import clock
from revlog.common.errors import DomainError


@allow("accounts.hubs")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Every organization with its address and VAT number, and which have none."""
    rows = Organization.objects.visible_to(gate.actor_for(request)).filter(active=True)
    return render(request, "accounts/companies.html", {"rows": rows})


@allow("accounts.hubs")
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, code: str) -> HttpResponse:
    """One organization's; a POST writes it."""
    by = gate.actor_for(request)
    row = get_object_or_404(Organization.objects.visible_to(by).filter(active=True), code=code)
    known = {name: getattr(row, name) for name in Told.__dataclass_fields__}
    form = CompanyForm(request.POST if request.method == "POST" else None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            companies.write(row, Told(**form.cleaned_data), by=by, at=clock.now())
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(request, _("Saved. Documents made from now on say it so."))
            return HttpResponseRedirect(reverse("accounts_companies"))
    return render(request, "accounts/company.html", {"row": row, "form": form}, status=422 if form.errors else 200)
