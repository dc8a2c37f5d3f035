"""Which goods are unsold, and what each way out would bring. Pure: facts of a unit in, class and sums out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from returns.models.vendors import UnsoldClass, WayOut
from revlog.common import money
from revlog.common.errors import Reason
from revlog.devices import classes
from revlog.terms import ruling, wording
from revlog.terms.ruling import Body, Kind
from revlog.terms.wording import Template, Vocabulary, Word

KIND = "returns.unsold"
CLASSES = tuple(one.value for one in UnsoldClass)
WAYS = tuple(one.value for one in WayOut)
ALL_WAYS = list(WAYS)

SHIPPED: Body = {
    "mode": "first",
    "parameters": {
        "age_days": 180,
        "sold_days": 90,
        "sell_through": "10",
        "shelf_days": 45,
        "season_days": 14,
        "lot_percent": "35",
        "lot_cost": "1.50",
        "donate_cost": "1.00",
        "recycle_cost": "0.80",
        "vendor_cost": "1.20",
        "vendor_carriage": "4.90",
    },
    "rules": [
        {
            "id": "expired",
            "when": {"fact": "days_to_expiry", "op": "<", "value": 0},
            "then": {"unsold": "expired", "ways": ["vendor", "recycle"]},
            "why": gettext_noop("Its date has passed."),
        },
        {
            "id": "perishable",
            "when": {"fact": "days_to_expiry", "op": "<=", "value": {"param": "shelf_days"}},
            "then": {"unsold": "perishable", "ways": ALL_WAYS},
            "why": gettext_noop("Its date is near."),
        },
        {
            "id": "obsolete",
            "when": {"fact": "obsolete", "op": "==", "value": True},
            "then": {"unsold": "obsolete", "ways": ALL_WAYS},
            "why": gettext_noop("Its model is out of date."),
        },
        {
            "id": "out_of_season",
            "when": {"fact": "days_after_season", "op": ">=", "value": {"param": "season_days"}},
            "then": {"unsold": "seasonal", "ways": ALL_WAYS},
            "why": gettext_noop("Its season is over."),
        },
        {
            "id": "overstock",
            "when": {
                "all": [
                    {"fact": "days_in_stock", "op": ">=", "value": {"param": "age_days"}},
                    {"fact": "sell_through", "op": "<=", "value": {"param": "sell_through"}},
                ]
            },
            "then": {"unsold": "overstock", "ways": ALL_WAYS},
            "why": gettext_noop("It has been here for long, and few are sold."),
        },
    ],
}

_DAYS = ("age_days", "sold_days", "shelf_days", "season_days")


def _check(body: Body) -> list[Reason]:
    found: list[Reason] = []
    given = body.get("parameters", {})
    for name in _DAYS:
        value = given.get(name, 0)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 36500:
            found.append(Reason("days", f"{name} is a whole number of days.", f"body.parameters.{name}"))
    for name in set(SHIPPED["parameters"]) - set(_DAYS):
        number = ruling.number(given.get(name, 0))
        if number is None or number < 0:
            found.append(Reason("number", f"{name} is a number of zero or more.", f"body.parameters.{name}"))
    for place, rule in enumerate(body.get("rules", [])):
        then, where = rule.get("then", {}), f"body.rules[{place}].then"
        if then.get("unsold") not in (*CLASSES, "no"):
            found.append(Reason("unsold", f"What is unsold is one of {', '.join(CLASSES)}, or no.", f"{where}.unsold"))
        ways = then.get("ways", [])
        if not isinstance(ways, list) or set(map(str, ways)) - set(WAYS):
            found.append(Reason("ways", f"Ways are {', '.join(WAYS)}.", f"{where}.ways"))
    return found


ruling.register(Kind(KIND, SHIPPED, _check, trials="trials_of_draft"))


# In the words of people -----------------------------------------------------------------------------------------------------------------

_CLASS_WORDS = {one.value: one.label for one in UnsoldClass} | {"no": _("not unsold")}
WAY_WORDS = {one.value: one.label for one in WayOut}
DAYS = _("days")
FACTS: Mapping[str, Word] = {
    "days_in_stock": Word(_("Time in stock"), "days", DAYS),
    "sell_through": Word(_("Sell-through"), "percent", "%", help=_("Sold of what is here, per model.")),
    "sold": Word(_("Pieces sold of the model"), "number"),
    "on_hand": Word(_("Pieces here of the model"), "number"),
    "days_to_expiry": Word(_("Days until it expires"), "days", DAYS),
    "days_after_season": Word(_("Days since its season ended"), "days", DAYS),
    "obsolete": Word(_("Its model is out of date"), "flag"),
    "has_successor": Word(_("Its model has a successor"), "flag"),
    "category": Word(_("Category"), "choice", choices={code: one.label for code, one in classes.CLASSES.items()}),
    "model": Word(_("Model")),
    "supplier": Word(_("Supplier")),
    "grade": Word(_("Grade")),
    "sealed": Word(_("Sealed"), "flag"),
    "value": Word(_("What was paid for it"), "money"),
    "quantity": Word(_("Pieces"), "number"),
}
OUTCOMES: Mapping[str, Word] = {
    "unsold": Word(_("It is"), "choice", choices=_CLASS_WORDS),
    "ways": Word(_("It may"), "list", choices=WAY_WORDS),
}
PARAMETERS: Mapping[str, Word] = {
    "age_days": Word(_("Old stock from"), "days", DAYS),
    "sold_days": Word(_("Sales of the last"), "days", DAYS),
    "sell_through": Word(_("Slow up to a sell-through of"), "percent", "%"),
    "shelf_days": Word(_("About to expire from"), "days", DAYS),
    "season_days": Word(_("Out of season after"), "days", DAYS),
    "lot_percent": Word(_("A lot brings, of the price that is expected for one"), "percent", "%"),
    "lot_cost": Word(_("Cost of a piece in a lot"), "money"),
    "donate_cost": Word(_("Cost of a piece that is donated"), "money"),
    "recycle_cost": Word(_("Cost of a piece that is recycled"), "money"),
    "vendor_cost": Word(_("Cost of a piece that goes back to its vendor"), "money"),
    "vendor_carriage": Word(_("Carriage to a vendor, per unit or lot"), "money"),
}
TEMPLATES = (
    Template(
        "keep_dear",
        _("Keep what is dear"),
        {
            "id": "keep_dear",
            "when": {"fact": "value", "op": ">=", "value": "1000.00"},
            "then": {"unsold": "no"},
            "why": "A person looks after what is dear.",
        },
    ),
    Template(
        "never_sold",
        _("Overstock of what nobody buys"),
        {
            "id": "never_sold",
            "when": {
                "all": [
                    {"fact": "sold", "op": "==", "value": 0},
                    {"fact": "days_in_stock", "op": ">=", "value": 60},
                ]
            },
            "then": {"unsold": "overstock", "ways": ALL_WAYS},
            "why": "Nobody bought one.",
        },
    ),
)
wording.register(KIND, Vocabulary(FACTS, OUTCOMES, PARAMETERS, TEMPLATES))


# What each way would bring --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sum:
    """One way out with its parts and what stands against it."""

    way: str
    lines: Sequence[tuple[str, Decimal]]
    against: Sequence[Reason] = ()

    @property
    def net(self) -> Decimal:
        return sum((amount for _what, amount in self.lines), Decimal(0))

    def plain(self) -> dict[str, Any]:
        return {
            "way": self.way,
            "net": str(self.net),
            "lines": [{"what": what, "amount": str(amount)} for what, amount in self.lines],
            "against": [{"code": reason.code, "sentence": reason.sentence} for reason in self.against],
        }


def reckon(
    way: str,
    *,
    pieces: int,
    price: Decimal | None,
    expected: Decimal | None,
    credit: Decimal | None,
    pays_carriage: bool,
    parameters: Mapping[str, Any],
    currency: str,
) -> list[tuple[str, Decimal]]:
    """The parts of a way's sum. ``price`` is what one cost, ``expected`` what one is expected to bring, ``credit`` what the vendor
    gives once restocking is off."""

    def figure(name: str) -> Decimal:
        return ruling.number(parameters.get(name, SHIPPED["parameters"][name])) or Decimal(0)

    def cost(name: str, times: int = pieces) -> Decimal:
        return -money.rounded(figure(name) * times, currency)

    if way == WayOut.VENDOR:
        lines = [("credit", credit or Decimal(0)), ("handling", cost("vendor_cost"))]
        return [*lines, ("carriage", cost("vendor_carriage", 1))] if pays_carriage else lines
    if way == WayOut.LIQUIDATE:
        worth = expected if expected is not None else price or Decimal(0)
        return [
            ("proceeds", money.rounded(worth * figure("lot_percent") / 100 * pieces, currency)),
            ("handling", cost("lot_cost")),
        ]
    return [("handling", cost("donate_cost" if way == WayOut.DONATE else "recycle_cost"))]


def best_of(sums: Sequence[Sum]) -> Sum | None:
    """The open way that brings most; of two that bring the same, the one that stands first."""
    open_ones = [one for one in sums if not one.against]
    return max(open_ones, key=lambda one: one.net, default=None)
