"""The trail of changes to rights."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from revlog.accounts.actors import Actor
from revlog.accounts.models import AccessChange, Organization


def note(*, act: str, organization: Organization, subject: str, by: Actor, at: datetime, **detail: Any) -> AccessChange:  # noqa: ANN401 - JSON values
    """Write that ``by`` changed a right. Called inside the transaction of the change, so that neither is without the other."""
    return AccessChange.objects.create(
        at=at, by=by.reference, act=act, organization=organization, subject=subject, detail=detail
    )
