"""Clients' lists at the desk: a file handed in, its columns looked at and kept, its progress, and what became of its rows."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from itad import queries
from itad.forms import ManifestForm
from itad.manifests import judging, refusals
from itad.manifests.columns import FIELDS, Columns
from itad.models import ManifestRow, ManifestRun, ManifestStatus, RowOutcome
from itad.services import drafts, manifests
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock, tables
from revlog.common.errors import DomainError
from revlog.common.looks import Look
from revlog.common.tables.columns import posted
from revlog.common.words import word

LOOKS = {
    ManifestStatus.DRAFT: Look.COMING,
    ManifestStatus.RUNNING: Look.WORK,
    ManifestStatus.STOPPED: Look.HELD,
    ManifestStatus.DONE: Look.DONE,
}
WHO = ("itad.manifest", "itad.jobs")


@allow(*WHO)
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """The lists so far, and a form for the next one."""
    by = gate.actor_for(request)
    form = ManifestForm(request.POST or None, request.FILES or None, actor=by)
    problem: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            run = drafts.keep(
                data=told["file"].read(),
                name=told["file"].name,
                client=told["client"],
                hub=told["hub"],
                contract=told.get("contract", ""),
                reference=told["reference"],
                here=bool(told.get("here")),
                by=by,
                at=clock.now(),
            )
        except DomainError as refusal:
            problem = refusal
        else:
            return HttpResponseRedirect(reverse("itad_manifest", args=[run.pk]))
    context = {
        "form": form,
        "problem": problem,
        "runs": [{"run": run, **_status(run)} for run in queries.manifests_of(by)],
    }
    status = problem.status if problem else 422 if form.errors else 200
    return render(request, "itad/manifests.html", context, status=status)


@allow(*WHO)
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One list: its columns while they are to be looked at; then how far it is, and its rows. With ``?part=progress``, the bar alone."""
    run, by = _find(request, pk)
    if run.status == ManifestStatus.DRAFT:
        return _columns(request, run, by)
    if request.GET.get("part") == "progress":
        if run.status != ManifestStatus.RUNNING:
            return HttpResponse(status=200, headers={"HX-Refresh": "true"})
        return render(request, "components/progress.html", {"job": _job(run, by)})
    return _detail(request, run, by)


def _columns(request: HttpRequest, run: ManifestRun, by: Actor) -> HttpResponse:
    """What each column is taken for, with samples: the person corrects it, and it is kept for this client."""
    problem: DomainError | None = None
    sheets = tables.read(manifests.contents(run))
    saved = manifests.saved_columns(run.client)
    told: Columns | None = None
    name = request.POST.get("name", "").strip()[:60]
    if request.method == "POST":
        chosen = posted(request.POST)
        told = Columns({field: heading for field, heading in chosen if field in FIELDS})
        fields = [field for field, _heading in chosen if field in FIELDS]
        try:
            if len(fields) != len(set(fields)):
                told_twice = _("Two columns are taken for the same; each can be one only.")
                raise manifests.UnableToTakeIn(told_twice)
            if request.POST.get("act") == "take":
                taken = drafts.confirm(run, columns=told, name=name, by=by, at=clock.now())
                messages.success(request, _("The columns are kept for this client; the list is being taken in."))
                return HttpResponseRedirect(reverse("itad_manifest", args=[taken.pk]))
        except DomainError as refusal:
            problem = refusal
    elif not name:
        name = next((row.name for row in run.client.manifest_mappings.all()), manifests.name_for(run.client))
    preview: judging.Judged | None = None
    parts: list[judging.Part] = []
    heads: list[judging.Part] = []
    try:
        heads, _warnings = judging.parts_of(sheets, saved=saved)
        parts, _warnings = (
            judging.parts_of(sheets, columns=told, saved=saved) if told and told.headings else (heads, _warnings)
        )
        preview = judging.judged(sheets, columns=told if told and told.headings else None, saved=saved)
    except DomainError as refusal:
        problem = problem or refusal
    shown = (parts or heads)[:1]
    context = {
        "run": run,
        **_status(run),
        "problem": problem,
        "columns": _headings(shown[0], told) if shown else [],
        "line": shown[0].head.line if shown else None,
        "sheets": [part.sheet.name for part in parts if part.sheet.name],
        "fields": list(FIELDS.items()),
        "name": name or manifests.name_for(run.client),
        "preview": _preview(preview) if preview else None,
    }
    return render(
        request,
        "itad/manifest_columns.html",
        context,
        status=problem.status if problem and request.method == "POST" else 200,
    )


def _headings(part: judging.Part, told: Columns | None) -> list[dict[str, Any]]:
    meant = {heading: field for field, heading in (told or part.columns).headings.items()}
    return [
        {"heading": heading, "samples": samples, "field": meant.get(heading, "")}
        for heading, samples in zip(part.head.names, part.samples(), strict=True)
    ]


def _preview(found: judging.Judged) -> dict[str, Any]:
    bad = [line for line in found.lines if line.reason]
    return {
        "good": len(found.lines) - len(bad),
        "bad": len(bad),
        "refused": [
            {"line": f"{line.sheet} {line.line}".strip(), "why": refusals.refused(line.reason, line.told)}
            for line in bad[:8]
        ],
        "warnings": [refusals.warned(code, told) for code, told in found.warnings[: refusals.MOST_WARNINGS]],
    }


