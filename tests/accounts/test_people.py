"""People: invited, given roles, relieved of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from revlog.accounts import queries
from revlog.accounts.models import AccessChange, Membership, Role, User
from revlog.accounts.services import people
from revlog.common.errors import BadInput, NotAllowed, NotFound
from tests.cast import AT, Cast


def test_it_invites_a_person_who_then_chooses_a_password(cast: Cast) -> None:
    invited = people.invite(
        email=" Nina@Example.org ",
        name="Nina Roth",
        organization=cast.operator,
        role=Role.PACKER,
        hub=cast.leipzig,
        by=cast.admin,
        at=AT,
    )

    assert invited.user.email == "nina@example.org"
    assert not invited.user.has_usable_password()
    assert invited.path is not None
    assert invited.path.startswith("/account/password/reset/key/")
    assert queries.actor_of(invited.user, at=AT).hubs == {cast.leipzig.pk}


def test_it_gives_a_known_address_one_more_role(cast: Cast) -> None:
    cast.user("ines").memberships.all()
    before = User.objects.count()

    invited = people.invite(
        email=cast.user("ines").email.upper(),
        name="Ines",
        organization=cast.operator,
        role=Role.PACKER,
        hub=cast.rotterdam,
        by=cast.admin,
        at=AT,
    )

    assert User.objects.count() == before
    assert {one.role for one in invited.user.memberships.all()} == {Role.WAREHOUSE, Role.PACKER}


def test_it_names_everything_that_is_wrong_with_an_invitation(cast: Cast) -> None:
    with pytest.raises(people.UnableToInvite) as refusal:
        people.invite(
            email="nobody",
            name=" ",
            organization=cast.vega,
            role=Role.MANAGER,
            hub=cast.rotterdam,
            until=(AT - timedelta(days=1)).date(),
            language="nl",
            by=cast.admin,
            at=AT,
        )

    assert {reason.field for reason in refusal.value.reasons} == {"email", "name", "role", "hub", "until", "language"}
    assert not AccessChange.objects.exists()


def test_it_lets_an_auditor_in_only_until_a_day(cast: Cast) -> None:
    with pytest.raises(people.UnableToInvite, match="let in until a date"):
        people.invite(
            email="a@example.org", name="A", organization=cast.operator, role=Role.AUDITOR, by=cast.admin, at=AT
        )

    until = AT.date() + timedelta(days=5)
    invited = people.invite(
        email="a@example.org",
        name="A",
        organization=cast.operator,
        role=Role.AUDITOR,
        until=until,
        by=cast.admin,
        at=AT,
    )

    assert queries.actor_of(invited.user, at=AT + timedelta(days=5)).may("custody.view")
    assert not queries.actor_of(invited.user, at=AT + timedelta(days=6)).may("custody.view")


def test_it_lets_administrators_alone_invite(cast: Cast) -> None:
    for outsider in (cast.maria, cast.aisha, cast.vera, cast.noor, queries.ANONYMOUS):
        with pytest.raises(NotAllowed, match="invite people"):
            people.invite(
                email="x@example.org", name="X", organization=cast.operator, role=Role.PACKER, by=outsider, at=AT
            )


def test_it_lets_nobody_change_their_own_roles(cast: Cast) -> None:
    with pytest.raises(people.UnableToChangeRoles, match="nobody changes their own roles"):
        people.add_membership(
            user=cast.user("admin"), organization=cast.operator, role=Role.MANAGER, by=cast.admin, at=AT
        )


def test_it_gives_a_role_once_and_moves_its_end(cast: Cast) -> None:
    ines = cast.user("ines")
    until = AT.date() + timedelta(days=10)

    for end in (None, until):
        people.add_membership(user=ines, organization=cast.operator, role=Role.PACKER, until=end, by=cast.admin, at=AT)

    assert [one.until for one in ines.memberships.filter(role=Role.PACKER)] == [until]


def test_it_takes_a_role_and_leaves_a_trail(cast: Cast) -> None:
    membership = Membership.objects.get(user=cast.user("ines"))

    people.remove(membership=membership, by=cast.admin, at=AT)

    assert queries.actor_of(cast.user("ines"), at=AT).permissions == frozenset()
    change = AccessChange.objects.get()
    assert (change.act, change.by, change.subject) == (
        "role.taken",
        cast.admin.reference,
        f"user:{cast.user('ines').pk}",
    )
    assert change.detail == {"role": "warehouse", "hub": "rotterdam"}


def test_it_keeps_the_last_administrator(cast: Cast) -> None:
    invited = people.invite(
        email="second@example.org",
        name="Second",
        organization=cast.operator,
        role=Role.ADMINISTRATOR,
        by=cast.admin,
        at=AT,
    )
    second = queries.actor_of(invited.user, at=AT)
    first = Membership.objects.get(user=cast.user("admin"))

    people.remove(membership=first, by=second, at=AT)

    from revlog.accounts.actors import system

    with pytest.raises(people.UnableToChangeRoles, match="without an administrator"):
        people.remove(membership=invited.membership, by=system(), at=AT)


def test_it_keeps_a_language_that_there_is(cast: Cast) -> None:
    people.choose_language(user=cast.user("ines"), language="de")

    assert cast.user("ines").language == "de"
    with pytest.raises(BadInput):
        people.choose_language(user=cast.user("ines"), language="xx")


def test_it_offers_a_card_for_each_of_the_demo_s_people(cast: Cast) -> None:
    cards = people.demo_users()

    assert {card.role for card in cards} >= {
        Role.WAREHOUSE,
        Role.DATA_TECHNICIAN,
        Role.AUDITOR,
        Role.CLIENT_USER,
        Role.MANAGER,
    }
    assert all(card.sentence for card in cards)
    assert people.demo_user("ines") == cast.user("ines")


def test_it_offers_no_cards_where_the_install_is_not_a_demo(cast: Cast, settings: Any) -> None:
    settings.DEMO = False

    assert people.demo_users() == []
    with pytest.raises(NotFound):
        people.demo_user("ines")


def test_it_shows_people_to_their_own_and_to_the_operator(cast: Cast) -> None:
    vera = cast.user("vera")

    assert vera in User.objects.visible_to(cast.aisha)
    assert vera in User.objects.visible_to(cast.vera)
    assert vera not in User.objects.visible_to(cast.alex)
    assert not User.objects.visible_to(queries.ANONYMOUS).exists()
