"""Returns to suppliers: the list, a new one from what waits, and one with its acts. A supplier's people see and answer their own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from returns.models import RtvStatus, VendorReturn
from returns.models.vendors import OWED, UNSENT
from returns.queries import quotas
from returns.queries import vendors as queries
from returns.services.vendors import asking, crediting, partly, reckoning, returning, sending
from returns.services.vendors.partly import Taken
from returns.services.vendors.returning import Piece
from returns.views.common import amount_in, face, text
from returns.views.vendors.stock import vendor_tabs
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import Audience, word
from revlog.custody.models import Entry
from revlog.devices.journey import CLEARED, Data
from revlog.terms import agreeing
from revlog.terms import queries as terms

LOOKS = {
    "draft": "coming", "asked": "work", "authorized": "ready", "refused": "held", "packed": "ready", "shipped": "leaving",
    "partly": "leaving", "credited": "done", "disputed": "held", "closed": "done", "cancelled": "done",
}  # fmt: skip
OPEN = ("draft", "asked", "authorized", "packed", "shipped", "partly", "disputed", "credited")


def row_of(row: Any) -> dict[str, Any]:  # noqa: ANN401 - with the sums that the query adds
    """A return as lists show it."""
    due = {
        RtvStatus.ASKED: row.answer_by, RtvStatus.AUTHORIZED: row.until, RtvStatus.PACKED: row.until,
        RtvStatus.SHIPPED: row.credit_by, RtvStatus.PARTLY: row.credit_by, RtvStatus.DISPUTED: row.credit_by,
    }.get(row.status)  # fmt: skip
    now = clock.now()
    return {
        "rtv": row,
        "url": reverse("rtv", args=[row.number]),
        "look": LOOKS[row.status],
        "status": capfirst(word(f"rtv.{row.status}")),
        "due": due,
        "late": due is not None
        and (due < now if not isinstance(due, date) or hasattr(due, "hour") else due < now.date()),
    }


@allow("returns.vendor", "returns.answer")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All that one may see, newest first, with tabs by status."""
    by = gate.actor_for(request)
    chosen = request.GET.get("status", "open")
    rows = queries.rtvs(by, status=chosen if chosen in RtvStatus.values else "")
    if chosen == "open":
        rows = rows.filter(status__in=OPEN)
    url = reverse("rtvs")
    words = [("open", _("Open")), *((one.value, capfirst(str(one.label))) for one in RtvStatus), ("", _("All"))]
    if not by.is_operator:
        words = [pair for pair in words if pair[0] != "draft"]
    context = {
        "tabs": vendor_tabs(by, "rtvs"),
        "filters": [{"label": label, "url": f"{url}?status={name}", "active": name == chosen} for name, label in words],
        "rows": [row_of(row) for row in queries.with_sums(rows)[:200]],
        "may_draft": by.is_operator and by.may("returns.vendor"),
        "waiting": queries.waiting_for_vendor(by).count() if by.is_operator else 0,
    }
    return render(request, "returns/vendors/rtvs.html", context)


# A new one ------------------------------------------------------------------------------------------------------------------------------


@allow("returns.vendor")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """What waits to go back to one supplier, each with what the agreement says of it; a POST makes a return of what was ticked."""
    by = gate.actor_for(request)
    found = queries.suppliers(by).filter(code=(request.POST or request.GET).get("supplier", "")).first()
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            made = _draft(request, found, by)
        except DomainError as refusal:
            problem = refusal
        else:
            messages.success(request, _("%s is prepared. Ask the supplier next.") % made.number)
            return HttpResponseRedirect(reverse("rtv", args=[made.number]))
    waiting = list(queries.waiting_for_vendor(by)[:500])
    context = {
        "suppliers": _suppliers(queries.suppliers(by), waiting, found),
        "chosen": found,
        "hubs": Hub.objects.visible_to(by).order_by("name"),
        "rows": _waiting(waiting, found) if found else [],
        "quota": queries.quota_of(found, at=clock.now()) if found else None,
        "problem": problem,
    }
    return render(request, "returns/vendors/rtv_new.html", context, status=problem.status if problem else 200)


def _suppliers(rows: Iterable[Organization], waiting: list[Any], chosen: Organization | None) -> list[dict[str, Any]]:
    counts: dict[Any, int] = {}
    for device in waiting:
        bought = reckoning.purchase_of(device)
        key = bought.supplier_id if bought else None
        counts[key] = counts.get(key, 0) + 1
    url = reverse("rtv_new")
    return [
        {
            "label": one.name,
            "url": f"{url}?supplier={one.code}",
            "active": one == chosen,
            "count": counts.get(one.pk, 0),
        }
        for one in rows
    ]


