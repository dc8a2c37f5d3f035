"""Questions about people: who acts in this session or by this key, where they may work, whom to show."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils import formats
from django.utils.translation import gettext as _

from revlog.accounts import permissions
from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import (
    ApiKey,
    Badge,
    Engagement,
    Hub,
    Membership,
    Organization,
    OrganizationKind,
    Station,
    User,
)
from revlog.common.prepared import Prepared

KEY_SHAPE = re.compile(r"\Arl_[A-Za-z0-9_-]{43}\Z")
ANONYMOUS = Actor(kind=ActorKind.GUEST, id="nobody", name="")


def digest(secret: str) -> str:
    """SHA-256 of a secret of 256 random bits; such a one needs no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class Place:
    """One of the places a person can choose to work in: an organization and, where it has any, a hub."""

    organization: Organization
    hub: Hub | None

    @property
    def value(self) -> str:
        """What the switch posts: ``<organization uuid>`` or ``<organization uuid>/<hub uuid>``."""
        return f"{self.organization.pk}/{self.hub.pk}" if self.hub else str(self.organization.pk)


def _in_force(membership: Membership, at: datetime) -> bool:
    if not membership.organization.active:
        return False
    if membership.until is None:
        return True
    # "Until Friday" ends with Friday at the hub.
    today = membership.hub.calendar.local(at).date() if membership.hub else at.astimezone(UTC).date()
    return today <= membership.until


def memberships_of(user: User, *, at: datetime) -> list[Membership]:
    """The memberships of ``user`` that are in force at ``at``; none for a person who is no longer active."""
    if not user.is_active:
        return []
    rows = (
        Membership.objects.filter(user=user)
        .select_related("organization", "hub")
        .order_by("organization__name", "role")
    )
    return [row for row in rows if _in_force(row, at)]


def _hubs_of(organizations: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Hub]]:
    found: dict[uuid.UUID, list[Hub]] = {}
    # A session starts at the first: a hub that may take any unit, data or not.
    for hub in Hub.objects.filter(organization__in=organizations, active=True).order_by("-secured", "name"):
        found.setdefault(hub.organization_id, []).append(hub)
    return found


def _held(memberships: Iterable[Membership], hub: Hub | None) -> frozenset[str]:
    """The union of the roles that count at ``hub`` (None: where an organization has no hub, or none is chosen)."""
    held: frozenset[str] = frozenset()
    for membership in memberships:
        if membership.hub_id is None or (hub is not None and membership.hub_id == hub.pk):
            held |= permissions.role_permissions(membership.role, is_operator=membership.organization.is_operator)
    return held


def places_of(user: User, *, at: datetime) -> list[Place]:
    """Where ``user`` may work, by organization, then secured hubs first; the first is where a session starts."""
    return _places(memberships_of(user, at=at))


def _places(memberships: Sequence[Membership]) -> list[Place]:
    organizations = {membership.organization_id: membership.organization for membership in memberships}
    hubs = _hubs_of(organizations)
    places: list[Place] = []
    for key, organization in organizations.items():
        mine = [membership for membership in memberships if membership.organization_id == key]
        everywhere = any(membership.hub_id is None for membership in mine)
        own = {membership.hub_id for membership in mine}
        here = [Place(organization, hub) for hub in hubs.get(key, []) if everywhere or hub.pk in own]
        places.extend(here or [Place(organization, None)])
    return places


@dataclass(frozen=True)
class Standing:
    """A person in a session: the actor that verbs are told, the place where they are, and the places they could switch to."""

    actor: Actor
    place: Place | None
    places: Sequence[Place]


def standing_of(
    user: User,
    *,
    at: datetime,
    organization: uuid.UUID | None = None,
    hub: uuid.UUID | None = None,
    station: Station | None = None,
) -> Standing:
    """``user`` at a place: the chosen one where it is theirs, else their first. At a station its hub is the place.

    The actor's ``hubs`` are those where they may do all that they may do here: a lead at one hub who is a packer at another doesn't
    reach over.
    """
    memberships = memberships_of(user, at=at)
    places = _places(memberships)
    if station is not None:
        places = [place for place in places if place.hub is not None and place.hub.pk == station.hub_id]
    if not places:
        return Standing(Actor(kind=ActorKind.USER, id=user.pk, name=user.name), None, ())
    chosen = next(
        (
            place
            for place in places
            if place.organization.pk == organization
            and (hub is None or (place.hub is not None and place.hub.pk == hub))
        ),
        places[0],
    )
    mine = [row for row in memberships if row.organization_id == chosen.organization.pk]
    held = _held(mine, chosen.hub)
    reach = frozenset(
        place.hub.pk
        for place in places
        if place.hub is not None and place.organization.pk == chosen.organization.pk and held <= _held(mine, place.hub)
    )
    if station is not None:
        held -= permissions.NEVER_AT_A_STATION
    actor = Actor(
        kind=ActorKind.USER,
        id=user.pk,
        organization_id=chosen.organization.pk,
        is_operator=chosen.organization.is_operator,
        hub_id=chosen.hub.pk if chosen.hub else None,
        hubs=reach,
        permissions=permissions.with_scopes(held),
        works_for=works_for(chosen.organization),
        name=user.name,
    )
    return Standing(actor, chosen, places)


def works_for(organization: Organization) -> frozenset[uuid.UUID]:
    """Whose customers the people of ``organization`` serve besides its own; asked of service providers alone."""
    if organization.kind != OrganizationKind.PROVIDER:
        return frozenset()
    rows = Engagement.objects.standing().filter(provider=organization)
    return frozenset(rows.values_list("client_id", flat=True))


