"""The case: what is known when somebody asks whether something may come back, and the facts of it that rules compare. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from returns import reasons
from returns.policy import checking as policy_check
from returns.policy import foreseen
from revlog.terms.foretelling import Foretold
from revlog.terms.ruling import Body

SECOND_HAND = frozenset({"second_hand", "refurbished", "used"})
"""Tags of an order line by which the law takes it for second-hand."""


@dataclass(frozen=True, kw_only=True)
class History:
    """What the same customer bought and sent back from the same seller in the last 365 days."""

    orders: int = 0
    returns: int = 0
    return_rate: int | None = None
    """Of how many of the orders something came back, in percent; None without orders."""
    refunded: Decimal = Decimal(0)
    never_came: int = 0
    kept_before: int = 0
    """Returns of things that stayed with them."""


UNKNOWN = dict.fromkeys(("orders", "returns", "return_rate", "refunded", "never_came", "kept_before"))


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is known when somebody asks. Days are those at the place of delivery; None is not known.

    ``wanted`` is an outcome, or empty to ask what may be had. ``law_from`` is when the last thing of the order was delivered, from which
    the law counts; ``risk`` is from 0 to 100 where somebody has scored it.
    """

    reason: str
    wanted: str
    today: date
    delivered_on: date | None
    sent: bool
    kind: str = "return"
    ordered_on: date | None = None
    shipped_on: date | None = None
    law_from: date | None = None
    category: str = ""
    device_class: str = "other"
    sku: str = ""
    product: str = ""
    tags: Sequence[str] = ()
    channel: str = ""
    price: Decimal = Decimal(0)
    priced: bool = True
    """False for what a customer only told of: nobody knows yet what it is worth, so no rule about its price matches."""
    quantity: int = 1
    value: Decimal | None = None
    """Of all that is wished together; price times quantity when left out."""
    country: str = ""
    warranty: bool = False
    repeat_repair: bool = False
    """Whether we repaired it so shortly before that the repair is to be looked at."""
    origin: str = "portal"
    gift: bool = False
    risk: int | None = None
    risk_band: str | None = None
    """auto, look or hold: what the score asks for."""
    history: History | None = None
    lists: Sequence[str] = ()
    """The lists on which somebody put its customer, order, product or serial number."""
    answers: Mapping[str, str] = field(default_factory=dict)
    foreseen: Mapping[str, Any] = field(default_factory=dict)
    """What it would bring before it ships (returns/policy/foreseen.py); empty where nobody asked or knows."""
    foretold: Foretold | None = None
    """The answer that they come from, line by line."""

    @property
    def days(self) -> int | None:
        return self._since(self.delivered_on)

    @property
    def _value(self) -> Decimal:
        return self.price * self.quantity if self.value is None else self.value

    def _since(self, day: date | None) -> int | None:
        return None if day is None else (self.today - day).days

    def inputs(self, body: Body | None = None, jurisdiction: str = "") -> dict[str, Any]:
        """The facts that rules may compare. No personal data is among them, so that a decision can keep them."""
        known = body or {}
        group = reasons.group(self.reason)
        found: dict[str, Any] = {
            "kind": self.kind,
            "reason": self.reason,
            "reason_group": group,
            "wanted": self.wanted or None,
            "days_since_order": self._since(self.ordered_on),
            "days_since_shipment": self._since(self.shipped_on),
            "days_since_delivery": self.days,
            "ordered_on": self.ordered_on.isoformat() if self.ordered_on else None,
            "in_season": season_until(known, self.ordered_on, self.today) is not None,
            "sent": self.sent,
            "category": self.category,
            "device_class": self.device_class,
            "sku": self.sku,
            "product": self.product,
            "tags": list(self.tags),
            "channel": self.channel,
            "price": self.price if self.priced else None,
            "quantity": self.quantity,
            "value": self._value if self.priced else None,
            "country": self.country,
            "region": region(known, self.country),
            "consumer_law": jurisdiction,
            "warranty": self.warranty,
            "repeat_repair": self.repeat_repair,
            "second_hand": self.is_second_hand,
            "origin": self.origin,
            "gift": self.gift,
            "risk": self.risk,
            "risk_band": self.risk_band,
            "lists": list(self.lists),
            "holds_data": foreseen.holds_data(self.device_class, self.answers),
            **foreseen.UNKNOWN,
            **self.foreseen,
            **(UNKNOWN if self.history is None else vars(self.history)),
        }
        for name, answer in self.answers.items():
            found[f"answers.{name}"] = answer
        return found

    @property
    def is_second_hand(self) -> bool:
        return not SECOND_HAND.isdisjoint(self.tags)


def region(body: Body, country: str) -> str:
    """The first of the policy's own regions in which the country is."""
    for name, countries in body.get("regions", {}).items():
        if country in countries:
            return str(name)
    return ""


def season_until(body: Body, ordered_on: date | None, today: date) -> date | None:
    """Until when what was bought that day may come back by a season, if any is still open today."""
    if ordered_on is None:
        return None
    ends = [
        until
        for season in body.get("seasons", ())
        if (until := policy_check.season_of(season, ordered_on)) is not None and today <= until
    ]
    return max(ends, default=None)
