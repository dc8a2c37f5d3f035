"""What people call the documents, and what is checked of them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.common import words

words.add(
    {
        "certificate_of_sanitization": _("certificate of sanitization"),
        "certificate_of_destruction": _("certificate of destruction"),
        "certificate_of_recycling": _("certificate of recycling"),
        "chain_of_custody": _("chain-of-custody report"),
        "packing_slip": _("packing slip"),
        "return_label": _("return label"),
        "credit_memo": _("credit memo"),
        "vendor_return": _("return to the vendor"),
        "debit_note": _("debit note"),
        "lot_manifest": _("list of a lot"),
        "delivery_sheet": _("driver's sheet"),
        "handover_paper": _("handover paper"),
        "claim_letter": _("claim letter"),
        "receiving_report": _("receiving report"),
        "purchase_document": _("purchase document"),
        "check.readable": _("Readable"),
        "check.signed": _("Signed"),
        "check.intact": _("Unchanged"),
        "check.whole_file": _("Signature covers the file"),
        "check.no_later_change": _("Nothing added"),
        "check.trusted": _("Our key"),
        "check.attachment": _("Embedded ledger"),
        "check.issued": _("Issued here"),
        "check.kept": _("The file we keep"),
        "check.recorded": _("Recorded in the ledger"),
        "check.same_ledger": _("Ledger as embedded"),
        "check.proof": _("Embedded proof"),
        "check.chain": _("Chain of entries"),
        "check.checkpoint": _("Checkpoint"),
        "check.current": _("Not replaced"),
    }
)
