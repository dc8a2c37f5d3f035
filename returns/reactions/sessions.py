"""What follows from receiving sessions: the report of one that was closed, and the checks of what was unpacked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from returns.facts import sessions as facts
from returns.models import ReceivingSession
from returns.services.sessions import checking, papers
from revlog.custody.models import Entry
from revlog.custody.outbox import on
from revlog.devices.models import Device


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
    if not session.lines.filter(undone_at=None).exists():
        return None  # nothing was received in it
    draft = papers.prepare(session, entry, at=at)
    return lambda: papers.issue(session, draft)


@on(facts.UnpackedIn, queue="outside", slow=True)
def check_numbers(entry: Entry, *, at: datetime) -> Callable[[], object] | None:
    """Ask the check service about what was unpacked: not in the request that received it, and again when it doesn't answer."""
    device = Device.objects.filter(pk=entry.chain_id).first()
    if device is None or (reply := checking.ask(device, at=at)) is None:
        return None
    return lambda: checking.keep(device, reply, at=at)
