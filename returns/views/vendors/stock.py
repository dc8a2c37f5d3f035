"""Unsold goods at the desk: what is proposed by class and way, a preview for many, and each with its sums."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from returns.models import Unsold, UnsoldClass, UnsoldStatus, WayOut
from returns.queries import vendors as queries
from returns.services.vendors import reckoning, unsold
from returns.views.common import face, printable, text
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.templatetags.ui import money
from revlog.common.words import word
from revlog.terms import queries as terms
from revlog.terms import wording
from revlog.terms.services import purchases

MOST = 1000
SHOWN = 200
ACTS = ("best", *(one.value for one in WayOut))


def vendor_tabs(by: Actor, chosen: str) -> list[dict[str, Any]]:
    """The pages of this subject that a person may open."""
    rows = [
        ("vendors", _("Suppliers"), "returns.answer"),
        ("unsold", _("Unsold goods"), "returns.vendor"),
        ("rtvs", _("Returns to vendors"), "returns.answer"),
        ("corrective_actions", _("Corrective actions"), "returns.answer"),
        ("supplier_claims", _("Claims"), "returns.vendor"),
    ]
    return [
        {"label": label, "url": reverse(name), "active": name == chosen}
        for name, label, permission in rows
        if by.may(permission)
    ]


def _chosen(request: HttpRequest) -> dict[str, str]:
    return {name: printable(request.GET.get(name, ""), 40) for name in ("class", "way", "supplier")}


def _rows(by: Actor, chosen: dict[str, str]) -> Any:  # noqa: ANN401 - a QuerySet
    return queries.proposals(by, unsold=chosen["class"], way=chosen["way"], supplier=chosen["supplier"])


@allow("returns.vendor")
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """Proposals, what cost most first; a POST previews an act on those that were picked."""
    by = gate.actor_for(request)
    if request.method == "POST":
        return _preview(request, by)
    chosen = _chosen(request)
    rows = list(_rows(by, chosen)[: SHOWN + 1])
    totals = queries.unsold_totals(by)
    url = reverse("unsold")
    total = _rows(by, chosen).count()
    figures = [
        {
            "label": capfirst(str(one.label)),
            "value": totals[one.value]["units"] if one.value in totals else 0,
            "url": f"{url}?class={one.value}",
            "note": money(totals[one.value]["value"], "EUR") if one.value in totals else "",
        }
        for one in UnsoldClass
    ]
    context = {
        "tabs": vendor_tabs(by, "unsold"),
        "figures": figures,
        "rows": [_row(row) for row in rows[:SHOWN]],
        "chips": [
            {"label": label, "value": value, "remove_url": f"{url}?{urlencode({**chosen, name: ''})}"}
            for name, label, value in (
                ("class", _("What"), word(f"unsold.{chosen['class']}")),
                ("way", _("Best way"), word(f"way_out.{chosen['way']}")),
                ("supplier", _("Supplier"), chosen["supplier"]),
            )
            if chosen[name]
        ],
        "filters": [
            {"label": capfirst(str(one.label)), "url": f"{url}?{urlencode({**chosen, 'way': one.value})}"}
            for one in WayOut
        ]
        if not chosen["way"]
        else [],
        "more": max(0, total - SHOWN),
        "bulk": {
            "total": total if total > len(rows[:SHOWN]) else 0,
            "filter": urlencode(chosen),
            "actions": [
                {"label": _("The best way for each"), "value": "best", "primary": True},
                *({"label": capfirst(str(one.label)), "value": one.value} for one in WayOut),
            ],
        },
        "looked_at": Unsold.objects.order_by("-seen_at").values_list("seen_at", flat=True).first(),
    }
    return render(request, "returns/vendors/unsold.html", context)


def _row(row: Unsold) -> dict[str, Any]:
    bought = reckoning.purchase_of(row.device)
    return {
        "row": row,
        "url": reverse("unsold_one", args=[row.pk]),
        "unsold": capfirst(word(f"unsold.{row.unsold}")),
        "why": _(row.why) if row.why else "",
        "best": capfirst(word(f"way_out.{row.best}")) if row.best else _("No way is open"),
        "supplier": bought.supplier.name if bought else "",
        "numbers": numbers(row),
    }


def numbers(row: Unsold) -> list[tuple[str, str]]:
    """What the rule looked at, in words; what everybody knows of the unit is left out."""
    words = wording.of("returns.unsold")
    left_out = {"category", "model", "supplier", "value", "quantity"}
    told = {name: value for name, value in row.numbers.items() if value not in (None, "", False, "U", "NA")}
    # What made it so stands first.
    first = {
        "perishable": ["days_to_expiry"],
        "expired": ["days_to_expiry"],
        "seasonal": ["days_after_season"],
        "obsolete": ["obsolete"],
    }
    order = dict.fromkeys([*first.get(row.unsold, []), *words.facts])
    return [
        (str(words.fact(name).label), words.fact(name).said(told[name]))
        for name in order
        if name in told and name not in left_out
    ]


def _picked(request: HttpRequest, by: Actor) -> list[Unsold]:
    """What was picked in the list, or everything that its filter shows."""
    if request.POST.get("all") == "1":
        told = {name: values[0] for name, values in parse_qs(request.POST.get("filter", "")[:300]).items()}
        chosen = {name: told.get(name, "")[:40] for name in ("class", "way", "supplier")}
        return list(_rows(by, chosen)[:MOST])
    ids: list[uuid.UUID] = []
    for one in ",".join(request.POST.getlist("unit")).split(",")[:MOST]:
        try:
            ids.append(uuid.UUID(one))
        except ValueError:
            continue
    return list(queries.proposals(by).filter(pk__in=ids))


def _way(request: HttpRequest) -> str:
    act = request.POST.get("act", "")
    if act not in ACTS:
        raise BadInput(Reason("act", _("Choose what to do."), "act"))
    return "" if act == "best" else act


def _preview(request: HttpRequest, by: Actor) -> HttpResponse:
    rows = _picked(request, by)
    try:
        way = _way(request)
        found = unsold.look(rows, way, at=clock.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("unsold"))
    will = [one for one in found if not one.against]
    stays = Counter(one.against[0].sentence for one in found if one.against)
    ways = Counter(one.way for one in will)
    net = sum((one.net for one in will), start=0)
    told = ", ".join(f"{word(f'way.{name}')}: {n}" for name, n in ways.most_common())
    preview = {
        "title": _("What will happen"),
        "will": len(will),
        "wont": len(found) - len(will),
        "will_words": _("go on their way (%(ways)s), for %(net)s") % {"ways": told, "net": money(net, "EUR")}
        if will
        else _("go on their way"),
        "reasons": [{"count": n, "text": capfirst(sentence)} for sentence, n in stays.most_common(20)],
        "confirm": ngettext("Send %(count)s on", "Send %(count)s on", len(will)) % {"count": len(will)},
        "confirm_url": reverse("unsold_send"),
        "sends": {"act": request.POST.get("act", ""), "unit": ",".join(str(one.row.pk) for one in will)},
        "back_url": reverse("unsold"),
    }
    return render(request, "returns/vendors/unsold_preview.html", {"preview": preview})


@allow("returns.vendor")
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Send on what was previewed; what changed in between stays, and is named."""
    by = gate.actor_for(request)
    try:
        rows = _picked(request, by)
        if not rows:
            raise BadInput(Reason("nothing", _("Pick something first."), "unit"))
        went, stayed = unsold.send_on(rows, _way(request), reason=text(request, "reason"), by=by, at=clock.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("unsold"))
    told = ngettext("%(count)s is on its way.", "%(count)s are on their way.", len(went)) % {"count": len(went)}
    messages.success(request, told)
    if stayed:
        why = ", ".join(sorted({one.against[0].sentence for one in stayed}))
        messages.error(request, _("%(count)s stayed: %(why)s.") % {"count": len(stayed), "why": why})
    return HttpResponseRedirect(reverse("unsold"))


