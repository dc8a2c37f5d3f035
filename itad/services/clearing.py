"""What follows when a unit's last medium is answered for: it says so, and goes on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from itad import facts, queries
from itad.models import JobState
from revlog.accounts.actors import Actor
from revlog.custody.models import Entry
from revlog.devices import journey
from revlog.devices.journey import CLEARED, Data, State
from revlog.devices.models import Device, MediumState
from revlog.devices.services import moves


def go_on(
    device: Device, *, by: Actor, at: datetime, destroyed: bool = False, set: dict[str, Any] | None = None
) -> Entry | None:
    """Say that a taken unit is cleared, when it is, and send it to its next stop; None while a medium is open.

    A unit that waits for its wipe goes on; one that waits for destruction only once it was ``destroyed``; one that is elsewhere (a log
    came while it was still in triage, say) stays where it is, and its next stop will find it cleared.
    """
    if Data(device.data) not in CLEARED:
        return None
    states = list(device.media.values_list("state", flat=True))
    done = [job for job in queries.attempts(device) if job.state == JobState.VERIFIED]
    fact = facts.UnitCleared(
        wiped=states.count(MediumState.SANITIZED),
        destroyed=states.count(MediumState.DESTROYED),
        removed=states.count(MediumState.REMOVED),
        jobs=[str(job.id) for job in done],
    )
    if State(device.state) == State.TO_DESTROY and destroyed:
        return moves.proceed(device, fact=fact, finished=journey.DESTROY, by=by, at=at, set=set)
    if State(device.state) == State.TO_SANITIZE:
        return moves.proceed(device, fact=fact, by=by, at=at, set=set)
    return moves.note(device, fact=fact, by=by, at=at, set=set)
