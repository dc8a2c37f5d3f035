"""Several reports and looks of one unit in one stay, merged into one picture: each field with all that was said and by whom.

Nothing is averaged and nothing overwritten in silence. Which value of a field counts follows a stated precedence: what a person settled,
what a person saw, what the unit is on record as, what a person stated at the station, a test of the part itself, an inventory. Where two
of one rank differ, a reading counts by the worse value, identity by the first; a tool that measures again replaces its own reading alone.
The losing values stay. Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from functools import cached_property

from triage import kinds, sameness
from triage.defects import Axis, axis_of
from triage.reports.normal import (
    Battery,
    BatteryCondition,
    ErasureOutcome,
    Health,
    LockKind,
    LockState,
    Medium,
    MediumType,
    Report,
    Verdict,
)

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
_BATTERY = DANGERS | {"battery", "battery_missing"}
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
    elif _wear(key) >= 80:
        passed |= {"battery_worn", "battery"}
    else:
        failed["battery_worn"] = "minor" if _wear(key) >= 70 else "major"
        passed.add("battery")


# Merging --------------------------------------------------------------------------------------------------------------------------------


def merge(
    told: Sequence[Told],
    *,
    looks: Sequence[Look] = (),
    flaws: Sequence[Flaw] = (),
    record: Mapping[str, Sequence[str]] | None = None,
    removed: frozenset[str] = frozenset(),
    repaired: Mapping[str, datetime] | None = None,
    settled: Mapping[str, Ruling] | None = None,
) -> Picture:
    """One picture of all that was said. ``told`` stands oldest first.

    ``record`` are the names the unit is known by (serial, imei, ...), ``removed`` the serials of drives taken out with a record,
    ``repaired`` says per axis when a fault of it was last mended: a reading taken before speaks of a part that may be gone.
    """
    known = _Merging(
        told=told,
        looks=sorted(looks, key=lambda one: one.at),
        flaws=[flaw for flaw in flaws if flaw.source != "report"],
        record=record or {},
        repaired=repaired or {},
        settled=settled or {},
    )
    drives, of_drives = _drives(known, removed)
    fields = (
        *_identity(known), *_build(known), *of_drives, *_battery(known), *_locks(known), *_tests(known), *_stated(known)
    )  # fmt: skip
    return Picture(fields=fields, drives=drives)


@dataclass(frozen=True, kw_only=True)
class _Merging:
    told: Sequence[Told]
    looks: Sequence[Look]
    flaws: Sequence[Flaw]
    record: Mapping[str, Sequence[str]]
    repaired: Mapping[str, datetime]
    settled: Mapping[str, Ruling]

    @cached_property
    def machines(self) -> list[Told]:
        return [told for told in self.told if not kinds.is_of_drives(told.report)]

    @cached_property
    def named(self) -> list[Told]:
        """Those whose maker, model and serial are the unit's. A screen's own identity is that of a part where others tell of the whole."""
        whole = [told for told in self.machines if kinds.tool_of(told.report.kind) != "edid"]
        return whole or self.machines

    def look_at(self, code: str) -> Source:
        """Who found what is open: the last look that names it."""
        look = next((one for one in reversed(self.looks) if code in one.found), None)
        flaw = next((one for one in self.flaws if one.code == code), None)
        if look is None:
            return Source(kind="look", rank=Rank.LOOK, at=flaw.at if flaw else None, instrument="look")
        return Source(kind="look", rank=Rank.LOOK, at=look.at, by=look.by, ref=look.ref, instrument="look")

    def words_of_a_person(self, code: str, said: Sequence[_Said], *, bad: str, well: str) -> list[_Said]:
        """What a person says of ``code``: an open fault, else the last look that tried it. A reading that finds it bad after that look
        is of a later moment, so that the look counts as one test among others."""
        if any(flaw.code == code for flaw in self.flaws):
            return [_Said(bad, self.look_at(code))]
        look = next((one for one in reversed(self.looks) if code in one.passed), None)
        if look is None:
            return []
        later = any(
            one.key == bad and one.is_live and one.source.at is not None and one.source.at > look.at for one in said
        )
        rank = Rank.TEST if later else Rank.LOOK
        return [_Said(well, Source(kind="look", rank=rank, at=look.at, by=look.by, ref=look.ref, instrument="look"))]


@dataclass(frozen=True)
class _Said:
    """One word. ``stale`` is older than a repair, ``earlier`` was replaced by its own tool."""

    key: str
    source: Source
    stale: bool = False
    earlier: bool = False

    @property
    def is_live(self) -> bool:
        return not self.stale and not self.earlier


def _source(told: Told, rank: Rank, subject: str = "") -> Source:
    tool = kinds.tool_of(told.report.kind)
    return Source(
        kind=told.report.kind,
        rank=rank,
        at=told.at,
        by=told.by,
        ref=told.ref,
        instrument=f"{tool}:{subject}" if subject else tool,
    )


def _rank_of(told: Told) -> Rank:
    return Rank.INVENTORY if kinds.is_inventory(told.report.kind) else Rank.TEST


Same = Callable[[str, str], bool]
Worse = Callable[[str], int]


def _field(
    known: _Merging,
    what: str,
    said: Sequence[_Said],
    *,
    subject: str = "",
    same: Same,
    clash: str,
    worse: Worse | None = None,
    speaks: Worse | None = None,
) -> Iterable[Field]:
    """The field that ``said`` makes, nothing where nobody says anything. ``worse`` makes it a reading: own readings are replaced by the
    same tool's later ones, and between tools the worse counts; without it the first value of the best rank counts. ``speaks`` chooses
    among values that say the same."""
    if not said:
        return
    if worse is not None:
        said = _replaced(said, worse)
    values = _clustered([one for one in said if one.is_live], same, speaks or worse)
    values = [_confirmed(value, [one for one in said if one.earlier and same(one.key, value.key)]) for value in values]
    told = {source for value in values for source in value.sources}
    old = _clustered([one for one in said if not one.is_live and one.source not in told], same, speaks or worse)
    old = [replace(one, earlier=True) for one in old]
    if not values:
        # Everything that was said is older than a repair: shown, but it decides nothing.
        yield Field(what=what, subject=subject, values=tuple(old), why="before_repair")
        return
    name = f"{what}:{subject}" if subject else what
    ruling = known.settled.get(name)
    chosen, why = _chosen(values, ruling, same, worse)
    rest = sorted((one for one in values if one is not chosen), key=lambda one: one.rank)
    differs = len(values) > 1 and not (
        why == "settled" and ruling and all(any(same(one.key, key) for key in ruling.known) for one in values)
    )
    yield Field(what=what, subject=subject, values=(chosen, *rest, *old), why=why, clash=clash if differs else "")


def _confirmed(value: Value, before: Sequence[_Said]) -> Value:
    """The value with those of the same tools that said it before."""
    return replace(value, sources=(*value.sources, *(one.source for one in before)))


def _replaced(said: Sequence[_Said], worse: Worse) -> list[_Said]:
    """A tool's own earlier readings give way to its last one; within one report the worst stands."""
    last: dict[str, _Said] = {}
    for one in said:
        before = last.get(one.source.instrument)
        again = before is not None and before.source.ref == one.source.ref and before.source.at == one.source.at
        if one.stale or (before is not None and again and worse(before.key) >= worse(one.key)):
            continue
        last[one.source.instrument] = one
    return [one if one.stale or last[one.source.instrument] is one else replace(one, earlier=True) for one in said]


