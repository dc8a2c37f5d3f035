"""What a credit memo or debit note says, from its rows. Rendering, signing and numbering are evidence's."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from returns.models import BusinessCase, Memo, MemoKind
from returns.services.business import comparing
from revlog.accounts import actors
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.evidence.models import Document
from revlog.evidence.pdf import contexts
from revlog.evidence.services import documents
from revlog.evidence.services.documents import Draft

BY = actors.system("documents")


def prepare(memo: Memo, entry: Entry, *, at: datetime) -> Draft | Document:
    """The document that follows from a memo being due, up to that entry of the return's chain. Slow; for a worker."""
    case = BusinessCase.objects.select_related("rma__seller", "rma__hub", "customer").get(pk=memo.rma_id)

    def record(sheet: contexts.Sheet, proof: contexts.Proof) -> contexts.CreditMemo:
        return _record(memo, case, sheet, proof, at=entry.occurred_at)

    return documents.prepare(
        kind="credit_memo" if memo.kind == MemoKind.CREDIT else "debit_note",
        cause=entry,
        record=record,
        by=BY,
        at=at,
        language=case.customer.language,
        zone=case.rma.hub.zone,
        owner=memo.customer_id,
        hub=case.rma.hub_id,
        key=f"memo:{memo.pk}",
    )


def _record(
    memo: Memo, case: BusinessCase, sheet: contexts.Sheet, proof: contexts.Proof, *, at: datetime
) -> contexts.CreditMemo:
    found = {row.line.pk: row for row in comparing.rows_of(case, at=at)}
    lines = []
    for row in memo.lines.select_related("line__line__order_line__order").order_by("line__line__position"):
        match, line = found[row.line_id], row.line.line
        sold, parts = line.order_line, row.line.components
        name = sold.description
        if parts:
            part = next((one for one in sold.components if one["sku"] == parts[0]["sku"]), parts[0])
            name = f"{name}: {part.get('description') or part['sku']}"
        lines.append(
            contexts.CreditedLine(
                position=line.position,
                description=name,
                sku=parts[0]["sku"] if parts else sold.sku,
                lot=row.line.lot,
                order=sold.order.number,
                announced=line.quantity,
                received=match.found.received,
                quantity=row.quantity,
                price=str(row.price),
                amount=str(row.amount),
                note=", ".join(word(f"differs.{code}") for code in row.line.why) if row.first else "",
            )
        )
    papers = (
        (_("Purchase order"), case.po_number),
        (_("Invoice"), case.invoice_number),
        (_("Delivery"), case.delivery_number),
    )
    made = contexts.CreditMemo if memo.kind == MemoKind.CREDIT else contexts.DebitNote
    corrected = memo.corrects.document.number if memo.corrects and memo.corrects.document else ""
    return made(
        sheet=sheet,
        seller=contexts.Party(name=case.rma.seller.name),
        customer=contexts.Party(name=case.customer.name, reference=case.reference),
        rma=case.rma.number,
        papers=tuple((name, number) for name, number in papers if number),
        lines=tuple(lines),
        total=str(memo.amount),
        currency=memo.currency,
        proof=proof,
        corrects=corrected,
        why=memo.why,
        approved_by=documents.staff_of(memo.approved_by) if memo.approved_by.startswith("user:") else "",
    )
