"""The fields of a picture: who it is, what is in it, its battery, locks and tests, and what a station stated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from triage import kinds, sameness
from triage.defects import Axis, axis_of
from triage.merging.choosing import Known, Said, Same, equal, field_of, rank_of, source_of, still_holds
from triage.merging.picture import (
    FAILED,
    IDENTITY,
    LOCKS,
    NAMES,
    NEAR,
    OF_BATTERY,
    PASSED,
    READING,
    Field,
    Rank,
    Source,
    wear,
)
from triage.reports.normal import Battery, BatteryCondition, ErasureOutcome, LockKind, LockState, Report, Verdict

_NAMES: Sequence[tuple[str, Callable[[Report], str | None], Same, str]] = (
    ("maker", lambda report: report.manufacturer, kinds.agree, IDENTITY),
    ("model", lambda report: report.model, sameness.models, NAMES),
    ("serial", lambda report: report.serial, sameness.serials, IDENTITY),
)
_ONE_THING = ("imei", "meid", "eid", "udid", "uuid")
"""Names of which a unit has one set for life; a board or a housing may have been changed."""


def identity(known: Known) -> Iterable[Field]:
    for what, ask, same, clash in _NAMES:
        said = [Said(value, source_of(told, Rank.INVENTORY)) for told in known.named if (value := ask(told.report))]
        said += _recorded(known, what)
        yield from field_of(known, what, said, same=same, clash=clash)
    for what in _ONE_THING:
        found = []
        for told in known.machines:
            names = sorted({one.value for one in told.report.identifiers if one.kind == what})
            if names:
                found.append(Said(", ".join(names), source_of(told, Rank.INVENTORY)))
        yield from _names_of(known, what, found + _recorded(known, what))


def _recorded(known: Known, what: str) -> list[Said]:
    names = [name for name in known.record.get(what, ()) if name]
    return [Said(", ".join(names), Source(kind="record", rank=Rank.RECORD, instrument="record"))] if names else []


def _names_of(known: Known, what: str, said: Sequence[Said]) -> Iterable[Field]:
    """Numbers that name one thing; one that fails its own check is a contradiction by itself."""
    wrong = {
        one.value
        for told in known.machines
        for one in told.report.identifiers
        if one.kind == what and one.valid is False
    }
    for made in field_of(known, what, said, same=sameness.numbers, clash=IDENTITY):
        broken = any(part in wrong for value in made.live for part in value.key.split(", "))
        yield replace(made, clash=IDENTITY) if broken and made.why != "settled" else made


def build(known: Known) -> Iterable[Field]:
    memory = [
        Said(str(told.report.memory_bytes), source_of(told, Rank.INVENTORY))
        for told in known.machines
        if told.report.memory_bytes
    ]
    yield from field_of(
        known, "memory", memory, same=sameness.sizes, clash=READING, worse=lambda key: -int(key), speaks=int
    )
    processors, screens, versions = [], [], []
    for told in known.machines:
        source = source_of(told, Rank.INVENTORY)
        model = next((part.model for part in told.report.components if part.kind == "processor" and part.model), None)
        processors += [Said(model, source)] if model else []
        screen = next((one for one in told.report.screens if one.width_px and one.height_px), None)
        screens += [Said(f"{screen.width_px} × {screen.height_px}", source)] if screen else []
        if told.report.firmware and told.report.firmware.version:
            versions.append(Said(told.report.firmware.version, source))
    yield from field_of(known, "processor", processors, same=sameness.processors, clash=READING)
    yield from field_of(known, "screen", screens, same=sameness.texts, clash="")
    yield from field_of(known, "firmware", versions, same=sameness.texts, clash="")


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


def _same_battery(one: str, other: str) -> bool:
    if one.isdecimal() and other.isdecimal():
        return abs(int(one) - int(other)) <= NEAR
    if {one, other} & (OF_BATTERY | {BatteryCondition.FAILED}):
        return one == other
    return (wear(one) >= 80) == (wear(other) >= 80)


def _worse_battery(key: str) -> int:
    return {"battery_missing": 300, "battery_swollen": 400, "battery_leaking": 500}.get(key, 100 - wear(key))


def battery(known: Known) -> Iterable[Field]:
    said = [
        Said(key, source_of(told, rank_of(told)), stale=not still_holds(known, Axis.BATTERY, told))
        for told in known.machines
        if (key := _of_battery(told.report.battery))
    ]
    said += [Said(code, known.look_at(code)) for code in sorted({one.code for one in known.flaws} & OF_BATTERY)]
    yield from field_of(known, "battery", said, same=_same_battery, clash=READING, worse=_worse_battery)


# Locks, tests, words of the station -----------------------------------------------------------------------------------------------------


def locks(known: Known) -> Iterable[Field]:
    for kind in LockKind:
        said = [
            Said(lock.state.value, source_of(told, rank_of(told)), stale=not still_holds(known, Axis.LOCK, told))
            for told in known.machines
            for lock in told.report.locks
            if lock.kind is kind and lock.state is not LockState.UNKNOWN
        ]
        code = LOCKS.get(kind, "")
        if said and code:
            said += known.words_of_a_person(code, said, bad=LockState.LOCKED.value, well=LockState.OPEN.value)
        yield from field_of(
            known, "lock", said, subject=kind.value, same=equal, clash=READING, worse=lambda key: int(key == "locked")
        )


def tests(known: Known) -> Iterable[Field]:
    said: dict[str, list[Said]] = {}
    for told in known.told:
        for code, verdict in verdicts_of(told.report):
            # A drive tool that tries another drive takes nothing back of what it said of the first.
            of = (told.report.media[0].serial or "") if kinds.is_of_drives(told.report) and told.report.media else ""
            late = still_holds(known, axis_of(code).value, told)
            said.setdefault(code, []).append(Said(verdict, source_of(told, Rank.TEST, of), stale=not late))
    for code in sorted(said):
        words = said[code] + known.words_of_a_person(code, said[code], bad=FAILED, well=PASSED)
        # What drives say of themselves contradicts drive by drive, as their health.
        clash = "" if code == "drive_failing" else READING
        yield from field_of(
            known, "test", words, subject=code, same=equal, clash=clash, worse=lambda key: int(key == FAILED)
        )


def verdicts_of(report: Report) -> Iterable[tuple[str, str]]:
    """What a report's tests and wipes say, as the codes of faults."""
    for test in report.tests:
        if test.verdict is not Verdict.UNKNOWN:
            yield kinds.fault_of(test.code), test.verdict.value
    if any(each.outcome is ErasureOutcome.FAILED for each in report.erasures):
        yield "drive_failing", FAILED


def stated(known: Known) -> Iterable[Field]:
    """What a person stated at the station, by the scales of the tool."""
    for what, axis in (("functionality", Axis.FUNCTION), ("appearance", Axis.COSMETIC)):
        said = [
            Said(letter, source_of(told, Rank.STATED), stale=not still_holds(known, axis.value, told))
            for told in known.machines
            if (letter := STATED.get(told.report.inspection.get(what, "").strip().upper()))
        ]
        yield from field_of(known, what, said, same=equal, clash="", worse=ord)


STATED = {"Z": "A", "0": "A", "A": "A", "A+": "A", "B": "B", "C": "C", "D": "D", "E": "D"}
"""The letters of stations' scales, as ours."""
