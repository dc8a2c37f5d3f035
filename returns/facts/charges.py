"""Of money from the customer: fees, differences and deposits."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


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
