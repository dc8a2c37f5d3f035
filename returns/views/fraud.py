"""Returns to look at closely: the queue by score and money, the evidence of one laid out, and the decision."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from returns.fraud.rules import FACTS
from returns.models import Assessment, RefundStatus, Review, ReviewStatus, Rma, RmaUnit, Trouble
from returns.queries import arrival
from returns.queries import fraud as queries
from returns.queries import lists as list_queries
from returns.services import lists, talking
from returns.services.fraud import deciding
from returns.views import office
from returns.views.closer import LOOKS
from returns.views.common import face, text
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.templatetags.ui import money
from revlog.common.words import word
from revlog.evidence.models import Attachment
from revlog.logistics.models import Parcel
from revlog.logistics.services import parcels

TABS = (
    ReviewStatus.OPEN,
    ReviewStatus.CLEARED,
    ReviewStatus.CONFIRMED,
    ReviewStatus.INSPECTED,
    ReviewStatus.LAPSED,
)
BANDS = {"auto": "done", "look": "work", "hold": "held"}
DAYS = 90
LISTING = {"list_review": "review", "list_blocked": "blocked"}
"""The buttons that put whoever announced it on a list, and the list."""


@allow("returns.fraud")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, the riskiest first; and what was decided."""
    by, at = gate.actor_for(request), clock.now()
    status = request.GET.get("status", ReviewStatus.OPEN.value)
    if status not in {one.value for one in TABS}:
        status = ReviewStatus.OPEN.value
    counts = queries.counts(by)
    freed, decided = queries.cleared_share(by, since=at - timedelta(days=DAYS))
    found = queries.queue(by, status=status)
    scores = queries.assessments(row.pk for row in found)
    context = {
        "rows": [_row(row, scores.get(row.pk), at) for row in found],
        "status": status,
        "tabs": [
            {
                "label": capfirst(word(f"review.{one.value}")),
                "url": f"{reverse('fraud')}?{urlencode({'status': one.value})}",
                "active": one.value == status,
                "count": counts.get(one.value, 0),
            }
            for one in TABS
        ],
        "freed": freed,
        "decided": decided,
        "share": round(100 * freed / decided) if decided else None,
        "days": DAYS,
        "may_edit": by.may("terms.view"),
        "may_list": by.may("returns.lists"),
    }
    return render(request, "returns/fraud/queue.html", context)


def _row(row: Review, last: Assessment | None, at: datetime) -> dict[str, Any]:
    at_risk = getattr(row, "at_risk", None)
    return {
        "review": row,
        "rma": row.rma,
        "url": reverse("fraud_case", args=[row.rma.number]),
        "look": LOOKS[row.status],
        "state": word(f"review.{row.status}"),
        "signals": [_(one["why"]) for one in last.signals[:3]] if last is not None else [],
        "at_risk": money(at_risk, row.rma.currency) if at_risk is not None else "—",
        "late": row.status == ReviewStatus.OPEN and row.decide_by is not None and row.decide_by < at,
        "due": row.decide_by - timedelta(seconds=1) if row.decide_by else None,
    }


# One return -------------------------------------------------------------------------------------------------------------------------


def _find(request: HttpRequest, number: str) -> tuple[Rma, Review, Actor]:
    rma, by = office.find(request, number)
    review = queries.review(rma, by)
    if review is None:
        raise Http404
    review.rma = rma
    return rma, review, by


@allow("returns.fraud")
@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    """One return with everything that its score was made of."""
    rma, review, by = _find(request, number)
    return _show(request, rma, review, by)


