"""Drafted rules tried on past cases: what each kind of rules says of its cases, filled by whichever stage decides by them.

The page, the worker and the sums are the same for all (``returns/services/trials``); a stage registers a ``Subject`` for its kind: where
its past cases are, how a portion of them is decided again by the rules in force and by the draft, how they are called and told.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, Protocol

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from revlog.terms import queries
from revlog.terms.models import RuleSet
from revlog.terms.ruling import Ruling

SELLER, ALL_SELLERS = _("Seller"), _("all sellers")
Rows = Sequence[tuple[Any, ...]]
Labels = Sequence[tuple[str, str | Promise]]


class Outcome(Protocol):
    """What rules make of one case, as far as it costs or gives anything."""

    def kept(self) -> dict[str, Any]:
        """As JSON, for the list of those that change."""

    def into(self, counts: Counter[str], sums: Any) -> None:  # noqa: ANN401 - a Counter of Decimals
        """Add it to what is counted and to the money of its currency."""


class Cell(NamedTuple):
    """A case counted in a table of what it was against what it would be; one table a group."""

    group: str
    before: str
    after: str


class Again(NamedTuple):
    """One case decided twice: by the rules in force and by the draft. Without ``before`` too little of it is known."""

    case: uuid.UUID
    currency: str = ""
    changed: str = ""
    before: Outcome | None = None
    after: Outcome | None = None
    cells: Sequence[Cell] = ()


class Asked(NamedTuple):
    """Which rules are tried, and when that was asked: those in force then are what they are compared with."""

    rule_set: RuleSet
    at: datetime


class Rulings:
    """The rules in force for whoever a case belongs to, and those in force if the draft were published; read once a run."""

    def __init__(self) -> None:
        self.found: dict[uuid.UUID | None, tuple[Ruling, Ruling]] = {}

    def of(self, owner: uuid.UUID | None, asked: Asked) -> tuple[Ruling, Ruling]:
        if owner not in self.found:
            row = asked.rule_set
            now = queries.in_force(row.kind, at=asked.at, organization=owner)
            # Rules for everybody change nothing for somebody who has their own.
            touched = row.organization_id == owner or (row.organization_id is None and now.organization is None)
            drafted = Ruling(row.kind, row.version or 0, row.body, row.organization_id, row.pk)
            self.found[owner] = (now, drafted if touched else now)
        return self.found[owner]


@dataclass(frozen=True)
class Named:
    """A case as people know it. ``position`` is its line's, where it is one of several."""

    number: str
    url: str
    whose: str
    code: str
    what: str
    currency: str
    position: int | None = None
    sku: str = ""


@dataclass(frozen=True)
class Saying:
    """``case`` heads the column of the cases; ``before`` is said above the form that begins a trial, ``limits`` beside its result."""

    case: str | Promise
    before: str | Promise
    limits: Sequence[str | Promise]
    counts: Labels
    sums: Labels
    sides: Sequence[str]
    """What a file says of each side."""
    says: Callable[[Mapping[str, Any], str], str]
    whose: str | Promise = SELLER
    everybody: str | Promise = ALL_SELLERS
    afterwards: str = ""
    """Name of the route where past cases can follow once the rules are published, where there is one."""
    group: Callable[[str], str] = str
    """What a table of cells is headed by."""
    cell: Callable[[str, str], str] = lambda _group, code: code
    """What a row or column of a table is called."""


@dataclass(frozen=True)
class Subject:
    """``fields`` are what is read of a case, its key first; ``opened`` is the moment by which it belongs to a period, ``seller`` whose it
    is (empty where it is nobody's but ours)."""

    cases: Callable[[], QuerySet[Any]]
    opened: str
    seller: str
    fields: Sequence[str]
    decide: Callable[[Rows, Asked, Rulings], Iterator[Again]]
    changes: Sequence[str]
    named: Callable[[Collection[uuid.UUID]], Iterable[tuple[uuid.UUID, Named]]]
    saying: Saying

    def past(self, *, since: date, until: date, seller: uuid.UUID | None = None) -> QuerySet[Any]:
        """The cases from a day to a day, both included."""
        begins = datetime.combine(since, time(), UTC)
        ends = datetime.combine(until, time(), UTC) + timedelta(days=1)
        rows = self.cases().filter(**{f"{self.opened}__gte": begins, f"{self.opened}__lt": ends})
        return rows.filter(**{self.seller: seller}) if seller and self.seller else rows


SUBJECTS: dict[str, Subject] = {}
"""By the kind of rules."""


def register(kind: str, subject: Subject) -> Subject:
    SUBJECTS[kind] = subject
    return subject
