"""What came of decisions, beside what was expected of them; and the planning figures that it checks."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.gate import actor_for
from revlog.common import cells, clock
from revlog.common.templatetags import ui
from revlog.common.words import word
from revlog.terms import queries as terms
from revlog.terms.services import rules
from triage import figures, measuring, outturns, showing
from triage.measuring import Measured
from triage.models import OutturnQuerySet
from triage.outturns import Total
from triage.views.shared import face

SPANS = (90, 365, 0)


def _rows(request: HttpRequest, actor: Actor) -> tuple[OutturnQuerySet, int]:
    """The rows of the window that was asked for."""
    if not actor.is_operator:
        raise Http404
    given = request.GET.get("days", "")
    days = int(given) if given in {str(each) for each in SPANS} else SPANS[1]
    return outturns.since(actor, days, at=clock.now()), days


@allow("reporting.view")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Expected and real: together, by path, class and line; the worst misses; the figures that this measures."""
    actor, at = actor_for(request), clock.now()
    rows, days = _rows(request, actor)
    whole = outturns.total(rows)
    currency = settings.BASE_CURRENCY
    found = outturns.measured(rows, at=at)
    paths = outturns.by(rows, "disposition")
    context: dict[str, Any] = {
        "days": days,
        "tabs": [
            {
                "label": _("%s days") % each if each else _("since the first"),
                "url": f"?days={each}",
                "active": each == days,
            }
            for each in SPANS
        ],
        "csv_url": f"{reverse('triage_outcomes_csv')}?days={days}" if actor.may("reporting.export") else "",
        "count": whole.n,
        "unchecked": rows.filter(checked=False).count(),
        "enough": measuring.ENOUGH,
        "currency": currency,
        "figures": _cards(whole, currency) if whole.n else [],
        "paths": [_total(one, word(f"disposition.{one.key}").capitalize()) for one in paths],
        "classes": [_total(one, showing.class_name(one.key)) for one in outturns.by(rows, "device_class")],
        "lines": [
            {
                "name": word(f"outturn.{one.key}").capitalize(),
                "expected": one.expected,
                "came": one.came,
                "bias": one.bias,
                "miss": one.miss,
            }
            for one in outturns.lines(rows)
        ],
        "chart": _chart(paths, currency),
        "worst": [
            {
                "unit": face(row.device),
                "way": word(f"disposition.{row.disposition}"),
                "miss": row.miss,
                "sentence": outturns.sentence(row),
            }
            for row in outturns.worst(rows)
        ],
        "measured": [_measured(one) for one in found],
        "may_draft": actor.may("terms.edit") and any(one.enough for one in found),
        "version": outturns.in_force(at=at).version,
        "rules_url": reverse("rules_kind", args=[figures.KIND]),
    }
    return render(request, "triage/outcomes.html", context)


def _cards(whole: Total, currency: str) -> list[dict[str, Any]]:
    late = ""
    if whole.late is not None:
        text = (
            _("%s days sooner than planned on average")
            if whole.late < 0
            else _("%s days later than planned on average")
        )
        late = text % ui.number(abs(whole.late), 1)
    less = whole.bias < 0
    return [
        {"label": _("Expected per unit"), "value": ui.money(whole.expected), "unit": currency, "n": whole.n},
        {"label": _("Brought per unit"), "value": ui.money(whole.came), "unit": currency, "note": late},
        {
            "label": _("Less than expected") if less else _("More than expected"),
            "value": ui.money(abs(whole.bias)),
            "unit": currency,
        },
        {"label": _("Off by"), "value": ui.money(whole.miss), "unit": currency, "note": _("either way, on average")},
    ]


def _total(one: Total, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "n": one.n,
        "few": one.few,
        "expected": one.expected,
        "came": one.came,
        "bias": one.bias,
        "miss": one.miss,
        "late": "—" if one.late is None else ui.number(one.late, 1),
    }


def _chart(paths: list[Total], currency: str) -> dict[str, Any] | None:
    if not paths:
        return None
    off = max(paths, key=lambda one: (one.n >= measuring.ENOUGH, abs(one.bias)))
    told = {"path": word(f"disposition.{off.key}"), "bias": ui.money(abs(off.bias), currency)}
    if off.few:
        say = _("Too few have ended on any path to say much.")
    elif off.bias < 0:
        say = _("Furthest off is “%(path)s”: a unit brings %(bias)s less than expected.") % told
    else:
        say = _("Furthest off is “%(path)s”: a unit brings %(bias)s more than expected.") % told
    return {
        "id": "outcomes-by-path",
        "title": _("Expected and brought per unit, by path"),
        "say": say,
        "data": {
            "kind": "bars",
            "unit": currency,
            "categories": [f"{word(f'disposition.{one.key}').capitalize()} (n = {one.n})" for one in paths],
            "series": [
                {"name": _("expected"), "values": [float(one.expected) for one in paths]},
                {"name": _("brought"), "values": [float(one.came) for one in paths]},
            ],
        },
    }


def _measured(one: Measured) -> dict[str, Any]:
    unit = _("minutes + parts") if one.table.startswith("repairs") else ""
    return {
        "name": outturns.name_of(one),
        "in_force": _figure(one, one.in_force),
        "measured": _figure(one, one.measured),
        "unit": unit,
        "n": one.n,
        "few": one.n < measuring.ENOUGH,
        "unsure": one.n >= measuring.ENOUGH and not one.sure,
        "between": f"{_figure(one, one.low)} – {_figure(one, one.high)}" if one.low else "",
        "same": one.in_force == one.measured,
    }


def _figure(one: Measured, text: str) -> str:
    if one.table.startswith("repairs"):
        return text
    if one.table in figures.SHARES:
        return ui.percent(Decimal(text), 1)
    return ui.number(Decimal(text))


@allow("reporting.export")
@require_GET
def table(request: HttpRequest) -> StreamingHttpResponse:
    """Each decision with its lines, expected and real, as CSV."""
    rows, _days = _rows(request, actor_for(request))
    answer = StreamingHttpResponse(_csv(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="outcomes.csv"'
    return answer


def _csv(rows: OutturnQuerySet) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(outturns.COLUMNS)
    for row in outturns.cells(rows):
        writer.writerow([str(cell) if isinstance(cell, Decimal) else cells.safe(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


@allow("terms.edit")
@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Draft figures with the measured values of which there are enough; a person looks them over and another publishes them."""
    actor, at = actor_for(request), clock.now()
    if not actor.is_operator:
        raise Http404
    found = [one for one in outturns.measured(outturns.since(actor, SPANS[1], at=at), at=at) if one.enough]
    known = terms.in_force(figures.KIND, at=at)
    body = {"parameters": measuring.drafted(known.parameters, found)}
    note = _("Measured on what came of decisions in the last %s days") % SPANS[1]
    rules.draft(kind=figures.KIND, body=body, note=note, by=actor, at=at)
    messages.success(request, _("Drafted. Nothing is reckoned by it before somebody else publishes it."))
    return HttpResponseRedirect(reverse("rules_kind", args=[figures.KIND]))
