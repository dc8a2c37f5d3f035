"""Who of the people of one's sites can be handed a piece of work."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from revlog.accounts.actors import Actor
from revlog.accounts.models import Membership, OrganizationKind, User
from revlog.accounts.roles import ROLES
from revlog.common import clock


def able(actor: Actor, permission: str) -> QuerySet[User]:
    """Those who have the right at a site where the actor works; whoever works everywhere can hand to all."""
    roles = [role for role, permissions in ROLES.items() if permission in permissions]
    rows = Membership.objects.in_force(clock.now().date()).filter(
        organization__kind=OrganizationKind.OPERATOR, role__in=roles
    )
    if actor.hubs:
        rows = rows.filter(Q(hub__in=actor.hubs) | Q(hub=None))
    return User.objects.filter(is_active=True, pk__in=rows.values("user")).order_by("name")
