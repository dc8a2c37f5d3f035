"""What follows from buying used things: the mail with a person's price, and going on once what was missing is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation

from returns.facts import RefundFailed
from returns.facts import tradein as facts
from returns.models import RmaUnit, TradeIn, TradeInStatus, UnitStatus
from returns.services import doors, letters, offers
from returns.services.tradein import agreeing, correcting, papers
from revlog.custody.models import Entry
from revlog.custody.outbox import on
from revlog.devices.models import Device
from revlog.terms import facts as terms_facts
from revlog.terms.services import messages

Finish = Callable[[], object]
LINK = timedelta(days=30)


@on(facts.IdentityChecked)
def go_on_with_purchase(entry: Entry, *, at: datetime) -> None:
    """The seller's document was seen: what is graded already can be bought, or asked about."""
    units = RmaUnit.objects.filter(line__rma=entry.chain_id, status=UnitStatus.RECEIVED, device__isnull=False)
    for device in Device.objects.select_related("visit").filter(pk__in=units.values("device")):
        offers.take_back(device, at=at)


@on(facts.Purchased, queue="documents", slow=True)
def issue_purchase_document(entry: Entry, *, at: datetime) -> Finish | None:
    """The bill of sale, where the law of the seller's country asks the buyer to keep one."""
    row = TradeIn.objects.select_related("rma__hub", "buyer", "contact").filter(rma=entry.chain_id).first()
    if row is None or row.document_id is not None or not entry.payload["document"]:
        return None
    draft = papers.prepare(row, entry, at=at)
    pk = row.pk
    return lambda: papers.issue(pk, draft)


@on(facts.TradeInQuoted, facts.TradeInEnded, queue="outside", slow=True)
def write_price(entry: Entry, *, at: datetime) -> Finish | None:
    """What a person decided is written to whoever asked; what they read on the page at once needs no mail."""
    row = TradeIn.objects.select_related("contact", "buyer", "hub").filter(pk=entry.chain_id).first()
    by_hand = entry.payload.get("by_hand") or entry.payload.get("ends") == f"tradein.{TradeInStatus.REFUSED.value}"
    if row is None or row.contact is None or not by_hand:
        return None
    zone = row.hub.zone if row.hub is not None else settings.TIME_ZONE
    with translation.override(row.contact.language):
        until = letters.day(row.valid_until, zone) if row.valid_until else ""
    message = messages.write(
        key=f"{entry.digest}:tradein_quoted",
        template="returns/mail/tradein_quoted",
        contact=row.contact,
        organization=row.buyer,
        thing=f"tradein:{row.pk}",
        context={
            "row": row,
            "amount": row.amount,
            "until": until,
            "link": doors.address({f"tradein:{row.pk}"}, until=at + LINK),
        },
        at=entry.occurred_at,
    )
    if message is None:
        return None
    messages.send(message)
    return lambda: messages.sent(message, at=at)


@on(RefundFailed, queue="outside", slow=True)
def ask_for_another_account(entry: Entry, *, at: datetime) -> Finish | None:
    """What the seller's bank sent back: they are asked for another account, on the page of their trade-in."""
    row = TradeIn.objects.select_related("rma__contact", "rma__hub", "rma__seller").filter(rma=entry.chain_id).first()
    missing = correcting.missing_of(row) if row is not None else None
    if row is None or row.rma is None or missing is None or str(missing.pk) != entry.payload["refund"]:
        return None
    message = letters.write(
        row.rma, entry, "account_wanted", at=entry.occurred_at, more={"amount": missing.amount, "row": row}
    )
    if message is None:
        return None
    messages.send(message)
    return lambda: messages.sent(message, at=at)


@on(terms_facts.ContactErased)
def forget_account(entry: Entry, *, at: datetime) -> None:
    """Who asked to be forgotten has no account with us any more; what the law makes us keep goes when its years are over."""
    for row in TradeIn.objects.filter(contact=entry.payload["contact"]):
        agreeing.erase_account(row, at=at)
