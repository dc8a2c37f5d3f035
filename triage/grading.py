"""Grades from what a report shows: pure, deterministic, with a reason for every letter.

A rubric is data (thresholds and words), versioned by its name, one per class of thing; the rule sets that an organization
publishes are made of the same data. Four axes are judged apart, function, cosmetic, battery, storage, and the overall grade is
the worst of them: never an average, since a buyer meets the worst face. An axis nobody looked at is ``U`` (untested) and takes no
part; where every axis is untested the whole is ``U``; what no rubric is for (a virtual machine, a keyboard) is ``NA``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from triage.reports.normal import Battery, ErasureOutcome, Health, Medium, MediumType, Report, Verdict

LETTERS = ("A", "B", "C", "D")
UNTESTED = "U"
NOT_APPLICABLE = "NA"

AXES = ("function", "cosmetic", "battery", "storage")

# A count or a share at or above the figure is no better than the letter. The figures are our house defaults, not a norm.
_STORAGE: dict[str, tuple[tuple[int, str], ...]] = {
    "pending": ((1, "D"),),
    "uncorrectable": ((1, "D"),),
    "media_errors": ((100, "D"), (1, "C")),
    "reallocated": ((50, "D"), (1, "C")),
    "grown_defects": ((50, "D"), (1, "C")),
    "wear_percent": ((90, "D"), (60, "C"), (20, "B")),
    "power_on_hours": ((45_000, "C"), (25_000, "B")),
}
_COUNTED = {
    "pending": "sectors wait to be reallocated",
    "uncorrectable": "sectors can't be read",
    "media_errors": "errors of the medium",
    "reallocated": "sectors were reallocated",
    "grown_defects": "defects have grown",
    "wear_percent": "percent of the writing life is used",
    "power_on_hours": "hours of running",
}
# Full charge against design capacity, in percent: at least the figure for the letter (laptop rubric of the trade).
_BATTERY: tuple[tuple[int, str], ...] = ((80, "A"), (70, "B"), (50, "C"))
_BATTERY_PHONE: tuple[tuple[int, str], ...] = ((80, "A"), (75, "B"), (65, "C"))
# One failed test of a part the machine works without is C; two, or one of the rest, are D.
_MINOR_TESTS = frozenset({"audio", "camera", "hinge", "trackpad", "bios", "power_adapter", "connectivity"})
# Letters that people write for appearance and functionality; Z and 0 are "as new", E is "very bad".
_STATED = {"Z": "A", "0": "A", "A": "A", "A+": "A", "B": "B", "C": "C", "D": "D", "E": "D"}

_LAPTOPS = frozenset(
    {"laptop", "notebook", "netbook", "portable", "convertible", "detachable", "sub-notebook", "handheld", "hand-held"}
)
_DESKTOPS = frozenset(
    {
        "desktop",
        "tower",
        "computer",
        "microtower",
        "mini-tower",
        "minitower",
        "low-profile",
        "low-profile-desktop",
        "pizza-box",
        "all-in-one",
        "space-saving",
        "lunch-box",
        "mini-pc",
        "stick-pc",
        "rack-mount-chassis",
        "server",
        "blade",
        "main-server-chassis",
        "rackmount",
        "workstation",
        "docking-station",
    }
)
_PHONES = frozenset({"smartphone", "mobile", "tablet", "cellphone", "phone"})
_VIRTUAL_MAKERS = frozenset(
    {"qemu", "innotek gmbh", "vmware, inc.", "xen", "parallels software international inc.", "bochs"}
)
_INTERNAL = frozenset(
    {MediumType.HDD, MediumType.SSD, MediumType.NVME, MediumType.EMMC, MediumType.UFS, MediumType.UNKNOWN}
)


@dataclass(frozen=True, kw_only=True)
class Rubric:
    """What is judged for one class of thing, and by which figures. ``version`` names it for ever."""

    version: str
    axes: tuple[str, ...]
    battery: tuple[tuple[int, str], ...] = _BATTERY
    storage: Mapping[str, tuple[tuple[int, str], ...]] = field(default_factory=lambda: _STORAGE)
    minor_tests: frozenset[str] = _MINOR_TESTS


RUBRICS: dict[str, Rubric] = {
    "laptop": Rubric(version="laptop-2026-1", axes=AXES),
    "desktop": Rubric(version="desktop-2026-1", axes=("function", "cosmetic", "storage")),
    "phone": Rubric(version="phone-2026-1", axes=("function", "cosmetic", "battery"), battery=_BATTERY_PHONE),
    "drive": Rubric(version="drive-2026-1", axes=("storage",)),
}


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One axis: its letter (or U, or NA) and why."""

    grade: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Grading:
    """``rubric`` is the version that judged, None when none applies; ``untested`` are the axes nobody looked at."""

    rubric: str | None
    overall: str
    axes: Mapping[str, Axis]

    @property
    def untested(self) -> tuple[str, ...]:
        return tuple(name for name, axis in self.axes.items() if axis.grade == UNTESTED)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons of the axes that made the overall grade what it is, then what is still to be looked at."""
        deciding = [reason for axis in self.axes.values() if axis.grade == self.overall for reason in axis.reasons]
        return tuple(deciding + [f"Nobody tested the {name} yet." for name in self.untested])


def preview(report: Report) -> str:
    """The overall grade on this report alone: A to D, ``U`` when nothing was tested, ``NA`` when no rubric applies."""
    return grade(report).overall


def grade(report: Report, *, rubrics: Mapping[str, Rubric] = RUBRICS) -> Grading:
    """Judge a report by the rubric of its class."""
    rubric = rubrics.get(class_of(report) or "")
    if rubric is None:
        return Grading(rubric=None, overall=NOT_APPLICABLE, axes={})
    judges = {"function": _function, "cosmetic": _cosmetic, "battery": _battery, "storage": _storage}
    axes = {name: judges[name](report, rubric) for name in rubric.axes}
    letters = [axis.grade for axis in axes.values() if axis.grade in LETTERS]
    return Grading(rubric=rubric.version, overall=max(letters) if letters else UNTESTED, axes=axes)


def class_of(report: Report) -> str | None:
    """laptop, desktop, phone or drive; None for what is graded by none of them."""
    if report.kind.split(".")[0] in {"smartctl", "nwipe"}:
        return "drive"
    if (report.manufacturer or "").lower() in _VIRTUAL_MAKERS:
        return None
    chassis = (report.chassis or "").lower().replace(" ", "-")
    for name, words in (("laptop", _LAPTOPS), ("desktop", _DESKTOPS), ("phone", _PHONES)):
        if chassis in words:
            return name
    if chassis:
        return None
    # Self-built machines name no chassis; what has a battery is carried about.
    if report.battery is not None or any(part.kind == "battery" for part in report.components):
        return "laptop"
    return "desktop" if report.components else None


def _worst(found: list[tuple[str, str]]) -> Axis:
    """The worst letter, with the reasons of that letter."""
    if not found:
        return Axis(grade=UNTESTED)
    letter = max(one for one, _ in found)
    return Axis(grade=letter, reasons=tuple(reason for one, reason in found if one == letter))


def _stated(report: Report, word: str) -> Iterator[tuple[str, str]]:
    said = report.inspection.get(word, "").strip().upper()
    if letter := _STATED.get(said):
        yield letter, f"The inspector wrote {said} for {word}."


def _function(report: Report, rubric: Rubric) -> Axis:
    tests = [test for test in report.tests if not test.code.startswith(("storage", "smart", "battery"))]
    failed = sorted({test.code for test in tests if test.verdict is Verdict.FAIL})
    passed = sorted({test.code for test in tests if test.verdict is Verdict.PASS} - set(failed))
    found = list(_stated(report, "functionality"))
    if failed:
        minor = len(failed) == 1 and failed[0] in rubric.minor_tests
        found.append(("C" if minor else "D", f"Failed: {', '.join(failed)}."))
    elif passed:
        found.append(("A", f"Passed: {', '.join(passed)}."))
    return _worst(found)


def _cosmetic(report: Report, _: Rubric) -> Axis:
    return _worst(list(_stated(report, "appearance")))


def _battery(report: Report, rubric: Rubric) -> Axis:
    share = None if report.battery is None else _health(report.battery)
    failed = any(test.code.startswith("battery") and test.verdict is Verdict.FAIL for test in report.tests)
    found = [("D", "The battery failed its test.")] if failed else []
    if share is not None:
        letter = next((letter for least, letter in rubric.battery if share >= least), "D")
        found.append((letter, f"The battery holds {share} percent of its design capacity."))
    return _worst(found)


def _health(battery: Battery) -> int | None:
    if battery.health_percent is not None:
        return battery.health_percent
    if battery.full_mwh and battery.design_mwh:
        return min(100, round(100 * battery.full_mwh / battery.design_mwh))
    return None


def _storage(report: Report, rubric: Rubric) -> Axis:
    drives = [medium for medium in report.media if medium.type in _INTERNAL or report.kind.startswith("smartctl")]
    found = [one for medium in drives if medium.health for one in _drive(medium, medium.health, rubric)]
    found += [
        ("D", f"{test.code}: {test.detail.rstrip('.') or 'failed'}.")
        for test in report.tests
        if test.code.startswith(("storage", "smart")) and test.verdict is Verdict.FAIL
    ]
    found += [
        ("D", f"{erasure.device or erasure.serial or 'A drive'} failed while it was wiped.")
        for erasure in report.erasures
        if erasure.outcome is ErasureOutcome.FAILED
    ]
    if not found and not drives and not report.erasures and report.components:
        return Axis(grade=NOT_APPLICABLE, reasons=("The machine has no drive.",))
    return _worst(found)


def _drive(medium: Medium, health: Health, rubric: Rubric) -> Iterator[tuple[str, str]]:
    name = medium.serial or medium.model or "A drive"
    if health.passed is False:
        yield "D", f"{name} says itself that it is failing."
    seen = False
    for counter, steps in rubric.storage.items():
        count = getattr(health, counter)
        if count is None:
            continue
        seen = True
        letter = next((letter for least, letter in steps if count >= least), "A")
        if letter != "A":
            yield letter, f"{name}: {count} {_COUNTED[counter]}."
    if health.passed is True or seen:
        yield "A", f"{name} reports no fault."
