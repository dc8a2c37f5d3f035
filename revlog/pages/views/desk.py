"""Where a person begins: welcome, my work, search, exceptions, settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings as configured
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_POST

from revlog.accounts.access import PUBLIC, SIGNED_IN, allow
from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.services import people
from revlog.common import clock
from revlog.common.words import word
from revlog.custody.models import Reaction
from revlog.custody.services import reactions
from revlog.devices import queries as units
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.pages import demo, faces, navigation, queries

MOST_ROWS = 50
MOST_CARDS = 12


@allow(PUBLIC)
@require_GET
def front(request: HttpRequest) -> HttpResponse:
    """The address alone: one's own work, the demo's welcome, or the portal for those who aren't known."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is not None and actor.kind == ActorKind.USER:
        return HttpResponseRedirect(reverse("my_work"))
    if configured.DEMO:
        return HttpResponseRedirect(reverse("welcome"))
    try:
        return HttpResponseRedirect(reverse("portal"))
    except NoReverseMatch:
        return HttpResponseRedirect(reverse("account_login"))


@allow(PUBLIC)
@require_GET
def welcome(request: HttpRequest) -> HttpResponse:
    """The demo's doors: who to be, what to follow, what to scan, what was sent. Not there where the install is no demo."""
    if not configured.DEMO:
        return HttpResponseRedirect(reverse("front"))
    crowd = people.demo_users()
    context: dict[str, Any] = {
        "first_people": crowd[:MOST_CARDS],
        "more_people": crowd[MOST_CARDS:],
        "tour": demo.tour(),
        "codes": demo.codes(),
        "samples": demo.samples(),
        "mails": demo.mails()[:8],
        "portal_url": demo.url_of("portal"),
        "units": Device.objects.count(),
    }
    return render(request, "pages/welcome.html", context)


@allow(PUBLIC)
@require_GET
def codes(request: HttpRequest) -> HttpResponse:
    """The sheet of codes to print and scan."""
    if not configured.DEMO:
        return HttpResponseRedirect(reverse("front"))
    return render(request, "pages/codes.html", {"codes": demo.codes()})


@allow(SIGNED_IN)
@require_GET
def my_work(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    work = queries.work_of(actor)
    waiting = [queue for queue in work if queue.count]
    trouble = queries.exceptions(actor, at=clock.now()) if actor.may("exceptions.view") else []
    context = {
        "queues": [
            {
                "label": word(f"state.{queue.state}"),
                "url": queue.url,
                "count": queue.count,
                "oldest": queue.oldest,
                "state": queue.state,
            }
            for queue in work
        ],
        "first": max(waiting, key=lambda queue: queue.count, default=None),
        "first_word": word(f"state.{max(waiting, key=lambda q: q.count).state}") if waiting else "",
        "trouble": trouble[:5],
        "troubles": len(trouble),
        "tour": demo.tour() if configured.DEMO else None,
        "floor": actor.may("devices.locate"),
    }
    return render(request, "pages/my_work.html", context)


@allow("devices.view")
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """One box: a unit by any of its names goes straight to it; what can't be told apart is shown, both."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    text = request.GET.get("q", "").strip()[:120]
    state = request.GET.get("state", "")
    found: list[Device] = []
    if text:
        exact = units.scanned(text, actor)
        if exact.device is not None:
            return HttpResponseRedirect(reverse("unit", args=[exact.device.tag]))
        if (url := demo.page_of_number(text, actor)) is not None:
            return HttpResponseRedirect(url)
        found = units.find(text, actor, most=MOST_ROWS)
    elif state in State.__members__:
        rows = Device.objects.visible_to(actor).waiting(State(state))
        found = list(rows.select_related("product", "location", "hub", "owner")[:MOST_ROWS])
    context = {
        "query": text,
        "units": faces.faces(found),
        "asked": bool(text or state),
        "state_word": word(f"state.{state}") if state in State.__members__ else "",
        "full": len(found) == MOST_ROWS,
    }
    return render(request, "pages/search.html", context)


@allow("exceptions.view")
@require_GET
def exceptions(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    at = clock.now()
    rows = queries.exceptions(actor, at=at)
    kind = request.GET.get("kind", "")
    kinds: dict[str, int] = {}
    for row in rows:
        kinds[row.kind] = kinds.get(row.kind, 0) + 1
    shown = [row for row in rows if not kind or row.kind == kind]
    context = {
        "rows": [
            {
                "row": row,
                "kind": word(row.kind),
                "late": row.is_late(at),
                "reaction": row.key.removeprefix("reaction:") if row.key.startswith("reaction:") else "",
            }
            for row in shown[:200]
        ],
        "total": len(shown),
        "kinds": [
            {"label": word(code), "url": f"{request.path}?kind={code}", "count": count, "active": code == kind}
            for code, count in sorted(kinds.items(), key=lambda item: -item[1])
        ],
        "all": len(rows),
        "kind": kind,
        "may_resolve": actor.may("exceptions.resolve"),
    }
    return render(request, "pages/exceptions.html", context)


@allow("exceptions.resolve")
@require_POST
def retry(request: HttpRequest) -> HttpResponse:
    """Give a parked job its attempts back."""
    number = request.POST.get("reaction", "")
    row = get_object_or_404(Reaction.objects.parked(), pk=int(number) if number.isdigit() else 0)
    reactions.retry(row, at=clock.now())
    return HttpResponseRedirect(reverse("exceptions"))


@allow("terms.view", "accounts.manage")
@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return render(request, "pages/settings.html", {"rows": navigation.settings_rows(actor)})
