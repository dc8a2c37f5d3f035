"""Which charities sellers can give the sum to, and until when."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext as _

from returns import iban
from returns.facts import payouts as facts
from returns.models import Charity
from returns.payments import sepa
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.custody.services import ledger


def _may(by: Actor) -> None:
    if not by.is_operator or not by.may("returns.refund"):
        raise NotAllowed(Reason("not_allowed", _("Listing charities needs the right to approve refunds.")))


def reasons_against_listing(
    organization: Organization | None, *, name: str = "", account: str, since: date | None, until: date | None
) -> list[Reason]:
    found = []
    if organization is None and not name.strip():
        found.append(Reason("organization", _("Choose one, or write the name of another."), "organization"))
    if organization is not None and (not organization.active or organization.kind == OrganizationKind.OPERATOR):
        found.append(Reason("organization", _("It can't be chosen."), "organization"))
    if organization is None and name.strip() and Organization.objects.filter(name__iexact=name.strip()).exists():
        found.append(Reason("known", _("It is known already. Choose it from the list."), "name"))
    number = iban.normal(account)
    if number is None or not sepa.reachable(number):
        found.append(Reason("iban", _("This is no IBAN that a SEPA transfer reaches."), "iban"))
    if since is None:
        found.append(Reason("since", _("Choose a day."), "since"))
    elif until is not None and until < since:
        found.append(Reason("until", _("It can't end before it begins."), "until"))
    if found or organization is None or since is None:
        return found
    others = Charity.objects.filter(organization=organization).filter(Q(until=None) | Q(until__gte=since))
    if until is not None:
        others = others.filter(since__lte=until)
    if others.exists():
        found.append(Reason("twice", _("It is listed for these days already. End that row first."), "since"))
    return found


def add(
    *,
    organization: Organization | None,
    name: str = "",
    account: str,
    since: date | None,
    until: date | None = None,
    by: Actor,
    at: datetime,
) -> Charity:
    """From that day on sellers can give the sum to it; one that isn't known yet is written down. Raises BadInput, NotAllowed."""
    _may(by)
    with transaction.atomic():
        if organization is not None:  # one at a time, so that no two rows share a day
            Organization.objects.select_for_update(no_key=True, of=("self",)).get(pk=organization.pk)
        wrong = reasons_against_listing(organization, name=name, account=account, since=since, until=until)
        if wrong or since is None:
            raise BadInput(wrong)
        organization = organization or _written_down(name, account=account, at=at)
        row = Charity(
            id=ids.new(at),
            organization=organization,
            iban=iban.normal(account) or "",
            since=since,
            until=until,
            listed_by=by.reference,
            listed_at=at,
        )
        fact = facts.CharityListed(
            name=organization.name,
            organization=str(organization.pk),
            since=since.isoformat(),
            until=until.isoformat() if until is not None else None,
        )
        ledger.begin("charity", row.pk, fact, by=by, at=at)
        row.save(force_insert=True)
    return row


def _written_down(name: str, *, account: str, at: datetime) -> Organization:
    told = " ".join(name.split())[:200]
    code = slugify(told)[:40].strip("-")
    if not code or Organization.objects.filter(code=code).exists():
        code = ids.code("CH").lower()
    country = (iban.normal(account) or "")[:2]
    return Organization.objects.create(
        code=code, name=told, kind=OrganizationKind.PROVIDER.value, country=country, created_at=at
    )


def end(row: Charity, *, until: date | None, by: Actor, at: datetime) -> Charity:
    """Its last day. What was chosen before is still paid to it."""
    _may(by)
    with transaction.atomic():
        locked = Charity.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
        if until is None or until < locked.since:
            raise BadInput(Reason("until", _("It can't end before it begins."), "until"))
        if locked.until == until:
            return locked
        if locked.until is not None and until > locked.until:
            raise BadInput(Reason("until", _("It ends earlier already. List it again for later days."), "until"))
        locked.until = until
        locked.save(update_fields=["until"])
        name = Organization.objects.get(pk=locked.organization_id).name
        ledger.append(locked.pk, facts.CharityEnded(name=name, until=until.isoformat()), by=by, at=at)
    return locked
