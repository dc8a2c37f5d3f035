"""The desk: one return with its acts."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from returns import deductions, proof, queries, reasons, telling
from returns.forms import AcceptForm
from returns.models import (
    Approval,
    Kind,
    Refund,
    RefundMethod,
    RefundStatus,
    Rma,
    RmaStatus,
    RmaUnit,
    TradeIn,
    UnitStatus,
)
from returns.policy import explaining
from returns.policy.explaining import Explanation
from returns.queries import accounted, inbox
from returns.services import accepting, approval, closing, deducting, foreseeing, letters, overriding, owing, refunds
from returns.services.fraud import assessing
from returns.views import closer, customers, desk_shapes, offered, panels, way_panel
from returns.views.common import face, text
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.looks import look_of
from revlog.common.templatetags.ui import money, percent
from revlog.common.words import Audience, word
from revlog.devices import complaints
from revlog.terms import queries as terms

LOOKS = {
    "requested": "work",
    "approved": "coming",
    "handed_over": "coming",
    "arrived": "here",
    "closed": "done",
    "refused": "held",
    "cancelled": "done",
    "expired": "held",
}


def find(request: HttpRequest, number: str) -> tuple[Rma, Actor]:
    by = gate.actor_for(request)
    rma = get_object_or_404(
        Rma.objects.visible_to(by).select_related("seller", "hub__organization", "order", "contact"), number=number
    )
    return rma, by


@allow("returns.view")
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    rma, by = find(request, number)
    return show(request, rma, by)


def show(request: HttpRequest, rma: Rma, by: Actor, *, problem: DomainError | None = None) -> HttpResponse:
    at = clock.now()
    lines = queries.lines_of(rma)
    pointed = complaints.pointed_to([line.pk for line in lines]) if by.is_operator else {}
    explained = explaining.explained(lines, risk=assessing.may_see(by), worth=by.is_operator)
    approvals = list(rma.approvals.all())
    open_troubles = list(rma.discrepancies.filter(resolved_at=None).select_related("device", "parcel"))
    context = {
        "rma": rma,
        "look": LOOKS[rma.status],
        "status": word(f"rma.{rma.status}"),
        "saying": telling.saying(rma, day=lambda moment: letters.day(moment, rma.hub.zone)),
        "lines": [
            _line(line, by, explained[line.pk]) | {"pointed": _pointed(pointed.get(line.pk, ()))} for line in lines
        ],
        "troubles": [
            {
                "sentence": inbox.sentence_of(row),
                "url": reverse("returns_trouble", args=[row.pk]),
                "kind": word(row.kind),
            }
            for row in open_troubles
        ],
        "parcels": [
            {
                "tracking": link.parcel.tracking,
                "status": word(f"parcel.{link.parcel.status}"),
                "at": link.parcel.arrived_at,
                "label": link.label_id is not None,
                "grams": link.parcel.grams,
            }
            for link in rma.parcel_links.select_related("parcel").order_by("added_at", "id")
        ],
        "missing": accounted.shown(rma, lines),
        "story": _story(rma, by),
        "support_cases": desk_shapes.cases_of(rma, by),
        "sums": _money(rma, lines),
        "risk": closer.panel(rma, by),
        "may_weigh": by.may("returns.receive") and rma.is_open,
        "may_label": by.is_operator and by.may("returns.receive") and rma.hub_id in by.hubs,
        "messages_sent": terms.messages_about([f"rma:{rma.pk}"]) if by.may("messages.view") else [],
        "may_decide": rma.status == RmaStatus.REQUESTED and by.may("returns.approve"),
        "decide_reasons": [reason.sentence for reason in approval.reasons_against_deciding(rma, by=by)]
        if rma.status == RmaStatus.REQUESTED
        else [],
        "approve_reasons": [reason.sentence for reason in approval.reasons_against_approving(rma, by=by)]
        if rma.status == RmaStatus.REQUESTED
        else [],
        "approvals": _approvals(approvals),
        "step": len(approvals) + 1,
        "steps": max(rma.steps, 1),
        "may_cancel": by.may("returns.approve") and not approval.reasons_against_cancelling(rma, by=by),
        "may_give_up": by.may("returns.approve")
        and not closing.reasons_against_giving_up(rma, by=by, at=at)
        and RmaUnit.objects.filter(line__rma=rma, status=UnitStatus.EXPECTED).exists(),
        **customers.context(request, rma, lines, by),
        "opened_by": people.names_of([rma.opened_by]).get(rma.opened_by) or _("the customer"),
        "link": letters.link(rma, at=at) if by.may("messages.send") and by.is_operator else "",
        "problem": problem,
        "is_claim": rma.kind == Kind.CLAIM,
        "trade_in": TradeIn.objects.filter(rma=rma).first() if rma.kind == Kind.TRADE else None,
        **panels.for_desk(rma, by),
        **way_panel.panel(rma, by),
    }
    return render(request, "returns/detail.html", context, status=problem.status if problem else 200)


def _approvals(given: Sequence[Approval]) -> list[dict[str, Any]]:
    names = people.names_of([one.approved_by for one in given])
    return [{"step": one, "who": names.get(one.approved_by, one.approved_by)} for one in given]


def _pointed(found: complaints.Pointed) -> str:
    """The faults that the customer's words point to, likeliest first; empty where they point to none."""
    return ", ".join(f"{word(code)} ({percent(share)})" for code, share in found)


