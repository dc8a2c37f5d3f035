"""The journey: one table of routes and one pure function that says which stop is next. No database, no clock.

A unit's *disposition* chooses its route; ``done`` is how many stops of it are behind; ``data`` is what is known of its data. Each stop
says which data states may enter, and ``TO_SANITIZE`` is put in front of the first stop that refuses the unit's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a unit is on its journey: the queue it waits in, or the end of its visit."""

    EXPECTED = "EXPECTED"
    RECEIVED = "RECEIVED"
    IN_TRIAGE = "IN_TRIAGE"
    TO_SANITIZE = "TO_SANITIZE"
    TO_REFURBISH = "TO_REFURBISH"
    TO_HARVEST = "TO_HARVEST"
    TO_SELL = "TO_SELL"
    TO_RESTOCK = "TO_RESTOCK"
    TO_DONATE = "TO_DONATE"
    TO_RETURN = "TO_RETURN"
    TO_DEPLOY = "TO_DEPLOY"
    TO_DESTROY = "TO_DESTROY"
    TO_RECYCLE = "TO_RECYCLE"
    DEPLOYED = "DEPLOYED"
    SOLD = "SOLD"
    RESTOCKED = "RESTOCKED"
    DONATED = "DONATED"
    RETURNED = "RETURNED"
    RECYCLED = "RECYCLED"
    NOT_RECEIVED = "NOT_RECEIVED"
    WRITTEN_OFF = "WRITTEN_OFF"


ENDS = frozenset(
    {State.SOLD, State.RESTOCKED, State.DONATED, State.RETURNED, State.RECYCLED, State.NOT_RECEIVED, State.WRITTEN_OFF}
)
"""A visit ends here. DEPLOYED is not an end: the unit works elsewhere under contract and comes back on the same visit's terms."""
DEPARTED = frozenset({State.SOLD, State.RESTOCKED, State.DONATED, State.RETURNED, State.RECYCLED, State.DEPLOYED})
"""The unit has left our custody."""
ON_HAND = frozenset(State) - ENDS - {State.EXPECTED, State.DEPLOYED}
FOR_SALE = frozenset({State.TO_SELL, State.TO_DONATE, State.TO_RESTOCK})
AWAY_AS_HAZARD = frozenset({State.RECYCLED, State.RETURNED})
"""Where a dangerous unit may go, packed as its class asks for: to be recycled, or back to whom it belongs to."""
WITH_CRITICAL = (
    frozenset({State.RECEIVED, State.IN_TRIAGE, State.TO_RECYCLE, State.TO_DESTROY, State.TO_RETURN, State.WRITTEN_OFF})
    | AWAY_AS_HAZARD
)
"""Where a critical one may be or go; nobody works on it."""
OWNERS: Mapping[State, str] = {
    State.EXPECTED: "returns",
    State.RECEIVED: "triage",
    State.IN_TRIAGE: "triage",
    State.TO_SANITIZE: "itad",
    State.TO_DESTROY: "itad",
    State.TO_DONATE: "itad",
    State.TO_DEPLOY: "itad",
    State.DEPLOYED: "itad",
    State.TO_REFURBISH: "refurb",
    State.TO_HARVEST: "refurb",
    State.TO_SELL: "resale",
    State.TO_RESTOCK: "returns",
    State.TO_RETURN: "returns",
    State.TO_RECYCLE: "recycling",
}
"""Each queue has one owner, which works it off and moves the unit on."""


class Data(StrEnum):
    """What is known of the data on a unit. UNKNOWN counts as present."""

    UNKNOWN = "UNKNOWN"
    NONE = "NONE"
    PRESENT = "PRESENT"
    SANITIZED = "SANITIZED"
    DESTROYED = "DESTROYED"


CLEARED = frozenset({Data.NONE, Data.SANITIZED, Data.DESTROYED})
ANY = frozenset(Data)


