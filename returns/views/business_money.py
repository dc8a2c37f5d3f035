"""Disputed lines and what is credited: a thread with evidence and its decision, a memo with its approval and corrections."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from returns.models import BusinessCase, Dispute, DisputeEnd, DisputeNote, Memo, MemoKind
from returns.services.business import comparing, correcting, disputes, issuing, memos, taxes
from returns.services.business.correcting import Correction
from returns.views.business import MATCH_LOOKS, whole
from returns.views.common import text
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import word
from revlog.evidence.services import artifacts


def _amount(request: HttpRequest, name: str) -> Decimal | None:
    told = text(request, name, 20)
    if not told:
        return None
    try:
        found = Decimal(told)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise BadInput(Reason(name, _("“%s” is no amount; write it like 12.50.") % told, name))
    return found


# Disputes ---------------------------------------------------------------------------------------------------------------------------


def _dispute(request: HttpRequest, pk: uuid.UUID) -> tuple[Dispute, Actor]:
    by = gate.actor_for(request)
    rows = Dispute.objects.filter(line__line__rma__business__in=BusinessCase.objects.visible_to(by))
    rows = rows.select_related("line__line__order_line", "line__line__rma__business__customer", "line__line__rma__hub")
    return get_object_or_404(rows, pk=pk), by


@allow("returns.view", "client.request")
@require_http_methods(["GET", "HEAD", "POST"])
def dispute(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One disputed line: the sums, what both sides say, and the decision."""
    row, by = _dispute(request, pk)
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            return _answer_or_decide(request, row, by)
        except DomainError as refusal:
            problem = refusal
    line, case = row.line.line, row.line.line.rma.business
    match = next(one for one in comparing.rows_of(case, at=clock.now()) if one.line.pk == line.pk)
    notes = list(row.notes.all())
    names = people.names_of({note.written_by for note in notes} | {row.decided_by} - {""})
    internal = by.is_operator or by.organization_id == line.rma.seller_id
    context = {
        "dispute": row,
        "line": line,
        "case": case,
        "match": match,
        "counts": [
            (word(f"condition.{name}"), match.found.conditions.get(name, 0))
            for name in ("good", "damaged", "wrong", "expired")
        ],
        "why": [word(f"differs.{code}") for code in row.why],
        "look": MATCH_LOOKS[match.own.status],  # type: ignore[index]
        "status": word(f"match.{match.own.status}"),
        "notes": [
            {
                "note": note,
                "who": case.customer.name
                if note.by_customer
                else (names.get(note.written_by) if internal else line.rma.seller.name) or line.rma.seller.name,
                "photo": reverse("business_evidence", args=[note.pk]) if note.artifact_id else "",
            }
            for note in notes
        ],
        "decided_by": names.get(row.decided_by, "") if internal else line.rma.seller.name,
        "ended_as": word(f"dispute.{row.ended_as}") if row.ended_as else "",
        "may_answer": not disputes.reasons_against_answering(row, by=by),
        "may_decide": by.may("returns.settle") and internal and row.decided_at is None,
        "decide_reasons": [reason.sentence for reason in disputes.reasons_against_deciding(row, by=by)]
        if by.may("returns.settle")
        else [],
        "ends": [(end.value, word(f"dispute.{end.value}")) for end in DisputeEnd],
        "problem": problem,
    }
    return render(request, "returns/business_dispute.html", context, status=problem.status if problem else 200)


def _answer_or_decide(request: HttpRequest, row: Dispute, by: Actor) -> HttpResponse:
    at = clock.now()
    if request.POST.get("act") == "decide":
        told = text(request, "end", 10)
        if told not in DisputeEnd.values:
            raise BadInput(Reason("end", _("Say what counts."), "end"))
        disputes.decide(
            row, DisputeEnd(told), amount=_amount(request, "amount"), reason=text(request, "reason"), by=by, at=at
        )
        messages.success(request, _("Decided."))
    else:
        file = request.FILES.get("photo")
        artifact = artifacts.keep_upload(file, at=at) if file is not None else None
        written = "".join(letter for letter in request.POST.get("text", "") if letter.isprintable() or letter == "\n")
        disputes.answer(row, text=written, artifact=artifact, by=by, at=at)
        messages.success(request, _("Written down."))
    return HttpResponseRedirect(reverse("business_dispute", args=[row.pk]))


