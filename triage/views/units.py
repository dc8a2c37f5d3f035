"""A unit's triage: what is known of it, the look, the grade with what refused the better one, the decision with its sums."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.queries import who
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import word
from revlog.devices.journey import Disposition
from revlog.devices.models import Device
from revlog.devices.services import sealing as seals
from revlog.evidence.services import artifacts
from triage import cases, outturns, pricetelling, queries, ranking, rubrics, showing
from triage.defects import measure
from triage.gates import LOT
from triage.models import Decision, Grading, Inspection, Outturn, Valuation
from triage.services import (
    complaints,
    contradictions,
    disposition,
    grading,
    inspection,
    sampling,
    sealing,
    second_look,
    shelf,
    worth,
)
from triage.views import sums
from triage.views.complaints import told_of
from triage.views.shared import face, paper_of, problem, unit_of


@allow("triage.inspect")
@require_GET
def page(request: HttpRequest, tag: str) -> HttpResponse:
    device, actor = unit_of(request, tag)
    return _page(request, device, actor)


def _page(
    request: HttpRequest,
    device: Device,
    actor: Actor,
    *,
    status: int = 200,
    **more: Any,  # noqa: ANN401 - context
) -> HttpResponse:
    look = queries.last_inspection(device)
    begun = queries.look_of(device, at=clock.now())
    rows = queries.reports_of(device)
    may_look = actor.may("triage.inspect") and not inspection.reasons_against_inspecting(device)
    own_work = [str(reason) for reason in second_look.reasons_against(device, by=actor)]
    apart = [str(reason) for reason in sampling.reasons_against_looking(device, by=actor)]
    blind = sampling.is_blind(device, by=actor, at=clock.now())
    in_triage = not disposition.reasons_against_deciding(device)
    context = {
        "device": device,
        "unit": face(device) | ({"grade": ""} if blind else {}),
        "blind": blind,
        "unit_url": reverse("unit", args=[device.tag]),
        "look": None if blind else look,
        "last_look": _looked(None if blind else look),
        "begun": {"by": who(begun.begun_by), "at": begun.begun_at, "answers": len(begun.answers)} if begun else None,
        "may_look": may_look and not own_work and not apart,
        "own_work": own_work,
        "paper_url": paper_of(device),
        "disputed": bool(second_look.disputed_work_of(device)),
        "is_sealed": seals.is_sealed(device),
        "may_seal": actor.may("triage.inspect") and not sealing.reasons_against(device) and not seals.is_sealed(device),
        "may_begin": may_look and not own_work and device.state == "RECEIVED",
        "may_send": actor.may("triage.report"),
        "in_triage": in_triage,
        "state_name": word(f"state.{device.state}"),
        "reports": rows,
        "complaint": told_of(device, complaints.of_stay(device), (), blind=blind, at=clock.now())
        if actor.is_operator
        else None,
        **_picture_context(device, actor),
        **_grade_context(device, actor, rows),
        **_decision_context(device, actor),
        **more,
    }
    return render(request, "triage/unit.html", context, status=status)


def _looked(look: Inspection | None) -> dict[str, Any] | None:
    """The last look in short: by which plan, how the tests ended, what was found."""
    if look is None:
        return None
    verdicts = [one["verdict"] for one in look.tests]
    return {
        "at": look.at,
        "by": who(look.by),
        "plan": look.plan,
        "sealed": look.sealed,
        "passed": verdicts.count("pass"),
        "failed": verdicts.count("fail"),
        "untested": verdicts.count("untested"),
        "photos": len(look.photos),
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


def _picture_context(device: Device, actor: Actor) -> dict[str, Any]:
    """What is known of it by all its reports and looks, with what contradicts."""
    return {
        "picture": showing.panel(
            sampling.evidence_for(device, by=actor, at=clock.now()).picture, inside=actor.is_operator
        ),
        "may_settle": actor.is_operator and actor.may("exceptions.resolve"),
        "may_send": actor.may("triage.report"),
    }


def _grade_context(device: Device, actor: Actor, rows: list[Any]) -> dict[str, Any]:
    blind = sampling.is_blind(device, by=actor, at=clock.now())
    found: Grading | None = None if blind else queries.last_grading(device)
    return {
        "blind": blind,
        "grading": found,
        "grade_word": word(f"grade.{device.grade}"),
        "axes": [
            {
                "name": word(f"axis.{axis}"),
                "letter": getattr(found, axis),
                "word": word(f"grade.{getattr(found, axis)}"),
                "reasons": [each for each in queries.said(found.reasons) if each["axis"] == word(f"axis.{axis}")],
            }
            for axis in rubrics.AXES
            if found is not None and getattr(found, axis)
        ],
        "whole": [each for each in queries.said(found.reasons) if each["axis"] == word("axis.whole")] if found else [],
        "blocked": queries.said(found.blocked) if found else [],
        "books": shelf.told(found, device),
        "may_see_books": actor.may("triage.inspect") or actor.may("terms.view"),
        "coming": queries.grade_is_coming(device, found, rows),
        "may_grade": not blind and actor.may("triage.grade") and not grading.reasons_against_grading(device),
    }


# The decision -------------------------------------------------------------------------------------------------------------------------


def _decision_context(device: Device, actor: Actor) -> dict[str, Any]:
    """The sums: those a decision rests on, or while none is taken, those of this moment. Other owners see the way alone."""
    taken: Decision | None = queries.last_decision(device)
    decided = taken is not None and bool(device.disposition)
    told: dict[str, Any] = {
        "decision": taken if decided else None,
        "decided_word": word(f"disposition.{taken.disposition}") if decided and taken else "",
        "inside": actor.is_operator,
    }
    if not actor.is_operator:
        return told
    if waits := sampling.reasons_against_deciding(device, at=clock.now()):
        return told | {"waits": [str(reason) for reason in waits]}
    open_now = not disposition.reasons_against_deciding(device)
    if decided and taken is not None:
        kept = taken.valuation
        told |= sums.told(kept.paths, kept.beside, kept.inputs, chosen=taken.path or taken.disposition)
        told |= _kept(kept)
        came = Outturn.objects.filter(decision=taken).first()
        told["came"] = outturns.sentence(came) if came is not None else ""
    elif open_now:
        found = worth.worth_of(device, at=clock.now())
        best = found.chosen.code if found.chosen else ""
        told |= sums.told(worth.plain_paths(found), ranking.plain_beside(found), cases.plain(found.case), chosen=best)
        told |= {
            "best": best,
            "best_word": word(f"disposition.{best}") if best else "",
            "price_from": _new_from(found.price_from),
            "price_told": pricetelling.sentence(cases.plain(found.case), currency=found.currency),
            "price_new": found.case.price_new,
            "currency": found.currency,
            "version": found.figures.version,
            "contract": found.case.contract.version,
            "stands_against": [] if found.best else [str(reason) for reason in disposition.nothing_open(device, found)],
        }
    told |= {
        "may_decide": open_now and actor.may("triage.dispose"),
        "may_override": open_now and actor.may("triage.override"),
        "choices": [(code, word(f"disposition.{code}")) for code in (*(each.value for each in Disposition), LOT)],
    }
    return told


def _new_from(code: str) -> str:
    """Who says what a new one costs; nothing where the book says what one in its grade brings, which is told then."""
    return "" if code in {"price_book", "learned_price"} else word(code)


def _kept(valuation: Valuation) -> dict[str, Any]:
    return {
        "price_from": _new_from(str(valuation.inputs.get("price_from", ""))),
        "price_told": pricetelling.sentence(valuation.inputs, currency=valuation.currency),
        "price_new": valuation.inputs.get("price_new"),
        "currency": valuation.currency,
        "version": valuation.version,
        "contract": valuation.inputs.get("contract", {}).get("version", ""),
    }


# Acts -----------------------------------------------------------------------------------------------------------------------------------


def _back(tag: str, part: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("triage_unit", args=[tag]) + part)


@allow("triage.inspect")
@require_POST
def begin(request: HttpRequest, tag: str) -> HttpResponse:
    """Take it in hand."""
    device, actor = unit_of(request, tag)
    try:
        inspection.begin(device=device, by=actor, at=clock.now())
    except DomainError as refusal:
        return _page(request, device, actor, status=refusal.status, top_problem=problem(refusal, _("Not begun")))
    return _back(device.tag)


@allow("triage.inspect")
@require_POST
def seal(request: HttpRequest, tag: str) -> HttpResponse:
    """The seal is unbroken, with its photo; or it was opened."""
    device, actor = unit_of(request, tag)
    at, sent = clock.now(), request.FILES.get("photo")
    try:
        if request.POST.get("act") == "opened":
            done = sealing.opened(device=device, by=actor, at=at)
        elif sent is None:
            raise BadInput(Reason("no_photo", _("Take a photo of the seal."), "photo"))
        else:
            done = sealing.confirm(device=device, photo=artifacts.keep_photo(sent.read(), at=at), by=actor, at=at)
    except DomainError as refusal:
        told = problem(refusal, _("Not kept"))
        return _page(request, device, actor, status=refusal.status, seal_problem=told)
    messages.success(
        request, _("Kept. %(tag)s is %(state)s.") % {"tag": done.tag, "state": word(f"state.{done.state}")}
    )
    return _back(device.tag, "#seal")


@allow("triage.grade")
@require_POST
def grade(request: HttpRequest, tag: str) -> HttpResponse:
    """Grade it on what is known now."""
    device, actor = unit_of(request, tag)
    try:
        if reasons := sampling.reasons_against_knowing(device, by=actor, at=clock.now()):
            raise grading.UnableToGrade(reasons)
        found = grading.grade(device=device, by=actor, at=clock.now())
    except DomainError as refusal:
        return _page(request, device, actor, status=refusal.status, grade_problem=problem(refusal, _("Not graded")))
    messages.success(request, _("Graded: %(grade)s.") % {"grade": word(f"grade.{found.overall}")})
    return _back(device.tag, "#grade")


@allow("exceptions.resolve")
@require_POST
def settle(request: HttpRequest, tag: str) -> HttpResponse:
    """Say which of two values counts, and why."""
    device, actor = unit_of(request, tag)
    field, value = request.POST.get("field", "")[:160], request.POST.get("value", "")[:300]
    reason = request.POST.get("reason", "")
    try:
        contradictions.settle(device=device, field=field, value=value, reason=reason, by=actor, at=clock.now())
    except DomainError as refusal:
        told = problem(refusal, _("Not settled"))
        more = {"picture_problem": told, "settling": {"field": field, "value": value, "reason": reason}}
        return _page(request, device, actor, status=refusal.status, **more)
    messages.success(request, _("Settled. The grade follows what counts now."))
    return _back(device.tag, "#picture")


@allow("triage.dispose")
@require_POST
def decide(request: HttpRequest, tag: str) -> HttpResponse:
    """Send it on its way: the proposed one, or another with a reason."""
    device, actor = unit_of(request, tag)
    wanted, reason = request.POST.get("disposition", "")[:40], request.POST.get("reason", "")
    try:
        made = disposition.decide(device=device, disposition=wanted, reason=reason, by=actor, at=clock.now())
    except DomainError as refusal:
        told = problem(refusal, _("Not decided"))
        more = {"decide_problem": told, "wanted": wanted, "reason": reason}
        return _page(request, device, actor, status=refusal.status, **more)
    device.refresh_from_db()
    messages.success(
        request,
        _("%(tag)s: %(way)s. It is %(state)s now.")
        % {
            "tag": device.tag,
            "way": word(f"disposition.{made.disposition}"),
            "state": word(f"state.{device.state}"),
        },
    )
    return _back(device.tag, "#decision")


# Panels of the unit page --------------------------------------------------------------------------------------------------------------


@allow("devices.view", passive=True)
@require_GET
def panel_grade(request: HttpRequest, tag: str) -> HttpResponse:
    """Tests and grade, as a part of the unit page."""
    device, actor = unit_of(request, tag)
    rows = queries.reports_of(device)
    context = {
        "device": device,
        "panel": True,
        "reports": rows,
        **_picture_context(device, actor),
        "may_settle": False,
        "panel_url": reverse("triage_panel_grade", args=[device.tag]),
        **_grade_context(device, actor, rows),
        "may_grade": False,
    }
    return render(request, "triage/_panel_grade.html", context)


@allow("devices.view")
@require_GET
def panel_decision(request: HttpRequest, tag: str) -> HttpResponse:
    """The decision with its sums, as a part of the unit page."""
    device, actor = unit_of(request, tag)
    context = {"device": device, "panel": True, **_decision_context(device, actor)}
    context |= {"triage_url": reverse("triage_unit", args=[device.tag]) if actor.may("triage.inspect") else ""}
    return render(request, "triage/_panel_decision.html", context)
