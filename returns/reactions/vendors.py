"""What follows from facts of returns to suppliers: the paper that travels with them, made by a worker and issued once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from returns.facts import vendors as facts
from returns.models import VendorReturn
from returns.services.vendors import papers
from revlog.custody.models import Entry
from revlog.custody.outbox import on


@on(facts.VendorReturnPacked, queue="documents", slow=True)
def issue_vendor_paper(entry: Entry, *, at: datetime) -> Callable[[], object] | None:
    """Render and sign the paper of what was packed."""
    rtv = VendorReturn.objects.select_related("supplier", "hub__organization", "agreement").get(pk=entry.chain_id)
    if rtv.document_id is not None:
        return None
    draft = papers.prepare(rtv, entry, at=at)
    return lambda: papers.issue(rtv, draft)
