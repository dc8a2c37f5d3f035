"""How far inspectors agree: per class for leads, per person by a permission of its own, one's own for each. And settling two looks."""

from __future__ import annotations

import uuid
from datetime import datetime
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
from revlog.accounts.queries import names_of, who
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.templatetags import ui
from revlog.common.words import word
from revlog.terms.services import rules
from triage import agreeing, sampling, showing
from triage.agreeing import Line
from triage.agreement import LETTERS, Agreement, Kappa
from triage.defects import measure
from triage.models import AgreementAlarm, Inspection, SecondLook, SecondStatus
from triage.sampling import Sampling
from triage.services import comparing
from triage.services import sampling as drawing
from triage.views.shared import face, problem

SPANS = (28, 90, 365)


@allow("triage.inspect", "triage.regrade")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What this person may see of it."""
    actor, at = actor_for(request), clock.now()
    if not actor.is_operator:
        raise Http404
    known = drawing.rules(at=at)
    days = _days(request, known)
    since, until = agreeing.window(days, at=at)
    rows = agreeing.between(SecondLook.objects.visible_to(actor), since, until)
    context: dict[str, Any] = {
        "days": days,
        "tabs": [
            {"label": _("%s days") % each, "url": f"?days={each}", "active": each == days} for each in _spans(known)
        ],
        "enough": known.enough,
        "rules": _rules(known),
        "is_on": known.is_on,
        "may_draft": actor.may("terms.edit") and not known.is_on,
        "sees_classes": actor.may("triage.regrade"),
        "sees_persons": actor.may("reporting.persons"),
    }
    own = [row for row in rows if row.first_by == actor.reference]
    if own or not context["sees_classes"]:
        context["own"] = _line(agreeing.line(_("Your first looks"), own), known)
    if context["sees_classes"]:
        context |= _of_classes(actor, rows, known, since, until)
    if context["sees_persons"]:
        names = names_of({row.first_by for row in rows})
        context["persons"] = [
            _line(one, known, name=names.get(one.key) or _("somebody")) for one in agreeing.by_inspector(rows)
        ]
    return render(request, "triage/agreement.html", context)


def _spans(known: Sampling) -> list[int]:
    return sorted({known.window.days, *SPANS})


def _days(request: HttpRequest, known: Sampling) -> int:
    given = request.GET.get("days", "")
    return int(given) if given in {str(each) for each in _spans(known)} else known.window.days


def _rules(known: Sampling) -> dict[str, Any]:
    shares = [(code, share) for code, share in known.shares.items() if code != sampling.OTHER]
    return {
        "version": known.version,
        "share": ui.percent(float(known.share(""))),
        "shares": ", ".join(f"{class_name(code)} {ui.percent(float(share))}" for code, share in shares),
        "least": known.least,
        "hours": f"{known.wait.total_seconds() / 3600:g}",
        "floor": ui.number(float(known.floor), 2),
        "url": reverse("rules_kind", args=[sampling.KIND]),
    }


def _of_classes(
    actor: Actor, rows: list[SecondLook], known: Sampling, since: datetime, until: datetime
) -> dict[str, Any]:
    lines, told = agreeing.by_class(rows), agreeing.drawn(actor, since, until)
    whole = agreeing.line(_("All classes"), rows)
    shown = [_line(one, known, name=class_name(one.key)) for one in lines]
    drawn = [one for one in lines if one.whole.weighted.value is not None]
    return {
        "figures": [
            {"label": _("Drawn"), "value": ui.number(told.total)},
            {"label": _("Looked at twice"), "value": ui.number(told.compared), "note": _waiting(told.waiting)},
            {"label": _("Lapsed"), "value": ui.number(told.lapsed), "note": _("nobody came to them in time")},
            {"label": _("Same grade"), "value": _share(whole.whole), "n": whole.whole.n},
        ],
        "classes": shown,
        "all": _line(whole, known) if rows else None,
        "axes": [_axis(axis, one, known) for axis, one in whole.axes.items()] if rows else [],
        "letters": LETTERS,
        "matrix": list(zip(LETTERS, whole.whole.counts, strict=True)) if rows else [],
        "alarms": [alarm(row, actor) for row in agreeing.alarms(actor)],
        "apart": [{"row": row, "unit": face(row.device) | {"grade": ""}} for row in agreeing.apart(actor)],
        "chart": {
            "id": "kappa",
            "title": _("Weighted kappa by class"),
            "say": _said(drawn, known),
            "height": "low",
            "data": {
                "kind": "bars",
                "unit": "",
                "categories": [f"{class_name(one.key)} (n = {one.whole.n})" for one in drawn],
                "series": [
                    {"name": _("weighted kappa"), "values": [round(one.whole.weighted.value or 0, 2) for one in drawn]}
                ],
                "target": float(known.floor),
                "target_label": _("floor"),
            },
        }
        if drawn
        else None,
    }


def _waiting(count: int) -> str:
    return ngettext("%s waits", "%s wait", count) % ui.number(count) if count else ""


def _said(lines: list[Line], known: Sampling) -> str:
    low = [one for one in lines if one.whole.n >= known.enough and (one.whole.weighted.value or 0) < float(known.floor)]
    if low:
        told = {"classes": ", ".join(class_name(one.key) for one in low), "floor": ui.number(float(known.floor), 2)}
        return _("Below the floor of %(floor)s: %(classes)s.") % told
    if any(one.whole.n >= known.enough for one in lines):
        return _("No class with enough second looks is below the floor.")
    return _("No class has enough second looks yet to say much.")


def class_name(code: str) -> str:
    return showing.class_name(code)


def _line(one: Line, known: Sampling, *, name: str = "") -> dict[str, Any]:
    """A row of the table: raw agreement and both kappas on the whole, and the letter agreement of each axis."""
    whole = one.whole
    return {
        "name": name or one.key,
        "n": whole.n,
        "few": whole.n < known.enough,
        "same": _share(whole),
        "plain": figure(whole.plain),
        "weighted": figure(whole.weighted),
        "low": whole.n >= known.enough
        and whole.weighted.value is not None
        and whole.weighted.value < float(known.floor),
    }


def _axis(axis: str, one: Agreement, known: Sampling) -> dict[str, Any]:
    return {
        "name": word(f"axis.{axis}").capitalize(),
        "n": one.n,
        "few": one.n < known.enough,
        "same": _share(one),
        "plain": figure(one.plain),
        "weighted": figure(one.weighted),
    }


def _share(one: Agreement) -> str:
    return ui.percent(one.raw) if one.raw is not None else "—"


def figure(one: Kappa) -> str:
    """0.71 (0.55 to 0.87); a dash where it can't be reckoned."""
    if one.value is None or one.low is None or one.high is None:
        return "—"
    told = {"value": ui.number(one.value, 2), "low": ui.number(one.low, 2), "high": ui.number(one.high, 2)}
    return _("%(value)s (%(low)s to %(high)s)") % told


