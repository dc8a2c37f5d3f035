"""The handover paper of a shipment of a transfer, from its rows. Rendering, signing and numbering are evidence's."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from django.db import transaction

from revlog.accounts.actors import system
from revlog.accounts.models import Hub
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.evidence.models import Document
from revlog.evidence.pdf import contexts
from revlog.evidence.services import artifacts, documents
from revlog.evidence.services.documents import Draft
from revlog.logistics.models import Consignment, Leg, Transfer
from revlog.logistics.services.transfers import common


def of(entry: Entry) -> Consignment:
    """The shipment that an entry of a transfer's chain is about."""
    return Consignment.objects.select_related(
        "transfer__origin__organization", "transfer__destination__organization", "transfer__receiver", "signature",
        "shipment",
    ).get(transfer=entry.chain_id, shipment__number=entry.payload["shipment"])  # fmt: skip


def prepare(entry: Entry, *, at: datetime) -> Draft | Document:
    """The paper that follows from releasing a shipment, up to that entry. Slow; for a worker."""
    made = of(entry)
    transfer = made.transfer

    def record(sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.HandoverPaper:
        return _record(made, int(entry.payload["left"]), sheet, proof)

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


def issue(made: Consignment, draft: Draft | Document) -> Document:
    """The paper is made, once, and stands on its shipment."""
    with transaction.atomic():
        done = documents.finish(draft)
        Consignment.objects.filter(pk=made.pk, document=None).update(document=done)
    return done


def _record(
    made: Consignment,
    left: int,
    sheet: contexts.Sheet,
    proof: contexts.Proof,
) -> contexts.HandoverPaper:
    transfer = made.transfer
    things = list(made.shipment.cargo.exclude(released_entry="").select_related("container", "device").order_by("id"))
    legs = list(made.shipment.legs.select_related("carrier").order_by("number"))
    picture = ""
    if made.signature is not None:
        picture = "data:image/png;base64," + base64.b64encode(artifacts.read(made.signature)).decode()
    released = made.released_at or transfer.created_at
    return contexts.HandoverPaper(
        sheet=sheet,
        transfer=transfer.number,
        shipment=made.shipment.number,
        giver=_site(transfer.origin),
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
        given_by=contexts.Person(staff=documents.staff_of(made.released_by), role="receiver"),
        signature=picture,
        unsigned=made.unsigned_why,
        proof=proof,
    )


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
