"""What follows from facts of business returns: the document of a memo, made by a worker and issued once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from returns.facts import business as business_facts
from returns.models import Memo, MemoStatus
from returns.services.business import issuing, papers
from revlog.accounts import actors
from revlog.custody.models import Entry
from revlog.custody.outbox import on
from revlog.devices import facts as device_facts

DOCUMENTS = actors.system("documents")


@on(business_facts.MemoDue, queue="documents", slow=True)
def issue_memo(entry: Entry, *, at: datetime) -> Callable[[], object] | None:
    """Render and sign the memo; document, posting and status follow together, once."""
    memo = Memo.objects.select_related("corrects__document").get(pk=uuid.UUID(entry.payload["memo"]))
    if memo.status != MemoStatus.DUE:
        return None
    draft = papers.prepare(memo, entry, at=at)
    return lambda: issuing.issue(memo.pk, draft, by=DOCUMENTS, at=at)


@on(device_facts.HoldReleased)
def take_back(entry: Entry, *, at: datetime) -> None:
    """What was on hold while it was credited is taken, or goes back, once the hold ends."""
    issuing.take_late(entry.chain_id, at=at)
