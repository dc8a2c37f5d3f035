"""What can be said of carriers' bills."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class BillEntered(
    Fact, kind="logistics.bill_entered", staff=_("Bill {number} of {carrier!c} ({theirs}) of {dated!d} is entered.")
):
    number: str
    carrier: str
    theirs: str
    contract: str
    dated: str
    file: str | None = None


class BillMatched(
    Fact,
    kind="logistics.bill_matched",
    staff=_("Bill {number}: {lines:line|lines}, {matched} as expected, {amount!m} {currency} in all."),
):
    number: str
    lines: int
    matched: int
    amount: str
    currency: str


class BillApproved(
    Fact,
    kind="logistics.bill_approved",
    staff=_("Bill {number} is approved: {paid!m} {currency} to be paid, {disputed!m} {currency} disputed."),
):
    number: str
    paid: str
    disputed: str
    disputes: int
    currency: str


class BillPutAside(Fact, kind="logistics.bill_put_aside", staff=_("Bill {number} is put aside: {reason}.")):
    number: str
    reason: str


class DisputeSettled(
    Fact,
    kind="logistics.dispute_settled",
    staff=_("The dispute about line {line} of bill {number} ends: {paid!m} {currency} more are paid."),
):
    number: str
    line: int
    paid: str
    currency: str
