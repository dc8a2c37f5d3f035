"""The desk: the list of all returns, with its tabs and filters."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from returns import queries, reasons
from returns.models import (
    Kind,
    Rma,
    RmaStatus,
)
from returns.views.common import printable
from returns.views.office import LOOKS
from returns.views.queues import queue_tabs
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common.templatetags.ui import money
from revlog.common.words import word

TABS = ("open", "requested", "approved", "handed_over", "arrived", "closed", "")


@allow("returns.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Returns, newest first, with tabs by status and filters by seller, reason and text."""
    by = gate.actor_for(request)
    chosen = {name: printable(request.GET.get(name, ""), 120) for name in ("status", "seller", "reason", "kind", "q")}
    if "status" not in request.GET:
        chosen["status"] = "open"
    page = queries.listed(
        by,
        status=chosen["status"],
        seller=chosen["seller"],
        text=chosen["q"],
        reason=chosen["reason"],
        kind=chosen["kind"],
        cursor=request.GET.get("after", ""),
    )
    context = {
        "tabs": _tabs(by, chosen),
        "rows": [_row(rma) for rma in page.rows],
        "chips": _chips(chosen),
        "filters": _filters(by, chosen),
        "query_text": chosen["q"],
        "status": chosen["status"],
        "page": {
            "shown": len(page.rows),
            "total": page.total,
            "exact": True,
            "next_url": _url(chosen, after=page.next_cursor) if page.next_cursor else "",
            "previous_url": _url(chosen) if request.GET.get("after") else "",
        },
        "may_open": by.may("returns.open"),
        "may_claim": by.may("returns.vendor"),
        "may_review": by.may("returns.fraud"),
        "may_list": by.may("returns.lists"),
        "queues": queue_tabs(by, ""),
    }
    return render(request, "returns/list.html", context)


def _url(chosen: dict[str, str], **more: str) -> str:
    told = {name: value for name, value in {**chosen, **more}.items() if value or name == "status"}
    return f"{reverse('returns')}?{urlencode(told)}"


def _tabs(by: Actor, chosen: dict[str, str]) -> list[dict[str, Any]]:
    counts = queries.counts(by)
    words = {one.value: capfirst(word(f"rma.{one.value}")) for one in RmaStatus}
    labels = {"open": _("Open"), "": _("All")} | words
    opened = sum(
        counts.get(one.value, 0)
        for one in (RmaStatus.REQUESTED, RmaStatus.APPROVED, RmaStatus.HANDED_OVER, RmaStatus.ARRIVED)
    )
    sums = counts | {"open": opened, "": sum(counts.values())}
    return [
        {
            "label": labels[tab],
            "url": _url({**chosen, "status": tab}),
            "active": chosen["status"] == tab,
            "count": sums.get(tab, 0),
        }
        for tab in TABS
    ]


def _chips(chosen: dict[str, str]) -> list[dict[str, str]]:
    words = {"seller": _("Seller"), "reason": _("Reason"), "kind": _("Kind"), "q": _("Search")}
    shown = {
        "seller": chosen["seller"],
        "reason": word(f"reason.{chosen['reason']}"),
        "kind": word(f"rma_kind.{chosen['kind']}"),
        "q": chosen["q"],
    }
    return [
        {"label": words[name], "value": shown[name], "remove_url": _url({**chosen, name: ""})}
        for name in words
        if chosen[name]
    ]


def _filters(by: Actor, chosen: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if by.is_operator and not chosen["seller"]:
        sellers = Rma.objects.visible_to(by).order_by().values_list("seller__code", "seller__name").distinct()
        found.append(
            {
                "label": _("Seller"),
                "options": [{"label": name, "url": _url({**chosen, "seller": code})} for code, name in sorted(sellers)],
            }
        )
    if not chosen["reason"]:
        codes = sorted(set(Rma.objects.visible_to(by).values_list("lines__reason", flat=True)) - {None})
        found.append(
            {
                "label": _("Reason"),
                "options": [
                    {"label": str(reasons.CODES[code]), "url": _url({**chosen, "reason": code})}
                    for code in codes
                    if code in reasons.CODES
                ],
            }
        )
    if not chosen["kind"]:
        found.append(
            {
                "label": _("Kind"),
                "options": [
                    {"label": capfirst(word(f"rma_kind.{kind.value}")), "url": _url({**chosen, "kind": kind.value})}
                    for kind in Kind
                ],
            }
        )
    return [one for one in found if one["options"]]


def _last_day(end: datetime | None) -> datetime | None:
    """The day that ends at ``end``, for reading."""
    return None if end is None else end - timedelta(seconds=1)


def _row(rma: Rma) -> dict[str, Any]:
    lines = list(rma.lines.all())
    units = [unit for line in lines for unit in line.units.all()]
    first = lines[0]
    what = first.order_line.description + (_(" and %s more") % (len(lines) - 1) if len(lines) > 1 else "")
    return {
        "rma": rma,
        "url": reverse("returns_rma", args=[rma.number]),
        "what": what,
        "kind": first.order_line.device_class,
        "reason": word(f"reason.{first.reason}"),
        "wanted": word(f"wanted.{first.wanted}"),
        "claim": word(f"rma_kind.{rma.kind}") if rma.kind != Kind.RETURN else "",
        "look": LOOKS[rma.status],
        "status": word(f"rma.{rma.status}"),
        "received": sum(unit.received_at is not None for unit in units),
        "units": len(units) or sum(line.quantity for line in lines),
        "amount": money(sum((line.amount for line in lines if line.wanted == "refund"), Decimal(0)), rma.currency),
        "due": _last_day(rma.check_by if rma.status == "arrived" else rma.hand_in_by if rma.is_open else None),
    }
