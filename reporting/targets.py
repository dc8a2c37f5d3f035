"""How long a unit may stay in a state, in open hours of its site: dated rules, an owner's own before everybody's.

A target is asked for as it stood when the unit came into the state: what is published later holds for what comes later.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from revlog.accounts.models import Hub
from revlog.common.errors import Reason
from revlog.common.words import word
from revlog.devices import classes
from revlog.devices.journey import ON_HAND, State
from revlog.terms import queries, ruling, wording
from revlog.terms.models import RuleSet
from revlog.terms.parameters import Figures
from revlog.terms.ruling import Body, Kind
from revlog.terms.wording import Template, Vocabulary, Word

KIND = "reporting.targets"
MOST_HOURS = 10_000
QUEUES: tuple[State, ...] = tuple(state for state in State if state in ON_HAND)
"""The queues of the board, in the order of the journey."""
SHIPPED: Mapping[State, int] = {
    State.RECEIVED: 8,
    State.IN_TRIAGE: 18,
    State.TO_SANITIZE: 27,
    State.TO_REFURBISH: 45,
    State.TO_HARVEST: 90,
    State.TO_SELL: 180,
    State.TO_RESTOCK: 18,
    State.TO_DONATE: 180,
    State.TO_RETURN: 18,
    State.TO_DEPLOY: 45,
    State.TO_DESTROY: 45,
    State.TO_RECYCLE: 180,
}


def _check(body: Body) -> list[Reason]:
    found = []
    for place, rule in enumerate(body.get("rules", [])):
        hours = rule.get("then", {}).get("hours")
        value = ruling.number(hours) if not isinstance(hours, Mapping) else None
        if not isinstance(hours, Mapping) and (value is None or not 0 < value <= MOST_HOURS):
            found.append(
                Reason("hours", f"Hours are a number above 0, at most {MOST_HOURS}.", f"body.rules[{place}].then.hours")
            )
    return found


def _rule(state: State, hours: int) -> dict[str, Any]:
    when = {"fact": "state", "op": "==", "value": state.value}
    return {"id": state.value.lower(), "when": when, "then": {"hours": hours}}


ruling.register(
    Kind(KIND, {"mode": "first", "rules": [_rule(state, hours) for state, hours in SHIPPED.items()]}, _check)
)


def _states() -> Mapping[str, str | Promise]:
    return {state.value: word(f"state.{state.value}") for state in QUEUES}


def _hubs() -> Mapping[str, str | Promise]:
    return dict(Hub.objects.filter(organization__kind="operator").values_list("code", "name"))


wording.register(
    KIND,
    Vocabulary(
        facts={
            "state": Word(_("state"), "choice", choices=_states),
            "hub": Word(_("site"), "choice", choices=_hubs),
            "device_class": Word(_("kind of thing"), "choice", choices=dict(classes.CHOICES)),
        },
        outcomes={"hours": Word(_("target"), "number", _("open hours"))},
        parameters={},
        templates=(
            Template(
                "at_a_site",
                _("Another target for a state at one site"),
                {
                    "when": {
                        "all": [
                            {"fact": "state", "op": "==", "value": State.IN_TRIAGE.value},
                            {"fact": "hub", "op": "==", "value": "rotterdam"},
                        ]
                    },
                    "then": {"hours": 9},
                },
            ),
        ),
    ),
)

WATCHED = (
    "units",
    "parcels",
    "deliveries",
    "sessions",
    "containers",
    "picks",
    "counts",
    "transfers",
    "hazards",
    "conflicts",
)
DWELL = Figures(
    "reporting.dwell",
    {
        "units_hours": 48, "parcels_hours": 24, "deliveries_hours": 4, "sessions_hours": 10, "containers_hours": 72,
        "picks_hours": 4, "counts_hours": 48, "transfers_hours": 48, "hazards_hours": 1, "conflicts_hours": 2,
    },
    dict.fromkeys([f"{code}_hours" for code in WATCHED], MOST_HOURS),
)  # fmt: skip
"""After how many hours of the clock the board sounds a dwell alarm: units past their target by so much, parcels that stand unpacked,
trucks that are still being scanned off, receiving sessions that nobody closes, full containers that nobody moves, pick lists nobody begins,
counts nobody ends, transfers nobody takes in, dangers nobody assesses, scans nobody settles."""
_HOURS = _("hours")
wording.register(
    DWELL.kind,
    Vocabulary(
        facts={},
        outcomes={},
        parameters={
            "units_hours": Word(_("a unit is past its target"), "number", _HOURS),
            "parcels_hours": Word(_("a parcel stands unpacked"), "number", _HOURS),
            "deliveries_hours": Word(_("a truck is still being scanned off"), "number", _HOURS),
            "sessions_hours": Word(_("a receiving session is open"), "number", _HOURS),
            "containers_hours": Word(_("a container with things in it doesn't move"), "number", _HOURS),
            "picks_hours": Word(_("nobody has begun a pick list"), "number", _HOURS),
            "counts_hours": Word(_("a place is to be counted, or its differences to be decided"), "number", _HOURS),
            "transfers_hours": Word(_("a transfer left and isn't taken in"), "number", _HOURS),
            "hazards_hours": Word(_("nobody has assessed a danger"), "number", _HOURS),
            "conflicts_hours": Word(_("nobody has settled a scan made without the net"), "number", _HOURS),
        },
    ),
)


class Targets:
    """Targets asked for many units in a row: what was found for one is kept for the next of its kind."""

    def __init__(self) -> None:
        self._rulings: dict[tuple[uuid.UUID | None, datetime | None], ruling.Ruling] = {}
        self._hours: dict[tuple[Any, ...], float | None] = {}
        self._dates = _dates()

    def hours(self, state: str, *, hub: str, device_class: str, owner: uuid.UUID | None, at: datetime) -> float | None:
        """The target for a unit that came into ``state`` at ``at``; None where no rule gives one."""
        found = self._in_force(owner, at)
        key = (found.rule_set, found.version, state, hub, device_class)
        if key not in self._hours:
            decided = ruling.decide(found, {"state": state, "hub": hub, "device_class": device_class})
            value = ruling.number(decided.outcome.get("hours"))
            self._hours[key] = None if value is None else float(value)
        return self._hours[key]

    def _in_force(self, owner: uuid.UUID | None, at: datetime) -> ruling.Ruling:
        """Asked of the database once for each owner with rules of its own, and each span between two versions."""
        span = max((begun for whose, begun in self._dates if begun <= at and whose in {None, owner}), default=None)
        own = owner if any(whose == owner for whose, _begun in self._dates) else None
        key = (own, span)
        if key not in self._rulings:
            self._rulings[key] = queries.in_force(KIND, at=at, organization=own)
        return self._rulings[key]


def _dates() -> list[tuple[uuid.UUID | None, datetime]]:
    rows = RuleSet.objects.filter(kind=KIND, version__isnull=False)
    return [(whose, begun) for whose, begun in rows.values_list("organization_id", "valid_from") if begun is not None]
