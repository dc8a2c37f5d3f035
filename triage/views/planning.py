"""The plan of the day: what is scarce, what solving the queue as one brings, and following it."""

from __future__ import annotations

import uuid
from collections import Counter
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.gate import actor_for
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.templatetags import ui
from revlog.common.words import known, word
from triage import queries
from triage.figures import SHIPPED
from triage.gates import BY_THE_LOT
from triage.models import DayPlan, PlannedUnit, PlanStatus
from triage.services import planning
from triage.views.shared import face, problem

SHOWN = 200
WAYS = ("RESELL", "LOT", "REFURBISH", "RESTOCK", "HARVEST")
SKILLS = ("bench", "board", "looks")


@allow("triage.override")
@require_GET
def latest(request: HttpRequest) -> HttpResponse:
    """The last plan of one's site, with the form for the next."""
    actor = actor_for(request)
    return _page(request, actor, queries.plans(actor).first())


@allow("triage.override")
@require_GET
def page(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """One plan."""
    actor = actor_for(request)
    return _page(request, actor, _plan(actor, id))


def _plan(actor: Actor, id: uuid.UUID) -> DayPlan:
    found = queries.plans(actor).filter(pk=id).first()
    if found is None:
        raise Http404
    return found


@allow("triage.override")
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Have the queue planned under the limits of the form."""
    actor = actor_for(request)
    try:
        row = planning.ask(
            hub=_hub(actor, request.POST.get("hub", "")), limits=_limits(request), by=actor, at=clock.now()
        )
    except DomainError as refusal:
        told = problem(refusal, _("Not planned"))
        return _page(
            request, actor, queries.plans(actor).first(), status=refusal.status, problem=told, sent=request.POST
        )
    return HttpResponseRedirect(reverse("triage_plan", args=[row.pk]))


@allow("triage.override")
@require_POST
def follow(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """Decide the plan's units as it proposes."""
    actor = actor_for(request)
    row = _plan(actor, id)
    try:
        planning.follow(plan=row, by=actor, at=clock.now())
    except DomainError as refusal:
        return _page(request, actor, row, status=refusal.status, problem=problem(refusal, _("Not followed")))
    done = row.units.exclude(decision=None).count()
    messages.success(request, ngettext("%s unit is on its way.", "%s units are on their way.", done) % done)
    return HttpResponseRedirect(reverse("triage_plan", args=[row.pk]))


# The form -----------------------------------------------------------------------------------------------------------------------------


def _hub(actor: Actor, given: str) -> Hub:
    found = next((hub for hub in queries.hubs_of(actor) if str(hub.pk) == given), None)
    if found is None:
        raise BadInput(Reason("hub", _("Choose the site whose queue is planned."), "hub"))
    return found


def _limits(request: HttpRequest) -> dict[str, int]:
    """The limits of the form by name; a field left empty doesn't limit. Raises BadInput."""
    found, wrong = {}, []
    for field, text in request.POST.items():
        if not field.startswith("limit:") or not str(text).strip():
            continue
        name, value = field.removeprefix("limit:"), str(text).strip()
        if not value.isdecimal() or len(value) > 7:
            wrong.append(Reason("number", _("%s is no whole number.") % value[:20], field))
            continue
        # Hours are what a lead counts the bench in; the plan reckons in minutes.
        found[planning.MINUTES if name == "hours" else name] = int(value) * (60 if name == "hours" else 1)
    if wrong:
        raise BadInput(wrong)
    return found


def _page(request: HttpRequest, actor: Actor, row: DayPlan | None, *, status: int = 200, **more: Any) -> HttpResponse:  # noqa: ANN401
    sent = more.pop("sent", None)
    last = row.limits if row else {}
    context = {
        "plan": row,
        "sites": [(str(hub.pk), hub.name) for hub in queries.hubs_of(actor)],
        "site": (sent or {}).get("hub") or (str(row.hub_id) if row else ""),
        "waiting": queries.to_decide(actor).count(),
        "fields": _fields(last, sent),
        "others": [each for each in queries.plans(actor)[:8] if row is None or each.pk != row.pk],
        **(_told(row, actor) if row else {}),
        **more,
    }
    return render(request, "triage/plan.html", context, status=status)


def _fields(last: dict[str, int], sent: Any) -> list[dict[str, str]]:  # noqa: ANN401 - POST or None
    """The fields of the form: the bench, each channel, and the parts that the last plan wanted."""
    minutes = last.get(planning.MINUTES)
    found = [
        ("hours", _("Hours at the bench"), "" if minutes is None else str(minutes // 60)),
        (planning.WAIT, _("Days a unit may wait for its turn"), str(last.get(planning.WAIT, ""))),
    ]
    found += [
        (f"{planning.PATH}{path}", word(f"disposition.{path}"), str(last.get(f"{planning.PATH}{path}", "")))
        for path in WAYS
    ]
    quotas = [f"{planning.CHANNEL}{channel}" for channel in SHIPPED.channels if channel != BY_THE_LOT]
    skills = [f"{planning.MINUTES_OF}{skill}" for skill in SKILLS]
    found += [(name, _label(name), str(last.get(name, ""))) for name in (*quotas, *skills)]
    parts = sorted(name for name in last if name.startswith(planning.PART))
    parts += [name for name in queries.parts_wanted() if name not in parts]
    found += [(name, _label(name), str(last.get(name, ""))) for name in parts]
    return [
        {"name": f"limit:{name}", "label": label, "value": sent.get(f"limit:{name}", "") if sent is not None else value}
        for name, label, value in found
    ]


# What is told --------------------------------------------------------------------------------------------------------------------------


def _told(row: DayPlan, actor: Actor) -> dict[str, Any]:
    given_up = row.status == PlanStatus.ASKED and row.asked_at < clock.now() - planning.GIVEN_UP_AFTER
    units = list(row.units.select_related("device__owner", "device__hub", "device__location", "decision"))
    differing = [each for each in units if each.path != each.best]
    ways = Counter(each.path for each in units)
    open_now = row.status in {PlanStatus.MADE, PlanStatus.FOLLOWED}
    return {
        "figures": _figures(row),
        "ways": [{"name": _way(path), "count": count} for path, count in ways.most_common()],
        "limits": [
            _limit(name, most, int(row.used.get(name, 0))) for name, most in row.limits.items() if name != planning.WAIT
        ],
        "patience": row.limits.get(planning.WAIT),
        "differing": [_line(each) for each in differing[:SHOWN]],
        "differing_more": max(0, len(differing) - SHOWN),
        "refused": [_line(each) for each in units if each.refused][:SHOWN],
        "to_follow": len(planning.left_of(row, by=actor)) if open_now else 0,
        "followed": sum(1 for each in units if each.decision_id is not None),
        "count": len(units),
        "reckoning": row.status == PlanStatus.ASKED and not given_up,
        "failed": row.status == PlanStatus.FAILED or given_up,
    }


def _figures(row: DayPlan) -> list[dict[str, Any]]:
    if row.worth is None or row.alone is None or row.gain is None:
        return []
    share = f"{row.gain / abs(row.alone) * 100:.1f} %" if row.alone and row.gain else ""
    told = [(_("The plan recovers"), row.worth, ""), (_("Unit by unit"), row.alone, ""), (_("Gained"), row.gain, share)]
    return [
        {"label": label, "value": ui.money(amount), "unit": row.currency, "note": note} for label, amount, note in told
    ]


def _way(path: str) -> str:
    return word(f"disposition.{path}") if path else _("Waits for another day")


def _label(name: str) -> str:
    """What a limit limits, in words."""
    if name == planning.MINUTES:
        return _("Minutes at the bench")
    if name.startswith(planning.MINUTES_OF):
        return _("Minutes: %s") % word(f"line.labor_{name.removeprefix(planning.MINUTES_OF)}")
    if name.startswith(planning.PART):
        part = name.removeprefix(planning.PART)
        return _("Parts: %s") % word(f"part.{part}" if known(f"part.{part}") else part)
    if name.startswith(planning.CHANNEL):
        return _("Places: %s") % word(f"channel.{name.removeprefix(planning.CHANNEL)}")
    return word(f"disposition.{name.removeprefix(planning.PATH)}")


def _limit(name: str, most: int, used: int) -> dict[str, Any]:
    label = _label(name)
    share = Decimal(used) / most * 100 if most else Decimal(100)
    return {"label": label, "used": used, "most": most, "share": f"{share:.0f}", "full": used >= most}


def _line(row: PlannedUnit) -> dict[str, Any]:
    return {
        "unit": face(row.device),
        "way": _way(row.path),
        "worth": row.worth,
        "best": _way(row.best),
        "best_worth": row.best_worth,
        "refused": row.refused,
    }
