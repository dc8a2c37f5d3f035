"""What is said of unsold goods, of returns to suppliers, and of what suppliers do about their defects."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class UnsoldFound(Fact, kind="returns.unsold_found", staff=_("Found unsold: {unsold!w}, by rule {rule}.")):
    """On the unit's chain; ``numbers`` are what the rule looked at."""

    unsold: str
    rule: str
    edition: int
    numbers: dict[str, Any]


class UnsoldSentOn(
    Fact,
    kind="returns.unsold_sent_on",
    staff=_("Unsold ({unsold!w}): {way!w}[, {reason}]."),
    client=_("Sent on: {way!w}."),
):
    unsold: str
    way: str
    rule: str
    edition: int
    net: str
    currency: str
    reason: str | None = None


class UnsoldKept(Fact, kind="returns.unsold_kept", staff=_("Kept in stock: {reason}.")):
    unsold: str
    reason: str


# On the return's own chain ------------------------------------------------------------------------------------------------------------


class VendorReturnDrafted(
    Fact,
    kind="returns.vendor_return_drafted",
    staff=_("Return {number} to {supplier!o} prepared: {lines:line|lines}, agreement version {edition}."),
):
    number: str
    supplier: str
    edition: int
    lines: int
    value: str
    currency: str


class VendorReturnAsked(
    Fact,
    kind="returns.vendor_return_asked",
    staff=_(
        "{supplier!o} is asked to take it: {pieces:piece|pieces}, {expected} {currency} expected; answer by {answer_by!d}."
    ),
    client=_("We ask you to take {pieces:piece|pieces} back, for {expected} {currency}."),
):
    number: str
    supplier: str
    edition: int
    pieces: int
    value: str
    expected: str
    currency: str
    answer_by: str


class VendorReturnReminded(
    Fact,
    kind="returns.vendor_return_reminded",
    staff=_("{supplier!o} is reminded: answer by {answer_by!d}."),
    client=_("We reminded you to answer by {answer_by!d}."),
):
    number: str
    supplier: str
    answer_by: str


class VendorReturnAuthorized(
    Fact,
    kind="returns.vendor_return_authorized",
    staff=_("Authorized under their number {theirs}[, until {until!d}]."),
    client=_("Authorized under your number {theirs}[, until {until!d}]."),
):
    number: str
    theirs: str
    until: str | None = None


class VendorReturnTakenInPart(
    Fact,
    kind="returns.vendor_return_taken_in_part",
    staff=_("Taken in part, {expected} of {asked} {currency}: {why}[; the rest is refused as {other}]."),
    client=_("You take it in part, {expected} of {asked} {currency}: {why}[; the rest is refused as {other}]."),
):
    number: str
    lines: int
    expected: str
    asked: str
    currency: str
    why: str
    other: str | None = None


class VendorReturnRefused(
    Fact,
    kind="returns.vendor_return_refused",
    staff=_("The supplier refused: {why}."),
    client=_("You refused: {why}."),
):
    number: str
    why: str


class VendorReturnPacked(
    Fact,
    kind="returns.vendor_return_packed",
    staff=_("Packed: {pieces:piece|pieces} in {parcels:parcel|parcels}."),
    client=_("Packed: {pieces:piece|pieces} in {parcels:parcel|parcels}."),
):
    number: str
    pieces: int
    parcels: int


class VendorReturnShipped(
    Fact,
    kind="returns.vendor_return_shipped",
    staff=_("Shipped: {pieces:piece|pieces}, parcel {tracking}; credit due by {credit_by!d}."),
    client=_("On its way to you: {pieces:piece|pieces}, parcel {tracking}."),
):
    number: str
    shipment: str
    tracking: str
    pieces: int
    value: str
    currency: str
    credit_by: str


class VendorCredited(
    Fact,
    kind="returns.vendor_credited",
    staff=_("Credited by their paper {credit}: {amount} {currency} of {expected}."),
    client=_("You credited {amount} {currency} by {credit}."),
):
    number: str
    credit: str
    amount: str
    expected: str
    currency: str


class VendorReturnDisputed(
    Fact,
    kind="returns.vendor_return_disputed",
    staff=_("Disputed: {text}."),
    client=_("We don't agree: {text}."),
):
    number: str
    text: str


class VendorReturnClosed(
    Fact,
    kind="returns.vendor_return_closed",
    staff=_("Closed: {credited} {currency} credited, {written_off} written off[, {why}]."),
    client=_("Closed: {credited} {currency} credited."),
):
    number: str
    credited: str
    written_off: str
    currency: str
    why: str | None = None


class VendorReturnCancelled(
    Fact,
    kind="returns.vendor_return_cancelled",
    staff=_("Called off: {why}."),
    client=_("We called it off: {why}."),
):
    number: str
    why: str


# Corrective actions -------------------------------------------------------------------------------------------------------------------


class ActionOpened(
    Fact,
    kind="returns.action_opened",
    staff=_("Corrective action {number} with {supplier!o}, due {due!d}."),
    client=_("Corrective action {number}, due {due!d}."),
):
    number: str
    supplier: str
    due: str


class ActionWritten(
    Fact, kind="returns.action_written", staff=_("Written down: {parts}."), client=_("Written down: {parts}.")
):
    number: str
    parts: str
    """Names of the parts that changed."""


class ActionDone(Fact, kind="returns.action_done", staff=_("Said to be done."), client=_("Said to be done.")):
    number: str


class ActionVerified(
    Fact,
    kind="returns.action_verified",
    staff=_("Verified as effective: {proof}."),
    client=_("Verified as effective."),
):
    number: str
    proof: str


class ActionReopened(
    Fact, kind="returns.action_reopened", staff=_("Not effective: {why}."), client=_("Not effective: {why}.")
):
    number: str
    why: str


class ActionDropped(Fact, kind="returns.action_dropped", staff=_("Dropped: {why}."), client=_("Dropped: {why}.")):
    number: str
    why: str
