"""Contracts with carriers: the list, one contract with its versions, and a version with its prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.forms import show
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.templatetags.ui import figure, number
from revlog.common.words import word
from revlog.logistics.forms.freight import (
    CardFileForm,
    ContractForm,
    ExtraForm,
    FiguresForm,
    LineForm,
    PublishForm,
    today_of,
)
from revlog.logistics.freight import cards
from revlog.logistics.freight.rating import ANYWHERE, Line
from revlog.logistics.models import CardStatus, Contract, RateCard
from revlog.logistics.models.contracts import extras_of, lines_of
from revlog.logistics.queries import contracts as queries
from revlog.logistics.services.freight import contracts as verbs
from revlog.logistics.views.freight.common import insider, paged, tabs

SEE = ("logistics.carriers", "money.view")
LANES, OPEN_LANES = 40, 6
LOOKS = {"draft": "coming", "to_come": "coming", "in_force": "done", "over": "done"}


def _find(request: HttpRequest, number: str) -> tuple[Contract, Actor]:
    by = insider(request)
    found = queries.contract(number, by)
    if found is None:
        raise Http404
    return found, by


def _card(contract: Contract, version: int) -> RateCard:
    found = contract.cards.filter(version=version).first()
    if found is None:
        raise Http404
    found.contract = contract
    return found


@allow(*SEE)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All contracts, each with the version that holds today."""
    by = insider(request)
    today = today_of(by, clock.now())
    rows = []
    for one in queries.contracts(by):
        current = max(
            (card for card in one.cards.all() if card.valid_from is not None and card.valid_from <= today),
            key=lambda card: card.valid_from or today,
            default=None,
        )
        over = not one.active or (one.ends_on is not None and one.ends_on < today)
        state = "over" if over else "in_force" if current is not None and one.begins_on <= today else "to_come"
        rows.append(
            {
                "row": one,
                "card": current,
                "look": LOOKS[state],
                "state": capfirst(word(f"card.{state}")),
                "sites": _sites(one),
            }
        )
    context = {"rows": rows, "tabs": tabs("contracts", by), "may_edit": by.may("logistics.carriers")}
    return render(request, "logistics/freight/contracts.html", context)


def _sites(contract: Contract) -> str:
    return ", ".join(one.name for one in contract.hubs.all()) or _("all sites")


@allow("logistics.carriers")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    by = insider(request)
    form = ContractForm(
        request.POST or None, actor=by, initial={"begins_on": today_of(by, clock.now()), "currency": "EUR"}
    )
    return _keep(request, form, by, None)


@allow("logistics.carriers")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    row, by = _find(request, number)
    names = ("name", "reference", "currency", "begins_on", "ends_on", "inbound", "outbound", "book", "mail", "active")
    initial = {name: getattr(row, name) for name in names} | {"hubs": [one.code for one in row.hubs.all()]}
    return _keep(request, ContractForm(request.POST or None, actor=by, contract=row, initial=initial), by, row)


