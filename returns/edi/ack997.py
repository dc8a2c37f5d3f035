"""Acknowledgments: 997 of what the sets of an interchange are like, TA1 of a bad envelope; written and read. Pure.

They say what could be read, and nothing of what was asked for: whether a return is agreed to is said by the 180 that answers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from returns.edi.x12 import Group, Interchange, Segment, TransactionSet, X12Error, plain

SET = "997"
GROUP = "FA"
ACCEPTED, NOTED, PARTLY, REJECTED = "A", "E", "P", "R"
Faults = Mapping[tuple[str, str], Sequence[X12Error]]
"""What is wrong, by the control numbers of a group and a set in it."""
MOST_FAULTS = 100
"""Of one set: after so many nobody reads on."""


def verdict_of(faults: Sequence[X12Error]) -> str:
    if any(not one.minor for one in faults):
        return REJECTED
    return NOTED if faults else ACCEPTED


def verdict_of_all(verdicts: Iterable[str]) -> str:
    """Of several: rejected when all are, accepted in part when some are."""
    told = set(verdicts)
    if told == {REJECTED}:
        return REJECTED
    if REJECTED in told:
        return PARTLY
    return NOTED if NOTED in told else ACCEPTED


def write(told: Interchange, faults: Faults | None = None) -> tuple[TransactionSet, ...]:
    """An acknowledgment for each group of ``told``, under control numbers of their own."""
    known = faults or {}
    return tuple(
        TransactionSet(code=SET, control=f"{place:04d}", segments=tuple(_of(group, known)))
        for place, group in enumerate(told.groups, 1)
    )


def _of(group: Group, faults: Faults) -> list[Segment]:
    found, verdicts = [Segment("AK1", (group.code, group.control))], []
    for one in group.sets:
        mine = faults.get((group.control, one.control), ())
        verdict = verdict_of(mine)
        verdicts.append(verdict)
        codes = [fault.trailer for fault in mine if fault.trailer]
        inside = [fault for fault in mine if not fault.trailer]
        if inside and verdict == REJECTED:
            codes.append("5")
        found += [Segment("AK2", (one.code, one.control)), *_segments(one, inside)]
        found.append(Segment("AK5", (verdict, *dict.fromkeys(codes))))
    count = str(len(group.sets))
    taken = str(sum(verdict != REJECTED for verdict in verdicts))
    codes = [fault.trailer for fault in group.faults]
    overall = REJECTED if codes else verdict_of_all(verdicts)
    # Sets that GE said there are, sets that came, sets that were accepted.
    return [*found, Segment("AK9", (overall, count, count, "0" if codes else taken, *codes))]


def _segments(told: TransactionSet, faults: Sequence[X12Error]) -> Iterator[Segment]:
    """AK3 for each segment at fault, with an AK4 for each element of it."""
    ids = {one.number: one.id for one in told.segments}
    for fault in faults[:MOST_FAULTS]:
        # Counted in the set, its ST being the first.
        place = max(fault.segment - told.number + 1, 1) if fault.segment else len(told.segments) + 2
        name = ids.get(fault.segment, "ST" if fault.segment else "BLI")
        yield Segment("AK3", (name, str(place), "", fault.segment_code))
        if fault.element:
            value = plain(fault.value, most=99)
            yield Segment("AK4", (str(fault.element), "", fault.code, *([value] if value else [])))


def notice(head: Interchange, error: X12Error) -> Segment:
    """TA1: the envelope of ``head`` is rejected, and why."""
    return Segment("TA1", (head.control, head.date, head.time, REJECTED, error.ta1))


# Reading ----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heard:
    """What a partner says of an interchange of ours, by its control number: the verdict, and the segments that say why."""

    control: int
    verdict: str
    problems: tuple[str, ...] = ()


def read(told: Interchange) -> list[Heard]:
    """All that an interchange says of ours: by its TA1s, and the groups of its 997s. What it says of nothing is left out."""
    found = [
        Heard(int(one.at(1)), one.at(4), (_said(one),) if one.at(4) != ACCEPTED else ())
        for one in told.notices
        if one.at(1).isdecimal() and one.at(4) in {ACCEPTED, NOTED, REJECTED}
    ]
    for group in told.groups:
        for one in group.sets:
            if one.code == SET:
                found += _heard(one)
    return found


def _heard(told: TransactionSet) -> Iterator[Heard]:
    control = next((one.at(2) for one in told.segments if one.id == "AK1"), "")
    verdict = next((one.at(1) for one in told.segments if one.id == "AK9"), "")
    if (
        control.isdecimal()
        and control.isascii()
        and len(control) <= 9
        and verdict in {ACCEPTED, NOTED, PARTLY, REJECTED}
    ):
        wrong = [
            one for one in told.segments if one.id in {"AK3", "AK4"} or (one.id == "AK5" and one.at(1) != ACCEPTED)
        ]
        yield Heard(int(control), verdict, tuple(_said(one) for one in wrong[:MOST_FAULTS]))


def _said(one: Segment) -> str:
    return "*".join((one.id, *one.elements))
