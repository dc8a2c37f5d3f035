"""Exchange rates into the install's currency, which the layer above keeps: it says here how to ask for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from django.conf import settings

Ask = Callable[..., Decimal | None]
_asked: list[Ask] = []


def told_by(ask: Ask) -> Ask:
    """Who knows rates: ``ask(currency, at=)`` gives what one unit is worth, or None."""
    _asked[:] = [ask]
    return ask


def rate(currency: str, *, at: datetime) -> Decimal | None:
    if currency == settings.BASE_CURRENCY:
        return Decimal(1)
    return _asked[0](currency, at=at) if _asked else None
