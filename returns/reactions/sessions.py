"""What follows from receiving sessions: the report of one that was closed, and the checks of what was unpacked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from returns.facts import sessions as facts
from returns.models import ReceivingSession
from returns.services.sessions import papers
from revlog.custody.models import Entry
from revlog.custody.outbox import on


@on(facts.SessionClosed, queue="documents", slow=True)
def issue_receiving_report(entry: Entry, *, at: datetime) -> Callable[[], object] | None:
    """Render and sign the report of a session."""
    session = (
        ReceivingSession.objects.select_related("hub__organization", "client", "vendor_return", "station")
        .filter(pk=entry.chain_id)
        .first()
    )
    if session is None or session.document_id is not None:
        return None
    draft = papers.prepare(session, entry, at=at)
    return lambda: papers.issue(session, draft)
