"""The figures that a stage reckons with: named numbers of zero or more, published like any other rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from revlog.common.errors import Reason
from revlog.terms import queries, ruling
from revlog.terms.ruling import Body, Kind, Ruling

# Beyond it a figure is a slip of the keyboard, and a number of days no date.
MOST = 1_000_000


@dataclass(frozen=True)
class Figures:
    """One kind of rules that has parameters and nothing else. ``most`` names those with an upper limit below ours."""

    kind: str
    shipped: Mapping[str, str | int]
    most: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ruling.register(Kind(self.kind, {"parameters": dict(self.shipped)}, self._check))

    def in_force(self, at: datetime) -> dict[str, Decimal]:
        """The published ones at ``at``; what they leave out is as the code ships it."""
        return self.read(queries.in_force(self.kind, at=at))

    def read(self, found: Ruling) -> dict[str, Decimal]:
        """The figures of one version."""
        given = {**self.shipped, **found.parameters}
        return {name: Decimal(str(given[name])) for name in self.shipped}

    def _check(self, body: Body) -> list[Reason]:
        found = []
        for name, given in body.get("parameters", {}).items():
            where = f"body.parameters.{name}"
            if name not in self.shipped:
                found.append(Reason("unknown", f"Nothing reads {name}; known are {', '.join(self.shipped)}.", where))
                continue
            value, most = ruling.number(given), self.most.get(name, MOST)
            if value is None or value < 0:
                found.append(Reason("number", f"{name} is a number of zero or more.", where))
            elif value > most:
                found.append(Reason("number", f"{name} is at most {most}.", where))
        return found
