"""All that returns can say on the ledger. What is said of the RMA is on its chain, what of a unit on the unit's."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact

# Of the RMA -------------------------------------------------------------------------------------------------------------------------


class RmaOpened(
    Fact,
    kind="returns.rma_opened",
    staff=_("Return {number} opened ({origin!w}): {quantity:piece|pieces} in {lines:line|lines}."),
    customer=_("You announced the return."),
    client=_("Return {number} opened: {quantity:piece|pieces} in {lines:line|lines}."),
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
):
    number: str


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


class CustomerWrote(
    Fact,
    kind="returns.customer_wrote",
    staff=_("The customer wrote to us."),
    customer=_("You wrote to us."),
    client=_("The customer wrote to us."),
):
    """What was written is personal, so it stands in the message alone."""

    message: str
    photos: int


class DeskWrote(
    Fact,
    kind="returns.desk_wrote",
    staff=_("We wrote to the customer."),
    customer=_("We wrote to you."),
    client=_("We wrote to the customer."),
):
    message: str
    photos: int


class MessagesRead(
    Fact,
    kind="returns.messages_read",
    staff=_("Read what the customer wrote: {messages:message|messages}, no answer needed."),
):
    messages: int


class LabelIssued(
    Fact,
    kind="returns.label_issued",
    staff=_("Label made for parcel {tracking}."),
    customer=_("Your label is ready."),
    client=_("Label made for parcel {tracking}."),
):
    number: str
    parcel: str
    tracking: str


class ParcelPlanned(
    Fact,
    kind="returns.parcel_planned",
    staff=_("One more parcel planned, {tracking}."),
    customer=_("You asked for one more label."),
    client=_("One more parcel planned, {tracking}."),
):
    number: str
    parcel: str
    tracking: str


class HandedOver(
    Fact,
    kind="returns.handed_over",
    staff=_("Handed to the carrier, {parcels:parcel|parcels}."),
    customer=_("You handed the parcel in."),
    client=_("Handed to the carrier, {parcels:parcel|parcels}."),
):
    number: str
    parcels: int


class ParcelArrived(
    Fact,
    kind="returns.parcel_arrived",
    staff=_("Parcel {tracking} arrived at {hub}."),
    customer=_("Your parcel arrived."),
    client=_("Parcel {tracking} arrived at {hub}."),
):
    number: str
    parcel: str
    tracking: str
    hub: str
    check_by: str


class RefundProposed(
    Fact,
    kind="returns.refund_proposed",
    staff=_("{amount!m} {currency} to be paid for {tag}, {deduction!m} deducted: {why}. Another person approves it."),
    client=_("{amount!m} {currency} to be paid for {tag}, {deduction!m} deducted: {why}."),
):
    refund: str
    line: str
    tag: str
    amount: str
    deduction: str
    currency: str
    why: str


class RefundDue(
    Fact,
    kind="returns.refund_due",
    staff=_("{amount!m} {currency} are due for {tag}."),
    customer=_("We told the bank to pay you {amount!m} {currency}."),
    client=_("{amount!m} {currency} are due for {tag}."),
):
    refund: str
    line: str
    unit: str
    tag: str
    amount: str
    currency: str


class RefundRejected(
    Fact,
    kind="returns.refund_rejected",
    staff=_("The proposed refund for {tag} was rejected: {why}."),
):
    refund: str
    line: str
    tag: str
    why: str


class RefundPosted(
    Fact,
    kind="returns.refund_posted",
    staff=_("{amount!m} {currency} paid ({reference})."),
    customer=_("We paid you {amount!m} {currency}."),
    client=_("{amount!m} {currency} paid to the customer."),
):
    refund: str
    line: str
    unit: str
    amount: str
    currency: str
    provider: str
    reference: str


class ChargeGivenBack(
    Fact,
    kind="returns.charge_given_back",
    staff=_("{amount!m} {currency} came after nobody asked for it any more ({purpose!w}), and went back."),
    customer=_(
        "Your payment of {amount!m} {currency} came when it was no longer needed; it is on its way back to you."
    ),
    client=_("{amount!m} {currency} came after nobody asked for it any more, and went back."),
):
    charge: str
    line: str
    purpose: str
    amount: str
    currency: str


class RefundFailed(
    Fact,
    kind="returns.refund_failed",
    staff=_("{amount!m} {currency} didn't arrive ({provider}): {why}"),
    customer=_("A payment of {amount!m} {currency} didn't arrive; we are finding another way."),
    client=_("{amount!m} {currency} didn't arrive at the customer's."),
):
    refund: str
    line: str
    amount: str
    currency: str
    provider: str
    was_paid: bool
    """True when it had been paid, and came back."""
    why: str


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


class RmaExpired(
    Fact,
    kind="returns.rma_expired",
    staff=_("Nothing came in time; return {number} given up."),
    customer=_("Nothing reached us in time, so we closed the return."),
    client=_("Nothing came in time; return {number} given up."),
):
    number: str


class RmaClosed(
    Fact,
    kind="returns.rma_closed",
    staff=_("Return {number} closed: {amount!m} {currency} paid."),
    customer=_("Everything is settled."),
    client=_("Return {number} closed: {amount!m} {currency} paid."),
):
    number: str
    amount: str
    currency: str


class BoxTrouble(
    Fact,
    kind="returns.box_trouble",
    staff=_("{trouble!w}: expected {expected}, found {found}."),
    customer=_("Something about the parcel isn't as announced; we are looking into it."),
    client=_("{trouble!w}: expected {expected}, found {found}."),
):
    """Said on the RMA's chain when there is no unit to say it of, on the shipment's when there is no RMA."""

    trouble: str
    discrepancy: str
    expected: str
    found: str


class TroubleResolved(
    Fact,
    kind="returns.trouble_resolved",
    staff=_("Settled, {trouble!w}: {resolution}."),
    client=_("Settled, {trouble!w}: {resolution}."),
):
    trouble: str
    discrepancy: str
    resolution: str


class CreditDue(
    Fact,
    kind="returns.credit_due",
    staff=_("Store credit of {amount!m} {currency} is due for {tag}."),
    client=_("Store credit of {amount!m} {currency} is due for {tag}."),
):
    refund: str
    line: str
    unit: str
    tag: str
    amount: str
    currency: str


class CreditIssued(
    Fact,
    kind="returns.credit_issued",
    staff=_(
        "Store credit of {amount!m} {currency} given[, {bonus!m} of it for taking credit], good until {expires!d}."
    ),
    customer=_("We gave you a store credit of {amount!m} {currency}, good until {expires!d}."),
    client=_("Store credit of {amount!m} {currency} given to the customer."),
):
    """The code is not said here: who knows it can spend it."""

    credit: str
    refund: str
    line: str
    amount: str
    currency: str
    expires: str
    bonus: str | None = None


class CreditUsed(
    Fact,
    kind="returns.credit_used",
    staff=_("{amount!m} {currency} of the store credit spent[ on {reference}], {left!m} left."),
    customer=_("You spent {amount!m} {currency} of your store credit; {left!m} are left."),
    client=_("{amount!m} {currency} of the store credit spent[ on {reference}], {left!m} left."),
):
    credit: str
    use: str
    amount: str
    left: str
    currency: str
    reference: str | None = None


# Money from the customer ------------------------------------------------------------------------------------------------------------


class ChargeAsked(
    Fact,
    kind="returns.charge_asked",
    staff=_("The customer is asked for {amount!m} {currency} ({purpose!w})."),
    customer=_("We asked you for {amount!m} {currency} ({purpose!w})."),
    client=_("The customer is asked for {amount!m} {currency} ({purpose!w})."),
):
    charge: str
    line: str
    purpose: str
    """charge_for.difference, charge_for.deposit or charge_for.repair."""
    amount: str
    currency: str
    due_by: str


class ChargeHeld(
    Fact,
    kind="returns.charge_held",
    staff=_("{amount!m} {currency} are held ({purpose!w}, {reference})."),
    customer=_("Your {purpose!w} of {amount!m} {currency} is held."),
    client=_("{amount!m} {currency} are held ({purpose!w})."),
):
    charge: str
    line: str
    purpose: str
    amount: str
    currency: str
    provider: str
    reference: str


class ChargePaid(
    Fact,
    kind="returns.charge_paid",
    staff=_("The customer paid {amount!m} {currency} ({purpose!w}, {reference})."),
    customer=_("You paid {amount!m} {currency} ({purpose!w})."),
    client=_("The customer paid {amount!m} {currency} ({purpose!w})."),
):
    charge: str
    line: str
    purpose: str
    amount: str
    currency: str
    provider: str
    reference: str


class ChargeFailed(
    Fact,
    kind="returns.charge_failed",
    staff=_("The payment of {amount!m} {currency} ({purpose!w}) failed."),
    customer=_("Your payment of {amount!m} {currency} ({purpose!w}) failed."),
    client=_("The payment of {amount!m} {currency} ({purpose!w}) failed."),
):
    charge: str
    line: str
    purpose: str
    amount: str
    currency: str


class ChargeDropped(
    Fact,
    kind="returns.charge_dropped",
    staff=_("{amount!m} {currency} ({purpose!w}) are no longer asked for: {why}"),
    customer=_("You needn't pay the {amount!m} {currency} ({purpose!w}) any more."),
    client=_("{amount!m} {currency} ({purpose!w}) are no longer asked for: {why}"),
):
    charge: str
    line: str
    purpose: str
    amount: str
    currency: str
    why: str


class DepositDecided(
    Fact,
    kind="returns.deposit_decided",
    staff=_("Of the deposit of {amount!m} {currency}, {kept!m} are kept: {why}"),
    client=_("Of the deposit of {amount!m} {currency}, {kept!m} are kept: {why}"),
):
    """Said before the provider is told; what it then did is said by DepositKept or DepositReleased."""

    charge: str
    line: str
    amount: str
    kept: str
    currency: str
    why: str


class DepositKept(
    Fact,
    kind="returns.deposit_kept",
    staff=_("{kept!m} {currency} of the deposit of {amount!m} were kept ({reference}): {why}"),
    customer=_("We kept {kept!m} {currency} of your deposit of {amount!m}: {why}"),
    client=_("{kept!m} {currency} of the deposit of {amount!m} were kept: {why}"),
):
    charge: str
    line: str
    amount: str
    kept: str
    currency: str
    why: str
    reference: str


class DepositReleased(
    Fact,
    kind="returns.deposit_released",
    staff=_("The deposit of {amount!m} {currency} was given back ({reference})."),
    customer=_("We gave you your deposit of {amount!m} {currency} back."),
    client=_("The deposit of {amount!m} {currency} was given back."),
):
    charge: str
    line: str
    amount: str
    currency: str
    reference: str


# Of an import ----------------------------------------------------------------------------------------------------------------------


class ImportStarted(
    Fact,
    kind="returns.import_started",
    staff=_("Import of past orders of {seller!o} begun, by mapping {mapping}."),
    client=_("Import of past orders begun, by mapping {mapping}."),
):
    seller: str
    """Code of the organization that sold."""
    file: str
    """SHA-256 of the file, unpacked."""
    mapping: str
    mapping_digest: str


class ImportAsked(
    Fact,
    kind="returns.import_asked",
    staff=_("The worker was asked to go on behind {rows:row|rows}."),
    client=_("The import goes on behind {rows:row|rows}."),
):
    rows: int


class ImportStopped(
    Fact,
    kind="returns.import_stopped",
    staff=_("Stopped behind {rows:row|rows}."),
    client=_("The import was stopped behind {rows:row|rows}."),
):
    rows: int


class ImportFinished(
    Fact,
    kind="returns.import_finished",
    staff=_(
        "Import done: {order_lines:line|lines} of orders, {return_lines:line|lines} of returns, {matched} matched, {unmatched} unmatched, "
        "{refused:row|rows} refused."
    ),
    client=_(
        "Import done: {order_lines:line|lines} of orders, {return_lines:line|lines} of returns, {matched} matched, {unmatched} unmatched, "
        "{refused:row|rows} refused."
    ),
):
    order_lines: int
    return_lines: int
    matched: int
    unmatched: int
    refused: int
    order_total: str
    return_total: str
    currency: str


# Of a unit --------------------------------------------------------------------------------------------------------------------------


class UnitMatched(
    Fact,
    kind="returns.unit_matched",
    staff=_("Belongs to return {number}, line {position} (known by {how!w})."),
    client=_("Belongs to return {number}, line {position}."),
):
    rma: str
    number: str
    line: str
    position: int
    how: str
    """serial, imei, tag, line, count, person."""
    reason: str
    wanted: str


class UnitTrouble(
    Fact,
    kind="returns.unit_trouble",
    staff=_("{trouble!w}: expected {expected}, found {found}."),
    customer=_("It isn't what we expected; we need to look closer."),
    client=_("{trouble!w}: expected {expected}, found {found}."),
):
    trouble: str
    discrepancy: str
    expected: str
    found: str
    rma: str | None = None


class Accepted(
    Fact,
    kind="returns.accepted",
    staff=_("Accepted as return ({moment!w})."),
    customer=_("We checked it: it is what we sold you."),
    client=_("Accepted as return."),
):
    rma: str
    line: str
    moment: str
    """graded, person, lost: by what it was accepted."""
    deduction: str | None = None
    why: str | None = None
    deductions: list[dict[str, Any]] | None = None
    """Each by itself: {amount, rule, version}."""


class ReturnRefused(
    Fact,
    kind="returns.return_refused",
    staff=_("Not taken back, to be sent to the customer: {reason}"),
    customer=_("We can't take it back: {reason} We'll send it to you."),
    client=_("Not taken back, to be sent to the customer: {reason}"),
):
    rma: str
    line: str
    reason: str


class SentBack(
    Fact,
    kind="returns.sent_back",
    staff=_("Sent back, parcel {tracking}."),
    customer=_("We sent it to you, parcel {tracking}."),
    client=_("Sent back, parcel {tracking}."),
):
    tracking: str
    to: str
    """customer, owner or vendor."""
    shipment: str
    rma: str | None = None
    with_data: bool | None = None
    """True when data is still on it: it goes to the one whose data it is."""


class Restocked(
    Fact,
    kind="returns.restocked",
    staff=_("Put back into stock at {place}."),
    client=_("Put back into stock."),
):
    place: str


# The support desk ------------------------------------------------------------------------------------------------------------------


class CaseOpened(
    Fact,
    kind="returns.case_opened",
    staff=_("Support case {number} opened ({channel!w})."),
    client=_("Support case {number} opened ({channel!w})."),
):
    number: str
    channel: str
    order: str | None = None
    rma: str | None = None
    """The return that the customer asked about: one more contact for it."""


class CaseClosed(
    Fact,
    kind="returns.case_closed",
    staff=_("Support case {number} closed ({result!w}), {minutes:minute|minutes}[, {cost!m} {currency}]."),
    client=_("Support case {number} closed ({result!w})."),
):
    number: str
    channel: str
    result: str
    minutes: int
    measured: int
    """What the clock said; ``minutes`` differ where a person put them right."""
    cost: str
    currency: str
    desk: str | None = None
    """Code of the organization whose people did the work."""
    order: str | None = None
    rma: str | None = None


class FixedWithoutReturn(
    Fact,
    kind="returns.fixed_without_return",
    staff=_("Line {position} works again after {minutes:minute|minutes} of support; nothing has to come back."),
    client=_("Line {position} works again after support; nothing has to come back."),
):
    """On the order's chain: a return that there was no need for."""

    case: str
    line: str
    position: int
    reason: str | None = None
    tree: str | None = None
    """The troubleshooting tree that led there, and the version of the trees."""
    rules: int | None = None
    minutes: int


