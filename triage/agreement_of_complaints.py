"""How often what was proposed is what it was: counted over settled complaints. Reads alone; ``of`` is pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from revlog.accounts.actors import Actor
from triage.complaints.labels import NOTHING
from triage.complaints.phrases import VERSION
from triage.models import Complaint, ComplaintModel, Settled

LATELY = 60
FEWEST = 20
DRIFTED = 0.15
"""So much less often right than promised, and it is said."""
MOST = 20_000
MOST_MONTHS = 12
MOST_MODELS = 12


@dataclass(frozen=True, kw_only=True)
class OfFault:
    code: str
    said: int
    right: int
    other: int
    ignored: int

    @property
    def share(self) -> float | None:
        return self.right / (self.right + self.other) if self.right + self.other else None


@dataclass(frozen=True, kw_only=True)
class Lately:
    """The last ones of which a person said, or a look found, what it was."""

    count: int
    promised: float
    right: float

    @property
    def drifted(self) -> bool:
        return self.right < self.promised - DRIFTED


@dataclass(frozen=True, kw_only=True)
class Agreement:
    count: int
    judged: int
    right: int
    abstained: int
    open_ones: int
    faults: Sequence[OfFault]
    months: Sequence[tuple[str, int, int]]
    """(month, judged, right), newest first."""
    lately: Lately | None

    @property
    def share(self) -> float:
        return self.right / self.judged if self.judged else 0.0


def settled(actor: Actor) -> list[Complaint]:
    """The complaints of units that ``actor`` may see, newest first."""
    return list(Complaint.objects.visible_to(actor).order_by("-at", "-id")[:MOST])


def models() -> list[ComplaintModel]:
    return list(ComplaintModel.objects.all()[:MOST_MODELS])


def shipped_version() -> str:
    return f"phrases-{VERSION}"


def of(rows: Iterable[Complaint]) -> Agreement:
    """Counted where it is known what it was: a person said so, or a look found one fault."""
    told = list(rows)
    known = [row for row in told if row.found and row.settled_at is not None]
    proposed = [row for row in known if row.told]
    said: Counter[str] = Counter(row.told for row in told if row.told)
    right: Counter[str] = Counter(row.told for row in proposed if row.found == row.told)
    other: Counter[str] = Counter(row.told for row in proposed if row.found != row.told)
    ignored: Counter[str] = Counter(row.told for row in told if row.told and row.outcome == Settled.IGNORED)
    months: dict[str, list[int]] = {}
    for row in proposed:
        if row.settled_at is not None:
            pair = months.setdefault(f"{row.settled_at:%Y-%m}", [0, 0])
            pair[0] += 1
            pair[1] += row.found == row.told
    return Agreement(
        count=len(told),
        judged=len(proposed),
        right=sum(right.values()),
        abstained=sum(not row.told for row in told),
        open_ones=sum(not row.found for row in told),
        faults=[
            OfFault(code=code, said=count, right=right[code], other=other[code], ignored=ignored[code])
            for code, count in sorted(said.items(), key=lambda pair: (-pair[1], pair[0]))
            if code != NOTHING
        ],
        months=[(month, pair[0], pair[1]) for month, pair in sorted(months.items(), reverse=True)][:MOST_MONTHS],
        lately=_lately(proposed),
    )


def _lately(proposed: Sequence[Complaint]) -> Lately | None:
    last = proposed[:LATELY]
    if len(last) < FEWEST:
        return None
    return Lately(
        count=len(last),
        promised=sum(float(row.proposals[0]["share"]) for row in last) / len(last),
        right=sum(row.found == row.told for row in last) / len(last),
    )
