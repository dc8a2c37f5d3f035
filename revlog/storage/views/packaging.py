"""Returnable packaging in the office: what each partner has, what is at the sites, a statement as page and file, which carton fits."""

from __future__ import annotations

import csv
import io
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.forms import show
from revlog.accounts.models import Hub, Organization, OrganizationKind
from revlog.common import clock
from revlog.common.cells import safe
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.storage.models import PackagingAccount, PackagingKind, PackagingMoveKind, PackagingType
from revlog.storage.queries import packaging as reads
from revlog.storage.services import packaging

LINES = 200


class PostForm(forms.Form):
    """One move of packaging."""

    type = forms.ModelChoiceField(
        label=gettext_lazy("Packaging"), queryset=PackagingType.objects.filter(active=True), empty_label=None
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        choices=[(code, label) for code, label in PackagingMoveKind.choices if code != PackagingMoveKind.COUNTED],
    )
    quantity = forms.IntegerField(label=gettext_lazy("How many"), min_value=1, max_value=packaging.MOST)
    partner = forms.ModelChoiceField(
        label=gettext_lazy("Partner"), queryset=Organization.objects.none(), required=False, empty_label="—",
        help_text=gettext_lazy("For what goes out, comes back, is lost or found."),
    )  # fmt: skip
    hub = forms.ModelChoiceField(label=gettext_lazy("Hub"), queryset=Hub.objects.none(), empty_label=None)
    reference = forms.CharField(label=gettext_lazy("Delivery note, receipt or shipment"), max_length=60, required=False)
    kilos = forms.DecimalField(
        label=gettext_lazy("Weight, kg"), required=False, min_value=0, max_value=100_000, decimal_places=3,
        help_text=gettext_lazy("For what goes to recycling."),
    )  # fmt: skip

    def __init__(self, *args: object, actor: Actor, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["hub"].queryset = Hub.objects.worked_by(actor).filter(active=True)  # type: ignore[attr-defined]
        self.initial.setdefault("hub", actor.hub_id)
        partners = Organization.objects.visible_to(actor).filter(active=True).exclude(kind=OrganizationKind.OPERATOR)
        self.fields["partner"].queryset = partners.order_by("name")  # type: ignore[attr-defined]


class TypeForm(forms.Form):
    """A kind of packaging."""

    code = forms.SlugField(
        label=gettext_lazy("Code"), max_length=30, help_text=gettext_lazy("Short: eur-pallet, tote-60.")
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=PackagingKind.choices)
    sides = forms.RegexField(
        regex=r"^\s*\d{1,5}\s*x\s*\d{1,5}\s*x\s*\d{1,5}\s*$", label=gettext_lazy("Inside, mm"), required=False,
        help_text=gettext_lazy("Of a carton: 400 x 300 x 200."),
    )  # fmt: skip
    deposit = forms.DecimalField(
        label=gettext_lazy("Deposit"), min_value=0, max_value=99999, decimal_places=2, initial=0
    )
    price = forms.DecimalField(
        label=gettext_lazy("Price of a lost one"), min_value=0, max_value=99999, decimal_places=2, initial=0
    )
    waiting_days = forms.IntegerField(label=gettext_lazy("Back within, days"), min_value=0, max_value=3650, initial=30)
    cleaned = forms.BooleanField(label=gettext_lazy("Is cleaned before it goes out again"), required=False)

    def told(self) -> dict[str, Any]:
        told = dict(self.cleaned_data)
        sides = [int(one) for one in told.pop("sides").split("x") if one.strip()]
        return told | {"sides": (sides[0], sides[1], sides[2]) if sides else None}


@allow("devices.locate")
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """Balances of all partners, the stock of one's sites, overdue ones first; a POST posts one move."""
    actor, at = gate.insider_for(request), clock.now()
    setting_up = request.POST.get("part") == "type"
    form = PostForm(request.POST if request.method == "POST" and not setting_up else None, actor=actor)
    kind_form = TypeForm(request.POST if setting_up else None) if actor.may("accounts.stations") else None
    if setting_up and kind_form is not None and kind_form.is_valid():
        try:
            made = packaging.keep_type(**kind_form.told(), by=actor)
        except DomainError as refusal:
            show(kind_form, refusal)
        else:
            messages.success(request, _("%s is set up.") % made.name)
            return HttpResponseRedirect(reverse("packaging"))
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        kind = PackagingMoveKind(told["kind"])
        try:
            packaging.post(
                told["type"], kind, hub=told["hub"], quantity=told["quantity"], partner=told["partner"],
                reference=told["reference"], grams=int(told["kilos"] * 1000) if told["kilos"] else None, by=actor, at=at,
            )  # fmt: skip
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(request, packaging.said(kind, told["quantity"], told["type"]))
            return HttpResponseRedirect(reverse("packaging"))
    rows = reads.balances(actor, at=at)
    sides, trouble = _sides(request)
    bad = form.is_bound or setting_up
    context = {
        "currency": settings.BASE_CURRENCY,
        "kind_form": kind_form,
        "setting_up": setting_up,
        "balances": rows,
        "overdue": sorted((one for one in rows if one.overdue), key=lambda one: -one.at_risk),
        "stock": reads.stock(actor),
        "form": form if PackagingType.objects.filter(active=True).exists() else None,
        "sides": request.GET.get("sides", ""),
        "trouble": trouble,
        "cartons": reads.cartons_for(Hub.objects.worked_by(actor), sides=sides) if sides else None,
    }
    return render(request, "storage/packaging.html", context, status=422 if bad else 200)


def _sides(request: HttpRequest) -> tuple[tuple[int, int, int] | None, str]:
    """Three lengths in millimetres as people write them: 400x300x200."""
    told = request.GET.get("sides", "").lower().replace("×", "x").replace("*", "x").strip()
    if not told:
        return None, ""
    parts = [one.strip() for one in told.split("x")]
    if len(parts) != 3 or not all(one.isdecimal() and len(one) < 6 for one in parts):
        return None, _("Write three lengths in millimetres, such as 400 x 300 x 200.")
    return (int(parts[0]), int(parts[1]), int(parts[2])), ""


def _partner(code: str, actor: Actor) -> Organization:
    rows = Organization.objects.visible_to(actor).filter(packaging__in=PackagingAccount.objects.visible_to(actor))
    return get_object_or_404(rows.distinct(), code=code.replace("\0", ""))


@allow("devices.locate", write="terms.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def statement(request: HttpRequest, code: str) -> HttpResponse:
    """One partner: what it has, since when, what stands against it; a POST puts down what was agreed."""
    actor, at = gate.insider_for(request), clock.now()
    partner = _partner(code, actor)
    if request.method == "POST":
        try:
            kind = get_object_or_404(PackagingType, pk=request.POST.get("type", "").replace("\0", ""))
            packaging.agree(
                kind, partner, deposit=_amount(request, "deposit"), price=_amount(request, "price"),
                days=int(_amount(request, "days")), by=actor, at=at,
            )  # fmt: skip
        except DomainError as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, _("What was agreed is put down."))
        return HttpResponseRedirect(reverse("packaging_statement", args=[partner.code]))
    found = reads.statement(partner, actor, at=at)
    context = {
        "statement": found,
        "lines": found.lines[:LINES],
        "currency": settings.BASE_CURRENCY,
        "more": max(0, len(found.lines) - LINES),
        "may_agree": actor.may("terms.edit"),
    }
    return render(request, "storage/packaging_statement.html", context)


def _amount(request: HttpRequest, name: str) -> Decimal:
    try:
        told = Decimal(request.POST.get(name, "").strip().replace(",", "."))
    except InvalidOperation:
        told = Decimal("NaN")
    if not told.is_finite() or abs(told) > 1_000_000:
        raise BadInput(Reason(name, _("Deposit, price and days are numbers."), name))
    return told


@allow("devices.locate")
@require_GET
def statement_csv(request: HttpRequest, code: str) -> HttpResponse:
    """The partner's moves as a file, oldest first."""
    actor = gate.insider_for(request)
    found = reads.statement(_partner(code, actor), actor, at=clock.now())
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(["date", "packaging", "move", "quantity", "change", "balance", "hub", "reference"])
    for line in reversed(found.lines):
        move = line.move
        table.writerow(
            [
                move.occurred_at.isoformat(timespec="seconds"), move.type_id, move.kind, move.quantity, move.at_partner,
                line.left, move.hub.code, safe(move.reference),
            ]
        )  # fmt: skip
    answer = HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="packaging-{found.partner.code}.csv"'
    return answer
