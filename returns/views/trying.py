"""Something to try first, before a thing that doesn't work comes back: the desk's trees, one question a page, skipped in one click."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from returns import reasons
from returns.services import troubleshooting
from returns.troubleshooting import Walk
from returns.views import drafts, portal
from returns.views.common import text
from returns.views.drafts import Draft
from returns.views.visitors import Visit, issuer, visit_of
from revlog.accounts.access import GUEST, allow
from revlog.common import clock
from revlog.terms.models import Order, OrderLine

TRIED_FOR = frozenset({"fault"})
"""The groups of reasons for which something can be tried; who says that it isn't safe isn't asked to touch it."""


def next_page(order: Order, draft: Draft, *, at: datetime) -> str:
    """What comes after why: something to try for the first thing that has it and for which nobody went on yet; else the last look."""
    for key in draft.lines:
        if _reason(draft, key) and not _is_over(draft, key) and _walk(_line(key), draft, at=at) is not None:
            return reverse("portal_try", args=[order.pk, key])
    return reverse("portal_check", args=[order.pk])


def _line(key: str) -> OrderLine:
    return OrderLine.objects.select_related("order__seller", "product").get(pk=key)


def _reason(draft: Draft, key: str) -> str:
    """Why this thing comes back, where something may be tried for it."""
    reason = str(draft.told.get(key, {}).get("reason", ""))
    return reason if reason in reasons.CODES and reasons.group(reason) in TRIED_FOR else ""


def _kept(draft: Draft, key: str) -> dict[str, Any]:
    """What was tried for the reason that was given; for another reason it begins anew."""
    found = draft.tried.get(key, {})
    return found if found.get("reason") == _reason(draft, key) else {}


def _is_over(draft: Draft, key: str) -> bool:
    return bool(_kept(draft, key).get("over"))


def _walk(line: OrderLine, draft: Draft, *, at: datetime) -> Walk | None:
    key = str(line.pk)
    return troubleshooting.walk(line, reason=_reason(draft, key), answers=_kept(draft, key).get("answers", ()), at=at)


@allow(GUEST)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def steps(request: HttpRequest, pk: uuid.UUID, line: uuid.UUID) -> HttpResponse:
    """One question or instruction, its answers as buttons, and the way past all of them."""
    visit, at = visit_of(request, pk), clock.now()
    draft, key = drafts.of(request, visit.order), str(line)
    if key not in draft.lines and draft.tried.get(key, {}).get("fixed"):
        return _page(request, visit, draft, _line(key), None)
    if key not in draft.lines:
        raise Http404
    if not _reason(draft, key):
        return HttpResponseRedirect(reverse("portal_why", args=[pk]))
    sold = _line(key)
    walk = _walk(sold, draft, at=at)
    if walk is None:
        return HttpResponseRedirect(reverse("portal_check", args=[pk]))
    if request.method != "POST":
        return _page(request, visit, draft, sold, walk)
    _do(request, visit, draft, sold, walk, at=at)
    drafts.keep(request, visit.order, draft)
    if draft.tried[key].get("fixed") or not draft.tried[key].get("over"):
        return HttpResponseRedirect(request.path)
    return HttpResponseRedirect(next_page(visit.order, draft, at=at))


def _do(request: HttpRequest, visit: Visit, draft: Draft, line: OrderLine, walk: Walk, *, at: datetime) -> None:
    """One press: an answer, one step back, past it all, or that it works again."""
    key, answers = str(line.pk), list(walk.answers)
    reason = _reason(draft, key)
    kept: dict[str, Any] = {"reason": reason, "answers": answers}
    match text(request, "act", 10):
        case "skip":
            kept["over"] = True
        case "back":
            kept["answers"] = answers[:-1]
        case "fixed":
            troubleshooting.fixed_by_customer(line, walk, reason=reason, key=uuid.UUID(draft.key), by=visit.by, at=at)
            kept["over"] = kept["fixed"] = True
            draft.lines = [one for one in draft.lines if one != key]
        case "unsafe" if walk.here.end == "safety":
            # From here on it is what the steps found: a case of safety, which never travels with an ordinary label.
            draft.told[key] |= {"reason": walk.here.reason, "wanted": walk.here.wanted, "answers": {}}
            kept |= {"reason": walk.here.reason, "over": True}
        case _:
            option = text(request, "option", 60)
            if text(request, "node", 60) == walk.here.id and any(one.id == option for one in walk.here.options):
                kept["answers"] = [*answers, option]
    draft.tried[key] = kept
    reached = troubleshooting.walk(line, reason=reason, answers=kept["answers"], at=at)
    if reached is not None and kept["answers"]:
        troubleshooting.tried(
            line, reached, reason=reason, skipped=bool(kept.get("over")) and not reached.is_over, at=at
        )


def _page(request: HttpRequest, visit: Visit, draft: Draft, line: OrderLine, walk: Walk | None) -> HttpResponse:
    context = {
        "order": visit.order,
        "issuer": issuer(visit.order),
        "steps": portal.steps("why"),
        "line": line,
        "walk": walk,
        "others": bool(draft.lines),
    }
    return render(request, "returns/portal_try.html", context)
