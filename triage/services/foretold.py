"""What a thing would bring that isn't here yet: the sums of a decision, one for each grade in which it may turn out to be. Pure.

    left = Σ odds of a grade × what its best path brings - decay until it is here - freight - inspection

Repairs aren't asked about: what goes back to its owner is never ours to sell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from revlog.common import money
from revlog.devices import classes
from revlog.terms.foretelling import Declared, Foretold, Freight, Line, Way
from triage import paths
from triage.economics import remaining
from triage.figures import Figures
from triage.paths import Case
from triage.services import worth

DEAD = frozenset({"no_power", "does_not_work"})
ZERO = Decimal(0)
ONE_PARCEL = 2000
"""Grams that the figure for a parcel covers."""
UNION = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL",
        "PL", "PT", "RO", "SE", "SI", "SK",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What is known of the model: prices as they hold, and what it weighs."""

    price_new: Decimal
    price_a: Decimal
    prices: Mapping[str, Decimal]
    decay: Decimal
    grams: int
    price_from: str


def case_of(asked: Declared, grade: str, known: Figures, sheet: Sheet) -> Case:
    """The case that it would be in this grade: what its owner tells of is there in the worst grade, and nothing is in better ones."""
    codes = asked.faults if grade == "D" else ()
    faults = tuple(paths.Fault(code=code, severity="major") for code in codes)
    mendable = tuple(one for one in faults if known.repair(one.code, asked.device_class))
    soldered = classes.of(asked.device_class).soldered is not None
    return Case(
        device_class=asked.device_class,
        grams=sheet.grams,
        grade=grade,
        target="B" if mendable else "",
        mendable=mendable,
        faults=faults,
        authority=True,
        ours=True,
        why="return" if asked.returned else "trade_in",
        uncleared=1 if asked.holds_data else 0,
        clearable=not (asked.holds_data and soldered and DEAD.intersection(codes)),
        # What comes from its user is never sold as new.
        price_new=sheet.price_new if asked.returned else sheet.price_a,
        price_a=sheet.price_a,
        prices=sheet.prices,
        decay=sheet.decay,
    )


def odds_of(asked: Declared, known: Figures) -> dict[str, Decimal]:
    """Grade -> how likely, as shares of one."""
    if asked.grade:
        return {asked.grade: Decimal(1)}
    table = known.body[f"odds_{asked.condition}"]
    given = {grade: share for grade in paths.GRADED if (share := Decimal(table.get(grade, 0)))}
    whole = sum(given.values(), ZERO)
    return {grade: share / whole for grade, share in given.items()} if whole else {"D": Decimal(1)}


def planned_freight(asked: Declared, country: str, grams: int, known: Figures) -> Freight:
    """By the figures: at home, within the Union or from abroad, and by weight."""
    here, there = asked.lies.country, country
    zone = "home" if not here or here == there else "union" if {here, there} <= UNION else "abroad"
    base, more = known.of("inbound", zone), known.of("inbound_per_kg", zone)
    kilos = Decimal(max(0, grams * asked.quantity - ONE_PARCEL)) / 1000
    amount = money.rounded(base + more * kilos, known.currency)
    how = f"{base} + {kilos.normalize():f} kg × {more}" if kilos else ""
    return Freight(amount=amount, by=f"figures:{zone}", how=how)


def foretell(asked: Declared, known: Figures, sheet: Sheet, freight: Freight) -> Foretold | None:
    """The answer; None where none of its grades has an open path."""
    told = _grades(asked, known, sheet)
    if told is None:
        return None
    pieces, currency = Decimal(asked.quantity), known.currency
    odds, best, ways, lines = told.odds, told.best, told.ways, list(told.lines)
    days = int(known.one("days_until_here"))
    recovery = sum((line.amount for line in lines), ZERO)
    decay = -money.rounded(told.income * (1 - remaining(sheet.decay, days)), currency)
    if pieces != 1:
        lines = [Line(what=one.what, amount=one.amount * pieces, how=f"{one.how} × {pieces}") for one in lines]
        recovery, decay = recovery * pieces, decay * pieces
    minutes = known.of("inspection_minutes", asked.device_class)
    inspection = money.rounded(minutes * pieces * known.one("labor_per_hour") / 60, currency)
    how = f"{minutes * pieces} min × {known.one('labor_per_hour')}/h"
    lines += [
        Line(what="decay", amount=decay, how=f"{days} d × {(sheet.decay * 100).normalize():f} %/30 d"),
        Line(what="freight", amount=-freight.amount, how=freight.how),
        Line(what="inspection", amount=-inspection, how=how),
    ]
    return Foretold(
        currency=currency,
        odds=odds,
        recovery=recovery,
        decay=decay,
        freight=freight,
        inspection=inspection,
        days=days,
        left=recovery + decay - freight.amount - inspection,
        best=best,
        ways=ways,
        lines=[line for line in lines if line.amount],
        price_from=sheet.price_from,
        version=known.version,
        digest=known.digest,
        inputs=_plain(asked, sheet, freight),
    )


