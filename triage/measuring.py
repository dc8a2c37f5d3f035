"""What the outturns of decisions say of the planning figures: each figure that reality can check, measured, with n. Pure.

Days are medians of what it really took from the decision to the end of the stay. A fee is all fees over all prices. The decay of a class is
the slope of ln(price paid / price of the day) over the months it took, by least squares. What a buyer pays as it is, is the figure in force
times the median of paid over planned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import exp, log, sqrt
from statistics import median
from typing import Any

from triage.figures import Figures

ENOUGH = 20
"""With fewer a figure is shown in grey and no draft takes it."""
SOLD = "SOLD"
Z = 1.96
WIDEST = 0.02
"""A decay is planned by when its interval reaches no further than this to either side."""
LEAST_SPREAD = 10
"""Days that the sales of a class must lie apart before they say anything about its decay."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """Of an outturn, what figures can be measured by."""

    disposition: str
    device_class: str
    end: str
    channel: str
    again: bool
    days: int
    sold_for: Decimal
    channel_fee: Decimal
    planned_price: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Mended:
    fault: str
    device_class: str
    minutes: int
    parts: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One figure: ``table`` and ``name`` as the rules call them (``name`` empty for one that stands alone), in force and measured."""

    table: str
    name: str
    in_force: str
    measured: str
    n: int
    low: str = ""
    high: str = ""
    """The 95 % interval, where one is told."""
    sure: bool = True
    """Whether the interval is narrow enough to plan by."""

    @property
    def enough(self) -> bool:
        return self.n >= ENOUGH and self.sure


def measured(cases: Sequence[Case], mended: Sequence[Mended], figures: Figures) -> list[Measured]:
    """Every figure that these can check, in the order of the rules' tables."""
    return [*_sales(cases, figures), *_others(cases, figures), *_decay(cases, figures), *_repairs(mended, figures)]


def _whole(values: Sequence[int]) -> str:
    return str(round(median(values)))


def _share(value: float) -> str:
    return f"{min(1.0, max(0.0, value)):.3f}"


def _sales(cases: Sequence[Case], figures: Figures) -> Iterable[Measured]:
    sold: dict[str, list[Case]] = defaultdict(list)
    for one in cases:
        if one.end == SOLD and one.channel and one.sold_for > 0:
            sold[one.channel].append(one)
    for channel in sorted(sold):
        if not figures.has("channel_fee", channel):
            continue
        direct = [one.days for one in sold[channel] if one.disposition == "RESELL"]
        if direct:
            in_force = _plain(figures.of("channel_days", channel))
            yield Measured(
                table="channel_days", name=channel, in_force=in_force, measured=_whole(direct), n=len(direct)
            )
        paid = sum((one.sold_for for one in sold[channel]), Decimal(0))
        fees = -sum((one.channel_fee for one in sold[channel]), Decimal(0))
        yield Measured(
            table="channel_fee", name=channel, in_force=_plain(figures.of("channel_fee", channel)),
            measured=_share(float(fees / paid)), n=len(sold[channel]),
        )  # fmt: skip
    asis = [
        one for one in cases if one.end == SOLD and one.disposition == "RESELL" and not one.again and one.planned_price
    ]
    ratios = [float(one.sold_for / one.planned_price) for one in asis if one.planned_price]
    if ratios:
        discount = figures.one("as_is_discount")
        yield Measured(
            table="as_is_discount",
            name="",
            in_force=_plain(discount),
            measured=_share(float(discount) * median(ratios)),
            n=len(ratios),
        )


def _others(cases: Sequence[Case], figures: Figures) -> Iterable[Measured]:
    for path in ("RESTOCK", "HARVEST", "RECYCLE", "DESTROY"):
        days = [one.days for one in cases if one.disposition == path and not one.again]
        if days:
            yield Measured(
                table="days", name=path, in_force=_plain(figures.of("days", path)), measured=_whole(days), n=len(days)
            )
    bench = [one for one in cases if one.disposition == "REFURBISH"]
    if bench:
        reached = sum(not one.again and one.end == SOLD for one in bench)
        yield Measured(
            table="yield",
            name="",
            in_force=_plain(figures.one("yield")),
            measured=_share(reached / len(bench)),
            n=len(bench),
        )


def _decay(cases: Sequence[Case], figures: Figures) -> Iterable[Measured]:
    points: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in cases:
        if one.end == SOLD and one.disposition == "RESELL" and one.planned_price and one.sold_for > 0:
            points[one.device_class].append((one.days / 30, log(float(one.sold_for / one.planned_price))))
    for kind, found in sorted(points.items()):
        slope = slope_of(found)
        if slope is not None:
            value, error = slope
            low, high = 1 - exp(value + Z * error), 1 - exp(value - Z * error)
            yield Measured(
                table="monthly_decay", name=kind, in_force=_plain(figures.of("monthly_decay", kind)),
                measured=_share(1 - exp(value)), n=len(found), low=_share(low), high=_share(high), sure=high - low <= 2 * WIDEST,
            )  # fmt: skip


def slope_of(points: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """The slope by least squares and its standard error; None while the points lie too close together to have one."""
    if len(points) < 3 or max(x for x, _y in points) - min(x for x, _y in points) < LEAST_SPREAD / 30:
        return None
    middle = sum(x for x, _y in points) / len(points)
    level = sum(y for _x, y in points) / len(points)
    spread = sum((x - middle) ** 2 for x, _y in points)
    slope = sum((x - middle) * (y - level) for x, y in points) / spread
    left = sum((y - level - slope * (x - middle)) ** 2 for x, y in points)
    return slope, sqrt(left / (len(points) - 2) / spread)


def _repairs(mended: Sequence[Mended], figures: Figures) -> Iterable[Measured]:
    """Minutes and parts of a fault, in force and measured, as ``minutes + parts``; for a class where the rules have its own."""
    found: dict[tuple[str, str], list[Mended]] = defaultdict(list)
    for one in mended:
        own = one.device_class if one.fault in figures.body["repairs_of"].get(one.device_class, {}) else ""
        if figures.repair(one.fault, one.device_class) is not None:
            found[own, one.fault].append(one)
    for (own, fault), rows in sorted(found.items()):
        job = figures.repair(fault, own)
        if job is None:
            continue
        costs = [one.parts for one in rows if one.parts is not None]
        parts = median(costs).quantize(Decimal("0.01")) if len(costs) >= ENOUGH else job[1]
        yield Measured(
            table=f"repairs_of.{own}" if own else "repairs", name=fault, in_force=f"{job[0]} + {_plain(job[1])}",
            measured=f"{_whole([one.minutes for one in rows])} + {_plain(parts)}", n=len(rows),
        )  # fmt: skip


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def drafted(parameters: Mapping[str, Any], found: Iterable[Measured]) -> dict[str, Any]:
    """The parameters of a rule set with the measured figures of which there are enough."""
    made = {name: dict(value) if isinstance(value, Mapping) else value for name, value in parameters.items()}
    for one in found:
        if not one.enough:
            continue
        if one.table.startswith("repairs"):
            minutes, parts = one.measured.split(" + ")
            table, _dot, own = one.table.partition(".")
            place = made.setdefault(table, {})
            if own:
                place[own] = {**place.get(own, {}), one.name: [minutes, parts]}
            else:
                place[one.name] = [minutes, parts]
        elif one.name:
            made.setdefault(one.table, {})[one.name] = one.measured
        else:
            made[one.table] = one.measured
    return made
