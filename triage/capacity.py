"""A day's queue under limits: which path each unit takes while bench minutes, parts and places in a channel last.

Unit by unit, each takes what is best for it until something runs out, whoever comes first. Solved as one, what is scarce goes to where it
earns most. Pure: numbers in, numbers out. SciPy (HiGHS) is loaded when a queue is solved, by jobs and commands alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

SECONDS = 25.0
GAP = 1e-6
"""How far from the proven best a plan may be, as a share of it; nought for queues of up to ``EXACTLY`` units."""
EXACTLY = 300


class UnableToPlan(Exception):
    """The queue can't be solved: a unit without any path that needs nothing scarce, or no plan in the time allowed."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One way for a unit: what it recovers, and what it uses of each limit (minutes, pieces, places)."""

    path: str
    worth: Decimal
    uses: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A unit and its choices, in the queue's order. One of them uses nothing: waiting, at least, always can."""

    unit: str
    choices: Sequence[Choice]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """``chosen`` is the place of each unit's choice. ``bound`` is what no plan can exceed; ``alone`` what unit-by-unit choice gives."""

    chosen: Sequence[int]
    worth: Decimal
    bound: Decimal
    alone: Decimal
    alone_chosen: Sequence[int]
    used: Mapping[str, int]

    @property
    def gain(self) -> Decimal:
        """What planning the day as one brings more."""
        return self.worth - self.alone


def plan(queue: Sequence[Asking], limits: Mapping[str, int], *, seconds: float = SECONDS) -> Plan:
    """The plan of the day. A limit that isn't named doesn't limit. Raises UnableToPlan."""
    for asking in queue:
        if not any(_is_free(choice, limits) for choice in asking.choices):
            raise UnableToPlan(f"{asking.unit} has no path that needs nothing scarce.")
    alone = one_by_one(queue, limits)
    if not queue:
        return Plan(
            chosen=(),
            worth=Decimal(0),
            bound=Decimal(0),
            alone=Decimal(0),
            alone_chosen=(),
            used=dict.fromkeys(limits, 0),
        )
    chosen, bound = _solved(queue, limits, seconds)
    worth, alone_worth = worth_of(queue, chosen), worth_of(queue, alone)
    if worth < alone_worth:
        # Only where the time was too short: a plan is never worse than none.
        chosen, worth = alone, alone_worth
    return Plan(
        chosen=chosen,
        worth=worth,
        bound=max(bound, worth),
        alone=alone_worth,
        alone_chosen=alone,
        used=used_by(queue, chosen, limits),
    )


def _is_free(choice: Choice, limits: Mapping[str, int]) -> bool:
    return not any(count and name in limits for name, count in choice.uses.items())


def one_by_one(queue: Sequence[Asking], limits: Mapping[str, int]) -> list[int]:
    """What comes out when each unit, in the queue's order, takes the best choice for which enough is left."""
    left = dict(limits)
    found = []
    for asking in queue:
        order = sorted(range(len(asking.choices)), key=lambda place: (-asking.choices[place].worth, place))
        place = next(
            place
            for place in order
            if all(left[name] >= count for name, count in asking.choices[place].uses.items() if name in left)
        )
        for name, count in asking.choices[place].uses.items():
            if name in left:
                left[name] -= count
        found.append(place)
    return found


def worth_of(queue: Sequence[Asking], chosen: Sequence[int]) -> Decimal:
    return sum((asking.choices[place].worth for asking, place in zip(queue, chosen, strict=True)), Decimal(0))


def used_by(queue: Sequence[Asking], chosen: Sequence[int], limits: Mapping[str, int]) -> dict[str, int]:
    """How much of each limit these choices use."""
    found = dict.fromkeys(limits, 0)
    for asking, place in zip(queue, chosen, strict=True):
        for name, count in asking.choices[place].uses.items():
            if name in found:
                found[name] += count
    return found


def _solved(queue: Sequence[Asking], limits: Mapping[str, int], seconds: float) -> tuple[list[int], Decimal]:
    """The best choices and the proven bound: one binary variable a choice, one row a unit, one a limit."""
    import numpy as np  # noqa: PLC0415
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415
    from scipy.sparse import csr_array  # noqa: PLC0415

    starts = np.cumsum([0, *(len(asking.choices) for asking in queue)])
    choices = [choice for asking in queue for choice in asking.choices]
    worth = np.array([float(choice.worth) for choice in choices])
    units = np.repeat(np.arange(len(queue)), np.diff(starts))
    each = csr_array((np.ones(len(choices)), (units, np.arange(len(choices)))), shape=(len(queue), len(choices)))
    constraints = [LinearConstraint(each, 1, 1)]
    names = list(limits)
    if names:
        cells = [
            (names.index(name), column, count)
            for column, choice in enumerate(choices)
            for name, count in choice.uses.items()
            if name in limits and count
        ]
        rows, columns, counts = zip(*cells, strict=True) if cells else ((), (), ())
        scarce = csr_array((np.array(counts, float), (rows, columns)), shape=(len(names), len(choices)))
        constraints.append(LinearConstraint(scarce, -np.inf, np.array([float(limits[name]) for name in names])))
    found = milp(
        -worth,
        constraints=constraints,
        integrality=np.ones(len(choices)),
        bounds=Bounds(0, 1),
        options={"time_limit": seconds, "mip_rel_gap": 0.0 if len(queue) <= EXACTLY else GAP},
    )
    if found.x is None:
        raise UnableToPlan(f"No plan was found in {seconds:g} seconds.")
    picked = [int(np.argmax(found.x[starts[place] : starts[place + 1]])) for place in range(len(queue))]
    bound = found.mip_dual_bound if found.mip_dual_bound is not None else found.fun
    return picked, Decimal(str(round(-bound, 2)))
