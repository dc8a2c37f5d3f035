"""Of money to the customer: refunds and store credit. What is said is on the chain of the RMA or of the credit."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


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
        "Store credit of {amount!m} {currency} given[, {bonus!m} of it for taking credit][, good until {expires!d}]."
    ),
    customer=_("We gave you a store credit of {amount!m} {currency}[, good until {expires!d}]."),
    client=_("Store credit of {amount!m} {currency} given to the customer."),
):
    """The code is not said here: who knows it can spend it. One that never ends says no day."""

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


class CreditLapsed(
    Fact,
    kind="returns.credit_lapsed",
    staff=_("The store credit ended on {ended!d}; {amount!m} {currency} of it weren't spent and are booked as income."),
    customer=_("Your store credit ended on {ended!d}; {amount!m} {currency} of it weren't spent."),
    client=_(
        "The store credit ended on {ended!d}; {amount!m} {currency} of it weren't spent and are booked as income."
    ),
):
    credit: str
    amount: str
    currency: str
    ended: str
