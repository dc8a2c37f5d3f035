"""How a return travels, on its page for the desk: what was chosen, when the van comes, and what else may be chosen."""

from __future__ import annotations

from typing import Any

from django.utils.text import capfirst

from returns.models import Rma
from returns.services.ways import changing, choosing
from returns.views import ways
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.words import word
from revlog.logistics.models import Pickup


def panel(rma: Rma, by: Actor) -> dict[str, Any]:
    """The context of returns/_way.html."""
    if not rma.way:
        return {"travels": None}
    may = not changing.reasons_against_choosing(rma, by=by, at=clock.now())
    offer = choosing.offer_for(rma, at=clock.now()) if may else None
    pickup = Pickup.objects.filter(reference=f"rma:{rma.pk}").order_by("-created_at").first()
    return {
        "travels": {
            "name": rma.way,
            "words": capfirst(word(f"way.{rma.way}")),
            "place": rma.place.name if rma.place is not None else "",
            "pickup": pickup,
            "pickup_words": word(f"pickup.{pickup.status}") if pickup is not None else "",
            "options": [
                {"name": one.name, "words": capfirst(word(f"way.{one.name}")), "checked": one.name == rma.way}
                for one in (offer.open if offer is not None else [])
            ],
            "slots": [{"key": one.key, "words": ways.moment(one)} for one in (offer.slots[:20] if offer else [])],
        }
    }
