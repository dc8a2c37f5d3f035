"""Imports of past orders and returns at the desk: a file handed in, its progress, and what became of its rows."""

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
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from returns import queries
from returns.forms import PastOrdersForm
from returns.imports import mapping as mappings
from returns.imports import refusals
from returns.models import ImportedRow, ImportRun, RowOutcome, RunStatus
from returns.services import importing, rematching
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.looks import Look
from revlog.common.words import word

LOOKS = {RunStatus.RUNNING: Look.WORK, RunStatus.STOPPED: Look.HELD, RunStatus.DONE: Look.DONE}


@allow("orders.import")
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """The imports so far, and a form for the next one."""
    by = gate.actor_for(request)
    form = PastOrdersForm(request.POST or None, request.FILES or None, actor=by)
    problem: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            mapping = (
                mappings.parse(told["own"].read(mappings.MOST_BYTES + 1), name=told["own"].name.removesuffix(".toml"))
                if told["mapping"] == PastOrdersForm.OWN
                else mappings.named(told["mapping"])
            )
            run = importing.ask(
                data=told["file"].read(),
                name=told["file"].name,
                mapping=mapping,
                seller=told["seller"],
                by=by,
                at=clock.now(),
            )
        except DomainError as refusal:
            problem = refusal
        else:
            return HttpResponseRedirect(reverse("orders_import_run", args=[run.pk]))
    context = {
        "form": form,
        "problem": problem,
        "runs": [{"run": run, **_status(run)} for run in queries.imports_of(by)],
    }
    status = problem.status if problem else 422 if form.errors else 200
    return render(request, "returns/imports.html", context, status=status)


@allow("orders.import")
@require_GET
def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One import: how far it is, what came of it, and the rows that need a look. With ``?part=progress``, the bar alone."""
    run, by = _find(request, pk)
    if request.GET.get("part") == "progress":
        if run.status != RunStatus.RUNNING:
            # The counts and lists below the bar are new now as well.
            return HttpResponse(status=200, headers={"HX-Refresh": "true"})
        return render(request, "components/progress.html", {"job": _job(run, by)})
    return _detail(request, run, by)


def _detail(request: HttpRequest, run: ImportRun, by: Actor, *, problem: DomainError | None = None) -> HttpResponse:
    shown = request.GET.get("show", "")
    outcome = RowOutcome(shown) if shown in RowOutcome.values else RowOutcome.UNMATCHED
    after = request.GET.get("after", "")
    found = queries.kept_rows(run, outcome, after=int(after) if after.isdecimal() and len(after) < 10 else 0)
    rows = found[: queries.PAGE]
    later = queries.matched_later(run)
    counts = {
        RowOutcome.UNMATCHED: run.unmatched - later,
        RowOutcome.REFUSED: run.refused,
        RowOutcome.MATCHED: run.matched + later,
    }
    context = {
        "run": run,
        **_status(run),
        "job": _job(run, by),
        "figures": _figures(run, later),
        "tabs": [
            {
                "label": word(f"row.{one.value}"),
                "url": f"?show={one.value}",
                "active": one == outcome,
                "count": counts[one],
            }
            for one in counts
        ],
        "outcome": outcome.value,
        "rows": [_row(row) for row in rows],
        "match_again_url": reverse("orders_import_match_again", args=[run.pk])
        if outcome == RowOutcome.UNMATCHED
        and counts[outcome]
        and not rematching.reasons_against_matching_again(run.seller, by=by)
        else "",
        "page": {
            "shown": len(rows),
            "total": counts[outcome],
            "next_url": "?" + urlencode({"show": outcome.value, "after": str(rows[-1].line)})
            if len(found) > queries.PAGE
            else "",
            "previous_url": "?" + urlencode({"show": outcome.value}) if after else "",
        },
        "problem": problem,
    }
    return render(request, "returns/import.html", context, status=problem.status if problem else 200)


@allow("orders.import")
@require_POST
def stop(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    run, by = _find(request, pk)
    try:
        importing.ask_to_stop(run, by=by, at=clock.now())
    except DomainError as refusal:
        return _detail(request, run, by, problem=refusal)
    return HttpResponseRedirect(reverse("orders_import_run", args=[run.pk]))


@allow("orders.import")
@require_POST
def go_on(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    run, by = _find(request, pk)
    try:
        importing.ask_to_go_on(run, by=by, at=clock.now())
    except DomainError as refusal:
        return _detail(request, run, by, problem=refusal)
    return HttpResponseRedirect(reverse("orders_import_run", args=[run.pk]))


@allow("orders.import")
@require_POST
def match_again(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Look again for the purchases of the seller's unmatched rows; says how many were found."""
    run, by = _find(request, pk)
    try:
        found = rematching.match_again(run.seller, by=by, at=clock.now())
    except DomainError as refusal:
        return _detail(request, run, by, problem=refusal)
    if found.rows:
        messages.success(
            request,
            ngettext("%(rows)d row is matched now.", "%(rows)d rows are matched now.", found.rows)
            % {"rows": found.rows},
        )
    elif found.pieces:
        messages.success(request, _("Some pieces were found; no row is matched whole yet."))
    else:
        messages.info(request, _("Nothing new was found: the orders that these rows credit aren't here yet."))
    return HttpResponseRedirect(reverse("orders_import_run", args=[run.pk]))


def _find(request: HttpRequest, pk: uuid.UUID) -> tuple[ImportRun, Actor]:
    by = gate.actor_for(request)
    return get_object_or_404(ImportRun.objects.visible_to(by).select_related("seller"), pk=pk), by


def _status(run: ImportRun) -> dict[str, Any]:
    return {"look": LOOKS[RunStatus(run.status)].value, "status": word(f"import.{run.status}")}


def _job(run: ImportRun, by: Actor) -> dict[str, Any]:
    """The context of components/progress.html."""
    at = clock.now()
    going, idle = run.status == RunStatus.RUNNING, importing.is_idle(run, at=at)
    url = reverse("orders_import_run", args=[run.pk])
    says = run.problem
    if going and run.artifact_id and (not run.rows_done or importing.is_still(run, at=at)):
        says = _("It goes on as soon as a worker has time for it.")
    if going and run.stop_asked:
        says = _("It stops behind the rows at hand.")
    elif going and idle:
        says = _("Nobody has been at it for a while.")
    return {
        "title": capfirst(word(f"import.{run.status}")),
        "done": run.rows_done,
        "total": max(run.rows, 1),
        "says": says,
        "url": f"{url}?part=progress",
        "running": going and not idle,
        "stop_url": reverse("orders_import_stop", args=[run.pk])
        if not importing.reasons_against_stopping(run, by=by)
        else "",
        "resume_url": reverse("orders_import_go_on", args=[run.pk])
        if idle and not importing.reasons_against_asking(run, by=by)
        else "",
    }


def _figures(run: ImportRun, later: int) -> list[tuple[str, Any]]:
    return [
        (_("Lines of orders"), run.order_lines),
        (_("Lines of returns"), run.return_lines),
        (_("Matched"), run.matched),
        (_("Unmatched"), run.unmatched),
        *([(_("Of these, matched later"), later)] if later else []),
        (_("Refused"), run.refused),
        (_("Here already"), run.known),
    ]


def _row(row: ImportedRow) -> dict[str, Any]:
    return {
        "row": row,
        "why": refusals.sentence(row.reason, row.told) if row.reason else "",
        "matches": [
            {
                "order": match.rma_line.order_line.order,
                "quantity": match.rma_line.quantity,
                "number": match.rma_line.rma.number,
            }
            for match in row.matches.all()
        ],
    }
