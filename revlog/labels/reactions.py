"""What follows when labels are asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from revlog.custody import outbox
from revlog.custody.models import Entry
from revlog.labels import facts
from revlog.labels.services import sending


@outbox.on(facts.PrintAsked, facts.PrintAskedAgain, queue="outside", slow=True)
def send_labels(entry: Entry, *, at: datetime) -> Callable[[], object] | None:
    """Labels for a printer on the network are sent to it; four times, with growing pauses, before the job has failed."""
    return sending.attempt(entry.chain_id, at=at)
