"""Rules at the desk: what holds, what held, what is drafted; a draft is compared before another person publishes it."""

from __future__ import annotations

import json
import uuid

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.queries import names_of
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.words import word
from revlog.terms import queries, ruling, wording
from revlog.terms.forms import DraftForm, PublishForm
from revlog.terms.models import RuleSet
from revlog.terms.services import rules

MOST_VERSIONS = 100


@allow("terms.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every kind of rules that the code decides by and that may be read, with the version in force."""
    by, at = gate.actor_for(request), clock.now()
    counted = {
        row["kind"]: row
        for row in RuleSet.objects.visible_to(by)
        .order_by()
        .values("kind")
        .annotate(drafts=Count("pk", filter=Q(version=None)), coming=Count("pk", filter=Q(valid_from__gt=at)))
    }
    rows = [
        {
            "kind": kind,
            "label": word(kind),
            "version": queries.in_force(kind, at=at, organization=whose(by)).version,
            "drafts": counted[kind]["drafts"] if kind in counted else 0,
            "coming": counted[kind]["coming"] if kind in counted else 0,
        }
        for kind in ruling.kinds(told=not by.is_operator)
    ]
    return render(request, "terms/rules.html", {"rows": rows})


@allow("terms.view", write="terms.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, kind: str) -> HttpResponse:
    """One kind: its versions and drafts, each with what it changes; a POST drafts new rules."""
    by, at = gate.actor_for(request), clock.now()
    if not is_readable(kind, by):
        raise Http404
    now = queries.in_force(kind, at=at, organization=whose(by))
    may_draft = by.is_operator and by.may("terms.edit")
    form = DraftForm(request.POST or None, actor=by, initial={"body": _shown(now.body)}) if may_draft else None
    problem: DomainError | None = None
    if request.method == "POST" and form is not None and form.is_valid():
        told = form.cleaned_data
        owner = told["organization"]
        try:
            rules.draft(
                kind=kind, body=told["body"], organization=owner.pk if owner else None, note=told["note"], by=by, at=at
            )
        except DomainError as refusal:
            problem = refusal
        else:
            messages.success(request, _("Drafted. Another person publishes it."))
            return HttpResponseRedirect(reverse("rules_kind", args=[kind]))
    rows = list(RuleSet.objects.visible_to(by).filter(kind=kind).select_related("organization")[:MOST_VERSIONS])
    names = names_of([name for row in rows for name in (row.drafted_by, row.published_by) if name])
    context = {
        "kind": kind,
        "label": word(kind),
        "version": now.version,
        "own": now.organization is not None,
        "has_form": form is not None and wording.is_known(kind),
        "body": _shown(read_by(by, kind, now.body)),
        "form": form,
        "problem": problem,
        "publish_form": PublishForm() if by.may("terms.publish") else None,
        "drafts": [_face(row, names, by) for row in rows if row.version is None],
        "versions": [
            _face(row, names, by) | {"coming": row.valid_from > at} for row in rows if row.valid_from is not None
        ],
    }
    status = problem.status if problem else 422 if form is not None and form.errors else 200
    return render(request, "terms/rules_kind.html", context, status=status)


@allow("terms.publish")
@require_POST
def publish(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Put a draft in force, now or from a day on."""
    by, at = gate.actor_for(request), clock.now()
    row = get_object_or_404(RuleSet.objects.visible_to(by), pk=pk)
    form = PublishForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["valid_from"])))
    else:
        try:
            done = rules.publish(row, valid_from=form.starts(at), by=by, at=at)
        except DomainError as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, _("Version %s is published.") % done.rule_set.version)
    return HttpResponseRedirect(reverse("rules_kind", args=[row.kind]))


def is_readable(kind: str, by: Actor) -> bool:
    """Whether ``by`` may read rules of this kind: the house's people all, others those that bind them."""
    return kind in ruling.kinds(told=not by.is_operator)


def whose(by: Actor) -> uuid.UUID | None:
    """Whose rules are shown first: everybody's in the house, to others those that hold for them."""
    return None if by.is_operator else by.organization_id


def read_by(by: Actor, kind: str, body: ruling.Body) -> ruling.Body:
    return body if by.is_operator else ruling.told_of(kind, body)


def _face(row: RuleSet, names: dict[str, str], by: Actor) -> dict[str, object]:
    """A version or draft with what it changes against the one before it."""
    if row.version is None:
        before = queries.in_force(row.kind, at=row.drafted_at, organization=row.organization_id)
    else:
        before = queries.of_version(row.kind, row.version - 1, organization=row.organization_id)
    trials = ruling.kind(row.kind).trials
    old, new = (read_by(by, row.kind, body) for body in (before.body, row.body))
    return {
        "row": row,
        "trials_url": reverse(trials, args=[row.pk]) if trials else "",
        "body": _shown(new),
        "changes": wording.changes(ruling.diff(old, new), row.kind, old, new),
        "drafted_by": names.get(row.drafted_by, row.drafted_by),
        "published_by": names.get(row.published_by, row.published_by),
    }


def _shown(body: ruling.Body) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)
