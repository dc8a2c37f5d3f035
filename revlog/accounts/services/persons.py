"""Persons as title holders: the ledger and the list of companies know no person, so one organization stands for all of them."""

from __future__ import annotations

from datetime import datetime

from revlog.accounts import stable
from revlog.accounts.models import Organization, OrganizationKind

PRIVATE = "private-buyers"


def private_persons(at: datetime) -> Organization:
    """Stands for everybody who buys from us, or sells to us, as a person."""
    known = Organization.objects.filter(code=PRIVATE)
    if (found := known.first()) is None:
        row = Organization(
            id=stable.stable_id("organization", PRIVATE),
            code=PRIVATE,
            name="Private persons",
            kind=OrganizationKind.BUYER,
            created_at=at,
        )
        # Two first sales at once make one: the second waits here for the first, also where no savepoint is to be had.
        Organization.objects.bulk_create([row], ignore_conflicts=True)
        found = known.get()
    return found
