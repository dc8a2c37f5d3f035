"""A client's instructions: which paths its contract allows for what, as rules of its own. Pure: rules and a case in, a ``Contract`` out.

A rule says for which units (class, media, value, grade, data ...) it holds, what it asks for, and in ``why`` the sentence of the contract:

    {"id": "drives", "when": {"fact": "device_class", "value": "storage"}, "then": {"only": ["DESTROY"]},
     "why": "MSA 4.2: All loose drives are destroyed."}

All rules that match count. ``forbid`` and ``only`` name paths (``SALE`` stands for every way of selling), ``forbid_channels`` and
``only_channels`` ways of selling, ``least_grade`` the worst grade in which anything is used again, ``drives: destroy`` has every drive
destroyed, ``prefer`` is an order in which open paths are taken, ``weigh`` has paths weighed that else are not (``DEPLOY``, ``DONATE``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from revlog.common.errors import Reason
from revlog.devices.journey import Disposition
from revlog.terms import ruling
from revlog.terms.ruling import Body, Kind, Ruling
from triage.cases import Case, Contract
from triage.figures import SHIPPED, Figures
from triage.gates import GRADED, LOT, SALES
from triage.paths import value_of

KIND = "triage.sop"
SALE = "SALE"
PATHS = (*(each.value for each in Disposition), LOT)
LISTS: Mapping[str, frozenset[str] | None] = {
    "forbid": frozenset({*PATHS, SALE}),
    "only": frozenset({*PATHS, SALE}),
    "prefer": frozenset(PATHS),
    "weigh": frozenset(PATHS),
    "forbid_channels": None,
    "only_channels": None,
}
"""What outcomes are lists, and of what; channels are those of the figures, which every operator names for itself."""
ONES = {"least_grade": frozenset(GRADED), "drives": frozenset({"destroy"})}
CHANNELS = SHIPPED.channels


def facts_of(case: Case, figures: Figures) -> dict[str, Any]:
    """What a rule may ask of a unit."""
    return {
        "device_class": case.device_class,
        "grade": case.grade,
        "value": str(value_of(case, figures)),
        "media": list(case.media),
        "has_data": case.uncleared > 0,
        "faults": [fault.code for fault in case.faults],
        "why": case.why,
        "tracking": case.tracking,
    }


def with_contract(case: Case, found: Ruling, figures: Figures) -> Case:
    """The case with what its owner's instructions say of it; as it was where there are none."""
    if not found.body.get("rules"):
        return case
    return replace(case, contract=contract_of(found, facts_of(case, figures), _every(figures)))


def _every(figures: Figures) -> Sequence[str]:
    """The channels of these figures, and those that the code ships: what isn't reckoned with can be sold in all the same."""
    return tuple(sorted({*figures.channels, *CHANNELS}))


def contract_of(found: Ruling, facts: Mapping[str, Any], channels: Sequence[str] = CHANNELS) -> Contract:
    """What all rules that match say together. The first sentence that forbids something is the one that is told."""
    forbidden: dict[str, str] = {}
    shut: dict[str, str] = {}
    told: dict[str, Any] = {}
    weigh: list[str] = []
    for rule in found.compiled.matching(facts):
        then, why = rule.then, rule.why or rule.id
        for path in _paths(then.get("forbid", ())):
            forbidden.setdefault(path, why)
        if only := set(_paths(then.get("only", ()))):
            weigh += sorted(only)
            for path in PATHS:
                if path not in only:
                    forbidden.setdefault(path, why)
        for channel in then.get("forbid_channels", ()):
            shut.setdefault(channel, why)
        if then.get("only_channels"):
            for channel in channels:
                if channel not in then["only_channels"]:
                    shut.setdefault(channel, why)
        least = then.get("least_grade", "")
        if least and ("least_grade" not in told or GRADED.index(least) < GRADED.index(told["least_grade"])):
            told |= {"least_grade": least, "least_why": why}
        if then.get("drives") and "drives" not in told:
            told |= {"drives": then["drives"], "drives_why": why}
        if then.get("prefer") and "prefer" not in told:
            told |= {"prefer": tuple(then["prefer"]), "prefer_why": why}
        weigh += then.get("weigh", ())
    version = f"sop/{found.version}" if found.version else "sop"
    return Contract(version=version, forbidden=forbidden, channels=shut, weigh=tuple(sorted(set(weigh))), **told)


def _paths(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        if name == SALE:
            yield from sorted(str(each) for each in SALES)
        else:
            yield name


def _check(body: Body) -> list[Reason]:
    found = []
    if body.get("mode") != "collect":
        found.append(Reason("mode", "Every rule that matches counts: the mode is collect.", "body.mode"))
    for place, rule in enumerate(body.get("rules", [])):
        where = f"body.rules[{place}]"
        if not rule.get("why"):
            found.append(Reason("why", "A rule says the sentence of the contract in why.", f"{where}.why"))
        for name, value in rule.get("then", {}).items():
            found += _wrong(name, value, f"{where}.then.{name}")
    return found


def _wrong(name: str, value: Any, where: str) -> list[Reason]:  # noqa: ANN401 - plain data
    if name in ONES:
        if not isinstance(value, str) or value not in ONES[name]:
            return [Reason("value", f"{name} is one of {', '.join(sorted(ONES[name]))}.", where)]
        return []
    if name not in LISTS:
        known = ", ".join([*LISTS, *ONES])
        return [Reason("unknown", f"Nothing reads {name}; known are {known}.", where)]
    known_names = LISTS[name]
    if not isinstance(value, list) or not value or not all(isinstance(each, str) and each for each in value):
        return [Reason("list", f"{name} is a list of names.", where)]
    if known_names is not None and (wrong := [each for each in value if each not in known_names]):
        return [Reason("name", f"{wrong[0]} is none of {', '.join(sorted(known_names))}.", where)]
    return []


RULES = ruling.register(Kind(KIND, {"mode": "collect", "rules": []}, _check))
