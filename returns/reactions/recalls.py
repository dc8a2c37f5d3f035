"""What follows from recalls, and what recalls follow: the search, the mails, and what becomes known of units later."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from refurb import facts as refurb_facts
from returns import facts
from returns.facts import recalls as recall_facts
from returns.models import Recall, RecallStatus
from returns.services import recall_owners, recall_units, repairs
from revlog.accounts import actors
from revlog.custody.models import Entry
from revlog.custody.outbox import on
from revlog.devices import facts as device_facts
from revlog.terms.models import Contact
from revlog.terms.services import messages

Finish = Callable[[], object]
REPAIRS = actors.system("returns.repairs")


@on(recall_facts.RecallOpened, slow=True)
def search(entry: Entry, *, at: datetime) -> Finish | None:
    """Search everything, hold what is here, and see to it that owners are told. In batches, each of which may be repeated."""
    recall = Recall.objects.filter(pk=entry.chain_id, status=RecallStatus.OPEN).first()
    if recall is not None:
        recall_units.sweep(recall, at=at)
    return None


@on(recall_facts.RecallNoticeDue, queue="outside", slow=True)
def write_to_owner(entry: Entry, *, at: datetime) -> Finish | None:
    """The mail to one owner, at least once, under a Message-ID that never changes."""
    recall = Recall.objects.get(pk=entry.payload["recall"])
    contact = Contact.objects.get(pk=entry.payload["contact"])
    version = int(entry.payload["edition"])
    message = recall_owners.write(recall, contact, version, at=entry.occurred_at)
    if message is None:
        return None
    messages.send(message)

    def done() -> None:
        messages.sent(message, at=at)
        recall_units.told(recall.pk, contact.pk, version, at=at)

    return done


@on(refurb_facts.PartUsed, device_facts.MediumFound)
def look_at_parts(entry: Entry, *, at: datetime) -> None:
    """A part was put into a unit, or a drive found in it: is it now in a recall?"""
    recall_units.look_again(uuid.UUID(str(entry.chain_id)), at=at)


@on(refurb_facts.PartStocked, refurb_facts.LotStocked)
def look_at_stock(entry: Entry, *, at: datetime) -> None:
    """Parts came into stock, bought or out of a unit: does a recall name them?"""
    recall_units.look_at_stock(uuid.UUID(str(entry.chain_id)), at=at)


@on(device_facts.HoldReleased)
def follow_release(entry: Entry, *, at: datetime) -> None:
    if entry.payload["hold"] == "recall":
        recall_units.released(entry.chain_id, reason=entry.payload["reason"], by=entry.actor, at=entry.occurred_at)


@on(facts.RmaClosed)
def follow_return(entry: Entry, *, at: datetime) -> None:
    recall_units.return_closed(entry.chain_id, at=entry.occurred_at)


@on(device_facts.ArrivedAgain)
def note_repeat_repair(entry: Entry, *, at: datetime) -> None:
    """Here again so soon after a repair of ours: said on the unit, for whoever looks at it, for rules and for figures."""
    repairs.note_repeat(entry.chain_id, by=REPAIRS, at=entry.occurred_at)
