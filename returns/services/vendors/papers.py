"""The paper that travels with a return to a supplier, from its rows. Rendering, signing and numbering are evidence's."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns.models import VendorReturn
from revlog.accounts import actors
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.evidence.models import Document
from revlog.evidence.pdf import contexts
from revlog.evidence.services import documents
from revlog.evidence.services.documents import Draft

BY = actors.system("documents")


def prepare(rtv: VendorReturn, entry: Entry, *, at: datetime) -> Draft | Document:
    """The document that follows from packing, up to that entry of the return's chain. Slow; for a worker."""

    def record(sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.VendorReturn:
        return _record(rtv, sheet, proof)

    return documents.prepare(
        kind="vendor_return",
        cause=entry,
        record=record,
        by=BY,
        at=at,
        language=rtv.supplier.language,
        zone=rtv.hub.zone,
        owner=rtv.supplier_id,
        hub=rtv.hub_id,
        key=f"vendor_return:{rtv.pk}",
    )


def _record(rtv: VendorReturn, sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.VendorReturn:
    lines = list(rtv.lines.select_related("device__product"))
    says = rtv.agreement.says
    return contexts.VendorReturn(
        sheet=sheet,
        number=rtv.number,
        sender=contexts.Party(name=rtv.hub.organization.name, address_lines=tuple(rtv.hub.address)),
        receiver=documents.party(rtv.supplier, rtv.supplier.language),
        theirs=rtv.theirs,
        agreement=rtv.agreement.version,
        until=rtv.until.isoformat() if rtv.until else "",
        carrier=says.carrier,
        account=says.account,
        carriage=_("Carriage paid by the supplier")
        if says.carriage_paid_by == "supplier"
        else _("Carriage paid by the sender"),
        papers=says.papers,
        parcels=rtv.parcels,
        packed_by=contexts.Person(staff=documents.staff_of(rtv.packed_by), role="packer"),
        lines=tuple(
            contexts.VendorReturnLine(
                position=line.position,
                description=line.device.face,
                name=line.device.serial or line.device.tag,
                lot=line.device.lot,
                order=line.order_number,
                reason=word(f"unsold.{line.reason}"),
                quantity=line.quantity,
                price=str(line.price),
            )
            for line in lines
        ),
        value=str(sum((line.value for line in lines), Decimal(0))),
        expected=str(sum((line.expected for line in lines), Decimal(0))),
        currency=rtv.currency,
        proof=proof,
    )


def issue(rtv: VendorReturn, draft: Draft | Document) -> Document:
    """The paper is made, once, and stands on its return."""
    with transaction.atomic():
        row = VendorReturn.objects.select_for_update(no_key=True, of=("self",)).get(pk=rtv.pk)
        made = documents.finish(draft)
        if row.document_id is None:
            row.document = made
            row.save(update_fields=["document"])
    return made
