"""Which of several values counts: words of one thing gathered, alike ones joined, and the one chosen by rank, ruling and care."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from triage import kinds
from triage.merging.picture import Field, Flaw, Look, Rank, Ruling, Source, Told, Value


@dataclass(frozen=True, kw_only=True)
class Known:
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

    def words_of_a_person(self, code: str, said: Sequence[Said], *, bad: str, well: str) -> list[Said]:
        """What a person says of ``code``: an open fault, else the last look that tried it. A reading that finds it bad after that look
        is of a later moment, so that the look counts as one test among others."""
        if any(flaw.code == code for flaw in self.flaws):
            return [Said(bad, self.look_at(code))]
        look = next((one for one in reversed(self.looks) if code in one.passed), None)
        if look is None:
            return []
        later = any(
            one.key == bad and one.is_live and one.source.at is not None and one.source.at > look.at for one in said
        )
        rank = Rank.TEST if later else Rank.LOOK
        return [Said(well, Source(kind="look", rank=rank, at=look.at, by=look.by, ref=look.ref, instrument="look"))]


@dataclass(frozen=True)
class Said:
    """One word. ``stale`` is older than a repair, ``earlier`` was replaced by its own tool."""

    key: str
    source: Source
    stale: bool = False
    earlier: bool = False

    @property
    def is_live(self) -> bool:
        return not self.stale and not self.earlier


def source_of(told: Told, rank: Rank, subject: str = "") -> Source:
    tool = kinds.tool_of(told.report.kind)
    return Source(
        kind=told.report.kind,
        rank=rank,
        at=told.at,
        by=told.by,
        ref=told.ref,
        instrument=f"{tool}:{subject}" if subject else tool,
    )


def rank_of(told: Told) -> Rank:
    return Rank.INVENTORY if kinds.is_inventory(told.report.kind) else Rank.TEST


Same = Callable[[str, str], bool]
Worse = Callable[[str], int]


def field_of(
    known: Known,
    what: str,
    said: Sequence[Said],
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


def _confirmed(value: Value, before: Sequence[Said]) -> Value:
    """The value with those of the same tools that said it before."""
    return replace(value, sources=(*value.sources, *(one.source for one in before)))


def _replaced(said: Sequence[Said], worse: Worse) -> list[Said]:
    """A tool's own earlier readings give way to its last one; within one report the worst stands."""
    last: dict[str, Said] = {}
    for one in said:
        before = last.get(one.source.instrument)
        again = before is not None and before.source.ref == one.source.ref and before.source.at == one.source.at
        if one.stale or (before is not None and again and worse(before.key) >= worse(one.key)):
            continue
        last[one.source.instrument] = one
    return [one if one.stale or last[one.source.instrument] is one else replace(one, earlier=True) for one in said]


def _clustered(said: Sequence[Said], same: Same, speaks: Worse | None) -> list[Value]:
    found: list[list[Said]] = []
    for one in sorted(said, key=lambda each: each.source.rank):
        group = next((group for group in found if same(group[0].key, one.key)), None)
        if group is None:
            found.append([one])
        else:
            group.append(one)
    return [Value(key=_spoken(group, speaks), sources=tuple(one.source for one in group)) for group in found]


def _spoken(group: Sequence[Said], speaks: Worse | None) -> str:
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


def still_holds(known: Known, axis: str, told: Told) -> bool:
    after = known.repaired.get(axis)
    return after is None or told.at >= after


def equal(one: str, other: str) -> bool:
    return one == other
