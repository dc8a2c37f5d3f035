"""The secret address at which a person's calendar program reads what falls due: made, replaced, revoked."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from returns.models import CalendarFeed
from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Organization, User
from revlog.accounts.queries import actor_of, digest
from revlog.accounts.services import trail
from revlog.common import ids
from revlog.common.errors import NotAllowed, Reason


def _own(by: Actor) -> User:
    """The person, locked: two clicks at once make one address."""
    if by.kind != ActorKind.USER or not by.may("returns.view"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to look at returns.")))
    return User.objects.select_for_update(no_key=True).get(pk=by.id)


@transaction.atomic
def make(*, by: Actor, at: datetime) -> str:
    """A new address; the one before ends. Gives the secret, which is kept nowhere."""
    user = _own(by)
    CalendarFeed.objects.filter(user=user, revoked_at=None).update(revoked_at=at)
    secret = secrets.token_urlsafe(32)
    CalendarFeed.objects.create(id=ids.new(at), user=user, digest=digest(secret), made_at=at)
    _note("calendar.made", user, by=by, at=at)
    return secret


@transaction.atomic
def revoke(*, by: Actor, at: datetime) -> None:
    """From now on nobody reads it. Said again, nothing happens."""
    user = _own(by)
    if CalendarFeed.objects.filter(user=user, revoked_at=None).update(revoked_at=at):
        _note("calendar.revoked", user, by=by, at=at)


def _note(act: str, user: User, *, by: Actor, at: datetime) -> None:
    trail.note(
        act=act,
        organization=Organization.objects.get(pk=str(by.organization_id)),
        subject=f"user:{user.pk}",
        by=by,
        at=at,
    )


def standing(by: Actor) -> CalendarFeed | None:
    """The address that this person has, if any."""
    return CalendarFeed.objects.filter(user_id=by.id, revoked_at=None).first() if by.kind == ActorKind.USER else None


def reader(secret: str, *, at: datetime) -> tuple[User, Actor] | None:
    """Whose calendar it is, as they may act today; None for an address that isn't one, was revoked, or whose person left."""
    row = (
        CalendarFeed.objects.filter(digest=digest(secret), revoked_at=None, user__is_active=True)
        .select_related("user")
        .first()
    )
    if row is None:
        return None
    actor = actor_of(row.user, at=at)
    return (row.user, actor) if actor.may("returns.view") else None
