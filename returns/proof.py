"""The proof: what was found on a unit of a return, rendered from its own facts for whoever may read it.

Photos that staff took for the customer's eyes, the grade with its reasons, the serial that was sold and the one that came, what the
reason was found to be, and each deduction with why and by which rule. Of a unit's chain it reads what was said while the return
was looked at: what we do with the thing afterwards is nobody else's business.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from returns import deductions
from returns.models import Appeal, Refund, RefundStatus, Rma, RmaUnit
from returns.queries.whole import GRADED, Whole
from revlog.common import words
from revlog.common.words import Audience, word
from revlog.custody.models import Entry
from revlog.evidence.models import Attachment

INSPECTED = "triage.inspected"
LOOKED = (GRADED, INSPECTED)
SHOWN = frozenset({"NEW", "A", "B", "C", "D"})


@dataclass(frozen=True)
class Deducted:
    """One deduction as it is read: how much, why, and by which rule of which version."""

    amount: Decimal
    currency: str
    why: str
    rule: str
    version: int | None

    @property
    def given_back(self) -> bool:
        return self.amount < 0

    @property
    def size(self) -> Decimal:
        return abs(self.amount)


@dataclass(frozen=True)
class Look:
    """One grade as it was given: when, by whom, the letter, and the sentences it rests on."""

    at: datetime
    by: str
    grade: str
    word: str
    reasons: Sequence[str]


@dataclass(frozen=True)
class Proof:
    """What was found on one unit; ``looks`` in the order in which they were given, so that an appeal shows both."""

    unit: RmaUnit
    looks: Sequence[Look]
    expected: str
    found: str
    confirmed: str
    deductions: Sequence[Deducted]
    photos: Sequence[Attachment]

    @property
    def last(self) -> Look | None:
        return self.looks[-1] if self.looks else None

    @property
    def says_something(self) -> bool:
        return bool(self.looks or self.deductions or self.photos or self.confirmed)

    @property
    def serial_differs(self) -> bool:
        return bool(self.expected and self.found and self.expected != self.found)


def until(unit: RmaUnit) -> datetime | None:
    """The moment after which what is said of the unit is no more of the return: its settling, or the end of its last appeal."""
    if unit.settled_at is None:
        return None
    last = Appeal.objects.filter(unit=unit).order_by("-opened_at").first()
    if last is None:
        return unit.settled_at
    return None if last.decided_at is None else max(last.decided_at, unit.settled_at)


def _while_looked_at(unit: RmaUnit, field: str) -> Q:
    found = Q(**{f"{field}__gte": unit.received_at})
    if unit.settled_at is None:
        return found
    # An appeal is a second window: between settling and appeal the unit was on its own way.
    windows = Q(**{f"{field}__lte": unit.settled_at})
    for appeal in unit.appeals.all():
        window = Q(**{f"{field}__gte": appeal.opened_at})
        if appeal.decided_at is not None:
            window &= Q(**{f"{field}__lte": appeal.decided_at})
        windows |= window
    return found & windows


def _is_within(unit: RmaUnit, moment: datetime) -> bool:
    """`_while_looked_at`, of something that is known already."""
    if unit.received_at is None or moment < unit.received_at:
        return False
    if unit.settled_at is None or moment <= unit.settled_at:
        return True
    return any(
        one.opened_at <= moment and (one.decided_at is None or moment <= one.decided_at) for one in unit.appeals.all()
    )


def of(unit: RmaUnit, audience: Audience = Audience.CUSTOMER, *, known: Whole | None = None) -> Proof:
    """What was found on ``unit``, in the words of ``audience``; of what is ``known`` of its return nothing is asked again."""
    line, device = unit.line, unit.device
    if device is None or unit.received_at is None:
        return Proof(unit, (), unit.serial, "", "", deducted(unit), ())
    looked: Iterable[Entry] = (
        [one for one in known.graded.get(device.pk, ()) if _is_within(unit, one.occurred_at)]
        if known is not None
        else Entry.objects.filter(_while_looked_at(unit, "occurred_at"), chain_id=device.pk, kind=GRADED).order_by(
            "sequence"
        )
    )
    shown = (
        [one for one in known.photos.get(device.pk, ()) if _is_within(unit, one.added_at)]
        if known is not None
        else list(photos(unit))
    )
    sold = line.order_line.serials
    expected = unit.serial or (sold[0] if len(sold) == 1 else "")
    return Proof(
        unit=unit,
        looks=[_look(entry, audience) for entry in looked],
        expected=expected,
        found=device.serial if expected or device.serial in sold else "",
        confirmed=word(f"reason.{line.confirmed_reason}", audience) if line.confirmed_reason else "",
        deductions=deducted(unit),
        photos=shown,
    )


def _look(entry: Entry, audience: Audience) -> Look:
    told = entry.payload
    grade = str(told.get("grade", ""))
    said = [words.because(reason, audience) for reason in [*told.get("reasons", []), *told.get("blocked", [])]]
    return Look(
        at=entry.occurred_at,
        by=entry.actor,
        grade=grade if grade in SHOWN else "",
        word=word(f"grade.{grade}", audience),
        reasons=list(dict.fromkeys(said)),
    )


def deducted(unit: RmaUnit) -> list[Deducted]:
    """Each deduction from the unit's refund that stands; an appeal that was granted has taken some of them back."""
    found: list[Deducted] = []
    for row in refunds(unit):
        for part in parts_of(row):
            version = part.get("version")
            found.append(
                Deducted(
                    amount=Decimal(str(part["amount"])),
                    currency=row.currency,
                    why=deductions.told(str(part.get("why", ""))),
                    rule=rule_word(str(part.get("rule", ""))),
                    version=version if isinstance(version, int) else None,
                )
            )
    return found


def refunds(unit: RmaUnit) -> list[Refund]:
    """The refunds of a unit that stand, in the order in which they were made."""
    rows = [row for row in unit.refunds.all() if row.status != RefundStatus.REJECTED]
    return sorted(rows, key=lambda row: (row.proposed_at, row.pk))


def parts_of(row: Refund) -> list[dict[str, Any]]:
    """What a refund's deduction is made of; one written before there were parts is one part."""
    if row.deductions or not row.deduction:
        return list(row.deductions)
    return [{"amount": str(row.deduction), "why": row.why, "rule": deductions.BY_PERSON}]


def rule_word(rule: str) -> str:
    """A rule as its reader calls it; one that somebody wrote themselves by its own name."""
    name = f"deduction.{rule}"
    return word(name) if words.known(name) else rule.replace("_", " ")


def photos(unit: RmaUnit) -> Sequence[Attachment]:
    """Photos that staff took of the unit, on this return, for its customer to see."""
    if unit.device_id is None or unit.received_at is None:
        return ()
    return list(
        Attachment.objects.filter(
            _while_looked_at(unit, "added_at"),
            chain_id=unit.device_id,
            audience="customer",
            use__startswith="photo",
            artifact__erased_at=None,
        ).order_by("added_at")
    )


def photo(rma: Rma, pk: uuid.UUID) -> Attachment | None:
    """One of those photos by its id, if it is of a unit of this return."""
    for unit in RmaUnit.objects.filter(line__rma=rma, device__isnull=False).select_related("line"):
        found = next((one for one in photos(unit) if one.pk == pk), None)
        if found is not None:
            return found
    return None
