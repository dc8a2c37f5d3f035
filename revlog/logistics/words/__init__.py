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
        "party.customer": _("the customer"),
        "party.carrier": _("the carrier"),
        "party.van": _("our van"),
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

words.add(
    {
        "appointment.planned": _("expected"),
        "appointment.late": _("late"),
        "appointment.arrived": _("at the door"),
        "appointment.done": _("gone again"),
        "appointment.cancelled": _("called off"),
        "delivery.open": _("being scanned off"),
        "delivery.ended": _("scanned off"),
        "list_from.announced": _("what is announced to us"),
        "list_from.list": _("the carrier's list"),
        "list_from.count": _("the driver's count"),
        "delivered.expected": _("not here yet"),
        "delivered.counted": _("taken off"),
        "delivered.foreign": _("not taken off"),
        "delivered.missing": _("missing"),
        "odd.unlisted": _("not on the list"),
        "odd.other_carrier": _("announced with another carrier"),
        "odd.other_hub": _("for another site"),
        "odd.unknown": _("announced by nobody"),
        "odd.gone": _("not to come any more"),
        "odd.undone": _("scanned by mistake"),
        "staging.damaged": _("it is damaged"),
        "staging.unannounced": _("nobody announced it"),
        "staging.battery": _("a damaged battery is declared"),
        "staging.data": _("what is in it may hold data"),
        "staging.value": _("what is in it is worth at least"),
        "staging.due": _("money for it is due within so many hours"),
        "staging.client": _("it is for this client"),
        "staging.class": _("this kind of thing is in it"),
        "staging.any": _("anything else"),
    }
)
