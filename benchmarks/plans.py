"""Plans of the day: a simulated week by the plan and unit by unit, and a queue of thousands solved.

The week is reckoned with the shipped figures, by the functions that the platform plans with; only its units are drawn. Each day's limits
hold for both ways of choosing; what waits is there again on the next day, a day's decay and capital poorer. After the week the days go on
without arrivals until every unit has gone its way, so that nothing is gained by leaving things over.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from benchmarks.harness import Result
from triage import capacity, paths
from triage.capacity import Asking, Choice
from triage.figures import SHIPPED
from triage.paths import Case
from triage.services import planning, worth
from triage.services.worth import Worth

DAYS, ARRIVE, MOST_DAYS, PATIENCE = 5, 60, 60, 2
LIMITS: dict[str, int] = {
    planning.MINUTES: 5 * 60,
    "part:display": 4,
    "part:battery_worn": 6,
    "part:keyboard": 3,
    "path:RESELL": 20,
    "path:RESTOCK": 15,
    "path:HARVEST": 6,
}
"""Of a day: five hours at one bench, the parts that come in, and what channels take."""
CLASSES = ("laptop", "laptop", "laptop", "phone", "phone", "phone", "tablet", "desktop")
MENDABLE = ("display", "battery_worn", "keyboard", "port", "memory", "drive_failing", "hinge", "camera")


def unit(drawn: random.Random) -> Worth:
    """A unit as it comes to triage: half of them with something to mend."""
    device_class = drawn.choice(CLASSES)
    new = SHIPPED.of("list_price", device_class) * Decimal(drawn.randint(50, 170)) / 100
    decay = SHIPPED.of("monthly_decay", device_class)
    now = (new * (1 - decay) ** drawn.randint(2, 40)).quantize(Decimal("0.01"))
    codes = drawn.sample(MENDABLE, drawn.choice((0, 0, 1, 1, 1, 2)))
    faults = tuple(
        paths.Fault(code=code, severity="major") for code in codes if SHIPPED.repair(code, device_class) is not None
    )
    grade = "D" if len(faults) > 1 else "C" if faults else drawn.choice(("A", "B", "B", "C"))
    case = Case(
        device_class=device_class,
        grams=2000,
        grade=grade,
        target=drawn.choice(("A", "B")) if faults else "",
        mendable=faults,
        faults=faults,
        authority=True,
        price_new=new,
        price_a=now,
        decay=decay,
    )
    return worth.reckoned(case, SHIPPED, price_from="assumption")


@dataclass(frozen=True)
class Week:
    recovered: Decimal
    days: int
    """Until the last unit had gone its way."""
    waited: int
    """Days that units waited, in all."""


Chooser = Callable[[Sequence[Asking], Mapping[str, int]], Sequence[int]]


def by_plan(queue: Sequence[Asking], limits: Mapping[str, int]) -> Sequence[int]:
    return capacity.plan(queue, limits).chosen


def week(seed: int, choose: Chooser, *, patience: int | None = PATIENCE) -> Week:
    """The same units and limits for whoever chooses. Who is here for ``patience`` days goes some way today."""
    drawn = random.Random(seed)
    arriving = [[unit(drawn) for _unit in range(ARRIVE)] for _day in range(DAYS)]
    left: list[tuple[Worth, int]] = []
    recovered, waited = Decimal(0), 0
    for day in range(MOST_DAYS):
        queue = left + [(one, 0) for one in (arriving[day] if day < DAYS else [])]
        if not queue:
            return Week(recovered, day, waited)
        asked = planning.asking_of(
            [(str(place), one) for place, (one, _stood) in enumerate(queue)],
            LIMITS | ({planning.WAIT: patience} if patience is not None else {}),
            stood=[stood for _one, stood in queue],
            poorer=True,
        )
        chosen = choose(asked, LIMITS)
        left = []
        for (one, stood), asking, place in zip(queue, asked, chosen, strict=True):
            taken = asking.choices[place]
            if taken.path:
                recovered += taken.worth
            else:
                left.append((one, stood + 1))
        waited += len(left)
    raise RuntimeError(f"{len(left)} units still wait after {MOST_DAYS} days.")


def many(count: int) -> tuple[float, capacity.Plan]:
    """A queue of so many units solved: seconds, and the plan."""
    drawn = random.Random(11)
    queue = []
    for number in range(count):
        best = drawn.randint(40, 500)
        queue.append(
            Asking(
                unit=str(number),
                choices=[
                    Choice(path="", worth=Decimal(best - drawn.randint(1, 40))),
                    Choice(
                        path="REFURBISH",
                        worth=Decimal(best),
                        uses={
                            "minutes": drawn.randint(10, 90),
                            f"part:{drawn.choice(MENDABLE)}": 1,
                            "path:REFURBISH": 1,
                        },
                    ),
                    Choice(path="RESELL", worth=Decimal(best * drawn.randint(30, 90)) / 100, uses={"path:RESELL": 1}),
                    Choice(path="HARVEST", worth=Decimal(best) / 5, uses={"minutes": drawn.randint(10, 40)}),
                    Choice(path="RECYCLE", worth=Decimal(-2)),
                ],
            )
        )
    limits = {"minutes": count * 12, "path:RESELL": count // 4, **{f"part:{code}": count // 30 for code in MENDABLE}}
    began = time.perf_counter()
    found = capacity.plan(queue, limits)
    return time.perf_counter() - began, found


def figures() -> list[Result]:
    planned, alone = week(1, by_plan), week(1, capacity.one_by_one)
    may_wait = week(1, by_plan, patience=None).recovered - week(1, capacity.one_by_one, patience=None).recovered
    seconds, found = many(5000)
    gain = planned.recovered - alone.recovered
    return [
        Result(
            "a simulated week, recovered by the plan",
            "EUR",
            float(planned.recovered),
            float(alone.recovered),
            round(float(planned.recovered / alone.recovered), 4),
            "> 1",
            f"reference: unit by unit; {DAYS * ARRIVE} units wait {PATIENCE} days at most; {gain} EUR more, {may_wait} where all may wait",
        ),
        Result(
            "5,000 units planned as one",
            "s",
            round(seconds, 1),
            None,
            None,
            "< 30",
            f"{found.gain} EUR over unit by unit, {found.bound - found.worth} EUR below what no plan can exceed",
        ),
    ]
