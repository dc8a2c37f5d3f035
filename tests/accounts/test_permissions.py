"""The tables of rights: complete, consistent, and divided as the trade wants them divided."""

from __future__ import annotations

import pytest

from revlog.accounts import permissions
from revlog.accounts.models import Role
from revlog.accounts.separations import SEPARATIONS


def test_it_gives_every_role_permissions_that_exist() -> None:
    assert set(permissions.ROLES) == set(Role)
    for role, held in permissions.ROLES.items():
        assert held, role
        assert held <= set(permissions.PERMISSIONS), role


def test_it_gives_every_permission_to_some_role() -> None:
    held = frozenset[str]().union(*permissions.ROLES.values())

    assert set(permissions.PERMISSIONS) - held == set()


def test_it_puts_every_role_on_one_side() -> None:
    sides = [permissions.INSIDE_ROLES, permissions.OUTSIDE_ROLES, permissions.EITHER_ROLES]

    assert frozenset[Role]().union(*sides) == frozenset(Role)
    assert sum(len(side) for side in sides) == len(Role)


def test_it_describes_every_scope_and_maps_it_to_permissions_that_exist() -> None:
    assert set(permissions.SCOPES) == set(permissions.SCOPE_SENTENCES)
    assert set(permissions.SCOPES) & set(permissions.PERMISSIONS) == set()
    for scope, held in permissions.SCOPES.items():
        assert held, scope
        assert held <= set(permissions.PERMISSIONS), scope


def test_it_never_lets_an_auditor_change_anything() -> None:
    changing = {name for name in permissions.ROLES[Role.AUDITOR] if name.rpartition(".")[2] not in {"view", "export"}}

    assert changing == set()


def test_it_keeps_the_work_of_the_floor_from_the_administrator() -> None:
    held = permissions.ROLES[Role.ADMINISTRATOR]

    assert not held & {
        "returns.receive",
        "returns.refund",
        "itad.sanitize",
        "itad.verify",
        "itad.certify",
        "resale.sell",
        "devices.release",
    }


def test_it_keeps_figures_about_single_persons_to_managers() -> None:
    assert [role for role, held in permissions.ROLES.items() if "reporting.persons" in held] == [Role.MANAGER]


def test_it_gives_an_inside_role_no_effect_in_another_organization() -> None:
    assert permissions.role_permissions(Role.MANAGER, is_operator=False) == frozenset()
    assert permissions.role_permissions(Role.CLIENT_USER, is_operator=True) == frozenset()
    assert permissions.role_permissions(Role.AUDITOR, is_operator=False) == permissions.ROLES[Role.AUDITOR]


def test_it_lets_nobody_outside_hold_a_right_over_the_floor() -> None:
    for role in permissions.OUTSIDE_ROLES:
        held = permissions.ROLES[role]
        assert not {name for name in held if name.startswith(("accounts.", "money.", "refurb.", "exceptions."))}, role
        assert not held & {"returns.receive", "itad.sanitize", "devices.release", "triage.grade"}, role


def test_it_expands_all_to_what_the_organization_can_have() -> None:
    assert permissions.expand_scopes(["all"], is_operator=True) == set(permissions.SCOPES)
    assert permissions.expand_scopes(["all"], is_operator=False) == (
        set(permissions.SCOPES) - permissions.OPERATOR_SCOPES
    )
    areas = {scope.partition(":")[0] for scope in permissions.OPERATOR_SCOPES}
    assert areas == {"moves", "rmas", "accounting", "rtvs", "reviews", "lists", "lots", "freight", "counts", "plans"}
    assert "rmas:read" not in permissions.OPERATOR_SCOPES
    assert permissions.expand_scopes(["moves:write", "devices:read", "nothing:such"], is_operator=False) == {
        "devices:read"
    }


def test_it_answers_for_a_scope_when_a_person_holds_all_that_it_stands_for() -> None:
    held = permissions.with_scopes({"devices.view", "evidence.view", "returns.receive"})

    assert "devices:read" in held
    assert "moves:write" not in held


def test_it_refuses_a_name_that_the_table_lacks() -> None:
    with pytest.raises(permissions.UnknownPermission, match=r"returns\.recieve"):
        permissions.sentence("returns.recieve")


def test_it_names_a_permission_for_every_separation() -> None:
    for name, rule in SEPARATIONS.items():
        assert rule.permission in permissions.PERMISSIONS, name
