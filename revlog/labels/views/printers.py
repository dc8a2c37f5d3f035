"""Printers in the settings: which a site has, what each is loaded with, and which stations print there."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.forms import show
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.labels import queries
from revlog.labels.forms import PrinterForm
from revlog.labels.services import printers


@allow("accounts.stations")
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """The printers of one's sites; a POST sets one up."""
    actor = gate.insider_for(request)
    form = PrinterForm(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            made = printers.keep(**form.cleaned_data, by=actor, at=clock.now())
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(request, _("%s is set up.") % made.name)
            return HttpResponseRedirect(reverse("printers"))
    context = {"printers": queries.printers(actor), "form": form, "networks": ", ".join(settings.PRINTERS_NETWORKS)}
    return render(request, "labels/printers.html", context, status=422 if form.errors else 200)


@allow("accounts.stations")
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One printer; a POST changes it, or takes it out of use."""
    actor = gate.insider_for(request)
    row = get_object_or_404(queries.printers(actor), pk=pk)
    if request.POST.get("act") == "retire":
        try:
            printers.retire(row, by=actor)
        except DomainError as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, _("%s is out of use.") % row.name)
        return HttpResponseRedirect(reverse("printers"))
    names = ("name", "hub", "way", "host", "port", "dpi", "stock", "red_border", "on_receipt")
    initial = {name: getattr(row, name) for name in names} | {"stations": list(row.stations.all())}
    form = PrinterForm(request.POST or None, actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            printers.keep(printer=row, **form.cleaned_data, by=actor, at=clock.now())
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(request, _("%s is changed.") % row.name)
            return HttpResponseRedirect(reverse("printers"))
    context = {"printer": row, "form": form, "networks": ", ".join(settings.PRINTERS_NETWORKS)}
    return render(request, "labels/printer.html", context, status=422 if form.errors else 200)
