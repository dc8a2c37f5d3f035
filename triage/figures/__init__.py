"""The figures that a valuation reckons with: data with a version, published like any rules and shown beside every sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from revlog.common.errors import Reason
from revlog.terms import ruling
from revlog.terms.ruling import Body, Kind, Ruling
from triage.figures import before, defaults

KIND = "triage.economics"
OTHER = "other"
MOST = Decimal(1_000_000)
SHARES = frozenset(
    {
        "monthly_decay", "fee", "restock_markdown", "as_is_discount", "warranty_rate", "holding_per_year", "yield", "beyond_repair",
        "harvest_share", "harvest_yield", "displaced", *before.ODDS,
    }
)  # fmt: skip
"""Parts of one; all others are amounts, minutes, months or days."""
ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One version. ``body`` is plain data as published, over what the code ships; numbers are read as decimals when asked for."""

    version: str
    body: Mapping[str, Any]

    @cached_property
    def digest(self) -> str:
        """Names these figures by what they say."""
        return ruling.digest(self.body)

    @property
    def currency(self) -> str:
        return str(self.body["currency"])

    def one(self, name: str) -> Decimal:
        """A figure that stands alone. Raises KeyError."""
        return self._numbers[name]

    def of(self, table: str, name: str) -> Decimal:
        """A table's figure for ``name``, else that of ``other``, else nought."""
        found = self._tables[table]
        return found.get(name, found.get(OTHER, ZERO))

    def has(self, table: str, name: str) -> bool:
        return name in self._tables[table]

    def repair(self, fault: str, device_class: str) -> tuple[int, Decimal] | None:
        """Minutes and parts to mend ``fault``; None for what the bench can't mend."""
        found = self.body["repairs_of"].get(device_class, {}).get(fault) or self.body["repairs"].get(fault)
        return (int(found[0]), Decimal(found[1])) if found else None

    @cached_property
    def _numbers(self) -> dict[str, Decimal]:
        return {
            name: Decimal(value)
            for name, value in self.body.items()
            if not isinstance(value, Mapping) and name != "currency"
        }

    @cached_property
    def _tables(self) -> dict[str, dict[str, Decimal]]:
        return {
            name: {key: Decimal(value) for key, value in table.items()}
            for name, table in self.body.items()
            if isinstance(table, Mapping) and not name.startswith("repairs")
        }


def figures_of(found: Ruling) -> Figures:
    """The figures of one version: ``economics-2026-1`` as shipped, ``economics/3`` as published; what one leaves out is as shipped."""
    body = {name: _over(value, found.parameters.get(name, value)) for name, value in defaults.BODY.items()}
    return Figures(
        version=f"economics/{found.version}" if found.version else f"economics-{defaults.VERSION}", body=body
    )


def _over(shipped: Any, given: Any) -> Any:  # noqa: ANN401 - plain data
    if isinstance(shipped, Mapping) and isinstance(given, Mapping):
        return {**shipped, **given}
    return given


def _check(body: Body) -> list[Reason]:
    found = []
    for name, given in body.get("parameters", {}).items():
        where = f"body.parameters.{name}"
        if name not in defaults.BODY:
            found.append(Reason("unknown", f"Nothing reads {name}; known are {', '.join(defaults.BODY)}.", where))
        elif name == "currency":
            if not (isinstance(given, str) and len(given) == 3 and given.isupper()):
                found.append(Reason("currency", "The currency is three capital letters, like EUR.", where))
        else:
            found += _wrong(name, defaults.BODY[name], given, where)
    return found


def _wrong(name: str, shipped: Any, given: Any, where: str) -> list[Reason]:  # noqa: ANN401 - plain data
    """What isn't of the shipped shape: a figure, a table of figures, a table of minutes and parts."""
    if isinstance(shipped, Mapping):
        if not isinstance(given, Mapping):
            return [Reason("table", f"{name} is a table of names and figures.", where)]
        sample = next(iter(shipped.values()))
        return [reason for key, value in given.items() for reason in _wrong(name, sample, value, f"{where}.{key}")]
    if isinstance(shipped, list):
        if not isinstance(given, list) or len(given) != 2:
            return [Reason("repair", "A repair is its minutes and what its parts cost.", where)]
        return [reason for value in given for reason in _wrong(name, "0", value, where)]
    number, most = ruling.number(given), Decimal(1) if name in SHARES else MOST
    if number is None or not 0 <= number <= most:
        return [Reason("number", f"{name} is a number from 0 to {most}.", where)]
    return []


RULES = ruling.register(Kind(KIND, {"parameters": defaults.BODY}, _check))
SHIPPED = figures_of(Ruling(KIND, 0, RULES.shipped))
