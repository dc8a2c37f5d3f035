"""Rows of the read side: figures projected from the ledger, and what was handed to the accountant."""

from __future__ import annotations

from reporting.models.accounting import AccountingLine, AccountingRun
from reporting.models.board import NEVER, Act, Queued, QueueTally
from reporting.models.figures import (
    Cursor,
    DayFlow,
    MoneyFact,
    ReadableQuerySet,
    SanitizationFact,
    Stay,
    VisitFact,
)
from reporting.models.shifts import HandOver, HandOverState, Point, Shift, Team, TeamMember

__all__ = [
    "NEVER",
    "AccountingLine",
    "AccountingRun",
    "Act",
    "Cursor",
    "DayFlow",
    "HandOver",
    "HandOverState",
    "MoneyFact",
    "Point",
    "QueueTally",
    "Queued",
    "ReadableQuerySet",
    "SanitizationFact",
    "Shift",
    "Stay",
    "Team",
    "TeamMember",
    "VisitFact",
]