def _clustered(said: Sequence[_Said], same: Same, speaks: Worse | None) -> list[Value]:
    found: list[list[_Said]] = []
    for one in sorted(said, key=lambda each: each.source.rank):
        group = next((group for group in found if same(group[0].key, one.key)), None)
        if group is None:
            found.append([one])
        else:
            group.append(one)
    return [Value(key=_spoken(group, speaks), sources=tuple(one.source for one in group)) for group in found]


def _spoken(group: Sequence[_Said], speaks: Worse | None) -> str:
    """Of values that say the same, the one that is shown: of the best rank, a figure before a word."""
    best = min(one.source.rank for one in group)
    among = [one.key for one in group if one.source.rank == best]
    figures = [key for key in among if key.isdecimal()] or (
        [] if best == Rank.LOOK else [one.key for one in group if one.key.isdecimal()]
    )
    return max(figures or among, key=speaks) if speaks else among[0]


def _chosen(values: Sequence[Value], ruling: Ruling | None, same: Same, worse: Worse | None) -> tuple[Value, str]:
    looked = any(value.rank == Rank.LOOK for value in values)
    if ruling is not None and not looked:
        for value in values:
            if same(value.key, ruling.key):
                return value, "settled"
    best = min(value.rank for value in values)
    among = [value for value in values if value.rank == best]
    if len(values) == 1:
        return among[0], "agreed" if len(among[0].sources) > 1 else "alone"
    if len(among) == 1:
        return among[0], best.name.lower()
    if worse is not None:
        return max(among, key=lambda value: worse(value.key)), "careful"
    return min(among, key=_first), "first"


