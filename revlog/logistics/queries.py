"""Questions about parcels."""

from __future__ import annotations

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.logistics.carriers.any import PREFIX
from revlog.logistics.models import Parcel


def parcel_by_tracking(text: str, actor: Actor) -> Parcel | None:
    """The parcel whose tracking number was scanned, written with or without spaces and dashes."""
    bare = "".join(text.split()).upper()
    if not bare:
        return None
    own = ids.normal(bare, PREFIX, (4, 4, 4))
    return (
        Parcel.objects.visible_to(actor)
        .filter(tracking__iexact=own or bare)
        .select_related("shipment", "shipment__hub", "shipment__carrier")
        .first()
    )
