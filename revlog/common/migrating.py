"""Migrating in a tenth of the time: what a change touches is drawn anew, not everything that is linked to it.

While Django migrates, it keeps a class of each table as the migrations so far make it. At every new table, column, index and constraint
it makes the classes of all tables again that are linked to the changed one, however far away: here nearly all of them, some 30,000
classes for a new database. A class whose own definition did not change says the same as before, and nobody can refer yet to what is new.
So `narrow` has only the changed class made again. Before Python code of a migration runs, Django makes all classes anew by itself, as it
does for its own shortcuts of this kind (`is_delayed`).

That the tables come out the same is proven by `tests/prove/test_migrating.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db.migrations.state import ProjectState

OF_ONE_TABLE = ("add_model", "add_field", "_append_option", "_remove_option", "_alter_option")
"""The changes that leave every other table's definition, and what others refer to, as it was."""


@contextmanager
def narrow() -> Iterator[None]:
    """Within it, a change of one table makes the class of that table anew, and no other."""
    plain = {name: getattr(ProjectState, name) for name in OF_ONE_TABLE}
    for name, method in plain.items():
        setattr(ProjectState, name, _narrowed(method))
    try:
        yield
    finally:
        for name, method in plain.items():
            setattr(ProjectState, name, method)


def _narrowed(method: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(method)
    def changed(state: ProjectState, *arguments: object, **named: object) -> None:
        state.__dict__["reload_model"] = functools.partial(_reload_alone, state)
        try:
            method(state, *arguments, **named)
        finally:
            del state.__dict__["reload_model"]

    return changed


def _reload_alone(state: ProjectState, app_label: str, model_name: str, *, delay: bool = False) -> None:
    if "apps" not in state.__dict__:  # nothing is drawn yet
        return
    if _inherits(state, app_label, model_name):
        ProjectState.reload_model(state, app_label, model_name, delay)
        return
    state.is_delayed = True
    state._reload({(app_label, model_name)})  # type: ignore[attr-defined]  # the stubs leave it out


def _inherits(state: ProjectState, app_label: str, model_name: str) -> bool:
    """Whether the table shares its definition with another's; we have none of those."""
    model = state.models[app_label, model_name]
    known = state.apps.all_models[app_label].get(model_name)
    return (
        bool(model.options.get("proxy"))
        or any(isinstance(base, str) for base in model.bases)
        or bool(known and known.__subclasses__())
    )