@dataclass(frozen=True, kw_only=True)
class _Told:
    odds: Mapping[str, Decimal]
    best: str
    ways: tuple[Way, ...]
    lines: tuple[Line, ...]
    income: Decimal


def _grades(asked: Declared, known: Figures, sheet: Sheet) -> _Told | None:
    """Each grade's best path: what a piece brings, weighed by its odds. The same question again costs nothing."""
    prices = tuple(sorted(sheet.prices.items()))
    key = (
        known.digest, sheet.price_new, sheet.price_a, prices, sheet.decay, sheet.grams,
        asked.device_class, asked.condition, asked.grade, asked.faults, asked.holds_data, asked.returned,
    )  # fmt: skip
    # Other threads may empty it at any moment: what was reckoned here is answered from here.
    try:
        return _reckoned[key]
    except KeyError:
        found = _reckon(asked, known, sheet)
    if len(_reckoned) >= MOST_KEPT:
        _reckoned.clear()
    _reckoned[key] = found
    return found


MOST_KEPT = 4096
_reckoned: dict[tuple[object, ...], _Told | None] = {}
"""What this process reckoned already; the same key always comes to the same."""


def _reckon(asked: Declared, known: Figures, sheet: Sheet) -> _Told | None:
    odds = odds_of(asked, known)
    lines: list[Line] = []
    chosen: dict[str, Decimal] = {}
    nets: dict[str, list[tuple[Decimal, Decimal]]] = {}
    income = ZERO
    for grade, share in odds.items():
        found = worth.reckoned(case_of(asked, grade, known, sheet), known, price_from=sheet.price_from)
        if found.best is None:
            return None
        best = found.paths[0]
        chosen[best.code] = chosen.get(best.code, ZERO) + share
        for path in found.paths:
            if path.is_open and path.weighed:
                nets.setdefault(path.code, []).append((share, path.result.net))
        income += share * sum((line.amount for line in best.result.lines if line.amount > 0), ZERO)
        net = money.rounded(share * best.result.net, known.currency)
        how = f"{(share * 100).quantize(Decimal('0.1')).normalize():f} % × {best.result.net}" if share != 1 else ""
        lines.append(Line(what=f"{best.code}:{grade}", amount=net, how=how))
    ways = [
        Way(
            path=path,
            odds=chosen.get(path, ZERO),
            net=money.rounded(sum((s * n for s, n in rows), ZERO) / sum((s for s, _n in rows), ZERO), known.currency),
        )
        for path, rows in nets.items()
    ]
    ways.sort(key=lambda one: (-one.odds, -one.net, one.path))
    return _Told(odds=odds, best=ways[0].path, ways=tuple(ways), lines=tuple(lines), income=income)


# Kept, and again ----------------------------------------------------------------------------------------------------------------------


def _plain(asked: Declared, sheet: Sheet, freight: Freight) -> dict[str, Any]:
    told = {name: _text(value) for name, value in asdict(asked).items()}
    # Of where it lies the country is enough: the freight is kept as it was found.
    told["lies"] = {"country": asked.lies.country}
    model = {name: _text(value) for name, value in asdict(sheet).items()}
    return {
        "asked": told,
        "model": model,
        "freight": {"by": freight.by, "how": freight.how, "amount": str(freight.amount)},
    }


def _text(value: Any) -> Any:  # noqa: ANN401 - plain data
    if isinstance(value, Mapping):
        return {name: _text(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_text(one) for one in value]
    return value if isinstance(value, str | int | bool) or value is None else str(value)


def from_plain(inputs: Mapping[str, Any], known: Figures) -> Foretold | None:
    """What kept inputs come to by these figures; places don't matter any more, the freight is kept."""
    told, model = dict(inputs["asked"]), dict(inputs["model"])
    for name in ("product", "variant", "owner", "lies", "goes"):
        told.pop(name)
    asked = Declared(**(told | {"faults": tuple(told["faults"])}))
    sheet = Sheet(
        price_new=Decimal(model["price_new"]),
        price_a=Decimal(model["price_a"]),
        prices={grade: Decimal(amount) for grade, amount in model["prices"].items()},
        decay=Decimal(model["decay"]),
        grams=int(model["grams"]),
        price_from=str(model["price_from"]),
    )
    freight = Freight(**(dict(inputs["freight"]) | {"amount": Decimal(inputs["freight"]["amount"])}))
    return foretell(asked, known, sheet, freight)
