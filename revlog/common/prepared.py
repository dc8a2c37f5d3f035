"""Statements that a connection plans once: for what every request asks, where planning takes longer than answering."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from weakref import WeakKeyDictionary

from django.db import connection

_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
"""What each connection of this process has prepared; it goes with the connection."""


@dataclass(frozen=True)
class Prepared:
    """One statement of ours. ``takes`` names its parameters, written ``%(name)s`` in it, each with its type in SQL."""

    sql: str
    takes: Mapping[str, str]
    name: str = field(init=False)

    def __post_init__(self) -> None:
        told = f"{self.sql}|{dict(self.takes)}"
        object.__setattr__(self, "name", f"revlog_{hashlib.sha256(told.encode()).hexdigest()[:24]}")

    def rows(self, **params: object) -> list[tuple[Any, ...]]:
        """Its answer. Ask with every parameter that it takes."""
        with connection.cursor() as cursor:
            self._prepare()
            asked = ", ".join(f"%({name})s::{kind}" for name, kind in self.takes.items())
            cursor.execute(f"EXECUTE {self.name} ({asked})", cast("dict[str, Any]", params))
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def _prepare(self) -> None:
        """Once a connection. A transaction that is rolled back keeps it: such statements aren't transactional."""
        link = connection.connection
        known = _prepared.setdefault(link, set())
        if self.name in known:
            return
        places = {name: f"${number}" for number, name in enumerate(self.takes, 1)}
        with link.cursor() as cursor:
            cursor.execute(f"PREPARE {self.name} ({', '.join(self.takes.values())}) AS {self.sql % places}")
        known.add(self.name)
