"""Units graded again by new rules: which version, how far it is, who changed, who was listed and why."""

from __future__ import annotations

import csv
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.gate import actor_for
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.words import word
from revlog.devices.models import Device
from revlog.terms import queries as terms
from revlog.terms.models import RuleSet
from triage import books, queries
from triage.books import telling
from triage.models import Regrade, RegradedUnit, RegradeStatus
from triage.services import regrading
from triage.views.shared import face, problem

SHOWN = 200
RUNS = 20


@allow("terms.view", write="terms.publish")
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The versions in force, each with a button; and what was graded again so far."""
    actor, at = actor_for(request), clock.now()
    told: dict[str, Any] | None = None
    status = 200
    if request.method == "POST":
        rule_set = get_object_or_404(RuleSet.objects.visible_to(actor), pk=_uuid(request.POST.get("rules", "")))
        try:
            row = regrading.ask(rule_set=rule_set, by=actor, at=at)
        except DomainError as refusal:
            told, status = problem(refusal, _("Not graded again")), refusal.status
        else:
            return HttpResponseRedirect(reverse("triage_regrade", args=[row.pk]))
    versions = RuleSet.objects.visible_to(actor).filter(kind__in=regrading.KINDS, version__isnull=False)
    context = {
        "problem": told,
        "may_ask": actor.is_operator and actor.may("terms.publish"),
        "versions": [
            {"row": row, "name": word(row.kind), "count": regrading.units_for(row).visible_to(actor).count()}
            for row in versions.select_related("organization").order_by("kind", "-version")
            if not regrading.reasons_against(row, at=at)
        ],
        "runs": queries.regrades(actor)[:RUNS],
    }
    return render(request, "triage/regrades.html", context, status=status)


@allow("triage.inspect", "terms.view")
@require_GET
def shelf(request: HttpRequest) -> HttpResponse:
    """The grade books in force, in plain words: what each grade asks for, where that comes from and how sure it is."""
    actor, at = actor_for(request), clock.now()
    found = terms.in_force(books.KIND, at=at)
    context = {
        "books": [telling.shown(book) for book in books.shelf(found)],
        "version": found.version,
        "rules_url": reverse("rules_kind", args=[books.KIND]) if actor.may("terms.view") else "",
    }
    return render(request, "triage/books.html", context)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None


@allow("terms.view")
@require_GET
def page(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """One run: its figures, the units that changed, those that were listed."""
    actor = actor_for(request)
    row = get_object_or_404(queries.regrades(actor), pk=id)
    units = _units(row, actor)
    changed, listed = units.exclude(grading=None), units.filter(grading=None)
    context = {
        "run": row,
        "name": word(row.rule_set.kind),
        "running": row.status == RegradeStatus.RUNNING,
        "figures": [
            {"label": _("Looked at"), "value": row.done, "unit": "", "note": _("of %s") % row.total},
            {"label": _("Changed"), "value": row.changed, "unit": "", "note": ""},
            {"label": _("Listed, not changed"), "value": row.listed, "unit": "", "note": ""},
        ],
        "ways": _ways(changed),
        "changed": [_line(one) for one in _faced(changed)[:SHOWN]],
        "listed": [_line(one) for one in _faced(listed)[:SHOWN]],
        "changed_more": max(0, changed.count() - SHOWN),
        "listed_more": max(0, listed.count() - SHOWN),
    }
    return render(request, "triage/regrade.html", context)


def _units(row: Regrade, actor: Actor) -> QuerySet[RegradedUnit]:
    return row.units.filter(device__in=Device.objects.visible_to(actor))


def _faced(rows: QuerySet[RegradedUnit]) -> QuerySet[RegradedUnit]:
    return rows.select_related("device__owner", "device__hub", "device__location", "device__product").order_by("pk")


def _ways(changed: QuerySet[RegradedUnit]) -> list[dict[str, Any]]:
    """From grade to grade, how many."""
    counted: Counter[tuple[str, str]] = Counter(changed.values_list("before__grade", "after__grade"))
    return [{"before": before, "after": after, "count": count} for (before, after), count in counted.most_common()]


def _line(row: RegradedUnit) -> dict[str, Any]:
    return {
        "unit": face(row.device),
        "before": row.before["grade"],
        "after": row.after["grade"] or "—",
        "what": "; ".join(_differences(row)),
        "why": _why(row),
    }


def _why(row: RegradedUnit) -> str:
    told = word(f"regrade.{row.why}") if row.why else ""
    return f"{told} ({row.reason})" if row.reason else told


def _differences(row: RegradedUnit) -> Iterator[str]:
    """Which letters and which books differ, as "battery A → B"."""
    for what in ("axes", "books"):
        before, after = row.before[what], row.after[what]
        for name in dict.fromkeys([*before, *after]):
            one, other = before.get(name), after.get(name)
            if one != other and name != "house":
                label = word(f"axis.{name}") if what == "axes" else name
                yield f"{label} {one or '—'} → {other or '—'}"


@allow("terms.view")
@require_GET
def units_csv(request: HttpRequest, id: uuid.UUID) -> StreamingHttpResponse:
    """Every unit that changed or was listed, for a spreadsheet."""
    actor = actor_for(request)
    row = get_object_or_404(queries.regrades(actor), pk=id)
    answer = StreamingHttpResponse(_lines(_units(row, actor)), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="regrade-{row.asked_at:%Y-%m-%d}.csv"'
    return answer


class _Echo:
    def write(self, value: str) -> str:
        return value


def _lines(units: QuerySet[RegradedUnit]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(["unit", "class", "before", "after", "changed", "why_not", "differences"])
    for one in units.select_related("device").order_by("pk").iterator(chunk_size=1000):
        told = [one.device.tag, one.device.device_class, one.before["grade"], one.after["grade"]]
        yield writer.writerow([*told, "yes" if one.grading_id else "no", one.why, "; ".join(_differences(one))])
