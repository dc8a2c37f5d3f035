"""Of returns that are looked at closely: scores in codes and points, to our own people alone; nothing in them is about a person."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class RiskScored(
    Fact,
    kind="returns.risk_scored",
    staff=_("Risk scored: {points} of 100 ({band!w}), by version {rules} of the rules."),
):
    points: int
    band: str
    """risk.auto, risk.look, risk.hold."""
    rules: int
    signals: list[dict[str, Any]]
    """Each {code, points}: what it counted."""
    cause: str
    """The kind of fact after which it was scored."""


class ReviewOpened(
    Fact,
    kind="returns.review_opened",
    staff=_("Somebody has to look at this return closely, by {decide_by!d}."),
):
    held: bool
    """Whether money is held until then."""
    decide_by: str
    pay_by: str | None = None
    again: bool = False


class RefundHeld(
    Fact,
    kind="returns.refund_held",
    staff=_("{amount!m} {currency} for {tag} are held until somebody has looked, by {decide_by!d}."),
    customer=_("We look at this return closely before refunding, by {decide_by!d}."),
    client=_("{amount!m} {currency} for {tag} wait for a closer look."),
):
    refund: str
    line: str
    tag: str
    amount: str
    currency: str
    decide_by: str


class ReviewAsked(
    Fact,
    kind="returns.review_asked",
    staff=_("The customer was asked for more, to decide on the risk of this return."),
):
    message: str


class ReviewEnded(
    Fact,
    kind="returns.review_ended",
    staff=_("The closer look has ended ({how!w})[: {reason}]."),
):
    how: str
    """review.cleared, review.inspected, review.lapsed, review.ended."""
    held: bool
    """Whether money was held for it at any time; with ``how``, the share that was held for nothing."""
    points: int
    codes: list[str]
    objected: bool
    """Whether the customer had objected to an earlier decision."""
    reason: str | None = None


class FraudConfirmed(
    Fact,
    kind="returns.fraud_confirmed",
    staff=_("Fraud confirmed: {reason}"),
):
    reason: str
    held: bool
    points: int
    codes: list[str]
    amount: str
    """What isn't paid for it."""
    currency: str


class PaymentDenied(
    Fact,
    kind="returns.payment_denied",
    staff=_("{amount!m} {currency} are not paid; the customer may object until {object_by!d}."),
    customer=_("We can't pay this back: {reason}"),
    client=_("{amount!m} {currency} are not paid to the customer: {reason}"),
):
    """Of what no refused unit tells by itself: things that stay, that never came, or a return that wasn't approved yet."""

    reason: str
    """What was found, as the customer reads it."""
    amount: str
    currency: str
    object_by: str | None = None
    """Until when they may object; none after somebody else has looked again."""


class ReviewReopened(
    Fact,
    kind="returns.review_reopened",
    staff=_("The customer objects; somebody else looks at it again, by {decide_by!d}."),
    customer=_("You objected. Somebody else looks at it again, by {decide_by!d}."),
    client=_("The customer objects; somebody else looks at it again."),
):
    decide_by: str
