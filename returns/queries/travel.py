"""What there is for a return to travel by, read in one statement: carriers, places to bring it to, windows of a van, and recalls."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from returns.models import RecallStatus, RecallUnit
from revlog.accounts.models import Hub
from revlog.common.rows import Part, Together
from revlog.logistics.models import Carrier, PickupWindow, Place
from revlog.logistics.services import parcels

_THEIRS = "(t.organization_id IS NULL OR t.organization_id = %(seller)s)"
_THERE = Together(
    (
        Part(
            "carrier",
            Carrier,
            f"(t.active AND t.for_returns AND {_THEIRS}) OR t.code = '{parcels.ANY}'",
            "carrier.name",
        ),
        Part(
            "place",
            Place,
            f"t.active AND {_THEIRS} AND (%(country)s = '' OR t.country IN ('', %(country)s)) "  # noqa: S608 - SQL of ours
            "AND EXISTS (SELECT 1 FROM accounts_hub h WHERE h.id = t.hub_id AND h.active)",
            "place.country, place.postcode, place.name",
        ),
        Part("hub", Hub, "t.id IN (SELECT hub_id FROM place)"),
        Part("window_", PickupWindow, "t.hub_id = %(hub)s AND t.active", "window_.weekday, window_.begins"),
    ),
    takes={"seller": "uuid", "hub": "uuid", "country": "text", "lines": "uuid[]"},
    also={
        "recalled": """SELECT json_build_array(r.id) FROM returns_recallunit u JOIN returns_recall r ON r.id = u.recall_id
            WHERE u.order_line_id = ANY(%(lines)s) AND r.status = 'open' AND r.severity = 'stop' AND NOT r.mock LIMIT 1""",
    },
)


@dataclass(frozen=True)
class There:
    """What a seller's customer may choose from at a site; everything as it stood when it was read."""

    carriers: Sequence[Carrier] = field(default_factory=tuple)
    """All that carry returns for the seller."""
    fallback: Carrier | None = None
    """The carrier for whom nobody has chosen another, once it was needed."""
    places: Sequence[Place] = field(default_factory=tuple)
    windows: Sequence[PickupWindow] = field(default_factory=tuple)
    recalled: bool = False
    """A recall by which nothing may travel is open for something of it."""


def is_recalled(line: uuid.UUID) -> bool:
    """Whether a recall is open for something of an order line."""
    return RecallUnit.objects.filter(order_line=line, recall__status=RecallStatus.OPEN, recall__mock=False).exists()


def there(*, seller: uuid.UUID, hub: Hub, country: str, lines: Sequence[uuid.UUID] = ()) -> There:
    """What there is for things of these order lines that a customer in ``country`` sends to ``hub``."""
    told = _THERE.read(seller=seller, hub=hub.pk, country=country, lines=list(lines))
    hubs = {one.pk: one for one in told["hub"]}
    for place in told["place"]:
        place.hub = hubs[place.hub_id]
    for window in told["window_"]:
        window.hub = hub
    carriers = told["carrier"]
    return There(
        carriers=[one for one in carriers if one.active and one.for_returns and one.organization_id in {None, seller}],
        fallback=next((one for one in carriers if one.code == parcels.ANY), None),
        places=told["place"],
        windows=told["window_"],
        recalled=bool(told["recalled"]),
    )
