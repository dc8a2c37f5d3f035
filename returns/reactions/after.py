"""What follows after a return: its money is shared out in a row, and the mail that asks how it went."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from returns import facts
from returns.models import Rma
from returns.services import after, letters
from revlog.custody.models import Entry
from revlog.custody.outbox import on
from revlog.terms.services import messages

Finish = Callable[[], object]


@on(facts.RmaClosed)
def share_out(entry: Entry, *, at: datetime) -> None:
    """Closed: what became of its money is written down."""
    after.closed(entry.chain_id, at=at)


@on(facts.OpinionAsked, queue="outside", slow=True)
def ask_how_it_went(entry: Entry, *, at: datetime) -> Finish | None:
    """One mail with five links; each opens the page with its answer chosen, and writes nothing."""
    rma = Rma.objects.select_related("contact", "seller", "hub").filter(pk=entry.chain_id).first()
    if rma is None:
        return None
    link = letters.link(rma, at=entry.occurred_at)
    more = {
        "scores": [
            {"link": f"{link}?rate={score}", "score": score, "words": f"score.{score}"}
            for score in reversed(after.SCORES)
        ]
    }
    message = letters.write(rma, entry, "opinion", at=entry.occurred_at, more=more)
    if message is None:
        return None
    messages.send(message)
    return lambda: messages.sent(message, at=at)
