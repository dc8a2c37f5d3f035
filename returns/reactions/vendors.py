"""What follows from facts of returns to suppliers: the mail that asks them, and the paper that travels with what they take."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from returns.facts import vendors as facts
from returns.models import VendorReturn
from returns.services.vendors import papers, writing
from revlog.custody.models import Entry
from revlog.custody.outbox import on
from revlog.terms.services import messages


@on(facts.VendorReturnPacked, queue="documents", slow=True)
def issue_vendor_paper(entry: Entry, *, at: datetime) -> Callable[[], object] | None:
    """Render and sign the paper of what was packed."""
    rtv = VendorReturn.objects.select_related("supplier", "hub__organization", "agreement").get(pk=entry.chain_id)
    if rtv.document_id is not None:
        return None
    draft = papers.prepare(rtv, entry, at=at)
    return lambda: papers.issue(rtv, draft)


@on(facts.VendorReturnAsked, facts.VendorReturnReminded, queue="outside", slow=True)
def write_to_supplier(entry: Entry, *, at: datetime) -> Callable[[], object] | None:
    """The mail with the link to answer, at least once, under a Message-ID that never changes."""
    rtv = VendorReturn.objects.select_related("supplier", "hub__organization", "agreement").get(pk=entry.chain_id)
    message = writing.write(rtv, entry, again=entry.kind == facts.VendorReturnReminded.kind)
    if message is None:
        return None
    messages.send(message)
    return lambda: messages.sent(message, at=at)