def _show(
    request: HttpRequest, rma: Rma, review: Review, by: Actor, *, problem: DomainError | None = None, said: str = ""
) -> HttpResponse:
    last = queries.assessment(rma)
    signals = list(last.signals) if last is not None else []
    behind = queries.evidence(rma, [one["code"] for one in signals])
    is_open = review.status == ReviewStatus.OPEN
    context = {
        "rma": rma,
        "review": review,
        "look": LOOKS[review.status],
        "state": word(f"review.{review.status}"),
        "band": word(f"risk.{review.band}"),
        "band_look": BANDS[review.band],
        "signals": [_signal(one, behind) for one in signals],
        "due": review.decide_by - timedelta(seconds=1) if review.decide_by else None,
        "law": review.pay_by - timedelta(seconds=1) if review.pay_by else None,
        "object_by": review.object_by - timedelta(seconds=1) if review.object_by else None,
        "decided_by": people.who(review.decided_by) if review.decided_by.startswith("user:") else "",
        "held": [
            {"name": row.line.order_line.description, "amount": money(row.amount, row.currency)}
            for line in rma.lines.all()
            for row in line.refunds.filter(status=RefundStatus.HELD).select_related("line__order_line")
        ],
        "lines": [_line(line) for line in rma.lines.select_related("order_line").order_by("position")],
        "serials": _serials(rma),
        "weights": [
            {"tracking": parcel.tracking, "grams": parcel.grams, "expected": expected}
            for parcel, expected in arrival.weights(rma)
        ],
        "photos": _photos(rma),
        "history": [_earlier(one) for one in queries.earlier(rma).prefetch_related("lines__order_line")[:30]],
        "links": queries.links(rma),
        "units": [_unit(device, by) for device in deciding.units_of(rma)],
        "scores": Assessment.objects.filter(rma=rma).order_by("number"),
        "reasons": [one.sentence for one in deciding.reasons_against_deciding(review, by=by)] if is_open else [],
        "is_open": is_open,
        "may_ask": is_open and not talking.reasons_against_writing(rma, by=by),
        "lists": list_queries.of_customer(rma.seller_id, rma.contact),
        "may_list": by.may("returns.lists") and rma.contact.erased_at is None,
        "key": uuid.uuid4(),
        "said": said,
        "problem": problem,
    }
    return render(request, "returns/fraud/case.html", context, status=problem.status if problem else 200)


def _signal(told: dict[str, Any], behind: dict[str, list[queries.Evidence]]) -> dict[str, Any]:
    return {
        "why": _(told["why"]),
        "points": told["counted"],
        "capped": told["points"] if told["points"] != told["counted"] else None,
        "group": word(f"risk_group.{told['group']}"),
        "facts": [
            (FACTS[name].label, FACTS[name].said(value)) for name, value in told["facts"].items() if name in FACTS
        ],
        "evidence": behind.get(told["code"], []),
    }


def _line(line: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "name": line.order_line.description,
        "quantity": line.quantity,
        "reason": word(f"reason.{line.reason}"),
        "wanted": word(f"wanted.{line.wanted}"),
        "amount": money(line.amount, line.currency),
        "note": line.note,
    }


def _serials(rma: Rma) -> list[dict[str, Any]]:
    """What was sold beside what came, one row a unit."""
    rows = RmaUnit.objects.filter(line__rma=rma).select_related("line__order_line", "device")
    wrong = {one.unit_id: one for one in rma.discrepancies.filter(kind=Trouble.WRONG_SERIAL)}
    found = []
    for unit in rows:
        sold = [unit.serial] if unit.serial else list(unit.line.order_line.serials[:8])
        other = wrong.get(unit.pk)
        came = other.found if other is not None else unit.device.serial if unit.device and unit.received_at else ""
        found.append(
            {
                "name": unit.line.order_line.description,
                "sold": ", ".join(sold),
                "came": came,
                "differs": other is not None,
                "status": word(f"rma_unit.{unit.status}"),
            }
        )
    return found


def _photos(rma: Rma) -> list[dict[str, Any]]:
    reused = dict(arrival.photos_of_others(rma))
    rows = Attachment.objects.filter(
        Q(use__startswith="photo"), chain_id=rma.pk, audience="customer", artifact__erased_at=None
    ).order_by("pk")[:40]
    return [
        {
            "url": reverse("returns_photo", args=[rma.number, one.pk]),
            "alt": _("Photo of the customer"),
            "other": reused.get(one.artifact_id),
        }
        for one in rows
    ]


