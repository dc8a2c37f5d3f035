"""Quoting a repair: what it would cost the owner of a unit that came to be repaired, before anything is done to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from refurb import facts, parameters
from refurb.models import WorkKind
from refurb.services.orders import UnableToWork, agreed, kind_for, need
from revlog.accounts.actors import Actor
from revlog.common import money
from revlog.common.errors import BadInput, Reason
from revlog.devices.models import Device
from revlog.devices.services import moves, standing

MOST_LINES = 12
MOST_MINUTES = 1440


@dataclass(frozen=True, kw_only=True)
class Line:
    """One piece of work: what, how long, and what the parts for it cost."""

    what: str
    minutes: int = 0
    parts: Decimal = Decimal(0)


def waits_for_consent(device: Device) -> bool:
    """Whether it came to be repaired for a customer who hasn't agreed yet; what we owe is agreed by itself."""
    return kind_for(device) == WorkKind.REPAIR and not agreed(device)


def reasons_against_quoting(device: Device) -> list[Reason]:
    """Why nothing can be quoted for the unit now."""
    found = []
    if kind_for(device) != WorkKind.REPAIR:
        found.append(Reason("not_waiting", _("%(tag)s is not here to be repaired") % {"tag": device.tag}))
    elif not waits_for_consent(device):
        found.append(Reason("agreed", _("its repair is agreed; begin") % {"tag": device.tag}))
    if device.waiting_for == "customer":
        found.append(Reason("asked", _("its owner is asked already: %s") % device.waiting_asked))
    elif device.holds:
        found.append(Reason("on_hold", _("%(tag)s is on hold; put it on the hold shelf") % {"tag": device.tag}))
    return found


def price(lines: Sequence[Line], *, at: datetime) -> list[Decimal]:
    """What its owner pays for each line: the minutes at the rate for repairs, and the parts."""
    rules = parameters.in_force(at)
    return [money.rounded(rules.repair_per_hour * line.minutes / 60 + line.parts, rules.currency) for line in lines]


@transaction.atomic
def quote(*, unit: Device, lines: Sequence[Line], words: str = "", by: Actor, at: datetime) -> Decimal:
    """Say what the repair would cost. Its owner is asked by whoever speaks with them; nothing is done to it before they agree.

    Raises UnableToWork, BadInput with every wrong line.
    """
    need(by, "refurb.work")
    device = moves.take_one(unit.id)
    if reasons := reasons_against_quoting(device):
        raise UnableToWork(reasons)
    if wrong := _wrong(lines):
        raise BadInput(wrong)
    amounts = price(lines, at=at)
    total = sum(amounts, Decimal(0))
    moves.note(
        device,
        fact=facts.RepairQuoted(
            lines=[
                {
                    "what": line.what.strip()[:200],
                    "minutes": str(line.minutes),
                    "parts": str(line.parts),
                    "amount": str(amount),
                }
                for line, amount in zip(lines, amounts, strict=True)
            ],
            amount=str(total),
            currency=parameters.in_force(at).currency,
            words=words.strip()[:500] or None,
        ),
        by=by,
        at=at,
    )
    standing.wait(device, "customer", asked=_("whether to repair it for this price"), due=None, by=by, at=at)
    return total


def _wrong(lines: Sequence[Line]) -> list[Reason]:
    if not lines:
        return [Reason("no_lines", _("Say what has to be done."), "what")]
    if len(lines) > MOST_LINES:
        return [Reason("too_many", _("A quote has at most %s lines.") % MOST_LINES, "what")]
    found = []
    for line in lines:
        if not line.what.strip():
            found.append(Reason("no_what", _("Say what each line is for."), "what"))
        if not 0 <= line.minutes <= MOST_MINUTES:
            found.append(Reason("minutes", _("Minutes are between 0 and 1440."), "minutes"))
        if line.parts < 0 or not line.parts.is_finite() or line.parts != line.parts.quantize(Decimal("0.01")):
            found.append(Reason("parts", _("Parts cost an amount like 12.50."), "parts"))
    return found