class RulesOverridden(
    Fact,
    kind="returns.rules_overridden",
    staff=_("The rules were overridden for line {position} (they said: {was!w}), worth {value!m} {currency}."),
    client=_("The rules were overridden for line {position}, worth {value!m} {currency}."),
):
    """On the RMA's chain; who did it is the entry's actor, why is kept with the line."""

    number: str
    line: str
    position: int
    was: str
    """The rule that decided before."""
    blocked: bool
    """True where the rules allowed it not at all, or not for this wish."""
    fee_waived: str
    value: str
    """What was given beyond the rules: the price where they blocked, else the fee."""
    currency: str
    above: bool
    """True where it was more than one person may, and another had to approve."""


# Of a unit, with its customer ---------------------------------------------------------------------------------------------------------


class OfferMade(
    Fact,
    kind="returns.offer_made",
    staff=_("Offered to the customer: {offer_kind!w}, {amount!m} {currency}, to be answered by {answer_by!d}."),
    customer=_("We asked you: {offer_kind!w}, {amount!m} {currency}."),
    client=_("Offered to the customer: {offer_kind!w}, {amount!m} {currency}."),
):
    rma: str
    line: str
    offer: str
    offer_kind: str
    """offer.reduction, offer.repair, offer.instead."""
    amount: str
    currency: str
    answer_by: str


