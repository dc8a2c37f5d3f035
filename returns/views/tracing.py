"""Where units and parts come from and where they went: the panel on the unit page, and the trace over many."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from returns import genealogy
from returns.queries import recalls as queries_recalls
from returns.views.common import printable
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common.words import word
from revlog.devices.faces import face
from revlog.devices.models import Device


def unit_of(tag: str, actor: Actor) -> Device:
    """The unit called ``tag``; a stranger's doesn't exist."""
    found = (
        Device.objects.visible_to(actor).select_related("product", "parent", "visit").filter(tag=tag.upper()).first()
    )
    if found is None:
        raise Http404
    return found


@allow("devices.view")
@require_GET
def panel(request: HttpRequest, tag: str) -> HttpResponse:
    """The tree of one unit, and the recalls that it is or was in."""
    by = gate.actor_for(request)
    device = unit_of(tag, by)
    context = {
        "device": device,
        "tree": genealogy.of(device, by),
        "recalls": [
            {
                "row": row,
                "why": capfirst(queries_recalls.why(row)),
                "made": capfirst(word(f"recall_made.{row.made}")) if row.made else "",
                "severity": word(f"severity.{row.recall.severity}"),
            }
            for row in queries_recalls.of_unit(device, by)
        ],
        "may_open": by.may("returns.view"),
    }
    return render(request, "returns/panels/origin.html", context)


@allow("returns.view")
@require_GET
def trace(request: HttpRequest) -> HttpResponse:
    """From a lot, a part or a unit to the units that have to do with it, and to the orders they went out with."""
    by = gate.actor_for(request)
    chosen, text = request.GET.get("by", "lot"), printable(request.GET.get("q", ""), 120)
    rows: list[dict[str, Any]] = [
        {"face": face(one.device), "how": capfirst(one.how), "order": one.order}
        for one in genealogy.trace(chosen, text, by)
    ]
    context = {
        "rows": rows[: genealogy.MOST],
        "more": len(rows) > genealogy.MOST,
        "text": text,
        "ways": [
            {"value": one.value, "label": label, "chosen": one.value == chosen}
            for one, label in zip(
                genealogy.BY,
                (
                    _("a maker's lot"),
                    _("a part number"),
                    _("a part's serial number"),
                    _("a lot of parts"),
                    _("a unit's tag: what was taken out of it"),
                ),
                strict=True,
            )
        ],
    }
    return render(request, "returns/trace.html", context)
