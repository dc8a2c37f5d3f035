"""Returns of businesses: the list, announcing one by a table or file, and its match in one look."""

from __future__ import annotations

import csv
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from io import StringIO
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from returns.models import BoxCount, BusinessCase, Dispute, MatchStatus, Origin, RmaLine, RmaStatus
from returns.services import approval
from returns.services.business import announcing, boxes, comparing, counting, edi, inspecting, lines, memos
from returns.services.business.announcing import Announcement, Proposed
from returns.services.business.comparing import Row
from returns.services.business.finding import Papers
from returns.services.business.lines import Told
from returns.views.common import text
from returns.views.office import LOOKS
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import clock
from revlog.common.cells import safe
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import word

MATCH_LOOKS = {
    MatchStatus.OPEN: "coming",
    MatchStatus.MATCHED: "done",
    MatchStatus.TOLERATED: "ready",
    MatchStatus.DISPUTED: "held",
    MatchStatus.DECIDED: "done",
}
PAGE = 100
SHOWN = ("", "open", "disputed", "matched")


def find(request: HttpRequest, number: str) -> tuple[BusinessCase, Actor]:
    """The case that the visitor may see, or 404."""
    by = gate.actor_for(request)
    rows = BusinessCase.objects.visible_to(by).select_related(
        "rma__seller", "rma__hub__organization", "rma__order", "customer"
    )
    return get_object_or_404(rows, rma__number=number), by


# List -------------------------------------------------------------------------------------------------------------------------------


@allow("returns.view", "client.request")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Returns of businesses, newest first: how far they are counted, what is disputed, what was credited."""
    by = gate.actor_for(request)
    query = text_of(request, "q")
    rows = BusinessCase.objects.visible_to(by)
    if query:
        rows = rows.filter(
            Q(rma__number__icontains=query)
            | Q(reference__icontains=query)
            | Q(po_number__iexact=query)
            | Q(invoice_number__iexact=query)
            | Q(delivery_number__iexact=query)
            | Q(customer__name__icontains=query)
        )
    total = rows.count()
    after = int(request.GET.get("from", "0")) if request.GET.get("from", "0").isdecimal() else 0
    page = list(
        rows.select_related("rma__seller", "customer")
        .prefetch_related("rma__memos__document")
        .annotate(
            lines=Count("rma__lines", distinct=True),
            disputed=Count("rma__lines__business", filter=Q(rma__lines__business__status="disputed"), distinct=True),
        )
        .order_by("-rma__opened_at", "-rma_id")[after : after + PAGE]
    )
    context = {
        "rows": [
            {
                "case": case,
                "url": reverse("business_return", args=[case.rma.number]),
                "look": LOOKS[case.rma.status],
                "status": word(f"rma.{case.rma.status}"),
                "papers": Papers(po=case.po_number, invoice=case.invoice_number, delivery=case.delivery_number).shown(),
                "credited": sum(
                    (
                        memo.amount if memo.kind == "credit" else -memo.amount
                        for memo in case.rma.memos.all()
                        if memo.document_id
                    ),
                    Decimal(0),
                ),
            }
            for case in page
        ],
        "query": query,
        "more": f"?q={query}&from={after + PAGE}" if after + PAGE < total else "",
        "total": total,
        "may_open": by.may("returns.open") or by.may("client.request"),
    }
    return render(request, "returns/business_list.html", context)


def text_of(request: HttpRequest, name: str) -> str:
    return "".join(letter for letter in request.GET.get(name, "") if letter.isprintable()).strip()[:60]


# Announcing -------------------------------------------------------------------------------------------------------------------------


@allow("returns.open", "client.request")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Lines pasted or uploaded, looked up and shown, then announced: all of them or none, every mistake with its line."""
    by = gate.actor_for(request)
    at = clock.now()
    sellers, customers = _parties(by)
    problem: DomainError | None = None
    proposed: Proposed | None = None
    told: list[Told] = []
    sent = {
        name: text(request, name, 60)
        for name in ("seller", "customer", "reference", "po", "invoice", "delivery", "order", "boxes")
    }
    pasted = request.POST.get("lines", "")
    if request.method == "POST":
        try:
            file = request.FILES.get("file")
            told = lines.read_csv(cast("BinaryIO", file.file)) if file is not None else lines.read_text(pasted)
            pasted = lines.as_csv(told)
            announcement = _announcement(sent, told, sellers, customers)
            if request.POST.get("act") == "announce":
                origin = Origin.STAFF if by.is_operator else Origin.PORTAL
                rma = announcing.announce(announcement, origin=origin, by=by, at=at)
                messages.success(request, _("Return %s announced.") % rma.number)
                return HttpResponseRedirect(reverse("business_return", args=[rma.number]))
            proposed = announcing.propose(announcement, by=by, at=at)
        except DomainError as refusal:
            problem = refusal
    context = {
        "sellers": sellers,
        "customers": customers,
        "sent": sent,
        "pasted": pasted,
        "columns": lines.COLUMNS,
        "proposed": [
            {
                "piece": piece,
                "permit": permit,
                "amount": announcing.worth_of(piece, permit),
                "rows": ", ".join(str(row) for row in piece.rows[:6]),
                "reason": word(f"reason.{piece.told.reason}"),
            }
            for piece, permit in (proposed.pieces[:PAGE] if proposed else ())
        ],
        "summary": proposed,
        "more": max(len(proposed.pieces) - PAGE, 0) if proposed else 0,
        "problem": problem,
    }
    return render(request, "returns/business_new.html", context, status=problem.status if problem else 200)