def _earlier(rma: Rma) -> dict[str, Any]:
    lines = list(rma.lines.all())
    return {
        "number": rma.number,
        "url": reverse("returns_rma", args=[rma.number]),
        "at": rma.opened_at,
        "what": lines[0].order_line.description if lines else "",
        "reason": word(f"reason.{lines[0].reason}") if lines else "",
        "status": word(f"rma.{rma.status}"),
        "paid": money(
            sum((line.settled_amount or line.price * 0 for line in lines), start=lines[0].price * 0), rma.currency
        )
        if lines
        else "",
    }


def _unit(device: Any, by: Actor) -> dict[str, Any]:  # noqa: ANN401
    held = "fraud" in device.holds
    return {
        "face": face(device, linked=by.may("devices.view")),
        "tag": device.tag,
        "held": held,
        "may_hold": not held and by.may("devices.hold"),
        "may_release": held and by.may("devices.release"),
    }


# Deciding ---------------------------------------------------------------------------------------------------------------------------


@allow("returns.fraud")
@require_POST
def act(request: HttpRequest, number: str) -> HttpResponse:
    """Clear it, confirm fraud, ask the customer for more, or hold and release one of its units."""
    rma, review, by = _find(request, number)
    at, wanted = clock.now(), request.POST.get("act", "")
    reason = text(request, "reason")
    try:
        done = _act(request, wanted, review, rma, reason=reason, by=by, at=at)
    except DomainError as refusal:
        fresh = queries.review(rma, by) or review
        fresh.rma = rma
        return _show(request, rma, fresh, by, problem=refusal, said=reason)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("fraud_case", args=[rma.number]))


def _act(request: HttpRequest, wanted: str, review: Review, rma: Rma, *, reason: str, by: Actor, at: datetime) -> str:
    if wanted == "clear":
        deciding.clear(review, reason=reason, by=by, at=at)
        return _("Cleared. What was held goes on.")
    if wanted == "confirm":
        deciding.confirm(review, reason=reason, by=by, at=at)
        return _("Fraud confirmed. The customer is written what was found and how to object.")
    if wanted == "ask":
        try:
            key = uuid.UUID(request.POST.get("key", ""))
        except ValueError:
            raise BadInput(Reason("key", _("This page is old. Load it again."), "text")) from None
        deciding.ask(review, text=request.POST.get("text", ""), key=key, by=by, at=at)
        return _("Sent.")
    if wanted in LISTING:
        why = reason or review.decided_why or _("Risk of %s points.") % review.points
        lists.add_customer_of(rma, name=LISTING[wanted], why=why, by=by, at=at)
        return _("Put on the list.")
    on_unit: dict[str, Callable[..., None]] = {"hold": deciding.hold_unit, "release": deciding.release_unit}
    if wanted in on_unit:
        device = next((one for one in deciding.units_of(rma) if one.tag == request.POST.get("unit", "")), None)
        if device is None:
            raise Http404
        on_unit[wanted](review, device, reason=reason, by=by, at=at)
        return _("Done.")
    raise BadInput(Reason("act", _("Choose what is to be done."), "act"))


# The scale ------------------------------------------------------------------------------------------------------------------------


@allow("returns.receive")
@require_POST
def weigh(request: HttpRequest, number: str) -> HttpResponse:
    """What a parcel of the return weighs, as the scale at the dock says it."""

    def verb(rma: Rma, by: Actor, at: datetime) -> object:
        found = Parcel.objects.filter(rma_links__rma=rma, tracking=request.POST.get("parcel", "")).first()
        if found is None:
            raise Http404
        told = text(request, "grams", 9)
        if not told.isascii() or not told.isdigit():
            raise BadInput(Reason("grams", _("A weight is a whole number of grams."), "grams"))
        return parcels.weigh(found, int(told), by=by, at=at)

    return office.act(request, number, verb, _("Noted."))