def _line(line: Any, by: Actor, explained: Explanation) -> dict[str, Any]:  # noqa: ANN401
    sold = line.order_line
    return {
        "line": line,
        "name": sold.description if line.quantity == 1 else f"{line.quantity} × {sold.description}",
        "kind": sold.device_class,
        "sku": sold.sku,
        "order": sold.order,
        "reason": word(f"reason.{line.reason}"),
        "wanted": word(f"wanted.{line.wanted}"),
        "instead": str(line.new_variant) if line.new_variant is not None else "",
        "goods": "" if line.comes_back else word(f"goods.{line.goods}"),
        "explained": explained,
        "override": overridden(line),
        "foreseen": _foreseen(line) if by.is_operator else None,
        "may_foresee": by.is_operator and line.rma.kind != Kind.TRADE,
        "serials": sold.serials,
        "settled": word(line.settled_as) if line.settled_as else "",
        "confirmed": word(f"reason.{line.confirmed_reason}") if line.confirmed_reason else "",
        "may_find": found_choices(line) if by.may("returns.settle") and line.settled_at is None else [],
        "units": [_unit(unit, by) for unit in line.units.all()],
    }


def _foreseen(line: Any) -> dict[str, Any] | None:  # noqa: ANN401
    """What was foretold when it was decided, in short."""
    kept = foreseeing.of_line(line.decision)
    if not kept:
        return None
    left = Decimal(str(kept["left"]))
    return {"left": money(left, str(kept["currency"])), "worth": left > 0}


def overridden(line: Any) -> dict[str, Any] | None:  # noqa: ANN401
    """Who overrode the rules for a line, why, and what it gives beyond them; None where nobody did."""
    kept = overriding.of_line(line)
    if not kept:
        return None
    waived = Decimal(str(kept["fee_waived"]))
    return {
        "who": people.who(str(kept["by"])),
        "why": kept["why"],
        "was": explaining.name_of(str(kept["was"])),
        "value": money(Decimal(str(kept["value"])), line.currency),
        "fee": money(waived, line.currency) if waived else "",
        "above": kept["above"],
    }


def found_choices(line: Any) -> list[tuple[str, list[tuple[str, str, bool]]]]:  # noqa: ANN401
    """What a line's reason may have been found to be, in groups, with the customer's own chosen until somebody says more."""
    if not any(unit.received_at for unit in line.units.all()):
        return []
    chosen = line.confirmed_reason or line.reason
    return [
        (str(reasons.GROUP_WORDS[group]), [(code, str(told), code == chosen) for code, told in codes.items()])
        for group, codes in reasons.GROUPS.items()
        if group == "confirmed" or group in reasons.ASKED
    ]


