"""The odds of a repair as rules: counts with their sources, shipped as planning defaults, replaced by an operator's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from revlog.common.errors import Reason
from revlog.devices.classes import CLASSES
from revlog.terms import ruling
from revlog.terms.ruling import Body, Kind, Ruling
from triage.complaints import labels, odds
from triage.complaints.odds import Odds
from triage.defects import DEFECTS

KIND = "triage.repair_odds"
MOST = 100_000_000
FAULTS = frozenset(DEFECTS) | set(labels.BESIDES)
_DEFAULTS: dict[str, Any] = json.loads((Path(__file__).parent / "complaints" / "odds.json").read_text(encoding="utf-8"))


def _check(body: Body) -> list[Reason]:
    given = body.get("parameters", {})
    found = [
        Reason("unknown", f"Nothing reads {name}; known are {', '.join(_DEFAULTS)}.", f"body.parameters.{name}")
        for name in given
        if name not in _DEFAULTS
    ]
    for kind, pair in _pairs(given):
        numbers = isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, int) for one in pair)
        if not numbers or not all(0 <= one <= MOST for one in pair):
            found.append(Reason("pair", "Counts are two whole numbers: mended, and not.", f"body.parameters.{kind}"))
    known = {"classes": set(CLASSES), "ages": set(odds.BAND_NAMES), "faults": set(FAULTS)}
    for table in ("classes", "ages", "faults"):
        for name, told in given.get(table, {}).items():
            names = {name} if table == "classes" else set(told)
            wrong = (names - known[table]) | ({name} - set(CLASSES))
            found += [Reason("name", f"Nothing is called {one}.", f"body.parameters.{table}.{name}") for one in wrong]
    prior = ruling.number(given.get("prior", odds.PRIOR))
    if prior is None or not 1 <= prior <= 10_000:
        found.append(Reason("prior", "The cases that a share is drawn with are 1 to 10000.", "body.parameters.prior"))
    sources = given.get("sources", ["-"])
    if not isinstance(sources, list) or not sources or not all(isinstance(one, str) and one for one in sources):
        found.append(Reason("sources", "Say where the counts come from, a line each.", "body.parameters.sources"))
    return found


def _pairs(given: Mapping[str, Any]) -> list[tuple[str, Any]]:
    found = [(f"classes.{name}", pair) for name, pair in given.get("classes", {}).items()]
    for table in ("ages", "faults"):
        for name, told in given.get(table, {}).items():
            found += [(f"{table}.{name}.{each}", pair) for each, pair in dict(told).items()]
    return found


RULES = ruling.register(Kind(KIND, {"parameters": _DEFAULTS}, _check))
SHIPPED = Ruling(KIND, 0, RULES.shipped)


def read(found: Ruling) -> dict[str, Any]:
    """The counts of one version; what an operator's leaves out is none of ours: shares of two worlds aren't mixed."""
    given = dict(found.parameters)
    return {"ages": {}, "faults": {}, "prior": odds.PRIOR, "sources": []} | given if given else dict(_DEFAULTS)


def of(found: Ruling, *, device_class: str, age: int | None = None, fault: str = "") -> Odds:
    return odds.odds(read(found), device_class=device_class, age=age, fault=fault)