@allow("returns.vendor")
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Look for unsold goods now."""
    swept = unsold.sweep(by=gate.actor_for(request), at=clock.now())
    told = _("%(looked)s units and lots looked at: %(found)s unsold, %(fresh)s of them new.")
    messages.success(request, told % {"looked": swept.looked_at, "found": swept.found, "fresh": swept.fresh})
    return HttpResponseRedirect(reverse("unsold"))


@allow("returns.vendor")
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One proposal with every way's sum and what stands against it; a POST sends it one of these ways, or keeps it."""
    by = gate.actor_for(request)
    row = get_object_or_404(
        Unsold.objects.visible_to(by).select_related(
            "device__product", "device__location", "device__purchase__supplier"
        ),
        pk=pk,
    )
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            if request.POST.get("act") == "keep":
                unsold.keep(row, reason=text(request, "reason"), by=by, at=clock.now())
            else:
                unsold.send_on([row], _way(request), reason=text(request, "reason"), by=by, at=clock.now())
        except DomainError as refusal:
            problem = refusal
        else:
            messages.success(request, _("Kept."))
            return HttpResponseRedirect(reverse("unsold"))
    names = people.names_of([row.decided_by]) if row.decided_by else {}
    bought = reckoning.purchase_of(row.device)
    context = {
        **_row(row),
        "face": face(row.device),
        "bought": bought,
        "agreement": terms.agreement_with(bought.supplier, on=clock.now().date()) if bought else None,
        "status": capfirst(word(f"unsold_status.{row.status}")),
        "is_open": row.status == UnsoldStatus.OPEN,
        "ways": [
            {
                **way,
                "label": capfirst(word(f"way_out.{way['way']}")),
                "lines": [(word(f"way_line.{line['what']}"), line["amount"]) for line in way["lines"]],
                "is_best": way["way"] == row.best,
            }
            for way in row.ways
        ],
        "decided_by": names.get(row.decided_by, ""),
        "problem": problem,
    }
    return render(request, "returns/vendors/unsold_one.html", context, status=problem.status if problem else 200)


@allow("returns.vendor")
@require_POST
def bring_purchases(request: HttpRequest) -> HttpResponse:
    """A file of what was bought: all rows or none."""
    by = gate.actor_for(request)
    sent = request.FILES.get("file")
    try:
        if sent is None or (sent.size or 0) > 5_000_000:
            raise BadInput(Reason("file", _("Choose a CSV file of at most 5 MB."), "file"))
        count = purchases.read_file(sent.read(), by=by, at=clock.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, ngettext("%(n)s purchase noted.", "%(n)s purchases noted.", count) % {"n": count})
    return HttpResponseRedirect(reverse("vendors"))
