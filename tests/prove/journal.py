"""What the clients of a run were answered: whatever is in here must be there afterwards, once."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Journal:
    """Filled by many threads. ``answered`` lists, by kind, what was answered with success."""

    answered: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    lost_answers: Counter[str] = field(default_factory=Counter)
    """Calls that broke off or were answered with a fault while something was dead, by kind: each was tried again."""
    surprises: list[str] = field(default_factory=list)
    """Refusals that nothing explains."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def success(self, kind: str, **told: Any) -> None:
        with self._lock:
            self.answered.setdefault(kind, []).append(told)

    def lost(self, kind: str) -> None:
        with self._lock:
            self.lost_answers[kind] += 1

    def surprise(self, text: str) -> None:
        with self._lock:
            self.surprises.append(text[:600])

    def all(self, kind: str) -> list[dict[str, Any]]:
        with self._lock:
            return list(self.answered.get(kind, []))

    def counts(self) -> dict[str, int]:
        with self._lock:
            return {kind: len(rows) for kind, rows in sorted(self.answered.items())}
