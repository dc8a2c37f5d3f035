"""What follows from buying used things: mails, the purchase document, and going on once what was missing is there."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from returns.facts import tradein as facts
from returns.models import RmaUnit, TradeIn, UnitStatus
from returns.services import offers
from revlog.custody.models import Entry
from revlog.custody.outbox import on
from revlog.devices.models import Device

Finish = Callable[[], object]


@on(facts.IdentityChecked)
def go_on(entry: Entry, *, at: object) -> None:
    """The seller's document was seen: what is graded already can be bought, or asked about."""
    units = RmaUnit.objects.filter(line__rma=entry.chain_id, status=UnitStatus.RECEIVED, device__isnull=False)
    for unit in units.select_related("device"):
        if unit.device is not None:
            offers.take_back(Device.objects.select_related("visit").get(pk=unit.device_id), at=at)  # type: ignore[arg-type]
