"""Trade-ins at the desk: the list, one of them with what is still missing, sums by hand, documents, and lists of blocked numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from returns.models import PayoutAccount, RmaUnit, TradeIn, TradeInStatus
from returns.policy import questions
from returns.policy import tradein as policy
from returns.queries import tradein as queries
from returns.services.tradein import agreeing, blocking, buying, quoting, truing
from returns.views.common import amount_in, text
from returns.views.foreseen import summed
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import word
from revlog.devices.faces import face
from revlog.evidence.models import Attachment

LOOKS = {
    "asked": "coming", "quoted": "work", "accepted": "done", "declined": "held", "lapsed": "held", "refused": "held", "recycle": "done",
}  # fmt: skip
MOST = 200


@allow("returns.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All trade-ins, newest first, with tabs by status."""
    by = gate.actor_for(request)
    chosen, wanted = request.GET.get("status", ""), request.GET.get("q", "")[:120]
    url = reverse("tradeins")
    context = {
        "rows": [_row(row) for row in queries.listed(by, status=chosen, text=wanted)[:MOST]],
        "wanted": wanted,
        "tabs": [
            {"label": label, "url": f"{url}?status={status}" if status else url, "active": status == chosen}
            for status, label in [("", _("All")), *((one.value, capfirst(str(one.label))) for one in TradeInStatus)]
        ],
        "lists": queries.lists(),
        "may_import": by.may("returns.approve"),
        "may_rules": by.is_operator and by.may("terms.view"),
        "may_pay": by.is_operator and (by.may("returns.settle") or by.may("returns.refund")),
    }
    return render(request, "returns/tradein/list.html", context)


def _row(row: TradeIn) -> dict[str, Any]:
    return {
        "row": row,
        "url": reverse("tradeins_one", args=[row.number]),
        "look": LOOKS[row.status],
        "status": capfirst(word(f"tradein.{row.status}")),
        "by": word(f"tradein_by.{row.channel}"),
        "rma": word(f"rma.{row.rma.status}") if row.rma is not None else "",
    }


def _find(request: HttpRequest, number: str) -> tuple[TradeIn, Actor]:
    by = gate.actor_for(request)
    found = queries.by_number(number, by)
    if found is None:
        raise Http404
    return found, by


@allow("returns.view")
@never_cache
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    row, by = _find(request, number)
    return _detail(request, row, by)


def _detail(request: HttpRequest, row: TradeIn, by: Actor, *, problem: DomainError | None = None) -> HttpResponse:
    at = clock.now()
    rules = truing.rules_of(row)
    unit = (
        RmaUnit.objects.filter(line__rma=row.rma_id).select_related("device__location", "line__rma").first()
        if row.rma_id
        else None
    )
    device = unit.device if unit is not None else None
    law = buying.law_of(row, at=at) if row.country else None
    account = PayoutAccount.objects.filter(trade_in=row).first()
    check = getattr(row, "identity", None)
    names = people.names_of([one for one in (row.priced_by, check.checked_by if check is not None else "") if one])
    context = {
        **_row(row),
        "steps": [
            {"what": policy.told(step["what"]) or _("Set by a person"), "amount": step["amount"]} for step in row.steps
        ],
        "foretold": summed(row.inputs["foretold"]) if by.is_operator and row.inputs.get("foretold") else None,
        "answers": questions.told(rules, row.answers),
        "why": policy.told(row.why),
        "priced_by": names.get(row.priced_by, ""),
        "device": device,
        "face": face(device) if device is not None else None,
        "missing": [one.sentence for one in buying.reasons_against_buying(unit, device)]
        if unit is not None and device is not None and row.bought_at is None
        else [],
        "photos": Attachment.objects.filter(chain_id=row.pk, use=quoting.PHOTO, artifact__erased_at=None).count(),
        "law": law,
        "check": check,
        "document": capfirst(word(f"document.{check.document}")) if check is not None else "",
        "checked_by": names.get(check.checked_by, "") if check is not None else "",
        "documents": [(code, capfirst(word(f"document.{code}"))) for code in law.documents] if law is not None else [],
        "may_identify": law is not None
        and buying.needs_identity(row, at=at)
        and not buying.reasons_against_identifying(row, by=by),
        "may_price": not quoting.reasons_against_pricing(row, by=by),
        "account": account,
        "full": agreeing.account_of(row, by=by) if by.may("returns.refund") else None,
        "problem": problem,
    }
    return render(request, "returns/tradein/one.html", context, status=problem.status if problem else 200)


@allow("returns.settle")
@require_POST
def price(request: HttpRequest, number: str) -> HttpResponse:
    """A person's sum, or no."""
    row, by = _find(request, number)
    try:
        amount = Decimal(0) if request.POST.get("act") == "refuse" else amount_in(request, "amount")
        if amount is None:
            raise BadInput(Reason("amount", _("A sum is an amount like 12.50."), "amount"))
        quoting.set_sum(row, amount=amount, words=text(request, "words"), by=by, at=clock.now())
    except DomainError as refusal:
        return _detail(request, row, by, problem=refusal)
    messages.success(request, _("It is written to whoever asked."))
    return HttpResponseRedirect(reverse("tradeins_one", args=[row.number]))


@allow("returns.receive", "returns.settle")
@require_POST
def identify(request: HttpRequest, number: str) -> HttpResponse:
    """Somebody saw the seller's document."""
    row, by = _find(request, number)
    try:
        buying.identify(
            row,
            document=request.POST.get("document", ""),
            number=text(request, "number", 40),
            country=text(request, "country", 2),
            of_age=request.POST.get("of_age") == "1",
            by=by,
            at=clock.now(),
        )
    except DomainError as refusal:
        return _detail(request, row, by, problem=refusal)
    messages.success(request, _("Noted. The purchase goes on by itself."))
    return HttpResponseRedirect(reverse("tradeins_one", args=[row.number]))


@allow("returns.approve")
@require_POST
def blocklist(request: HttpRequest) -> HttpResponse:
    """A list of blocked numbers replaces the last one of its name."""
    by, sent = gate.actor_for(request), request.FILES.get("file")
    try:
        if sent is None:
            raise BadInput(Reason("file", _("Choose a file."), "file"))
        done = blocking.import_list(
            sent.read(blocking.LONGEST + 1), source=text(request, "source", 60), by=by, at=clock.now()
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        told = {"listed": done.listed, "lifted": done.lifted, "refused": done.refused}
        messages.success(
            request, _("%(listed)s numbers are listed, %(lifted)s were lifted, %(refused)s rows hold no number.") % told
        )
    return HttpResponseRedirect(reverse("tradeins"))
