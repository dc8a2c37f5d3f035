"""What the certificate of recycling says of a closed batch. Rendering, signing and numbering are evidence's."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import Count, Sum

from recycling import queries
from recycling.models import Batch
from recycling.streams import STREAMS, TREATMENTS
from revlog.accounts.actors import system
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.devices.classes import of
from revlog.evidence.models import Document
from revlog.evidence.pdf import contexts
from revlog.evidence.services import documents
from revlog.evidence.services.documents import Draft


def prepare(entry: Entry, *, at: datetime) -> Draft | Document:
    """The certificate that follows from the closing of a batch, up to that entry."""
    batch = Batch.objects.select_related("hub").get(pk=entry.chain_id)

    def record(sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.CertificateOfRecycling:
        return _record(batch, entry, sheet, proof)

    return documents.prepare(
        kind="certificate_of_recycling",
        cause=entry,
        record=record,
        by=system("documents"),
        at=at,
        zone=batch.hub.zone,
        owner=entry.owner_id,
        hub=batch.hub_id,
    )


def _record(
    batch: Batch, entry: Entry, sheet: contexts.Sheet, proof: contexts.Proof
) -> contexts.CertificateOfRecycling:
    balance = batch.balance()
    return contexts.CertificateOfRecycling(
        sheet=sheet,
        client=None,
        batch=batch.number,
        site=batch.hub.name,
        permit="",
        opened_at=batch.opened_at.astimezone(UTC).isoformat(),
        closed_at=entry.occurred_at.astimezone(UTC).isoformat(),
        received=_received(batch),
        fractions=tuple(
            contexts.Fraction(
                description=word(row.stream),
                waste_code=STREAMS[row.stream].waste_code,
                grams=row.grams,
                operation=row.treatment,
                interim=TREATMENTS[row.treatment].interim,
                receiver=row.vendor.name,
                permit="",
                load=row.load,
            )
            for row in batch.fractions.select_related("vendor")
        ),
        balance=contexts.Balance(
            opening_grams=balance.opening,
            received_grams=balance.received,
            fractions_grams=balance.out,
            loss_grams=balance.loss,
            closing_grams=balance.closing,
            recovered=str(queries.recovered(batch)),
        ),
        proof=proof,
        signatures=(
            contexts.Signature(
                act="approved",
                person=contexts.Person(staff=documents.staff_of(batch.closed_by), role="lead"),
                at=entry.occurred_at.astimezone(UTC).isoformat(),
            ),
        ),
    )


def _received(batch: Batch) -> tuple[contexts.Received, ...]:
    """What came in, by class: the batch was weighed as a whole, so its weight is one line and the classes are told in it."""
    classes = (
        batch.members.filter(left_at=None)
        .values("device__device_class")
        .annotate(pieces=Count("pk"), grams=Sum("grams"))
        .order_by("device__device_class")
    )
    told = ", ".join(f"{row['pieces']} × {of(row['device__device_class']).label}" for row in classes)
    label = word(batch.stream)
    return (
        contexts.Received(
            description=f"{label} ({told})" if told else label,
            waste_code=STREAMS[batch.stream].waste_code,
            pieces=sum(row["pieces"] for row in classes) or None,
            grams=batch.received_grams or 0,
        ),
    )
