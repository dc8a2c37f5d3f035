"""API keys: shown once, kept as a digest, ended at once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from revlog.accounts import queries
from revlog.accounts.actors import ActorKind, system
from revlog.accounts.models import AccessChange, ApiKey, Organization
from revlog.accounts.services import keys
from revlog.common.errors import NotAllowed
from tests.cast import AT, Cast


def test_it_makes_a_key_of_256_bits_and_keeps_its_digest_alone(cast: Cast) -> None:
    made = keys.create(organization=cast.vega, scopes=["devices:read"], by=cast.admin, at=AT)

    assert re.fullmatch(r"rl_[A-Za-z0-9_-]{43}", made.plain)
    kept = ApiKey.objects.get(pk=made.key.pk)
    assert kept.digest == queries.digest(made.plain)
    assert made.plain not in str(ApiKey.objects.filter(pk=kept.pk).values())
    assert kept.hint == made.plain[-4:]


def test_it_knows_the_actor_of_a_key(cast: Cast) -> None:
    made = keys.create(organization=cast.vega, scopes=["devices:read", "rmas:write"], by=cast.admin, at=AT)

    actor = keys.authenticate(made.plain, AT)

    assert actor is not None
    assert (actor.kind, actor.id, actor.organization_id) == (ActorKind.KEY, made.key.pk, cast.vega.pk)
    assert not actor.is_operator
    assert actor.may("devices:read")
    assert actor.may("devices.view")
    assert actor.may("rmas:write")
    assert not actor.may("orders:read")
    assert actor.person_id is None


def test_it_reaches_all_hubs_of_the_operator_or_the_one_it_is_bound_to(cast: Cast) -> None:
    wide = keys.create(organization=cast.operator, scopes=["all"], by=cast.admin, at=AT)
    narrow = keys.create(organization=cast.operator, scopes=["all"], by=cast.admin, at=AT, hub=cast.leipzig)

    wide_actor, narrow_actor = keys.authenticate(wide.plain, AT), keys.authenticate(narrow.plain, AT)

    assert wide_actor is not None
    assert narrow_actor is not None
    assert wide_actor.hubs == {cast.rotterdam.pk, cast.leipzig.pk}
    assert narrow_actor.hubs == {cast.leipzig.pk}
    assert wide_actor.may("moves:write")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rl_",
        "rl_short",
        "xx_" + "a" * 43,
        "rl_" + "a" * 43,
        "rl_" + "a" * 44,
        "rl_" + "é" * 43,
        "rl_" + "a" * 43 + "\n",
    ],
)
def test_it_knows_nobody_by_a_text_that_is_no_key(cast: Cast, text: str) -> None:
    assert keys.authenticate(text, AT) is None


def test_it_ends_a_revoked_key_at_once(cast: Cast) -> None:
    made = keys.create(organization=cast.vega, scopes=["all"], by=cast.admin, at=AT)

    keys.revoke(key=made.key, by=cast.admin, at=AT)

    assert keys.authenticate(made.plain, AT) is None
    with pytest.raises(keys.UnableToRevoke, match="was revoked on 2026-03-02"):
        keys.revoke(key=made.key, by=cast.admin, at=AT)


def test_it_ends_a_key_at_its_last_instant(cast: Cast) -> None:
    made = keys.create(organization=cast.vega, scopes=["all"], by=cast.admin, at=AT, expires_at=AT + timedelta(days=1))

    assert keys.authenticate(made.plain, AT + timedelta(hours=23)) is not None
    assert keys.authenticate(made.plain, AT + timedelta(days=1)) is None


def test_it_ends_the_keys_of_an_organization_that_is_no_longer_active(cast: Cast) -> None:
    made = keys.create(organization=cast.vega, scopes=["all"], by=cast.admin, at=AT)

    Organization.objects.filter(pk=cast.vega.pk).update(active=False)

    assert keys.authenticate(made.plain, AT) is None


def test_it_lets_both_keys_work_while_they_overlap(cast: Cast) -> None:
    old = keys.create(organization=cast.vega, scopes=["devices:read"], name="ERP", by=cast.admin, at=AT)

    new = keys.rotate(key=old.key, by=cast.admin, at=AT, overlap=timedelta(days=7))

    assert (new.key.name, new.key.scopes) == ("ERP", ["devices:read"])
    assert keys.authenticate(old.plain, AT + timedelta(days=6)) is not None
    assert keys.authenticate(old.plain, AT + timedelta(days=7)) is None
    assert keys.authenticate(new.plain, AT + timedelta(days=7)) is not None


def test_it_ends_the_old_key_at_once_without_an_overlap_and_refuses_to_rotate_it_again(cast: Cast) -> None:
    old = keys.create(organization=cast.vega, scopes=["devices:read"], by=cast.admin, at=AT)

    keys.rotate(key=old.key, by=cast.admin, at=AT)

    assert keys.authenticate(old.plain, AT) is None
    with pytest.raises(keys.UnableToRevoke, match="no longer works"):
        keys.rotate(key=old.key, by=cast.admin, at=AT)


def test_it_names_every_scope_that_is_wrong_and_those_that_are_right(cast: Cast) -> None:
    with pytest.raises(keys.UnableToMakeKey) as refusal:
        keys.create(organization=cast.vega, scopes=["device:read", "moves:write", "rmas:read"], by=cast.admin, at=AT)

    assert [reason.code for reason in refusal.value.reasons] == ["unknown_scope", "operator_scope"]
    assert "'device:read'" in refusal.value.sentence
    assert "devices:read" in refusal.value.sentence
    assert not ApiKey.objects.exists()


def test_it_refuses_a_key_without_scopes_or_for_a_foreign_hub_or_already_over(cast: Cast) -> None:
    with pytest.raises(keys.UnableToMakeKey) as refusal:
        keys.create(organization=cast.vega, scopes=[], hub=cast.leipzig, expires_at=AT, by=cast.admin, at=AT)

    assert [reason.code for reason in refusal.value.reasons] == ["no_scope", "foreign_hub", "expired"]


def test_it_lets_only_those_with_the_right_make_and_revoke_keys(cast: Cast) -> None:
    made = keys.create(organization=cast.vega, scopes=["all"], by=system("command"), at=AT)

    for act in (
        lambda: keys.create(organization=cast.vega, scopes=["all"], by=cast.maria, at=AT),
        lambda: keys.revoke(key=made.key, by=cast.vera, at=AT),
        lambda: keys.rotate(key=made.key, by=cast.aisha, at=AT),
    ):
        with pytest.raises(NotAllowed, match="make and revoke API keys"):
            act()
    assert keys.authenticate(made.plain, AT) is not None


def test_it_notes_when_a_key_was_used_to_the_minute(cast: Cast) -> None:
    made = keys.create(organization=cast.vega, scopes=["all"], by=cast.admin, at=AT)

    for seconds in (0, 30, 90):
        keys.authenticate(made.plain, AT + timedelta(seconds=seconds))
    used = ApiKey.objects.get(pk=made.key.pk).last_used_at

    assert used == AT + timedelta(seconds=90)
    keys.authenticate(made.plain, AT + timedelta(seconds=100))
    assert ApiKey.objects.get(pk=made.key.pk).last_used_at == used


def test_it_leaves_a_trail_of_keys_without_their_secrets(cast: Cast) -> None:
    made = keys.create(organization=cast.vega, scopes=["all"], by=cast.admin, at=AT)
    keys.revoke(key=made.key, by=cast.admin, at=AT)

    trail = list(AccessChange.objects.order_by("pk").values("act", "by", "subject"))

    assert trail == [
        {"act": act, "by": cast.admin.reference, "subject": f"key:{made.key.pk}"}
        for act in ("key.created", "key.revoked")
    ]
    assert made.plain not in str(list(AccessChange.objects.values()))


def test_it_shows_keys_to_their_own_organization_and_the_operator(cast: Cast) -> None:
    made = keys.create(organization=cast.vega, scopes=["all"], by=cast.admin, at=AT)

    assert made.key in ApiKey.objects.visible_to(cast.vera)
    assert made.key in ApiKey.objects.visible_to(cast.admin)
    assert made.key not in ApiKey.objects.visible_to(cast.alex)
    assert made.key not in ApiKey.objects.visible_to(queries.ANONYMOUS)
