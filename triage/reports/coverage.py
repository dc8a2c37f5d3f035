"""How well a folder of reports is read: per kind how many files are parsed and refused, and how many fields are right against the truth.

The truth of ``NAME`` stands beside it as ``NAME.expected.json``, or without its last ending as ``STEM.expected.json``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from triage.reports import child, files, truth
from triage.reports.normal import Report, UnreadableReport
from triage.reports.truth import Check

ENDING = ".expected.json"
UNKNOWN = "unknown"
"""The kind of files that are refused before anybody knows what they are."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One file: its report or refusal, and each field that the truth names."""

    path: Path
    kind: str
    refusal: UnreadableReport | None = None
    checks: tuple[Check, ...] = ()
    problem: str = ""
    """Why its truth could not be read."""

    @property
    def wrong(self) -> list[Check]:
        return [check for check in self.checks if not check.right]


@dataclass(kw_only=True)
class Row:
    kind: str
    files: int = 0
    parsed: int = 0
    refused: int = 0
    fields_checked: int = 0
    fields_right: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    """Of the refused ones: how often each reason."""

    def count(self, answer: Answer) -> None:
        self.files += 1
        self.fields_checked += len(answer.checks)
        self.fields_right += len(answer.checks) - len(answer.wrong)
        if answer.refusal is None:
            self.parsed += 1
        else:
            self.refused += 1
            self.codes[answer.refusal.code] = self.codes.get(answer.refusal.code, 0) + 1

    def told(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "files": self.files,
            "parsed": self.parsed,
            "refused": self.refused,
            "fields_checked": self.fields_checked,
            "fields_right": self.fields_right,
        }


def survey(folder: Path, *, reader: Callable[[bytes], Report] = child.read_bounded) -> Iterator[Answer]:
    """Every report below a folder, read by ``reader``; nothing in a file or its truth raises."""
    for path in files.below(folder):
        if not path.name.endswith(ENDING):
            yield look_at(path, reader)


def look_at(path: Path, reader: Callable[[bytes], Report] = child.read_bounded) -> Answer:
    report: Report | UnreadableReport
    try:
        report = reader(files.content(path))
        kind, refusal = report.kind, None
    except UnreadableReport as error:
        report = refusal = error
        kind = error.kind or UNKNOWN
    wanted, problem = _truth_of(path)
    checked = () if wanted is None else tuple(truth.checks(wanted, report))
    return Answer(path=path, kind=kind, refusal=refusal, checks=checked, problem=problem)


def _truth_of(path: Path) -> tuple[dict[str, Any] | None, str]:
    for name in (path.name, path.stem):
        sidecar = path.with_name(name + ENDING)
        try:
            return truth.read(files.content(sidecar)), ""
        except UnreadableReport as error:
            if error.code != "NOT_FOUND":
                return None, f"{sidecar.name}: {error.sentence}"
        except ValueError as error:
            return None, f"{sidecar.name}: {error}"
    return None, ""


def rows(answers: Iterable[Answer]) -> list[Row]:
    """One row per kind, by name; what nobody could name stands last."""
    found: dict[str, Row] = {}
    for answer in answers:
        found.setdefault(answer.kind, Row(kind=answer.kind)).count(answer)
    return sorted(found.values(), key=lambda row: (row.kind == UNKNOWN, row.kind))
