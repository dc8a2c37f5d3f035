"""Handing the books over: the runs so far, what the next one holds, its files, and the chart of accounts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from reporting.accounting import chart as charts
from reporting.accounting import datev, journal, waiting
from reporting.models import AccountingRun
from reporting.models.accounting import keeps_books
from reporting.services import accounting
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.queries import names_of
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import word
from revlog.devices.models import Posting
from revlog.devices.services import money
from revlog.evidence.services import artifacts
from revlog.terms.models import RuleSet, Tax
from revlog.terms.models.orders import RATED
from revlog.terms.ruling import Body
from revlog.terms.services import rules

PAGE = 50
BOOKS = ("ours", "client", "seller")
MEDIA = {"journal": journal.MEDIA_TYPE, "datev": datev.MEDIA_TYPE}


def _day(given: str, name: str) -> date | None:
    if not given.strip():
        return None
    try:
        return date.fromisoformat(given.strip())
    except ValueError:
        raise BadInput(Reason("day", _("A day is written like 2026-11-02."), name)) from None


def _last_month(today: date) -> date:
    return today.replace(day=1) - timedelta(days=1)


# Runs -------------------------------------------------------------------------------------------------------------------------------


@allow("money.post")
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """What the next run would hold, and the runs so far; a POST makes it."""
    by, at = gate.actor_for(request), clock.now()
    if not keeps_books(by):
        raise Http404
    problem: DomainError | None = None
    until = None
    try:
        until = _day((request.POST if request.method == "POST" else request.GET).get("until", ""), "until")
        if request.method == "POST":
            if until is None:
                raise BadInput(Reason("day", _("Choose the last day."), "until"))
            made = accounting.export(until=until, by=by, at=at)
            messages.success(request, _("Run %s is made.") % made.number)
            return HttpResponseRedirect(reverse("accounting_run", args=[made.number]))
    except DomainError as refusal:
        problem = refusal
    today = at.astimezone(charts.in_force(at).tz).date()
    shown = accounting.preview(until=until or max(_last_month(today), _first_over(at, today)), at=at)
    page = Paginator(AccountingRun.objects.visible_to(by), PAGE).get_page(request.GET.get("page"))
    context = {
        "preview": shown,
        "waiting": _rows(shown.waiting),
        "sums": _sums(shown.sums.items()),
        "may_export": by.may("money.post"),
        "problem": problem,
        "runs": [{"run": row, "sums": _sums(row.by_book), "who": who} for row, who in _named(page.object_list)],
        "page": page,
        "pager": _pager(page),
        "currency": settings.BASE_CURRENCY,
    }
    return render(request, "reporting/accounting.html", context, status=problem.status if problem else 200)


def _pager(page: Page[Any]) -> dict[str, Any]:
    return {
        "shown": len(page),
        "total": page.paginator.count,
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }


def _first_over(at: datetime, today: date) -> date:
    """Where last month is handed over already, or nothing was posted in it: up to yesterday."""
    chart = charts.in_force(at)
    first = waiting.first_day(chart)
    return today - timedelta(days=1) if first is not None and first > _last_month(today) else date.min


def _named(rows: Iterable[AccountingRun]) -> list[tuple[AccountingRun, str]]:
    found = list(rows)
    names = names_of([row.made_by for row in found])
    return [(row, names.get(row.made_by, row.made_by)) for row in found]


def _rows(found: Iterable[waiting.Waiting]) -> list[dict[str, Any]]:
    return [{"row": one, "book": word(one.book), "account": word(one.account)} for one in found]


def _sums(found: Iterable[tuple[str, Decimal]]) -> list[dict[str, Any]]:
    return [{"book": word(book), "total": total} for book, total in found]


@allow("money.post")
@require_GET
def run(request: HttpRequest, number: int) -> HttpResponse:
    """One run: its files, its sums by book and account, and the first of its lines."""
    by = gate.actor_for(request)
    row = get_object_or_404(AccountingRun.objects.visible_to(by).select_related("journal", "datev"), number=number)
    chart = charts.in_force(row.made_at)
    found = waiting.sums(Posting.objects.filter(pk__in=row.lines.values("posting")), chart)
    page = Paginator(row.lines.select_related("posting__device", "posting__party"), PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "run": row,
        "who": names_of([row.made_by]).get(row.made_by, row.made_by),
        "sums": _sums(row.by_book),
        "accounts": _rows(found),
        "lines": [
            {"line": line, "account": word(line.posting.account), "book": word(line.posting.book)} for line in page
        ],
        "page": page,
        "pager": _pager(page),
        "files": [
            {"kind": kind, "name": journal.filename(row.number, kind), "artifact": artifact}
            for kind, artifact in (("journal", row.journal), ("datev", row.datev))
            if artifact is not None
        ],
    }
    return render(request, "reporting/accounting_run.html", context)


@allow("money.post")
@require_GET
def download(request: HttpRequest, number: int, kind: str) -> HttpResponse:
    """A file of a run, as it was made."""
    row = get_object_or_404(AccountingRun.objects.visible_to(gate.actor_for(request)), number=number)
    artifact = {"journal": row.journal, "datev": row.datev}.get(kind)
    if artifact is None:
        raise Http404
    answer = HttpResponse(artifacts.read(artifact), content_type=MEDIA[kind])
    answer["Content-Disposition"] = f'attachment; filename="{journal.filename(row.number, kind)}"'
    return answer


# The chart of accounts --------------------------------------------------------------------------------------------------------------


@allow("money.post", "terms.edit", write="terms.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def chart(request: HttpRequest) -> HttpResponse:
    """Which number each account of each book has with the accountant; a POST drafts a new version, which another person publishes."""
    by, at = gate.actor_for(request), clock.now()
    problem: DomainError | None = None
    body: Body = charts.body_in_force(at)
    if request.method == "GET" and request.GET.get("propose"):
        body = charts.proposal()
    if request.method == "POST":
        body = _told(request)
        try:
            rules.draft(kind=charts.KIND, body=body, note=request.POST.get("note", "")[:300], by=by, at=at)
        except DomainError as refusal:
            problem = refusal
        else:
            messages.success(request, _("Drafted. Another person publishes it."))
            return HttpResponseRedirect(reverse("accounting_chart"))
    used = {(row["book"], row["account"]) for row in Posting.objects.order_by().values("book", "account").distinct()}
    keys = body.get("tax_keys", {})
    drafts = RuleSet.objects.visible_to(by).filter(kind=charts.KIND, version=None).count()
    context = {
        "company": {**charts.SHIPPED["parameters"], **body.get("parameters", {})},
        "books": [{"code": book, "name": word(book), "rows": _pairs(book, body, used)} for book in BOOKS],
        "tax_keys": [
            {"code": code, "name": name, "key": keys.get(code, "")}
            for code, name in _taxes(sorted(charts.PROPOSED_KEYS), keys).items()
        ],
        "version": charts.in_force(at).version,
        "may_edit": by.may("terms.edit"),
        "drafts": drafts,
        "kind": charts.KIND,
        "problem": problem,
    }
    return render(request, "reporting/accounting_chart.html", context, status=problem.status if problem else 200)


def _taxes(proposed: Iterable[str], keys: Iterable[str]) -> dict[str, str]:
    """Every way of being taxed that was posted, that has a key, or that has one in the proposal: as the chart names it, and in words."""
    posted = Posting.objects.exclude(tax="").order_by().values_list("tax", "tax_rate").distinct()
    codes = {charts.keyed(tax, rate) for tax, rate in posted} | set(keys) | set(proposed)
    codes |= {one.value for one in Tax if one not in RATED}
    return {code: _tax_named(*code.partition("@")) for code in sorted(codes)}


def _tax_named(tax: str, at: str, rate: str) -> str:
    return f"{word(f'tax.{tax}')}, {rate} %" if at else word(f"tax.{tax}")


def _pairs(book: str, body: Body, used: set[tuple[str, str]]) -> list[dict[str, Any]]:
    """Every account of a book: those that something was posted to first."""
    given = body.get("accounts", {}).get(book, {})
    rows = [
        {
            "code": name,
            "name": word(name),
            "account": given.get(name, {}).get("account", ""),
            "contra": given.get(name, {}).get("contra", ""),
            "used": (book, name) in used,
        }
        for name in money.ACCOUNTS
    ]
    return sorted(rows, key=lambda row: (not row["used"], str(row["name"])))


def _told(request: HttpRequest) -> dict[str, Any]:
    """The body as the form says it: a row with both fields empty has no number."""
    parameters: dict[str, Any] = {
        name: " ".join(request.POST.get(name, "").split())[:60] for name in charts.SHIPPED["parameters"]
    }
    if parameters["digits"].isdigit():
        parameters["digits"] = int(parameters["digits"])
    accounts: dict[str, dict[str, dict[str, str]]] = {}
    for book in BOOKS:
        for name in money.ACCOUNTS:
            pair = {side: request.POST.get(f"{book}.{name}.{side}", "").strip()[:40] for side in ("account", "contra")}
            if any(pair.values()):
                accounts.setdefault(book, {})[name] = pair
    keys = {
        name.removeprefix("tax_key."): value.strip()[:10]
        for name, value in request.POST.items()
        if name.startswith("tax_key.") and isinstance(value, str) and value.strip()
    }
    return {"parameters": parameters, "accounts": accounts, "tax_keys": keys}
