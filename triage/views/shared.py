"""What the pages of triage share: a unit's face, and how a refusal is shown."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.gate import actor_for
from revlog.common.errors import DomainError
from revlog.common.words import word
from revlog.devices.models import Device
from revlog.devices.services import decontaminating
from triage import queries


def face(device: Device) -> dict[str, Any]:
    """The context of ``components/unit.html``; its link leads to the unit's triage."""
    place = device.location.code if device.location else ""
    where = " · ".join(part for part in (device.hub.name if device.hub else "", place) if part)
    return {
        "name": device.face,
        "tag": device.tag,
        "kind": device.device_class,
        "url": reverse("triage_unit", args=[device.tag]),
        "state": device.state,
        "held": bool(device.holds),
        "place": where,
        "waiting": word(device.waiting_for) if device.waiting_for else "",
        "since": device.waiting_since,
        "grade": device.grade if device.grade not in {"U", "NA"} else "",
        "owner": device.owner.name,
    }


def paper_of(device: Device) -> str:
    """Where its decontamination is written down, while nobody may open it without; else empty."""
    return reverse("triage_decontamination", args=[device.tag]) if decontaminating.is_needed(device) else ""


def unit_of(request: HttpRequest, tag: str) -> tuple[Device, Actor]:
    """The unit of that tag and who asks; a stranger's doesn't exist."""
    actor = actor_for(request)
    device = queries.unit(tag, actor)
    if device is None:
        raise Http404
    return device, actor


def problem(refusal: DomainError, title: str = "") -> dict[str, Any]:
    """A refusal as ``components/problem.html`` shows it."""
    return {"title": title or _("Not done"), "reasons": [str(reason) for reason in refusal.reasons]}
