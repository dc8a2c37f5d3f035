"""The letter of a claim to a carrier, from its rows. Rendering, signing and numbering are evidence's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from django.db import transaction
from django.utils import translation

from revlog.accounts.actors import system
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.evidence.models import Document
from revlog.evidence.pdf import contexts
from revlog.evidence.pdf.contexts.claims import ClaimKind, Regime
from revlog.evidence.pdf.pictures import small
from revlog.evidence.services import artifacts, documents
from revlog.evidence.services.documents import Draft
from revlog.logistics.facts import claims as facts
from revlog.logistics.models import CarrierClaim

BY = system("documents")
MOST_PHOTOS = 3
BOX = (900, 800)


def prepare(entry: Entry, *, at: datetime) -> Draft | Document:
    """The letter that follows from filing a claim, up to that entry. Slow; for a worker."""
    rows = CarrierClaim.objects.select_related(
        "carrier__organization", "contract", "shipment", "parcel", "delivery__document", "hub__organization"
    )
    claim = rows.get(pk=entry.chain_id)
    reader = claim.carrier.organization

    def record(sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.ClaimLetter:
        return _record(claim, sheet, proof)

    return documents.prepare(
        kind="claim_letter", cause=entry, record=record, by=BY, at=at, language=reader.language if reader else "en",
        zone=claim.hub.zone, owner=reader.pk if reader else claim.hub.organization_id, hub=claim.hub_id,
    )  # fmt: skip


def issue(claim: CarrierClaim, draft: Draft | Document, *, at: datetime) -> Document:
    """The letter is made, once, and the claim's chain says so."""
    with transaction.atomic():
        made = documents.finish(draft)
        fact = facts.CarrierClaimWritten(number=claim.number, document=str(made.pk), letter=made.number)
        ledger.append(
            claim.pk,
            fact,
            by=BY,
            at=at,
            key=f"claim_letter:{made.pk}",
            owner=claim.hub.organization_id,
            hub=claim.hub_id,
        )
    return made


def _record(claim: CarrierClaim, sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.ClaimLetter:
    hub, delivery, company = claim.hub, claim.delivery, claim.carrier.organization
    carrier = contexts.Party(name=claim.carrier.name, reference=claim.contract.reference)
    if company is not None:
        carrier = documents.party(company, translation.get_language() or "en", reference=claim.contract.reference)
    papers = ""
    if delivery is not None:
        papers = delivery.document.number if delivery.document is not None else delivery.number
    shown = claim.evidence.filter(media_type__startswith="image/", erased_at=None).order_by("created_at", "digest")
    return contexts.ClaimLetter(
        sheet=sheet,
        claim=claim.number,
        carrier=carrier,
        sender=contexts.Party(name=f"{hub.organization.name}, {hub.name}", address_lines=tuple(hub.address)),
        kind=cast("ClaimKind", claim.kind),
        text=claim.text,
        parcel=claim.parcel.tracking if claim.parcel is not None else "",
        shipment=claim.shipment.number,
        papers=papers,
        since=_told(claim.since),
        told_at=_told(claim.filed_at or claim.drafted_at),
        told_by=_told(claim.notice_by),
        filed_by=contexts.Person(staff=documents.staff_of(claim.filed_by), role="manager"),
        grams=claim.grams,
        value=str(claim.value),
        regime=cast("Regime", claim.regime),
        sdr_per_kg=f"{claim.sdr_per_kg.normalize():f}",
        sdr_rate=f"{claim.sdr_rate.normalize():f}",
        limit=str(claim.limit),
        claimed=str(claim.claimed),
        currency=claim.contract.currency,
        pictures=tuple(
            contexts.ClaimPicture(source=small(artifacts.read(one), BOX), digest=one.digest)
            for one in shown[:MOST_PHOTOS]
        ),
        proof=proof,
    )


def _told(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