def _parties(by: Actor) -> tuple[list[Organization], list[Organization]]:
    """Whom they may name as seller and as customer."""
    if by.is_operator or by.kind == "system":
        sellers = list(Organization.objects.filter(orders__customer__isnull=False).distinct().order_by("name"))
        customers = list(Organization.objects.filter(orders_bought__isnull=False).distinct().order_by("name"))
        return sellers, customers
    own = list(Organization.objects.filter(pk__in=[by.organization_id]))
    bought = announcing.sellers(by.organization_id)
    if bought:
        return bought, own
    return own, announcing.customers(own[0]) if own else []


def _announcement(
    sent: dict[str, str], told: Sequence[Told], sellers: Sequence[Organization], customers: Sequence[Organization]
) -> Announcement:
    def chosen(name: str, among: Sequence[Organization]) -> Organization:
        found = next((one for one in among if one.code == sent[name]), among[0] if len(among) == 1 else None)
        if found is None:
            raise BadInput(
                Reason(name, _("Say who sold it.") if name == "seller" else _("Say who gives it back."), name)
            )
        return found

    if sent["boxes"] and not sent["boxes"].isdecimal():
        raise BadInput(Reason("boxes", _("Say in how many boxes it comes."), "boxes"))
    return Announcement(
        customer=chosen("customer", customers),
        seller=chosen("seller", sellers),
        papers=Papers(po=sent["po"], invoice=sent["invoice"], delivery=sent["delivery"], order=sent["order"]),
        reference=sent["reference"],
        boxes=int(sent["boxes"]) if sent["boxes"] else None,
        lines=told,
    )


# One return -------------------------------------------------------------------------------------------------------------------------


@allow("returns.view", "client.request")
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    case, by = find(request, number)
    return shown(request, case, by)


