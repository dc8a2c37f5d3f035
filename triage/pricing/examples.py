"""Observed prices as examples to learn from, and what of a catalog is asked of a model. Pure: nothing here loads what learns."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date
from typing import Any

from triage.pricing.table import Table

TARGET = "amount"
COLUMNS = (
    "class", "maker", "model", "variant", "grade", "channel", "kind", "months", "battery", "list", "day", TARGET,
)  # fmt: skip
GRADES = ("NEW", "A", "B", "C", "D")
FEWEST_OF_A_MODEL = 8
"""With fewer observations of a model no price is said for it."""
FEWEST_OF_A_GRADE = 3
"""In a grade that was seen less often among things of its class, neither."""
FAMILIAR = 0.75
"""Which share of what is asked must have been seen before."""
LOT = "lot"
"""Prices in lots stand for themselves: they are no price of a single thing."""
MOST_MIXED = 6


@dataclass(frozen=True, kw_only=True)
class Example:
    """One observation, in one currency. ``product`` and ``variant`` are its keys in the catalog; ``without`` is what a decision would
    have taken for it without a model."""

    product: str
    variant: str
    device_class: str
    maker: str
    model: str
    version: str
    """The variant as people call it."""
    grade: str
    channel: str
    kind: str
    months: int | None
    battery: int | None
    listed: float | None
    day: date
    amount: float
    without: float

    @property
    def row(self) -> list[str]:
        return [
            self.device_class,
            self.maker,
            self.model,
            self.version,
            self.grade,
            self.channel,
            self.kind,
            *("" if value is None else str(value) for value in (self.months, self.battery, self.listed)),
            str(self.day.toordinal()),
            str(self.amount),
        ]


def table_of(examples: Iterable[Example]) -> Table:
    return Table(columns=COLUMNS, rows=[example.row for example in examples])


def digest_of(examples: Sequence[Example], recipe: Mapping[str, Any]) -> str:
    """What a model would be learned from, and how: the same digest is the same model."""
    told = [recipe, *([str(value) for value in astuple(example)] for example in examples)]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def parted(examples: Sequence[Example], share: float, fewest: int) -> tuple[list[Example], list[Example]]:
    """The past and the newest part, whole days each: at least ``share`` and ``fewest`` are the newest."""
    count = max(fewest, round(share * len(examples)))
    if count >= len(examples):
        return [], list(examples)
    day = examples[-count].day
    return [each for each in examples if each.day < day], [each for each in examples if each.day >= day]


# What is asked ------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One price that may be said: of a model (or of one variant), in a grade, in a channel or in all."""

    product: str
    variant: str
    grade: str
    channel: str
    seen: int
    """Observations of the model (or of the variant)."""
    asked: Sequence[tuple[Example, int]]
    """What a model is asked for it, each with its weight."""


def cells(examples: Sequence[Example], ages: Mapping[str, int | None]) -> list[Cell]:
    """Every price for which enough was seen. ``ages`` tells how old each model is today."""
    found: list[Cell] = []
    if not examples:
        return found
    kind = "sale" if sum(each.kind == "sale" for each in examples) >= FEWEST_OF_A_MODEL else "offer"
    newest = max(each.day for each in examples)
    graded = Counter((each.device_class, each.grade) for each in examples)
    by_thing: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for each in examples:
        by_thing[each.product, ""].append(each)
        if each.variant:
            by_thing[each.product, each.variant].append(each)
    for (product, variant), seen in sorted(by_thing.items()):
        if len(seen) < FEWEST_OF_A_MODEL:
            continue
        channels = Counter(each.channel for each in seen)
        wanted = ["", *sorted(name for name, count in channels.items() if name and count >= FEWEST_OF_A_MODEL)]
        last = max(seen, key=lambda each: each.day)
        batteries = sorted(each.battery for each in seen if each.battery is not None)
        asked = replace(
            last,
            kind=kind,
            day=newest,
            months=ages.get(product, last.months),
            battery=batteries[len(batteries) // 2] if batteries else None,
        )
        for channel in wanted:
            mix = _mix(seen, channel)
            found += [
                Cell(
                    product=product,
                    variant=variant,
                    grade=grade,
                    channel=channel,
                    seen=len(seen),
                    asked=[
                        (replace(asked, grade=grade, channel=way, version=version), count)
                        for (version, way), count in mix
                    ],
                )
                for grade in GRADES
                if graded[last.device_class, grade] >= FEWEST_OF_A_GRADE
            ]
    return found


def _mix(seen: Sequence[Example], channel: str) -> list[tuple[tuple[str, str], int]]:
    """Versions and channels as they were seen, the most common ones: what "the model" or "any channel" stands for."""
    single = [each for each in seen if each.channel != LOT] or seen
    rows = [each for each in seen if each.channel == channel] if channel else single
    return Counter((each.version, each.channel) for each in rows).most_common(MOST_MIXED)


def falling(values: Sequence[float]) -> list[float]:
    """The nearest values that never rise from the best grade to the worst (pool adjacent violators)."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        blocks.append((value, 1))
        while len(blocks) > 1 and blocks[-2][0] < blocks[-1][0]:
            (one, ones), (two, twos) = blocks[-2:]
            blocks[-2:] = [((one * ones + two * twos) / (ones + twos), ones + twos)]
    return [value for value, count in blocks for _each in range(count)]
