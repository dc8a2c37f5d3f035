"""Reports: bringing them in, the list of those that have no unit or can't be read, and matching one by hand."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.gate import actor_for
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import word
from revlog.devices import queries as units
from revlog.devices.models import Device
from triage import forms, nextsteps, queries, wording
from triage.models import ReportStatus, TestReport
from triage.reports.sniff import LARGEST_BYTES
from triage.services import reports, tables
from triage.tables import looks_like_one
from triage.views.shared import face, problem, unit_of

PAGE = 50
MOST_ROWS = 500
"""Rows of a table that its page lists."""
TABS = (
    ("unmatched", gettext_lazy("Without a unit")),
    ("refused", gettext_lazy("Can't be read")),
    ("ingested", gettext_lazy("Matched")),
    ("split", gettext_lazy("Tables")),
    ("received", gettext_lazy("Waiting to be read")),
)
LOOKS = {"received": "coming", "ingested": "done", "unmatched": "work", "refused": "held", "split": "done"}


@allow("triage.report")
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Bring in files: each gets its answer on the same page."""
    if request.method != "POST":
        return render(request, "triage/upload.html", {"most": forms.MOST_FILES})
    return _uploaded(request, actor_for(request), None)


@allow("triage.report")
@require_POST
def upload_to_unit(request: HttpRequest, tag: str) -> HttpResponse:
    """Bring in files on a unit's page: they are taken for that unit's, unless they name another."""
    device, actor = unit_of(request, tag)
    return _uploaded(request, actor, device)


def _uploaded(request: HttpRequest, actor: Actor, device: Device | None) -> HttpResponse:
    files = forms.files_of(request.FILES)
    context: dict[str, Any] = {"most": forms.MOST_FILES, "device": device}
    if not files or len(files) > forms.MOST_FILES:
        told = (
            _("Choose a file first.")
            if not files
            else _("At most %(most)s files go at once.") % {"most": forms.MOST_FILES}
        )
        context |= {"problem": problem(BadInput(told), _("Nothing was sent"))}
        return render(request, "triage/upload.html", context, status=422)
    answers = [_receive(file, actor, device, now=len(files) <= forms.READ_AT_ONCE) for file in files]
    context["answers"] = answers
    return render(request, "triage/upload.html", context)


