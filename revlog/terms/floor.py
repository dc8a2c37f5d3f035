"""What the number of an order, or of the parcel it was sent in, is answered with."""

from __future__ import annotations

from django.utils.translation import gettext as _

from revlog.devices import identifiers
from revlog.scanning import registry
from revlog.scanning.answers import Answer
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.registry import Found
from revlog.terms import queries
from revlog.terms.models import Order


def _find(here: Here, reading: Reading) -> Found | None:
    if not here.by.may("orders.view"):
        return None
    for text in reading.candidates("order"):
        if identifiers.tag(text) is not None:
            continue
        found = queries.order_by_number(text, here.by) or queries.order_by_parcel(text, here.by)
        if found is not None:
            return Found("order", found)
    return None


@registry.kind("order", order=60, find=_find)
def answer(here: Here, reading: Reading, found: Found) -> Answer:
    order: Order = found.thing
    here.show("order", order.pk)
    return {
        "tone": "accepted",
        "title": _("Order %s") % order.number,
        "text": order.seller.name,
        "actions": registry.actions_for(here, "order", order),
    }
