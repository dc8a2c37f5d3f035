"""What was in the boxes of a business's return: a table to count into, and one to inspect."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from returns.models import BusinessCase, RmaLine, RmaUnit, UnitStatus
from returns.services.business import counting, inspecting
from returns.services.business.counting import Counted
from returns.services.business.inspecting import Split
from returns.views.business import find, whole
from returns.views.common import text
from revlog.accounts.access import allow
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.devices import identifiers

EXTRA = range(1, 5)
"""Rows for another lot of a line, or for more of it."""
MOST_ROWS = 300


def _day(request: HttpRequest, name: str) -> date | None:
    told = text(request, name, 12)
    if not told:
        return None
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise BadInput(Reason(name, _("“%s” is no date; write it like 2026-03-14.") % told, name)) from None


@allow("returns.receive")
@require_http_methods(["GET", "HEAD", "POST"])
def count(request: HttpRequest, number: str) -> HttpResponse:
    """Pieces by line and lot, serial numbers as they are scanned: saved together or not at all."""
    case, by = find(request, number)
    lines = list(
        RmaLine.objects.filter(rma=case.rma_id)
        .select_related("order_line", "business")
        .prefetch_related("units__found")
        .order_by("position")
    )
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            hub = Hub.objects.visible_to(by).filter(pk__in=[by.hub_id]).first() or case.rma.hub
            counting.count(
                case,
                _counted(request, lines),
                hub=hub,
                key=text(request, "key", 80) or uuid.uuid4().hex,
                by=by,
                at=clock.now(),
            )
        except DomainError as refusal:
            problem = refusal
        else:
            messages.success(request, _("Counted."))
            return HttpResponseRedirect(reverse("business_return", args=[number]))
    context = {
        "case": case,
        "rma": case.rma,
        "rows": [_row(request, line) for line in lines[:MOST_ROWS]],
        "extra": [
            {"n": n, **{name: text(request, f"x-{name}-{n}", 60) for name in ("line", "pieces", "lot", "expires")}}
            for n in EXTRA
        ],
        "serials": request.POST.get("serials", ""),
        "by_serial": any(line.business.serials for line in lines),
        "key": text(request, "key", 80) or uuid.uuid4().hex,
        "problem": problem,
    }
    return render(request, "returns/business_count.html", context, status=problem.status if problem else 200)


def _row(request: HttpRequest, line: RmaLine) -> dict[str, Any]:
    units = list(line.units.all())
    return {
        "line": line,
        "own": line.business,
        "name": line.order_line.description,
        "serials": bool(line.business.serials),
        "waiting": sum(unit.quantity for unit in units if unit.status == UnitStatus.EXPECTED),
        "counted": sum(unit.counted or 0 for unit in units if unit.received_at is not None),
        "pieces": text(request, f"pieces-{line.position}", 12),
        "lot": text(request, f"lot-{line.position}", 60) or line.business.lot,
        "expires": text(request, f"expires-{line.position}", 12)
        or (line.business.expires_on.isoformat() if line.business.expires_on else ""),
    }


def _counted(request: HttpRequest, lines: list[RmaLine]) -> list[Counted]:
    found = []
    for line in lines:
        name = str(line.position)
        if pieces := whole(request, f"pieces-{name}"):
            found.append(
                Counted(
                    position=line.position,
                    pieces=pieces,
                    lot=text(request, f"lot-{name}", 60),
                    expires_on=_day(request, f"expires-{name}"),
                )
            )
    found.extend(
        Counted(
            position=whole(request, f"x-line-{n}"),
            pieces=pieces,
            lot=text(request, f"x-lot-{n}", 60),
            expires_on=_day(request, f"x-expires-{n}"),
        )
        for n in EXTRA
        if (pieces := whole(request, f"x-pieces-{n}"))
    )
    of = {identifiers.normal_serial(serial): line for line in lines for serial in line.business.serials}
    unknown = []
    for serial in request.POST.get("serials", "").split():
        bare = "".join(letter for letter in serial if letter.isprintable())[:120]
        named = of.get(identifiers.normal_serial(bare))
        if named is None:
            unknown.append(bare)
        else:
            found.append(Counted(position=named.position, serial=bare))
    if unknown:
        raise BadInput(
            [
                Reason(
                    "wrong_serial",
                    _("%s was not announced. Record it at the dock as not announced.") % one,
                    "serials",
                )
                for one in unknown[:20]
            ]
        )
    return found


@allow("triage.inspect", "returns.settle")
@require_http_methods(["GET", "HEAD", "POST"])
def inspect(request: HttpRequest, number: str) -> HttpResponse:
    """The counted pieces by condition. Rows left empty wait; "the rest is good" fills them."""
    case, by = find(request, number)
    units = _to_inspect(case)
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            inspecting.inspect(case, _splits(request, units), by=by, at=clock.now())
        except DomainError as refusal:
            problem = refusal
        else:
            messages.success(request, _("Inspected."))
            return HttpResponseRedirect(reverse("business_return", args=[number]))
    context = {
        "case": case,
        "rma": case.rma,
        "rows": [
            {
                "unit": unit,
                "parts": [part["sku"] for part in unit.line.order_line.components] if not unit.found.component else [],
                "told": {
                    name: text(request, f"{name}-{unit.pk}", 12) for name in ("good", "damaged", "wrong", "expired")
                },
                "missing": text(request, f"missing-{unit.pk}", 300),
            }
            for unit in units
        ],
        "problem": problem,
    }
    return render(request, "returns/business_inspect.html", context, status=problem.status if problem else 200)


def _to_inspect(case: BusinessCase) -> list[RmaUnit]:
    rows = RmaUnit.objects.filter(
        line__rma=case.rma_id, status=UnitStatus.RECEIVED, counted__isnull=False, found__condition=""
    )
    return list(
        rows.select_related("found", "device", "line__order_line").order_by("line__position", "position")[:MOST_ROWS]
    )


def _splits(request: HttpRequest, units: list[RmaUnit]) -> list[Split]:
    rest = request.POST.get("act") == "rest"
    found = []
    for unit in units:
        told: Mapping[str, int] = {
            name: whole(request, f"{name}-{unit.pk}") for name in ("good", "damaged", "wrong", "expired")
        }
        missing = _missing(text(request, f"missing-{unit.pk}", 300))
        if rest and not told["good"]:
            left = (unit.counted or 0) - told["damaged"] - told["wrong"] - told["expired"]
            told = {**told, "good": max(left, 0)}
        if any(told.values()):
            found.append(Split(unit=unit.pk, missing=missing, **told))
    return found


def _missing(told: str) -> dict[str, int]:
    """Missing parts of a kit as ``SKU*pieces``, several separated by a bar."""
    found = {}
    for part in (one.strip() for one in told.split("|") if one.strip()):
        sku, star, pieces = part.rpartition("*")
        if not star or not pieces.strip().isdecimal():
            raise BadInput(Reason("missing", _("Write missing parts like CABLE-1*2."), "missing"))
        found[sku.strip()] = int(pieces)
    return found
