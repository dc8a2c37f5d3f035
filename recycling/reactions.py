"""What recycling does when something is said: a closed batch gets its certificate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from recycling import facts
from recycling.services import certificates
from revlog.custody import outbox
from revlog.custody.models import Entry
from revlog.evidence.services import documents


@outbox.on(facts.BatchClosed, queue="documents", slow=True)
def issue_certificate(entry: Entry, *, at: datetime) -> Callable[[], object]:
    draft = certificates.prepare(entry, at=at)
    return lambda: documents.finish(draft)
