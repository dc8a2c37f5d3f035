"""What the floor says of shifts: HANDOVER tells what the shift before left, and leads to the page where shifts are handed over."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from reporting import shifts
from reporting.models import HandOver, HandOverState
from revlog.common import ids
from revlog.scanning import registry
from revlog.scanning.answers import Answer, leads
from revlog.scanning.codes import Reading
from revlog.scanning.here import Here
from revlog.scanning.registry import Command, Found

registry.printed(shifts.PREFIX)


def _told(row: HandOver) -> Answer:
    left = row.points.filter(done_at=None).count()
    points = ngettext("%s point to look after", "%s points to look after", left) % left if left else _("no open points")
    given = row.state == HandOverState.GIVEN
    return {
        "tone": "attention" if given else "accepted",
        "title": _("%(shift)s, handed over") % {"shift": row.shift},
        "text": " · ".join([row.number, points]),
        "todo": _("Nobody has taken it over yet.") if given else "",
        "actions": [
            leads(_("Read it"), reverse("hand_over_detail", args=[row.number]), primary=True, icon="clipboard-check"),
            leads(_("Hand over this shift"), reverse("hand_over"), icon="clipboard-list"),
        ],
    }


def _run(here: Here, _reading: Reading) -> Answer:
    row = shifts.latest(here.hub)
    if row is not None:
        return _told(row)
    return {
        "tone": "accepted",
        "title": _("End of the shift"),
        "text": _("The shift before left nothing that is open."),
        "actions": [
            leads(_("Hand over this shift"), reverse("hand_over"), primary=True, icon="clipboard-list"),
            leads(_("Open the board"), reverse("board"), icon="chart-bar"),
        ],
    }


registry.command(Command("HANDOVER", gettext_lazy("Hand over the shift"), "clipboard-check", "devices.locate", _run))


def _find(here: Here, reading: Reading) -> Found | None:
    row = shifts.by_number(reading.text, here.by) if ids.holds(reading.text, shifts.PREFIX) else None
    return Found("hand_over", row) if row is not None else None


@registry.kind("hand_over", order=75, find=_find)
def answer(here: Here, reading: Reading, found: Found) -> Answer:
    """The number of a hand-over, as it stands on its page."""
    return _told(found.thing)