def _waiting(waiting: list[Any], supplier: Organization) -> list[dict[str, Any]]:
    """What was bought of that supplier, and what nobody noted a purchase of: it may be anybody's."""
    on = clock.now().date()
    agreement = terms.agreement_with(supplier, on=on)
    found = []
    for device in waiting:
        bought = reckoning.purchase_of(device)
        if bought is not None and bought.supplier_id != supplier.pk:
            continue
        reason = returning.reason_of(device)
        against = (
            [
                one.sentence
                for one in agreeing.reasons_against(agreement.says, reckoning.goods_of(device, reason, bought), on=on)
            ]
            if agreement is not None
            else [_("there is no agreement today")]
        )
        price = bought.price if bought else None
        found.append(
            {
                "device": device,
                "unit": face(device),
                "reason": word(f"unsold.{reason}"),
                "bought": bought,
                "expected": agreement.says.expected(price, device.quantity)
                if agreement is not None and price is not None
                else None,
                "against": ", ".join(against),
                "data": Data(device.data) not in CLEARED,
            }
        )
    return found


def _draft(request: HttpRequest, supplier: Organization | None, by: Actor) -> VendorReturn:
    if supplier is None:
        raise BadInput(Reason("supplier", _("Choose the supplier."), "supplier"))
    hub = Hub.objects.visible_to(by).filter(code=request.POST.get("hub", "")).first()
    if hub is None:
        raise BadInput(Reason("hub", _("Choose from where it leaves."), "hub"))
    ticked = set(request.POST.getlist("unit"))
    pieces = []
    for device in queries.waiting_for_vendor(by).filter(tag__in=ticked):
        count = text(request, f"pieces-{device.tag}", 9)
        price = amount_in(request, f"price-{device.tag}") if reckoning.purchase_of(device) is None else None
        pieces.append(Piece(device=device, pieces=int(count) if count.isdecimal() else None, price=price))
    return returning.draft(supplier, pieces, hub=hub, note=text(request, "note"), by=by, at=clock.now())


# One ------------------------------------------------------------------------------------------------------------------------------------


def _find(request: HttpRequest, number: str) -> tuple[VendorReturn, Actor]:
    by = gate.actor_for(request)
    found = queries.rtv(number, by)
    if found is None:
        raise Http404
    return found, by


@allow("returns.vendor", "returns.answer", "returns.send_back")
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    row, by = _find(request, number)
    return _detail(request, row, by)


def _may(row: VendorReturn, by: Actor, *, left: Decimal) -> dict[str, bool]:
    """Which of its acts this person can do now."""
    ours = by.is_operator and by.may("returns.vendor")
    floor = by.is_operator and (ours or by.may("returns.send_back"))
    answers = by.may("returns.answer") and (by.is_operator or by.organization_id == row.supplier_id)
    return {
        "ask": ours and row.status == RtvStatus.DRAFT,
        "answer": answers and row.status == RtvStatus.ASKED,
        "extend": answers and row.status in {RtvStatus.AUTHORIZED, RtvStatus.PACKED},
        "pack": floor and row.status == RtvStatus.AUTHORIZED,
        "ship": floor and row.status == RtvStatus.PACKED,
        "credit": answers and row.status in OWED and left > 0,
        "dispute": ours and row.status in {RtvStatus.SHIPPED, RtvStatus.PARTLY},
        "close": ours and not crediting.reasons_against_closing(row, left=left),
        "cancel": ours and row.status in UNSENT,
    }


