"""A site says what is done first at each danger, and how long an assessor may take."""

from __future__ import annotations

from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.storage.models import HazardKind, HazardSteps

MOST_MINUTES = 7 * 24 * 60
MOST_STEPS = 10


def tell(hub: Hub, kind: str, *, steps: str, minutes: str, call: str = "", by: Actor) -> HazardSteps:
    """Keep a site's own steps. Raises BadInput with each field."""
    if not hub.is_worked_by(by) or not (by.may("recycling.hazard") or by.may("accounts.stations")):
        raise NotAllowed(Reason("not_allowed", _("Steps are told by a safety assessor or a lead of the site.")))
    lines = [line.strip()[:200] for line in steps.splitlines() if line.strip()]
    count = int(minutes) if minutes.isdecimal() and len(minutes) < 6 else 0
    wrong = []
    if kind not in HazardKind.values:
        wrong.append(Reason("kind", _("A danger is one of the list."), "kind"))
    if not 1 <= len(lines) <= MOST_STEPS:
        wrong.append(Reason("steps", _("Write one to ten steps, one a line."), "steps"))
    if not 1 <= count <= MOST_MINUTES:
        wrong.append(Reason("minutes", _("The assessor has from a minute to a week."), "minutes"))
    if wrong:
        raise BadInput(wrong)
    row, _made = HazardSteps.objects.update_or_create(
        hub=hub, kind=kind, defaults={"steps": "\n".join(lines), "minutes": count, "call": call.strip()[:120]}
    )
    return row
