"""Persons as title holders: the ledger and the list of companies know no person, so one organization stands for all of them."""

from __future__ import annotations

from datetime import datetime

from revlog.accounts import stable
from revlog.accounts.models import Organization, OrganizationKind

PRIVATE = "private-buyers"


def private_persons(at: datetime) -> Organization:
    """Stands for everybody who buys from us, or sells to us, as a person."""
    found, _made = Organization.objects.get_or_create(
        code=PRIVATE,
        defaults={
            "id": stable.stable_id("organization", PRIVATE),
            "name": "Private persons",
            "kind": OrganizationKind.BUYER,
            "created_at": at,
        },
    )
    return found