def _unit(unit: RmaUnit, by: Actor) -> dict[str, Any]:
    device = unit.device
    standing = [row for row in unit.refunds.all() if row.status != RefundStatus.REJECTED]
    may_settle = by.may("returns.settle") and device is not None and unit.status == UnitStatus.RECEIVED
    waiting = next((row for row in standing if row.status == RefundStatus.PROPOSED), None)
    refund = waiting or (standing[0] if standing else None)
    proposed = refund is not None and refund.status == RefundStatus.PROPOSED
    proposal = (
        deducting.propose(unit, device, at=clock.now())
        if may_settle and device is not None and unit.line.wanted in owing.PAID_BACK
        else deductions.Proposal()
    )
    return {
        "unit": unit,
        "proof": proof.of(unit, Audience.STAFF),
        "talk": offered.for_desk(unit, unit.line.rma, by=by, at=clock.now()),
        "proposed": f"{proposal.total:.2f}" if proposal.total else "0",
        "proposed_why": deducting.words_of(proposal),
        "face": face(device, linked=by.may("devices.view")) if device is not None else None,
        "status": word(f"rma_unit.{unit.status}"),
        "worth": money(owing.worth(unit), unit.line.currency),
        "refund": refund,
        "refund_words": word(f"refund.{refund.status}") if refund else "",
        "may_accept": may_settle and unit.line.wanted != "repair",
        "may_refuse": may_settle,
        "accept_reasons": [reason.sentence for reason in accepting.reasons_against_accepting(unit, device)]
        if may_settle and device is not None and unit.line.wanted != "repair"
        else [],
        "may_approve": proposed and by.may("returns.refund"),
        "approve_reasons": [reason.sentence for reason in refunds.reasons_against_approving(refund, by=by)]
        if refund is not None and proposed and by.may("returns.refund")
        else [],
        "may_propose": by.may("returns.settle")
        and unit.status == UnitStatus.ACCEPTED
        and unit.line.wanted in owing.PAID_BACK
        and refund is None,
    }


def _story(rma: Rma, by: Actor) -> list[dict[str, Any]]:
    told = closer.readable(telling.story(rma, Audience.STAFF), by)
    names = people.names_of({one.entry.actor for one in told})
    return [
        {
            "what": one.sentence,
            "detail": one.unit,
            "at": one.entry.occurred_at,
            "by": names.get(
                one.entry.actor, _("Revlog") if one.entry.actor.startswith("system:") else _("the customer")
            ),
            "look": look_of(one.entry.payload["state_to"]).value if one.entry.payload.get("state_to") else "",
        }
        for one in reversed(told)
    ]


def _money(rma: Rma, lines: list[Any]) -> dict[str, Any]:
    rows, total = [], Decimal(0)
    for line in lines:
        for row in line.refunds.all():
            how = f" · {word('refund_method.credit')}" if row.method == RefundMethod.CREDIT else ""
            rows.append(
                {
                    "label": f"{line.order_line.description}{how} · {word(f'refund.{row.status}')}",
                    "amount": money(row.amount, row.currency),
                    "reason": row.why,
                }
            )
            total += row.amount if row.status == RefundStatus.PAID else Decimal(0)
    return {"lines": rows, "total_label": _("Paid"), "total": money(total, rma.currency)}


def act(request: HttpRequest, number: str, verb: Callable[[Rma, Actor, datetime], object], done: str) -> HttpResponse:
    """One call into a verb; a refusal is shown on the return's own page, with its status."""
    rma, by = find(request, number)
    try:
        verb(rma, by, clock.now())
    except DomainError as refusal:
        return show(request, rma, by, problem=refusal)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("returns_rma", args=[number]))


@allow("returns.approve")
@require_POST
def approve(request: HttpRequest, number: str) -> HttpResponse:
    why = text(request, "reason")
    rma, _by = find(request, number)
    last = rma.approvals.count() + 1 >= max(rma.steps, 1)
    done = _("Approved.") if last else _("Approved. Another person has to approve it too.")
    return act(request, number, lambda rma, by, at: approval.approve(rma, why=why, by=by, at=at), done)