def shown(request: HttpRequest, case: BusinessCase, by: Actor, *, problem: DomainError | None = None) -> HttpResponse:
    """The match as a table: five papers side by side, what differs, and what can be done."""
    at = clock.now()
    rma = case.rma
    rows = comparing.rows_of(case, at=at)
    counts = Counter(row.own.status for row in rows)
    show = request.GET.get("show", "") if request.GET.get("show", "") in SHOWN else ""
    chosen = [row for row in rows if _fits(row, show)]
    after = int(request.GET.get("from", "0")) if request.GET.get("from", "0").isdecimal() else 0
    disputes = {one.line_id: one for one in Dispute.objects.filter(line__line__rma=rma).order_by("opened_at", "id")}
    internal = by.is_operator or by.organization_id == rma.seller_id
    memos_made = list(rma.memos.select_related("document", "corrects__document"))
    credit_reasons = memos.reasons_against_crediting(rma, rows)
    context = {
        "case": case,
        "rma": rma,
        "look": LOOKS[rma.status],
        "status": word(f"rma.{rma.status}"),
        "tabs": [
            {
                "label": label,
                "url": f"?show={name}",
                "active": show == name,
                "count": sum(counts[one] for one in statuses) if name else len(rows),
            }
            for name, label, statuses in (
                ("", _("All"), ()),
                ("open", _("Not complete"), ("open",)),
                ("disputed", _("Disputed"), ("disputed",)),
                ("matched", _("Agreed"), ("matched", "tolerated", "decided")),
            )
        ],
        "rows": [_shown_row(row, disputes.get(row.own.pk)) for row in chosen[after : after + PAGE]],
        "sums": _sums(rows),
        "more": f"?show={show}&from={after + PAGE}" if after + PAGE < len(chosen) else "",
        "boxes": [{"row": row, "closed": row.boxes - row.opened} for row in case.box_counts.select_related("hub")],
        "closed_boxes": boxes.closed_boxes(case),
        "memos": [
            {
                "memo": memo,
                "kind": word(f"memo.{memo.kind}"),
                "status": word(f"memo.{memo.status}"),
                "look": {"proposed": "work", "due": "work", "issued": "ready", "settled": "done"}.get(
                    memo.status, "held"
                ),
            }
            for memo in memos_made
            if internal or memo.document_id
        ],
        "papers": [
            (name, paper)
            for name, paper in (
                (_("Their number"), case.reference),
                (_("Purchase order"), case.po_number),
                (_("Invoice"), case.invoice_number),
                (_("Delivery"), case.delivery_number),
            )
            if paper
        ],
        "internal": internal,
        "may_receive": by.may("returns.receive")
        and rma.is_open
        and case.complete_at is None
        and rma.status != "requested",
        "may_inspect": inspecting.may_inspect(by) and _waits_for_inspection(case),
        "may_complete": (by.may("returns.receive") or by.may("returns.approve"))
        and case.complete_at is None
        and rma.status == RmaStatus.ARRIVED,
        "may_credit": by.may("returns.settle") and rma.status == RmaStatus.ARRIVED,
        "credit_reasons": [reason.sentence for reason in credit_reasons],
        "may_decide": rma.status == RmaStatus.REQUESTED and by.may("returns.approve"),
        "decide_reasons": [reason.sentence for reason in approval.reasons_against_approving(rma, by=by)]
        if rma.status == RmaStatus.REQUESTED
        else [],
        "may_answer": (by.may("returns.open") or by.may("returns.approve"))
        and internal
        and not edi.reasons_against_sending(case)
        and not case.interchanges.filter(direction="out").exists(),
        "may_see_rma": by.may("returns.view") and internal,
        "hubs": Hub.objects.visible_to(by),
        "key": uuid.uuid4().hex,
        "problem": problem,
    }
    return render(request, "returns/business_detail.html", context, status=problem.status if problem else 200)


def _waits_for_inspection(case: BusinessCase) -> bool:
    return RmaLine.objects.filter(
        rma=case.rma_id, units__received_at__isnull=False, units__status="received", units__found__condition=""
    ).exists()


def _fits(row: Row, show: str) -> bool:
    status = row.own.status
    if show == "matched":
        return status in {MatchStatus.MATCHED, MatchStatus.TOLERATED, MatchStatus.DECIDED}
    return not show or status == show


def _shown_row(row: Row, dispute: Dispute | None) -> dict[str, Any]:
    own, line = row.own, row.line
    part = own.components[0]["sku"] if own.components else ""
    return {
        "row": row,
        "line": line,
        "name": line.order_line.description + (f": {part}" if part else ""),
        "sku": part or line.order_line.sku,
        "order": line.order_line.order.number,
        "sold": line.order_line.quantity,
        "lots": [
            {
                "lot": lot,
                "short": lot.announced - lot.received if lot.received < lot.announced else 0,
                "over": lot.received - lot.announced if lot.received > lot.announced else 0,
                "counts": _by_condition(lot.conditions),
            }
            for lot in row.lots
        ],
        "status": word(f"match.{own.status}"),
        "look": MATCH_LOOKS[MatchStatus(own.status)],
        "why": ", ".join(word(f"differs.{code}") for code in own.why),
        "to_credit": own.found,
        "dispute": dispute,
        "serials": own.serials,
    }