def _detail(request: HttpRequest, row: VendorReturn, by: Actor, *, problem: DomainError | None = None) -> HttpResponse:
    lines = list(row.lines.select_related("device__product", "device__location", "device__purchase"))
    value = sum((one.value for one in lines), Decimal(0))
    expected = sum((one.expected for one in lines), Decimal(0))
    credited = sum((one.credited for one in lines), Decimal(0))
    credits = list(row.credits.all())
    audience = Audience.STAFF if by.is_operator else Audience.CLIENT
    may = _may(row, by, left=expected - credited)
    context = {
        **row_of(row),
        "lines": [
            {
                "line": one,
                "reason": capfirst(word(f"unsold.{one.reason}")),
                "state": one.device.state,
                "linked": by.is_operator,
            }
            for one in lines
        ],
        "says": row.agreement.says,
        "may": may,
        "value": value,
        "expected": expected,
        "credited": credited,
        "left": expected - credited,
        "lost": value - credited,
        "credits": credits,
        "quota": quotas.quota(row.agreement, on=clock.now().date()) if by.is_operator else None,
        "against": asking.reasons_against_asking(row, lines, on=clock.now().date()) if may["ask"] else [],
        "story": story_of(row, audience),
        "asked": row.agreement.says.mail if by.is_operator else "",
        "names": people.names_of([one for one in (row.drafted_by, row.packed_by) if one]) if by.is_operator else {},
        "is_operator": by.is_operator,
        "problem": problem,
    }
    return render(request, "returns/vendors/rtv.html", context, status=problem.status if problem else 200)


def story_of(row: VendorReturn, audience: Audience) -> list[dict[str, Any]]:
    entries = list(Entry.objects.filter(chain_id=row.pk).order_by("-sequence")[:50])
    names = people.names_of({one.actor for one in entries}) if audience == Audience.STAFF else {}
    return [
        {"what": told, "at": one.occurred_at, "by": names.get(one.actor, "")}
        for one in entries
        if (told := one.told_to(audience))
    ]


def day_in(request: HttpRequest, name: str) -> date | None:
    given = text(request, name, 10)
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise BadInput(Reason(name, _("A day is written like 2026-11-02."), name)) from None


def taken_in(request: HttpRequest, row: VendorReturn) -> list[Taken]:
    """What the form tells of each line; an empty field is as asked."""
    found = []
    for place in row.lines.values_list("position", flat=True):
        count = text(request, f"pieces-{place}", 9)
        if count and not count.isdecimal():
            raise BadInput(Reason("pieces", _("Pieces are a number."), "lines"))
        credit = amount_in(request, f"credit-{place}")
        found.append(Taken(position=place, pieces=int(count) if count else None, credit=credit))
    return found


def answer(request: HttpRequest, row: VendorReturn, by: Actor, *, at: datetime) -> None:
    """What the supplier says, as the form tells it: taken, taken in part, or refused."""
    match request.POST.get("act", ""):
        case "authorize":
            until = day_in(request, "until")
            asking.authorize(row, theirs=text(request, "theirs", 60), until=until, by=by, at=at)
        case "take_part":
            until, told = day_in(request, "until"), taken_in(request, row)
            why, theirs = text(request, "why"), text(request, "theirs", 60)
            partly.authorize(row, theirs=theirs, taken=told, why=why, until=until, by=by, at=at)
        case "refuse":
            asking.refuse(row, why=text(request, "why", 500), by=by, at=at)
        case _:
            raise BadInput(Reason("act", _("Choose what to do."), "act"))


@allow("returns.vendor", "returns.answer", "returns.send_back")
@require_POST
def act(request: HttpRequest, number: str) -> HttpResponse:
    """Ask, authorize all or a part, refuse, pack, ship, credit, dispute, close or call off."""
    row, by = _find(request, number)
    at = clock.now()
    try:
        match request.POST.get("act", ""):
            case "ask":
                asking.ask(row, by=by, at=at)
            case "authorize" | "take_part" | "refuse":
                answer(request, row, by, at=at)
            case "pack":
                count = text(request, "parcels", 2)
                sending.pack(row, parcels=int(count) if count.isdecimal() else 0, by=by, at=at)
            case "ship":
                sending.ship(row, tracking=text(request, "tracking", 60), by=by, at=at)
            case "credit":
                amount = amount_in(request, "amount") or Decimal(0)
                given = day_in(request, "given_on")
                crediting.credit(row, number=text(request, "number", 60), amount=amount, given_on=given, by=by, at=at)
            case "dispute":
                crediting.dispute(row, text=text(request, "text", 500), by=by, at=at)
            case "close":
                crediting.close(row, why=text(request, "why"), by=by, at=at)
            case "cancel":
                asking.cancel(row, why=text(request, "why"), by=by, at=at)
            case _:
                raise BadInput(Reason("act", _("Choose what to do."), "act"))
    except DomainError as refusal:
        return _detail(request, queries.rtv(number, by) or row, by, problem=refusal)
    messages.success(request, _("Kept."))
    return HttpResponseRedirect(reverse("rtv", args=[row.number]))
