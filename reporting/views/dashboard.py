"""The dashboard and the lists behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.conf import settings as configured
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from reporting import charts, exports, queries
from reporting.filters import Filters, read
from reporting.models import VisitFact
from reporting.models.accounting import keeps_books
from returns.queries import recalls as queries_recalls
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.gate import actor_for
from revlog.common import clock
from revlog.common.errors import BadInput, NotFound
from revlog.common.templatetags import ui
from revlog.common.words import known, word

PAGE = 50
MOST_EXPORTED = 100_000


def _choices(filters: Filters, actor: Actor) -> dict[str, Any]:
    """What the form of filters offers: sites, organizations, spans."""
    hubs, organizations = queries.hubs(actor), queries.organizations(actor)
    today = clock.now().date()
    first = queries.first_day(actor) or today
    spans = (
        (_("4 weeks"), today - timedelta(days=27)),
        (_("13 weeks"), today - timedelta(days=90)),
        (_("since the first unit"), first),
    )
    return {
        "asked": filters,
        "hubs": [{"value": str(each.pk), "name": each.name, "active": each.pk == filters.hub} for each in hubs],
        "organizations": [
            {"value": str(each.pk), "name": each.name, "active": each.pk == filters.organization}
            for each in organizations
        ],
        "spans": [{"label": label, "url": _span(filters, since, today)} for label, since in spans],
        "may_export": actor.may("reporting.export"),
    }


def _span(filters: Filters, since: date, until: date) -> str:
    return f"?{Filters(since, until, filters.hub, filters.organization).query()}"


def _pictures(filters: Filters, actor: Actor) -> dict[str, Any]:
    now, before = (queries.figures(filters=span, actor=actor) for span in (filters, filters.before))
    weeks = queries.weeks(filters=filters, actor=actor)
    dwell = queries.dwell(filters=filters, actor=actor)
    return {
        "sentence": charts.sentence(now, dwell),
        "figures": charts.figures(now, before, weeks, filters),
        "flow": charts.flow(queries.flows(filters=filters, actor=actor), filters),
        "pictures": [
            chart
            for chart in (
                charts.throughput(weeks, filters),
                *charts.dwell(dwell, filters),
                charts.recovery(queries.recovery(filters=filters, actor=actor), filters),
                charts.grades(queries.grades(filters=filters, actor=actor), filters),
                charts.sanitization(
                    queries.attempts(filters=filters, actor=actor), now.sanitization, now.first_attempt, filters
                ),
            )
            if chart is not None
        ],
    }


@allow("reporting.view")
@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """Six figures and the pictures below, for the filters in the address."""
    actor = actor_for(request)
    problem: BadInput | None = None
    try:
        filters = read(request.GET.dict(), at=clock.now())
    except BadInput as refusal:
        problem, filters = refusal, read({}, at=clock.now())
    context = {
        **_choices(filters, actor),
        **_pictures(filters, actor),
        "lag": queries.lag(),
        "recalls": queries_recalls.card(actor) if actor.may("returns.view") else None,
        "problem": problem,
        "may_account": keeps_books(actor),
        "figures_csv_url": f"{reverse('reports_figures_csv')}?{filters.query()}",
    }
    return render(request, "reporting/dashboard.html", context, status=problem.status if problem else 200)


def _said(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name][:40].replace("\0", "") for name in queries.NARROWING if name in request.GET}


TITLES = {
    "received": gettext_lazy("Units received"),
    "ended": gettext_lazy("Units finished"),
    "reused": gettext_lazy("Units used again"),
    "valued": gettext_lazy("Units with costs or income"),
    "here": gettext_lazy("Units with us"),
    "graded": gettext_lazy("Units graded"),
    "moved": gettext_lazy("Units that moved"),
    "stayed": gettext_lazy("Units that stayed"),
    "sanitized": gettext_lazy("Units with cleared or tried media"),
}


def _chips(said: dict[str, str], filters: Filters, what: str) -> list[dict[str, str]]:
    labels = {
        "state": _("state"), "came_from": _("from"), "outcome": _("outcome"), "grade": _("grade"), "clock": _("clock"),
        "result": _("result"),
    }  # fmt: skip
    words: dict[str, Callable[[str], str]] = {
        "state": charts.state_name, "came_from": charts.state_name, "outcome": charts.state_name, "clock": charts.clock_name,
        "grade": lambda code: word(f"grade.{code}"), "result": word,
    }  # fmt: skip
    return [
        {
            "label": labels[name],
            "value": words[name](value),
            "remove_url": charts.units_url(
                filters, what, **{other: text for other, text in said.items() if other != name}
            ),
        }
        for name, value in said.items()
    ]


def _row(visit: VisitFact, actor: Actor) -> dict[str, Any]:
    return {
        "tag": visit.tag,
        "face": visit.face,
        "number": visit.number,
        "state": visit.state,
        "why_word": word(f"why.{visit.why}") if known(f"why.{visit.why}") else word(visit.why),
        "received_at": visit.received_at,
        "ended_at": visit.ended_at,
        "disposition_word": word(f"disposition.{visit.disposition}") if visit.disposition else "—",
        "grade": visit.grade,
        "recovery": visit.recovery_ours if actor.is_operator else visit.recovery_client,
    }


@allow("reporting.view")
@require_GET
def units(request: HttpRequest) -> HttpResponse:
    """The visits behind one mark, with the same filters."""
    actor = actor_for(request)
    what = request.GET.get("what", "received")
    said = _said(request)
    try:
        filters = read(request.GET.dict(), at=clock.now())
        rows = queries.units(what=what, filters=filters, said=said, actor=actor)
    except (BadInput, NotFound) as refusal:
        filters = read({}, at=clock.now())
        context = {**_choices(filters, actor), "problem": refusal, "title": _("Units"), "rows": [], "what": "received"}
        return render(request, "reporting/units.html", context, status=refusal.status)
    pages = Paginator(rows, PAGE)
    page = pages.get_page(request.GET.get("page"))
    address = charts.units_url(filters, what, **said)
    context = {
        **_choices(filters, actor),
        "title": TITLES[what],
        "what": what,
        "said": said,
        "rows": [_row(visit, actor) for visit in page.object_list],
        "chips": _chips(said, filters, what),
        "money": actor.may("money.view"),
        "currency": configured.BASE_CURRENCY,
        "page": {
            "shown": len(page.object_list),
            "total": pages.count,
            "previous_url": f"{address}&page={page.previous_page_number()}" if page.has_previous() else "",
            "next_url": f"{address}&page={page.next_page_number()}" if page.has_next() else "",
        },
        "csv_url": f"{reverse('reports_units_csv')}?{filters.query(what=what, **said)}",
        "dashboard_url": f"{reverse('reports')}?{filters.query()}",
    }
    return render(request, "reporting/units.html", context)


def _csv(header: list[str], rows: Any, name: str) -> StreamingHttpResponse:  # noqa: ANN401
    answer = StreamingHttpResponse(exports.lines(header, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


@allow("reporting.export")
@require_GET
def units_csv(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The same units as a file: codes as they are stored, times in UTC."""
    actor = actor_for(request)
    try:
        filters = read(request.GET.dict(), at=clock.now())
        found = queries.units(
            what=request.GET.get("what", "received"), filters=filters, said=_said(request), actor=actor
        )
    except (BadInput, NotFound) as refusal:
        return HttpResponse(str(refusal), status=refusal.status, content_type="text/plain; charset=utf-8")
    names = [
        "tag", "number", "face", "device_class", "why", "announced_at", "received_at", "ended_at", "state", "outcome",
        "disposition", "overridden", "grade",
    ]  # fmt: skip
    if actor.may("money.view"):
        names.append("recovery_ours" if actor.is_operator else "recovery_client")
    return _csv(names, found.values_list(*names)[:MOST_EXPORTED].iterator(), f"units-{filters.since}-{filters.until}")


@allow("reporting.export")
@require_GET
def figures_csv(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Every figure of the dashboard, one a line: which, of what, how much."""
    actor = actor_for(request)
    try:
        filters = read(request.GET.dict(), at=clock.now())
    except BadInput as refusal:
        return HttpResponse(str(refusal), status=refusal.status, content_type="text/plain; charset=utf-8")
    shown = _pictures(filters, actor)
    rows: list[tuple[object, ...]] = [
        (_("Figures"), figure["label"], figure.get("n", ""), figure["value"]) for figure in shown["figures"]
    ]
    for chart in (shown["flow"], *shown["pictures"]):
        if chart is None:
            continue
        table = ui.chart_table(chart["data"])
        if chart["data"]["kind"] == "flow":
            rows += [(chart["title"], row[0], row[1], row[2]) for row in table["rows"]]
        else:
            rows += [
                (chart["title"], row[0], column, value)
                for row in table["rows"]
                for column, value in zip(table["columns"][1:], row[1:], strict=True)
            ]
    header = [_("figure"), _("row"), _("column"), _("value")]
    return _csv(header, rows, f"figures-{filters.since}-{filters.until}")
