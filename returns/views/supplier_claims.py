"""Warranties of a unit on one panel, and claims to suppliers with their way from draft to money."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from returns.models import ClaimAsks, ClaimStatus, SupplierClaim
from returns.queries import claims as queries
from returns.services import supplier_claims as claims
from returns.views.common import text
from returns.views.tracing import unit_of
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import word
from revlog.devices.faces import face
from revlog.devices.models import Device
from revlog.devices.services import moves
from revlog.evidence.models import Attachment
from revlog.evidence.services import artifacts
from revlog.terms import queries as terms
from revlog.terms.models import WarrantyKind
from revlog.terms.services import warranties

LOOKS = {"draft": "coming", "sent": "work", "granted": "done", "partly": "done", "refused": "held", "withdrawn": "done"}
NOTED = (WarrantyKind.MAKER, WarrantyKind.EXTENDED, WarrantyKind.COMMERCIAL)
PROOFS = {"application/pdf", "image/jpeg", "image/png", "image/webp"}


def _suppliers(actor: Actor) -> QuerySet[Organization]:
    return Organization.objects.visible_to(actor).filter(kind=OrganizationKind.SUPPLIER).order_by("name")


def _supplier(request: HttpRequest, actor: Actor) -> Organization | None:
    return _suppliers(actor).filter(code=request.POST.get("supplier", "")).first()


def _amount(request: HttpRequest, name: str) -> Decimal:
    try:
        return Decimal(text(request, name, 20).replace(",", "."))
    except InvalidOperation:
        raise BadInput(Reason("amount", _("An amount is like 120.50."), name)) from None


# The panel --------------------------------------------------------------------------------------------------------------------------


@allow("devices.view")
@require_GET
def panel(request: HttpRequest, tag: str) -> HttpResponse:
    """What is promised for the unit, by whom, until when and by which proof; what was claimed; whether our repair lasted."""
    by = gate.actor_for(request)
    device = unit_of(tag, by)
    repeat = queries.repeat_of(device)
    context = {
        "device": device,
        "entitlements": [
            {
                "row": one.warranty,
                "kind": capfirst(word(one.warranty.kind)),
                "provider": one.provider,
                "source": {"rule": _("by rule"), "order": _("by its order"), "device": _("noted by hand")}[one.source],
                "in_force": one.in_force,
                "note": "" if one.passed_on else _("It ended when the unit was sold on."),
                "order": one.warranty.order_line.order if one.warranty.order_line and by.is_operator else None,
            }
            for one in terms.entitlements(device, at=clock.now())
        ],
        "claims": [_row(row) for row in queries.claims_of(device, by)],
        "repeat": repeat.payload if repeat is not None else None,
        "may_claim": by.may("returns.vendor"),
        "suppliers": _suppliers(by) if by.may("returns.vendor") else [],
        "kinds": [(one.value, capfirst(str(one.label))) for one in NOTED],
        "asks": [(one.value, capfirst(str(one.label))) for one in ClaimAsks],
        "evidence": Attachment.objects.filter(chain_id=device.pk, artifact__erased_at=None).order_by("-pk")[:30]
        if by.may("returns.vendor")
        else [],
        "today": clock.now().date().isoformat(),
    }
    return render(request, "returns/panels/warranty.html", context)


def _on_unit(request: HttpRequest, tag: str, act: Callable[[Device, Actor, datetime], str]) -> HttpResponse:
    by = gate.actor_for(request)
    device = unit_of(tag, by)
    try:
        with transaction.atomic():
            messages.success(request, act(device, by, clock.now()))
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(f"{reverse('unit', args=[device.tag])}?tab=origin")


@allow("returns.vendor")
@require_POST
def note_warranty(request: HttpRequest, tag: str) -> HttpResponse:
    """By hand with its document, or by the published rules."""

    def act(device: Device, by: Actor, at: datetime) -> str:
        try:
            begins = date.fromisoformat(text(request, "starts_on", 10))
        except ValueError:
            raise BadInput(Reason("starts_on", _("A day is written like 2026-11-02."), "starts_on")) from None
        taken = moves.take_one(device.pk)
        if request.POST.get("how") == "rule":
            made = warranties.note_by_rule(taken, starts_on=begins, by=by, at=at)
            return _("Noted until %s.") % made.ends_on.isoformat() if made else _("No rule gives a warranty for it.")
        kind, months, sent = request.POST.get("kind", ""), text(request, "months", 3), request.FILES.get("proof")
        if kind not in {one.value for one in NOTED}:
            raise BadInput(Reason("kind", _("Choose whose warranty it is."), "kind"))
        proof = None
        if sent is not None:
            media = str(sent.content_type or "")
            if media not in PROOFS:
                raise BadInput(Reason("proof", _("The document is a PDF or a picture."), "proof"))
            proof = (
                artifacts.keep_upload(sent, at=at)
                if media.startswith("image/")
                else artifacts.keep(sent.read(), media_type=media, at=at)
            )
        row = warranties.note(
            taken,
            WarrantyKind(kind),
            months=int(months) if months.isdecimal() else 0,
            starts_on=begins,
            provider=_supplier(request, by),
            reference=text(request, "reference", 60),
            proof=proof,
            transferable=request.POST.get("transferable") == "1",
            by=by,
            at=at,
        )
        if proof is not None:
            artifacts.attach(proof, chain=device.pk, use="warranty_proof", audience="staff", by=by, at=at)
        return _("Noted until %s.") % row.ends_on.isoformat()

    return _on_unit(request, tag, act)


@allow("returns.vendor")
@require_POST
def new_claim(request: HttpRequest, tag: str) -> HttpResponse:
    """Prepare a claim with the evidence that was ticked."""

    def act(device: Device, by: Actor, at: datetime) -> str:
        supplier = _supplier(request, by)
        if supplier is None:
            raise BadInput(Reason("supplier", _("Choose the supplier."), "supplier"))
        ticked = set(request.POST.getlist("evidence"))
        running = [one.warranty for one in terms.entitlements(device, at=at) if one.in_force]
        row = claims.draft(
            device,
            supplier=supplier,
            asks=request.POST.get("asks", ""),
            defect=text(request, "defect", 500),
            amount=_amount(request, "amount"),
            currency=device.currency,
            warranty=next(
                (one for one in running if one.kind in {"maker", "extended"}), running[0] if running else None
            ),
            evidence=[one for one in Attachment.objects.filter(chain_id=device.pk) if str(one.pk) in ticked],
            by=by,
            at=at,
        )
        return _("Claim %s is prepared; send it when it is complete.") % row.number

    return _on_unit(request, tag, act)


# Claims -----------------------------------------------------------------------------------------------------------------------------


def _row(row: SupplierClaim) -> dict[str, Any]:
    return {
        "claim": row,
        "url": reverse("supplier_claim", args=[row.number]),
        "look": LOOKS[row.status],
        "status": capfirst(word(f"claim.{row.status}")),
        "asks": capfirst(word(f"claim_asks.{row.asks}")),
        "late": row.status == ClaimStatus.SENT and row.answer_by is not None and row.answer_by < clock.now(),
    }


@allow("returns.vendor")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All claims, newest first, with tabs by status."""
    by = gate.actor_for(request)
    chosen = request.GET.get("status", "")
    url = reverse("supplier_claims")
    context = {
        "rows": [_row(row) for row in queries.claims(by, status=chosen)[:200]],
        "tabs": [
            {"label": label, "url": f"{url}?status={status}" if status else url, "active": status == chosen}
            for status, label in [
                ("", _("All")), *((one.value, capfirst(str(one.label))) for one in ClaimStatus),
            ]
        ],
    }  # fmt: skip
    return render(request, "returns/supplier_claims.html", context)


def _find(request: HttpRequest, number: str) -> tuple[SupplierClaim, Actor]:
    by = gate.actor_for(request)
    found = queries.claim(number, by)
    if found is None:
        raise Http404
    return found, by


@allow("returns.vendor")
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    row, by = _find(request, number)
    return _detail(request, row, by)


def _detail(request: HttpRequest, row: SupplierClaim, by: Actor, *, problem: DomainError | None = None) -> HttpResponse:
    names = people.names_of([one for one in (row.drafted_by, row.sent_by, row.answered_by) if one])
    device = Device.objects.select_related("location", "hub", "owner", "product").get(pk=row.device_id)
    context = {
        **_row(row),
        "face": face(device),
        "evidence": row.evidence.all(),
        "drafted_by": names.get(row.drafted_by, ""),
        "sent_by": names.get(row.sent_by, ""),
        "answered_by": names.get(row.answered_by, ""),
        "postings": device.postings.filter(key__startswith=f"claim:{row.pk}:").order_by("occurred_at", "key"),
        "problem": problem,
    }
    return render(request, "returns/supplier_claim.html", context, status=problem.status if problem else 200)


@allow("returns.vendor")
@require_POST
def act(request: HttpRequest, number: str) -> HttpResponse:
    """Send it, write the answer down, or withdraw it."""
    row, by = _find(request, number)
    chosen = request.POST.get("act", "")
    try:
        at = clock.now()
        if chosen == "send":
            claims.send(row, theirs=text(request, "theirs", 60), by=by, at=at)
        elif chosen == "answer":
            claims.answer(
                row, granted=_amount(request, "granted"), text=text(request, "text", 500),
                theirs=text(request, "theirs", 60), by=by, at=at,
            )  # fmt: skip
        elif chosen == "withdraw":
            claims.withdraw(row, reason=text(request, "reason"), by=by, at=at)
        else:
            raise BadInput(Reason("act", _("Choose what to do."), "act"))
    except DomainError as refusal:
        row.refresh_from_db(fields=["theirs", "answer"])
        return _detail(request, row, by, problem=refusal)
    messages.success(request, _("Kept."))
    return HttpResponseRedirect(reverse("supplier_claim", args=[row.number]))
