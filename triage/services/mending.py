"""The cheapest repair to each better grade: which faults are mended, judged by the same rubric with them taken as mended."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import combinations

from revlog.devices.journey import Disposition
from revlog.devices.models import Device
from triage import judging
from triage.cases import Case, Fault, Mend, Supply
from triage.condition import Condition
from triage.defects import Axis, axis_of
from triage.economics import ZERO
from triage.figures import Figures
from triage.paths import GRADED, Costing, better
from triage.rubrics import Rubric
from triage.services import grading

EXACTLY = 6
"""Of so many faults all sets are tried; of more, the dearest are left out one by one while the grade holds."""


def cheapest(
    device: Device, mendable: Sequence[Fault], known: Figures, supplies: Mapping[str, Supply], *, at: datetime
) -> list[Mend]:
    """The repairs that reach a better grade, the best grade first; each the cheapest set of faults that reaches it."""
    rubric = grading.rubric_for(device, at=at)
    if rubric is None:
        return []
    condition = grading.evidence(device).condition
    case = Case(device_class=device.device_class, supplies=supplies)
    by_code: dict[str, list[Fault]] = {}
    for fault in mendable:
        by_code.setdefault(fault.code, []).append(fault)

    def cost(codes: Collection[str]) -> Decimal:
        work = Costing(Disposition.REFURBISH, case, known).repairs(_faults(by_code, codes))
        return -sum((line.amount for line in work.lines), ZERO)

    def grade(codes: Collection[str]) -> str:
        return reached(condition, rubric, frozenset(codes))

    whole = tuple(sorted(by_code))
    sets = _all(whole) if len(whole) <= EXACTLY else _fewer_and_fewer(whole, cost, grade)
    found: dict[str, tuple[Decimal, int, tuple[str, ...]]] = {}
    for codes in sets:
        to = grade(codes)
        if to not in GRADED:
            # What the bench mends it also tests: with all of it done it is taken to come out well.
            to = "B" if codes == whole else ""
        if better(to, device.grade):
            told = (cost(codes), len(codes), codes)
            found[to] = min(found.get(to, told), told)
    # A better grade for no more money makes the lesser one no offer.
    mends: list[Mend] = []
    least: Decimal | None = None
    for to in GRADED:
        if to in found and (least is None or found[to][0] < least):
            least = found[to][0]
            faults = _faults(by_code, found[to][2])
            mends.append(Mend(target=to, faults=faults, exact=len(whole) <= EXACTLY))
    return mends


def _faults(by_code: Mapping[str, Sequence[Fault]], codes: Collection[str]) -> tuple[Fault, ...]:
    return tuple(fault for code, faults in by_code.items() if code in codes for fault in faults)


def _all(codes: Sequence[str]) -> Iterable[tuple[str, ...]]:
    for count in range(1, len(codes) + 1):
        yield from combinations(codes, count)


def _fewer_and_fewer(
    codes: Sequence[str], cost: Callable[[Collection[str]], Decimal], grade: Callable[[Collection[str]], str]
) -> Iterable[tuple[str, ...]]:
    """All of them, then without the dearest one that can be left out, and so on: one set for each count."""
    left = tuple(codes)
    yield left
    while len(left) > 1:
        held = grade(left)
        fewer = [tuple(each for each in left if each != code) for code in left]
        left = min(fewer, key=lambda each: (better(held, grade(each)), cost(each), each))
        yield left


def reached(known: Condition, rubric: Rubric, codes: frozenset[str]) -> str:
    """The grade with these faults taken as mended: what was read of a part that is changed says nothing any more."""
    axes = {axis_of(code).value for code in codes}
    left = tuple(flaw for flaw in known.flaws if flaw.code not in codes)
    broken = any(axis_of(flaw.code) is Axis.FUNCTION for flaw in left)
    mended = replace(
        known,
        flaws=left,
        sealed=False,
        works="yes" if Axis.FUNCTION.value in axes and known.works == "no" and not broken else known.works,
        battery=None if Axis.BATTERY.value in axes else known.battery,
        drives=() if Axis.STORAGE.value in axes else known.drives,
    )
    # A part that was changed is tested at the bench: what was its axis is no longer unseen.
    seen = {axis: cap for axis, cap in rubric.unseen.items() if axis not in axes}
    required = tuple(axis for axis in rubric.required if axis not in axes)
    return judging.judge(mended, replace(rubric, unseen=seen, required=required)).overall
