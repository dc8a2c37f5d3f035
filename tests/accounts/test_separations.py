"""Nobody does to their own work what another must do: a test for each row of the table."""

from __future__ import annotations

import uuid

import pytest

from revlog.accounts.actors import Actor, ActorKind, system
from revlog.accounts.permissions import PERMISSIONS
from revlog.accounts.separations import SEPARATIONS, reasons_against

ALL = frozenset(PERMISSIONS)


def person() -> Actor:
    return Actor(kind=ActorKind.USER, id=uuid.uuid4(), permissions=ALL)


@pytest.mark.parametrize("separation", SEPARATIONS)
def test_it_refuses_the_doer_whatever_they_may_otherwise_do(separation: str) -> None:
    tomas = person()

    by_reference = reasons_against(separation, doer=[tomas.reference], by=tomas)
    by_id = reasons_against(separation, doer=[uuid.uuid4(), tomas.id], by=tomas)

    assert [reason.code for reason in by_reference] == [separation]
    assert by_id == by_reference
    assert by_reference[0].sentence == str(SEPARATIONS[separation].sentence)


@pytest.mark.parametrize("separation", SEPARATIONS)
def test_it_lets_another_person(separation: str) -> None:
    tomas, sofia = person(), person()

    assert reasons_against(separation, doer=[tomas.reference, str(uuid.uuid4())], by=sofia) == []


@pytest.mark.parametrize("separation", SEPARATIONS)
def test_it_treats_a_key_like_a_person_and_the_platform_like_nobody(separation: str) -> None:
    key = Actor(kind=ActorKind.KEY, id=uuid.uuid4())
    rule = system("rules")

    assert reasons_against(separation, doer=[key.reference], by=key) != []
    assert reasons_against(separation, doer=[rule.reference], by=rule) == []


def test_it_refuses_nobody_when_the_doer_is_unknown() -> None:
    assert reasons_against("hold_release", doer=[None], by=person()) == []
    assert reasons_against("hold_release", doer=[], by=person()) == []


def test_it_raises_on_a_separation_that_the_table_lacks() -> None:
    with pytest.raises(KeyError):
        reasons_against("no_such", doer=[], by=person())
