"""Rows of the read side: figures projected from the ledger, and what was handed to the accountant."""

from __future__ import annotations

from reporting.models.accounting import AccountingLine, AccountingRun
from reporting.models.figures import (
    Cursor,
    DayFlow,
    MoneyFact,
    ReadableQuerySet,
    SanitizationFact,
    Stay,
    VisitFact,
)

__all__ = [
    "AccountingLine",
    "AccountingRun",
    "Cursor",
    "DayFlow",
    "MoneyFact",
    "ReadableQuerySet",
    "SanitizationFact",
    "Stay",
    "VisitFact",
]
