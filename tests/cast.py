"""The people of the tests: Ines receives, Tomas erases, Noor audits, Vega GmbH owns, and a rival client who sees nothing.

``make()`` gives a `Cast`; a person is asked for by first name and comes as the `Actor` that verbs take as ``by=``:

    ines     warehouse          ravi    inspector           tomas, sofia   data technicians
    jakob, mei  technicians     luca    packer              anouk   seller          pavel   recycler
    greta    safety assessor    sam     support             esra    finance         henrik  planner
    carla    quality            aisha   lead                maria   manager         admin   administrator
    noor     external auditor   jonas, katja   lead and warehouse in Leipzig; all others work in Rotterdam or everywhere
    vera     client user of Vega GmbH        alex   client user of the rival, Altair BV
    orla     support agent of Harbour Care, which works for the retailer
    remco    retailer           dirk    driver              nils    supplier        lola    lot buyer
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from revlog.accounts import queries, stable
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Membership, Organization, OrganizationKind, Role, User
from revlog.accounts.services import preparing, stations
from revlog.accounts.services.stations import NewStation

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PIN = stable.DEMO_PIN
ALEX = uuid.uuid5(stable.NAMESPACE, "user:alex")


@dataclass
class Cast:
    at: datetime
    operator: Organization
    vega: Organization
    altair: Organization
    retailer: Organization
    rotterdam: Hub
    leipzig: Hub
    _actors: dict[str, Actor] = field(default_factory=dict)

    def user(self, name: str) -> User:
        """The account of ``name``."""
        pk = ALEX if name == "alex" else next(person.id for person in stable.PEOPLE if person.code == name)
        return User.objects.get(pk=pk)

    def badge(self, name: str) -> str:
        return next(person.badge for person in stable.PEOPLE if person.code == name)

    def __getattr__(self, name: str) -> Actor:
        if name.startswith("_") or name not in NAMES:
            raise AttributeError(f"Nobody in the cast is called {name!r}.")
        if name not in self._actors:
            self._actors[name] = queries.actor_of(self.user(name), at=self.at)
        return self._actors[name]

    def with_role(self, role: Role | str) -> User:
        """Somebody who has ``role``."""
        return User.objects.filter(memberships__role=role).order_by("email")[0]

    def station(self, name: str = "Dock 2", hub: Hub | None = None) -> NewStation:
        return stations.register(
            hub=hub or self.rotterdam,
            name=name,
            by=self.aisha if hub in (None, self.rotterdam) else self.jonas,
            at=self.at,
        )


NAMES = frozenset({person.code for person in stable.PEOPLE} | {"alex"})


def make(at: datetime = AT) -> Cast:
    """Everybody, their organizations and hubs; quick, so that each test may have its own."""
    preparing.prepare(at=at, demo=True)
    # The tests' pages run by the real clock: an auditor of theirs must not expire with the calendar.
    Membership.objects.filter(role=Role.AUDITOR).update(until=date(2099, 12, 31))
    altair = Organization.objects.create(
        id=uuid.uuid5(stable.NAMESPACE, "organization:altair"),
        code="altair",
        name="Altair BV",
        kind=OrganizationKind.CLIENT,
        country="NL",
        created_at=at,
    )
    alex = User.objects.create_user("alex@altair.revlog.invalid", id=ALEX, name="Alex Altena", created_at=at)
    Membership.objects.create(user=alex, organization=altair, role=Role.CLIENT_USER, created_at=at)
    organizations = {one.code: one for one in Organization.objects.all()}
    hubs = {one.code: one for one in Hub.objects.all()}
    return Cast(
        at=at,
        operator=organizations["operator"],
        vega=organizations["demo"],
        altair=altair,
        retailer=organizations["retailer"],
        rotterdam=hubs["rotterdam"],
        leipzig=hubs["leipzig"],
    )
