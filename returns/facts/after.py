"""Of what comes after a return; never what its customer wrote."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class MoneyShared(
    Fact,
    kind="returns.money_shared",
    staff=_(
        "{refunded} {currency} went back as money, {credited} stayed as store credit, {exchanged} went into another thing."
    ),
):
    """Said once, when the return is closed."""

    refunded: str
    credited: str
    exchanged: str
    deducted: str
    currency: str
    outcome: str
    reason: str


class OpinionAsked(
    Fact,
    kind="returns.opinion_asked",
    staff=_("The customer was asked how it went."),
    customer=_("We asked you how it went."),
):
    number: str


class OpinionGiven(
    Fact,
    kind="returns.opinion_given",
    staff=_("The customer gives it {score} of 5."),
    customer=_("You gave it {score} of 5."),
    client=_("The customer gives it {score} of 5."),
):
    score: int


class OpinionChanged(
    Fact,
    kind="returns.opinion_changed",
    staff=_("The customer changed it to {score} of 5."),
    customer=_("You changed it to {score} of 5."),
    client=_("The customer changed it to {score} of 5."),
):
    score: int
    before: int


class RefundAskedFor(
    Fact,
    kind="returns.refund_asked_for",
    staff=_("The customer asked where their refund is: {money}."),
    client=_("The customer asked where their refund is: {money}."),
):
    """``money`` is where it was at that moment, ``asked_by`` how they asked."""

    source: str
    asked_by: str
    money: str


class BoughtAgain(
    Fact,
    kind="returns.bought_again",
    staff=_("The customer bought again after {days:day|days}."),
):
    order: str
    days: int
