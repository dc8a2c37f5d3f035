"""Service providers: companies whose people serve the customers of sellers, for as long as they are engaged."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Engagement, Organization, OrganizationKind
from revlog.accounts.services import trail
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason

SERVED = (OrganizationKind.OPERATOR, OrganizationKind.RETAILER, OrganizationKind.CLIENT)
"""Kinds of organizations that sell, and so have customers to serve."""


class UnableToEngage(DomainError):
    """The provider can't work for that organization, or doesn't any more."""

    code = "unable_to_engage"


def _require(by: Actor) -> None:
    if not by.may("accounts.hubs"):
        raise NotAllowed(Reason("not_allowed", _("Engaging a provider needs the right to set up organizations.")))


@transaction.atomic
def add_provider(*, name: str, by: Actor, at: datetime) -> Organization:
    """A service provider, so that its people can be invited; it works for nobody yet."""
    _require(by)
    bare = " ".join(name.split())[:200]
    code = slugify(bare)[:40]
    if not code:
        raise BadInput(Reason("name", _("The provider needs a name."), "name"))
    if Organization.objects.filter(code=code).exists():
        raise BadInput(Reason("taken", _("There is an organization with that name already."), "name"))
    row = Organization.objects.create(
        id=ids.new(at), code=code, name=bare, kind=OrganizationKind.PROVIDER.value, created_at=at
    )
    trail.note(act="provider.added", organization=row, subject=f"organization:{row.pk}", by=by, at=at)
    return row


def reasons_against_engaging(*, provider: Organization, client: Organization) -> list[Reason]:
    found = []
    if provider.kind != OrganizationKind.PROVIDER or not provider.active:
        found.append(Reason("no_provider", _("%s is not a service provider.") % provider.name, "provider"))
    if client.kind not in SERVED or not client.active:
        found.append(Reason("no_client", _("%s has no customers to be served.") % client.name, "client"))
    return found


@transaction.atomic
def engage(*, provider: Organization, client: Organization, by: Actor, at: datetime) -> Engagement:
    """From now on the people of ``provider`` see the orders and returns of ``client``. Said again, nothing happens."""
    _require(by)
    Organization.objects.select_for_update(no_key=True).get(pk=provider.pk)
    if found := reasons_against_engaging(provider=provider, client=client):
        raise UnableToEngage(found)
    known = Engagement.objects.filter(provider=provider, client=client, ended_at=None).first()
    if known is not None:
        return known
    row = Engagement.objects.create(
        id=ids.new(at), provider=provider, client=client, begun_at=at, begun_by=by.reference
    )
    trail.note(
        act="provider.engaged", organization=client, subject=f"organization:{provider.pk}", by=by, at=at,
        provider=provider.code,
    )  # fmt: skip
    return row


@transaction.atomic
def end(engagement: Engagement, *, by: Actor, at: datetime) -> Engagement:
    """From the next request on, the provider's people see nothing of it any more. Said again, nothing happens."""
    _require(by)
    row = (
        Engagement.objects.select_for_update(no_key=True, of=("self",))
        .select_related("provider", "client")
        .get(pk=engagement.pk)
    )
    if row.ended_at is None:
        row.ended_at, row.ended_by = at, by.reference
        row.save(update_fields=["ended_at", "ended_by"])
        trail.note(
            act="provider.ended", organization=row.client, subject=f"organization:{row.provider_id}", by=by, at=at,
            provider=row.provider.code,
        )  # fmt: skip
    return row
