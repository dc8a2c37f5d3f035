"""Recalls at the desk: opening, the list of units with where each is and why, and the report."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from returns.models import Made, Recall, RecallStatus, RecallUnit
from returns.queries import recalls as queries
from returns.queries.recalls import FILTERS, PAGE
from returns.recall_range import PLACES
from returns.services import recall_owners, recall_units, recalls
from returns.views import recall_drafting
from returns.views.common import text
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import cells, clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import Audience, word
from revlog.custody.models import Entry
from revlog.devices.faces import face

LOOKS = {"draft": "coming", "open": "held", "closed": "done", "dropped": "done"}
TABS = ("open", "here", "out", "silent", "unlocated", "done", "all")


def _tab_words() -> dict[str, str]:
    return {
        "open": _("Open"), "here": _("On hold here"), "out": _("With owners"), "silent": _("No answer"),
        "unlocated": _("Not located"), "done": _("Settled"), "all": _("All"),
    }  # fmt: skip


# Lists ------------------------------------------------------------------------------------------------------------------------------


@allow("returns.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All recalls, newest first, with what is done of each."""
    by = gate.actor_for(request)
    rows = [
        {
            "recall": row,
            "url": reverse("recall", args=[row.number]),
            "look": LOOKS[row.status],
            "status": capfirst(word(f"recall.{row.status}")),
            "kind": capfirst(word(f"recall_kind.{row.kind}")),
            "severity": word(f"severity.{row.severity}"),
            "found": row.found,  # type: ignore[attr-defined]
            "done": row.done,  # type: ignore[attr-defined]
        }
        for row in queries.listed(by, status=request.GET.get("status", ""))
    ]
    return render(request, "returns/recalls.html", {"rows": rows, "may_run": by.may("returns.recall")})


# One recall -------------------------------------------------------------------------------------------------------------------------


def _find(request: HttpRequest, number: str) -> tuple[Recall, Actor]:
    by = gate.actor_for(request)
    found = queries.by_number(number, by)
    if found is None:
        raise Http404
    return found, by


@allow("returns.view")
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    recall, by = _find(request, number)
    return _detail(request, recall, by)


def _detail(request: HttpRequest, recall: Recall, by: Actor, *, problem: DomainError | None = None) -> HttpResponse:
    at = clock.now()
    standing = queries.tally(recall, actor=by)
    chosen = request.GET.get("show", "")
    first = "all" if recall.status != RecallStatus.OPEN else "unlocated" if recall.mock else "open"
    only = chosen if chosen in FILTERS else first
    place = request.GET.get("place", "") if request.GET.get("place", "") in PLACES else ""
    page = list(queries.units(recall, by, only=only, place=place, after=request.GET.get("after", ""))[: PAGE + 1])
    more, page = len(page) > PAGE, page[:PAGE]
    url = reverse("recall", args=[recall.number])
    draft = recall.versions.filter(opened_at=None).first()
    context = {
        "recall": recall,
        "look": LOOKS[recall.status],
        "status": capfirst(word(f"recall.{recall.status}")),
        "kind": word(f"recall_kind.{recall.kind}"),
        "severity": word(f"severity.{recall.severity}"),
        "remedy": word(f"remedy.{recall.remedy}"),
        "figures": _figures(recall, standing, at),
        "timer": _timer(recall, at),
        "closure": _closure(recall, by),
        "places": [
            {"words": capfirst(word(f"recall_place.{name}")), "count": count, "url": f"{url}?show=all&place={name}"}
            for name in PLACES
            if (count := queries.places(recall, actor=by).get(name, 0))
        ],
        "piles": [
            {"pile": one, "url": reverse("bench_part", args=[one.chain]), "condition": word(one.condition)}
            for one in queries.piles(recall)
        ]
        if by.may("refurb.view")
        else [],
        "versions": _versions(recall),
        "rows": [_row(unit, by) for unit in page],
        "next_url": f"{url}?{urlencode({'show': only, 'place': place, 'after': _cursor(page[-1])})}" if more else "",
        "tabs": [
            {"label": label, "url": f"{url}?show={name}", "active": name == only}
            for name, label in _tab_words().items()
        ],
        "only": only,
        "made": [(one.value, capfirst(str(one.label))) for one in Made],
        "story": _story(recall) if by.is_operator else [],
        "may_run": by.may("returns.recall"),
        "draft": draft,
        "open_reasons": [one.sentence for one in recalls.reasons_against_opening(recall, by=by)] if draft else [],
        "close_reasons": [one.sentence for one in recalls.reasons_against_closing(recall, by=by)],
        "running": recall.status == RecallStatus.OPEN,
        "problem": problem,
        **recall_drafting.form(request),
    }
    return render(request, "returns/recall.html", context, status=problem.status if problem else 200)