class OfferAccepted(
    Fact,
    kind="returns.offer_accepted",
    staff=_("The customer accepted ({offer_kind!w}, {amount!m} {currency})."),
    customer=_("You agreed to our offer."),
    client=_("The customer accepted ({offer_kind!w}, {amount!m} {currency})."),
):
    """The owner's consent: what is done next cites it."""

    rma: str
    line: str
    offer: str
    offer_kind: str
    amount: str
    currency: str
    path: str | None = None
    why: str | None = None


class OfferDeclined(
    Fact,
    kind="returns.offer_declined",
    staff=_("The customer declined ({offer_kind!w}, {amount!m} {currency})[: {path!w}]."),
    customer=_("You declined our offer."),
    client=_("The customer declined ({offer_kind!w}, {amount!m} {currency})[: {path!w}]."),
):
    rma: str
    line: str
    offer: str
    offer_kind: str
    amount: str
    currency: str
    path: str | None = None
    why: str | None = None


class OfferLapsed(
    Fact,
    kind="returns.offer_lapsed",
    staff=_("The customer didn't answer in time ({offer_kind!w}, {amount!m} {currency})."),
    customer=_("We had no answer to our offer in time."),
    client=_("The customer didn't answer in time ({offer_kind!w}, {amount!m} {currency})."),
):
    rma: str
    line: str
    offer: str
    offer_kind: str
    amount: str
    currency: str
    path: str | None = None
    why: str | None = None