def _keep(request: HttpRequest, form: ContractForm, by: Actor, row: Contract | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        carrier = row.carrier if row is not None else told.pop("carrier")
        try:
            kept = verbs.keep(**told | {"carrier": carrier}, contract=row, by=by, at=clock.now())
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(request, _("Contract %s is kept.") % kept.number)
            return HttpResponseRedirect(reverse("contract", args=[kept.number]))
    context = {
        "form": form,
        "contract": row,
        "back": reverse("contract", args=[row.number]) if row else reverse("contracts"),
    }
    return render(request, "logistics/freight/contract_form.html", context, status=422 if form.errors else 200)


@allow(*SEE)
@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One contract, and its versions: the one that holds, those before, the one to come."""
    row, by = _find(request, number)
    today = today_of(by, clock.now())
    current = queries.card_on(row, today)
    context = {
        "contract": row,
        "sites": _sites(row),
        "book": capfirst(word(f"freight_book.{row.book}")),
        "cards": [_version(one, current, today) for one in row.cards.all()],
        "has_draft": any(one.status == CardStatus.DRAFT for one in row.cards.all()),
        "may_edit": by.may("logistics.carriers"),
    }
    return render(request, "logistics/freight/contract.html", context)


def _version(card: RateCard, current: RateCard | None, today: Any) -> dict[str, Any]:  # noqa: ANN401
    if card.status == CardStatus.DRAFT:
        state = "draft"
    elif current is not None and card.pk == current.pk:
        state = "in_force"
    else:
        state = "to_come" if card.valid_from is not None and card.valid_from > today else "over"
    return {"card": card, "state": capfirst(word(f"card.{state}")), "look": LOOKS[state], "lines": len(card.lines)}


@allow("logistics.carriers")
@require_POST
def draft(request: HttpRequest, number: str) -> HttpResponse:
    row, by = _find(request, number)
    made = verbs.draft(row, by=by, at=clock.now())
    return HttpResponseRedirect(reverse("rate_card", args=[row.number, made.version]))


@allow(*SEE, write=("logistics.carriers", "money.post"))
@require_http_methods(["GET", "HEAD", "POST"])
def card(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """A version with all its prices. Of a draft each part is a form of its own; the button's name says which."""
    contract, by = _find(request, number)
    row = _card(contract, version)
    is_draft = row.status == CardStatus.DRAFT
    part = request.POST.get("part", "") if request.method == "POST" else ""
    shown = _forms(request, row, part) if is_draft and by.may("logistics.carriers") else {}
    if is_draft and (by.may("logistics.carriers") or by.may("money.post")):
        shown["publish"] = PublishForm(request.POST if part == "publish" else None, prefix="publish")
    form = shown.get(part)
    problem: DomainError | None = None
    if request.method == "POST" and (part == "remove" or (form is not None and form.is_valid())):
        try:
            told = _act(request, row, part, form.cleaned_data if form is not None else {}, by)
        except DomainError as refusal:
            if form is not None:
                show(form, refusal)
            else:
                problem = refusal
        else:
            messages.success(request, told)
            return HttpResponseRedirect(reverse("rate_card", args=[contract.number, row.version]))
    names = people.names_of([one for one in (row.drafted_by, row.published_by) if one])
    context = {
        "contract": contract,
        "card": row,
        "state": capfirst(word(f"card.{row.status}")),
        "look": "coming" if is_draft else "done",
        "regime": word(f"regime.{row.regime}"),
        **_lanes(row, request.GET.get("page", ""), contract.currency),
        "columns": cards.COLUMNS,
        "extras": [
            {"row": one, "name": capfirst(word(f"extra.{one.code}")), "basis": word(f"rate_basis.{one.basis}")}
            for one in extras_of(row.extras)
        ],
        "forms": shown,
        "problem": problem,
        "drafted_by": names.get(row.drafted_by, ""),
        "published_by": names.get(row.published_by, ""),
        "may_draft": not is_draft and by.may("logistics.carriers"),
    }
    bad = problem is not None or (form is not None and bool(form.errors))
    return render(request, "logistics/freight/card.html", context, status=422 if bad else 200)


def _lanes(card: RateCard, asked: str, currency: str) -> dict[str, Any]:
    """Its prices by lane, each with its weights: the lanes of one page, open while they are few."""
    lanes: dict[tuple[str, str, str, str], list[dict[str, Any]]] = {}
    for place, line in enumerate(lines_of(card.lines)):
        lanes.setdefault((line.service, line.origin, line.destination, line.unit), []).append(
            {"place": place} | _shown(line)
        )
    page = Paginator(list(lanes.values()), LANES).get_page(asked)
    shown = []
    for rows in page.object_list:
        prices = sorted({one["row"].price for one in rows})
        span = "–".join(number(price, 2) for price in dict.fromkeys((prices[0], prices[-1])))
        shown.append({**rows[0], "service": rows[0]["row"].service, "prices": f"{span}\u00a0{currency}", "rows": rows})
    return {"lanes": shown, "page": paged(page), "open": len(lanes) <= OPEN_LANES}


def _shown(line: Line) -> dict[str, Any]:
    def end(name: str) -> str:
        return _("everywhere") if name == ANYWHERE else name

    def kilograms(grams: int) -> str:
        return figure(Decimal(grams) / 1000)

    weight = ""
    if line.upto:
        weight = f"{kilograms(line.over)}–{kilograms(line.upto)}"
    elif line.over:
        weight = _("over %s") % kilograms(line.over)
    return {
        "row": line, "unit": word(f"rate_unit.{line.unit}"), "origin": end(line.origin), "destination": end(line.destination),
        "weight": weight,
    }  # fmt: skip


def _forms(request: HttpRequest, row: RateCard, part: str) -> dict[str, forms.Form]:
    def data(name: str) -> Any:  # noqa: ANN401
        return request.POST if part == name else None

    return {
        "figures": FiguresForm(data("figures"), card=row, prefix="figures"),
        "file": CardFileForm(data("file"), request.FILES or None, prefix="file"),
        "line": LineForm(data("line"), prefix="line"),
        "extra": ExtraForm(data("extra"), prefix="extra"),
    }


def _act(request: HttpRequest, row: RateCard, part: str, told: dict[str, Any], by: Actor) -> str:
    at = clock.now()
    match part:
        case "figures":
            verbs.set_figures(row, **told, by=by, at=at)
        case "file":
            kept = verbs.import_card(row, told["text"], by=by, at=at)
            return _("%s prices are read.") % len(kept.lines)
        case "line":
            told["over"], told["least"] = told["over"] or 0, told["least"] or 0
            verbs.add_line(row, **told, by=by, at=at)
        case "extra":
            verbs.set_extra(row, **told, by=by, at=at)
        case "publish":
            kept = verbs.publish(row, valid_from=told["valid_from"], by=by, at=at)
            day = date_format(told["valid_from"], "j F Y")
            return _("Version %(version)s holds from %(day)s.") % {"version": kept.version, "day": day}
        case _:
            what, place = request.POST.get("what", ""), request.POST.get("place", "")
            verbs.remove(row, what=what, place=int(place) if place.isdecimal() else -1, by=by, at=at)
            return _("The line is gone.")
    return _("The draft is kept.")


@allow(*SEE)
@require_safe
def csv(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """The card as a file: to look at, or to change and read in again."""
    contract, _by = _find(request, number)
    row = _card(contract, version)
    text = cards.write(lines_of(row.lines), extras_of(row.extras), row.zones)
    name = f"{contract.number}-{row.version}.csv"
    return HttpResponse(
        text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
