"""The driver's sheet of a delivery, from its rows. Rendering, signing and numbering are evidence's."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import transaction

from revlog.accounts.actors import system
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.evidence.models import Document
from revlog.evidence.pdf import contexts
from revlog.evidence.services import artifacts, documents
from revlog.evidence.services.documents import Draft
from revlog.logistics.models import Delivery, DeliveryLine, LineStatus
from revlog.logistics.services import signing_off


def prepare(entry: Entry, *, at: datetime) -> Draft | Document:
    """The sheet that follows from ending a delivery, up to that entry. Slow; for a worker."""
    delivery = Delivery.objects.select_related("hub__organization", "carrier", "door", "signature").get(
        pk=entry.chain_id
    )
    lines = list(delivery.lines.order_by("tracking"))

    def record(sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.DeliverySheet:
        return _record(delivery, lines, sheet, proof)

    return documents.prepare(
        kind="delivery_sheet",
        cause=entry,
        record=record,
        by=system("documents"),
        at=at,
        zone=delivery.hub.zone,
        owner=delivery.hub.organization_id,
        hub=delivery.hub_id,
    )


def issue(delivery: Delivery, draft: Draft | Document) -> Document:
    """The sheet is made, once, and stands on its delivery."""
    with transaction.atomic():
        made = documents.finish(draft)
        Delivery.objects.filter(pk=delivery.pk, document=None).update(document=made)
    return made


def _record(
    delivery: Delivery, lines: list[DeliveryLine], sheet: contexts.Sheet, proof: contexts.Proof
) -> contexts.DeliverySheet:
    hub, told = delivery.hub, signing_off.sums(delivery, lines)
    counted = [one for one in lines if one.status == LineStatus.COUNTED]
    missing = [one for one in lines if one.status == LineStatus.MISSING]
    picture = ""
    if delivery.signature is not None:
        picture = "data:image/png;base64," + base64.b64encode(artifacts.read(delivery.signature)).decode()
    ended = delivery.ended_at or delivery.begun_at
    return contexts.DeliverySheet(
        sheet=sheet,
        delivery=delivery.number,
        carrier=delivery.carrier.name,
        receiver=contexts.Party(name=f"{hub.organization.name}, {hub.name}", address_lines=tuple(hub.address)),
        door=delivery.door.code if delivery.door else "",
        reference=delivery.reference,
        began_at=delivery.begun_at.astimezone(UTC).isoformat(),
        ended_at=ended.astimezone(UTC).isoformat(),
        list_from=word(f"list_from.{delivery.list_from}"),
        expected=told.expected,
        counted=told.counted,
        damaged=_told(one for one in counted if one.damaged),
        missing=_told(missing),
        uncounted=max(0, told.missing - len(missing)),
        unlisted=_told(one for one in counted if one.why),
        turned_away=_told(one for one in lines if one.status == LineStatus.FOREIGN),
        taken_by=contexts.Person(staff=documents.staff_of(delivery.ended_by), role="receiver"),
        signature=picture,
        unsigned=delivery.unsigned_why,
        proof=proof,
    )


def _told(lines: Iterable[DeliveryLine]) -> tuple[contexts.DeliveredParcel, ...]:
    return tuple(
        contexts.DeliveredParcel(tracking=one.tracking, note=word(f"odd.{one.why}") if one.why else "") for one in lines
    )
