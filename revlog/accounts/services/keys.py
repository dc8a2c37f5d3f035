"""API keys: made, shown once, used, rotated, revoked."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from revlog.accounts import permissions, queries
from revlog.accounts.actors import Actor
from revlog.accounts.models import ApiKey, Hub, Organization
from revlog.accounts.services import trail
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason

NOTED_EVERY = timedelta(minutes=1)


class UnableToMakeKey(BadInput):
    """The scopes or the organization can't have a key; each reason names what they can have."""


class UnableToRevoke(DomainError):
    """The key is revoked already."""


@dataclass(frozen=True)
class NewKey:
    """``plain`` is the key itself, known at this moment and never again."""

    plain: str
    key: ApiKey


def _require(by: Actor) -> None:
    if not by.may("accounts.keys"):
        raise NotAllowed(f"This needs the right to {permissions.sentence('accounts.keys')}")


def reasons_against_scopes(organization: Organization, scopes: Iterable[str]) -> list[Reason]:
    """The scopes that ``organization`` can't have, with the names of those it can."""
    grantable = sorted(permissions.grantable_scopes(is_operator=organization.is_operator))
    asked = list(scopes)
    known = f"{', '.join(grantable)}, {permissions.ALL_SCOPES}"
    if not asked:
        return [Reason("no_scope", f"A key needs at least one scope; there are {known}", "scopes")]
    wrong = [scope for scope in asked if scope != permissions.ALL_SCOPES and scope not in grantable]
    unknown = ", ".join(repr(scope) for scope in wrong if scope not in permissions.SCOPES)
    closed = ", ".join(repr(scope) for scope in wrong if scope in permissions.SCOPES)
    reasons: list[Reason] = []
    if unknown:
        reasons.append(
            Reason("unknown_scope", f"There is no scope {unknown}; {organization.code} can have {known}", "scopes")
        )
    if closed:
        reasons.append(
            Reason(
                "operator_scope", f"For the operator alone is {closed}; {organization.code} can have {known}", "scopes"
            )
        )
    return reasons


@transaction.atomic
def create(
    *,
    organization: Organization,
    scopes: Iterable[str],
    by: Actor,
    at: datetime,
    name: str = "",
    hub: Hub | None = None,
    expires_at: datetime | None = None,
) -> NewKey:
    """Make a key for ``organization``. Raises UnableToMakeKey, NotAllowed."""
    _require(by)
    asked = sorted(set(scopes))
    reasons = reasons_against_scopes(organization, asked)
    if not organization.active:
        reasons.append(Reason("inactive", f"{organization.name} is no longer active", "organization"))
    if hub is not None and hub.organization_id != organization.pk:
        reasons.append(Reason("foreign_hub", f"{hub.name} is not a site of {organization.name}", "hub"))
    if expires_at is not None and expires_at <= at:
        reasons.append(Reason("expired", "The key would end before it begins", "expires_at"))
    if reasons:
        raise UnableToMakeKey(reasons)
    plain = f"rl_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        id=ids.new(at),
        organization=organization,
        name=name.strip()[:100],
        digest=queries.digest(plain),
        hint=plain[-4:],
        scopes=[permissions.ALL_SCOPES] if permissions.ALL_SCOPES in asked else asked,
        hub=hub,
        expires_at=expires_at,
        created_at=at,
    )
    trail.note(act="key.created", organization=organization, subject=f"key:{key.pk}", by=by, at=at, scopes=key.scopes)
    return NewKey(plain, key)


def authenticate(text: str, at: datetime) -> Actor | None:
    """Whose key ``text`` is, or None: malformed, unknown, revoked, ended, or of an organization that is no longer active."""
    if not queries.KEY_SHAPE.match(text):
        return None
    key = queries.live_key(text, at)
    if key is None:
        return None
    if key.last_used_at is None or key.last_used_at <= at - NOTED_EVERY:
        ApiKey.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=at), pk=key.pk).update(last_used_at=at)
    return queries.actor_of_key(key)


@transaction.atomic
def revoke(*, key: ApiKey, by: Actor, at: datetime) -> ApiKey:
    """End ``key`` at once. Raises UnableToRevoke, NotAllowed."""
    _require(by)
    locked = ApiKey.objects.select_for_update(no_key=True).select_related(None).get(pk=key.pk)
    if locked.revoked_at is not None:
        raise UnableToRevoke(f"The key …{locked.hint} was revoked on {locked.revoked_at:%Y-%m-%d}")
    locked.revoked_at = at
    locked.save(update_fields=["revoked_at"])
    trail.note(act="key.revoked", organization=locked.organization, subject=f"key:{locked.pk}", by=by, at=at)
    return locked


@transaction.atomic
def rotate(*, key: ApiKey, by: Actor, at: datetime, overlap: timedelta = timedelta(0)) -> NewKey:
    """Make a key like ``key``, which ends after ``overlap``, so that a partner can change over without a gap.

    Raises UnableToRevoke when the old one no longer works, UnableToMakeKey, NotAllowed.
    """
    _require(by)
    old = ApiKey.objects.select_for_update(no_key=True, of=("self",)).select_related("organization").get(pk=key.pk)
    if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= at):
        raise UnableToRevoke(f"The key …{old.hint} no longer works; make a new one")
    new = create(organization=old.organization, scopes=old.scopes, by=by, at=at, name=old.name, hub=old.hub)
    end = at + overlap
    if not overlap:
        old.revoked_at = at
    old.expires_at = min(old.expires_at, end) if old.expires_at else end
    old.save(update_fields=["expires_at", "revoked_at"])
    trail.note(
        act="key.rotated", organization=old.organization, subject=f"key:{old.pk}", by=by, at=at, into=str(new.key.pk)
    )
    return new
