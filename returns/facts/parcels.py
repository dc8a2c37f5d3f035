"""Of how a return travels, and what is amiss with a box."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class LabelIssued(
    Fact,
    kind="returns.label_issued",
    staff=_("Label made for parcel {tracking}."),
    customer=_("Your label is ready."),
    client=_("Label made for parcel {tracking}."),
):
    number: str
    parcel: str
    tracking: str


class ParcelPlanned(
    Fact,
    kind="returns.parcel_planned",
    staff=_("One more parcel planned, {tracking}."),
    customer=_("You asked for one more label."),
    client=_("One more parcel planned, {tracking}."),
):
    number: str
    parcel: str
    tracking: str


class HandedOver(
    Fact,
    kind="returns.handed_over",
    staff=_("Handed to the carrier, {parcels:parcel|parcels}."),
    customer=_("You handed the parcel in."),
    client=_("Handed to the carrier, {parcels:parcel|parcels}."),
):
    number: str
    parcels: int


class ParcelArrived(
    Fact,
    kind="returns.parcel_arrived",
    staff=_("Parcel {tracking} arrived at {hub!h}."),
    customer=_("Your parcel arrived."),
    client=_("Parcel {tracking} arrived at {hub!h}."),
):
    number: str
    parcel: str
    tracking: str
    hub: str
    check_by: str


class BoxTrouble(
    Fact,
    kind="returns.box_trouble",
    staff=_("{trouble!w}: expected {expected}, found {found}."),
    customer=_("Something about the parcel isn't as announced; we are looking into it."),
    client=_("{trouble!w}: expected {expected}, found {found}."),
):
    """Said on the RMA's chain when there is no unit to say it of, on the shipment's when there is no RMA."""

    trouble: str
    discrepancy: str
    expected: str
    found: str


class TroubleResolved(
    Fact,
    kind="returns.trouble_resolved",
    staff=_("Settled, {trouble!w}: {resolution}."),
    client=_("Settled, {trouble!w}: {resolution}."),
):
    trouble: str
    discrepancy: str
    resolution: str
