"""Counts in the office: what is open and how true the books are, a new request with its preview, one count and what becomes of it."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from revlog.accounts import gate
from revlog.accounts import queries as persons
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.cells import safe
from revlog.common.errors import DomainError
from revlog.common.words import word
from revlog.devices.faces import face
from revlog.devices.models import Location
from revlog.evidence.pdf import qr
from revlog.storage.counting import CountsForm, people
from revlog.storage.models.counts import (
    CURRENT,
    WAITING,
    Count,
    CountState,
    CountWhy,
    Difference,
    DifferenceKind,
    DifferenceOutcome,
)
from revlog.storage.queries import counts as queries
from revlog.storage.services.counts import asking, settling, walking
from revlog.storage.services.counts.settling import Decision

PAGE = 50
MOST_ROWS = 10_000


@allow("devices.count", "devices.adjust")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The counts of one's hubs, what waits for a decision first; and for leads, how true the books are."""
    actor, at = gate.insider_for(request), clock.now()
    state = request.GET.get("state", "")
    may_settle = actor.may("devices.adjust")
    page = Paginator(queries.listed(actor, state=state), PAGE).get_page(request.GET.get("page"))
    counters = queries.counters(page.object_list)
    names = persons.names_of(set(counters.values()))
    for row in page.object_list:
        row.counter = names.get(counters.get(row.pk, ""), "")
    context: dict[str, Any] = {
        "page": page,
        "asked": {"state": state if state in CountState.values else ""},
        "states": CountState.choices,
        "may_settle": may_settle,
        "at": at,
    }
    if may_settle:
        context |= {"figures": queries.accuracy(actor, at=at), "standing": queries.standing_differences(actor, at=at)}
    return render(request, "storage/counts.html", context)


@allow("devices.adjust")
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Which places would be counted; nothing is asked for yet."""
    actor, at = gate.insider_for(request), clock.now()
    asked = "hub" in request.GET
    form = CountsForm(request.GET if asked else None, actor=actor)
    context: dict[str, Any] = {"form": form}
    if asked and form.is_valid():
        hub, told = form.cleaned_data["hub"], form.told()
        stale = told.why == CountWhy.STALE
        found = queries.stale(hub, told, at=at) if stale else queries.matching(hub, told)
        context |= {"preview": _preview(form, found), "candidates": found}
    return render(request, "storage/count_choose.html", context, status=422 if asked and form.errors else 200)


def _preview(form: CountsForm, found: list[queries.Candidate]) -> dict[str, Any]:
    free = [one for one in found if not one.number]
    person, due = form.cleaned_data["assignee"], form.due_at()
    return {
        "title": _("What would be counted"),
        "will": len(free),
        "will_words": ngettext("place to count", "places to count", len(free)),
        "wont": 0,
        "reasons": [],
        "confirm": ngettext("Have %s place counted", "Have %s places counted", len(free)) % len(free),
        "confirm_url": reverse("count_request"),
        "sends": {
            "hub": str(form.cleaned_data["hub"].pk),
            "why": form.cleaned_data["why"],
            "assignee": str(person.pk) if person is not None else "",
            "due": due.isoformat() if due is not None else "",
            "places": ",".join(str(one.place.pk) for one in free),
        },
        "back_url": reverse("counts"),
    }


@allow("devices.adjust")
@require_POST
def request(request: HttpRequest) -> HttpResponse:
    """Have exactly the places counted that were shown."""
    actor = gate.insider_for(request)
    hub = Hub.objects.worked_by(actor).filter(pk__in=_keys(request.POST.get("hub", ""))).first()
    why = request.POST.get("why", "")
    if hub is None or why not in CountWhy.values:
        raise Http404
    due = _moment(request.POST.get("due", ""))
    try:
        rows = asking.request(
            list(Location.objects.filter(hub=hub, pk__in=_keys(request.POST.get("places", ""))).select_related("hub")),
            hub=hub, why=CountWhy(why), due_at=due,
            assignee=people(actor).filter(pk__in=_keys(request.POST.get("assignee", ""))).first(), by=actor, at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
        return HttpResponseRedirect(reverse("count_choose"))
    said = ngettext("%s place is to be counted.", "%s places are to be counted.", len(rows)) % len(rows)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("counts"))


def _moment(text: str) -> datetime | None:
    try:
        told = parse_datetime(text[:40]) if text else None
    except ValueError:
        return None
    return told if told is not None and told.tzinfo is not None else None


@allow("devices.count", "devices.adjust")
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One count: who counted when, and for a lead what differs and what can become of it."""
    actor = gate.insider_for(request)
    return _shown(request, _row(number, actor), actor)


