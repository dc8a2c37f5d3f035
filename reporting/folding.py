"""From the entries of one unit's chain to the typed rows they amount to: a pure function, no database, no clock.

Entries are taken in the order of the chain. One that was recorded late says when it happened in the world, and is told at that time.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from revlog.devices import facts as devices
from revlog.devices.journey import DEPARTED, ENDS, State

OURS = "ours"
VERIFIED, FAILED, DESTROYED = "verified", "failed", "destroyed"
ATTEMPTS: Mapping[str, str] = {
    "itad.sanitization_verified": VERIFIED,
    "itad.erasure_failed": FAILED,
    "itad.medium_destroyed": DESTROYED,
}
"""Kinds of entries that end an attempt to clear a medium."""
GRADED = "triage.graded"
RECEIVED, SENT_OUT = "received", "sent_out"
ACTS: Mapping[str, str] = {
    devices.Arrived.kind: RECEIVED,
    devices.ArrivedAgain.kind: RECEIVED,
    devices.Located.kind: "put_away",
    GRADED: "graded",
    "itad.unit_cleared": "wiped",
    "refurb.work_passed": "refurbished",
}
"""Kinds of entries that the board counts as work done; what leaves us is told by its state."""
DISPOSED = "triage.disposed"


@dataclass(frozen=True, slots=True)
class Said:
    """What the fold needs of an entry."""

    sequence: int
    kind: str
    at: datetime
    payload: Mapping[str, Any]
    owner: uuid.UUID | None
    hub: uuid.UUID | None
    actor: str = ""


@dataclass(slots=True)
class StayRow:
    ordinal: int
    began: int
    visit: int
    state: str
    came_from: str
    clock: str
    entered_at: datetime
    left_at: datetime | None
    owner_id: uuid.UUID | None
    hub_id: uuid.UUID | None

    @property
    def entered_on(self) -> date:
        return self.entered_at.date()


@dataclass(slots=True)
class VisitRow:
    number: int
    why: str
    owner_id: uuid.UUID | None
    hub_id: uuid.UUID | None
    announced_at: datetime | None = None
    received_at: datetime | None = None
    ended_at: datetime | None = None
    state: str = ""
    outcome: str = ""
    disposition: str = ""
    overridden: bool = False
    grade: str = ""
    gradings: int = 0


@dataclass(slots=True)
class AttemptRow:
    ordinal: int
    visit: int
    medium: str
    level: str
    technique: str
    outcome: str
    at: datetime
    owner_id: uuid.UUID | None
    hub_id: uuid.UUID | None


@dataclass(slots=True)
class ActRow:
    ordinal: int
    act: str
    at: datetime
    actor: str
    owner_id: uuid.UUID | None
    hub_id: uuid.UUID | None


@dataclass(slots=True)
class Story:
    """All rows of one unit."""

    visits: list[VisitRow] = field(default_factory=list)
    stays: list[StayRow] = field(default_factory=list)
    attempts: list[AttemptRow] = field(default_factory=list)
    acts: list[ActRow] = field(default_factory=list)


def fold(entries: Iterable[Said]) -> Story:
    """The rows of one unit from its entries, in chain order."""
    story = Story()
    clock = OURS
    for said in entries:
        visit = _visit(story, said)
        if visit is None:
            continue
        if (state := said.payload.get("state_to")) is not None:
            if said.kind == devices.ArrivedAgain.kind:
                clock = OURS
            _enter(story, said, visit, state=str(state), clock=clock)
        elif said.kind == devices.WaitBegun.kind:
            clock = str(said.payload.get("party", OURS))
            _turn(story, said, visit, clock)
        elif said.kind == devices.WaitEnded.kind:
            clock = OURS
            _turn(story, said, visit, clock)
        if said.kind == GRADED:
            visit.grade = str(said.payload.get("grade", ""))[:3]
            visit.gradings += 1
        elif said.kind == DISPOSED:
            visit.disposition = str(said.payload.get("disposition", ""))[:24]
            visit.overridden = bool(said.payload.get("overridden", False))
        elif (outcome := ATTEMPTS.get(said.kind)) is not None:
            story.attempts.append(_attempt(said, visit, outcome))
        if said.hub is not None:
            visit.hub_id = said.hub
        story.acts += _acts(said)
    return story


def _acts(said: Said) -> list[ActRow]:
    done = [ACTS[said.kind]] if said.kind in ACTS else []
    if (state := said.payload.get("state_to")) is not None and State(state) in DEPARTED - {State.RECYCLED}:
        done.append(SENT_OUT)
    return [ActRow(said.sequence, act, said.at, said.actor, said.owner, said.hub) for act in done]


def _visit(story: Story, said: Said) -> VisitRow | None:
    """The visit that ``said`` belongs to; opened by announcement and arrival. None before the first."""
    why = str(said.payload.get("why", ""))[:20]
    if said.kind in {devices.Announced.kind, devices.Arrived.kind, devices.ArrivedAgain.kind}:
        number = int(said.payload.get("visit", 1))
        if not story.visits or story.visits[-1].number != number:
            if story.visits and story.visits[-1].ended_at is None:
                # It worked elsewhere under contract and is back: that visit ends with the next one's beginning.
                story.visits[-1].ended_at, story.visits[-1].outcome = said.at, State.DEPLOYED.value
            story.visits.append(VisitRow(number, why, said.owner, said.hub))
        visit = story.visits[-1]
        if said.kind == devices.Announced.kind:
            visit.announced_at = said.at
        else:
            visit.received_at, visit.why = said.at, why or visit.why
    return story.visits[-1] if story.visits else None


def _enter(story: Story, said: Said, visit: VisitRow, *, state: str, clock: str) -> None:
    _leave(story, said.at)
    story.stays.append(
        StayRow(
            ordinal=said.sequence,
            began=said.sequence,
            visit=visit.number,
            state=state,
            came_from=str(said.payload.get("state_from", "")),
            clock=clock,
            entered_at=said.at,
            left_at=None,
            owner_id=said.owner,
            hub_id=said.hub,
        )
    )
    visit.state = state
    if State(state) in ENDS:
        visit.ended_at, visit.outcome = said.at, state


def _turn(story: Story, said: Said, visit: VisitRow, clock: str) -> None:
    """The same state goes on, on another clock."""
    if not story.stays or story.stays[-1].clock == clock or State(story.stays[-1].state) in ENDS:
        return
    before = story.stays[-1]
    _leave(story, said.at)
    story.stays.append(
        StayRow(
            ordinal=said.sequence,
            began=before.began,
            visit=visit.number,
            state=before.state,
            came_from=before.came_from,
            clock=clock,
            entered_at=max(said.at, before.entered_at),
            left_at=None,
            owner_id=said.owner,
            hub_id=said.hub,
        )
    )


def _leave(story: Story, at: datetime) -> None:
    if story.stays:
        # What happened earlier than the stay began (told late) ends it where it began: no time is counted twice, none is negative.
        story.stays[-1].left_at = max(at, story.stays[-1].entered_at)


def _attempt(said: Said, visit: VisitRow, outcome: str) -> AttemptRow:
    return AttemptRow(
        ordinal=said.sequence,
        visit=visit.number,
        medium=str(said.payload.get("medium", ""))[:60],
        level=str(said.payload.get("level", ""))[:10],
        technique=str(said.payload.get("technique", said.payload.get("method", "")))[:80],
        outcome=outcome,
        at=said.at,
        owner_id=said.owner,
        hub_id=said.hub,
    )
