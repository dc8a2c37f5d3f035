"""What recycling offers for a scanned unit."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from recycling import queries
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.scanning import registry
from revlog.scanning.answers import Action, leads
from revlog.scanning.here import Here


@registry.next_for("device", order=15)
def _next(here: Here, device: Device) -> list[Action]:
    if State(device.state) != State.TO_RECYCLE or not here.by.may("recycling.view"):
        return []
    member = queries.batch_of(device)
    if member is not None:
        page = reverse("recycling_batch", args=[member.batch_id])
        return [leads(_("See its batch"), page, primary=True, icon="recycle")]
    return [leads(_("Put it in a batch"), reverse("recycling"), primary=True, icon="recycle")]
