"""What selling offers for a scanned unit."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from resale import queries
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.scanning import registry
from revlog.scanning.answers import Action, leads
from revlog.scanning.here import Here


@registry.next_for("device", order=15)
def _next(here: Here, device: Device) -> list[Action]:
    """To the packing of its sale, else to the pool it is sold from."""
    if State(device.state) != State.TO_SELL:
        return []
    may = here.by.may
    if may("resale.ship") and queries.open_sale_of(device, here.by) is not None:
        return [leads(_("Pack it for its buyer"), reverse("sales_ship"), primary=True, icon="package")]
    if not may("resale.view"):
        return []
    pooled = queries.pool_of(device)
    page = reverse("sales_pool", args=[pooled.pool_id]) if pooled is not None else reverse("sales")
    label = _("See what it is offered with") if pooled is not None else _("Pool it for sale")
    return [leads(label, page, primary=True, icon="shopping-cart")]
