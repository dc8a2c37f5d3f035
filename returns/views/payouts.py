"""Payments to sellers as files for the bank: what waits, drawing up, releasing by another person, and what the bank made of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from returns.models import PayoutFile, PayoutFileStatus, PayoutTransfer, TransferStatus
from returns.queries import payouts as queries
from returns.services.tradein import paying
from returns.views.common import text
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import word

LOOKS = {"drawn": "work", "released": "coming", "done": "done", "dropped": "held"}
TRANSFER_LOOKS = {"listed": "coming", "paid": "done", "bounced": "held", "dropped": "held"}
MOST = 100


def _operator(request: HttpRequest) -> Actor:
    by = gate.actor_for(request)
    if not by.is_operator:
        raise Http404
    return by


@allow("returns.settle", "returns.refund")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """What waits for a payment, and the files that there were."""
    return _listing(request, _operator(request))


def _listing(request: HttpRequest, by: Actor, *, problem: DomainError | None = None) -> HttpResponse:
    waiting = queries.waiting()[: paying.MOST]
    context = {
        "waiting": [
            {"refund": row, "trade": trade, "tail": queries.account_tail(trade), "charity": trade.charity}
            for row in waiting
            for trade in (row.line.rma.trade_in,)
        ],
        "total": sum(row.amount for row in waiting),
        "files": [_row(row) for row in queries.files()[:MOST]],
        "ready": queries.debtor() is not None,
        "may_draw": bool(waiting) and not paying.reasons_against_drawing(by=by),
        "may_list": by.may("returns.refund"),
        "problem": problem,
    }
    return render(request, "returns/tradein/payouts.html", context, status=problem.status if problem else 200)


def _row(row: PayoutFile) -> dict[str, Any]:
    return {
        "row": row,
        "url": reverse("payout_file", args=[row.number]),
        "look": LOOKS[row.status],
        "status": capfirst(word(f"payouts.{row.status}")),
    }


@allow("returns.settle", "returns.refund")
@require_POST
def draw_up(request: HttpRequest) -> HttpResponse:
    """All that waits, as one file."""
    by = _operator(request)
    try:
        file = paying.draw_up(by=by, at=clock.now())
    except DomainError as refusal:
        return _listing(request, by, problem=refusal)
    messages.success(request, _("Drawn up. Another person has to release it."))
    return HttpResponseRedirect(reverse("payout_file", args=[file.number]))


def _find(request: HttpRequest, number: str) -> tuple[PayoutFile, Actor]:
    by = _operator(request)
    found = queries.files().filter(number=number).first()
    if found is None:
        raise Http404
    return found, by


@allow("returns.settle", "returns.refund")
@never_cache
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One file with its payments. Of accounts it shows the last four signs."""
    row, by = _find(request, number)
    return _detail(request, row, by)


def _detail(request: HttpRequest, row: PayoutFile, by: Actor, *, problem: DomainError | None = None) -> HttpResponse:
    names = people.names_of([one for one in (row.drawn_by, row.released_by) if one])
    transfers = row.transfers.select_related("refund__line__rma__trade_in__charity__organization").order_by("place")
    may_pay = by.may("returns.refund")
    at_bank = row.status in {PayoutFileStatus.RELEASED, PayoutFileStatus.DONE}
    context = {
        **_row(row),
        "transfers": [_transfer(one, may=may_pay and at_bank) for one in transfers],
        "drawn_by": names.get(row.drawn_by, row.drawn_by),
        "released_by": names.get(row.released_by, row.released_by),
        "today": clock.now().date().isoformat(),
        "may_pay": may_pay,
        "against": [one.sentence for one in paying.reasons_against_releasing(row, by=by)] if may_pay else [],
        "may_say_paid": may_pay and row.status == PayoutFileStatus.RELEASED,
        "may_load": may_pay and at_bank,
        "problem": problem,
    }
    return render(request, "returns/tradein/payout_file.html", context, status=problem.status if problem else 200)


def _transfer(one: PayoutTransfer, *, may: bool) -> dict[str, Any]:
    trade = one.refund.line.rma.trade_in
    return {
        "row": one,
        "trade": trade,
        "tail": queries.account_tail(trade),
        "charity": trade.charity,
        "look": TRANSFER_LOOKS[one.status],
        "status": capfirst(word(f"payout_transfer.{one.status}")),
        "may_bounce": may and one.status in {TransferStatus.LISTED, TransferStatus.PAID},
    }


def _act(request: HttpRequest, number: str, verb: Callable[[PayoutFile, Actor], object], done: str) -> HttpResponse:
    row, by = _find(request, number)
    try:
        verb(row, by)
    except DomainError as refusal:
        return _detail(request, row, by, problem=refusal)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("payout_file", args=[number]))


@allow("returns.refund")
@require_POST
def release(request: HttpRequest, number: str) -> HttpResponse:
    """A second person says that it may be paid."""

    def verb(row: PayoutFile, by: Actor) -> object:
        try:
            day = date.fromisoformat(text(request, "execute_on", 10))
        except ValueError:
            raise BadInput(Reason("execute_on", _("Choose a day."), "execute_on")) from None
        return paying.release(row, execute_on=day, by=by, at=clock.now())

    return _act(request, number, verb, _("Released. Load the file and bring it to the bank."))


@allow("returns.refund")
@require_POST
def drop(request: HttpRequest, number: str) -> HttpResponse:
    """It isn't to be paid so."""
    why = text(request, "why", 300)
    return _act(
        request,
        number,
        lambda row, by: paying.drop(row, why=why, by=by, at=clock.now()),
        _("Dropped. Its payments wait again."),
    )


@allow("returns.refund")
@require_POST
def paid(request: HttpRequest, number: str) -> HttpResponse:
    """The statement shows it."""
    return _act(
        request, number, lambda row, by: paying.paid(row, by=by, at=clock.now()), _("Noted: the bank has paid.")
    )


@allow("returns.refund")
@require_POST
def bounced(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """One of it came back."""
    why = text(request, "why", 300)

    def verb(row: PayoutFile, by: Actor) -> object:
        one = paying.transfer_of(row, pk)
        if one is None:
            raise Http404
        return paying.bounced(one, why=why, by=by, at=clock.now())

    return _act(request, number, verb, _("Noted. It is still owed; pay it another way on the page of its trade-in."))


@allow("returns.refund")
@never_cache
@require_GET
def load(request: HttpRequest, number: str) -> HttpResponse:
    """The file for the bank, as it was released."""
    row, by = _find(request, number)
    try:
        data = paying.content(row, by=by)
    except DomainError as refusal:
        return _detail(request, row, by, problem=refusal)
    response = HttpResponse(data, content_type="application/xml")
    response.headers["Content-Disposition"] = f'attachment; filename="{row.number}.xml"'
    return response
