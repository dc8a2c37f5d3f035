"""What a line would bring before it ships, as the facts that return rules compare; and when that is worth asking. Pure.

* ``expected_recovery``: what the best way brings in the middle, less what it loses until it is here. ``freight``: what bringing it here
  costs us. ``inspection_cost``: what looking at it costs.
* ``recovery_left``: what remains of the first after the other two. ``worth_shipping``: whether something remains.

All are of all pieces of the line, in the currency of the sale. They are unknown where no price is known, where the thing goes back to its
owner (a repair), and where nothing comes: a rule that compares them doesn't match then.

What no rule can do: let something stay away that is recalled or may burn.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from returns import reasons
from revlog.devices import classes
from revlog.devices.classes import Holds
from revlog.terms.conditions import facts_of, matches
from revlog.terms.foretelling import Foretold
from revlog.terms.ruling import Ruling

FACTS = ("expected_recovery", "freight", "inspection_cost", "recovery_left", "worth_shipping")
_NAMES = frozenset(FACTS)
UNKNOWN: Mapping[str, Any] = dict.fromkeys(FACTS)
NEVER_OURS = frozenset({"repair"})
"""What is wanted of things that go back to their owner: nothing of them is decided by what they would sell for."""
STAY = frozenset({"keep", "donate"})
FAULTS: Mapping[str, str] = {
    "DOA": "does_not_work",
    "POWER": "no_power",
    "BATTERY": "battery_worn",
    "DISPLAY": "display",
    "AUDIO": "audio",
    "CAMERA": "camera",
    "CONNECTIVITY": "connectivity",
    "STORAGE": "drive_failing",
    "KEYBOARD": "keyboard",
    "PORT": "port",
    "OVERHEAT": "fan",
    "DEFECTIVE": "does_not_work",
    "INTERMITTENT": "stress",
    "MISSING_PARTS": "part_missing",
}
"""The defect that a reason tells of; a reason without one tells of none that a bench could mend."""


def facts(told: Foretold) -> dict[str, Any]:
    """The answer as rules compare it."""
    return {
        "expected_recovery": told.recovery + told.decay,
        "freight": told.freight.amount,
        "inspection_cost": told.inspection,
        "recovery_left": told.left,
        "worth_shipping": told.left > 0,
    }


def holds_data(device_class: str, answers: Mapping[str, str]) -> bool:
    """Whether somebody's data may be on it: by its class, unless it is said never to have been opened."""
    return classes.of(device_class).holds != Holds.NEVER and not _is_sealed(answers)


def condition(reason: str, answers: Mapping[str, str]) -> str:
    """The condition that the reason and the answers tell of, as the question has it (`foretelling.CONDITIONS`)."""
    if answers.get("dropped") == "yes" or answers.get("wet") == "yes" or reason == "DAMAGED_TRANSIT":
        return "damaged"
    if reasons.group(reason) in {"fault", "safety"} or reason == "MISSING_PARTS":
        return "faulty"
    if _is_sealed(answers) or reason in {"UNDELIVERABLE", "REFUSED"}:
        return "unused"
    return "used" if answers.get("opened") == "used" else "tried"


def _is_sealed(answers: Mapping[str, str]) -> bool:
    return answers.get("opened") == "sealed"


def faults(reason: str) -> tuple[str, ...]:
    return (FAULTS[reason],) if reason in FAULTS else ()


def matters(found: Ruling, inputs: Mapping[str, Any], decided: str) -> bool:
    """Whether a rule compares what a line would bring, and all else that it compares holds: only then is it asked about.

    ``decided`` is the rule that decides while that isn't known; where the first that matches decides, those after it don't count. Each
    comparison with what isn't known yet is taken to hold, and so is a condition turned round by ``not``.
    """
    known = found.compiled
    for rule in known.rules:
        if rule.id == decided and known.mode == "first":
            return False
        if rule.when is None or _NAMES.isdisjoint(facts_of(rule.when)):
            continue
        if _may_hold(rule.when, inputs, known.parameters):
            return True
    return False


def _may_hold(condition: Mapping[str, Any], inputs: Mapping[str, Any], parameters: Mapping[str, Any]) -> bool:
    if "all" in condition:
        return all(_may_hold(part, inputs, parameters) for part in condition["all"])
    if "any" in condition:
        return any(_may_hold(part, inputs, parameters) for part in condition["any"])
    return not _NAMES.isdisjoint(facts_of(condition)) or matches(condition, inputs, parameters)


def left(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of an earlier decision, read from what it kept."""
    return {
        name: inputs[name] if name == "worth_shipping" else Decimal(inputs[name]) for name in FACTS if name in inputs
    }
