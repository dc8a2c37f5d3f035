"""What the bench answers to a scan: parts, and where work on a unit goes on."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from refurb import queries
from refurb.models import Part, WorkState
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.scanning import registry
from revlog.scanning.answers import Action, Answer, leads
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.registry import Found


def _find(here: Here, reading: Reading) -> Found | None:
    if not (here.by.may("refurb.parts") or here.by.may("refurb.view") or here.by.may("refurb.work")):
        return None
    for text in reading.candidates("part", "customer_part"):
        rows = list(Part.objects.visible_to(here.by).filter(number__iexact=text.strip(), hub=here.hub))
        if rows:
            return Found("part", min(rows, key=lambda row: (row.available <= 0, row.condition != "new")))
    return None


@registry.kind("part", order=45, find=_find)
def part(here: Here, reading: Reading, found: Found) -> Answer:
    row: Part = found.thing
    here.show("part", row.pk)
    free = max(row.available, 0)
    told = ngettext("%s free", "%s free", free) % free
    opens = here.by.may("refurb.parts") or here.by.may("refurb.view")
    return {
        "tone": "accepted" if free else "attention",
        "title": row.name,
        "text": " · ".join((row.number, row.get_condition_display(), told)),
        "goes_to": row.bin,
        "actions": [
            *(
                [leads(_("Open the part"), reverse("bench_part", args=[row.pk]), primary=True, icon="tools")]
                if opens
                else []
            ),
            *registry.actions_for(here, "part", row),
        ],
    }


@registry.next_for("device", order=15)
def _next(here: Here, device: Device) -> list[Action]:
    """To the work order that is open, or to the worklist where a scan opens one."""
    state, may = State(device.state), here.by.may
    if state not in {State.TO_REFURBISH, State.TO_HARVEST}:
        return []
    live = queries.live_order(device)
    if live is not None and live.state == WorkState.TO_CHECK:
        page = reverse("bench_check", args=[live.pk])
        return [leads(_("Check the repair"), page, primary=True, icon="check")] if may("refurb.check") else []
    harvest = state == State.TO_HARVEST
    if not may("refurb.harvest" if harvest else "refurb.work"):
        return []
    if live is not None:
        page = reverse("bench_harvest" if live.is_harvest else "bench_work", args=[live.pk])
        return [leads(_("Go on with the work"), page, primary=True, icon="tools")]
    label = _("Harvest its parts") if harvest else _("Begin the repair")
    page = f"{reverse('bench')}?{urlencode({'q': device.tag})}"
    return [leads(label, page, primary=True, icon="tools")]
