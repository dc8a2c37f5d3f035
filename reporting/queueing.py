"""Where a unit stands and whose clock runs, from the entries of its chain: a pure function, no database, no clock.

Our time in a state is the time in which nobody else was waited for: a unit that its owner kept us waiting for isn't late by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from reporting.folding import OURS, Said
from revlog.common.calendars import Calendar
from revlog.devices import facts as devices
from revlog.devices.journey import ENDS, State
from revlog.devices.models import HoldKind
from revlog.devices.models.device import OF_PERSONS

OPENED = frozenset({devices.Announced.kind, devices.Arrived.kind, devices.ArrivedAgain.kind})
RELEASED = frozenset({devices.HoldReleased.kind, devices.HoldTakenBack.kind})


@dataclass(slots=True)
class Standing:
    """The state that a unit is in now. ``ours`` are the stretches of it that were on our clock; the last may still run.

    ``clock`` is ours or the party that is waited for; ``asked_until`` when that party is to have answered.
    """

    state: str = ""
    since: datetime | None = None
    clock: str = OURS
    asked_until: datetime | None = None
    ours: list[tuple[datetime, datetime | None]] = field(default_factory=list)


def stand(entries: Iterable[Said]) -> Standing | None:
    """Where the chain leaves its unit; None before it was announced, and once its visit has ended."""
    now = Standing()
    waited, until, why = "", None, ""
    held = False
    for said in entries:
        if said.kind in OPENED:
            why = str(said.payload.get("why", why))
        if said.kind == devices.ArrivedAgain.kind:
            waited, until, held = "", None, False
        elif said.kind == devices.WaitBegun.kind:
            waited, until = str(said.payload.get("party", "")), _moment(said.payload.get("due"))
        elif said.kind == devices.WaitEnded.kind:
            waited, until = "", None
        elif said.payload.get("hold") == HoldKind.AWAITING_OWNER:
            held = said.kind == devices.Held.kind or (held and said.kind not in RELEASED)
        owner = "customer" if why in OF_PERSONS else "client"
        clock = waited or (owner if held else OURS)
        state = said.payload.get("state_to")
        if state is not None:
            now.state, now.since, now.ours = str(state), said.at, []
            if clock == OURS:
                now.ours.append((said.at, None))
        elif clock != now.clock and now.since is not None:
            at = max(said.at, now.since)
            if now.clock == OURS and now.ours:
                begun = now.ours[-1][0]
                now.ours[-1] = (begun, max(at, begun))
            if clock == OURS:
                now.ours.append((at, None))
        now.clock, now.asked_until = clock, until if waited else None
    return now if now.since is not None and State(now.state) not in ENDS else None


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def due(standing: Standing, *, hours: float | None, calendar: Calendar) -> datetime | None:
    """When it is late: on our clock, when so many open hours of ours will have passed; on another's, when they were to answer."""
    if standing.clock != OURS:
        return standing.asked_until
    if hours is None:
        return None
    left = hours
    try:
        for begun, ended in standing.ours:
            if ended is None:
                return calendar.after_hours(begun, max(left, 0))
            spent = calendar.open_between(begun, ended).total_seconds() / 3600
            if spent >= left:
                return calendar.after_hours(begun, max(left, 0))
            left -= spent
    except ValueError:
        # A calendar without open hours is never late.
        return None
    return None