def organization_name(code: str) -> str | None:
    return Organization.objects.filter(code=code).values_list("name", flat=True).first()


def hub_name(code: str) -> str | None:
    return Hub.objects.filter(code=code).values_list("name", flat=True).first()


def actor_of(user: User, *, at: datetime, hub: uuid.UUID | None = None, organization: uuid.UUID | None = None) -> Actor:
    """``user`` as they act at a place; the shape that verbs take as ``by=``."""
    if hub is not None and organization is None:
        organization = Hub.objects.filter(pk=hub).values_list("organization_id", flat=True).first()
    return standing_of(user, at=at, organization=organization, hub=hub).actor


_KEY = [field.attname for field in ApiKey._meta.concrete_fields]
_ORGANIZATION = [field.attname for field in Organization._meta.concrete_fields]
_COLUMNS = ", ".join(
    f'{letter}."{field.column}"'
    for letter, model in (("k", ApiKey), ("o", Organization))
    for field in model._meta.concrete_fields
)
LIVE_KEY = Prepared(
    f"SELECT {_COLUMNS}, "  # noqa: S608 - names of our own columns
    "ARRAY(SELECT h.id FROM accounts_hub h WHERE h.organization_id = k.organization_id AND h.active) "
    "FROM accounts_apikey k JOIN accounts_organization o ON o.id = k.organization_id "
    "WHERE k.digest = %(digest)s AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > %(at)s) AND o.active",
    takes={"digest": "text", "at": "timestamptz"},
)


def live_key(text: str, at: datetime) -> ApiKey | None:
    """The key that ``text`` is while it works, with its organization and the ids of the hubs that one has.

    Every request by key begins with this, so it is one statement, and written out: to build it anew took longer than to ask it.
    """
    found = LIVE_KEY.rows(digest=digest(text), at=at)
    if not found:
        return None
    row = found[0]
    key = ApiKey.from_db("default", _KEY, row[: len(_KEY)])
    key.scopes = json.loads(row[_KEY.index("scopes")])
    key.organization = Organization.from_db("default", _ORGANIZATION, row[len(_KEY) : -1])
    key.hub_ids = row[-1]
    return key


def actor_of_key(key: ApiKey) -> Actor:
    """``key`` as it acts; one bound to a hub reaches that hub alone."""
    organization = key.organization
    if key.hub_id is not None:
        hubs = frozenset({key.hub_id})
    elif key.hub_ids is not None:
        hubs = frozenset(key.hub_ids)
    else:
        hubs = frozenset(hub.pk for hub in _hubs_of([organization.pk]).get(organization.pk, []))
    return Actor(
        kind=ActorKind.KEY,
        id=key.pk,
        organization_id=organization.pk,
        is_operator=organization.is_operator,
        hub_id=key.hub_id,
        hubs=hubs,
        permissions=permissions.key_permissions(key.scopes, is_operator=organization.is_operator),
        works_for=works_for(organization),
        name=key.name or str(key),
    )


def guest(scope: Iterable[str]) -> Actor:
    """A person known by a signed link alone; ``scope`` names the things that it opens, such as ``rma:<uuid>``.

    The reference is a digest of the scope, so that a chain tells two guests apart without knowing either.
    """
    things = frozenset(scope)
    if not things:
        return ANONYMOUS
    return Actor(kind=ActorKind.GUEST, id=digest("\n".join(sorted(things)))[:32], scope=things, name="guest")


def organization(code: str) -> Organization | None:
    return Organization.objects.filter(code=code).first()


def operator() -> Organization | None:
    """The company that runs this install."""
    return Organization.objects.filter(kind=OrganizationKind.OPERATOR).order_by("created_at").first()


def names_of(references: Iterable[str]) -> dict[str, str]:
    """Actor references to the names shown on pages; what no person did, the platform did. Whoever is erased or unknown is left out."""
    ids: dict[str, list[uuid.UUID]] = {ActorKind.USER: [], ActorKind.KEY: []}
    names: dict[str, str] = {}
    for reference in references:
        kind, _sep, text = reference.partition(":")
        if kind == ActorKind.SYSTEM:
            names[reference] = _("Revlog")
        if kind in ids:
            try:
                ids[kind].append(uuid.UUID(text))
            except ValueError:
                continue
    for pk, name in User.objects.filter(pk__in=ids[ActorKind.USER]).values_list("pk", "name"):
        names[f"user:{pk}"] = name
    for key in ApiKey.objects.filter(pk__in=ids[ActorKind.KEY]).select_related("organization"):
        names[f"key:{key.pk}"] = key.name or str(key)
    return names


def who(reference: str) -> str:
    """The name behind an actor reference, as people at work may read it."""
    return names_of([reference]).get(reference) or _("somebody")


def moment(at: datetime, hub: Hub | None) -> str:
    """An instant as people at the hub say it; in UTC where there is none."""
    local = hub.calendar.local(at) if hub is not None else at.astimezone(UTC)
    return formats.date_format(local.replace(tzinfo=None), "j M, H:i")


def badge_of(user: User) -> Badge | None:
    return Badge.objects.filter(user=user).first()


def station_by_secret(secret: str) -> Station | None:
    """The station whose secret this is, while it is active."""
    return (
        Station.objects.select_related("hub", "hub__organization")
        .filter(secret_digest=digest(secret), active=True)
        .first()
    )
