"""Rows that stand beside the rules of a body (seasons, regions, statutes), as form fields. Pure.

A field is named ``<table>-<row>-<column>``. A row whose fields are all empty, or that is ticked to be taken out, is left out; what a form
doesn't know of a row stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from revlog.common.errors import BadInput, Reason
from revlog.terms import ruling
from revlog.terms.editing import DECIMAL, NUMERIC, read, shown
from revlog.terms.ruling import Body, Kind
from revlog.terms.wording import Table, Vocabulary, Word, rows_of

MOST_ROWS = 400
BLANK_ROWS = 1
_COUNTRY = re.compile(r"[\s;,]+")


def fields(body: Body, table: Table, typed: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """The rows of a form, with empty ones behind them; what was typed stands in them where it was refused."""
    rows = rows_of(table, body.get(table.key))
    count = len(rows) + BLANK_ROWS
    while typed and any(f"{table.key}-{count}-{name}" in typed for name in table.columns):
        count += 1
    found = []
    for n in range(count):
        row = rows[n] if n < len(rows) else {}
        cells = [_cell(f"{table.key}-{n}-{name}", word, row.get(name), typed) for name, word in table.columns.items()]
        title = [table.columns[name].said(row[name]) for name in table.heading if row.get(name)]
        found.append({"n": n, "title": ", ".join(title), "is_new": n >= len(rows), "cells": cells})
    return found


def _cell(field: str, word: Word, value: object, typed: Mapping[str, str] | None) -> dict[str, Any]:
    return {
        "name": field,
        "word": word,
        "value": typed.get(field, "") if typed else shown(value, word),
        "options": list(word.options.items()) if word.type == "choice" else [],
        "chosen": typed.get(field, "") if typed else value,
    }


def body_of(told: Mapping[str, str], body: Body, table: Table, kind: Kind) -> Body:
    """The body with the rows that were typed. Raises BadInput with everything that is wrong with them."""
    before = rows_of(table, body.get(table.key))
    rows: list[dict[str, Any]] = []
    wrong: list[Reason] = []
    for n in range(MOST_ROWS):
        given = {name: told.get(f"{table.key}-{n}-{name}", "").strip() for name in table.columns}
        if not any(f"{table.key}-{n}-{name}" in told for name in table.columns):
            break
        if told.get(f"{table.key}-{n}-out") or not any(given.values()):
            continue
        old = before[n] if n < len(before) else {}
        rows.append(_row(given, old, table, n, wrong))
    if wrong:
        raise BadInput(wrong)
    if table.named_by:
        names = [row.get(table.named_by, "") for row in rows]
        if len(set(names)) != len(names) or not all(names):
            raise BadInput(Reason("name", _("Each row has a name of its own."), table.key))
        new: Any = {row[table.named_by]: row.get(table.value, []) for row in rows}
    else:
        new = rows
    made = dict(body) | {table.key: new}
    if found := [one for one in ruling.problems(made, kind) if (one.field or "").startswith(f"body.{table.key}")]:
        raise BadInput(found)
    return made


def _row(given: Mapping[str, str], old: Mapping[str, Any], table: Table, n: int, wrong: list[Reason]) -> dict[str, Any]:
    row = {name: value for name, value in old.items() if name not in table.columns}
    for name, text in given.items():
        word, field = table.columns[name], f"{table.key}-{n}-{name}"
        if not text:
            if name in old and old[name] in (None, "", []):
                row[name] = old[name]
            elif (name in old or not old) and (word.type == "list" or name in table.open):
                row[name] = [] if word.type == "list" else None
            continue
        try:
            row[name] = _value(text, word, field)
        except BadInput as refusal:
            wrong += refusal.reasons
    return {name: row[name] for name in dict.fromkeys([*old, *table.columns]) if name in row}


def _value(text: str, word: Word, field: str) -> Any:  # noqa: ANN401 - any JSON
    if word.type == "countries":
        return [part.upper() for part in _COUNTRY.split(text) if part]
    if word.type in NUMERIC | DECIMAL or word.type in {"list", "choice", "flag"}:
        return read(text, word, field=field, listed=word.type == "list")
    return text


def table_of(words: Vocabulary, key: str) -> Table:
    """Raises BadInput for a table that these rules don't have."""
    for one in words.tables:
        if one.key == key:
            return one
    raise BadInput(Reason("act", _("Nobody knows this button."), "act"))
