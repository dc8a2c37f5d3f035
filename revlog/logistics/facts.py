"""What can be said of shipments and parcels."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class ShipmentAnnounced(
    Fact,
    kind="logistics.shipment_announced",
    staff=_("Shipment {number} announced ({direction!w}), {parcels:parcel|parcels}."),
    client=_("Shipment {number} announced, {parcels:parcel|parcels}."),
):
    number: str
    direction: str
    parcels: int
    carrier: str | None = None
    reference: str | None = None


class ParcelAdded(Fact, kind="logistics.parcel_added", staff=_("Parcel {tracking} added.")):
    parcel: str
    tracking: str


class Released(
    Fact,
    kind="logistics.released",
    staff=_("Handed over by {giver} to {taker}: {parcels:parcel|parcels}, seal {seal}."),
    client=_("Handed over by {giver} to {taker}: {parcels:parcel|parcels}."),
):
    giver: str
    taker: str
    parcels: int
    seal: str | None = None


class AcceptedByTaker(
    Fact,
    kind="logistics.accepted",
    staff=_("Accepted by {taker} from {giver}: {parcels:parcel|parcels}, seal {seal}."),
    client=_("Accepted by {taker} from {giver}: {parcels:parcel|parcels}."),
):
    giver: str
    taker: str
    parcels: int
    seal: str | None = None
    released: str | None = None
    """Digest of the entry by which it was released; None when nobody released it."""


class ParcelReceived(
    Fact,
    kind="logistics.parcel_received",
    staff=_("Parcel {tracking} arrived at {hub}, {condition!w}."),
    client=_("Parcel {tracking} arrived at {hub}."),
):
    parcel: str
    tracking: str
    hub: str
    condition: str
    announced: bool


class ParcelConditionNoted(
    Fact,
    kind="logistics.parcel_condition_noted",
    staff=_("Parcel {tracking} is {condition!w}."),
    client=_("Parcel {tracking} is {condition!w}."),
):
    parcel: str
    tracking: str
    condition: str


class ShipmentCancelled(Fact, kind="logistics.shipment_cancelled", staff=_("Shipment called off: {reason}.")):
    reason: str
