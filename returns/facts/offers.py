"""Of a unit and its customer: offers, appeals, and what is sent back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


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


class SendBackAsked(
    Fact,
    kind="returns.send_back_asked",
    staff=_("The customer wants {tag} back before the time to appeal has ended."),
    customer=_("You asked us to send it back to you now."),
    client=_("The customer wants {tag} back before the time to appeal has ended."),
):
    """On the RMA's chain, of what was refused."""

    line: str
    tag: str


class DeductionAgreed(
    Fact,
    kind="returns.deduction_agreed",
    staff=_("The customer agrees to the deduction of {amount!m} {currency} ({tag})."),
    customer=_("You agreed to the deduction of {amount!m} {currency}."),
    client=_("The customer agrees to the deduction of {amount!m} {currency} ({tag})."),
):
    """On the RMA's chain: the thing waits for them no longer."""

    line: str
    tag: str
    refund: str
    amount: str
    currency: str


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
