"""What a carrier charges by a rate card, reckoned line by line so that each can be read.

    card = Card(currency="EUR", lines=(Line(service="standard", origin="NL", destination="DE", unit="parcel", price=Decimal("6.90")),))
    quote(card, Load(origin=Spot("NL"), destination=Spot("DE"), pieces=(Piece(grams=2400),))).total

Of the lines that fit, those with the nearest zones count, and among them each unit once: a base price a shipment (``flat``) adds up with
a price a kilogram. The sums of the lines are raised to the card's minimum; fuel comes on top, then what else was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.common import money
from revlog.common.errors import DomainError, Reason
from revlog.common.words import word

ANYWHERE = "*"
KILO = Decimal(1000)


class Unit(StrEnum):
    """By what a line is charged."""

    PARCEL = "parcel"
    KG = "kg"
    PALLET = "pallet"
    KM = "km"
    FLAT = "flat"


class Basis(StrEnum):
    """By what an extra is charged."""

    SHIPMENT = "shipment"
    PARCEL = "parcel"
    HOUR = "hour"
    TIME = "time"
    PERCENT = "percent"


EXTRAS = (
    "waiting",
    "second_attempt",
    "hazardous",
    "signature",
    "remote",
    "tail_lift",
    "toll",
    "return_to_sender",
    "label",
    "other",
)
"""What carriers charge beside the carriage; ``other`` is what has no name here."""


class UnableToRate(DomainError):
    """The card says no price for this."""

    code = "unable_to_rate"


@dataclass(frozen=True)
class Spot:
    """Where a load comes from or goes: a country, and the postal code where it is known."""

    country: str
    postcode: str = ""

    @property
    def told(self) -> str:
        return f"{self.country} {self.postcode}".strip() or "—"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A price for one unit, from somewhere to somewhere, for loads or pieces in its bracket (``over`` grams, up to ``upto``)."""

    service: str
    origin: str = ANYWHERE
    destination: str = ANYWHERE
    unit: str
    over: int = 0
    upto: int | None = None
    price: Decimal
    least: Decimal = Decimal(0)


@dataclass(frozen=True)
class Extra:
    code: str
    basis: str
    price: Decimal


@dataclass(frozen=True, kw_only=True)
class Card:
    """Rates as they hold for some time. ``zones`` are names for countries and beginnings of postal codes: ``{"Z2": ["DE-0", "AT"]}``."""

    currency: str
    lines: Sequence[Line] = ()
    extras: Sequence[Extra] = ()
    zones: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fuel: Decimal = Decimal(0)
    """Percent on carriage."""
    least: Decimal = Decimal(0)
    divisor: int = 0
    """Cubic centimetres that count as a kilogram; 0 where size doesn't count."""
    step: int = 0
    """Chargeable weight is rounded up to so many grams."""


@dataclass(frozen=True)
class Piece:
    grams: int
    sides: tuple[int, int, int] | None = None
    """Millimetres."""


@dataclass(frozen=True, kw_only=True)
class Load:
    origin: Spot
    destination: Spot
    service: str = "standard"
    pieces: Sequence[Piece] = ()
    pallets: int = 0
    km: int = 0
    extras: Mapping[str, Decimal] = field(default_factory=dict)
    """Code -> how many: hours of waiting, further attempts; 1 for what is there or not."""


@dataclass(frozen=True)
class Step:
    """One line of the sum: ``what`` for machines, ``why`` for people."""

    what: str
    why: str
    amount: Decimal


@dataclass(frozen=True)
class Quote:
    currency: str
    steps: Sequence[Step]
    carriage: Decimal
    total: Decimal
    chargeable: int
    """Grams."""


def chargeable(card: Card, piece: Piece) -> int:
    """The grams a piece counts for: what it weighs or what its size stands for, whichever is more, rounded up as the card says."""
    grams = Decimal(piece.grams)
    if card.divisor and piece.sides is not None:
        a, b, c = (Decimal(side) / 10 for side in piece.sides)
        grams = max(grams, a * b * c / card.divisor * KILO)
    if card.step:
        grams = (grams / card.step).to_integral_value(ROUND_UP) * card.step
    return int(grams.to_integral_value(ROUND_UP))


def nearness(card: Card, zone: str, spot: Spot) -> int | None:
    """How exactly a zone of a line means a place: None not at all, 0 for anywhere, more the longer what both have in common."""
    if zone == ANYWHERE:
        return 0
    marks = card.zones.get(zone)
    if marks is not None:
        found = [one for mark in marks if (one := nearness(Card(currency=card.currency), mark, spot)) is not None]
        return max(found, default=None)
    country, _dash, begins = zone.partition("-")
    code = "".join(spot.postcode.split()).upper()
    if country != spot.country or not code.startswith(begins):
        return None
    return 1 + len(begins)


def _fits(line: Line, grams: int) -> bool:
    return line.over < grams and (line.upto is None or grams <= line.upto) if grams else line.over == 0


