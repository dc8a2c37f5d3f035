"""Carriers' bills: entered, read by columns, decided line by line, approved by another person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.forms import show
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import word
from revlog.evidence.services import artifacts
from revlog.logistics.forms.bills import BillForm, BillLineForm, ColumnsForm
from revlog.logistics.forms.freight import today_of
from revlog.logistics.freight import billing as reading
from revlog.logistics.freight.rating import EXTRAS
from revlog.logistics.models import Bill, BillColumns, BillLine, BillStatus
from revlog.logistics.models.contracts import sees_prices
from revlog.logistics.queries import bills as queries
from revlog.logistics.queries import contracts
from revlog.logistics.services.freight import billing
from revlog.logistics.views.freight.common import insider, tabs

LOOKS = {"draft": "coming", "open": "work", "approved": "done", "void": "done"}
STATES = {
    "matched": "done",
    "over_rate": "held",
    "unknown": "held",
    "twice": "held",
    "weight": "held",
    "surcharge": "held",
}
DECISIONS = {"pay": "done", "dispute": "held", "": "work"}


def _find(request: HttpRequest, number: str) -> tuple[Bill, Actor]:
    by = insider(request)
    row = queries.bill(number, by)
    if row is None:
        raise Http404
    return row, by


@allow("money.view")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    by = insider(request)
    rows = [
        {"row": one, "look": LOOKS[one.status], "state": capfirst(word(f"bill.{one.status}"))}
        for one in queries.bills(by)[:200]
    ]
    context = {"rows": rows, "tabs": tabs("bills", by), "may_enter": by.may("money.post")}
    return render(request, "logistics/freight/bills.html", context)


@allow("money.post")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    by, at = insider(request), clock.now()
    form = BillForm(
        request.POST or None,
        request.FILES or None,
        contracts=contracts.contracts(by),
        initial={"dated": today_of(by, at)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            row = billing.enter(**form.cleaned_data, by=by, at=at)
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(request, _("Bill %s is entered.") % row.number)
            return HttpResponseRedirect(reverse("bill", args=[row.number]))
    return render(request, "logistics/freight/bill_form.html", {"form": form}, status=422 if form.errors else 200)


@allow("money.view", write="money.post")
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One bill: its columns while it isn't read, then its lines, each with what it was found to be."""
    row, by = _find(request, number)
    may = sees_prices(by) and by.may("money.post")
    part = request.POST.get("part", "") if request.method == "POST" else ""
    form: forms.Form | None = None
    if may and row.status == BillStatus.DRAFT and row.file is not None:
        heads = list((billing.rows_of(artifacts.read(row.file)) or [{}])[0])
        kept = BillColumns.objects.filter(carrier=row.carrier).first()
        form = ColumnsForm(request.POST if part == "columns" else None, heads=heads, kept=kept, prefix="columns")
    elif may and row.status == BillStatus.OPEN:
        form = BillLineForm(request.POST if part == "line" else None, prefix="line")
    problem: DomainError | None = None
    if part:
        try:
            told = _act(request, row, part, form, by)
        except DomainError as refusal:
            if form is not None and part in {"columns", "line"}:
                show(form, refusal)
            else:
                problem = refusal
        else:
            if told:
                messages.success(request, told)
                return HttpResponseRedirect(reverse("bill", args=[row.number]))
    lines = list(row.lines.select_related("accrual__shipment", "parcel"))
    names = people.names_of([one for one in (row.entered_by, row.approved_by) if one])
    context = {
        "bill": row,
        "look": LOOKS[row.status],
        "state": capfirst(word(f"bill.{row.status}")),
        "lines": [_line(one, may=may, status=row.status) for one in lines],
        "sum": sum((one.amount for one in lines), Decimal(0)),
        "paid": sum((one.paid for one in lines), Decimal(0)),
        "waiting": sum(not one.decision for one in lines),
        "form": form,
        "problem": problem,
        "may": may,
        "entered_by": names.get(row.entered_by, ""),
        "approved_by": names.get(row.approved_by, ""),
        "currency": row.contract.currency,
        "charges": [(code, word(f"extra.{code}")) for code in EXTRAS],
        "against": [one.sentence for one in billing.reasons_against_approving(row, lines, by=by)],
    }
    bad = problem is not None or (form is not None and bool(form.errors))
    return render(request, "logistics/freight/bill.html", context, status=422 if bad else 200)


def _line(row: BillLine, *, may: bool, status: str) -> dict[str, Any]:
    open_dispute = row.decision == "dispute" and row.settled_at is None
    decision = f"decision.{row.decision}" if row.decision else "decision.waiting"
    if row.settled_at is not None:
        decision = "decision.settled"
    return {
        "row": row,
        "look": STATES[row.state],
        "state": capfirst(word(f"billed.{row.state}")),
        "decided": capfirst(word(decision)),
        "decided_look": "done" if row.settled_at is not None else DECISIONS[row.decision],
        "charge": word(f"extra.{row.charge}") if row.charge in EXTRAS else row.charge,
        "may_decide": may and status == BillStatus.OPEN,
        "may_settle": may and status == BillStatus.APPROVED and open_dispute,
        "suggested": row.expected if row.expected is not None and row.expected < row.amount else Decimal(0),
    }


def _amount(request: HttpRequest, name: str) -> Decimal:
    found = reading.amount_of(request.POST.get(name, ""))
    if found is None:
        raise BadInput(Reason(name, _("An amount is like 120.50."), name))
    return found


def _act(request: HttpRequest, row: Bill, part: str, form: forms.Form | None, by: Actor) -> str:
    at = clock.now()
    match part:
        case "columns" | "line":
            if form is None or not form.is_valid():
                return ""
            if isinstance(form, ColumnsForm):
                billing.read(row, form.columns(), by=by, at=at)
                return _("The bill is read; its lines are matched.")
            if isinstance(form, BillLineForm):
                made = billing.add_line(row, form.line(), by=by, at=at)
                return _("Line %(n)s: %(state)s.") % {"n": made.position, "state": word(f"billed.{made.state}")}
            return ""
        case "decide":
            line = _of(row, request)
            paid = line.amount if request.POST.get("all") else _amount(request, "paid")
            billing.decide(line, paid=paid, dispute=request.POST.get("dispute", ""), by=by, at=at)
            return _("Line %s is decided.") % line.position
        case "settle":
            line = _of(row, request)
            billing.settle(line, paid=_amount(request, "paid"), note=request.POST.get("note", ""), by=by, at=at)
            return _("The dispute about line %s has ended.") % line.position
        case "approve":
            billing.approve(row, by=by, at=at)
            return _("Bill %s is approved and posted.") % row.number
        case "aside":
            billing.put_aside(row, reason=request.POST.get("reason", ""), by=by, at=at)
            return _("Bill %s is put aside.") % row.number
        case _:
            raise BadInput(Reason("part", _("Choose what to do."), "part"))


def _of(bill: Bill, request: HttpRequest) -> BillLine:
    place = request.POST.get("line", "")
    found = bill.lines.filter(position=int(place)).first() if place.isdecimal() and len(place) < 9 else None
    if found is None:
        raise Http404
    found.bill = bill
    return found