def _by_condition(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """What was found of each condition, with the words of its column."""
    columns = {"good": _("Good"), "damaged": _("Damaged"), "wrong": _("Wrong"), "expired": _("Expired")}
    return [(label, counts.get(name, 0)) for name, label in columns.items()]


def _sums(rows: Sequence[Row]) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts.update(row.found.conditions)
    return {
        "announced": sum(row.found.announced for row in rows),
        "received": sum(row.found.received for row in rows),
        "counts": _by_condition(counts),
        "worth": sum((row.verdict.announced for row in rows), Decimal(0)),
        "found": sum((row.own.found or Decimal(0) for row in rows), Decimal(0)),
        "credited": sum((row.credited - row.debited for row in rows), Decimal(0)),
    }


def act(
    request: HttpRequest, number: str, verb: Callable[[BusinessCase, Actor, datetime], object], done: str
) -> HttpResponse:
    """One call into a verb; a refusal is shown on the return's own page, with its status."""
    case, by = find(request, number)
    try:
        verb(case, by, clock.now())
    except DomainError as refusal:
        return shown(request, case, by, problem=refusal)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("business_return", args=[number]))


def whole(request: HttpRequest, name: str) -> int:
    """A whole number as somebody typed it. Raises BadInput."""
    told = text(request, name, 12)
    try:
        return int(told or "0")
    except ValueError:
        raise BadInput(Reason(name, _("“%s” is no whole number.") % told, name)) from None


@allow("returns.receive")
@require_POST
def take_in(request: HttpRequest, number: str) -> HttpResponse:
    def verb(case: BusinessCase, by: Actor, at: datetime) -> object:
        hub = Hub.objects.visible_to(by).filter(code=text(request, "hub", 40)).first() or case.rma.hub
        return boxes.take_in(
            case,
            boxes=whole(request, "boxes"),
            damaged=whole(request, "damaged"),
            hub=hub,
            key=text(request, "key", 80) or uuid.uuid4().hex,
            by=by,
            at=at,
        )

    return act(request, number, verb, _("Boxes taken in."))


@allow("returns.receive")
@require_POST
def open_boxes(request: HttpRequest, number: str) -> HttpResponse:
    def verb(case: BusinessCase, by: Actor, at: datetime) -> object:
        try:
            row = case.box_counts.get(pk=uuid.UUID(text(request, "count", 40)))
        except (ValueError, BoxCount.DoesNotExist):
            raise Http404 from None
        return boxes.open_boxes(row, whole(request, "boxes"), by=by, at=at)

    return act(request, number, verb, _("Opened; count what is in them."))


@allow("returns.receive", "returns.approve")
@require_POST
def complete(request: HttpRequest, number: str) -> HttpResponse:
    return act(
        request, number, lambda case, by, at: counting.complete(case, by=by, at=at), _("Nothing more is expected.")
    )


@allow("returns.settle")
@require_POST
def credit(request: HttpRequest, number: str) -> HttpResponse:
    return act(
        request,
        number,
        lambda case, by, at: memos.credit(case, by=by, at=at),
        _("Credit memo proposed; another person approves it."),
    )


# The match as a file ----------------------------------------------------------------------------------------------------------------

EXPORTED = (
    "line", "order", "sku", "description", "lot", "expires", "sold", "price", "announced", "received", "short", "over", "good",
    "damaged", "wrong", "expired", "status", "differs", "to_credit", "credited", "debited", "currency",
)  # fmt: skip


@allow("returns.view", "client.request")
@require_GET
def export(request: HttpRequest, number: str) -> HttpResponse:
    """The match as CSV, a row for each line and lot; amounts of a line stand in its first row."""
    case, _by = find(request, number)
    file = StringIO()
    table = csv.writer(file)
    table.writerow(EXPORTED)
    for row in comparing.rows_of(case, at=clock.now()):
        own, sold = row.own, row.line.order_line
        for place, lot in enumerate(row.lots):
            money = [own.status, " ".join(own.why), own.found, row.credited, row.debited, row.line.currency]
            table.writerow(
                safe(cell)
                for cell in [
                    row.line.position, sold.order.number, own.components[0]["sku"] if own.components else sold.sku,
                    sold.description, lot.lot, lot.expires_on or "", sold.quantity, row.line.per_piece, lot.announced, lot.received,
                    max(lot.announced - lot.received, 0), max(lot.received - lot.announced, 0),
                    *(lot.conditions.get(name, 0) for name in ("good", "damaged", "wrong", "expired")),
                    *(money if place == 0 else [""] * len(money)),
                ]
            )  # fmt: skip
    answer = HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{number}-match.csv"'
    return answer
