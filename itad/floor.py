"""What sanitization offers for a scanned unit."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from itad import queries
from itad.models import JobState
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.scanning import registry
from revlog.scanning.answers import Action, leads
from revlog.scanning.here import Here


@registry.next_for("device", order=15)
def _next(here: Here, device: Device) -> list[Action]:
    """The unit's media page, by what is to be done there now."""
    state, may = State(device.state), here.by.may
    page = reverse("itad_unit", args=[device.tag])
    if state == State.TO_SANITIZE:
        done = any(job.state == JobState.RECORDED for job in queries.attempts(device)) if may("itad.verify") else False
        if done:
            return [leads(_("Verify the wipe"), page, primary=True, icon="shield-check")]
        if may("itad.sanitize"):
            return [leads(_("Clear its data"), page, primary=True, icon="shield-lock")]
    if state == State.TO_DESTROY and may("itad.destroy"):
        return [leads(_("Destroy its media"), page, primary=True, icon="shield-lock")]
    if state == State.TO_DONATE and may("itad.donate"):
        return [leads(_("Donate it"), page, primary=True, icon="package")]
    if state == State.TO_DEPLOY and may("itad.deploy"):
        return [leads(_("Send it out"), page, primary=True, icon="truck-delivery")]
    return []