def alarm(row: AgreementAlarm, actor: Actor) -> dict[str, Any]:
    return {"title": showing.whose_alarm(row, actor), "reasons": [showing.alarm(row)], "since": row.opened_at}


@allow("terms.edit")
@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Draft rules that draw: a person looks them over and another publishes them."""
    actor = actor_for(request)
    body = {"parameters": {**sampling.BODY, **sampling.STARTER}}
    rules.draft(
        kind=sampling.KIND,
        body=body,
        note=_("One look in twenty, three a week of each inspector"),
        by=actor,
        at=clock.now(),
    )
    messages.success(request, _("Drafted. It draws nothing before somebody else publishes it."))
    return HttpResponseRedirect(reverse("rules_kind", args=[sampling.KIND]))


# Two looks ------------------------------------------------------------------------------------------------------------------------------


@allow("triage.regrade")
@require_GET
def looks(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """Both looks at a unit beside each other."""
    actor = actor_for(request)
    return _looks(request, actor, _row(actor, id))


def _row(actor: Actor, id: uuid.UUID) -> SecondLook:
    found = (
        SecondLook.objects.visible_to(actor)
        .select_related("device__owner", "device__hub", "device__location", "device__product", "first", "second")
        .filter(pk=id)
        .first()
    )
    # What waits for its second look is shown to nobody who might make it.
    if found is None or found.second is None:
        raise Http404
    return found


def _looks(request: HttpRequest, actor: Actor, row: SecondLook, *, status: int = 200, **more: Any) -> HttpResponse:  # noqa: ANN401
    against = [str(each) for each in comparing.reasons_against_settling(row, by=actor)]
    both = [(_("First look"), row.first, row.first_grade, row.first_axes)]
    if row.second is not None:
        both.append((_("Second look"), row.second, row.second_grade, row.second_axes))
    open_now = row.status == SecondStatus.APART
    return render(
        request,
        "triage/looks.html",
        {
            "row": row,
            "unit": face(row.device),
            "looks": [_look(*one) for one in both],
            "is_open": open_now,
            "may_settle": open_now and not against,
            "against": against if open_now else [],
            "settled": {
                "by": who(row.settled_by),
                "at": row.settled_at,
                "counts": word(f"counts.{row.counts}"),
                "reason": row.reason,
            }
            if row.settled_at
            else None,
            "status_word": SecondStatus(row.status).label,
            "choices": [(each, word(f"counts.{each}")) for each in (comparing.FIRST, comparing.SECOND, comparing.BOTH)],
            **more,
        },
        status=status,
    )


def _look(title: Any, look: Inspection, grade: str, axes: dict[str, str]) -> dict[str, Any]:  # noqa: ANN401 - a text
    verdicts = [one["verdict"] for one in look.tests]
    return {
        "title": title,
        "at": look.at,
        "grade": word(f"grade.{grade}"),
        "axes": [(word(f"axis.{axis}"), letter) for axis, letter in axes.items() if letter in LETTERS],
        "passed": verdicts.count("pass"),
        "failed": verdicts.count("fail"),
        "defects": [
            {
                "label": word(one["code"]),
                "zone": word(f"zone.{one['zone']}") if one["zone"] else "",
                "how_bad": word(one["severity"]),
                "measure": measure(one["code"], one["severity"]),
            }
            for one in look.defects
        ],
    }


@allow("triage.regrade")
@require_POST
def settle(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """Say whose findings count, and why."""
    actor = actor_for(request)
    row = _row(actor, id)
    counts, reason = request.POST.get("counts", "")[:10], request.POST.get("reason", "")
    try:
        comparing.settle(row=row, counts=counts, reason=reason, by=actor, at=clock.now())
    except DomainError as refusal:
        told = problem(refusal, _("Not settled"))
        return _looks(request, actor, row, status=refusal.status, problem=told, counts=counts, reason=reason)
    messages.success(request, _("Settled. The grade follows what counts now."))
    return HttpResponseRedirect(reverse("triage_unit", args=[row.device.tag]) + "#grade")
