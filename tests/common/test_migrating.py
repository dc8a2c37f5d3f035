"""While it migrates, a change of one table leaves the others' classes alone, and what is new is known from both its ends."""

from __future__ import annotations

from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from revlog.common import migrating


def drawn() -> ProjectState:
    """Shelves in halls, and halls in a town."""
    state = ProjectState()
    state.add_model(_table("Town"))
    state.add_model(_table("Hall", town=models.ForeignKey("places.Town", models.CASCADE)))
    state.add_model(_table("Shelf", hall=models.ForeignKey("places.Hall", models.CASCADE)))
    assert state.apps
    return state


def _table(name: str, **fields: models.Field) -> ModelState:
    found = [("id", models.AutoField(primary_key=True)), *fields.items()]
    return ModelState("places", name, found, options={"constraints": [], "indexes": []})


def kept(state: ProjectState, before: dict[str, type[models.Model]]) -> set[str]:
    return {name for name, model in before.items() if state.apps.all_models["places"].get(name) is model}


def test_a_new_table_is_known_to_the_one_it_refers_to_and_nothing_else_is_drawn_anew() -> None:
    state = drawn()
    before = dict(state.apps.all_models["places"])
    with migrating.narrow():
        state.add_model(_table("Box", shelf=models.ForeignKey("places.Shelf", models.CASCADE)))
    assert kept(state, before) == {"town", "hall", "shelf"}
    shelf, box = state.apps.get_model("places.Shelf"), state.apps.get_model("places.Box")
    assert box._meta.get_field("shelf").related_model is shelf
    assert [found.related_model for found in shelf._meta.related_objects] == [box]


def test_a_column_and_a_constraint_are_there_and_only_their_table_is_drawn_anew() -> None:
    state = drawn()
    before = dict(state.apps.all_models["places"])
    rule = models.UniqueConstraint(fields=["town", "next"], name="once")
    with migrating.narrow():
        state.add_field("places", "hall", "next", models.ForeignKey("places.Shelf", models.CASCADE), True)
        state.add_constraint("places", "hall", rule)
        state.add_index("places", "hall", models.Index(fields=["town"], name="by_town"))
    assert kept(state, before) == {"town", "shelf"}
    hall = state.apps.get_model("places.Hall")
    assert [found.name for found in hall._meta.constraints + hall._meta.indexes] == ["once", "by_town"]
    # Who asks for what refers to a table finds it by name, whichever class of it they hold.
    assert {found.name for found in hall._meta.related_objects} == {"shelf"}
    assert {found.name for found in state.apps.get_model("places.Shelf")._meta.related_objects} == {"hall"}


def test_python_code_of_a_migration_gets_all_classes_anew() -> None:
    state = drawn()
    with migrating.narrow():
        state.add_index("places", "hall", models.Index(fields=["town"], name="by_town"))
    state.clear_delayed_apps_cache()
    hall, shelf = state.apps.get_model("places.Hall"), state.apps.get_model("places.Shelf")
    assert shelf._meta.get_field("hall").related_model is hall


def test_a_table_that_others_inherit_from_is_drawn_with_them_and_afterwards_all_is_as_django_has_it() -> None:
    state = drawn()
    state.add_model(ModelState("places", "Tower", [("floors", models.IntegerField())], bases=("places.hall",)))
    with migrating.narrow():
        state.add_field("places", "hall", "height", models.IntegerField(default=3), True)
    assert issubclass(state.apps.get_model("places.Tower"), state.apps.get_model("places.Hall"))
    assert "height" in {field.name for field in state.apps.get_model("places.Tower")._meta.fields}
    before = dict(state.apps.all_models["places"])
    state.add_index("places", "hall", models.Index(fields=["town"], name="by_town"))
    assert kept(state, before) == set()
