"""Parcels for the tests."""

from __future__ import annotations

from datetime import UTC, datetime

from revlog.accounts.actors import system
from revlog.logistics.models import Direction
from revlog.logistics.services import parcels
from revlog.logistics.services.parcels import Announced
from tests.cast import Cast

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def shipment(cast: Cast, *, count: int = 1, at: datetime = AT) -> Announced:
    """A shipment on its way to Rotterdam."""
    return parcels.announce(
        direction=Direction.INBOUND, hub=cast.rotterdam, owner=cast.retailer, parcels=count, by=system("test"), at=at
    )
