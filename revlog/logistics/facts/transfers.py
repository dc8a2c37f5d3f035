"""What can be said of transfers: on the transfer's chain, and on the chain of each container and unit whose hands change.

``root`` is the Merkle root (RFC 6962) over the entries or digests that an act covered, in the order of their chains' ids.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class TransferPlanned(
    Fact,
    kind="logistics.transfer_planned",
    staff=_(
        "Transfer {number} from {origin!p} to {to!p}: {containers:container|containers}, {units:single unit|single units}."
    ),
):
    number: str
    origin: str
    to: str
    containers: int
    units: int


class CargoListed(
    Fact, kind="logistics.cargo_listed", staff=_("On the list of transfer {transfer}: {things:thing|things} more.")
):
    transfer: str
    things: int
    added: bool
    """It was loaded without being on the list."""


class CargoLeftOut(Fact, kind="logistics.cargo_left_out", staff=_("{code} doesn't go with transfer {transfer}.")):
    transfer: str
    code: str


class LegsPlanned(
    Fact, kind="logistics.legs_planned", staff=_("The way of shipment {shipment}: {legs:leg|legs}, with {carriers!c}.")
):
    transfer: str
    shipment: str
    legs: int
    carriers: str


class CargoLoaded(Fact, kind="logistics.cargo_loaded", staff=_("{code} loaded with shipment {shipment}.")):
    transfer: str
    shipment: str
    code: str
    seals: str | None = None
    checked: bool
    """One of its seals was scanned."""


class CargoUnloaded(Fact, kind="logistics.cargo_unloaded", staff=_("{code} taken off shipment {shipment} again.")):
    transfer: str
    shipment: str
    code: str


class TransferReleased(
    Fact,
    kind="logistics.transfer_released",
    staff=_(
        "Shipment {shipment} handed over to {carrier!c}: {containers:container|containers}, {units:single unit|single units}; {left} left."
    ),
):
    transfer: str
    shipment: str
    carrier: str
    containers: int
    units: int
    left: int
    root: str
    signature: str | None = None
    unsigned: str | None = None


class UnitReleased(
    Fact,
    kind="logistics.unit_released",
    staff=_("Left for {to!p} with {carrier!c}, transfer {transfer}[, in {container}]."),
    client=_("On its way to {to!p} with {carrier!c}."),
):
    transfer: str
    shipment: str
    carrier: str
    to: str
    container: str | None = None


class ContainerReleased(
    Fact,
    kind="logistics.container_released",
    staff=_("Left for {to!p} with {carrier!c}, transfer {transfer}, with {units:unit|units} in it[; seals {seals}]."),
):
    transfer: str
    shipment: str
    carrier: str
    to: str
    units: int
    containers: int
    seals: str | None = None
    root: str


class UnitPassedOn(
    Fact,
    kind="logistics.unit_passed_on",
    staff=_("Handed over by {giver!p} to {carrier!c} at {place}, transfer {transfer}."),
):
    transfer: str
    shipment: str
    giver: str
    carrier: str
    place: str


class ContainerPassedOn(
    Fact,
    kind="logistics.container_passed_on",
    staff=_("Handed over by {giver!p} to {carrier!c} at {place}, transfer {transfer}."),
):
    transfer: str
    shipment: str
    giver: str
    carrier: str
    place: str
    root: str


class LegCame(Fact, kind="logistics.leg_came", staff=_("Shipment {shipment} came to {place} with {carrier!c}.")):
    transfer: str
    shipment: str
    leg: int
    carrier: str
    place: str


class LegLeft(
    Fact, kind="logistics.leg_left", staff=_("Shipment {shipment} left {place} with {carrier!c} ({mode!w}).")
):
    transfer: str
    shipment: str
    leg: int
    carrier: str
    place: str
    mode: str


class LegOverdue(
    Fact,
    kind="logistics.leg_overdue",
    staff=_("Shipment {shipment} is late: {carrier!c} was to bring it to {place} by {due!t}."),
):
    transfer: str
    shipment: str
    leg: int
    carrier: str
    place: str
    due: str


class UnitTakenIn(
    Fact,
    kind="logistics.unit_taken_in",
    staff=_("Taken in by {to!p} from {carrier!c}, transfer {transfer}[, in {container}]."),
    client=_("Taken in by {to!p}."),
):
    transfer: str
    shipment: str
    carrier: str
    to: str
    container: str | None = None
    released: str | None = None
    """Digest of the entry by which it left."""


class ContainerTakenIn(
    Fact,
    kind="logistics.container_taken_in",
    staff=_("Taken in by {to!p} from {carrier!c}, transfer {transfer}, with {units:unit|units} in it."),
):
    transfer: str
    shipment: str
    carrier: str
    to: str
    units: int
    containers: int
    root: str
    released: str | None = None


class UnitInOtherHands(
    Fact,
    kind="logistics.unit_in_other_hands",
    staff=_("It was with {giver!p}, transfer {transfer}: it may hold data again."),
):
    transfer: str
    giver: str


class UnitStayed(
    Fact, kind="logistics.unit_stayed", staff=_("Didn't come back with transfer {transfer}: {giver!p} has it still.")
):
    transfer: str
    giver: str


class TransferTakenIn(
    Fact,
    kind="logistics.transfer_taken_in",
    staff=_("Shipment {shipment} taken in by {to!p}: {accepted} of {released}, {missing} missing, {over} too many."),
):
    transfer: str
    shipment: str
    to: str
    released: int
    accepted: int
    missing: int
    over: int
    root: str
    signature: str | None = None
    unsigned: str | None = None


class DiscrepancyNoted(
    Fact, kind="logistics.discrepancy_noted", staff=_("{code} of shipment {shipment}: {trouble!w}.")
):
    transfer: str
    shipment: str
    discrepancy: str
    trouble: str
    code: str
    photo: str | None = None


class DiscrepancySettled(
    Fact, kind="logistics.discrepancy_settled", staff=_("{code} of shipment {shipment}, {trouble!w}: {settled!w}.")
):
    transfer: str
    shipment: str
    discrepancy: str
    trouble: str
    code: str
    settled: str


class TransferDone(Fact, kind="logistics.transfer_done", staff=_("Transfer {number} is done.")):
    number: str


class TransferCancelled(Fact, kind="logistics.transfer_cancelled", staff=_("Transfer {number} called off.")):
    number: str
