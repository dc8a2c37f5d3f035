"""What proof says of itself on the ledger."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class DocumentIssued(
    Fact,
    kind="evidence.document_issued",
    staff=_("Issued: {document_kind!w} {number}."),
    customer=_("We issued the {document_kind!w} {number}."),
    client=_("Issued: {document_kind!w} {number}."),
):
    """On the chain that the document speaks of, after the entry that caused it; ``digest`` is of the signed file."""

    document: str
    number: str
    document_kind: str
    digest: str
    sequence: int
    """How far into the chain the document speaks."""
