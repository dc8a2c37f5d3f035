"""The figures that a valuation reckons with: data with a version, published like any rules and shown beside every sum."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
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
        "harvest_share", "harvest_yield", "displaced", "channel_fee", "landfill_share", "receipt_share", "repair_to_erase_yield",
        *before.ODDS,
    }
)  # fmt: skip
"""Parts of one; all others are amounts, minutes, months or days."""
ZERO = Decimal(0)
WORDS: Mapping[str, frozenset[str] | None] = {"skill_of": None, "channel_least": frozenset({"NEW", "A", "B", "C", "D"})}
"""Tables whose values are words, not figures, and which there are."""
LONGEST_WORD = 24


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

    def word(self, table: str, name: str) -> str:
        """A table's word for ``name``, else that of ``other``, else none."""
        found = self.body.get(table, {})
        return str(found.get(name, found.get(OTHER, "")))

    def rate(self, skill: str) -> Decimal:
        """What an hour of a skill costs."""
        return self._tables["rate_per_hour"].get(skill, self.one("labor_per_hour"))

    @property
    def channels(self) -> Sequence[str]:
        """Ways of selling a single unit, and the lot."""
        return tuple(sorted(self._tables["channel_fee"]))

    def parts(self, device_class: str) -> Mapping[str, Decimal]:
        """Kind of part -> its share of what all parts of such a thing bring; they sum to one, the dearest first."""
        given = {part: Decimal(share) for part, share in self.body["parts_of"].get(device_class, {}).items()}
        whole = sum(given.values(), ZERO)
        order = sorted(given.items(), key=lambda each: (-each[1], each[0]))
        return {part: share / whole for part, share in order} if whole else {}

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
            if isinstance(table, Mapping) and name not in WORDS and not name.startswith(("repairs", "parts_of"))
        }


def figures_of(found: Ruling) -> Figures:
    """The figures of one version: ``economics-2026-1`` as shipped, ``economics/3`` as published; what one leaves out is as shipped."""
    if found.version == 0 and found.body is RULES.shipped:
        return SHIPPED
    if found.rule_set is not None and (known := _ready.get(found.rule_set)) is not None:
        return known
    body = {name: _over(value, found.parameters.get(name, value)) for name, value in defaults.BODY.items()}
    made = Figures(
        version=f"economics/{found.version}" if found.version else f"economics-{defaults.VERSION}", body=body
    )
    if found.rule_set is not None:
        if len(_ready) > MOST_READY:
            _ready.clear()
        _ready[found.rule_set] = made
    return made


MOST_READY = 200
_ready: dict[uuid.UUID, Figures] = {}
"""Published figures made ready, once a process: what is published never changes."""


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


def _wrong_word(name: str, given: Any, where: str) -> list[Reason]:  # noqa: ANN401 - plain data
    known = WORDS[name]
    if (
        not isinstance(given, str)
        or not given
        or len(given) > LONGEST_WORD
        or (known is not None and given not in known)
    ):
        told = f"one of {', '.join(sorted(known))}" if known else f"a word of at most {LONGEST_WORD} letters"
        return [Reason("word", f"{name} is {told}.", where)]
    return []


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
    if name in WORDS:
        return _wrong_word(name, given, where)
    number, most = ruling.number(given), Decimal(1) if name in SHARES else MOST
    if number is None or not 0 <= number <= most:
        return [Reason("number", f"{name} is a number from 0 to {most}.", where)]
    return []


RULES = ruling.register(Kind(KIND, {"parameters": defaults.BODY}, _check))
SHIPPED = figures_of(Ruling(KIND, 0, {"parameters": dict(RULES.shipped["parameters"])}))