def _first(value: Value) -> float:
    return min((source.at.timestamp() for source in value.sources if source.at is not None), default=0.0)


def _live(known: _Merging, axis: str, told: Told) -> bool:
    after = known.repaired.get(axis)
    return after is None or told.at >= after


# Fields ---------------------------------------------------------------------------------------------------------------------------------

_NAMES: Sequence[tuple[str, Callable[[Report], str | None], Same, str]] = (
    ("maker", lambda report: report.manufacturer, kinds.agree, IDENTITY),
    ("model", lambda report: report.model, sameness.models, NAMES),
    ("serial", lambda report: report.serial, sameness.serials, IDENTITY),
)
_ONE_THING = ("imei", "meid", "eid", "udid", "uuid")
"""Names of which a unit has one set for life; a board or a housing may have been changed."""


def _identity(known: _Merging) -> Iterable[Field]:
    for what, ask, same, clash in _NAMES:
        said = [_Said(value, _source(told, Rank.INVENTORY)) for told in known.named if (value := ask(told.report))]
        said += _recorded(known, what)
        yield from _field(known, what, said, same=same, clash=clash)
    for what in _ONE_THING:
        found = []
        for told in known.machines:
            names = sorted({one.value for one in told.report.identifiers if one.kind == what})
            if names:
                found.append(_Said(", ".join(names), _source(told, Rank.INVENTORY)))
        yield from _names_of(known, what, found + _recorded(known, what))


def _recorded(known: _Merging, what: str) -> list[_Said]:
    names = [name for name in known.record.get(what, ()) if name]
    return [_Said(", ".join(names), Source(kind="record", rank=Rank.RECORD, instrument="record"))] if names else []


def _names_of(known: _Merging, what: str, said: Sequence[_Said]) -> Iterable[Field]:
    """Numbers that name one thing; one that fails its own check is a contradiction by itself."""
    wrong = {
        one.value
        for told in known.machines
        for one in told.report.identifiers
        if one.kind == what and one.valid is False
    }
    for made in _field(known, what, said, same=sameness.numbers, clash=IDENTITY):
        broken = any(part in wrong for value in made.live for part in value.key.split(", "))
        yield replace(made, clash=IDENTITY) if broken and made.why != "settled" else made


def _build(known: _Merging) -> Iterable[Field]:
    memory = [
        _Said(str(told.report.memory_bytes), _source(told, Rank.INVENTORY))
        for told in known.machines
        if told.report.memory_bytes
    ]
    yield from _field(
        known, "memory", memory, same=sameness.sizes, clash=READING, worse=lambda key: -int(key), speaks=int
    )
    processors, screens, versions = [], [], []
    for told in known.machines:
        source = _source(told, Rank.INVENTORY)
        model = next((part.model for part in told.report.components if part.kind == "processor" and part.model), None)
        processors += [_Said(model, source)] if model else []
        screen = next((one for one in told.report.screens if one.width_px and one.height_px), None)
        screens += [_Said(f"{screen.width_px} × {screen.height_px}", source)] if screen else []
        if told.report.firmware and told.report.firmware.version:
            versions.append(_Said(told.report.firmware.version, source))
    yield from _field(known, "processor", processors, same=sameness.processors, clash=READING)
    yield from _field(known, "screen", screens, same=sameness.texts, clash="")
    yield from _field(known, "firmware", versions, same=sameness.texts, clash="")


# The battery ----------------------------------------------------------------------------------------------------------------------------


def share_of(battery: Battery | None) -> int | None:
    """Full charge against design capacity, in percent."""
    if battery is None:
        return None
    if battery.health_percent is not None:
        return battery.health_percent
    if battery.full_mwh and battery.design_mwh:
        return min(100, round(100 * battery.full_mwh / battery.design_mwh))
    return None


def _of_battery(battery: Battery | None) -> str | None:
    if battery is None:
        return None
    if battery.condition == BatteryCondition.FAILED:
        return BatteryCondition.FAILED
    share = share_of(battery)
    if share is not None:
        return str(max(share, 0))
    return battery.condition if battery.condition in {BatteryCondition.GOOD, BatteryCondition.WORN} else None


