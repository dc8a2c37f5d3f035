"""Who acts, where: the actor that a session or a key amounts to."""

from __future__ import annotations

from datetime import UTC, date, datetime

from revlog.accounts import permissions, queries
from revlog.accounts.actors import ActorKind, system
from revlog.accounts.models import Hub, Membership, Organization, Role
from tests.cast import AT, Cast
from tests.factories.accounts import MembershipFactory, UserFactory


def test_it_makes_an_actor_of_a_person_at_their_hub(cast: Cast) -> None:
    ines = cast.ines

    assert ines.kind == ActorKind.USER
    assert ines.is_operator
    assert (ines.organization_id, ines.hub_id, ines.hubs) == (cast.operator.pk, cast.rotterdam.pk, {cast.rotterdam.pk})
    assert ines.may("returns.receive")
    assert not ines.may("itad.sanitize")
    assert ines.reference == f"user:{cast.user('ines').pk}"


def test_it_gives_a_client_s_person_their_organization_and_no_hub(cast: Cast) -> None:
    assert not cast.vera.is_operator
    assert (cast.vera.organization_id, cast.vera.hub_id, cast.vera.hubs) == (cast.vega.pk, None, frozenset())
    assert cast.vera.may("client.units")


def test_it_reaches_every_hub_with_a_role_for_all(cast: Cast) -> None:
    assert cast.maria.hubs == {cast.rotterdam.pk, cast.leipzig.pk}


def test_it_counts_a_role_only_at_its_hub(cast: Cast) -> None:
    aisha = cast.user("aisha")
    Membership.objects.create(user=aisha, organization=cast.operator, hub=cast.leipzig, role=Role.PACKER, created_at=AT)

    in_rotterdam = queries.actor_of(aisha, at=AT, hub=cast.rotterdam.pk)
    in_leipzig = queries.actor_of(aisha, at=AT, hub=cast.leipzig.pk)

    assert in_rotterdam.may("devices.release")
    assert not in_leipzig.may("devices.release")


def test_it_does_not_reach_over_to_a_hub_where_the_person_may_do_less(cast: Cast) -> None:
    aisha = cast.user("aisha")
    Membership.objects.create(user=aisha, organization=cast.operator, hub=cast.leipzig, role=Role.PACKER, created_at=AT)

    assert queries.actor_of(aisha, at=AT, hub=cast.rotterdam.pk).hubs == {cast.rotterdam.pk}
    assert queries.actor_of(aisha, at=AT, hub=cast.leipzig.pk).hubs == {cast.rotterdam.pk, cast.leipzig.pk}


def test_it_falls_back_to_the_first_place_when_another_s_is_asked_for(cast: Cast) -> None:
    asked = queries.actor_of(cast.user("ines"), at=AT, organization=cast.vega.pk, hub=cast.leipzig.pk)

    assert (asked.organization_id, asked.hub_id) == (cast.operator.pk, cast.rotterdam.pk)


def test_it_ends_a_membership_with_its_last_day_at_the_hub(cast: Cast) -> None:
    Membership.objects.filter(user=cast.user("ines")).update(until=date(2026, 3, 2))

    # Rotterdam is an hour ahead of UTC in March: its 2 March ends at 23:00 UTC.
    assert queries.actor_of(cast.user("ines"), at=datetime(2026, 3, 2, 22, 59, tzinfo=UTC)).may("returns.receive")
    assert not queries.actor_of(cast.user("ines"), at=datetime(2026, 3, 2, 23, 0, tzinfo=UTC)).may("returns.receive")


def test_it_gives_nothing_to_somebody_shut_out_or_without_a_role_or_of_a_closed_organization(cast: Cast) -> None:
    stranger = UserFactory()
    shut_out = MembershipFactory(organization=cast.operator, user__is_active=False).user
    Organization.objects.filter(pk=cast.vega.pk).update(active=False)

    for user in (stranger, shut_out, cast.user("vera")):
        actor = queries.actor_of(user, at=AT)
        assert (actor.permissions, actor.organization_id, actor.hubs) == (frozenset(), None, frozenset())


def test_it_gives_no_effect_to_an_inside_role_at_a_client(cast: Cast) -> None:
    rogue = MembershipFactory(organization=cast.vega, role=Role.MANAGER).user

    assert queries.actor_of(rogue, at=AT).permissions == frozenset()


def test_it_takes_from_a_session_at_a_station_what_a_pin_is_too_weak_for(cast: Cast) -> None:
    station = cast.station().station

    at_station = queries.standing_of(cast.user("maria"), at=AT, station=station).actor

    assert cast.maria.may("returns.refund")
    assert not at_station.may("returns.refund")
    assert at_station.may("returns.receive")
    assert at_station.hub_id == cast.rotterdam.pk
    assert not permissions.NEVER_AT_A_STATION & at_station.permissions


def test_it_tells_guests_apart_without_naming_them() -> None:
    one, other = queries.guest(["rma:1"]), queries.guest(["rma:2"])

    assert one.reference.startswith("guest:")
    assert one.reference != other.reference
    assert "rma" not in one.reference
    assert queries.guest([]) == queries.ANONYMOUS
    assert one.permissions == frozenset()


def test_it_shows_outsiders_the_operator_and_themselves_alone(cast: Cast) -> None:
    assert set(Organization.objects.visible_to(cast.vera)) == {cast.vega, cast.operator}
    assert cast.altair in Organization.objects.visible_to(cast.aisha)
    assert not Organization.objects.visible_to(queries.ANONYMOUS).exists()
    assert set(Hub.objects.visible_to(cast.aisha)) == {cast.rotterdam}
    assert set(Hub.objects.visible_to(system())) == {cast.rotterdam, cast.leipzig}


def test_it_names_people_and_keys_by_their_references(cast: Cast) -> None:
    names = queries.names_of(
        [cast.ines.reference, "user:not-an-id", "system:rules", "key:00000000-0000-0000-0000-000000000000"]
    )

    assert names == {cast.ines.reference: "Ines Duarte", "system:rules": "Revlog"}


def test_it_calculates_with_the_hub_s_own_calendar(cast: Cast) -> None:
    assert cast.rotterdam.calendar.zone == "Europe/Amsterdam"
    assert cast.leipzig.calendar.is_holiday(date(2026, 10, 31))  # Reformation Day, kept in Saxony
    assert not cast.rotterdam.calendar.is_holiday(date(2026, 10, 31))
