"""What a thing would bring before it ships: the question, and who answers it.

Returns ask it when something is announced, and when somebody offers a used thing; triage answers by the sums of its decisions
(``answered_by``, said when it starts). Where nobody answers or knows a price, the answer is None: that is
"don't know", and never nought.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

CONDITIONS = ("unused", "tried", "used", "faulty", "damaged")
"""As who has it tells: never opened; tried out; used; something doesn't work; broken or bent."""


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where something lies or goes; ``site`` is the id of a site of ours."""

    country: str = ""
    postcode: str = ""
    site: uuid.UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What is known of it while it is still with whoever has it. No personal data: of its place, country and postal code alone.

    ``grade`` is set where it is asked what it would bring in that grade; else ``condition`` says how likely each is.
    """

    device_class: str
    product: uuid.UUID | None = None
    variant: uuid.UUID | None = None
    quantity: int = 1
    condition: str = "used"
    grade: str = ""
    faults: tuple[str, ...] = ()
    """Codes of defects that its owner tells of."""
    holds_data: bool = True
    """Whether somebody's data may be on it."""
    returned: bool = True
    """Whether it was sold lately and comes back; else it is as old as its kind usually is."""
    learned: bool = True
    """Whether prices that a model learned may speak: they bind nobody, so no offer rests on them."""
    reason: str = ""
    owner: uuid.UUID | None = None
    """Whose it will be once it is here: by whose figures it is reckoned."""
    channel: str = ""
    currency: str = "EUR"
    lies: Spot = field(default_factory=Spot)
    goes: Spot = field(default_factory=Spot)
    here: bool = False
    """Whether it is handed over at a counter of ours: bringing it costs nothing."""


@dataclass(frozen=True, kw_only=True)
class Freight:
    """What bringing it costs, and by what that is known: a contract with a carrier, or a planning figure."""

    amount: Decimal
    by: str
    how: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the sum: ``what`` is a code for which there are words, ``how`` its reckoning."""

    what: str
    amount: Decimal
    how: str = ""


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way that it may go once it is here: how likely it is the best, and what it brings in the middle, of a piece."""

    path: str
    odds: Decimal
    net: Decimal


@dataclass(frozen=True, kw_only=True)
class Foretold:
    """The answer, for all pieces. ``left`` is what remains of ``recovery`` after decay, freight and inspection."""

    currency: str
    odds: Mapping[str, Decimal]
    """Grade -> how likely."""
    recovery: Decimal
    """What the best way brings in the middle, were it here today."""
    decay: Decimal
    """What it loses until it is here, as an amount of zero or less."""
    freight: Freight
    inspection: Decimal
    """What looking at it costs, as an amount of zero or more."""
    days: int
    """Until it is here."""
    left: Decimal
    best: str
    ways: Sequence[Way]
    lines: Sequence[Line]
    price_from: str
    """``price_book`` or ``list_price``."""
    version: str
    digest: str
    """Of the figures: by which they are found again."""
    inputs: Mapping[str, Any]
    """All that it was reckoned from, as plain data."""

    def kept(self) -> dict[str, Any]:
        """As a decision keeps it."""
        return {
            "currency": self.currency,
            "odds": {grade: str(share) for grade, share in self.odds.items()},
            "recovery": str(self.recovery),
            "decay": str(self.decay),
            "freight": {"amount": str(self.freight.amount), "by": self.freight.by, "how": self.freight.how},
            "inspection": str(self.inspection),
            "days": self.days,
            "left": str(self.left),
            "best": self.best,
            "ways": [{"path": one.path, "odds": str(one.odds), "net": str(one.net)} for one in self.ways],
            "lines": [{"what": one.what, "amount": str(one.amount), "how": one.how} for one in self.lines],
            "price_from": self.price_from,
            "version": self.version,
            "digest": self.digest,
            "inputs": dict(self.inputs),
        }


class Reckoner(Protocol):
    """Who answers."""

    def foretell(self, asked: Sequence[Declared], *, at: datetime) -> list[Foretold | None]:
        """An answer to each, in their order; None where no price is known."""

    def freights(self, asked: Declared, places: Sequence[Spot], *, at: datetime) -> list[Freight]:
        """What bringing it to each of these sites costs."""

    def keep(self, told: Foretold, *, at: datetime) -> None:
        """See to it that the figures of an answer can be found again."""

    def again(self, kept: Mapping[str, Any]) -> Foretold | None:
        """A kept answer reckoned anew from its own inputs and figures; None where those weren't kept."""


_reckoner: list[Reckoner] = []


def answered_by(reckoner: Reckoner) -> None:
    """From now on ``reckoner`` answers."""
    _reckoner[:] = [reckoner]


def foretell(asked: Sequence[Declared], *, at: datetime) -> list[Foretold | None]:
    """What each would bring; None for what nobody knows."""
    return _reckoner[0].foretell(asked, at=at) if _reckoner else [None] * len(asked)


def freights(asked: Declared, places: Sequence[Spot], *, at: datetime) -> list[Freight]:
    """What bringing it to each of these sites costs; nothing where nobody answers."""
    return _reckoner[0].freights(asked, places, at=at) if _reckoner else []


def keep(told: Foretold, *, at: datetime) -> None:
    if _reckoner:
        _reckoner[0].keep(told, at=at)


def again(kept: Mapping[str, Any]) -> Foretold | None:
    return _reckoner[0].again(kept) if _reckoner else None
