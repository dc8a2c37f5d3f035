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


class Bagged(
    Fact,
    kind="returns.bagged",
    staff=_("{tag} was checked at {place} and sealed in {bag}, {condition!w}."),
    customer=_("We checked it at {place} and sealed it in bag {bag}."),
    client=_("{tag} was checked at {place} and sealed in {bag}, {condition!w}."),
):
    number: str
    bag: str
    tag: str
    place: str
    condition: str
    photo: str | None = None


class TakenAtCounter(
    Fact,
    kind="returns.taken_at_counter",
    staff=_("Handed in at {place}."),
    customer=_("You handed it in at {place}."),
    client=_("Handed in at {place}."),
):
    """The customer has the receipt; ``bags`` is empty for a packed parcel."""

    number: str
    place: str
    bags: list[str]


class ToteSent(
    Fact,
    kind="returns.tote_sent",
    staff=_("Sent from {place} in tote {tote}, parcel {tracking}."),
    customer=_("It is on its way from {place} to our site."),
    client=_("Sent from {place} in tote {tote}."),
):
    number: str
    place: str
    tote: str
    tracking: str
