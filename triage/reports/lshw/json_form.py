"""``lshw -json``: an object, or (newer versions) a list with the one machine in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triage.reports import values
from triage.reports.lshw import tree
from triage.reports.normal import Report, UnreadableReport
from triage.reports.sniff import Sniff

KIND = "lshw.json"


def recognises(sniff: Sniff) -> bool:
    return _is_node(_top(sniff.json_or_none))


def parse(sniff: Sniff) -> Report:
    """Raises NO_SYSTEM for a part of a tree (``lshw -class disk``), which says nothing of the machine; SEVERAL_DEVICES."""
    machines = {_identity(node) for node in values.mappings(sniff.json) if _is_node(node) and _is_system(node)}
    if len(machines) > 1:
        raise UnreadableReport(
            "SEVERAL_DEVICES", f"The file holds {len(machines)} machines; send one file for each.", "line 1"
        )
    root = root_of(sniff.json)
    if root is None:
        raise UnreadableReport("NO_SYSTEM", "The lshw output has no system node; run lshw without -class.", "line 1")
    return tree.report(root, kind=KIND)


def root_of(value: object) -> Mapping[str, Any] | None:
    """The system node of an lshw output that is read already."""
    top = _top(value)
    return top if _is_node(top) and _is_system(top) else None


def _is_system(node: Mapping[str, Any]) -> bool:
    return values.text(node.get("class")) == "system"


def _identity(node: Mapping[str, Any]) -> tuple[str | None, ...]:
    return tuple(values.text(node.get(name)) for name in ("vendor", "product", "serial"))


def _top(value: object) -> Mapping[str, Any]:
    if isinstance(value, list):
        nodes = [item for item in value if isinstance(item, dict)]
        return next((item for item in nodes if item.get("class") == "system"), nodes[0] if nodes else {})
    return values.mapping(value)


def _is_node(top: Mapping[str, Any]) -> bool:
    known = {
        "claimed",
        "handle",
        "children",
        "configuration",
        "capabilities",
        "physid",
        "description",
        "businfo",
        "units",
    }
    return isinstance(top.get("id"), str) and isinstance(top.get("class"), str) and bool(known & top.keys())
