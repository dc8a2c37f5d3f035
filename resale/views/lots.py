"""Lots for one buyer: the list, a new one, and one with its units, its offers and its acts. Buyers see what is open, and offer."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from resale import queries as selling_queries
from resale.models import Lot, LotKey, LotOffer, LotState, LotUnit
from resale.queries import lots as queries
from resale.services.lots import gathering, manifests, selling
from resale.services.lots.gathering import Rule
from resale.views import sales_tabs
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import answers, clock
from revlog.common.errors import BadInput, NotFound, Reason
from revlog.common.words import Audience, word
from revlog.custody.models import Entry
from revlog.devices.classes import CHOICES
from revlog.devices.faces import face
from revlog.devices.models import Device
from revlog.devices.models.device import GRADED
from revlog.evidence.services import artifacts

LOOKS = {"open": "coming", "offered": "work", "awarded": "ready", "sold": "done", "cancelled": "done"}
SHOWN = 200


def _row(lot: Any) -> dict[str, Any]:  # noqa: ANN401 - with the sums that the query adds
    return {
        "lot": lot,
        "url": reverse("sales_lot", args=[lot.number]),
        "look": LOOKS[lot.state],
        "state": capfirst(word(f"lot_state.{lot.state}")),
    }


def _tabs(request: HttpRequest, by: Actor) -> list[dict[str, Any]]:
    return sales_tabs(request, by) if by.is_operator else []


@allow("resale.view", "resale.bid")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All lots that one may see, newest first, with tabs by state."""
    by = gate.actor_for(request)
    chosen = request.GET.get("state", "")
    url = reverse("sales_lots")
    words = [("", _("All")), *((one.value, capfirst(str(one.label))) for one in LotState)]
    if not by.is_operator:
        words = [pair for pair in words if pair[0] not in {LotState.OPEN, LotState.CANCELLED}]
    context = {
        "tabs": _tabs(request, by),
        "filters": [{"label": label, "url": f"{url}?state={name}", "active": name == chosen} for name, label in words],
        "rows": [_row(one) for one in queries.lots(by, state=chosen)[:SHOWN]],
        "may_open": by.is_operator and by.may("resale.lots"),
        "is_operator": by.is_operator,
    }
    return render(request, "resale/lots.html", context)


# A new one ------------------------------------------------------------------------------------------------------------------------------


