"""What follows outside when something is said of carriage: letters to carriers, which are written like all others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from revlog.accounts.queries import operator
from revlog.custody import outbox
from revlog.custody.models import Entry
from revlog.evidence.models import Document
from revlog.evidence.services import artifacts
from revlog.logistics.facts import bills as facts
from revlog.logistics.facts import claims
from revlog.logistics.models import Bill, CarrierClaim
from revlog.terms.services import messages


@outbox.on(facts.BillApproved, queue="outside", slow=True)
def write_disputes(entry: Entry, *, at: datetime) -> Callable[[], object] | None:
    """One mail to the carrier with every line of a bill that is disputed, under a Message-ID that never changes."""
    bill = Bill.objects.select_related("carrier", "contract").get(pk=entry.chain_id)
    lines = list(bill.lines.filter(decision="dispute").order_by("position"))
    us = operator()
    if not lines or us is None:
        return None
    message = messages.write(
        key=f"{entry.digest}:disputes", template="logistics/mail/disputes", to=bill.contract.mail, organization=us,
        thing=f"bill:{bill.pk}", context={"bill": bill, "lines": lines, "currency": bill.contract.currency}, at=at,
    )  # fmt: skip
    if message is None:
        return None
    messages.send(message)
    return lambda: messages.sent(message, at=at)


@outbox.on(claims.CarrierClaimWritten, queue="outside", slow=True)
def write_claim(entry: Entry, *, at: datetime) -> Callable[[], object] | None:
    """The notice to the carrier, with its letter, under a Message-ID that never changes."""
    rows = CarrierClaim.objects.select_related(
        "carrier", "contract", "shipment", "parcel", "delivery__document", "hub__organization"
    )
    claim = rows.get(pk=entry.chain_id)
    delivery = claim.delivery
    sheet = ""
    if delivery is not None:
        sheet = f"{delivery.document.number}, {delivery.number}" if delivery.document is not None else delivery.number
    message = messages.write(
        key=f"{entry.digest}:claim", template="logistics/mail/claim", to=claim.contract.mail,
        organization=claim.hub.organization, thing=f"carrier_claim:{claim.pk}",
        context={
            "claim": claim, "what": claim.get_kind_display(), "sheet": sheet, "currency": claim.contract.currency,
        }, at=at,
    )  # fmt: skip
    if message is None:
        return None
    letter = Document.objects.select_related("artifact").get(pk=entry.payload["document"])
    messages.send(message, papers={f"{letter.number}.pdf": artifacts.read(letter.artifact)})
    return lambda: messages.sent(message, at=at)
