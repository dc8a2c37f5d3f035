"""Where we sell, and what each way takes of the price. Fees are parameters, published like any other rules. No database here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Channel:
    """``fee_percent`` is what the code ships; ``resale.parameters`` may say otherwise."""

    code: str
    label: str | Promise
    fee_percent: str


_all = (
    Channel("own_shop", _("own shop"), "2.5"),
    Channel("marketplace", _("marketplace"), "12"),
    Channel("business", _("business customers"), "0"),
)
CHANNELS: Mapping[str, Channel] = {each.code: each for each in _all}
