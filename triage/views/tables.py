"""Tables of benches: what is kept of their columns, and naming the columns of one that came in and nobody could read."""

from __future__ import annotations

import uuid
from functools import reduce
from operator import or_
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from revlog.accounts.access import allow
from revlog.accounts.gate import actor_for
from revlog.accounts.models import Organization
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.tables.columns import posted, samples
from revlog.evidence.services import artifacts
from triage import queries, tables
from triage.models import ReportColumns, ReportStatus, TestReport
from triage.services import reports
from triage.services import tables as verbs
from triage.tables import FIELDS, Columns, Table
from triage.views.shared import problem

REFUSED_SHOWN = 8
MOST_WAITING = 50
NAMED_LIKE_ONE = reduce(or_, (Q(name__iendswith=ending) for ending in (".csv", ".tsv", ".txt", ".xlsx")))


@allow("triage.override")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The tables that are known by their header, and those that came in and aren't yet."""
    actor = actor_for(request)
    unread = queries.reports(actor, status=ReportStatus.REFUSED).filter(
        NAMED_LIKE_ONE, reason_code__in=verbs.UNREAD, set_aside_at=None, line=None
    )
    waiting = [
        row for row in unread[:MOST_WAITING] if tables.looks_like_one(artifacts.start_of(row.artifact, tables.GLANCE))
    ]
    context = {
        "kept": [
            {
                "row": row,
                "organization": row.organization.name,
                "columns": [(heading, _label(name)) for name, heading in row.columns.items()],
            }
            for row in ReportColumns.objects.select_related("organization")[:200]
        ],
        "waiting": [
            {"name": row.name or _("unnamed"), "at": row.received_at, "from": row.organization.name if row.organization else "",
             "url": reverse("triage_report_columns", args=[row.pk])}
            for row in waiting
        ],
    }  # fmt: skip
    return render(request, "triage/tables.html", context)


def _label(name: str) -> str:
    return str(FIELDS["test"] if name.startswith("test:") else FIELDS.get(name, name))


@allow("triage.override")
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """What each column of a table is: shown with its first values, corrected, tried, kept, and the table is taken in."""
    actor = actor_for(request)
    row = queries.reports(actor).filter(pk=id, part_of=None).first()
    if row is None:
        raise Http404
    if row.status != ReportStatus.REFUSED or row.reason_code not in verbs.UNREAD:
        return HttpResponseRedirect(reverse("triage_report", args=[row.pk]))
    name = request.POST.get("name", "").strip()[:60] or row.name.rsplit(".", 1)[0][:60]
    told: Columns | None = None
    refusal: DomainError | None = None
    table: Table | None = None
    lines: list[tables.Line] = []
    try:
        sheets = tables.sheets_of(artifacts.read(row.artifact))
        table = tables.guessed(sheets)
        if request.method == "POST":
            told, twice = tables.columns_of(posted(request.POST))
            if found := twice or told.problems():
                raise verbs.UnableToKeepColumns(found)
            table = tables.told_by(sheets, told)
            lines = tables.lines(table)
            if request.POST.get("act") == "keep":
                return _kept(request, row, told, name)
        elif not table.columns.problems():
            lines = tables.lines(table)
    except DomainError as error:
        refusal = error
    return _page(request, row, table=table, told=told, lines=lines, name=name, refusal=refusal)


def _kept(request: HttpRequest, row: TestReport, told: Columns, name: str) -> HttpResponse:
    """Keep the columns and take the table in. Raises NotAllowed, BadInput."""
    actor, at = actor_for(request), clock.now()
    owner = verbs.owner_of(row)
    if owner is None:
        raise Http404
    verbs.keep(organization=owner, columns=told, name=name, by=actor, at=at)
    reports.take_up(row, by=actor, at=at)
    messages.success(
        request, _("The columns are kept; tables with the same header are read from now on, this one too.")
    )
    return HttpResponseRedirect(reverse("triage_report", args=[row.pk]))


def _page(
    request: HttpRequest,
    row: TestReport,
    *,
    table: Table | None,
    told: Columns | None,
    lines: list[tables.Line],
    name: str,
    refusal: DomainError | None,
) -> HttpResponse:
    bad = [line for line in lines if line.reason]
    headings: list[dict[str, Any]] = []
    if table is not None:
        meant = {heading: field.partition(":")[0] for field, heading in (told or table.columns).headings.items()}
        found = samples(table.head, table.rows[:200])
        headings = [
            {"heading": heading, "samples": first, "field": meant.get(heading, "")}
            for heading, first in zip(table.head.names, found, strict=True)
        ]
    owner = Organization.objects.filter(pk__in=[verbs.owner_of(row)]).first()
    context = {
        "report": row,
        "owner": owner.name if owner else "",
        "columns": headings,
        "line": table.head.line if table else None,
        "fields": list(FIELDS.items()),
        "name": name,
        "good": len(lines) - len(bad),
        "bad": len(bad),
        "refused": [{"line": line.line, "why": line.sentence} for line in bad[:REFUSED_SHOWN]],
        "shown": bool(lines),
        "problem": problem(refusal, _("The table can't be read so")) if refusal else None,
    }
    return render(request, "triage/table.html", context, status=refusal.status if refusal and told is not None else 200)


@allow("triage.override")
@require_POST
def drop(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """Tables with this header aren't read any more."""
    row = get_object_or_404(ReportColumns, pk=id)
    name = row.name
    try:
        verbs.drop(row, by=actor_for(request))
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("Tables like %(name)s aren't read any more; what was read stays.") % {"name": name})
    return HttpResponseRedirect(reverse("triage_tables"))
