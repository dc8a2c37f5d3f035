"""What the way of a return keeps of a person: who handed it over and its photo, the code and label with their address."""

from __future__ import annotations

import uuid
from datetime import datetime

from returns.models import Rma
from revlog.accounts.actors import Actor
from revlog.evidence.models import Artifact, Attachment
from revlog.evidence.services import artifacts
from revlog.logistics.models import Booking, Pickup
from revlog.logistics.services.bookings import KEPT
from revlog.terms.models import Contact
from revlog.terms.services import orders


@orders.also_erase
def erase(contact: Contact, *, by: Actor, at: datetime) -> list[uuid.UUID]:
    """Empty it together with the rest of a person; that a van came and a carrier was asked stays true.

    Gives the chains of the pickups that were made; the returns themselves are named by what was written with them.
    """
    rmas = list(Rma.objects.filter(contact=contact).values_list("pk", flat=True))
    references = [f"rma:{pk}" for pk in rmas]
    pickups = Pickup.objects.filter(reference__in=references)
    asked = Booking.objects.filter(parcel__shipment__reference__in=references)
    pickups.update(signed_by="")
    # A carrier's no may hold the address; that it keeps the postage is our own word.
    asked.exclude(why=KEPT).update(why="")
    chains = sorted(pickups.exclude(done_at=None).values_list("pk", flat=True))
    kept = {*pickups.values_list("photo", flat=True), *asked.values_list("code", flat=True)}
    kept |= set(asked.values_list("label", flat=True))
    for row in Artifact.objects.filter(pk__in=kept - {None}, erased_at=None):
        # The same bytes may be another return's too: they are only this person's when nobody else has them.
        others = (
            Attachment.objects.filter(artifact=row).exclude(chain_id__in=rmas).exists()
            or Pickup.objects.filter(photo=row).exclude(reference__in=references).exists()
            or Booking.objects.filter(code=row).exclude(parcel__shipment__reference__in=references).exists()
            or Booking.objects.filter(label=row).exclude(parcel__shipment__reference__in=references).exists()
        )
        if not others:
            artifacts.erase(row, why="erased with the person", at=at)
    return chains
