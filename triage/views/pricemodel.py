"""The price model at the desk: the one in force and its challenger, how they did on what they hadn't seen, drift, runs."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.gate import actor_for
from revlog.accounts.queries import names_of
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.templatetags import ui
from revlog.common.words import word
from revlog.terms import bookreads
from revlog.terms.models import PriceModel, Training
from revlog.terms.models.learned import TrainingStatus
from revlog.terms.services import learned
from revlog.terms.services.pricebook import may_set
from triage.services import pricing
from triage.views.shared import problem

CANDIDATES = {
    "middle": gettext_lazy("the middle of all"),
    "linear": gettext_lazy("a line"),
    "curved": gettext_lazy("curves and products"),
    "trees": gettext_lazy("trees"),
    "boosted": gettext_lazy("boosted trees"),
    "chosen": gettext_lazy("what was chosen"),
}


def _inside(request: HttpRequest) -> Actor:
    actor = actor_for(request)
    if not actor.is_operator:
        raise Http404
    return actor


@allow("terms.view")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The model in force, its challenger, and the last runs."""
    return _page(request, _inside(request))


def _page(request: HttpRequest, actor: Actor, *, status: int = 200, **more: Any) -> HttpResponse:  # noqa: ANN401
    at = clock.now()
    champion, challenger = bookreads.champion(), bookreads.challenger()
    runs = bookreads.trainings()
    waiting = bool(runs) and runs[0].status == TrainingStatus.ASKED
    context = {
        "champion": _told(champion) if champion else None,
        "challenger": _told(challenger) if challenger else None,
        "chart": _chart(champion) if champion and len(champion.tried) > 1 else None,
        "drift": _drift(champion) if champion else None,
        "runs": _runs(runs),
        "learning": waiting and runs[0].asked_at > at - learned.GIVEN_UP_AFTER,
        "fewest": pricing.FEWEST,
        "may_set": may_set(actor),
        **more,
    }
    return render(request, "triage/price_model.html", context, status=status)


@allow("terms.edit", "resale.price")
@require_POST
def train(request: HttpRequest) -> HttpResponse:
    """Have prices learned now, by a worker."""
    actor = _inside(request)
    try:
        learned.ask(by=actor, at=clock.now())
    except DomainError as refusal:
        return _page(request, actor, status=refusal.status, problem=problem(refusal))
    return HttpResponseRedirect(reverse("triage_price_model"))


@allow("terms.edit", "resale.price")
@require_POST
def settle(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """Let the prices of a model stand, although they went astray."""
    actor = _inside(request)
    model = get_object_or_404(PriceModel, pk=id)
    try:
        learned.settle(model=model, by=actor, at=clock.now())
    except DomainError as refusal:
        return _page(request, actor, status=refusal.status, problem=problem(refusal))
    messages.success(request, _("They stand for now."))
    return HttpResponseRedirect(reverse("triage_price_model"))


# What is told --------------------------------------------------------------------------------------------------------------------------


def _told(model: PriceModel) -> dict[str, Any]:
    newest = model.tried[-1]
    weights = model.made.get("weights", {})
    return {
        "model": model,
        "figures": [
            {"label": _("Misses by"), "value": ui.percent(newest["share"], 1), "n": newest["rows"], "note": _("of the price")},
            {"label": _("Without it"), "value": ui.percent(newest["without"], 1), "note": _("list price by age and grade")},
            {"label": _("Band holds"), "value": ui.percent(newest["covered"], 0), "target": ui.percent(0.8, 0)},
            {"label": _("Explains"), "value": ui.percent(newest["r2"], 0), "note": _("of the differences")},
        ],
        "parts": [
            one | {"begins": _day(one["begins"]), "ends": _day(one["ends"]), "by_chance": one.get("by") == "chance"}
            for one in model.tried
        ],
        "by_chance": newest.get("by") == "chance",
        "verdict": _verdict(model),
        "candidates": [
            {"name": CANDIDATES.get(one["name"], one["name"]), "r2": one["r2"], "mae": one["mae"], "weight": weights.get(one["name"])}
            for one in model.made.get("judged", [])
        ],
        "columns": len(model.made.get("columns", [])),
        "stretch": model.made.get("stretch", 1),
        "libraries": ", ".join(f"{name} {version}" for name, version in model.made.get("libraries", {}).items()),
        "digest": model.artifact_id[:12],
    }  # fmt: skip


def _day(text: str) -> str:
    return date_format(date.fromisoformat(text), "SHORT_DATE_FORMAT")


def _verdict(model: PriceModel) -> str:
    told = model.verdict
    if "theirs" not in told:
        return word(told.get("code", ""))
    return _("%(verdict)s: on the same %(rows)s newest it misses by %(mine)s, the one before by %(theirs)s") % {
        "verdict": word(told["code"]),
        "rows": ui.number(told["rows"]),
        "mine": ui.money(told["mine"], model.currency),
        "theirs": ui.money(told["theirs"], model.currency),
    }


def _drift(model: PriceModel) -> dict[str, Any] | None:
    told = model.watched
    if not told:
        return None
    return {
        "rows": told["rows"],
        "share": ui.percent(told["share"], 1),
        "expected": ui.percent(learned.expected_of(model.tried), 1),
        "covered": ui.percent(told["covered"], 0),
        "astray": learned.astray(model),
        "open": model.drifted_at is not None and model.settled_at is None,
        "settled_at": model.settled_at,
        "settled_by": names_of([model.settled_by]).get(model.settled_by, "") if model.settled_by else "",
    }


def _chart(model: PriceModel) -> dict[str, Any]:
    return {
        "id": "back-test",
        "title": _("Tried on what came later"),
        "say": _("Each part was foretold by what was known before it."),
        "data": {
            "kind": "lines",
            "unit": "%",
            "categories": [_day(one["begins"]) for one in model.tried],
            "series": [
                {"name": _("misses by"), "values": [round(one["share"] * 100, 1) for one in model.tried]},
                {"name": _("without it"), "values": [round(one["without"] * 100, 1) for one in model.tried]},
            ],
        },
        "height": "low",
    }


def _runs(rows: list[Training]) -> list[dict[str, Any]]:
    names = names_of([row.asked_by for row in rows])
    return [{"row": row, "who": names.get(row.asked_by, ""), "status": row.get_status_display()} for row in rows]
