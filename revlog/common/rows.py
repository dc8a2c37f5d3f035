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

from django.db import connection
from django.db.models import DecimalField, Field, ForeignKey, JSONField, Model

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
    also: Mapping[str, str] = field(default_factory=dict)
    """What is reckoned of them: SQL of ours that gives one value in JSON, by the name under which it is told."""
    statement: Prepared = field(init=False)

    def __post_init__(self) -> None:
        ctes = ", ".join(part.cte() for part in self.parts)
        told = [part.told() for part in self.parts] + [f"({sql})::text" for sql in self.also.values()]
        object.__setattr__(self, "statement", Prepared(f"WITH {ctes} SELECT {', '.join(told)}", self.takes))

    def read(self, **params: object) -> dict[str, Any]:
        """The rows of each part by its name, in its order, as instances; and what is reckoned beside them, None where there is nothing."""
        told = [json.loads(text) if text else None for text in self.statement.rows(**params)[0]]
        rows = {part.name: _made(part, some or ()) for part, some in zip(self.parts, told, strict=False)}
        return rows | dict(zip(self.also, told[len(self.parts) :], strict=True))


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


@dataclass(frozen=True)
class Joined:
    """Rows with what they refer to, in one statement: what `select_related` does, made once. ``where`` is SQL of ours over ``t``.

    ``refers`` names foreign keys of it, and by a path those of what it refers to (``line__rma``), with what each is. ``where`` and
    ``order`` may name those as well, by their paths in quotes.
    With ``lock`` the rows themselves are locked until the transaction ends, as everything is here, and are read as they are then.
    """

    model: type[Model]
    refers: Mapping[str, type[Model]]
    where: str
    takes: Mapping[str, str]
    order: str = ""
    lock: bool = False
    statement: Prepared = field(init=False)

    def __post_init__(self) -> None:
        columns = [f't."{one.column}"' for one in self.model._meta.concrete_fields]
        joins = ""
        for path, target in self.refers.items():
            owner, _mark, name = path.rpartition("__")
            holder = self.refers[owner] if owner else self.model
            column, key = holder._meta.get_field(name).column, target._meta.pk.column  # type: ignore[union-attr]
            joins += f' LEFT JOIN {target._meta.db_table} "{path}" ON "{path}"."{key}" = {_alias(owner)}."{column}"'
            columns += [f'"{path}"."{one.column}"' for one in target._meta.concrete_fields]
        sql = f"SELECT {', '.join(columns)} FROM {self.model._meta.db_table} t{joins} WHERE {self.where}"  # noqa: S608 - SQL of ours
        sql += f" ORDER BY {self.order}" if self.order else ""
        sql += " FOR NO KEY UPDATE OF t" if self.lock else ""
        object.__setattr__(self, "statement", Prepared(sql, self.takes))

    def get(self, **params: object) -> Any:  # noqa: ANN401 - an instance of ``model``
        """The row. Raises the model's DoesNotExist."""
        found = self.all(**params)
        if not found:
            raise self.model.DoesNotExist(f"There is no such {self.model._meta.verbose_name}.")  # type: ignore[attr-defined]
        return found[0]

    def all(self, **params: object) -> list[Any]:
        """The rows, in ``order``."""
        return [self._made(row) for row in self.statement.rows(**params)]

    def _made(self, row: Sequence[Any]) -> Any:  # noqa: ANN401 - an instance of ``model``
        place = 0
        made: dict[str, Any] = {}
        for path, model in {"": self.model, **self.refers}.items():
            names = [one.attname for one in model._meta.concrete_fields]
            values = [
                json.loads(value) if isinstance(one, JSONField) and isinstance(value, str) else value
                for one, value in zip(model._meta.concrete_fields, row[place : place + len(names)], strict=True)
            ]
            place += len(names)
            made[path] = model.from_db("default", names, values) if values[0] is not None or not path else None
            if path:
                owner, _mark, name = path.rpartition("__")
                if made[owner] is not None:
                    setattr(made[owner], name, made[path])
        return made[""]


def _alias(path: str) -> str:
    return f'"{path}"' if path else "t"


def put(*rows: Model) -> None:
    """Put these new rows down in one statement, whatever tables they are of. Numbers that a table gives are not read back.

    Their foreign keys may name each other: they are checked when the statement ends.
    """
    kinds: dict[type[Model], list[Model]] = {}
    for row in rows:
        kinds.setdefault(type(row), []).append(row)
    if not kinds:
        return
    parts = [f"{model._meta.db_table}_put AS ({into(model)})" for model in kinds]
    told = [json.dumps([values(row) for row in some], default=str) for some in kinds.values()]
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(parts)} SELECT 1", told)
    for row in rows:
        row._state.adding, row._state.db = False, "default"


def change(rows: Sequence[Model], *names: str) -> None:
    """Write these columns of many rows of one table, each row's own, in one statement."""
    if not rows:
        return
    model, key = type(rows[0]), rows[0]._meta.pk
    columns = [str(model._meta.get_field(name).column) for name in names]  # type: ignore[union-attr]
    table, id = model._meta.db_table, str(key.column)
    assigned = ", ".join(f'"{column}" = v."{column}"' for column in columns)
    told = [{column: value for column, value in values(row).items() if column in {id, *columns}} for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET {assigned} FROM json_populate_recordset(NULL::{table}, %s::json) v "  # noqa: S608 - names of ours
            f'WHERE t."{id}" = v."{id}"',
            [json.dumps(told, default=str)],
        )


def into(model: type[Model]) -> str:
    """Puts down rows of JSON, every column told but a number that the table gives."""
    columns = ", ".join(f'"{one.column}"' for one in model._meta.concrete_fields if not _is_given(one))
    table = model._meta.db_table
    return f"INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s::json)"  # noqa: S608 - names of ours


def values(row: Model) -> dict[str, Any]:
    return {str(one.column): getattr(row, one.attname) for one in row._meta.concrete_fields if not _is_given(one)}


def _is_given(one: Field[Any, Any]) -> bool:
    return one.get_internal_type().endswith("AutoField")
