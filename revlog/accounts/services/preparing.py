"""What a fresh database needs before anybody can work: the stable organizations and hubs, and the demo's people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction

from revlog.accounts import stable
from revlog.accounts.models import Badge, Engagement, Hub, Membership, Organization, Role, User

AUDITED_FOR = timedelta(days=365)


@dataclass(frozen=True)
class Prepared:
    """How many of each were missing and are there now."""

    organizations: int
    hubs: int
    people: int

    def __bool__(self) -> bool:
        return bool(self.organizations or self.hubs or self.people)


@transaction.atomic
def prepare(*, at: datetime, demo: bool, password: str = "") -> Prepared:
    """Add what is missing and change nothing that is there, so that a renamed hub keeps its name. Safe to run twice at once.

    With ``demo``, the people of the demo come too: they sign in by their cards, at stations by badge and PIN, and by ``password`` where
    one is given. The code of an organization or hub that exists under another id is taken as that one.
    """
    taken = set(
        Organization.objects.filter(code__in=[one.code for one in stable.ORGANIZATIONS]).values_list("code", flat=True)
    )
    organizations = [
        Organization(
            id=one.id,
            code=one.code,
            name=one.name,
            kind=one.kind,
            street=one.place[0] if demo else "",
            postcode=one.place[1] if demo else "",
            town=one.place[2] if demo else "",
            country=one.country,
            vat_id=one.vat_id if demo else "",
            language=one.language,
            email=one.email,
            created_at=at,
        )
        for one in stable.ORGANIZATIONS
        if one.code not in taken
    ]
    if organizations:
        Organization.objects.bulk_create(organizations, ignore_conflicts=True)
    taken = set(Hub.objects.filter(code__in=[one.code for one in stable.HUBS]).values_list("code", flat=True))
    missing = [one for one in stable.HUBS if one.code not in taken]
    if missing:
        owners = dict(
            Organization.objects.filter(code__in={one.organization for one in missing}).values_list("code", "pk")
        )
        Hub.objects.bulk_create(
            [
                Hub(
                    id=one.id,
                    organization_id=owners[one.organization],
                    code=one.code,
                    name=one.name,
                    zone=one.zone,
                    country=one.country,
                    subdivision=one.subdivision,
                    secured=one.secured,
                    address=list(one.address),
                    created_at=at,
                )
                for one in missing
            ],
            ignore_conflicts=True,
        )
    people = _people(at=at, password=password) if demo else 0
    return Prepared(len(organizations), len(missing), people)


def _people(*, at: datetime, password: str) -> int:
    known = set(User.objects.filter(pk__in=[person.id for person in stable.PEOPLE]).values_list("pk", flat=True))
    missing = [person for person in stable.PEOPLE if person.id not in known]
    if not missing:
        return 0
    organizations = dict(
        Organization.objects.filter(code__in={one.organization for one in missing}).values_list("code", "pk")
    )
    hubs = dict(Hub.objects.filter(code__in={one.hub for one in missing if one.hub}).values_list("code", "pk"))
    # One hash for all of them: argon2 is slow on purpose, and these secrets are public anyway.
    secret, pin = make_password(password or None), make_password(stable.DEMO_PIN)
    User.objects.bulk_create(
        [
            User(id=one.id, email=one.email, name=one.name, language=one.language, password=secret, created_at=at)
            for one in missing
        ],
        ignore_conflicts=True,
    )
    Membership.objects.bulk_create(
        [
            Membership(
                user_id=one.id,
                organization_id=organizations[one.organization],
                hub_id=hubs[one.hub] if one.hub else None,
                role=one.role,
                until=(at + AUDITED_FOR).date() if one.role == Role.AUDITOR else None,
                created_at=at,
            )
            for one in missing
        ],
        ignore_conflicts=True,
    )
    Engagement.objects.bulk_create(
        [
            Engagement(
                id=stable.stable_id("engagement", f"{provider}:{client}"),
                provider_id=organizations[provider],
                client_id=organizations[client],
                begun_at=at,
                begun_by="system:prepare",
            )
            for provider, client in stable.ENGAGEMENTS
            if {provider, client} <= organizations.keys()
        ],
        ignore_conflicts=True,
    )
    Badge.objects.bulk_create(
        [Badge(user_id=one.id, code=one.badge, pin=pin) for one in missing if one.has_badge], ignore_conflicts=True
    )
    return len(missing)
