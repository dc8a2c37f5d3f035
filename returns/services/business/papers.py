"""What a credit memo or debit note says, from its rows. Rendering, signing and numbering are evidence's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from returns.models import BusinessCase, Memo, MemoKind
from returns.services.business import comparing, taxes
from revlog.accounts import actors
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.evidence.models import Document
from revlog.evidence.pdf import contexts
from revlog.evidence.services import documents
from revlog.evidence.services.documents import Draft
from revlog.terms.models import Order

BY = actors.system("documents")

NOTES = {
    "reverse_charge": gettext_lazy("Reverse charge: the recipient owes the tax."),
    "intra_community": gettext_lazy("Tax-free supply to another country of the EU."),
    "export": gettext_lazy("Tax-free export."),
    "margin": gettext_lazy("Margin scheme, second-hand goods: no VAT is shown."),
    "exempt": gettext_lazy("Exempt from VAT."),
    "": gettext_lazy("How lines without a rate were taxed is said by their invoice."),
}
"""What an invoice without tax has to say by law, and so what corrects it says too; by its treatment."""


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
    rows = list(memo.lines.select_related("line__line__order_line__order").order_by("line__line__position"))
    sums = taxes.sums(rows)
    taxed = any(one.treatment.tax for one in sums)
    for row in rows:
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
                rate=_rate(row.tax_rate),
                net=str(row.net if row.net is not None else row.amount) if taxed else "",
                tax=str(row.tax) if taxed else "",
                invoice=sold.order.invoice_number,
            )
        )
    papers = (
        (_("Purchase order"), case.po_number),
        (_("Delivery"), case.delivery_number),
    )
    made = contexts.CreditMemo if memo.kind == MemoKind.CREDIT else contexts.DebitNote
    corrected = memo.corrects.document.number if memo.corrects and memo.corrects.document else ""
    return made(
        sheet=sheet,
        seller=documents.party(case.rma.seller, case.customer.language),
        customer=documents.party(case.customer, case.customer.language, reference=case.reference),
        rma=case.rma.number,
        papers=tuple((name, number) for name, number in papers if number),
        invoices=_invoices([row.line.line.order_line.order for row in rows], case),
        taxes=tuple(
            contexts.TaxSum(
                name=word(f"tax.{one.treatment.tax}") if one.treatment.tax else _("not told"),
                rate=_rate(one.treatment.rate),
                net=str(one.net),
                tax=str(one.tax),
                amount=str(one.gross),
            )
            for one in sums
        )
        if taxed
        else (),
        net=str(sum((one.net for one in sums), Decimal(0))) if taxed else "",
        tax=str(sum((one.tax for one in sums), Decimal(0))) if taxed else "",
        notes=tuple(_note(one.treatment.tax) for one in sums if _note(one.treatment.tax)) if taxed else (),
        lines=tuple(lines),
        total=str(memo.amount),
        currency=memo.currency,
        proof=proof,
        corrects=corrected,
        why=memo.why,
        approved_by=documents.staff_of(memo.approved_by) if memo.approved_by.startswith("user:") else "",
    )


def _rate(rate: Decimal | None) -> str:
    return f"{rate.normalize():f}" if rate is not None else ""


def _invoices(orders: Sequence[Order], case: BusinessCase) -> tuple[contexts.Corrected, ...]:
    """The invoices by which its lines were sold, each once; an order without one is named by itself."""
    calendar = case.rma.hub.calendar
    return tuple(
        contexts.Corrected(
            invoice=order.invoice_number or case.invoice_number,
            order=order.number,
            ordered_on=calendar.local(order.ordered_at).date().isoformat(),
        )
        for order in dict.fromkeys(orders)
    )


def _note(tax: str) -> str:
    return str(NOTES.get(tax, ""))
