"""Drafting a recall: what is wrong, what owners must do, and which units, as the form tells it."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from returns.models import Range, RecallKind, Remedy, Severity
from returns.services import recalls
from returns.services.recalls import NewCriterion, NewRecall
from returns.views.common import text
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.devices import queries as devices
from revlog.devices.models import ProductModel, Variant

MOST_BYTES = 8_000_000


def day(request: HttpRequest, name: str) -> date | None:
    told = text(request, name, 10)
    if not told:
        return None
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise BadInput(Reason("day", _("A day is written like 2026-11-02."), name)) from None


def _chosen(request: HttpRequest, name: str) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(request.POST.get(name, ""))]
    except ValueError:
        return []


def criterion(request: HttpRequest, by: Actor) -> NewCriterion:
    """The range that the form tells: one way; a recall with several gets the others as further versions or over the API."""
    chosen = request.POST.get("range", "")
    serials = text_of(request, "serials")
    listed = recalls.serials_in(serials) if serials else []
    if (sent := request.FILES.get("list")) is not None:
        if (sent.size or 0) > MOST_BYTES:
            raise BadInput(Reason("size", _("The file is larger than 8 MB."), "list"))
        listed += recalls.serials_in(sent.read())
    parent = devices.scanned(text(request, "parent", 120), by).device if text(request, "parent", 120) else None
    return NewCriterion(
        range=chosen,
        product=ProductModel.objects.filter(pk__in=_chosen(request, "product")).first(),
        variant=Variant.objects.filter(pk__in=_chosen(request, "variant")).first() if chosen == Range.VARIANT else None,
        parent=parent if chosen == Range.TAKEN_FROM else None,
        maker=text(request, "maker", 120),
        text=text(request, "text", 120),
        first=text(request, "first", 120),
        last=text(request, "last", 120),
        made_from=day(request, "made_from"),
        made_until=day(request, "made_until"),
        with_parts=request.POST.get("with_parts") == "1",
        serials=listed,
    )


def text_of(request: HttpRequest, name: str) -> str:
    """A text of many lines, as pasted."""
    return request.POST.get(name, "")[:MOST_BYTES].strip()


def _choices(enum: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - any TextChoices
    return [(value, capfirst(str(label))) for value, label in enum.choices]


def form(request: HttpRequest) -> dict[str, Any]:
    return {
        "sent": request.POST,
        "ranges": _choices(Range),
        "models": ProductModel.objects.order_by("manufacturer", "name")[:1000],
        "variants": Variant.objects.select_related("product").order_by("sku")[:1000],
    }


@allow("returns.recall")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Draft a recall: what is wrong, what owners must do, and which units."""
    by = gate.actor_for(request)
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            percent = text(request, "target_percent", 3) or "90"
            told = NewRecall(
                title=text(request, "title", 120),
                kind=request.POST.get("kind", ""),
                severity=request.POST.get("severity", ""),
                remedy=request.POST.get("remedy", ""),
                why=text(request, "why", 600),
                what_to_do=text(request, "what_to_do", 600),
                issued_by=text(request, "issued_by", 120),
                reference=text(request, "reference", 60),
                starts_on=day(request, "starts_on") or clock.now().date(),
                target_percent=int(percent) if percent.isdecimal() else 0,
                target_on=day(request, "target_on"),
                mock=request.POST.get("mock") == "1",
                translations={
                    language: {
                        name: text(request, f"{name}_{language}", 600) for name in ("title", "why", "what_to_do")
                    }
                    for language, _name in settings.LANGUAGES
                    if language != "en"
                },
                criteria=[criterion(request, by)],
            )
            made = recalls.draft(told, by=by, at=clock.now())
            return HttpResponseRedirect(reverse("recall", args=[made.number]))
        except DomainError as refusal:
            problem = refusal
    context = {
        **form(request),
        "problem": problem,
        "kinds": _choices(RecallKind),
        "severities": _choices(Severity),
        "remedies": _choices(Remedy),
        "languages": [
            {
                "code": code,
                "name": name,
                "title": request.POST.get(f"title_{code}", ""),
                "why": request.POST.get(f"why_{code}", ""),
                "what_to_do": request.POST.get(f"what_to_do_{code}", ""),
            }
            for code, name in settings.LANGUAGES
            if code != "en"
        ],
        "starts_on": text(request, "starts_on", 10) or clock.now().date().isoformat(),
    }
    return render(request, "returns/recall_new.html", context, status=problem.status if problem else 200)
