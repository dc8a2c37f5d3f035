"""The drives of a picture: which sightings are of one drive, whether it is inside, and how it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from triage import kinds, sameness
from triage.defects import Axis
from triage.merging.choosing import Known, Said, equal, field_of, source_of, still_holds
from triage.merging.picture import DRIVES, FAILED, INSIDE, INTERNAL, NOT_SEEN, PASSED, READING, Drive, Field, Rank, Told
from triage.reports.normal import Health, Medium, MediumType


@dataclass
class _One:
    """A drive while its sightings are gathered."""

    medium: Medium
    seen: list[tuple[Told, Medium]] = field(default_factory=list)

    @property
    def spellings(self) -> frozenset[str]:
        return frozenset(sameness.bare(each.serial) for _told, each in self.seen if each.serial)


def merged(known: Known, removed: frozenset[str]) -> tuple[tuple[Drive, ...], list[Field]]:
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


def _drive(known: Known, one: _One, place: int, *, is_out: bool) -> tuple[Drive, list[Field]]:
    best = max((medium for _told, medium in one.seen), key=lambda each: (bool(each.serial), bool(each.capacity_bytes)))
    name = best.serial or f"{best.model or best.type.value} {place}"
    ones = {id(told) for told, _medium in one.seen}
    said = [
        Said(INSIDE, source_of(told, Rank.TEST if kinds.is_of_drives(told.report) else Rank.INVENTORY))
        for told in known.told
        if id(told) in ones
    ]
    said += [
        Said(NOT_SEEN, source_of(told, Rank.INVENTORY))
        for told in known.machines
        if id(told) not in ones and kinds.lists_drives(told.report)
    ]
    # Who sees it counts before who doesn't: a drive that was seen once is answered for.
    presence = next(
        iter(
            field_of(known, "drive", sorted(said, key=lambda each: each.key != INSIDE), subject=name, same=equal, clash=DRIVES)
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


def _health(known: Known, one: _One, name: str) -> tuple[Health | None, list[Field]]:
    """The drive's word on itself by each tool that asked it last, and the verdict as a field."""
    last: dict[str, Health] = {}
    said: list[Said] = []
    for told, medium in one.seen:
        if medium.health is None:
            continue
        live = still_holds(known, Axis.STORAGE.value, told)
        if live:
            last[kinds.tool_of(told.report.kind)] = medium.health
        if medium.health.passed is not None:
            verdict = PASSED if medium.health.passed else FAILED
            said.append(Said(verdict, source_of(told, Rank.TEST), stale=not live))
    fields = list(
        field_of(known, "health", said, subject=name, same=equal, clash=READING, worse=lambda key: int(key == FAILED))
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
