"""Asking carriers on the net to carry the parcels of returns: with whose addresses, and what follows from their answer."""

from __future__ import annotations

from returns.models import Rma, Way
from revlog.common import addresses
from revlog.logistics.carriers import Party, Wanted
from revlog.logistics.models import Booking

GRAMS = 2000
"""What a parcel is taken to weigh where the carrier's account says nothing."""


def rma_of(booking: Booking) -> Rma | None:
    """The return whose parcel it is; None when another stage asked."""
    link = booking.parcel.rma_links.select_related("rma__contact", "rma__hub__organization", "rma__seller").first()
    return link.rma if link is not None else None


def wanted(rma: Rma, booking: Booking) -> Wanted:
    """The parcel as its carrier has to be told of it: from the customer's address to the site."""
    told = booking.carrier.account.get("grams")
    return Wanted(
        sender=party(rma.contact.name, rma.contact.address, rma.contact.country, email=rma.contact.email),
        receiver=party(rma.hub.name, rma.hub.address, rma.hub.country),
        direction="inbound",
        grams=told if isinstance(told, int) and told > 0 else GRAMS,
        label_free=booking.label_free,
    )


def code_to_show(rma: Rma) -> str:
    """What a counter scans of a return that is handed in with a code of ours; empty where it isn't, or its carrier makes the code."""
    if rma.way in {Way.STORE, Way.COUNTER}:
        return str(rma.number)
    link = rma.parcel_links.select_related("parcel").order_by("added_at", "id").last() if rma.way == Way.QR else None
    if link is None or Booking.objects.filter(parcel=link.parcel_id).exists():
        return ""
    return str(link.parcel.tracking)


def party(name: str, address: list[str], country: str, *, email: str = "") -> Party:
    """An address as carriers take it."""
    told = addresses.read(address, country)
    return Party(name, list(told.street), postcode=told.postcode, city=told.town, country=country, email=email)