def _receive(file: UploadedFile[bytes], actor: Actor, device: Device | None, *, now: bool) -> dict[str, Any]:
    name = file.name or ""
    if (file.size or 0) > LARGEST_BYTES:
        too_large = _("TOO_LARGE: The file has more than %(most)s MB.") % {"most": LARGEST_BYTES // (1024 * 1024)}
        return {"name": name, "status": word("report.refused"), "look": "held", "answer": too_large}
    data = file.read()
    # A table's rows are read by the worker, so that the answer comes soon.
    many = looks_like_one(data) and data.count(b"\n") > forms.READ_AT_ONCE
    verb = reports.receive if many or not now else reports.receive_now
    try:
        row = verb(data=data, name=name, via="page", by=actor, at=clock.now(), unit=device)
    except DomainError as refusal:
        return {"name": name, "status": word("report.refused"), "look": "held", "answer": refusal.sentence}
    return _told(row, actor, name=name) | {"steps": _steps(row, actor)}


def _steps(row: TestReport, actor: Actor) -> list[dict[str, Any]]:
    """What comes next with each unit of a report that was read, for those who work with it."""
    if row.status != ReportStatus.INGESTED or not actor.is_operator:
        return []
    at = clock.now()
    return [
        {"tag": device.tag, "steps": nextsteps.of(device, by=actor, at=at)[: forms.MOST_STEPS]}
        for device in queries.units_of(row, actor)[: forms.MOST_STEPS]
    ]


def _told(row: TestReport, actor: Actor, *, name: str = "") -> dict[str, Any]:
    seen = row.device if row.device and Device.objects.visible_to(actor).filter(pk=row.device.pk).exists() else None
    return {
        "name": (name or row.name or _("unnamed")) + (_(", line %(line)s") % {"line": row.line} if row.line else ""),
        "status": word(f"report.{row.status}"),
        "code": row.status,
        "look": LOOKS[row.status],
        "kind": word(row.kind) if row.kind else "",
        "answer": row.reason + (f" ({row.position})" if row.position else ""),
        "at": row.received_at,
        "via": word(row.via),
        "from": row.organization.name if row.organization else "",
        "unit": {"tag": seen.tag, "name": seen.face, "url": reverse("unit", args=[seen.tag])} if seen else None,
        "url": reverse("triage_report", args=[row.pk]),
        "aside": row.set_aside_at,
    }


@allow("triage.report")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Reports by what became of them; those that wait for a person first."""
    actor = actor_for(request)
    status = request.GET.get("status", "unmatched")
    if status not in ReportStatus.values:
        status = "unmatched"
    rows = queries.reports(actor, status=status)
    start = _whole(request.GET.get("from", ""))
    total = rows.count()
    context = {
        "tabs": [
            {
                "label": label,
                "url": f"?status={code}",
                "active": code == status,
                "count": queries.reports(actor, status=code).count(),
            }
            for code, label in TABS
        ],
        "status": status,
        "may_name_columns": not tables.may_keep(actor),
        "rows": [_told(row, actor) for row in rows[start : start + PAGE]],
        "page": {
            "shown": min(start + PAGE, total),
            "total": total,
            "exact": True,
            "previous_url": f"?status={status}&from={max(0, start - PAGE)}" if start else "",
            "next_url": f"?status={status}&from={start + PAGE}" if start + PAGE < total else "",
        },
    }
    return render(request, "triage/reports.html", context)


def _whole(text: str) -> int:
    return min(int(text), 1_000_000) if text.isdecimal() and len(text) < 8 else 0


def _report_of(request: HttpRequest, id: uuid.UUID) -> tuple[TestReport, Actor]:
    actor = actor_for(request)
    row = queries.reports(actor).filter(pk=id).first()
    if row is None:
        raise Http404
    return row, actor


@allow("triage.report", "exceptions.resolve")
@require_GET
def page(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    row, actor = _report_of(request, id)
    return _page(request, row, actor)


def _page(
    request: HttpRequest,
    row: TestReport,
    actor: Actor,
    *,
    status: int = 200,
    **more: Any,  # noqa: ANN401 - context
) -> HttpResponse:
    unmatched = row.status == ReportStatus.UNMATCHED
    resolve = actor.may("exceptions.resolve")
    context = {
        "report": row,
        "told": _told(row, actor),
        "size": row.artifact.size,
        "digest": row.artifact_id,
        "facts": queries.facts_of_report(row),
        "steps": _steps(row, actor),
        "warnings": (row.summary or {}).get("warnings", []),
        "candidates": [face(device) for device in queries.candidates(row, actor)] if unmatched and resolve else [],
        "rows": [
            _told(one, actor) for one in row.rows.select_related("device", "organization").order_by("line")[:MOST_ROWS]
        ]
        if row.status == ReportStatus.SPLIT
        else [],
        "table": row.part_of,
        "may_name_columns": row.status == ReportStatus.REFUSED
        and row.reason_code in tables.UNREAD
        and not tables.may_keep(actor),
        "may_match": unmatched and resolve,
        "may_create": unmatched and resolve and actor.may("devices.register"),
        "may_set_aside": resolve and row.status in {"unmatched", "refused"} and row.set_aside_at is None,
        **more,
    }
    return render(request, "triage/report.html", context, status=status)


@allow("exceptions.resolve")
@require_POST
def match(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """Say of which unit an unmatched report is."""
    row, actor = _report_of(request, id)
    code = wording.line(request.POST.get("unit", ""), 200)
    reason = request.POST.get("reason", "")
    try:
        device = units.scanned(code, actor).device
        if device is None:
            said = _("No single unit here is called %(code)s.") % {"code": code or "—"}
            raise BadInput(Reason("unknown_unit", said, "unit"))
        reports.match_by_hand(report=row, unit=device, reason=reason, by=actor, at=clock.now())
    except DomainError as refusal:
        more = {"problem": problem(refusal, _("Not matched")), "code": code, "reason": reason}
        return _page(request, row, actor, status=refusal.status, **more)
    messages.success(request, _("Matched to %(tag)s.") % {"tag": device.tag})
    return HttpResponseRedirect(reverse("triage_report", args=[row.pk]))


@allow("exceptions.resolve")
@require_POST
def create(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """Make a unit of it."""
    row, actor = _report_of(request, id)
    try:
        _report, device = reports.create_unit(report=row, by=actor, at=clock.now())
    except DomainError as refusal:
        told = problem(refusal, _("No unit was made"))
        return _page(request, row, actor, status=refusal.status, problem=told)
    messages.success(request, _("%(tag)s was made of it. Print its tag.") % {"tag": device.tag})
    return HttpResponseRedirect(reverse("triage_unit", args=[device.tag]))


@allow("exceptions.resolve")
@require_POST
def set_aside(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """Nothing more is to be done about it."""
    row, actor = _report_of(request, id)
    try:
        reports.set_aside(report=row, reason=request.POST.get("reason", ""), by=actor, at=clock.now())
    except DomainError as refusal:
        return _page(request, row, actor, status=refusal.status, problem=problem(refusal, _("Not set aside")))
    messages.success(request, _("Set aside. Its bytes are kept."))
    return HttpResponseRedirect(reverse("triage_reports"))
