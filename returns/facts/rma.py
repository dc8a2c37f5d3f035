"""Of the return as a whole: announced, decided, waited for, closed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from returns.facts import trading
from revlog.custody.facts import Fact


class RmaOpened(
    Fact,
    kind="returns.rma_opened",
    staff=_("Return {number} opened ({origin!w}): {quantity:piece|pieces} in {lines:line|lines}."),
    customer=_("You announced the return."),
    client=_("Return {number} opened: {quantity:piece|pieces} in {lines:line|lines}."),
    instead=trading.words("returns.rma_opened"),
):
    number: str
    order: str
    origin: str
    lines: int
    quantity: int
    reasons: list[str]
    wanted: list[str]
    waits: bool
    """True when a person has to approve it."""


class ReturnImported(
    Fact,
    kind="returns.return_imported",
    staff=_(
        "Return {number} taken over from credit note {note}: {quantity:piece|pieces} in {lines:line|lines}, {amount!m} {currency}. "
        "It was settled before it came to us."
    ),
    customer=_("You returned this before; it was settled then."),
    client=_("Return {number} taken over from credit note {note}: {quantity:piece|pieces} in {lines:line|lines}."),
):
    """A return of the past. No unit of it passed through our hands and no money of it through our books."""

    number: str
    order: str
    note: str
    """Number of the seller's credit note."""
    lines: int
    quantity: int
    reasons: list[str]
    amount: str
    currency: str
    run: str
    """The import that brought it."""


class RmaApproved(
    Fact,
    kind="returns.rma_approved",
    staff=_("Return {number} approved ({rule!w}, version {rules} of the rules)."),
    customer=_("We agreed to the return."),
    client=_("Return {number} approved."),
    instead=trading.words("returns.rma_approved"),
):
    number: str
    rule: str
    """The rule that allowed it, or ``person`` where somebody decided."""
    rules: int
    """Version of the return rules."""
    hand_in_by: str


class RmaStepApproved(
    Fact,
    kind="returns.rma_step_approved",
    staff=_("Step {step} of {of} of approving return {number} is done; somebody else has to approve it too."),
    client=_("Step {step} of {of} of approving return {number} is done."),
):
    number: str
    step: int
    of: int


class RmaRefused(
    Fact,
    kind="returns.rma_refused",
    staff=_("Return {number} refused: {reason}"),
    customer=_("We can't take it back: {reason}"),
    client=_("Return {number} refused: {reason}"),
):
    number: str
    reason: str


class RmaCancelled(
    Fact,
    kind="returns.rma_cancelled",
    staff=_("Return {number} called off."),
    customer=_("You called the return off."),
    client=_("Return {number} called off."),
    instead=trading.words("returns.rma_cancelled"),
):
    number: str
    trade: bool | None = None


class PriceSet(
    Fact,
    kind="returns.price_set",
    staff=_("Line {position} is worth {price!m} {currency} a piece, by what was shown to us."),
    client=_("Line {position} is worth {price!m} {currency} a piece."),
):
    """Of something that the customer only told us of: what we take it to be worth, since no order says it."""

    line: str
    position: int
    price: str
    currency: str


class LinkAsked(
    Fact,
    kind="returns.link_asked",
    staff=_("A link to all their orders was asked for and mailed to the customer."),
):
    """Said of the newest order (or return) that a seller has of an e-mail; whoever asks, the link goes to the mailbox."""

    contact: str


class ReasonConfirmed(
    Fact,
    kind="returns.reason_confirmed",
    staff=_("Line {position} was found to be: {found!w}."),
    customer=_("We found: {found!w}."),
    client=_("Line {position} was found to be: {found!w}."),
):
    line: str
    position: int
    told: str
    """The customer's own reason."""
    found: str


class LineSettled(
    Fact,
    kind="returns.line_settled",
    staff=_("Line {position} settled: {outcome!w}, {amount!m} {currency}."),
    client=_("Line {position} settled: {outcome!w}, {amount!m} {currency}."),
):
    rma: str
    line: str
    position: int
    outcome: str
    amount: str
    currency: str
    reference: str | None = None
    """The order of an exchange."""


class ExchangeOrdered(
    Fact,
    kind="returns.exchange_ordered",
    staff=_("Replacement ordered: {order}."),
    customer=_("Your replacement is ordered; its number is {order}."),
    client=_("Replacement ordered: {order}."),
):
    line: str
    order: str


class NewOneMissing(
    Fact,
    kind="returns.new_one_missing",
    staff=_("Line {position}: {sku} is not in stock."),
    customer=_("What you wanted instead is not in stock. You can wait for it, or take your money."),
    client=_("Line {position}: {sku} is not in stock."),
):
    line: str
    position: int
    sku: str


class WishChanged(
    Fact,
    kind="returns.wish_changed",
    staff=_("Line {position}: {now!w} instead of {was!w}[: {why}]."),
    customer=_("You get {now!w} instead of {was!w}[: {why}]."),
    client=_("Line {position}: {now!w} instead of {was!w}[: {why}]."),
):
    line: str
    position: int
    was: str
    """wanted.refund and the like."""
    now: str
    why: str | None = None


class GivenAway(
    Fact,
    kind="returns.given_away",
    staff=_("Line {position}: the customer says that they gave it away."),
    customer=_("You gave it away. Thank you."),
    client=_("Line {position}: the customer says that they gave it away."),
):
    line: str
    position: int


class HandInReminded(
    Fact,
    kind="returns.hand_in_reminded",
    staff=_("The customer is reminded to hand it in; after {keep_from!d} the deposit is kept."),
    customer=_("We reminded you to hand it in by {keep_from!d}."),
    client=_("The customer is reminded to hand it in; after {keep_from!d} the deposit is kept."),
):
    number: str
    keep_from: str


class PhotosReminded(
    Fact,
    kind="returns.photos_reminded",
    staff=_("The customer is reminded to send {photos:photo|photos} until {until!d}."),
    customer=_("We reminded you to send {photos:photo|photos} until {until!d}."),
    client=_("The customer is reminded to send {photos:photo|photos} until {until!d}."),
):
    """Once a return, where rules want photos and none could be sent along when it was announced."""

    number: str
    photos: int
    until: str


class RmaExpired(
    Fact,
    kind="returns.rma_expired",
    staff=_("Nothing came in time; return {number} given up."),
    customer=_("Nothing reached us in time, so we closed the return."),
    client=_("Nothing came in time; return {number} given up."),
    instead=trading.words("returns.rma_expired"),
):
    number: str
    trade: bool | None = None


class RmaReopened(
    Fact,
    kind="returns.rma_reopened",
    staff=_("Return {number} is open again: its customer appeals."),
    customer=_("Your return is open again until your question is answered."),
    client=_("Return {number} is open again: its customer appeals."),
):
    number: str


class RmaClosed(
    Fact,
    kind="returns.rma_closed",
    staff=_("Return {number} closed: {amount!m} {currency} paid."),
    customer=_("Everything is settled."),
    client=_("Return {number} closed: {amount!m} {currency} paid."),
    instead=trading.words("returns.rma_closed"),
):
    number: str
    amount: str
    currency: str
    trade: bool | None = None
