"""Whether an erasure in a log proves what it says of this medium. Pure functions; each gives the reasons that speak against it.

The question is never "does it look well?" but "what would have to be there if it had gone well?": one thing that is missing or speaks
against it, and the medium isn't wiped. What the reader of the log already doubted is among them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from django.utils.translation import gettext as _

from itad.levels import Level, reached
from revlog.common.errors import Reason
from revlog.common.words import word

SLACK = timedelta(hours=26)
"""A log names no zone and bench clocks drift: only what is earlier or later by more than any zone explains is impossible."""
CAPACITY_SHARE = 500
"""A size differs when it is off by more than a 500th: reports round to megabytes or tenths of gibibytes."""
FASTEST = {"hdd": 600_000_000, "ssd": 4_500_000_000, "usb": 3_000_000_000, "tape": 1_000_000_000}
FASTEST_OF_ALL = 20_000_000_000
"""Bytes a second that a medium of this kind can take at the very most."""
OUTCOMES = {
    "failed": ("failed", "the tool reports that it failed"),
    "aborted": ("aborted", "it was stopped before its end"),
    "verify_only": ("not_supported", "the method only reads: nothing was erased"),
    "unknown": ("exception", "the log leaves open whether it succeeded"),
}
READS_ONLY = ("verify",)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What is known of the medium and of when it could have been wiped."""

    kind: str
    capacity_bytes: int | None
    required: Level
    received_at: datetime
    begun_at: datetime | None
    arrived_at: datetime
    """When the log came in."""
    zone: tzinfo = UTC
    """Of the bench: a log's times without a zone are read in it."""


Erasure = Mapping[str, Any]


def moment(text: object, zone: tzinfo) -> datetime | None:
    """An instant from a log; without a zone it is the bench's."""
    if not isinstance(text, str) or not text:
        return None
    try:
        found = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def reasons_against(erasure: Erasure, stage: Stage) -> list[Reason]:
    """Every reason why ``erasure`` doesn't show that the medium reached what it needs; empty when it does."""
    found = [reason for question in QUESTIONS for reason in question(erasure, stage)]
    return list({reason.sentence: reason for reason in found}.values())


def technique_of(erasure: Erasure) -> str:
    """What the tool did. Every report that is read today is of a tool that overwrites."""
    return "overwrite"


def outcome_of(erasure: Erasure, reasons: list[Reason]) -> str:
    """The outcome in the words of certificates."""
    if any(reason.code == "level_not_met" for reason in reasons) and len(reasons) == 1:
        return "level_not_met"
    told = OUTCOMES.get(str(erasure.get("outcome")))
    if told:
        return told[0]
    return "exception" if reasons else "success"


def _the_outcome(erasure: Erasure, stage: Stage) -> list[Reason]:
    outcome = erasure.get("outcome")
    if outcome == "success":
        return []
    _code, sentence = OUTCOMES.get(str(outcome), OUTCOMES["unknown"])
    return [Reason("outcome", _(sentence))]


def _the_doubts(erasure: Erasure, stage: Stage) -> list[Reason]:
    doubts = erasure.get("doubts") or []
    return [Reason("doubt", str(doubt).rstrip(".")) for doubt in doubts]


def _the_method(erasure: Erasure, stage: Stage) -> list[Reason]:
    method = str(erasure.get("method") or "").strip()
    if not method:
        return [Reason("no_method", _("the log names no method"))]
    if method.casefold().startswith(READS_ONLY):
        return [Reason("verify_only", _("%(method)s only reads: nothing was erased") % {"method": method})]
    return []


def _the_bytes(erasure: Erasure, stage: Stage) -> list[Reason]:
    total, erased = whole(erasure.get("bytes_total")), whole(erasure.get("bytes_erased"))
    if not total or erased is None:
        return [Reason("no_bytes", _("the log doesn't say how many bytes were erased of how many"))]
    found = []
    if erased < total:
        found.append(
            Reason("bytes_short", _("%(erased)s of %(total)s bytes were erased") % {"erased": erased, "total": total})
        )
    if stage.capacity_bytes and abs(total - stage.capacity_bytes) > stage.capacity_bytes // CAPACITY_SHARE:
        found.append(
            Reason(
                "capacity",
                _("the wiped drive has %(total)s bytes, the one on record %(capacity)s")
                % {"total": total, "capacity": stage.capacity_bytes},
            )
        )
    return found


def _the_errors(erasure: Erasure, stage: Stage) -> list[Reason]:
    counted = {name: whole(erasure.get(name)) or 0 for name in ("pass_errors", "verify_errors", "sync_errors")}
    if not any(counted.values()):
        return []
    return [Reason("errors", _("%(count)s errors were counted") % {"count": sum(counted.values())})]


def _nothing_hidden(erasure: Erasure, stage: Stage) -> list[Reason]:
    area = erasure.get("hidden_area")
    if area == "detected":
        return [Reason("hidden_area", _("a hidden area (HPA or DCO) was detected, which the wipe doesn't reach"))]
    if area == "indeterminate":
        return [Reason("hidden_area", _("whether there is a hidden area (HPA or DCO) could not be determined"))]
    return []


def _the_times(erasure: Erasure, stage: Stage) -> list[Reason]:
    started, ended = moment(erasure.get("started_at"), stage.zone), moment(erasure.get("ended_at"), stage.zone)
    if ended is None:
        return [Reason("no_time", _("the log doesn't say when the wipe ended"))]
    found = []
    since = stage.begun_at or stage.received_at
    if ended + SLACK < since:
        found.append(
            Reason(
                "older",
                _("the log is older than the job: it ended %(ended)s") % {"ended": f"{ended:%Y-%m-%d %H:%M}"},
            )
        )
    if ended - SLACK > stage.arrived_at:
        found.append(
            Reason("future", _("the log ends in the future, %(ended)s") % {"ended": f"{ended:%Y-%m-%d %H:%M}"})
        )
    if started is not None and ended < started:
        found.append(Reason("order", _("it ended before it began")))
    elif started is not None:
        found += _the_speed(erasure, stage, (ended - started).total_seconds())
    return found


def _the_speed(erasure: Erasure, stage: Stage, seconds: float) -> list[Reason]:
    total = whole(erasure.get("bytes_total")) or 0
    fastest = FASTEST.get(stage.kind, FASTEST_OF_ALL)
    # A second of grace: logs have whole seconds, and a small drive is done within one.
    if total > fastest * (seconds + 1):
        return [
            Reason(
                "too_fast",
                _("%(total)s bytes in %(seconds)s s is faster than such a drive can write")
                % {"total": total, "seconds": int(seconds)},
            )
        ]
    return []


def _the_level(erasure: Erasure, stage: Stage) -> list[Reason]:
    level = reached(technique_of(erasure), stage.kind)
    if level is not None and level.reaches(stage.required):
        return []
    got = word(level.value) if level else _("nothing")
    return [
        Reason(
            "level_not_met",
            _("overwriting reaches %(got)s on this kind of medium, and %(needed)s is needed")
            % {"got": got, "needed": word(stage.required.value)},
        )
    ]


QUESTIONS: tuple[Callable[[Erasure, Stage], list[Reason]], ...] = (
    _the_outcome,
    _the_doubts,
    _the_method,
    _the_bytes,
    _the_errors,
    _nothing_hidden,
    _the_times,
    _the_level,
)
