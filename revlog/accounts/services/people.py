"""People: invited, given roles, relieved of them. Sign-up is closed, so every account begins here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from revlog.accounts import permissions, separations, stable
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Membership, Organization, Role, User
from revlog.accounts.services import trail
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, NotFound, Reason


class UnableToInvite(BadInput):
    """The address, the role or the place is wrong; each reason names its field."""


class UnableToChangeRoles(DomainError):
    """The role can't be given or taken."""


@dataclass(frozen=True)
class Invitation:
    """``path`` is the page where the person chooses a password; None when they have one already."""

    user: User
    membership: Membership
    path: str | None


def _require(by: Actor, permission: str = "accounts.manage") -> None:
    if not by.may(permission):
        raise NotAllowed(f"This needs the right to {permissions.sentence(permission)}")


def roles_for(organization: Organization) -> list[Role]:
    """The roles that people of ``organization`` can have."""
    side = permissions.INSIDE_ROLES if organization.is_operator else permissions.OUTSIDE_ROLES
    return [role for role in Role if role in side or role in permissions.EITHER_ROLES]


def reasons_against_role(
    *, organization: Organization, role: str, hub: Hub | None, until: date | None, at: datetime
) -> list[Reason]:
    """Why nobody can have ``role`` there."""
    reasons: list[Reason] = []
    if role not in Role.values:
        reasons.append(Reason("unknown_role", f"There is no role {role!r}", "role"))
    elif Role(role) not in roles_for(organization):
        reasons.append(Reason("foreign_role", f"People of {organization.name} can't be {Role(role).label}", "role"))
    if hub is not None and hub.organization_id != organization.pk:
        reasons.append(Reason("foreign_hub", f"{hub.name} is not a site of {organization.name}", "hub"))
    if role == Role.AUDITOR and until is None:
        reasons.append(Reason("no_end", "An external auditor is let in until a date; name it", "until"))
    if until is not None and until < at.date():
        reasons.append(Reason("past", "That day has passed", "until"))
    return reasons


def password_path(user: User) -> str:
    """The page where ``user`` chooses a password; it works once and until PASSWORD_RESET_TIMEOUT has passed."""
    key = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})


@transaction.atomic
def invite(
    *,
    email: str,
    name: str,
    organization: Organization,
    role: str,
    by: Actor,
    at: datetime,
    hub: Hub | None = None,
    until: date | None = None,
    language: str = "en",
) -> Invitation:
    """Let a person in: a new one is made with no password and a page to choose one; a known address gets the role added.

    Raises UnableToInvite with every reason, NotAllowed.
    """
    _require(by)
    address = email.strip().lower()
    reasons = reasons_against_role(organization=organization, role=role, hub=hub, until=until, at=at)
    try:
        validate_email(address)
    except ValidationError:
        reasons.append(Reason("email", f"{email.strip()!r} is not an e-mail address", "email"))
    if not name.strip():
        reasons.append(Reason("name", "The person needs a name", "name"))
    if language not in dict(settings.LANGUAGES):
        reasons.append(Reason("language", f"There is no language {language!r}", "language"))
    if reasons:
        raise UnableToInvite(reasons)
    user = User.objects.filter(email=address).first()
    if user is None:
        user = User.objects.create_user(
            address, id=ids.new(at), name=name.strip()[:200], language=language, created_at=at
        )
    elif not user.is_active:
        raise UnableToInvite(Reason("inactive", f"{address} belongs to a person who was shut out", "email"))
    membership = add_membership(user=user, organization=organization, role=role, hub=hub, until=until, by=by, at=at)
    return Invitation(user, membership, None if user.has_usable_password() else password_path(user))


@transaction.atomic
def add_membership(
    *,
    user: User,
    organization: Organization,
    role: str,
    by: Actor,
    at: datetime,
    hub: Hub | None = None,
    until: date | None = None,
) -> Membership:
    """Give ``user`` a role at ``hub``, or at all hubs. The same role again only moves its end. Raises UnableToChangeRoles, NotAllowed."""
    _require(by)
    reasons = separations.reasons_against("access_grant", doer=[user.pk], by=by)
    reasons += reasons_against_role(organization=organization, role=role, hub=hub, until=until, at=at)
    if reasons:
        raise UnableToChangeRoles(reasons)
    membership, _new = Membership.objects.update_or_create(
        user=user,
        organization=organization,
        hub=hub,
        role=role,
        defaults={"until": until},
        create_defaults={"until": until, "created_at": at},
    )
    trail.note(
        act="role.given",
        organization=organization,
        subject=f"user:{user.pk}",
        by=by,
        at=at,
        role=role,
        hub=hub.code if hub else None,
        until=until.isoformat() if until else None,
    )
    return membership


@transaction.atomic
def remove(*, membership: Membership, by: Actor, at: datetime) -> None:
    """Take a role from its holder. The last administrator's stays. Raises UnableToChangeRoles, NotAllowed."""
    _require(by)
    organization = Organization.objects.select_for_update(no_key=True).get(pk=membership.organization_id)
    reasons = separations.reasons_against("access_grant", doer=[membership.user_id], by=by)
    if membership.role == Role.ADMINISTRATOR:
        others = Membership.objects.filter(organization=organization, role=Role.ADMINISTRATOR, user__is_active=True)
        if not others.exclude(pk=membership.pk).exists():
            reasons.append(Reason("last_administrator", f"{organization.name} would be left without an administrator"))
    if reasons:
        raise UnableToChangeRoles(reasons)
    trail.note(
        act="role.taken",
        organization=organization,
        subject=f"user:{membership.user_id}",
        by=by,
        at=at,
        role=membership.role,
        hub=membership.hub.code if membership.hub else None,
    )
    membership.delete()


@transaction.atomic
def choose_language(*, user: User, language: str) -> User:
    """Keep the language in which ``user`` reads. An unknown one is BadInput."""
    if language not in dict(settings.LANGUAGES):
        raise BadInput(Reason("language", f"There is no language {language!r}", "language"))
    user.language = language
    user.save(update_fields=["language"])
    return user


@dataclass(frozen=True)
class DemoPerson:
    """A card on the demo's welcome page: who, as what, and what they could do first."""

    code: str
    user: User
    role: Role
    organization: str
    sentence: str
    badge: str


def demo_users() -> list[DemoPerson]:
    """The people of the demo in the order of a unit's journey; none where the install is not a demo."""
    if not settings.DEMO:
        return []
    users = User.objects.select_related("badge").in_bulk([person.id for person in stable.PEOPLE])
    return [
        DemoPerson(
            code=person.code,
            user=user,
            role=person.role,
            organization=stable.organization_names()[person.organization],
            sentence=str(person.sentence),
            badge=user.badge.code if hasattr(user, "badge") else "",
        )
        for person in stable.PEOPLE
        if (user := users.get(person.id)) is not None and user.is_active
    ]


def demo_user(code: str) -> User:
    """The demo's person named ``code`` (as ``ines``). NotFound for others, and wherever the install is not a demo."""
    for person in stable.PEOPLE if settings.DEMO else ():
        if person.code == code:
            found = User.objects.filter(pk=person.id, is_active=True).first()
            if found is not None:
                return found
    raise NotFound("There is no such person in the demo")
