"""Of a file of payments for the bank, on its own chain: no names, no accounts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class PayoutsDrawn(
    Fact,
    kind="returns.payouts_drawn",
    staff=_("Payment file {number} drawn up: {count:payment|payments}, {total!m} {currency}."),
):
    number: str
    count: int
    total: str
    currency: str


class PayoutsReleased(
    Fact,
    kind="returns.payouts_released",
    staff=_(
        "Payment file {number} released: {count:payment|payments}, {total!m} {currency}, to be paid on {execute_on!d}."
    ),
):
    number: str
    count: int
    total: str
    currency: str
    execute_on: str
    digest: str
    """SHA-256 of the file."""


class PayoutsDropped(
    Fact,
    kind="returns.payouts_dropped",
    staff=_("Payment file {number} dropped: {why}"),
):
    number: str
    why: str


class PayoutsDone(
    Fact,
    kind="returns.payouts_done",
    staff=_("Payment file {number}: all is paid or came back."),
):
    number: str


class PayoutBounced(
    Fact,
    kind="returns.payout_bounced",
    staff=_("Of payment file {number}, {reference} came back: {why}"),
):
    number: str
    reference: str
    refund: str
    why: str


class CharityListed(
    Fact,
    kind="returns.charity_listed",
    staff=_("Sellers can give what we pay to {name}, from {since!d}."),
):
    """On a chain of its own: whom sellers can give the sum to. Its account isn't here."""

    name: str
    organization: str
    since: str
    until: str | None = None


class CharityEnded(
    Fact,
    kind="returns.charity_ended",
    staff=_("Sellers can give what we pay to {name} until {until!d}."),
):
    name: str
    until: str


class AccountCorrected(
    Fact,
    kind="returns.account_corrected",
    staff=_("The seller told another account, since a payment came back."),
    customer=_("You told us another account."),
):
    """On the chain of the trade-in. Neither account is here."""

    number: str
