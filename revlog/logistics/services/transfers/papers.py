"""The handover paper of a shipment of a transfer, from its rows: when it left, and again, with both signatures, when it was taken in.

Rendering, signing and numbering are evidence's.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction

from revlog.accounts.actors import system
from revlog.accounts.models import Hub
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.evidence.models import Artifact, Document
from revlog.evidence.pdf import contexts
from revlog.evidence.services import artifacts, documents
from revlog.evidence.services.documents import Draft
from revlog.logistics.facts import transfers as facts
from revlog.logistics.models import Cargo, CargoStatus, Consignment, Leg, Transfer
from revlog.logistics.services.transfers import common


def of(entry: Entry) -> Consignment:
    """The shipment that an entry of a transfer's chain is about."""
    return Consignment.objects.select_related(
        "transfer__origin__organization", "transfer__destination__organization", "transfer__receiver", "transfer__giver",
        "signature", "taker_signature", "shipment",
    ).get(transfer=entry.chain_id, shipment__number=entry.payload["shipment"])  # fmt: skip


def prepare(entry: Entry, *, at: datetime) -> Draft | Document:
    """The paper that follows from releasing a shipment or taking it in, up to that entry. Slow; for a worker."""
    made = of(entry)
    transfer = made.transfer
    taken_in = entry.kind == facts.TransferTakenIn.kind

    def record(sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.HandoverPaper:
        return _record(made, 0 if taken_in else int(entry.payload["left"]), sheet, proof, taken_in=taken_in)

    return documents.prepare(
        kind="handover_paper",
        cause=entry,
        record=record,
        by=system("documents"),
        at=at,
        zone=transfer.origin.zone,
        owner=transfer.origin.organization_id,
        hub=transfer.origin_id,
    )


def issue(made: Consignment, draft: Draft | Document, *, taken_in: bool = False) -> Document:
    """The paper is made, once, and stands on its shipment."""
    with transaction.atomic():
        done = documents.finish(draft)
        name = "receipt" if taken_in else "document"
        Consignment.objects.filter(pk=made.pk, **{name: None}).update(**{name: done})
    return done


def _record(
    made: Consignment,
    left: int,
    sheet: contexts.Sheet,
    proof: contexts.Proof,
    *,
    taken_in: bool,
) -> contexts.HandoverPaper:
    transfer = made.transfer
    things = list(made.shipment.cargo.exclude(released_entry="").select_related("container", "device").order_by("id"))
    legs = list(made.shipment.legs.select_related("carrier").order_by("number"))
    released = made.released_at or transfer.created_at
    return contexts.HandoverPaper(
        sheet=sheet,
        transfer=transfer.number,
        shipment=made.shipment.number,
        giver=_giver(transfer),
        receiver=_receiver(transfer),
        carrier=legs[0].carrier.name if legs else "",
        released_at=released.astimezone(UTC).isoformat(),
        things=tuple(
            contexts.HandedOver(code=one.code, units=one.units, seals=", ".join(one.seals), root=one.released_entry)
            for one in things
        ),
        total=sum(one.units for one in things),
        left=left,
        legs=tuple(_stretch(one) for one in legs),
        given_by=contexts.Person(staff=documents.staff_of(made.released_by), role="receiver")
        if transfer.giver is None
        else None,
        given_signature=_picture(made.signature) if transfer.giver is not None else "",
        signature=_picture(made.signature) if transfer.giver is None else "",
        unsigned=made.unsigned_why,
        taken=_taken(made, things) if taken_in else None,
        proof=proof,
    )


def _taken(made: Consignment, things: Sequence[Cargo]) -> contexts.HandoverTaken:
    """The other half: what came, what was not as it was released, and who signed for it."""
    rows = made.shipment.discrepancies.order_by("kind", "code")
    came = [one for one in things if one.status == CargoStatus.ACCEPTED]
    return contexts.HandoverTaken(
        at=(made.accepted_at or made.transfer.created_at).astimezone(UTC).isoformat(),
        things=len(came),
        of=len(things),
        differences=tuple(
            contexts.HandoverDifference(code=one.code, what=word(f"trouble.{one.kind}"), note=one.note) for one in rows
        ),
        taken_by=contexts.Person(staff=documents.staff_of(made.accepted_by), role="receiver"),
        signature=_picture(made.taker_signature),
        unsigned=made.taker_unsigned_why,
    )


def _picture(artifact: Artifact | None) -> str:
    if artifact is None:
        return ""
    return "data:image/png;base64," + base64.b64encode(artifacts.read(artifact)).decode()


def _giver(transfer: Transfer) -> contexts.Party:
    if transfer.giver is not None:
        return contexts.Party(name=transfer.giver.name, address_lines=tuple(transfer.address))
    return _site(transfer.origin)


def _site(hub: Hub) -> contexts.Party:
    return contexts.Party(name=f"{hub.organization.name}, {hub.name}", address_lines=tuple(hub.address))


def _receiver(transfer: Transfer) -> contexts.Party:
    if transfer.destination is not None:
        return _site(transfer.destination)
    return contexts.Party(name=common.to_people(transfer), address_lines=tuple(transfer.address))


def _stretch(leg: Leg) -> contexts.HandoverStretch:
    note = [leg.container, ", ".join(leg.seals), " ".join((leg.vessel, leg.voyage)).strip(), leg.reference]
    return contexts.HandoverStretch(
        number=leg.number,
        carrier=leg.carrier.name,
        mode=word(f"mode.{leg.mode}"),
        begins_at=leg.begins_at,
        ends_at=leg.ends_at,
        planned_from=leg.planned_from.astimezone(UTC).isoformat(),
        planned_to=leg.planned_to.astimezone(UTC).isoformat(),
        note="; ".join(part for part in note if part),
    )