def quote(card: Card, load: Load) -> Quote:
    """The sum for a load, line by line. Raises UnableToRate, naming what the card has no price for."""
    weights = [chargeable(card, piece) for piece in load.pieces]
    lines = _nearest(card, load)
    if not lines:
        raise UnableToRate(
            Reason(
                "no_line",
                _("The card has no price for the service “%(service)s” from %(origin)s to %(destination)s.")
                % {"service": load.service, "origin": load.origin.told, "destination": load.destination.told},
            )
        )
    steps = _carriage(card, lines, load, weights)
    carriage = sum((step.amount for step in steps), Decimal(0))
    if carriage < card.least:
        more = card.least - carriage
        steps.append(Step("minimum", _("Up to the minimum of %s a shipment") % _cash(card.least, card), more))
        carriage = card.least
    if card.fuel:
        amount = money.rounded(carriage * card.fuel / 100, card.currency)
        told = {"percent": _number(card.fuel), "amount": _cash(carriage, card)}
        steps.append(Step("fuel", _("Fuel: %(percent)s %% of %(amount)s") % told, amount))
    steps += _extras(card, load, carriage)
    total = sum((step.amount for step in steps), Decimal(0))
    return Quote(card.currency, steps, carriage, total, sum(weights))


def _nearest(card: Card, load: Load) -> list[Line]:
    found: dict[tuple[int, int], list[Line]] = {}
    for line in card.lines:
        if line.service != load.service:
            continue
        ends = nearness(card, line.origin, load.origin), nearness(card, line.destination, load.destination)
        if ends[0] is not None and ends[1] is not None:
            found.setdefault((ends[0] + ends[1], ends[1]), []).append(line)
    return found[max(found)] if found else []


def _carriage(card: Card, lines: Sequence[Line], load: Load, weights: Sequence[int]) -> list[Step]:
    steps: list[Step] = []
    total = sum(weights)
    units = dict.fromkeys(line.unit for line in lines)
    for unit in units:
        mine = [line for line in lines if line.unit == unit]
        if unit == Unit.PARCEL:
            for grams in dict.fromkeys(weights):
                line = _bracket(mine, grams)
                steps.append(_step(card, line, weights.count(grams), _kilos(grams)))
            continue
        many = {
            Unit.KG: Decimal(total) / KILO,
            Unit.PALLET: Decimal(load.pallets),
            Unit.KM: Decimal(load.km),
            Unit.FLAT: Decimal(1),
        }[Unit(unit)]
        if many:
            steps.append(_step(card, _bracket(mine, total), many, _kilos(total)))
    if not steps:
        raise UnableToRate(
            Reason(
                "nothing",
                _("The card charges this by %s; say how many there are.")
                % ", ".join(word(f"rate_unit.{unit}") for unit in units),
            )
        )
    return steps


def _bracket(lines: Sequence[Line], grams: int) -> Line:
    found = [line for line in lines if _fits(line, grams)]
    if not found:
        raise UnableToRate(
            Reason("no_bracket", _("The card has no price for a weight of %s in this zone.") % _kilos(grams))
        )
    return max(found, key=lambda line: line.over)


def _step(card: Card, line: Line, many: Decimal | int, weight: str) -> Step:
    amount = money.rounded(line.price * many, card.currency)
    told = {
        "many": _number(Decimal(many)),
        "price": _cash(line.price, card),
        "weight": weight,
        "service": line.service,
        "zones": f"{line.origin} → {line.destination}",
    }
    sentences = {
        Unit.PARCEL: ngettext(
            "%(many)s parcel of %(weight)s at %(price)s (%(service)s, %(zones)s)",
            "%(many)s parcels of %(weight)s at %(price)s (%(service)s, %(zones)s)",
            int(many),
        ),
        Unit.KG: _("%(many)s kg at %(price)s (%(service)s, %(zones)s)"),
        Unit.PALLET: ngettext(
            "%(many)s pallet at %(price)s (%(service)s, %(zones)s)",
            "%(many)s pallets at %(price)s (%(service)s, %(zones)s)",
            int(many),
        ),
        Unit.KM: _("%(many)s km at %(price)s (%(service)s, %(zones)s)"),
        Unit.FLAT: _("Price of a shipment: %(price)s (%(service)s, %(zones)s)"),
    }
    why = sentences[Unit(line.unit)] % told
    if amount < line.least:
        amount = line.least
        why = _("%(line)s, at least %(least)s") % {"line": why, "least": _cash(line.least, card)}
    return Step(line.unit, why, amount)


def _extras(card: Card, load: Load, carriage: Decimal) -> list[Step]:
    steps = []
    known = {extra.code: extra for extra in card.extras}
    for code, many in load.extras.items():
        if not many:
            continue
        extra = known.get(code)
        name = word(f"extra.{code}")
        if extra is None:
            raise UnableToRate(Reason("no_extra", _("The card has no price for this: %s.") % name, code))
        amount = extra_amount(card, extra, many, pieces=len(load.pieces), carriage=carriage)
        rate = f"{_number(extra.price)} %" if extra.basis == Basis.PERCENT else _cash(extra.price, card)
        told = {"name": name, "many": _number(many), "rate": rate, "basis": word(f"rate_basis.{extra.basis}")}
        steps.append(Step(code, _("%(name)s: %(many)s at %(rate)s %(basis)s") % told, amount))
    return steps


def extra_amount(card: Card, extra: Extra, many: Decimal, *, pieces: int, carriage: Decimal) -> Decimal:
    each = {
        Basis.PERCENT: carriage * extra.price / 100,
        Basis.PARCEL: extra.price * max(pieces, 1),
    }.get(Basis(extra.basis), extra.price)
    return money.rounded(each * many, card.currency)


def _kilos(grams: int) -> str:
    return f"{_number(Decimal(grams) / KILO)} kg"


def _number(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _cash(amount: Decimal, card: Card) -> str:
    least = money.rounded(amount, card.currency)
    return f"{least if least == amount else _number(amount)} {card.currency}"
