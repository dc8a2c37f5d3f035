"""Past decisions made again by other rules, of any kind: what would have become of each, and what all of it would come to. Pure.

Each kind that can be tried has a module here: how a case is decided again from the facts that were kept of it, what may change for it
(``CHANGES``, the gravest first), and what it counts for. The sums are the same for all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from revlog.terms.trying import Cell, Outcome


@dataclass
class Tally:
    """Sums over many cases, for the rules as they are (``before``) and as they would be (``after``); money by currency."""

    cases: int = 0
    changes: Counter[str] = field(default_factory=Counter)
    counts: dict[str, Counter[str]] = field(default_factory=lambda: {"before": Counter(), "after": Counter()})
    money: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    cells: Counter[Cell] = field(default_factory=Counter)

    def add(self, changed: str, before: Outcome, after: Outcome, currency: str, cells: Sequence[Cell] = ()) -> None:
        """Take a case in, with what changes for it."""
        self.cases += 1
        self.cells.update(cells)
        if changed:
            self.changes[changed] += 1
        sums = self.money.get(currency)
        if sums is None:
            sums = self.money[currency] = {"before": Counter(), "after": Counter()}
        before.into(self.counts["before"], sums["before"])
        after.into(self.counts["after"], sums["after"])

    def as_json(self) -> dict[str, Any]:
        cells = {"cells": [[*cell, count] for cell, count in sorted(self.cells.items())]} if self.cells else {}
        return cells | {
            "changes": dict(self.changes),
            "counts": {name: dict(found) for name, found in self.counts.items()},
            "money": {
                currency: {name: {key: str(value) for key, value in found.items()} for name, found in sums.items()}
                for currency, sums in self.money.items()
            },
        }

    @classmethod
    def read(cls, told: Mapping[str, Any], cases: int) -> Tally:
        """Taken up again where a trial was stopped."""
        found = cls(cases)
        found.changes.update(told.get("changes", {}))
        for name, counts in told.get("counts", {}).items():
            found.counts[name].update(counts)
        for currency, sums in told.get("money", {}).items():
            found.money[currency] = {
                name: Counter({key: Decimal(value) for key, value in amounts.items()}) for name, amounts in sums.items()
            }
        found.cells.update({Cell(*cell): count for *cell, count in told.get("cells", [])})
        return found


def plain(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON keeps them: amounts and days as text, what isn't known left out, which no comparison tells from it."""
    return {name: _plain(value) for name, value in inputs.items() if value is not None}


def _plain(value: object) -> object:
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    return str(value)
