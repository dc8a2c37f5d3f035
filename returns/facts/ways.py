"""Of the way that a return travels: what its customer chose, and what was said of it underway."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class WayChosen(
    Fact,
    kind="returns.way_chosen",
    staff=_("To travel so: {way!w} (costs {fee!m} {currency})."),
    customer=_("You chose how it travels: {way!w}."),
    client=_("To travel so: {way!w}."),
):
    number: str
    way: str
    fee: str
    currency: str
    pickup: str | None = None
    """The number of the pickup that was booked for it."""


class WayOpen(
    Fact,
    kind="returns.way_open",
    staff=_("No way that the rules offer will do for it: somebody has to arrange one."),
    customer=_("We are arranging how it travels."),
    client=_("No way that the rules offer will do for it."),
):
    number: str


class LabelRefused(
    Fact,
    kind="returns.label_refused",
    staff=_("The carrier won't carry parcel {tracking}; the customer gets a label of ours."),
    client=_("The carrier won't carry parcel {tracking}."),
):
    number: str
    parcel: str
    tracking: str


class ParcelUnderway(
    Fact,
    kind="returns.parcel_underway",
    staff=_("The carrier says of parcel {tracking}: {scan!w}."),
    customer=_("The carrier says of your parcel: {scan!w}."),
    client=_("The carrier says of parcel {tracking}: {scan!w}."),
):
    number: str
    parcel: str
    tracking: str
    scan: str


class PickupMissed(
    Fact,
    kind="returns.pickup_missed",
    staff=_("The van came and nobody was there ({pickup})."),
    customer=_("Our van came and met nobody."),
    client=_("The van came and met nobody."),
):
    number: str
    pickup: str