class Disposition(StrEnum):
    RESTOCK = "RESTOCK"
    RESELL = "RESELL"
    REFURBISH = "REFURBISH"
    REPAIR_AND_RETURN = "REPAIR_AND_RETURN"
    HARVEST = "HARVEST"
    DESTROY = "DESTROY"
    RECYCLE = "RECYCLE"
    DONATE = "DONATE"
    REFURBISH_AND_DONATE = "REFURBISH_AND_DONATE"
    DEPLOY = "DEPLOY"
    RETURN_TO_OWNER = "RETURN_TO_OWNER"
    RETURN_TO_VENDOR = "RETURN_TO_VENDOR"


@dataclass(frozen=True)
class Stop:
    """One piece of a route: its name, the queue where the unit waits for it, the data it lets in, and the end it leads to."""

    name: str
    queue: State
    enter: frozenset[Data]
    end: State | None = None


RESTOCK = Stop("restock", State.TO_RESTOCK, CLEARED, State.RESTOCKED)
SELL = Stop("sell", State.TO_SELL, CLEARED, State.SOLD)
REFURBISH = Stop("refurbish", State.TO_REFURBISH, CLEARED)
REPAIR = Stop("refurbish", State.TO_REFURBISH, ANY)
"""On repair and return the owner consents to the bench working beside the data: it is the owner's, and goes back."""
REGRADE = Stop("regrade", State.IN_TRIAGE, CLEARED)
HARVEST = Stop("harvest", State.TO_HARVEST, CLEARED)
DESTROY = Stop("destroy", State.TO_DESTROY, ANY)
RECYCLE = Stop("recycle", State.TO_RECYCLE, CLEARED, State.RECYCLED)
DONATE = Stop("donate", State.TO_DONATE, CLEARED, State.DONATED)
DEPLOY = Stop("deploy", State.TO_DEPLOY, CLEARED, State.DEPLOYED)
RETURN = Stop("return", State.TO_RETURN, ANY, State.RETURNED)
"""To the title holder, whose data it is."""
RETURN_CLEARED = Stop("return", State.TO_RETURN, CLEARED, State.RETURNED)
"""To a vendor, who is not the one whose data it may hold."""
SANITIZE = Stop("sanitize", State.TO_SANITIZE, ANY)
END = Stop("end", State.RECEIVED, ANY)

ROUTES: Mapping[Disposition, tuple[Stop, ...]] = {
    Disposition.RESTOCK: (RESTOCK,),
    Disposition.RESELL: (SELL,),
    Disposition.REFURBISH: (REFURBISH, REGRADE, SELL),
    Disposition.REPAIR_AND_RETURN: (REPAIR, RETURN),
    Disposition.HARVEST: (HARVEST, RECYCLE),
    Disposition.DESTROY: (DESTROY, RECYCLE),
    Disposition.RECYCLE: (RECYCLE,),
    Disposition.DONATE: (DONATE,),
    Disposition.REFURBISH_AND_DONATE: (REFURBISH, REGRADE, DONATE),
    Disposition.DEPLOY: (DEPLOY,),
    Disposition.RETURN_TO_OWNER: (RETURN,),
    Disposition.RETURN_TO_VENDOR: (RETURN_CLEARED,),
}


def next_stop(route: Sequence[Stop], done: int, data: Data) -> Stop:
    """The stop that comes after ``done`` stops of ``route`` for a unit with this ``data``; ``END`` when none is left.

    ``SANITIZE`` is answered, and does not count as done, while the next stop refuses the data.
    """
    if done >= len(route):
        return END
    stop = route[done]
    return stop if data in stop.enter else SANITIZE


def stops_to_come(disposition: Disposition, done: int, data: Data) -> list[Stop]:
    """What lies ahead, for the strip on the unit page, supposing that a wipe succeeds."""
    ahead: list[Stop] = []
    route = ROUTES[disposition]
    known = data
    while (stop := next_stop(route, done, known)) is not END:
        ahead.append(stop)
        if stop is SANITIZE:
            known = Data.SANITIZED
        else:
            if stop is DESTROY:
                known = Data.DESTROYED
            done += 1
    return ahead