def _detail(request: HttpRequest, run: ManifestRun, by: Actor, *, problem: DomainError | None = None) -> HttpResponse:
    shown = request.GET.get("show", "")
    counts = {RowOutcome.REFUSED: run.refused, RowOutcome.CREATED: run.created, RowOutcome.MATCHED: run.matched}
    first = RowOutcome.REFUSED if run.refused else RowOutcome.CREATED if run.created else RowOutcome.MATCHED
    outcome = RowOutcome(shown) if shown in RowOutcome.values else first
    after = request.GET.get("after", "")
    found = queries.manifest_rows(run, outcome, after=int(after) if after.isdecimal() and len(after) < 18 else 0)
    rows = found[: queries.MANIFEST_PAGE]
    context = {
        "run": run,
        **_status(run),
        "job": _job(run, by),
        "figures": [
            (_("Rows"), run.rows),
            *((capfirst(word(f"manifest_row.{one.value}")), n) for one, n in counts.items()),
        ],
        "warnings": [refusals.warned(code, told) for code, told in run.warnings],
        "tabs": [
            {
                "label": capfirst(word(f"manifest_row.{one.value}")),
                "url": f"?show={one.value}",
                "active": one == outcome,
                "count": n,
            }
            for one, n in counts.items()
        ],
        "outcome": outcome.value,
        "rows": [_row(row) for row in rows],
        "page": {
            "shown": len(rows),
            "total": counts[outcome],
            "next_url": "?" + urlencode({"show": outcome.value, "after": str(rows[-1].pk)})
            if len(found) > queries.MANIFEST_PAGE
            else "",
            "previous_url": "?" + urlencode({"show": outcome.value}) if after else "",
        },
        "problem": problem,
    }
    return render(request, "itad/manifest.html", context, status=problem.status if problem else 200)


@allow(*WHO)
@require_POST
def stop(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    run, by = _find(request, pk)
    try:
        manifests.ask_to_stop(run, by=by, at=clock.now())
    except DomainError as refusal:
        return _detail(request, run, by, problem=refusal)
    return HttpResponseRedirect(reverse("itad_manifest", args=[run.pk]))


@allow(*WHO)
@require_POST
def go_on(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    run, by = _find(request, pk)
    try:
        manifests.ask_to_go_on(run, by=by, at=clock.now())
    except DomainError as refusal:
        return _detail(request, run, by, problem=refusal)
    return HttpResponseRedirect(reverse("itad_manifest", args=[run.pk]))


@allow(*WHO)
@require_POST
def drop(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    run, by = _find(request, pk)
    try:
        drafts.drop(run, by=by)
    except DomainError as refusal:
        return _detail(request, run, by, problem=refusal)
    messages.success(request, _("%s is dropped; nothing of it was taken in.") % run.file_name)
    return HttpResponseRedirect(reverse("itad_manifests"))


@allow(*WHO)
@require_GET
def refused(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The refused rows as a file: mended, it is sent in like any other."""
    run, _by = _find(request, pk)
    answer = HttpResponse(manifests.refused_csv(run).encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="refused-{run.pk}.csv"'
    return answer


def _find(request: HttpRequest, pk: uuid.UUID) -> tuple[ManifestRun, Actor]:
    by = gate.actor_for(request)
    rows = ManifestRun.objects.visible_to(by).select_related("client", "hub", "artifact")
    return get_object_or_404(rows, pk=pk), by


def _status(run: ManifestRun) -> dict[str, Any]:
    return {"look": LOOKS[ManifestStatus(run.status)].value, "status": word(f"manifest.{run.status}")}


def _job(run: ManifestRun, by: Actor) -> dict[str, Any]:
    """The context of components/progress.html."""
    at = clock.now()
    going, idle = run.status == ManifestStatus.RUNNING, manifests.is_idle(run, at=at)
    says = run.problem
    if going and run.stop_asked:
        says = _("It stops behind the rows at hand.")
    elif going and idle:
        says = _("Nobody has been at it for a while.")
    elif going and (not run.position or manifests.is_still(run, at=at)):
        says = _("It goes on as soon as a worker has time for it.")
    url = reverse("itad_manifest", args=[run.pk])
    may_stop = not manifests.reasons_against_stopping(run, by=by)
    may_go_on = idle and not manifests.reasons_against_going_on(run, by=by)
    return {
        "title": capfirst(word(f"manifest.{run.status}")),
        "done": run.position,
        "total": max(run.rows, 1),
        "says": says,
        "url": f"{url}?part=progress",
        "running": going and not idle,
        "stop_url": reverse("itad_manifest_stop", args=[run.pk]) if may_stop else "",
        "resume_url": reverse("itad_manifest_go_on", args=[run.pk]) if may_go_on else "",
    }


def _row(row: ManifestRow) -> dict[str, Any]:
    return {
        "row": row,
        "where": queries.manifest_place(row),
        "why": refusals.refused(row.reason, row.told) if row.reason else "",
        "notes": [refusals.noted(code, told) for code, told in row.notes],
        "cells": [cell for cell in row.cells if cell][:8],
    }