@allow("returns.view", "client.request")
@require_http_methods(["GET", "HEAD"])
def evidence(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A photo that was sent in a dispute."""
    by = gate.actor_for(request)
    rows = DisputeNote.objects.filter(dispute__line__line__rma__business__in=BusinessCase.objects.visible_to(by))
    note = get_object_or_404(rows.select_related("artifact"), pk=pk)
    if note.artifact is None:
        raise Http404
    answer = HttpResponse(artifacts.read(note.artifact), content_type="image/jpeg")
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


# Memos ------------------------------------------------------------------------------------------------------------------------------


@allow("returns.view", "client.request")
@require_http_methods(["GET", "HEAD", "POST"])
def memo(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One credit memo or debit note: its lines, its approval, its document, what corrects it, against what it was set."""
    by = gate.actor_for(request)
    rows = Memo.objects.filter(rma__business__in=BusinessCase.objects.visible_to(by))
    row = get_object_or_404(
        rows.select_related("rma__business__customer", "rma__seller", "document", "corrects__document"), pk=pk
    )
    internal = by.is_operator or by.organization_id == row.rma.seller_id
    if not internal and row.document_id is None:
        raise Http404
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            verb = _memo_act(request, row)
            done = verb(by, clock.now())
        except DomainError as refusal:
            problem = refusal
        else:
            messages.success(request, _("Done."))
            return HttpResponseRedirect(reverse("business_memo", args=[done.pk]))
    lines = list(row.lines.select_related("line__line__order_line__order").order_by("line__line__position"))
    sums = taxes.sums(lines)
    names = people.names_of({row.proposed_by, row.approved_by, row.settled_by} - {""})
    context = {
        "memo": row,
        "case": row.rma.business,
        "rma": row.rma,
        "kind": word(f"memo.{row.kind}"),
        "status": word(f"memo.{row.status}"),
        "look": {"proposed": "work", "due": "work", "issued": "ready", "settled": "done"}.get(row.status, "held"),
        "lines": lines,
        "taxed": any(one.treatment.tax for one in sums),
        "sums": [
            {
                "name": word(f"tax.{one.treatment.tax}") if one.treatment.tax else _("not told"),
                "rate": one.treatment.rate,
                "net": one.net,
                "tax": one.tax,
                "gross": one.gross,
            }
            for one in sums
        ],
        "invoices": sorted({one.line.line.order_line.order.invoice_number for one in lines} - {""}),
        "corrections": list(row.corrections.select_related("document")),
        "proposed_by": names.get(row.proposed_by) or _("the rules"),
        "approved_by": names.get(row.approved_by) or (_("the rules") if row.approved_by else ""),
        "settled_by": names.get(row.settled_by, ""),
        "internal": internal,
        "may_approve": internal and row.status == "proposed" and by.may("returns.refund"),
        "approve_reasons": [reason.sentence for reason in memos.reasons_against_approving(row, by=by)]
        if row.status == "proposed"
        else [],
        "may_settle": internal and row.status == "issued" and by.may("returns.refund"),
        "may_correct": internal
        and row.status in {"issued", "settled"}
        and row.corrects_id is None
        and by.may("returns.settle"),
        "key": uuid.uuid4().hex,
        "problem": problem,
    }
    return render(request, "returns/business_memo.html", context, status=problem.status if problem else 200)


def _memo_act(request: HttpRequest, row: Memo) -> Callable[[Actor, datetime], Memo]:
    name = request.POST.get("act", "")
    if name == "approve":
        return lambda by, at: memos.approve(row, by=by, at=at)
    if name == "reject":
        return lambda by, at: memos.reject(row, by=by, at=at)
    if name == "settle":
        return lambda by, at: issuing.settle(row, reference=text(request, "reference", 80), by=by, at=at)
    if name in {"credit", "debit"}:
        told = Correction(
            position=whole(request, "line"),
            amount=_amount(request, "amount") or Decimal(0),
            quantity=whole(request, "quantity"),
        )
        key = text(request, "key", 80) or uuid.uuid4().hex
        why = text(request, "why")
        return lambda by, at: correcting.correct(row, MemoKind(name), [told], why=why, key=key, by=by, at=at)
    raise BadInput(Reason("act", _("Say what is to be done."), "act"))
