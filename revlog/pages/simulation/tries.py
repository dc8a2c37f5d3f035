"""What somebody thinks of changing: rules drafted by one and tried on what happened, which another may publish or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from returns import policy
from returns.fraud import rules as risk_rules
from returns.policy import tradein, unsold
from returns.services import trials
from revlog.pages.simulation.world import World
from revlog.terms import ruling
from revlog.terms.services import rules
from triage import books, rubrics
from triage.services import regrading

DAYS = 365
FEE = {
    "id": "changed_mind",
    "when": {"fact": "reason_group", "op": "==", "value": "remorse"},
    "then": {"allow": True, "window": {"days": 30, "from": "delivery"}, "fee_percent": "5"},
    "why": "A twentieth of the price is kept when something comes back because it isn't wanted any more.",
}
BRINGS = {
    "id": "phones_by_what_they_bring",
    "when": {"fact": "device_class", "op": "in", "value": ["phone", "tablet"]},
    "then": {"recovery_margin_percent": 5, "margin_percent": 30, "handling": "12.00"},
    "why": "What we keep of what it will bring us.",
}
_LAPTOPS = rubrics.defaults.BODIES["laptop"] | {"battery": [[90, "A"], [75, "B"], [50, "C"]]}
_PHONES = rubrics.defaults.BODIES["phone"] | {"unseen": {"cosmetic": "B", "battery": "C"}}
_ASKED = books.defaults.BOOKS["backmarket"]
_BACK_MARKET = dict(_ASKED) | {
    "grades": [
        dict(grade) | {"asks": [{"battery": 95} if asked == {"battery": 90} else asked for asked in grade["asks"]]}
        for grade in _ASKED["grades"]
    ]
}
DRAFTS: tuple[tuple[str, str, Mapping[str, object], tuple[Mapping[str, Any], ...]], ...] = (
    (policy.KIND, "A small fee for what isn't wanted any more", {}, (FEE,)),
    (risk_rules.KIND, "Look sooner, and hold less", {"look_from": 20, "hold_from": 75}, ()),
    (tradein.KIND, "Pay for phones by what they will bring us", {}, (BRINGS,)),
    (rubrics.KIND, "A phone whose battery nobody read is a C at best", {"laptop": _LAPTOPS, "phone": _PHONES}, ()),
    (books.KIND, "Back Market asks us for 95 % for Premium", {"backmarket": _BACK_MARKET}, ()),
    (unsold.KIND, "Wait longer, and count on more for lots", {"age_days": 290, "lot_percent": "50"}, ()),
)


def draft(world: World) -> None:
    """Each is tried on the past year; publishing is left to whoever clicks through the demo. One rubric is published already."""
    _publish(world)
    for kind, note, parameters, first in DRAFTS:
        shipped = ruling.kind(kind).shipped
        body = {
            **shipped,
            "parameters": {**shipped["parameters"], **parameters},
            **({"rules": [*first, *shipped["rules"]]} if "rules" in shipped else {}),
        }
        row = rules.draft(kind=kind, body=body, note=note, by=world.admin, at=world.at)
        since = (world.at - timedelta(days=DAYS)).date()
        trial = trials.start(rule_set=row, since=since, until=world.at.date(), by=world.admin, at=world.at)
        trials.run(trial.pk, by=trials.TRIALS, at=world.at)


def _publish(world: World) -> None:
    """Laptops are graded more strictly from today on: what is in triage is graded again, what is decided stands on the list."""
    body = {"parameters": {**ruling.kind(rubrics.KIND).shipped["parameters"], "laptop": _LAPTOPS}}
    note = "A laptop's battery below 90 % is no A, below 75 % no B"
    row = rules.draft(kind=rubrics.KIND, body=body, note=note, by=world.admin, at=world.at)
    done = rules.publish(row, by=world.maria, at=world.at).rule_set
    run = regrading.ask(rule_set=done, by=world.maria, at=world.at)
    regrading.run(run.pk, at=world.at)
