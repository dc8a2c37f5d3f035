"""Drafted rules tried on past cases: begin, watch, stop, go on, read who would change and what it costs, publish, take it away as CSV."""

from __future__ import annotations

import csv
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from returns.models import Trial, TrialChange, TrialStatus
from returns.queries import trials as reads
from returns.sayings.trials import cell, side
from returns.services import trials
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.models import Organization
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.templatetags.ui import money, number
from revlog.common.words import word
from revlog.terms import queries as terms
from revlog.terms import ruling, wording
from revlog.terms.forms import PublishForm
from revlog.terms.models import RuleSet
from revlog.terms.trying import SUBJECTS, Named, Saying

PAGE = 100
DAYS = 90


class TrialForm(forms.Form):
    """Which past cases: whose, and opened from when to when."""

    seller = forms.ModelChoiceField(
        label=gettext_lazy("Seller"),
        queryset=Organization.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("all sellers"),
    )
    since = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=gettext_lazy("To"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, draft: RuleSet, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        subject = SUBJECTS[draft.kind]
        if not subject.seller:
            del self.fields["seller"]
            return
        field = self.fields["seller"]
        field.label = str(subject.saying.whose)
        if isinstance(field, forms.ModelChoiceField):
            field.empty_label = str(subject.saying.everybody)
            if draft.organization_id:
                field.queryset = Organization.objects.filter(pk=draft.organization_id)
                field.initial = draft.organization
            else:
                whose = subject.cases().order_by().values(subject.seller)
                field.queryset = Organization.objects.filter(pk__in=whose).order_by("name")


@allow("terms.edit", "terms.publish")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Choose the cases and begin."""
    by, at = gate.actor_for(request), clock.now()
    draft = get_object_or_404(RuleSet.objects.visible_to(by).filter(kind__in=SUBJECTS), pk=pk)
    today = at.date()
    initial = {"since": today - timedelta(days=DAYS), "until": today}
    form = TrialForm(request.POST or None, draft=draft, initial=initial)
    problem: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            trial = trials.start(
                rule_set=draft, since=told["since"], until=told["until"], seller=told.get("seller"), by=by, at=at
            )
        except DomainError as refusal:
            problem = refusal
        else:
            return HttpResponseRedirect(reverse("trial", args=[trial.pk]))
    status = problem.status if problem else 422 if form.errors else 200
    context = {"draft": draft, "form": form, "problem": problem, "before": SUBJECTS[draft.kind].saying.before}
    return render(request, "returns/trial_new.html", context, status=status)


@allow("terms.view")
@require_GET
def panel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The trials of a draft, as the page of the rules shows them beside the button that publishes it."""
    by = gate.actor_for(request)
    draft = get_object_or_404(RuleSet.objects.visible_to(by).filter(kind__in=SUBJECTS), pk=pk)
    rows = [
        {"trial": one, "sentence": _sentence(one), "url": reverse("trial", args=[one.pk]), "whose": _whose(one)}
        for one in Trial.objects.visible_to(by).filter(rule_set=draft).select_related("seller", "rule_set")[:5]
    ]
    may = by.is_operator and (by.may("terms.edit") or by.may("terms.publish"))
    return render(request, "returns/_trials_of_draft.html", {"draft": draft, "rows": rows, "may_try": may})


def _whose(trial: Trial) -> str:
    """Whose cases they are; nothing where it is only ever ours."""
    if not SUBJECTS[trial.rule_set.kind].seller:
        return ""
    return trial.seller.name if trial.seller is not None else str(SUBJECTS[trial.rule_set.kind].saying.everybody)


def _sentence(trial: Trial) -> str:
    told = {
        "done": number(trial.done),
        "total": number(trial.total),
        "changed": number(trial.changed),
    }
    if trial.status == TrialStatus.DONE:
        return _("%(changed)s of %(done)s cases would go another way.") % told
    if trial.status == TrialStatus.STOPPED:
        return _("Stopped after %(done)s of %(total)s cases; %(changed)s would go another way so far.") % told
    return _("%(done)s of %(total)s cases done.") % told


@allow("terms.view")
@require_GET
def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """How far it is, what it would cost, and the cases that would go another way."""
    return _detail(request, pk)


def _detail(request: HttpRequest, pk: uuid.UUID, *, problem: DomainError | None = None) -> HttpResponse:
    by = gate.actor_for(request)
    trial = get_object_or_404(Trial.objects.visible_to(by).select_related("rule_set", "seller"), pk=pk)
    draft = trial.rule_set
    says, changes = SUBJECTS[draft.kind].saying, SUBJECTS[draft.kind].changes
    change = request.GET.get("change", "")
    rows = trial.changes.all()
    if change in changes:
        rows = rows.filter(change=change)
    after = _cursor(request.GET.get("after", ""))
    if after is not None:
        rows = rows.filter(case__gt=after)
    shown = list(rows.order_by("case")[: PAGE + 1])
    counted = trial.sums.get("changes", {})
    tables = _tables(trial, says)
    here = reverse("trial", args=[pk])
    context = {
        "trial": trial,
        "draft": draft,
        "whose": _whose(trial),
        "says": says,
        "job": _job(trial, by_may=by.may("terms.edit") or by.may("terms.publish")),
        "sums": _sums(trial, says),
        "tables": [table for table in tables if table["changed"]],
        "unchanged": [table["group"] for table in tables if not table["changed"]],
        "tabs": [
            {"label": _("All"), "url": here, "active": change not in changes, "count": trial.changed},
            *(
                {
                    "label": capfirst(word(f"trial.{name}")),
                    "url": f"{here}?change={name}",
                    "active": change == name,
                    "count": counted[name],
                }
                for name in changes
                if counted.get(name)
            ),
        ],
        "rows": [_row(draft.kind, one, case) for one, case in reads.named(draft.kind, shown[:PAGE])],
        "page": {
            "shown": len(shown[:PAGE]),
            "total": counted.get(change, 0) if change in changes else trial.changed,
            "next_url": f"{here}?change={change}&after={shown[PAGE - 1].case}" if len(shown) > PAGE else "",
        },
        "afterwards": reverse(says.afterwards) if says.afterwards and draft.version else "",
        "changes": _changes(draft),
        "publish_form": PublishForm() if draft.version is None and by.may("terms.publish") else None,
        "problem": problem,
    }
    return render(request, "returns/trial.html", context, status=problem.status if problem else 200)


def _changes(draft: RuleSet) -> list[ruling.Change]:
    """What the rules that were tried change, against those that hold, or held when they were published."""
    if draft.version is None:
        before = terms.in_force(draft.kind, at=clock.now(), organization=draft.organization_id)
    else:
        before = terms.of_version(draft.kind, draft.version - 1, organization=draft.organization_id)
    return wording.changes(ruling.diff(before.body, draft.body), draft.kind, before.body, draft.body)


def _cursor(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _job(trial: Trial, *, by_may: bool) -> dict[str, Any]:
    running = trial.status == TrialStatus.RUNNING
    stopped = trial.status == TrialStatus.STOPPED
    return {
        "title": capfirst(word(f"trial.{trial.status}")),
        "done": trial.done,
        "total": max(trial.total, trial.done),
        "says": _sentence(trial),
        "url": reverse("trial_progress", args=[trial.pk]),
        "running": running,
        "stop_url": reverse("trial_stop", args=[trial.pk]) if by_may and running else "",
        "resume_url": reverse("trial_resume", args=[trial.pk]) if by_may and stopped else "",
    }


@allow("terms.view")
@require_GET
def progress(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The bar, which asks for itself again until the work is over; then the whole page is loaded once more."""
    by = gate.actor_for(request)
    trial = get_object_or_404(Trial.objects.visible_to(by), pk=pk)
    may = by.may("terms.edit") or by.may("terms.publish")
    answer = render(request, "components/progress.html", {"job": _job(trial, by_may=may)})
    if trial.status != TrialStatus.RUNNING:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _sums(trial: Trial, says: Saying) -> list[dict[str, Any]]:
    """What all the cases come to by the rules as they are, as they would be, and the difference."""
    counts = trial.sums.get("counts", {})
    found = [
        _sum(str(label), counts.get("before", {}).get(name, 0), counts.get("after", {}).get(name, 0), "")
        for name, label in says.counts
    ]
    for currency, sums in sorted(trial.sums.get("money", {}).items()):
        found += [
            _sum(
                str(label),
                Decimal(sums.get("before", {}).get(name, 0)),
                Decimal(sums.get("after", {}).get(name, 0)),
                currency,
            )
            for name, label in says.sums
        ]
    return found


def _tables(trial: Trial, says: Saying) -> list[dict[str, Any]]:
    """What the cases were against what they would be: a table a group, what stays itself marked."""
    groups: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for group, before, after, count in trial.sums.get("cells", []):
        groups[group][before, after] += count
    found = []
    for group, cells in groups.items():
        befores, afters = (sorted({cell[place] for cell in cells}) for place in (0, 1))
        found.append(
            {
                "group": says.group(group),
                "columns": [says.cell(group, after) for after in afters],
                "rows": [
                    {
                        "label": says.cell(group, before),
                        "cells": [
                            {
                                "count": cells[before, after],
                                "same": before == after,
                                "column": says.cell(group, after),
                            }
                            for after in afters
                        ],
                    }
                    for before in befores
                ],
                "cases": cells.total(),
                "changed": sum(count for (before, after), count in cells.items() if before != after),
            }
        )
    return sorted(found, key=lambda table: (-table["changed"], table["group"]))


def _sum(label: str, before: int | Decimal, after: int | Decimal, currency: str) -> dict[str, Any]:
    def show(value: int | Decimal) -> str:
        return str(money(value, currency)) if currency else number(value)

    difference = after - before
    sign = "+" if difference > 0 else ""
    return {
        "label": label,
        "before": show(before),
        "after": show(after),
        "difference": f"{sign}{show(difference)}" if difference else "—",
    }


def _row(kind: str, one: TrialChange, case: Named) -> dict[str, Any]:
    return {
        "case": case,
        "change": word(f"trial.{one.change}"),
        "before": side(kind, one.before, case.currency),
        "after": side(kind, one.after, case.currency),
    }


@allow("terms.view")
@require_GET
def as_json(request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
    """How far it is, its sums and tables, and the first of the cases that would go another way, for programs."""
    by = gate.actor_for(request)
    trial = get_object_or_404(Trial.objects.visible_to(by).select_related("rule_set", "seller"), pk=pk)
    kind = trial.rule_set.kind
    says = SUBJECTS[kind].saying
    first = reads.named(kind, trial.changes.order_by("case")[:PAGE])
    told = {
        "rules": kind,
        "draft": str(trial.rule_set_id),
        "version": trial.rule_set.version,
        "since": trial.since,
        "until": trial.until,
        "status": trial.status,
        "cases": trial.total,
        "done": trial.done,
        "skipped": trial.skipped,
        "changed": trial.changed,
        "sums": {name: value for name, value in trial.sums.items() if name != "cells"},
        "tables": [
            {
                "group": says.group(group),
                "before": says.cell(group, before),
                "after": says.cell(group, after),
                "cases": count,
            }
            for group, before, after, count in trial.sums.get("cells", [])
        ],
        "examples": [
            {
                "case": case.number,
                "address": request.build_absolute_uri(case.url),
                "change": one.change,
                "before": one.before,
                "after": one.after,
            }
            for one, case in first
        ],
    }
    return JsonResponse(told)


@allow("terms.view")
@require_GET
def cases_csv(request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
    """Every case that would go another way, for a spreadsheet."""
    by = gate.actor_for(request)
    trial = get_object_or_404(Trial.objects.visible_to(by).select_related("rule_set"), pk=pk)
    answer = StreamingHttpResponse(_lines(trial), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="trial-{trial.since}-{trial.until}.csv"'
    return answer


class _Echo:
    def write(self, value: str) -> str:
        return value


def _lines(trial: Trial) -> Iterator[str]:
    writer = csv.writer(_Echo())
    sides = SUBJECTS[trial.rule_set.kind].saying.sides
    header = ["case", "seller", "position", "sku", "change", "currency"]
    yield writer.writerow([*header, *(f"before_{one}" for one in sides), *(f"after_{one}" for one in sides)])
    for one, case in reads.all_named(trial):
        position = case.position if case.position is not None else ""
        told = [case.number, case.code, position, case.sku, one.change, case.currency]
        told += [cell(row[name]) for row in (one.before, one.after) for name in sides]
        yield writer.writerow([_plain(value) for value in told])


def _plain(value: object) -> str:
    """As text that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in "=+-@\t\r" and text[:1] else text


def _act(request: HttpRequest, pk: uuid.UUID, verb: Any) -> HttpResponse:  # noqa: ANN401
    by = gate.actor_for(request)
    trial = get_object_or_404(Trial.objects.visible_to(by), pk=pk)
    try:
        verb(trial, by=by, at=clock.now())
    except DomainError as refusal:
        return _detail(request, pk, problem=refusal)
    return HttpResponseRedirect(reverse("trial", args=[pk]))


@allow("terms.edit", "terms.publish")
@require_POST
def stop(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _act(request, pk, trials.stop)


@allow("terms.edit", "terms.publish")
@require_POST
def resume(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _act(request, pk, trials.resume)
