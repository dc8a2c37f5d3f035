"""The house rubrics: starting points of the trade, not a norm. An operator publishes its own as rule sets of the same shape."""

from __future__ import annotations

from typing import Any

VERSION = "2026-2"

# A count or a share at or above the figure is no better than the letter.
_STORAGE = {
    "pending": [[1, "D"]],
    "uncorrectable": [[1, "D"]],
    "media_errors": [[100, "D"], [1, "C"]],
    "reallocated": [[50, "D"], [1, "C"]],
    "grown_defects": [[50, "D"], [1, "C"]],
    "wear_percent": [[90, "D"], [60, "C"], [20, "B"]],
    "power_on_hours": [[45_000, "C"], [25_000, "B"]],
}
_COSMETIC = {
    "*": {"minor": "B", "major": "C", "critical": "D"},
    "crack": {"major": "C", "critical": "D"},
    "odor": {"major": "C"},
}
_COMPLETENESS = {"power_adapter": "C", "part_missing": "C", "charger": "C", "*": "B"}
"""What is missing costs a letter and is bought; nothing here is hard to get."""
_DATA = {"cleared": "A", "stuck": "D"}
"""While data waits for its wipe nothing is judged: it is wiped before it goes on."""
_MINOR = [
    "audio", "camera", "hinge", "trackpad", "bios", "connectivity", "port", "fan",
]  # fmt: skip


def _seen(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - plain data
    """A thing that a person tries and looks at; no report tells more of it."""
    return {
        "axes": ["function", "cosmetic", "completeness"],
        "required": ["function"],
        "unseen": {"cosmetic": "B"},
        "minor": _MINOR,
        "cosmetic": _COSMETIC,
        "completeness": _COMPLETENESS,
        "data": _DATA,
    } | changes


BODIES: dict[str, dict[str, Any]] = {
    "laptop": _seen(
        axes=["function", "cosmetic", "battery", "storage", "completeness", "data"],
        unseen={"cosmetic": "B", "battery": "B"},
        battery=[[80, "A"], [70, "B"], [50, "C"]],
        storage=_STORAGE,
    ),
    "desktop": _seen(axes=["function", "cosmetic", "storage", "completeness", "data"], storage=_STORAGE),
    "server": _seen(axes=["function", "cosmetic", "storage", "completeness", "data"], storage=_STORAGE),
    "phone": _seen(
        axes=["function", "cosmetic", "battery", "completeness", "data"],
        unseen={"cosmetic": "B", "battery": "B"},
        battery=[[80, "A"], [75, "B"], [65, "C"]],
    ),
    "tablet": _seen(
        axes=["function", "cosmetic", "battery", "completeness", "data"],
        unseen={"cosmetic": "B", "battery": "B"},
        battery=[[80, "A"], [75, "B"], [65, "C"]],
    ),
    "storage": {"axes": ["storage", "data"], "required": ["storage"], "storage": _STORAGE, "data": _DATA},
    "monitor": _seen(),
    "printer": _seen(),
    "network": _seen(axes=["function", "cosmetic", "completeness", "data"]),
    "appliance": _seen(),
    "accessory": _seen(),
    "part": _seen(),
    "apparel": {"axes": ["cosmetic"], "required": ["cosmetic"], "cosmetic": _COSMETIC},
}
