"""What must be true of return rules before they can be published. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from returns import reasons
from returns.policy import ways
from revlog.common.errors import Reason
from revlog.devices import classes
from revlog.terms import ruling
from revlog.terms.ruling import Body

OUTCOMES = ("refund", "credit", "exchange", "advance", "repair", "replace")
GOODS = ("back", "keep", "donate", "none")
APPROVALS = ("auto", "person", "two")
ANCHORS = ("delivery", "shipment", "order")
MOMENTS = ("acceptance", "receipt", "handover")
"""When money is due, the latest first."""
PAYERS = ("customer", "seller")
MOST_PHOTOS = 10
_DAYS = ("window_days", "guarantee_days", "hand_in_days", "check_days", "grace_days")
_KNOWN = frozenset(
    {
        "allow",
        "window",
        "approval",
        "fee_percent",
        "fee_amount",
        "fee_payer",
        "fee_waived_for",
        "bonus_percent",
        "photos",
        "questions",
        "outcomes",
        "methods",
        *ways.FEES,
        "hub",
        "goods",
        "refund_on",
    }
)


def check(body: Body) -> list[Reason]:
    """Everything about the body that no return could be decided by, each with its place."""
    parameters = body.get("parameters", {})
    found = _parameters(parameters)
    collects = body.get("mode", "first") == "collect"
    for place, rule in enumerate(body.get("rules", [])):
        raw = rule.get("then", {})
        found += _then(ruling.filled(raw, parameters), f"body.rules[{place}].then", must_allow=not collects)
    return found + _regions(body.get("regions", {})) + _sites(body.get("sites", {})) + _seasons(body.get("seasons", []))


def _parameters(parameters: Mapping[str, Any]) -> list[Reason]:
    found = [
        Reason("days", f"{name} is a whole number of days.", f"body.parameters.{name}")
        for name in _DAYS
        if name in parameters and not _whole(parameters[name], 36500)
    ]
    if not _whole(parameters.get("credit_months", 0), 1200):
        found.append(
            Reason(
                "months", "credit_months is a whole number of months; 0 means never.", "body.parameters.credit_months"
            )
        )
    if not _whole(parameters.get("labels_a_day", 0), 1000):
        found.append(Reason("labels", "labels_a_day is a whole number.", "body.parameters.labels_a_day"))
    if not _whole(parameters.get("keep_times", 0), 1000):
        found.append(Reason("keep_times", "keep_times is a whole number.", "body.parameters.keep_times"))
    for name, most in (*((fee, 1_000) for fee in ways.FEES), ("counter_below", 1_000_000)):
        told = ruling.number(parameters.get(name, 0))
        if told is None or not 0 <= told <= most:
            found.append(Reason(name, f"{name} is a sum of money up to {most}.", f"body.parameters.{name}"))
    if parameters.get("window_from", "delivery") not in ANCHORS:
        found.append(Reason("anchor", f"Days count from {', '.join(ANCHORS)}.", "body.parameters.window_from"))
    if parameters.get("refund_on", "acceptance") not in MOMENTS:
        found.append(
            Reason("refund_on", "Money is due on acceptance, on receipt or on handover.", "body.parameters.refund_on")
        )
    return found


def _whole(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _then(then: Mapping[str, Any], where: str, *, must_allow: bool) -> list[Reason]:
    found: list[Reason] = []
    if not isinstance(then.get("allow"), bool) and (must_allow or "allow" in then):
        found.append(Reason("allow", "Each rule says whether it allows.", f"{where}.allow"))
    if unknown := set(then) - _KNOWN:
        name = min(unknown)
        found.append(Reason("unknown", f"Nothing reads {name!r} of an outcome.", f"{where}.{name}"))
    found += _lists(then, where)
    found += [
        Reason(name, sentence, f"{where}.{name}")
        for name, allowed, sentence in (
            ("approval", APPROVALS, f"Approval is {', '.join(APPROVALS)}."),
            ("fee_payer", PAYERS, "A fee is paid by the customer or the seller."),
            ("goods", GOODS, f"The goods are one of {', '.join(GOODS)}."),
            ("refund_on", MOMENTS, "Money is due on acceptance, on receipt or on handover."),
        )
        if name in then and then[name] not in allowed
    ]
    for name, most, sentence in (
        ("fee_percent", 100, "A fee is 0 to 100 percent."),
        ("fee_amount", 1_000_000, "A fee is a sum of money, written as text."),
        ("bonus_percent", 100, "A bonus is 0 to 100 percent."),
        *((name, 1_000, "What a way to send it costs is a sum of money up to 1,000.") for name in ways.FEES),
    ):
        told = ruling.number(then.get(name, 0))
        if told is None or not 0 <= told <= most:
            found.append(Reason(name, sentence, f"{where}.{name}"))
    if "photos" in then and not _whole(then["photos"], MOST_PHOTOS):
        found.append(Reason("photos", f"Photos are a number from 0 to {MOST_PHOTOS}.", f"{where}.photos"))
    if not isinstance(then.get("hub", ""), str):
        found.append(Reason("hub", "A destination is the code of a site.", f"{where}.hub"))
    return found + _window(then, where)


def _window(then: Mapping[str, Any], where: str) -> list[Reason]:
    window = then.get("window")
    if window is None:
        return []
    if not isinstance(window, Mapping) or not _whole(window.get("days"), 36500):
        return [Reason("window", "A window is a number of days.", f"{where}.window.days")]
    if (window.get("from") or "delivery") not in ANCHORS:
        return [Reason("window", f"A window counts from {', '.join(ANCHORS)}.", f"{where}.window.from")]
    return []


def _lists(then: Mapping[str, Any], where: str) -> list[Reason]:
    found: list[Reason] = []
    for name in ("outcomes", "methods", "questions", "fee_waived_for"):
        told = then.get(name, [])
        if not isinstance(told, list) or not all(isinstance(one, str) and one for one in told):
            found.append(Reason(name, f"{name} is a list of names.", f"{where}.{name}"))
    if found:
        return found
    if strange := set(then.get("methods", [])) - set(ways.METHODS):
        sentence = f"{min(strange)!r} is no way to send it; there are {', '.join(ways.METHODS)}."
        found.append(Reason("methods", sentence, f"{where}.methods"))
    if set(then.get("outcomes", [])) - set(OUTCOMES):
        found.append(Reason("outcomes", f"Outcomes are {', '.join(OUTCOMES)}.", f"{where}.outcomes"))
    if strange := set(then.get("fee_waived_for", [])) - set(reasons.CODES) - set(reasons.GROUPS):
        found.append(
            Reason("fee_waived_for", f"{min(strange)!r} is no reason and no group of them.", f"{where}.fee_waived_for")
        )
    return found


def _regions(regions: object) -> list[Reason]:
    if not isinstance(regions, Mapping):
        return [Reason("regions", "Regions are names, each with a list of countries.", "body.regions")]
    return [
        Reason("region", f"{name} is a list of two-letter country codes.", f"body.regions.{name}")
        for name, countries in regions.items()
        if not isinstance(countries, list) or not all(isinstance(one, str) and len(one) == 2 for one in countries)
    ]


def _sites(sites: object) -> list[Reason]:
    if not isinstance(sites, Mapping):
        return [Reason("sites", "Sites are codes, each with a list of classes of things.", "body.sites")]
    return [
        Reason("site", f"{name} is a list of classes: {', '.join(classes.CLASSES)}.", f"body.sites.{name}")
        for name, taken in sites.items()
        if not isinstance(taken, list) or not set(map(str, taken)) <= set(classes.CLASSES)
    ]


# Seasons ----------------------------------------------------------------------------------------------------------------------------


def season_of(season: Mapping[str, Any], ordered_on: date) -> date | None:
    """Until when what was bought that day may come back by this season; None when it wasn't bought in it.

    Days are written whole (2026-11-15), or without a year (11-15): then the season comes back each year, and may run into the next.
    """
    begins, ends, until = (str(season[name]) for name in ("from", "to", "until"))
    if len(begins) > 5:
        bought = date.fromisoformat(begins) <= ordered_on <= date.fromisoformat(ends)
        return date.fromisoformat(until) if bought else None
    for year in (ordered_on.year, ordered_on.year - 1):
        first = _of_year(begins, year)
        last = _on_or_after(ends, first)
        if first <= ordered_on <= last:
            return _on_or_after(until, last)
    return None


def _of_year(text: str, year: int) -> date:
    month, day = (int(part) for part in text.split("-"))
    return date(year, month, 28 if (month, day) == (2, 29) else day)


def _on_or_after(text: str, day: date) -> date:
    found = _of_year(text, day.year)
    return found if found >= day else _of_year(text, day.year + 1)


def _seasons(seasons: object) -> list[Reason]:
    if not isinstance(seasons, list):
        return [Reason("seasons", "Seasons are a list.", "body.seasons")]
    found = []
    for place, season in enumerate(seasons):
        where = f"body.seasons[{place}]"
        named = [season.get(name) for name in ("from", "to", "until")] if isinstance(season, Mapping) else []
        days = [one for one in named if isinstance(one, str) and _is_day(one)]
        if len(days) != 3:
            sentence = "A season has a from, a to and an until, written as 2026-11-15, or 11-15 for each year."
            found.append(Reason("season", sentence, where))
        elif len({len(one) for one in days}) != 1:
            found.append(Reason("season", "The days of a season all have a year, or none has.", where))
        elif len(days[0]) > 5 and not days[0] <= days[1] <= days[2]:
            found.append(Reason("season", "A season ends after it begins, and may come back until later.", where))
    return found


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text if len(text) > 5 else f"2024-{text}")
    except ValueError:
        return False
    return True
