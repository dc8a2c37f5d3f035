"""Parts in stock: what there is, what was taken in, where each went."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from refurb import queries
from refurb.models import Part
from refurb.services import parts, stopping
from refurb.views.common import actor_of, id_of
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import answers, clock
from revlog.common.errors import BadInput, Reason
from revlog.common.words import word
from revlog.devices.models import ProductModel


def _hub(request: HttpRequest, actor: Actor) -> Hub:
    hubs = Hub.objects.visible_to(actor)
    wanted = id_of(request.POST.get("hub", ""))
    chosen = hubs.filter(pk=wanted).first()
    found = chosen or hubs.filter(pk=actor.hub_id or wanted).first() or hubs.first()
    if found is None:
        raise BadInput(Reason("hub", _("Choose the hub where the parts lie."), "hub"))
    return found


@allow("refurb.view", "refurb.parts", write="refurb.parts")
@require_http_methods(["GET", "HEAD", "POST"])
def stock(request: HttpRequest) -> HttpResponse:
    """The stock of parts, and taking bought ones in."""
    actor = actor_of(request)

    def page(answer: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        context = {
            "answer": answer,
            "parts": queries.parts(actor, text=request.GET.get("q", ""))[:200],
            "text": request.GET.get("q", ""),
            "may_keep": actor.may("refurb.parts"),
            "hubs_here": Hub.objects.visible_to(actor),
            "models": ProductModel.objects.order_by("manufacturer", "name")[:300],
            "sent": request.POST,
        }
        return render(request, "refurb/parts.html", context, status=status)

    if request.method != "POST":
        return page()

    def do() -> str:
        model = id_of(request.POST.get("fits", ""))
        part = parts.stock(
            hub=_hub(request, actor),
            number=request.POST.get("number", ""),
            name=request.POST.get("name", ""),
            quantity=answers.whole(request, "quantity"),
            cost=answers.decimal(request, "cost"),
            fits=ProductModel.objects.filter(pk=model),
            minimum=answers.whole(request, "minimum", default=0) or None,
            bin=request.POST.get("bin", "")[:40],
            lot=request.POST.get("lot", "")[:60],
            by=actor,
            at=clock.now(),
        )
        return _("%(name)s: %(count)s in stock.") % {"name": part.name, "count": part.quantity}

    return answers.act(request, do, to=reverse("bench_parts"), page=page)


@allow("refurb.view", "refurb.parts", write="refurb.parts")
@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One part: how many, where they went, and counting them."""
    actor = actor_of(request)
    found = get_object_or_404(Part.objects.visible_to(actor).select_related("hub"), pk=pk)

    def page(answer: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        found.refresh_from_db()
        context = {
            "answer": answer,
            "part": found,
            "condition": word(found.condition),
            "story": queries.story_of_part(found),
            "stops": found.stops.filter(ended_at=None),
            "may_keep": actor.may("refurb.parts"),
        }
        return render(request, "refurb/part.html", context, status=status)

    if request.method != "POST":
        return page()

    def do() -> str:
        if "recall" in request.POST:
            recall, why = id_of(request.POST["recall"]), request.POST.get("reason", "")
            stopping.sort_out(part=found, recall=recall, reason=why, by=actor, at=clock.now())
            return _("It can be used again.")
        parts.count(
            part=found,
            counted=answers.whole(request, "counted"),
            reason=request.POST.get("reason", ""),
            by=actor,
            at=clock.now(),
        )
        return _("Counted.")

    return answers.act(request, do, to=reverse("bench_part", args=[pk]), page=page)
