"""The price book at the desk: models with their prices, how each came to be, lists that were sent, and one price by hand."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.queries import names_of
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.templatetags import ui
from revlog.common.words import word
from revlog.devices.models import ProductModel, Variant
from revlog.terms import bookreads
from revlog.terms.forms import PriceForm, PriceListForm
from revlog.terms.models import Price, PriceList
from revlog.terms.models.prices import Basis
from revlog.terms.services import observing, pricebook, pricelists, prices

GRADES = ("NEW", "A", "B", "C", "D")


def _inside(request: HttpRequest) -> Actor:
    """The book is the house's own: for others there is none."""
    by = gate.actor_for(request)
    if not by.is_operator:
        raise Http404
    return by


@allow("terms.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Models with a price, found by name, with what each brings per grade."""
    by, at = _inside(request), clock.now()
    text = "".join(letter for letter in request.GET.get("q", "") if letter.isprintable()).strip()[:80]
    after = _key(request.GET.get("after", ""))
    page = bookreads.page_of(text, after=after, at=at)
    context = {
        "text": text,
        "grades": [(grade, word(f"grade.{grade}")) for grade in GRADES],
        "rows": [
            {"product": product, "cells": [(grade, page.prices[product.pk].get(grade)) for grade in GRADES]}
            for product in page.products
        ],
        "page": {
            "shown": len(page.products),
            "next_url": "?" + urlencode({"q": text, "after": str(page.after)}) if page.after else "",
            "previous_url": "?" + urlencode({"q": text}) if after else "",
        },
        "may_set": pricebook.may_set(by),
    }
    return render(request, "terms/prices.html", context)


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@allow("terms.view", write=("terms.edit", "resale.price"))
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One model: what holds, how one of its prices came to be, what was observed; a POST sets one price by hand."""
    by, at = _inside(request), clock.now()
    product = get_object_or_404(ProductModel, pk=pk)
    form = PriceForm(request.POST or None, product=product) if pricebook.may_set(by) else None
    problem: DomainError | None = None
    if request.method == "POST" and form is not None and form.is_valid():
        told = form.cleaned_data
        try:
            prices.set_price(
                product=product, variant=told["variant"], grade=told["grade"], amount=told["amount"],
                currency=told["currency"].upper(), channel=told["channel"], valid_from=form.starts(at), by=by, at=at,
            )  # fmt: skip
        except DomainError as refusal:
            problem = refusal
        else:
            messages.success(request, _("The price is set."))
            return HttpResponseRedirect(f"{request.path}{_line(told['grade'], told['channel'], told['variant'])}")
    lines = bookreads.in_force([product.pk], at=at)
    seen = bookreads.observations(product)
    context = {
        "product": product,
        "grades": GRADES,
        "lines": _lines(lines),
        "observations": [_seen(row) for row in seen[: bookreads.MOST_OBSERVATIONS]],
        "observed": seen.count(),
        **_history(request, product, lines),
        "form": form,
        "problem": problem,
    }
    status = problem.status if problem else 422 if form is not None and form.errors else 200
    return render(request, "terms/price.html", context, status=status)


def _lines(lines: list[Price]) -> list[dict[str, Any]]:
    """What holds, one row a variant and channel, one cell a grade; each cell leads to how it came to be."""
    rows: dict[tuple[str, str, str], dict[str, Price]] = {}
    for row in lines:
        name = row.variant.name or row.variant.sku if row.variant else ""
        rows.setdefault((name, row.channel, row.currency), {}).setdefault(row.grade, row)
    return [
        {
            "variant": name or _("all versions"),
            "channel": word(channel) if channel else _("any channel"),
            "cells": [(grade, _cell(found.get(grade))) for grade in GRADES],
        }
        for (name, channel, _currency), found in sorted(rows.items())
    ]


def _cell(row: Price | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "price": row,
        "learned": row.basis == Basis.LEARNED,
        "url": _line(row.grade, row.channel, row.variant, row.currency) + "#history",
    }


def _line(grade: str, channel: str, variant: Variant | None, currency: str = "") -> str:
    """The part of an address that says whose history is shown."""
    asked = {"grade": grade, "channel": channel, "variant": str(variant.pk) if variant else "", "currency": currency}
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def _history(request: HttpRequest, product: ProductModel, lines: list[Price]) -> dict[str, Any]:
    """The line that is asked for, else that of the first price: its table, and its chart from the oldest on."""
    asked = request.GET
    first = min(lines, key=lambda row: (row.channel, row.variant_id is not None, GRADES.index(row.grade)), default=None)
    grade = asked.get("grade", "") or (first.grade if first else "")
    if grade not in GRADES:
        return {}
    key = _key(asked.get("variant", ""))
    variant = product.variants.filter(pk=key).first() if key else None
    channel = asked.get("channel", "")[:24]
    currency = asked.get("currency", "")[:3] or (first.currency if first else "EUR")
    found = bookreads.history(product, grade=grade, channel=channel, variant=variant, currency=currency)
    names = names_of([row.set_by for row in found])
    title = _("Grade %(grade)s, %(channel)s") % {
        "grade": grade,
        "channel": word(channel) if channel else _("any channel"),
    }
    return {
        "history": [{"price": row, "who": names.get(row.set_by, ""), "from": _from(row)} for row in found],
        "history_title": title if variant is None else f"{title}, {variant.name or variant.sku}",
        "chart": _chart(found, title, currency) if len(found) > 1 else None,
    }


def _from(row: Price) -> str:
    if row.basis == Basis.LEARNED:
        count = row.observations or 0
        text = ngettext(
            "learned from %(count)s observation (price model %(model)s)",
            "learned from %(count)s observations (price model %(model)s)",
            count,
        )
        return text % {"count": ui.number(count), "model": row.source}
    if row.source:
        return _("%(basis)s: %(source)s") % {"basis": row.get_basis_display(), "source": row.source}
    return row.get_basis_display()


def _chart(found: list[Price], title: str, currency: str) -> dict[str, Any]:
    rows = list(reversed(found))
    return {
        "id": "price-history",
        "title": _("How it came to be: %s") % title,
        "say": "",
        "data": {
            "kind": "lines",
            "unit": currency,
            "categories": [date_format(row.valid_from, "SHORT_DATE_FORMAT") for row in rows],
            "series": [{"name": _("price"), "values": [float(row.amount) for row in rows]}],
        },
        "height": "low",
    }


def _seen(row: Any) -> dict[str, Any]:  # noqa: ANN401 - an observation
    return {
        "row": row,
        "kind": row.get_kind_display(),
        "channel": word(row.channel) if row.channel else "",
    }


# Lists --------------------------------------------------------------------------------------------------------------------------------


@allow("terms.view", write=("terms.edit", "resale.price"))
@require_http_methods(["GET", "HEAD", "POST"])
def sent(request: HttpRequest) -> HttpResponse:
    """Lists that were sent, newest first; a POST looks one through."""
    by = _inside(request)
    form = PriceListForm(request.POST or None, request.FILES or None) if pricebook.may_set(by) else None
    problem: DomainError | None = None
    if request.method == "POST" and form is not None and form.is_valid():
        told, file = form.cleaned_data, form.cleaned_data["file"]
        try:
            row = pricelists.send(
                file.read(pricelists.MOST_BYTES + 1), name=file.name, kind=told["kind"], source=told["source"],
                currency=told["currency"].upper(), by=by, at=clock.now(),
            )  # fmt: skip
        except DomainError as refusal:
            problem = refusal
        else:
            return HttpResponseRedirect(reverse("price_list", args=[row.pk]))
    page = Paginator(bookreads.lists(), bookreads.PAGE).get_page(request.GET.get("page"))
    context = {
        "lists": _lists(list(page.object_list)),
        "page": {
            "shown": len(page.object_list),
            "total": page.paginator.count,
            "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
            "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        },
        "form": form,
        "problem": problem,
        "columns": {"prices": pricebook.COLUMNS, "observations": observing.COLUMNS},
    }
    status = problem.status if problem else 422 if form is not None and form.errors else 200
    return render(request, "terms/price_lists.html", context, status=status)


def _lists(rows: list[PriceList]) -> list[dict[str, Any]]:
    names = names_of({name for row in rows for name in (row.sent_by, row.taken_by) if name})
    return [
        {
            "row": row,
            "kind": word(f"list.{row.kind}"),
            "refused": row.lines - row.good,
            "sent_by": names.get(row.sent_by, ""),
            "taken_by": names.get(row.taken_by, ""),
        }
        for row in rows
    ]


@allow("terms.view")
@require_GET
def preview(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One list: what of it can be taken, and each line that can't."""
    by = _inside(request)
    row = get_object_or_404(PriceList, pk=pk)
    return _preview(request, row, by)


def _preview(request: HttpRequest, row: PriceList, by: Actor, problem: DomainError | None = None) -> HttpResponse:
    [told] = _lists([row])
    context = {
        **told,
        "lines": [{"line": line, "why": why} for line, why in row.refused],
        "more": told["refused"] - len(row.refused),
        "may_take": row.taken_at is None and row.good and pricebook.may_set(by),
        "problem": problem,
    }
    return render(request, "terms/price_list.html", context, status=problem.status if problem else 200)


@allow("terms.edit", "resale.price")
@require_POST
def take(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a list that was looked through."""
    by = _inside(request)
    row = get_object_or_404(PriceList, pk=pk)
    try:
        pricelists.take(row, by=by, at=clock.now())
    except DomainError as refusal:
        return _preview(request, row, by, refusal)
    messages.success(request, ngettext("%s line was taken.", "%s lines were taken.", row.good) % ui.number(row.good))
    return HttpResponseRedirect(reverse("price_list", args=[row.pk]))