@allow("returns.approve")
@require_POST
def refuse(request: HttpRequest, number: str) -> HttpResponse:
    why = text(request, "reason")
    return act(request, number, lambda rma, by, at: approval.refuse(rma, reason=why, by=by, at=at), _("Refused."))


@allow("returns.approve", "returns.open")
@require_POST
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, lambda rma, by, at: approval.cancel(rma, by=by, at=at), _("Called off."))


@allow("returns.approve", "returns.receive")
@require_POST
def give_up(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, lambda rma, by, at: closing.give_up(rma, by=by, at=at), _("Given up."))


def unit_named(rma: Rma, key: str) -> RmaUnit:
    try:
        return RmaUnit.objects.select_related("line__rma", "device").get(pk=uuid.UUID(key), line__rma=rma)
    except (ValueError, RmaUnit.DoesNotExist):
        raise Http404 from None


@allow("returns.settle")
@require_POST
def accept_unit(request: HttpRequest, number: str) -> HttpResponse:
    def verb(rma: Rma, by: Actor, at: datetime) -> object:
        form = AcceptForm(request.POST)
        if not form.is_valid():
            raise BadInput(Reason("deduction", _("A deduction is an amount like 12.50."), "deduction"))
        less, why = form.cleaned_data["deduction"] or Decimal(0), form.cleaned_data["why"]
        unit = unit_named(rma, request.POST.get("unit", ""))
        parts = deducting.parts_for(unit, unit.device, deduction=less, why=why, at=at) if less and unit.device else ()
        return accepting.accept(unit, deduction=less, why=why, deductions=parts, by=by, at=at)

    return act(request, number, verb, _("Accepted."))


@allow("returns.settle")
@require_POST
def found(request: HttpRequest, number: str) -> HttpResponse:
    """What the reason was found to be."""

    def verb(rma: Rma, by: Actor, at: datetime) -> object:
        line = (
            rma.lines.filter(position__in=[int(told)]).first() if (told := text(request, "line", 5)).isdigit() else None
        )
        if line is None:
            raise Http404
        return deducting.confirm_reason(line, reason=request.POST.get("reason", ""), by=by, at=at)

    return act(request, number, verb, _("Kept."))


@allow("returns.settle")
@require_POST
def propose(request: HttpRequest, number: str) -> HttpResponse:
    def verb(rma: Rma, by: Actor, at: datetime) -> object:
        form = AcceptForm(request.POST)
        if not form.is_valid():
            raise BadInput(Reason("deduction", _("A deduction is an amount like 12.50."), "deduction"))
        told = form.cleaned_data
        unit = unit_named(rma, request.POST.get("unit", ""))
        return refunds.propose_refund(unit, deduction=told["deduction"] or Decimal(0), why=told["why"], by=by, at=at)

    return act(request, number, verb, _("Proposed."))


@allow("returns.settle")
@require_POST
def refuse_unit(request: HttpRequest, number: str) -> HttpResponse:
    why = text(request, "reason")
    return act(
        request,
        number,
        lambda rma, by, at: accepting.refuse_unit(
            unit_named(rma, request.POST.get("unit", "")), reason=why, by=by, at=at
        ),
        _("It goes back to the customer."),
    )


@allow("returns.refund")
@require_POST
def decide_refund(request: HttpRequest, number: str) -> HttpResponse:
    """A second person approves or rejects what was proposed."""

    def verb(rma: Rma, by: Actor, at: datetime) -> object:
        key = request.POST.get("refund", "")
        try:
            refund = Refund.objects.get(pk=uuid.UUID(key), line__rma=rma)
        except (ValueError, Refund.DoesNotExist):
            raise Http404 from None
        if request.POST.get("act") == "approve":
            return refunds.approve_refund(refund, by=by, at=at)
        return refunds.reject_refund(refund, why=text(request, "reason"), by=by, at=at)

    return act(request, number, verb, _("Decided."))
