"""Rows of several tables in one statement: read together, put down together.

Where a verb or an answer needs a thing with all that belongs to it, what costs is the number of statements: each is built anew by the
ORM, sent and planned. Here a list of parts is made into one statement once, and its answer into instances like those of a queryset.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import DecimalField, Field, ForeignKey, Model

from revlog.common.prepared import Prepared

PLAIN = frozenset(
    {"ArrayField", "AutoField", "BigAutoField", "BigIntegerField", "BooleanField", "CharField", "IntegerField", "JSONField", "SlugField",
     "SmallIntegerField", "TextField"}
)  # fmt: skip
"""Of these JSON has the value as Python does (an array: of text)."""


@dataclass(frozen=True)
class Part:
    """Rows of one table by name: ``where`` is SQL of ours over ``t`` (the row), over the parts before it by their names, and parameters.

    ``only`` leaves the other columns to be read when somebody asks for them.
    """

    name: str
    model: type[Model]
    where: str
    order: str = ""
    only: Sequence[str] = ()
    fields: Sequence[Field[Any, Any]] = field(init=False)

    @cached_property
    def names(self) -> list[str]:
        return [one.attname for one in self.fields]

    @cached_property
    def readers(self) -> list[Callable[[Any], Any] | None]:
        """What makes of a value in JSON the one of Python, where that is another."""
        targets = [one.target_field if isinstance(one, ForeignKey) else one for one in self.fields]
        return [None if one.get_internal_type() in PLAIN else one.to_python for one in targets]

    def __post_init__(self) -> None:
        wanted = [one for one in self.model._meta.concrete_fields if not self.only or one.attname in self.only]
        object.__setattr__(self, "fields", tuple(wanted))

    def cte(self) -> str:
        columns = ", ".join(f't."{one.column}"' for one in self.fields)
        return f"{self.name} AS (SELECT {columns} FROM {self.model._meta.db_table} t WHERE {self.where})"  # noqa: S608 - SQL of ours

    def told(self) -> str:
        # An amount goes as text: a number of JSON would come back as a float.
        columns = ", ".join(
            f'{self.name}."{one.column}"' + ("::text" if isinstance(one, DecimalField) else "") for one in self.fields
        )
        order = f" ORDER BY {self.order}" if self.order else ""
        return f"(SELECT json_agg(json_build_array({columns}){order}) FROM {self.name})::text"  # noqa: S608 - SQL of ours


@dataclass(frozen=True)
class Together:
    """Parts that are read in one statement, which is made once. ``takes`` names its parameters, each with its type in SQL."""

    parts: Sequence[Part]
    takes: Mapping[str, str]
    statement: Prepared = field(init=False)

    def __post_init__(self) -> None:
        ctes = ", ".join(part.cte() for part in self.parts)
        sql = f"WITH {ctes} SELECT {', '.join(part.told() for part in self.parts)}"
        object.__setattr__(self, "statement", Prepared(sql, self.takes))

    def read(self, **params: object) -> dict[str, list[Any]]:
        """The rows of each part by its name, in its order, as instances."""
        told = self.statement.rows(**params)[0]
        return {
            part.name: _made(part, json.loads(text)) if text else []
            for part, text in zip(self.parts, told, strict=True)
        }


def _made(part: Part, rows: Iterable[Sequence[Any]]) -> list[Model]:
    names, readers = part.names, part.readers
    return [
        part.model.from_db(
            "default",
            names,
            [value if read is None or value is None else read(value) for read, value in zip(readers, row, strict=True)],
        )
        for row in rows
    ]