def _wear(key: str) -> int:
    """What a reading or a word says of its capacity, in percent."""
    return int(key) if key.isdecimal() else {BatteryCondition.GOOD: 80, BatteryCondition.WORN: 70}.get(key, 0)  # type: ignore[call-overload]


def _same_battery(one: str, other: str) -> bool:
    if one.isdecimal() and other.isdecimal():
        return abs(int(one) - int(other)) <= NEAR
    if {one, other} & (_BATTERY | {BatteryCondition.FAILED}):
        return one == other
    return (_wear(one) >= 80) == (_wear(other) >= 80)


def _worse_battery(key: str) -> int:
    return {"battery_missing": 300, "battery_swollen": 400, "battery_leaking": 500}.get(key, 100 - _wear(key))


def _battery(known: _Merging) -> Iterable[Field]:
    said = [
        _Said(key, _source(told, _rank_of(told)), stale=not _live(known, Axis.BATTERY, told))
        for told in known.machines
        if (key := _of_battery(told.report.battery))
    ]
    said += [_Said(code, known.look_at(code)) for code in sorted({one.code for one in known.flaws} & _BATTERY)]
    yield from _field(known, "battery", said, same=_same_battery, clash=READING, worse=_worse_battery)


# Locks, tests, words of the station -----------------------------------------------------------------------------------------------------


def _equal(one: str, other: str) -> bool:
    return one == other


def _locks(known: _Merging) -> Iterable[Field]:
    for kind in LockKind:
        said = [
            _Said(lock.state.value, _source(told, _rank_of(told)), stale=not _live(known, Axis.LOCK, told))
            for told in known.machines
            for lock in told.report.locks
            if lock.kind is kind and lock.state is not LockState.UNKNOWN
        ]
        code = LOCKS.get(kind, "")
        if said and code:
            said += known.words_of_a_person(code, said, bad=LockState.LOCKED.value, well=LockState.OPEN.value)
        yield from _field(
            known, "lock", said, subject=kind.value, same=_equal, clash=READING, worse=lambda key: int(key == "locked")
        )


def _tests(known: _Merging) -> Iterable[Field]:
    said: dict[str, list[_Said]] = {}
    for told in known.told:
        for code, verdict in verdicts_of(told.report):
            # A drive tool that tries another drive takes nothing back of what it said of the first.
            of = (told.report.media[0].serial or "") if kinds.is_of_drives(told.report) and told.report.media else ""
            late = _live(known, axis_of(code).value, told)
            said.setdefault(code, []).append(_Said(verdict, _source(told, Rank.TEST, of), stale=not late))
    for code in sorted(said):
        words = said[code] + known.words_of_a_person(code, said[code], bad=FAILED, well=PASSED)
        # What drives say of themselves contradicts drive by drive, as their health.
        clash = "" if code == "drive_failing" else READING
        yield from _field(
            known, "test", words, subject=code, same=_equal, clash=clash, worse=lambda key: int(key == FAILED)
        )


def verdicts_of(report: Report) -> Iterable[tuple[str, str]]:
    """What a report's tests and wipes say, as the codes of faults."""
    for test in report.tests:
        if test.verdict is not Verdict.UNKNOWN:
            yield kinds.fault_of(test.code), test.verdict.value
    if any(each.outcome is ErasureOutcome.FAILED for each in report.erasures):
        yield "drive_failing", FAILED


def _stated(known: _Merging) -> Iterable[Field]:
    """What a person stated at the station, by the scales of the tool."""
    for what, axis in (("functionality", Axis.FUNCTION), ("appearance", Axis.COSMETIC)):
        said = [
            _Said(letter, _source(told, Rank.STATED), stale=not _live(known, axis.value, told))
            for told in known.machines
            if (letter := STATED.get(told.report.inspection.get(what, "").strip().upper()))
        ]
        yield from _field(known, what, said, same=_equal, clash="", worse=ord)


STATED = {"Z": "A", "0": "A", "A": "A", "A+": "A", "B": "B", "C": "C", "D": "D", "E": "D"}
"""The letters of stations' scales, as ours."""


# Drives ---------------------------------------------------------------------------------------------------------------------------------