class OfferWithdrawn(
    Fact,
    kind="returns.offer_withdrawn",
    staff=_("The offer was withdrawn ({offer_kind!w}, {amount!m} {currency}): {why}"),
    customer=_("We withdrew our offer: {why}"),
    client=_("The offer was withdrawn ({offer_kind!w}, {amount!m} {currency}): {why}"),
):
    rma: str
    line: str
    offer: str
    offer_kind: str
    amount: str
    currency: str
    path: str | None = None
    why: str | None = None


class ToBeSentBack(
    Fact,
    kind="returns.to_be_sent_back",
    staff=_("To be sent to the customer as it is."),
    customer=_("We'll send it back to you as it is."),
    client=_("To be sent to the customer as it is."),
):
    """The customer wants it back, or gave no answer; nothing was refused."""

    rma: str
    line: str


class GivenUp(
    Fact,
    kind="returns.given_up",
    staff=_("The customer gave it up: its data is to be destroyed, and it goes to recycling."),
    customer=_("You gave it up. We destroy its data and recycle it."),
    client=_("The customer gave it up: its data is to be destroyed, and it goes to recycling."),
):
    """The owner's consent to an end that can't be undone."""

    rma: str
    line: str
    offer: str | None = None


class UnitDisputed(
    Fact,
    kind="returns.unit_disputed",
    staff=_("The customer appeals; somebody who didn't look before looks again by {decide_by!d}."),
    client=_("The customer appeals; it is looked at again by {decide_by!d}."),
):
    """On the unit's chain: triage reads there who may not look at it again."""

    rma: str
    line: str
    appeal: str
    inspectors: list[str]
    """Everybody whose own work is disputed."""
    decide_by: str