def _shown(request: HttpRequest, row: Count, actor: Actor) -> HttpResponse:
    may_settle = actor.may("devices.adjust")
    last = queries.last_walk(row)
    walks = list(row.walks.all())
    names = persons.names_of({one.counted_by for one in walks} | {row.requested_by, row.closed_by} - {""})
    against = settling.reasons_against_settling(row, last, by=actor) if row.state in WAITING and may_settle else []
    settles = may_settle and row.state in WAITING and not against
    context = {
        "row": row,
        "code": qr.qr_svg(row.number),
        "walks": [{"walk": one, "who": names.get(one.counted_by, "")} for one in walks],
        "asked_by": names.get(row.requested_by, ""),
        "closed_by": names.get(row.closed_by, ""),
        # Whoever may still count it isn't shown what is expected.
        "shows": may_settle or row.state not in CURRENT,
        "lines": [_line(one, row.place, settles=settles) for one in queries.differences(last)],
        "is_open": row.state in {CountState.OPEN, CountState.RECOUNT},
        "is_current": row.state in CURRENT,
        "may_cancel": may_settle and not asking.reasons_against_cancelling(row, by=actor),
        "counting": next((one for one in walks if one.ended_at is None and one.dropped_at is None), None),
        "settles": settles,
        "against": against,
        "once": row.state == CountState.RECOUNT,
        "may_settle": may_settle,
        "people": people(actor) if may_settle else [],
    }
    return render(request, "storage/count.html", context)


def _line(one: Difference, place: Location, *, settles: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": one.pk,
        "unit": face(one.device) if one.device is not None else None,
        "code": one.name,
        "kind": word(f"difference.{one.kind}"),
        "belongs": one.belongs.code if one.belongs is not None else "",
        "expected": one.expected,
        "counted": one.counted,
        "in_pieces": one.kind == DifferenceKind.QUANTITY,
        "value": one.value,
        "currency": one.currency,
        "outcome": word(f"difference_outcome.{one.outcome}") if one.outcome else "",
        "note": one.note,
    }
    if settles:
        proposed, why = settling.proposed(one, place)
        told |= {
            "choices": [(each.value, each.label) for each in settling.OUTCOMES[DifferenceKind(one.kind)]],
            "proposed": proposed.value,
            "against": why,
        }
    return told


@allow("devices.adjust")
@require_POST
def change(request: HttpRequest, number: str) -> HttpResponse:
    """Hand the count to somebody, set back one that was left off, have it counted again, or cancel it."""
    actor, at = gate.insider_for(request), clock.now()
    row = _row(number, actor)
    act = request.POST.get("act", "")
    try:
        if act == "cancel":
            asking.cancel(row, reason=request.POST.get("reason", ""), by=actor, at=at)
            said = _("%s is cancelled.")
        elif act == "again":
            settling.again(row, by=actor, at=at)
            said = _("%s is to be counted again.")
        elif act == "drop":
            walk = row.walks.filter(ended_at=None, dropped_at=None).first()
            if walk is not None:
                walking.drop(walk, by=actor, at=at)
            said = _("%s can be begun anew.")
        else:
            person = people(actor).filter(pk__in=_keys(request.POST.get("assignee", ""))).first()
            asking.assign(row, person, by=actor, at=at)
            said = _("%s is handed over.")
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, said % row.number)
    return HttpResponseRedirect(reverse("count", args=[row.number]))


@allow("devices.adjust")
@require_POST
def settle(request: HttpRequest, number: str) -> HttpResponse:
    """What becomes of each difference; with the last of them the count is closed."""
    actor = gate.insider_for(request)
    row = _row(number, actor)
    try:
        settling.approve(
            row, _decisions(request.POST, row), reason=request.POST.get("reason", ""), by=actor, at=clock.now()
        )
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("%s is settled.") % row.number)
    return HttpResponseRedirect(reverse("count", args=[row.number]))


def _decisions(told: Mapping[str, str], row: Count) -> dict[int, Decision]:
    found = {}
    for one in queries.differences(queries.last_walk(row)):
        outcome = told.get(f"outcome-{one.pk}", "")
        if outcome in DifferenceOutcome.values:
            found[one.pk] = Decision(DifferenceOutcome(outcome), told.get(f"note-{one.pk}", "").replace("\0", ""))
    return found


@allow("devices.adjust")
@require_GET
def table(request: HttpRequest) -> HttpResponse:
    """The counts that were ended, newest first, as a file."""
    actor = gate.insider_for(request)
    rows = queries.listed(actor, state=CountState.DONE)[:MOST_ROWS]
    lost = queries.lost_of(rows)
    file = io.StringIO()
    sheet = csv.writer(file)
    sheet.writerow(
        ["count", "hub", "place", "why", "requested", "closed", "expected", "right", "missing", "extra", "wrong_number", "unknown", "lost"]
    )  # fmt: skip
    for row in rows:
        worth = " ".join(f"{amount} {currency}" for currency, amount in sorted(lost.get(row.pk, {}).items()))
        sheet.writerow(
            [
                row.number, row.hub.code, safe(row.place.code), row.why, _when(row.requested_at), _when(row.closed_at),
                row.expected, row.right, row.missing, row.extra, row.wrong, row.unknown, worth,
            ]
        )  # fmt: skip
    answer = HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="counts.csv"'
    return answer


def _when(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at is not None else ""


def _row(number: str, actor: Actor) -> Count:
    found = queries.by_number(number, actor)
    if found is None:
        raise Http404
    return found


def _keys(text: str) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(one) for one in text.split(",") if one]
    except ValueError:
        return []
