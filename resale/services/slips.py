"""What the packing slip says of a packed order. Rendering, signing and numbering are evidence's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from resale.models import Sale, SaleState
from revlog.accounts.actors import system
from revlog.custody.models import Entry
from revlog.evidence.models import Document
from revlog.evidence.pdf import contexts
from revlog.evidence.services import documents
from revlog.evidence.services.documents import Draft
from revlog.terms.models import Order


def prepare(entry: Entry, *, at: datetime) -> Draft | Document:
    """The packing slip that follows from packing an order, up to that entry."""
    order = Order.objects.select_related("seller", "contact").get(pk=entry.chain_id)
    packed = list(
        Sale.objects.filter(line__order=order)
        .exclude(state=SaleState.CANCELLED)
        .select_related("device", "line", "pool__hub")
        .order_by("line__position")
    )
    hub = packed[0].pool.hub if packed else None

    def record(sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.PackingSlip:
        return _record(order, packed, sheet)

    return documents.prepare(
        kind="packing_slip",
        cause=entry,
        record=record,
        by=system("documents"),
        at=at,
        language=order.contact.language,
        zone=hub.zone if hub else "UTC",
        owner=order.seller_id,
        hub=hub.pk if hub else None,
    )


def _taxed(packed: Sequence[Sale]) -> str:
    """What the law asks to say of things that were bought from persons: no VAT may be shown of them."""
    marginal = [sale.device.serial or sale.device.tag for sale in packed if sale.device.vat_origin == "margin"]
    if not marginal:
        return ""
    if len(marginal) == len(packed):
        return _("Margin scheme, second-hand goods: no VAT is shown.")
    return _("Margin scheme, second-hand goods, of which no VAT is shown: %s.") % ", ".join(marginal)


def _record(order: Order, packed: Sequence[Sale], sheet: contexts.Sheet) -> contexts.PackingSlip:
    # The document is kept as long as the books: the order's number stands for the person, whose address is on the label alone.
    packer = next((sale.picked_by for sale in reversed(packed) if sale.picked_by), "")
    months = sorted({sale.pool.warranty_months for sale in packed})
    return contexts.PackingSlip(
        sheet=sheet,
        order=order.number,
        ordered_at=order.ordered_at.astimezone(UTC).isoformat(),
        sender=contexts.Party(name=order.seller.name, reference=order.number),
        receiver=contexts.Party(name=_("Order %(number)s") % {"number": order.number}),
        lines=tuple(
            contexts.PackedLine(
                description=sale.line.description,
                sku=sale.line.sku,
                grade=sale.pool.grade,
                quantity=1,
                serials=(sale.device.serial or sale.device.tag,),
            )
            for sale in packed
        ),
        packed_by=contexts.Person(staff=documents.staff_of(packer), role="packer"),
        warranty=_("%(months)s months") % {"months": months[-1]} if len(months) == 1 and months[0] else "",
        note=_taxed(packed),
    )
