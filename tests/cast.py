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

import copy
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

from revlog.accounts import queries, stable
from revlog.accounts.actors import Actor
from revlog.accounts.models import Badge, Engagement, Hub, Membership, Organization, OrganizationKind, Role, User
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


@dataclass(frozen=True)
class _Rows:
    """What `make` wrote the first time, to be written again by one statement."""

    statement: str
    values: tuple[str, ...]
    organizations: tuple[Organization, ...]
    hubs: tuple[Hub, ...]


_TABLES = [one._meta.db_table for one in (Organization, Hub, User, Membership, Engagement, Badge)]
_kept: dict[tuple[str, datetime], _Rows] = {}


def make(at: datetime = AT) -> Cast:
    """Everybody, their organizations and hubs; quick, so that each test may have its own.

    They are made by the product's own verb once for each database; later tests that begin with nobody get copies of the rows.
    """
    place = (str(connection.settings_dict["NAME"]), at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + " OR ".join(f"EXISTS (SELECT FROM {table})" for table in _TABLES))
        alone = not cursor.fetchone()[0]
        if alone and place in _kept:
            cursor.execute(_kept[place].statement, _kept[place].values)
            return _cast(at, copy.deepcopy(_kept[place].organizations), copy.deepcopy(_kept[place].hubs))
    _write(at)
    organizations, hubs = tuple(Organization.objects.all()), tuple(Hub.objects.all())
    if alone:
        with connection.cursor() as cursor:
            _kept[place] = _Rows(*_rows(cursor), copy.deepcopy(organizations), copy.deepcopy(hubs))
    return _cast(at, organizations, hubs)


def _rows(cursor: Any) -> tuple[str, tuple[str, ...]]:
    """The statement that writes the rows of all these tables again, and its values."""
    values = []
    for table in _TABLES:
        cursor.execute(f"SELECT json_agg(t)::text FROM {table} t")
        values.append(cursor.fetchone()[0])
    written = [f"INSERT INTO {one} SELECT * FROM json_populate_recordset(NULL::{one}, %s::json)" for one in _TABLES]
    return "; ".join(written), tuple(values)


def _write(at: datetime) -> None:
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


def _cast(at: datetime, organizations: Sequence[Organization], hubs: Sequence[Hub]) -> Cast:
    by_code = {one.code: one for one in organizations}
    hub_by_code = {one.code: one for one in hubs}
    return Cast(
        at=at,
        operator=by_code["operator"],
        vega=by_code["demo"],
        altair=by_code["altair"],
        retailer=by_code["retailer"],
        rotterdam=hub_by_code["rotterdam"],
        leipzig=hub_by_code["leipzig"],
    )