class LookAgain(
    Fact,
    kind="returns.look_again",
    staff=_("What was decided for it is open again: its customer appeals."),
    client=_("What was decided for it is open again."),
):
    rma: str


class DisputeEnded(
    Fact,
    kind="returns.dispute_ended",
    staff=_("The appeal is decided: {outcome!w}[. {why}]"),
    client=_("The appeal is decided: {outcome!w}."),
):
    """On the unit's chain."""

    rma: str
    appeal: str
    line: str
    outcome: str
    """appeal.changed, appeal.upheld, appeal.withdrawn."""
    why: str | None = None


class AppealOpened(
    Fact,
    kind="returns.appeal_opened",
    staff=_("The customer appeals ({tag}), to be decided by {decide_by!d}."),
    customer=_("You asked us to look again. We'll answer by {decide_by!d}."),
    client=_("The customer appeals ({tag}), to be decided by {decide_by!d}."),
):
    """On the RMA's chain."""

    appeal: str
    line: str
    unit: str
    tag: str
    refund: str | None = None
    here: bool
    """Whether the thing is still with us, to be looked at again."""
    decide_by: str


class AppealDecided(
    Fact,
    kind="returns.appeal_decided",
    staff=_("Appeal decided ({tag}): {outcome!w}[, {amount!m} {currency} in all][. {why}]"),
    customer=_("We looked again: {outcome!w}[. {why}]"),
    client=_("Appeal decided ({tag}): {outcome!w}."),
):
    """On the RMA's chain."""

    appeal: str
    line: str
    unit: str
    tag: str
    outcome: str
    why: str | None = None
    amount: str | None = None
    """What the customer gets in all, where it was changed."""
    currency: str


class ToTheBench(
    Fact,
    kind="returns.to_the_bench",
    staff=_("To be repaired, as its owner agreed."),
    customer=_("We are going to repair it."),
    client=_("To be repaired, as its owner agreed."),
):
    rma: str
    line: str


# Of rules that are tried ------------------------------------------------------------------------------------------------------------


class TrialStarted(
    Fact,
    kind="returns.trial_started",
    staff=_("These rules are tried on {cases:past case|past cases}."),
):
    """Said on the chain of the rules."""

    trial: str
    cases: int


class TrialStopped(
    Fact,
    kind="returns.trial_stopped",
    staff=_("The trial was stopped after {done} of {cases:case|cases}."),
):
    trial: str
    done: int
    cases: int


class TrialResumed(
    Fact,
    kind="returns.trial_resumed",
    staff=_("The trial goes on after {done} of {cases:case|cases}."),
):
    trial: str
    done: int
    cases: int


class TrialFinished(
    Fact,
    kind="returns.trial_finished",
    staff=_("The trial is done: of {cases:past case|past cases} {changed} would go another way."),
):
    trial: str
    cases: int
    changed: int