@allow("resale.lots")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Whose goods, where, how the proceeds are spread, and by which rule it gathers, if by one."""
    by = gate.actor_for(request)
    place = reverse("sales_lots")

    def page(answer: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        owners = Organization.objects.filter(
            pk__in=Device.objects.visible_to(by).filter(state="TO_SELL").values("owner")
        ).order_by("name")
        context = {
            "answer": answer,
            "hubs": Hub.objects.visible_to(by).order_by("name"),
            "owners": owners,
            "keys": [(one.value, capfirst(str(one.label))) for one in LotKey],
            "classes": [(code, capfirst(str(label))) for code, label in CHOICES],
            "grades": [(code, capfirst(word(f"grade.{code}"))) for code in sorted(GRADED)],
            "sent": request.POST,
            "chosen_classes": request.POST.getlist("classes"),
            "chosen_grades": request.POST.getlist("grades"),
        }
        return render(request, "resale/lot_new.html", context, status=status)

    if request.method != "POST":
        return page()

    def do() -> str:
        nonlocal place
        made = _open(request, by)
        place = reverse("sales_lot", args=[made.number])
        return _("Lot %s is open. Put something in next.") % made.number

    return answers.act(request, do, to=lambda: place, page=page)


def _open(request: HttpRequest, by: Actor) -> Lot:
    hub = Hub.objects.visible_to(by).filter(code=request.POST.get("hub", "")).first()
    owner = Organization.objects.filter(code=request.POST.get("owner", "")).first()
    if hub is None or owner is None:
        raise BadInput(Reason("hub", _("Choose where it lies and whose it is."), "hub"))
    rule = Rule(
        classes=request.POST.getlist("classes"),
        grades=request.POST.getlist("grades"),
        days=answers.whole(request, "days", default=0),
        unsold=request.POST.get("unsold") == "1",
        by_itself=request.POST.get("by_itself") == "1",
    )
    said = rule.plain()
    return gathering.open_lot(
        name=request.POST.get("name", ""), hub=hub, owner=owner, key=request.POST.get("key", ""),
        rule=rule if said else None, asking=_amount(request, "asking"), reserve=_amount(request, "reserve"), by=by,
        at=clock.now(),
    )  # fmt: skip


def _amount(request: HttpRequest, name: str) -> Decimal | None:
    return answers.decimal(request, name) if request.POST.get(name, "").strip() else None


# One ------------------------------------------------------------------------------------------------------------------------------------


def _find(number: str, by: Actor) -> Any:  # noqa: ANN401 - with the sums that the query adds
    try:
        return queries.lot(number, by)
    except NotFound as missing:
        raise Http404(str(missing)) from missing


@allow("resale.view", "resale.bid", write=("resale.lots", "resale.ship", "resale.bid"))
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """What is in it, what is offered for it, and what can be done now."""
    by = gate.actor_for(request)
    found = _find(number, by)

    def page(answer: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        return _page(request, _find(number, by), by, answer, status)

    if request.method != "POST":
        return page()
    return answers.act(request, lambda: _act(request, found, by), to=reverse("sales_lot", args=[number]), page=page)


def _may(lot: Lot, by: Actor) -> dict[str, bool]:
    """Which of its acts this person can do now."""
    ours = by.is_operator and by.may("resale.lots")
    return {
        "put": ours and lot.state == LotState.OPEN,
        "take_out": ours and not gathering.reasons_against_taking_out(lot),
        "offer_up": ours and lot.state == LotState.OPEN,
        "note_bid": ours and lot.state == LotState.OFFERED,
        "bid": not by.is_operator and by.may("resale.bid") and lot.state == LotState.OFFERED,
        "award": ours and lot.state == LotState.OFFERED,
        "ship": by.is_operator and (ours or by.may("resale.ship")) and lot.state == LotState.AWARDED,
        "undo": ours and lot.state == LotState.AWARDED,
        "cancel": ours and lot.state in {LotState.OPEN, LotState.OFFERED, LotState.AWARDED},
    }


def _page(request: HttpRequest, lot: Any, by: Actor, answer: dict[str, Any] | None, status: int) -> HttpResponse:  # noqa: ANN401
    units = manifests.units_of(lot)
    may = _may(lot, by)
    live = queries.offers(lot, by)
    context = {
        "answer": answer,
        **_row(lot),
        "units": [
            {"unit": one, "face": face(one.device), "condition": capfirst(manifests.condition_of(one))} for one in units
        ],
        "offers": [
            {
                "offer": one,
                "below": lot.reserve is not None and one.amount < lot.reserve,
                "against": [each.sentence for each in selling.reasons_against_awarding(lot, one, why="x")],
            }
            for one in live
        ],
        "mine": live[0] if live and not by.is_operator else None,
        "may": may,
        "key": word(f"lot_key.{lot.key}"),
        "rule": _rule(lot) if by.is_operator else [],
        "fits": gathering.fitting(lot, at=clock.now()).count() if may["put"] and lot.rule else 0,
        "buyers": selling_queries.buyers() if may["note_bid"] else [],
        "won": lot.buyer_id is not None and (by.is_operator or lot.buyer_id == by.organization_id),
        "story": _story(lot) if by.is_operator else [],
        "is_operator": by.is_operator,
        "sent": request.POST if answer else {},
    }
    return render(request, "resale/lot.html", context, status=status)


def _rule(lot: Lot) -> list[str]:
    """What it gathers, in words."""
    rule, told = Rule.of(lot), []
    if rule.classes:
        names = dict(CHOICES)
        told.append(", ".join(str(names[code]) for code in rule.classes))
    if rule.grades:
        told.append(_("grade %s") % ", ".join(rule.grades))
    if rule.days:
        told.append(_("for sale since %s days or more") % rule.days)
    if rule.unsold:
        told.append(_("found unsold, to be sold in a lot"))
    if rule.by_itself:
        told.append(_("new ones by itself"))
    return told


def _story(lot: Lot) -> list[dict[str, Any]]:
    entries = list(Entry.objects.filter(chain_id=lot.pk).order_by("-sequence")[:60])
    names = people.names_of({one.actor for one in entries})
    return [
        {"what": told, "at": one.occurred_at, "by": names.get(one.actor, "")}
        for one in entries
        if (told := one.told_to(Audience.STAFF))
    ]


def _act(request: HttpRequest, lot: Lot, by: Actor) -> str:
    at, text = clock.now(), request.POST.get("reason", "")
    match request.POST.get("act", ""):
        case "put":
            made = gathering.put(lot, _named(request, by), values=_values(request, by), by=by, at=at)
            return _("%s put in.") % len(made)
        case "gather":
            return _("%s put in.") % len(gathering.gather(lot, by=by, at=at))
        case "take_out":
            one = gathering.take_out(_unit(request, lot), reason=text, by=by, at=at)
            return _("%s is free for sale again.") % one.device.tag
        case "put_up":
            selling.put_up(
                lot, until=_day(request, "until"), asking=_amount(request, "asking"),
                reserve=_amount(request, "reserve"), by=by, at=at,
            )  # fmt: skip
            return _("It is open for offers.")
        case "bid":
            selling.bid(
                lot, buyer=_buyer(request, by), amount=answers.decimal(request, "amount"),
                note=request.POST.get("note", ""), by=by, at=at,
            )  # fmt: skip
            return _("The offer is noted.")
        case "withdraw":
            selling.withdraw(_offer(request, lot, by), by=by, at=at)
            return _("The offer is withdrawn.")
        case "award":
            selling.award(_offer(request, lot, by), why=request.POST.get("why", ""), by=by, at=at)
            return _("Awarded. Ship it next.")
        case "undo":
            selling.undo_award(lot, reason=text, by=by, at=at)
            return _("It is open for offers again.")
        case "ship":
            count = answers.whole(request, "parcels", default=1)
            selling.ship(lot, tracking=request.POST.get("tracking", ""), parcels=count, by=by, at=at)
            return _("The lot is sold and on its way.")
        case "cancel":
            selling.cancel(lot, reason=text, by=by, at=at)
            return _("Called off. Everything in it is free for sale again.")
    raise BadInput(Reason("unknown_act", _("That can't be done here."), "act"))


def _day(request: HttpRequest, name: str) -> date | None:
    given = request.POST.get(name, "").strip()
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise BadInput(Reason(name, _("A day is written like 2026-11-02."), name)) from None


def _named(request: HttpRequest, by: Actor) -> list[Device]:
    """The units that were scanned or written into the field, one a line."""
    tags = [
        line.strip().upper() for line in request.POST.get("tags", "").replace(",", "\n").splitlines() if line.strip()
    ]
    found = {one.tag: one for one in Device.objects.visible_to(by).filter(tag__in=tags[: gathering.MOST_UNITS])}
    if missing := [tag for tag in tags if tag not in found]:
        raise NotFound(_("There is no unit %s.") % missing[0])
    return [found[tag] for tag in dict.fromkeys(tags)]


def _values(request: HttpRequest, by: Actor) -> dict[uuid.UUID, Decimal]:
    """One list value for what is put in by hand, where one is told: of each line."""
    told = _amount(request, "value")
    return {one.pk: told for one in _named(request, by)} if told is not None else {}


def _id(request: HttpRequest, name: str) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get(name, ""))
    except ValueError:
        return uuid.UUID(int=0)


def _unit(request: HttpRequest, lot: Lot) -> LotUnit:
    found = lot.units.filter(pk=_id(request, "unit")).select_related("lot", "device").first()
    if found is None:
        raise NotFound(_("That unit is not in this lot."))
    return found


def _offer(request: HttpRequest, lot: Lot, by: Actor) -> LotOffer:
    found = next((one for one in queries.offers(lot, by) if one.pk == _id(request, "offer")), None)
    if found is None:
        raise NotFound(_("There is no such offer."))
    return found


def _buyer(request: HttpRequest, by: Actor) -> Organization:
    """Whose offer it is: one's own, or of the buyer that one of us names."""
    wanted = request.POST.get("buyer", "") if by.is_operator else ""
    found = next(
        (
            one
            for one in selling_queries.buyers()
            if one.code == wanted or (not by.is_operator and one.pk == by.organization_id)
        ),
        None,
    )
    if found is None:
        raise BadInput(Reason("buyer", _("Choose the buyer."), "buyer"))
    return found


# Its list -------------------------------------------------------------------------------------------------------------------------------


@allow("resale.view", "resale.bid")
@require_GET
def manifest(request: HttpRequest, number: str) -> HttpResponse:
    """The list as CSV: no names of persons, no costs, no places."""
    lot = _find(number, gate.actor_for(request))
    return HttpResponse(
        manifests.as_csv(lot),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{lot.number}-{lot.edition}.csv"'},
    )


@allow("resale.view", "resale.bid")
@require_GET
def paper(request: HttpRequest, number: str) -> HttpResponse:
    """The signed list of the present edition."""
    lot = _find(number, gate.actor_for(request))
    if lot.document is None or lot.document.artifact.erased_at is not None:
        raise Http404
    response = HttpResponse(artifacts.read(lot.document.artifact), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{lot.document.number}.pdf"'
    return response
