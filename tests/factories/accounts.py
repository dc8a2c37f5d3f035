"""Organizations, hubs, people and their roles, for tests that need more of them than the cast has."""

from __future__ import annotations

from datetime import UTC, datetime

import factory

from revlog.accounts.models import Badge, Hub, Membership, Organization, OrganizationKind, Role, User

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class OrganizationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organization

    code = factory.Sequence(lambda n: f"organization-{n}")
    name = factory.Faker("company")
    kind = OrganizationKind.CLIENT
    country = "DE"
    created_at = AT


class HubFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Hub

    organization = factory.SubFactory(OrganizationFactory, kind=OrganizationKind.OPERATOR)
    code = factory.Sequence(lambda n: f"hub-{n}")
    name = factory.Faker("city")
    zone = "Europe/Berlin"
    country = "DE"
    secured = True
    created_at = AT


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person-{n}@example.invalid")
    name = factory.Faker("name")
    password = "!"
    created_at = AT


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organization = factory.SubFactory(OrganizationFactory, kind=OrganizationKind.OPERATOR)
    role = Role.WAREHOUSE
    created_at = AT


class BadgeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Badge

    user = factory.SubFactory(UserFactory)
    code = factory.Sequence(lambda n: f"BD-TEST-{n}")
    pin = "!"
