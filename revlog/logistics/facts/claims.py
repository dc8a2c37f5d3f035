"""What can be said of claims to carriers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class CarrierClaimDrafted(
    Fact,
    kind="logistics.claim_drafted",
    staff=_("Claim {number} to {carrier!c} is prepared: {claimed!m} {currency} for {what!w} of {shipment}."),
):
    number: str
    carrier: str
    shipment: str
    what: str
    claimed: str
    currency: str
    notice_by: str


class CarrierClaimFiled(Fact, kind="logistics.claim_filed", staff=_("Claim {number} is filed with {carrier!c}.")):
    number: str
    carrier: str
    late: bool


class CarrierClaimWritten(Fact, kind="logistics.claim_written", staff=_("The letter of claim {number} is {letter}.")):
    number: str
    document: str
    letter: str


class CarrierClaimAnswered(
    Fact, kind="logistics.claim_answered", staff=_("The carrier offers {offered!m} {currency} for claim {number}.")
):
    number: str
    offered: str
    currency: str


class CarrierClaimPaid(
    Fact, kind="logistics.claim_paid", staff=_("The carrier paid {paid!m} {currency} for claim {number}.")
):
    number: str
    paid: str
    currency: str


class CarrierClaimClosed(Fact, kind="logistics.claim_closed", staff=_("Claim {number} ends: {what!w}.")):
    number: str
    what: str