@dataclass
class _One:
    """A drive while its sightings are gathered."""

    medium: Medium
    seen: list[tuple[Told, Medium]] = field(default_factory=list)

    @property
    def spellings(self) -> frozenset[str]:
        return frozenset(sameness.bare(each.serial) for _told, each in self.seen if each.serial)


def _drives(known: _Merging, removed: frozenset[str]) -> tuple[tuple[Drive, ...], list[Field]]:
    gathered: list[_One] = []
    for told in known.told:
        mine: list[_One] = []
        inside = [each for each in told.report.media if kinds.is_of_drives(told.report) or each.type in INTERNAL]
        for medium in sorted(inside, key=lambda each: not each.serial):
            one = next((one for one in gathered if one not in mine and _is(one, medium)), None)
            if one is None:
                one = _One(medium)
                gathered.append(one)
            one.seen.append((told, medium))
            mine.append(one)
    drives: list[Drive] = []
    fields: list[Field] = []
    out = frozenset(sameness.bare(serial) for serial in removed)
    for place, one in enumerate(gathered, start=1):
        made, of_it = _drive(known, one, place, is_out=bool(one.spellings & out))
        drives.append(made)
        fields += of_it
    return tuple(drives), fields


def _is(one: _One, medium: Medium) -> bool:
    return any(sameness.drives(seen, medium) for _told, seen in one.seen)


def _drive(known: _Merging, one: _One, place: int, *, is_out: bool) -> tuple[Drive, list[Field]]:
    best = max((medium for _told, medium in one.seen), key=lambda each: (bool(each.serial), bool(each.capacity_bytes)))
    name = best.serial or f"{best.model or best.type.value} {place}"
    ones = {id(told) for told, _medium in one.seen}
    said = [
        _Said(INSIDE, _source(told, Rank.TEST if kinds.is_of_drives(told.report) else Rank.INVENTORY))
        for told in known.told
        if id(told) in ones
    ]
    said += [
        _Said(NOT_SEEN, _source(told, Rank.INVENTORY))
        for told in known.machines
        if id(told) not in ones and kinds.lists_drives(told.report)
    ]
    # Who sees it counts before who doesn't: a drive that was seen once is answered for.
    presence = next(
        iter(
            _field(known, "drive", sorted(said, key=lambda each: each.key != INSIDE), subject=name, same=_equal, clash=DRIVES)
        )
    )  # fmt: skip
    presence = _inside_first(presence)
    if is_out:
        presence = replace(presence, clash="", why="taken_out")
    health, of_health = _health(known, one, name)
    types = [each.type for _told, each in one.seen if each.type is not MediumType.UNKNOWN]
    made = Drive(
        serial=best.serial or "",
        spellings=one.spellings,
        model=best.model or "",
        type=types[0] if types else MediumType.UNKNOWN,
        capacity_bytes=next((each.capacity_bytes for _told, each in one.seen if each.capacity_bytes), None),
        presence=presence,
        health=health,
    )
    return made, [presence, *of_health]


def _inside_first(presence: Field) -> Field:
    if presence.why in {"settled", "test"} or not presence.clash:
        return presence
    values = sorted(presence.values, key=lambda each: each.key != INSIDE)
    return replace(presence, values=tuple(values), why="careful")


_COUNTS = (
    "reallocated", "pending", "uncorrectable", "media_errors", "grown_defects", "wear_percent", "power_on_hours",
)  # fmt: skip


def _health(known: _Merging, one: _One, name: str) -> tuple[Health | None, list[Field]]:
    """The drive's word on itself by each tool that asked it last, and the verdict as a field."""
    last: dict[str, Health] = {}
    said: list[_Said] = []
    for told, medium in one.seen:
        if medium.health is None:
            continue
        live = _live(known, Axis.STORAGE.value, told)
        if live:
            last[kinds.tool_of(told.report.kind)] = medium.health
        if medium.health.passed is not None:
            verdict = PASSED if medium.health.passed else FAILED
            said.append(_Said(verdict, _source(told, Rank.TEST), stale=not live))
    fields = list(
        _field(known, "health", said, subject=name, same=_equal, clash=READING, worse=lambda key: int(key == FAILED))
    )
    if not last:
        return None, fields
    counts = {
        count: max(values)
        for count in _COUNTS
        if (values := [value for each in last.values() if (value := getattr(each, count)) is not None])
    }
    told_of = [each for each in fields if not each.counts.earlier]
    passed = told_of[0].counts.key == PASSED if told_of else None
    return Health(passed=passed, **counts), fields
