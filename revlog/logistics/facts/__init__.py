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
    staff=_("Handed over by {giver!p} to {taker!p}: {parcels:parcel|parcels}[, seal {seal}]."),
    client=_("Handed over by {giver!p} to {taker!p}: {parcels:parcel|parcels}."),
):
    giver: str
    taker: str
    parcels: int
    seal: str | None = None


class AcceptedByTaker(
    Fact,
    kind="logistics.accepted",
    staff=_("Accepted by {taker!p} from {giver!p}: {parcels:parcel|parcels}[, seal {seal}]."),
    client=_("Accepted by {taker!p} from {giver!p}: {parcels:parcel|parcels}."),
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
    staff=_("Parcel {tracking} arrived at {hub!h}, {condition!w}."),
    client=_("Parcel {tracking} arrived at {hub!h}."),
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


class ParcelWeighed(
    Fact,
    kind="logistics.parcel_weighed",
    staff=_("Parcel {tracking} weighs {grams!k}."),
    client=_("Parcel {tracking} weighs {grams!k}."),
):
    parcel: str
    tracking: str
    grams: int


class ShipmentCancelled(Fact, kind="logistics.shipment_cancelled", staff=_("Shipment called off: {reason}.")):
    reason: str


# Carriers on the net ----------------------------------------------------------------------------------------------------------------


class BookingAsked(
    Fact, kind="logistics.booking_asked", staff=_("{carrier!c} is to carry parcel {tracking}; a worker asks it.")
):
    booking: str
    parcel: str
    tracking: str
    carrier: str


class Booked(
    Fact,
    kind="logistics.booked",
    staff=_("{carrier!c} carries it as {tracking} ({service}, {price!m} {currency})."),
    client=_("Its carrier gave it the number {tracking}."),
):
    booking: str
    parcel: str
    tracking: str
    carrier: str
    service: str
    price: str
    currency: str


class BookingRefused(
    Fact, kind="logistics.booking_refused", staff=_("{carrier!c} won't carry parcel {tracking} ({code!w}).")
):
    """The carrier's own words may hold an address, and stay in the booking."""

    booking: str
    parcel: str
    tracking: str
    carrier: str
    code: str


class BookingCancelled(
    Fact, kind="logistics.booking_cancelled", staff=_("{carrier!c} needn't carry parcel {tracking} any more.")
):
    booking: str
    parcel: str
    tracking: str
    carrier: str


class PostageKept(
    Fact, kind="logistics.postage_kept", staff=_("{carrier!c} gives no postage back for parcel {tracking}.")
):
    """It was called off when its carrier had it already, or too late for a refund."""

    booking: str
    parcel: str
    tracking: str
    carrier: str


class ParcelScanned(
    Fact,
    kind="logistics.parcel_scanned",
    staff=_("The carrier says of parcel {tracking}: {scan!w}."),
    client=_("The carrier says of parcel {tracking}: {scan!w}."),
):
    parcel: str
    tracking: str
    scan: str
    expected_on: str | None = None


# Pickups ----------------------------------------------------------------------------------------------------------------------------


class PickupBooked(
    Fact, kind="logistics.pickup_booked", staff=_("Pickup {number} booked for {day!d}, {begins} to {ends}.")
):
    number: str
    hub: str
    day: str
    begins: str
    ends: str
    reference: str


class PickupCancelled(Fact, kind="logistics.pickup_cancelled", staff=_("Pickup {number} called off.")):
    number: str


class PickupDone(Fact, kind="logistics.pickup_done", staff=_("Pickup {number}: picked up.")):
    number: str
    reference: str
    photo: str | None = None


class PickupMissed(Fact, kind="logistics.pickup_missed", staff=_("Pickup {number}: nobody was there.")):
    number: str
    reference: str


class WaySetUp(Fact, kind="logistics.way_set_up", staff=_("{what!w} {code} is set up as it is now.")):
    """A place, a pickup window or a carrier was set up or changed; what it is, its row says."""

    what: str
    code: str
    active: bool


# The dock ---------------------------------------------------------------------------------------------------------------------------


class AppointmentMade(
    Fact,
    kind="logistics.appointment_made",
    staff=_(
        "Appointment {number}: {carrier!c} at door {door}, {begins!t}: {parcels:parcel|parcels}, {pallets:pallet|pallets}."
    ),
):
    number: str
    hub: str
    carrier: str
    door: str
    begins: str
    ends: str
    parcels: int
    pallets: int


class AppointmentChanged(
    Fact, kind="logistics.appointment_changed", staff=_("Appointment {number} is moved to door {door}, {begins!t}.")
):
    number: str
    door: str
    begins: str
    ends: str
    parcels: int
    pallets: int


class AppointmentCancelled(Fact, kind="logistics.appointment_cancelled", staff=_("Appointment {number} called off.")):
    number: str


class DeliveryBegun(
    Fact,
    kind="logistics.delivery_begun",
    staff=_("Delivery {number}: {carrier!c} stands at {door}, {expected:parcel|parcels} expected."),
):
    number: str
    hub: str
    carrier: str
    door: str
    expected: int
    list_from: str
    reference: str | None = None
    appointment: str | None = None


class DeliveryListed(
    Fact, kind="logistics.delivery_listed", staff=_("Delivery {number}: {expected:parcel|parcels} on the list.")
):
    number: str
    expected: int
    list_from: str


class ParcelScannedOff(
    Fact,
    kind="logistics.parcel_scanned_off",
    staff=_("Parcel {tracking} arrived at {hub!h} with delivery {delivery}, {condition!w}."),
    client=_("Parcel {tracking} arrived at {hub!h}."),
):
    parcel: str
    tracking: str
    hub: str
    delivery: str
    condition: str
    announced: bool
    goes_to: str | None = None


class ParcelScanUndone(
    Fact,
    kind="logistics.parcel_scan_undone",
    staff=_("Parcel {tracking} was scanned by mistake: it isn't here."),
    client=_("Parcel {tracking} was scanned by mistake: it isn't here."),
):
    parcel: str
    tracking: str
    delivery: str
    corrects: str
    """Digest of the entry that it takes back."""


class ParcelPictured(
    Fact, kind="logistics.parcel_pictured", staff=_("Parcel {tracking} was photographed when it came.")
):
    parcel: str
    tracking: str
    delivery: str
    photo: str


class DeliveryEnded(
    Fact,
    kind="logistics.delivery_ended",
    staff=_(
        "Delivery {number}: {counted} of {expected} taken off, {damaged} damaged, {missing} missing, {turned_away} not taken."
    ),
):
    """``root`` is over the entries by which what it brought was accepted, in the order of the parcels' numbers."""

    number: str
    hub: str
    carrier: str
    expected: int
    counted: int
    unlisted: int
    damaged: int
    missing: int
    turned_away: int
    root: str
    signature: str | None = None
    unsigned: str | None = None


class StagingRuleKept(
    Fact, kind="logistics.staging_rule_kept", staff=_("Where parcels go, rule {position}: to {place} ({when!w}).")
):
    hub: str
    position: int
    when: str
    value: str
    place: str
    active: bool
