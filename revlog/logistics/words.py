"""What people call directions, conditions and statuses of parcels."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.common import words

words.add(
    {
        "inbound": _("to us"),
        "outbound": _("from us"),
        "intact": _("intact"),
        "damaged": _("damaged"),
        "empty": _("empty"),
        "parcel.announced": _("announced"),
        "parcel.in_transit": _("on its way"),
        "parcel.arrived": _("arrived"),
        "parcel.done": _("unpacked"),
        "parcel.handed_over": _("handed over"),
        "parcel.cancelled": _("cancelled"),
        "scan.announced": _("announced to it"),
        "scan.in_transit": _("on its way"),
        "scan.out_for_delivery": _("on the van that brings it"),
        "scan.waiting": _("waits to be fetched"),
        "scan.delivered": _("delivered"),
        "scan.going_back": _("goes back to its sender"),
        "scan.trouble": _("something is wrong with it"),
        "booking.asked": _("being booked"),
        "booking.booked": _("booked"),
        "booking.refused": _("refused by the carrier"),
        "booking.cancelled": _("called off"),
        "travel.drop_off": _("the place"),
        "travel.window": _("the time of the van"),
        "travel.carrier": _("the carrier"),
        "pickup.booked": _("booked"),
        "pickup.done": _("picked up"),
        "pickup.missed": _("missed: nobody was there"),
        "pickup.cancelled": _("called off"),
    }
)
