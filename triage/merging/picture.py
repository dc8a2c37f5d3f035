"""What a merge takes and what it makes: reports, looks and faults; fields with values and sources, drives, the picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import cached_property

from triage.reports.normal import BatteryCondition, Health, LockKind, LockState, MediumType, Report

INSIDE, NOT_SEEN = "inside", "not_seen"
PASSED, FAILED = "pass", "fail"
INTERNAL = frozenset(
    {MediumType.HDD, MediumType.SSD, MediumType.NVME, MediumType.EMMC, MediumType.UFS, MediumType.UNKNOWN}
)
IDENTITY, DRIVES, READING, NAMES = "identity", "drives", "reading", "names"
FOR_A_PERSON = frozenset({IDENTITY, DRIVES})
"""Contradictions that wait in the exceptions inbox until a person settles them."""
LOCKS: Mapping[LockKind, str] = {
    LockKind.ACTIVATION: "locked", LockKind.ACCOUNT: "locked", LockKind.FINDER: "locked", LockKind.MDM: "locked",
    LockKind.FINANCE: "locked", LockKind.FIRMWARE: "firmware_password", LockKind.STOLEN: "reported_stolen",
}  # fmt: skip
"""The fault that a lock is, where it keeps the unit from being used; a carrier's lock only narrows who buys it."""
DANGERS = frozenset({"battery_swollen", "battery_leaking"})
OF_BATTERY = DANGERS | {"battery", "battery_missing"}
"""What a person sees of a battery that no reading outranks; that it is worn is an opinion, and the reading a figure."""
NEAR = 5
"""Percent by which two readings of one battery may differ and still say the same."""


class Rank(IntEnum):
    """Whose word counts before whose."""

    SETTLED = 0
    LOOK = 1
    RECORD = 2
    STATED = 3
    TEST = 4
    INVENTORY = 5


@dataclass(frozen=True, kw_only=True)
class Told:
    """A report of this stay, when it was matched, and by whom it came."""

    at: datetime
    report: Report
    ref: str = ""
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """An open fault of the unit, and who found it: ``inspection`` is a person's look, ``report`` a reading."""

    code: str
    zone: str = ""
    severity: str = "major"
    source: str = "inspection"
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Look:
    """A person's look: the codes of what was found, and of what was tried and is well."""

    at: datetime
    found: frozenset[str] = frozenset()
    passed: frozenset[str] = frozenset()
    by: str = ""
    ref: str = ""


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """What a person settled: ``key`` counts, against all of ``known``, the values that stood there then."""

    key: str
    known: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Who says so: ``kind`` is a report's format, ``look`` or ``record``."""

    kind: str
    rank: Rank
    at: datetime | None = None
    by: str = ""
    ref: str = ""
    instrument: str = ""


@dataclass(frozen=True, kw_only=True)
class Value:
    """One value with those who say it. ``earlier`` was replaced by its own tool, or is older than the repair: it contradicts nothing."""

    key: str
    sources: tuple[Source, ...]
    earlier: bool = False

    @property
    def rank(self) -> Rank:
        return min(source.rank for source in self.sources)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing known of the unit, the value that counts first. ``why`` names the rule that chose it, ``clash`` what contradicts."""

    what: str
    subject: str = ""
    values: tuple[Value, ...]
    why: str = ""
    clash: str = ""

    @property
    def name(self) -> str:
        return f"{self.what}:{self.subject}" if self.subject else self.what

    @property
    def counts(self) -> Value:
        return self.values[0]

    @property
    def live(self) -> tuple[Value, ...]:
        return tuple(value for value in self.values if not value.earlier)


@dataclass(frozen=True, kw_only=True)
class Drive:
    """One drive as all saw it together. ``health`` is the worst of each count among the tools that tried it last."""

    serial: str
    spellings: frozenset[str]
    model: str
    type: MediumType
    capacity_bytes: int | None
    presence: Field
    health: Health | None = None

    @property
    def label(self) -> str:
        return self.serial or self.model

    @property
    def is_out(self) -> bool:
        return self.presence.counts.key == NOT_SEEN


@dataclass(frozen=True, kw_only=True)
class Picture:
    """All that is known of a unit on this stay."""

    fields: tuple[Field, ...] = ()
    drives: tuple[Drive, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        return {one.name: one for one in self.fields}

    @property
    def clashes(self) -> list[Field]:
        """Contradictions, those that a person has to settle first."""
        found = [one for one in self.fields if one.clash]
        return sorted(found, key=lambda one: (one.clash not in FOR_A_PERSON, one.clash == NAMES))

    def counting(self, name: str) -> str | None:
        found = self.by_name.get(name)
        return found.counts.key if found else None

    @property
    def battery_share(self) -> int | None:
        """The reading of the battery in percent; None where none counts."""
        found = self.by_name.get("battery")
        return int(found.counts.key) if found and not found.counts.earlier and found.counts.key.isdecimal() else None

    def tests(self, verdict: str) -> list[str]:
        """Codes of tests that count as passed, or as failed."""
        return sorted(
            one.subject
            for one in self.fields
            if one.what == "test" and one.counts.key == verdict and not one.counts.earlier
        )

    def faults(self) -> tuple[dict[str, str], set[str]]:
        """Faults that readings amount to, with their severity; and the codes that were tried and found well.

        What a person found is a fault already, and no reading clears it: a field that a look says is bad gives neither.
        """
        failed: dict[str, str] = {}
        passed: set[str] = set()
        for one in self.fields:
            if one.counts.earlier or (one.counts.rank == Rank.LOOK and one.counts.key not in {PASSED, LockState.OPEN}):
                continue
            if one.what == "test":
                failed |= {one.subject: "major"} if one.counts.key == FAILED else {}
                passed |= {one.subject} if one.counts.key == PASSED else set()
            elif one.what == "lock" and (code := LOCKS.get(LockKind(one.subject))):
                failed |= {code: "major"} if one.counts.key == LockState.LOCKED else {}
                passed |= {code} if one.counts.key == LockState.OPEN else set()
            elif one.what == "battery":
                _battery_faults(one.counts.key, failed, passed)
        return failed, passed - set(failed)


def _battery_faults(key: str, failed: dict[str, str], passed: set[str]) -> None:
    if key == BatteryCondition.FAILED:
        failed["battery"] = "major"
    elif wear(key) >= 80:
        passed |= {"battery_worn", "battery"}
    else:
        failed["battery_worn"] = "minor" if wear(key) >= 70 else "major"
        passed.add("battery")


def wear(key: str) -> int:
    """What a reading or a word says of its capacity, in percent."""
    return int(key) if key.isdecimal() else {BatteryCondition.GOOD: 80, BatteryCondition.WORN: 70}.get(key, 0)  # type: ignore[call-overload]
