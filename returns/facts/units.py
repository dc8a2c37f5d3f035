"""Of a unit that came back, on the unit's own chain."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from returns.facts import trading
from revlog.custody.facts import Fact


class UnitMatched(
    Fact,
    kind="returns.unit_matched",
    staff=_("Belongs to return {number}, line {position} (known by {how!w})."),
    client=_("Belongs to return {number}, line {position}."),
    instead=trading.words("returns.unit_matched"),
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
    instead=trading.words("returns.accepted"),
):
    rma: str
    line: str
    moment: str
    """graded, person, lost: by what it was accepted."""
    deduction: str | None = None
    why: str | None = None
    deductions: list[dict[str, Any]] | None = None
    """Each by itself: {amount, rule, version}."""
    trade: bool | None = None
    """Said of a trade-in: there it isn't what we sold."""


class ReturnRefused(
    Fact,
    kind="returns.return_refused",
    staff=_("Not taken back, to be sent to the customer: {reason}"),
    customer=_("We can't take it back: {reason} We'll send it to you."),
    client=_("Not taken back, to be sent to the customer: {reason}"),
    instead=trading.words("returns.return_refused"),
):
    rma: str
    line: str
    reason: str
    trade: bool | None = None


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