def _cursor(unit: RecallUnit) -> str:
    return f"{unit.found_at.isoformat()}~{unit.pk}"


def _figures(recall: Recall, standing: queries.Tally, at: datetime) -> list[dict[str, Any]]:
    if recall.mock:
        return [
            {"label": _("Found"), "value": f"{standing.found:,}"},
            {"label": _("Located"), "value": f"{standing.located:,}"},
        ]
    wanted = queries.expected_by(recall, at)
    return [
        {"label": _("Found"), "value": f"{standing.found:,}"},
        {"label": _("Stopped here"), "value": f"{standing.held:,}"},
        {"label": _("Owners written to"), "value": f"{standing.contacted:,}"},
        {"label": _("Answered"), "value": f"{standing.answered:,}"},
        {"label": _("Came back"), "value": f"{standing.returned:,}"},
        {
            "label": _("Done"),
            "value": f"{standing.rate} %",
            "target": f"{wanted} %" if wanted else "",
            "better": standing.rate >= wanted if wanted else None,
            "n": standing.remedied,
            "note": _("%s can't be reached") % f"{standing.unreachable:,}" if standing.unreachable else "",
        },
    ]


def _timer(recall: Recall, at: datetime) -> dict[str, Any] | None:
    if recall.opened_at is None:
        return None
    end = recall.located_at or recall.closed_at or at
    return {"span": end - recall.opened_at, "stopped": recall.located_at is not None, "start": recall.opened_at}


def _closure(recall: Recall, by: Actor) -> list[dict[str, Any]]:
    return [{"day": one.day, "found": one.found, "done": one.done, "rate": one.rate}
            for one in queries.over_time(recall, actor=by)[-14:]]  # fmt: skip


def _versions(recall: Recall) -> list[dict[str, Any]]:
    rows = list(recall.versions.prefetch_related("criteria__product", "criteria__variant", "criteria__parent"))
    names = people.names_of({who for row in rows for who in (row.drafted_by, row.opened_by) if who})
    return [
        {
            "version": row,
            "drafted_by": names.get(row.drafted_by, ""),
            "opened_by": names.get(row.opened_by, ""),
            "criteria": [queries.range_words(one) for one in row.criteria.all()],
        }
        for row in rows
    ]


def _row(unit: RecallUnit, by: Actor) -> dict[str, Any]:
    device = unit.device
    state = (
        word(f"recall_made.{unit.made}")
        if unit.made
        else _("on the hold shelf")
        if unit.held_at and not unit.released_at
        else word(f"recall_answer.{unit.answer}")
        if unit.answer
        else _("written to")
        if unit.told_at
        else _("open")
    )
    return {
        "unit": unit,
        "face": face(device) if device is not None else None,
        "name": recall_owners.name_of(unit),
        "kind": unit.order_line.device_class if unit.order_line else "other",
        "order": unit.order_line.order if unit.order_line else None,
        "where": queries.where(unit),
        "why": queries.why(unit),
        "state": capfirst(state),
        "may_settle": not unit.made and not unit.recall.mock,
        "may_locate": unit.located_at is None,
        "may_label": device is not None and unit.held_at is not None and not unit.made,
        "may_send": not recall_owners.reasons_against_sending(unit) and device is None,
    }


def _story(recall: Recall) -> list[dict[str, Any]]:
    rows = list(
        Entry.objects.filter(chain_id=recall.pk).exclude(kind="returns.recall_notice_due").order_by("-sequence")[:60]
    )
    names = people.names_of({row.actor for row in rows})
    return [
        {
            "what": row.told_to(Audience.STAFF) or "",
            "at": row.occurred_at,
            "by": names.get(row.actor, _("Revlog") if row.actor.startswith("system:") else _("the customer")),
            "look": "",
        }
        for row in rows
    ]


# Acts -------------------------------------------------------------------------------------------------------------------------------


def _act(
    request: HttpRequest, number: str, verb: Callable[[Recall, Actor, datetime], object], done: str
) -> HttpResponse:
    recall, by = _find(request, number)
    try:
        verb(recall, by, clock.now())
    except DomainError as refusal:
        return _detail(request, recall, by, problem=refusal)
    messages.success(request, done)
    back = reverse("recall", args=[recall.number])
    show = request.POST.get("show", "")
    return HttpResponseRedirect(f"{back}?show={show}" if show in FILTERS else back)


@allow("returns.recall")
@require_POST
def open_version(request: HttpRequest, number: str) -> HttpResponse:
    return _act(
        request, number, lambda recall, by, at: recalls.open_version(recall, by=by, at=at), _("Opened. The search has begun.")
    )  # fmt: skip


