"""The case of a unit: all that the choice of its path rests on, and what a decision keeps as its inputs. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from decimal import Decimal
from typing import Any

SHAPE = 2
"""Of the inputs that a valuation keeps; what is older says none and is reckoned by ``triage.earlier``."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    code: str
    severity: str = "major"


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A price of the book: of ten sales one is expected below ``low`` and one above ``high``; ``basis`` is where it comes from."""

    amount: Decimal
    low: Decimal | None = None
    high: Decimal | None = None
    basis: str = ""
    source: str = ""
    """Whose list, or which version of the price model."""
    observations: int | None = None
    since: str = ""


@dataclass(frozen=True, kw_only=True)
class Mend:
    """A repair by which a grade is reached: the faults that it mends, the cheapest set of them. ``exact`` where all sets were tried."""

    target: str
    faults: Sequence[Fault]
    exact: bool = True


@dataclass(frozen=True, kw_only=True)
class Supply:
    """What the site's store of parts says of a kind of part for this model."""

    available: int = 0
    cost: Decimal | None = None
    """What the cheapest on hand stands in the books, in the money of the sums; None where none lies there."""
    short: bool = False
    """Less than its minimum is left."""


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What the owner's instructions say of this very unit, each with the sentence of the contract. Empty where there are none."""

    version: str = ""
    forbidden: Mapping[str, str] = field(default_factory=dict)
    """Path -> the sentence that forbids it."""
    channels: Mapping[str, str] = field(default_factory=dict)
    """Channel -> the sentence that forbids it."""
    least_grade: str = ""
    least_why: str = ""
    drives: str = ""
    """``destroy``: no drive leaves whole."""
    drives_why: str = ""
    prefer: Sequence[str] = ()
    prefer_why: str = ""
    weigh: Sequence[str] = ()
    """Paths that are weighed with the others because the contract asks for them: ``DEPLOY``, ``DONATE``."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that the choice of a path rests on.

    ``price_new`` is a new one's, ``price_a`` one in grade A today; ``target`` the best grade that the bench can reach by mending
    ``mendable``, ``mends`` the cheapest set for each grade on the way (without them, ``mendable`` as a whole leads to ``target``).
    ``asked`` is what the owner asked for (``repair``, ``return``), empty when nothing but to deal with it. What isn't known may be left
    out: a case made of what somebody declared is reckoned like any other.
    """

    device_class: str
    tracking: str = "serialized"
    quantity: int = 1
    grams: int = 0
    grade: str = "U"
    target: str = ""
    mendable: Sequence[Fault] = ()
    mends: Sequence[Mend] = ()
    faults: Sequence[Fault] = ()
    holds: Sequence[str] = ()
    held: str = ""
    """The same as a sentence: by what, and where its owner is waited for until when."""
    contradicts: Sequence[str] = ()
    """What its sources say differently of which thing it is, as sentences."""
    authority: bool = False
    ours: bool = True
    why: str = "return"
    asked: str = ""
    uncleared: int = 0
    """Media whose data isn't cleared."""
    media: Sequence[str] = ()
    """Types of the media inside."""
    soldered: bool = False
    """Whether storage with data is part of the board."""
    clearable: bool = True
    price_new: Decimal = Decimal(0)
    price_a: Decimal = Decimal(0)
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    """What the price book expects per grade in any channel; it goes before ``price_a`` and the grade's factor."""
    quotes: Mapping[str, Mapping[str, Quote]] = field(default_factory=dict)
    """Channel -> grade -> the channel's own price; under the empty name those for all, with their bands. They go before ``prices``."""
    decay: Decimal = Decimal("0.03")
    supplies: Mapping[str, Supply] = field(default_factory=dict)
    """Kind of part -> what the store says of it; a kind that isn't named must be bought."""
    contract: Contract = field(default_factory=Contract)


def plain(value: Any) -> Any:  # noqa: ANN401 - plain data
    """A case, or a part of one, as JSON keeps it: decimals as text."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(part) for name, part in vars(value).items()}
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value


def case_from(told: Mapping[str, Any]) -> Case:
    """The case of ``plain``. Raises KeyError, TypeError or ValueError for data of another shape."""
    given = dict(told)
    for name in ("price_new", "price_a", "decay"):
        given[name] = Decimal(given[name])
    given["prices"] = {grade: Decimal(amount) for grade, amount in given["prices"].items()}
    given["quotes"] = {
        channel: {grade: _quote(each) for grade, each in quotes.items()} for channel, quotes in given["quotes"].items()
    }
    for name in ("mendable", "faults"):
        given[name] = _faults(given[name])
    given["mends"] = tuple(Mend(**(each | {"faults": _faults(each["faults"])})) for each in given["mends"])
    given["supplies"] = {
        part: Supply(**(each | {"cost": _amount(each["cost"])})) for part, each in given["supplies"].items()
    }
    contract = given["contract"]
    given["contract"] = Contract(**(contract | {name: tuple(contract[name]) for name in ("prefer", "weigh")}))
    for name in ("holds", "contradicts", "media"):
        given[name] = tuple(given[name])
    return Case(**given)


def _faults(told: Sequence[Mapping[str, Any]]) -> tuple[Fault, ...]:
    return tuple(Fault(**each) for each in told)


def _amount(told: str | None) -> Decimal | None:
    return None if told is None else Decimal(told)


def _quote(told: Mapping[str, Any]) -> Quote:
    return Quote(
        amount=Decimal(told["amount"]), low=_amount(told["low"]), high=_amount(told["high"]), basis=told["basis"],
        source=told.get("source", ""), observations=told.get("observations"), since=told.get("since", ""),
    )  # fmt: skip
