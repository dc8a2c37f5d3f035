"""Of buying used things: the quote on its own chain, the purchase on the unit's."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class TradeInAsked(
    Fact,
    kind="returns.tradein_asked",
    staff=_("Trade-in {number}: a price was asked for by hand ({channel!w})."),
    customer=_("You asked us for a price."),
):
    """The first entry of a quote that a person has to make."""

    number: str
    channel: str
    rules: int
    why: str


class TradeInQuoted(
    Fact,
    kind="returns.tradein_quoted",
    staff=_("Trade-in {number}: {amount!m} {currency} quoted for grade {grade!w}, valid until {valid_until!d}."),
    customer=_("We quoted {amount!m} {currency}, valid until {valid_until!d}."),
):
    """With the versions it was made by: what was promised can be reckoned again."""

    number: str
    channel: str
    grade: str
    amount: str
    currency: str
    rules: int
    prices: dict[str, str]
    valid_until: str
    by_hand: bool = False


class TradeInNotBought(
    Fact,
    kind="returns.tradein_not_bought",
    staff=_("Trade-in {number}: no sum was quoted ({ends!w})."),
    customer=_("We could not quote a sum."),
):
    """It is worth nothing to us (and may be recycled), or can't be bought as it is."""

    number: str
    channel: str
    ends: str
    rules: int


class TradeInAccepted(
    Fact,
    kind="returns.tradein_accepted",
    staff=_("The quote was accepted: {amount!m} {currency} by {payout!w}; it comes as {rma_number}."),
    customer=_("You accepted our quote."),
):
    rma: str
    rma_number: str
    amount: str
    currency: str
    payout: str
    business: bool
    law: str
    """The row of the law under which it is bought."""
    law_version: int


class TradeInEnded(
    Fact,
    kind="returns.tradein_ended",
    staff=_("The quote ended: {ends!w}."),
    customer=_("Our quote ended."),
):
    number: str
    ends: str


class IdentityChecked(
    Fact,
    kind="returns.identity_checked",
    staff=_("The seller's document was looked at ({document!w}), kept until {keep_until!d}."),
    customer=_("We looked at your document."),
):
    """On the RMA's chain; says nothing of whose document it was."""

    document: str
    of_age: bool
    number_kept: bool
    keep_until: str


class Bought(
    Fact,
    kind="returns.bought",
    staff=_("Bought from its owner for {amount!m} {currency} ({vat!w}), trade-in {number}."),
    client=_("Bought from its owner for {amount!m} {currency} ({vat!w})."),
):
    """On the unit's chain: from here it is the buyer's, and how it came decides the VAT of its sale."""

    rma: str
    number: str
    line: str
    amount: str
    promised: str
    currency: str
    vat: str
    """vat.margin, vat.standard, vat.reverse_charge or vat.none."""
    country: str
    business: bool
    law: str
    hold_until: str | None = None


class Purchased(
    Fact,
    kind="returns.purchased",
    staff=_("Bought: {tag}, {amount!m} {currency} ({vat!w})."),
    customer=_("We bought it for {amount!m} {currency}."),
):
    """On the RMA's chain, beside ``Bought`` on the unit's: the purchase document follows from it, where ``document`` says so."""

    number: str
    tag: str
    amount: str
    currency: str
    vat: str
    document: bool


class NumberBlocked(
    Fact,
    kind="returns.number_blocked",
    staff=_("A number on it is on the list {source} of things that nobody may buy ({why})."),
    customer=_("A number on it is on a list of blocked things."),
):
    rma: str
    source: str
    why: str
    scheme: str
