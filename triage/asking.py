"""Where each test of a look stands: known, answered, open, not yet allowed, or of no use now. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from triage.knowing import Known, Said
from triage.plans import FAIL, PASS, Planned

__all__ = ["FAIL", "PASS", "SKIPPED", "VERDICTS", "Asked", "first", "shut", "standing", "works"]

SKIPPED = "untested"
VERDICTS = (PASS, FAIL, SKIPPED)

KNOWN, ANSWERED, OPEN, SHUT, MOOT = "known", "answered", "open", "shut", "moot"


@dataclass(frozen=True)
class Asked:
    """A test as it stands. ``why`` says why it may not run, or is of no use; ``faults`` are what a person said was wrong."""

    test: Planned
    state: str
    verdict: str = ""
    said: Said | None = None
    faults: tuple[str, ...] = ()
    why: str = ""
    differs: bool = False

    @property
    def wants_fault(self) -> bool:
        """A fail that can mean several things, of which nobody has said one."""
        return self.verdict == FAIL and self.state == ANSWERED and not self.faults and len(self.test.faults) > 1


def standing(known: Known, answers: Mapping[str, Mapping[str, object]]) -> list[Asked]:
    """Each test of the plan in its order. ``answers`` are those of this look: test -> {verdict, faults}."""
    verdicts: dict[str, str] = {code: said.verdict for code, said in known.answers.items()}
    verdicts |= {code: str(told["verdict"]) for code, told in answers.items()}
    return [_asked(test, known, answers, verdicts) for test in known.plan.tests]


def _asked(
    test: Planned, known: Known, answers: Mapping[str, Mapping[str, object]], verdicts: Mapping[str, str]
) -> Asked:
    told = answers.get(test.code)
    said = known.answers.get(test.code)
    if told is not None:
        faults = told.get("faults")
        return Asked(test, ANSWERED, str(told["verdict"]), said, tuple(faults) if isinstance(faults, Sequence) else ())
    if said is not None:
        return Asked(test, KNOWN, said.verdict, said)
    if why := shut(test, cleared=known.cleared):
        return Asked(test, SHUT, why=why)
    if test.needs and verdicts.get(test.needs) == FAIL:
        first = known.plan.get(test.needs)
        title = first.title if first is not None else test.needs
        return Asked(test, MOOT, why=_("It can't be tried: “%s” failed.") % title)
    return Asked(test, OPEN, differs=test.code in known.differing)


def shut(test: Planned, *, cleared: bool) -> str:
    """Why this test may not run now; empty when it may."""
    if test.before_wipe or cleared:
        return ""
    return _("Only after the wipe: until then it would show or change what its owner stored.")


def first(rows: Sequence[Asked], pointed: Sequence[str]) -> str:
    """The test that is asked now: the first that is open, or one that looks for what the customer's words point to, likeliest first.

    That nothing is dangerous is asked before it, and without what it needs it can't be tried: then that is asked.
    """
    open_ones = {row.test.code: row for row in rows if row.state == OPEN}
    if "danger" not in open_ones:
        for code in pointed:
            for row in open_ones.values():
                if code in row.test.faults:
                    return row.test.needs if row.test.needs in open_ones else row.test.code
    return next(iter(open_ones), "")


def works(rows: Sequence[Asked]) -> str:
    """Whether it works, by its tests: "no" when it doesn't switch on or fails as a whole, "yes" when it does and nothing is open."""
    deciding = [row for row in rows if {"no_power", "does_not_work"} & set(row.test.faults)]
    if any(row.verdict == FAIL for row in deciding):
        return "no"
    if not deciding or any(row.state == OPEN or row.verdict == SKIPPED for row in rows):
        return "untested"
    return "yes" if any(row.verdict == PASS for row in deciding) else "untested"
