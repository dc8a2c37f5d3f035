"""`prepare`, `create_api_key` and `access_table`, as scripts call them."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from revlog.accounts import stable
from revlog.accounts.models import ApiKey, Badge, Hub, Membership, Organization, OrganizationKind, User
from revlog.accounts.services import keys, preparing
from tests.cast import AT


def run(*arguments: str, **options: object) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def _prepared(db: None) -> None:
    preparing.prepare(at=AT, demo=False)


def test_it_adds_the_stable_organizations_and_hubs_under_ids_that_never_change(db: None, settings: Any) -> None:
    settings.DEMO = False

    assert run("prepare") == "Added 9 organizations, 2 hubs and 0 people.\n"

    assert str(Organization.objects.get(code="operator").pk) == "2b5e19b0-369f-55bc-bb74-0d927a3af061"
    assert set(Organization.objects.values_list("kind", flat=True)) == set(OrganizationKind.values)
    rotterdam, leipzig = Hub.objects.get(code="rotterdam"), Hub.objects.get(code="leipzig")
    assert (rotterdam.zone, rotterdam.country, rotterdam.secured) == ("Europe/Amsterdam", "NL", True)
    assert (leipzig.zone, leipzig.country) == ("Europe/Berlin", "DE")


def test_it_says_nothing_and_asks_little_when_all_is_there(db: None, django_assert_max_num_queries: Any) -> None:
    run("prepare")

    with django_assert_max_num_queries(5):
        assert run("prepare") == ""


def test_it_keeps_what_somebody_changed(_prepared: None) -> None:
    Hub.objects.filter(code="leipzig").update(name="Halle", zone="Europe/Paris")

    preparing.prepare(at=AT + timedelta(days=1), demo=True)

    assert (Hub.objects.get(code="leipzig").name, Hub.objects.get(code="leipzig").zone) == ("Halle", "Europe/Paris")
    assert Organization.objects.get(code="operator").created_at == AT


def test_it_takes_an_organization_of_the_code_as_the_one(db: None) -> None:
    own = Organization.objects.create(code="operator", name="Own Ltd", kind="operator", created_at=AT)

    preparing.prepare(at=AT, demo=True)

    assert Organization.objects.get(code="operator") == own
    assert Hub.objects.get(code="rotterdam").organization == own
    assert Membership.objects.filter(organization=own).exists()


def test_it_lets_no_demo_person_in_by_password_unless_one_is_given(db: None) -> None:
    preparing.prepare(at=AT, demo=True)
    assert not any(user.has_usable_password() for user in User.objects.all())

    User.objects.all().delete()
    preparing.prepare(at=AT, demo=True, password="correct horse")
    assert User.objects.get(pk=stable.stable_id("user", "ines")).check_password("correct horse")


def test_it_gives_badges_that_are_well_formed_and_each_their_own(db: None) -> None:
    preparing.prepare(at=AT, demo=True)

    codes = list(Badge.objects.values_list("code", flat=True))

    assert len(codes) == len(set(codes)) == sum(person.has_badge for person in stable.PEOPLE)
    from revlog.common import ids

    assert all(ids.normal(code, "BD") == code for code in codes)


def test_it_prints_the_key_alone(_prepared: None) -> None:
    printed = run("create_api_key", "--organization", "demo", "--scopes", "devices:read, rmas:read")

    actor = keys.authenticate(printed.strip(), AT + timedelta(days=9999))
    assert printed == printed.strip() + "\n"
    assert actor is not None
    assert actor.may("devices:read")
    assert ApiKey.objects.get().scopes == ["devices:read", "rmas:read"]


def test_it_grants_every_scope_with_all(_prepared: None) -> None:
    actor = keys.authenticate(run("create_api_key", "--organization=operator", "--scopes=all").strip(), AT)

    assert actor is not None
    assert actor.may("moves:write")
    assert actor.may("webhooks:write")


@pytest.mark.parametrize(
    ("organization", "scopes", "sentence"),
    [
        ("nobody", "all", "There is no organization 'nobody'; there are buyer, carrier, demo, operator"),
        (
            "demo",
            "devices:read,device:write",
            "There is no scope 'device:write'; demo can have batches:read, cases:read",
        ),
        ("demo", "moves:write", "For the operator alone is 'moves:write'"),
        ("demo", " , ", "A key needs at least one scope; there are "),
    ],
)
def test_it_names_what_there_is_when_asked_for_what_there_is_not(
    _prepared: None, organization: str, scopes: str, sentence: str
) -> None:
    out = io.StringIO()

    with pytest.raises(CommandError) as refusal:
        call_command("create_api_key", "--organization", organization, "--scopes", scopes, stdout=out)

    assert sentence in str(refusal.value)
    assert refusal.value.returncode == 1
    assert out.getvalue() == ""
    assert not ApiKey.objects.exists()
