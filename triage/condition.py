"""The condition vector of a unit: all that a grade rests on, taken out of the reports and looks that told it. Pure.

Small enough to stay with each grade, so that the same unit can be judged again by other rules, years later, as it was known then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from triage.merging import Flaw
from triage.reports.normal import Health

_COUNTERS = tuple(one.name for one in fields(Health) if one.name not in {"passed", "warnings"})


@dataclass(frozen=True, kw_only=True)
class Disk:
    """What a drive inside says of itself."""

    label: str
    health: Health


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What is known of a unit by the words that rubrics and grade books judge. ``missing`` is None while nobody compared the parts.

    ``stated`` is what a person stated at a station (``functionality``, ``appearance`` -> letter), ``passed`` the tests that count as
    passed, ``battery`` the reading that counts, in percent.
    """

    flaws: tuple[Flaw, ...] = ()
    inspected: bool = False
    sealed: bool = False
    works: str = "untested"
    has_drive: bool = True
    missing: tuple[str, ...] | None = None
    data: str = "open"
    passed: tuple[str, ...] = ()
    stated: Mapping[str, str] = field(default_factory=dict)
    battery: int | None = None
    drives: tuple[Disk, ...] = ()

    @property
    def pristine(self) -> bool:
        """The maker's seal is unbroken and nothing is wrong with it: it is new, whatever nobody tried."""
        return self.sealed and not self.flaws

    @property
    def tested(self) -> bool:
        """Whether somebody or something tried it; a defect that was noticed is no test."""
        return self.works == "yes" or "functionality" in self.stated or bool(self.passed)

    @property
    def looked_at(self) -> bool:
        return self.inspected or "appearance" in self.stated


def as_json(known: Condition) -> dict[str, Any]:
    """As plain data; what isn't known is left out."""
    told: dict[str, Any] = {
        "flaws": [[flaw.code, flaw.zone, flaw.severity, flaw.source] for flaw in known.flaws],
        "works": known.works,
        "data": known.data,
        "has_drive": known.has_drive,
    }
    told |= {name: True for name in ("inspected", "sealed") if getattr(known, name)}
    if known.passed:
        told["passed"] = list(known.passed)
    if known.missing is not None:
        told["missing"] = list(known.missing)
    if known.stated:
        told["stated"] = dict(known.stated)
    if known.battery is not None:
        told["battery"] = known.battery
    if known.drives:
        told["drives"] = [[disk.label, _health(disk.health)] for disk in known.drives]
    return told


def _health(health: Health) -> dict[str, Any]:
    told: dict[str, Any] = {name: value for name in _COUNTERS if (value := getattr(health, name)) is not None}
    return told | ({} if health.passed is None else {"passed": health.passed})


def read(told: Mapping[str, Any]) -> Condition:
    """What ``as_json`` made of it."""
    return Condition(
        flaws=tuple(
            Flaw(code=code, zone=zone, severity=severity, source=source)
            for code, zone, severity, source in told["flaws"]
        ),
        inspected=told.get("inspected", False),
        sealed=told.get("sealed", False),
        works=told["works"],
        has_drive=told["has_drive"],
        missing=tuple(told["missing"]) if "missing" in told else None,
        data=told["data"],
        passed=tuple(told.get("passed", ())),
        stated=dict(told.get("stated", {})),
        battery=told.get("battery"),
        drives=tuple(Disk(label=label, health=Health(**health)) for label, health in told.get("drives", ())),
    )