@allow("returns.recall")
@require_POST
def amend(request: HttpRequest, number: str) -> HttpResponse:
    def verb(recall: Recall, by: Actor, at: datetime) -> object:
        return recalls.amend(
            recall, criteria=[recall_drafting.criterion(request, by)], why=text(request, "why"), by=by, at=at
        )

    return _act(request, number, verb, _("Drafted. Another person opens it."))


@allow("returns.recall")
@require_POST
def drop(request: HttpRequest, number: str) -> HttpResponse:
    reason = text(request, "reason")
    return _act(
        request, number, lambda recall, by, at: recalls.drop(recall, reason=reason, by=by, at=at), _("Dropped.")
    )


@allow("returns.recall")
@require_POST
def close(request: HttpRequest, number: str) -> HttpResponse:
    reason = text(request, "reason")
    return _act(
        request, number, lambda recall, by, at: recalls.close(recall, reason=reason, by=by, at=at), _("Closed.")
    )


@allow("returns.recall")
@require_POST
def search(request: HttpRequest, number: str) -> HttpResponse:
    """Search everything once more; what is new is stopped and told of."""

    def verb(recall: Recall, by: Actor, at: datetime) -> object:
        if recall.status != RecallStatus.OPEN:
            raise recalls.UnableToRecall(Reason("not_running", _("This recall is not running.")))
        return recall_units.sweep(recall, by=by, at=at)

    return _act(request, number, verb, _("Everything searched."))


def _unit(recall: Recall, by: Actor, key: str) -> RecallUnit:
    try:
        return recall.units.visible_to(by).select_related("recall", "contact", "device").get(pk=uuid.UUID(key))
    except (ValueError, RecallUnit.DoesNotExist):
        raise Http404 from None


@allow("returns.recall")
@require_POST
def settle(request: HttpRequest, number: str) -> HttpResponse:
    """Settle one unit, or all that are ticked; each is refused or settled by itself, and all or none happens."""
    made, reason = request.POST.get("made", ""), text(request, "reason")
    ticked = request.POST.getlist("unit")[:PAGE]

    def verb(recall: Recall, by: Actor, at: datetime) -> object:
        if not ticked:
            raise BadInput(Reason("nothing", _("Tick at least one unit."), "unit"))
        return recall_units.settle_many([_unit(recall, by, key) for key in ticked], made, reason=reason, by=by, at=at)

    return _act(request, number, verb, _("Settled."))


@allow("returns.recall")
@require_POST
def unit_act(request: HttpRequest, number: str) -> HttpResponse:
    """Locate a unit, read its label, or open the return for an owner who called."""
    act = request.POST.get("act", "")

    def verb(recall: Recall, by: Actor, at: datetime) -> object:
        unit = _unit(recall, by, request.POST.get("unit", ""))
        if act == "locate":
            return recall_units.locate(unit, where=text(request, "where"), by=by, at=at)
        if act == "label":
            return recall_units.read_label(
                unit, lot=text(request, "lot", 60), made_on=recall_drafting.day(request, "made_on"), by=by, at=at
            )
        if act == "send" and unit.contact is not None:
            return recall_owners.send_back(recall, unit.contact, [unit], by=by, at=at)
        raise BadInput(Reason("act", _("Choose what to do."), "act"))

    return _act(request, number, verb, _("Done."))


# Report -----------------------------------------------------------------------------------------------------------------------------


@allow("returns.view")
@require_GET
def report(request: HttpRequest, number: str) -> HttpResponse:
    """Every unit with where it is and why it is in the range, as a CSV file; no names and addresses of persons."""
    recall, by = _find(request, number)
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(
        ["recall", "tag", "serial", "what", "quantity", "why", "found at", "where then", "where now", "order", "held at",
         "told at", "answer", "returned at", "located at", "settled as", "settled at"]
    )  # fmt: skip
    for unit in queries.units(recall, by, only="all").iterator(chunk_size=2000):
        device = unit.device
        rows.writerow(
            [
                recall.number,
                device.tag if device else "",
                cells.safe(unit.serial or (device.serial if device else "")),
                cells.safe(device.face if device else unit.order_line.description if unit.order_line else ""),
                unit.quantity,
                cells.safe(queries.why(unit)),
                unit.found_at.isoformat(),
                word(f"recall_place.{unit.place}"),
                cells.safe(queries.where(unit)),
                cells.safe(unit.order_line.order.number if unit.order_line else ""),
                *(moment.isoformat() if moment else "" for moment in (unit.held_at, unit.told_at)),
                word(f"recall_answer.{unit.answer}") if unit.answer else "",
                *(moment.isoformat() if moment else "" for moment in (unit.returned_at, unit.located_at)),
                word(f"recall_made.{unit.made}") if unit.made else "",
                unit.made_at.isoformat() if unit.made_at else "",
            ]
        )
    name = f"{recall.number}-{'mock' if recall.mock else 'recall'}.csv"
    return HttpResponse(
        out.getvalue(), content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip
