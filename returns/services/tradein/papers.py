"""The purchase document: who sold what for how much, and what they declared. Rendering, signing and numbering are evidence's."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns.models import Refund, RefundStatus, RmaUnit, TradeIn
from returns.policy import tradein as policy
from returns.services import approval
from returns.services.tradein import agreeing
from revlog.accounts import actors
from revlog.common import countries
from revlog.common.words import Audience, word
from revlog.custody.models import Entry
from revlog.evidence.models import Document
from revlog.evidence.pdf import contexts
from revlog.evidence.services import artifacts, documents
from revlog.evidence.services.documents import Draft

BY = actors.system("documents")


def prepare(row: TradeIn, entry: Entry, *, at: datetime) -> Draft | Document:
    """The document that follows from a purchase. Slow; for a worker. What the row keeps of it names no person."""
    rma = row.rma
    contact = row.contact

    def record(sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.PurchaseDocument:
        return _record(row, sheet, proof, at=entry.occurred_at)

    draft = documents.prepare(
        kind="purchase_document",
        cause=entry,
        record=record,
        by=BY,
        at=at,
        language=contact.language if contact is not None else "en",
        zone=rma.hub.zone if rma is not None else "UTC",
        owner=row.buyer_id,
        hub=rma.hub_id if rma is not None else None,
        key=f"purchase:{row.pk}",
    )
    if isinstance(draft, Document):
        return draft
    return replace(
        draft, context={**draft.context, "seller": {"name": "", "address_lines": [], "reference": "", "vat_id": ""}}
    )


def _record(row: TradeIn, sheet: contexts.Sheet, proof: contexts.Proof, *, at: datetime) -> contexts.PurchaseDocument:
    unit = RmaUnit.objects.select_related("device", "line").get(line__rma=row.rma_id)
    device = unit.device
    law = agreeing.law_for(row.country, hub=unit.line.rma.hub, at=row.accepted_at or at)
    refund = Refund.objects.filter(unit=unit).exclude(status=RefundStatus.REJECTED).first()
    why = " ".join(policy.told(str(part.get("why", ""))) for part in refund.deductions) if refund is not None else ""
    contact = row.contact
    language = contact.language if contact is not None else "en"
    names = device.identifiers.filter(scheme__in=["imei", "serial"]) if device is not None else []
    check = getattr(row, "identity", None)
    return contexts.PurchaseDocument(
        sheet=sheet,
        buyer=documents.party(row.buyer, language),
        seller=contexts.Party(
            name=(contact.name if contact is not None else "") or _("erased on request"),
            address_lines=(
                *(contact.address if contact is not None else []),
                countries.name(row.country, language),
            ),
        ),
        trade_in=row.number,
        description=row.what,
        tag=device.tag if device is not None else "",
        grade=device.grade if device is not None else "",
        serials=tuple(name.printed for name in names),
        promised=str(row.amount or Decimal(0)),
        amount=str(row.paid_amount or Decimal(0)),
        currency=row.currency,
        bought_at=(row.bought_at or at).astimezone(UTC).isoformat(),
        paid_by=_paid_by(row),
        vat=word(f"vat.{row.vat_origin}", Audience.CUSTOMER),
        identity=_("%(document)s, looked at by %(who)s")
        % {"document": word(f"document.{check.document}"), "who": documents.staff_of(check.checked_by)}
        if check is not None
        else "",
        declaration=policy.told(law.declaration),
        declared_at=(row.declared_at or at).astimezone(UTC).isoformat(),
        proof=proof,
        why=why,
        hold_until=row.hold_until.astimezone(UTC).isoformat() if row.hold_until else "",
    )


def _paid_by(row: TradeIn) -> str:
    """How it is paid; given away, to whom, and that it is the seller's gift. It says nothing of taxes."""
    if row.charity is None:
        return word(f"payout.{row.payout}", Audience.CUSTOMER)
    told = {"name": row.charity.organization.name}
    return _("bank transfer to %(name)s, as the seller's own gift. This is no receipt for the tax office.") % told


def issue(pk: uuid.UUID, draft: Draft | Document) -> TradeIn:
    """The document, and the trade-in that points to it, in one transaction."""
    with transaction.atomic():
        rma = TradeIn.objects.values_list("rma", flat=True).get(pk=pk)
        if rma is not None:
            approval.lock(rma)
        row = TradeIn.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
        if row.document_id is None:
            row.document = documents.finish(draft)
            row.save(update_fields=["document"])
    return row


def forget(row: TradeIn, *, at: datetime) -> bool:
    """The years are over for which the law asks to keep it: the file goes, its number and digest stay."""
    if row.document is None or row.document.artifact.erased_at is not None:
        return False
    artifacts.erase(row.document.artifact, why="kept as long as the law asked", at=at)
    return True
