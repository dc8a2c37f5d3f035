"""Blancco's export as JSON: ``reports`` with one report, or the report alone."""

from __future__ import annotations

from triage.reports.blancco import hardware, tree
from triage.reports.blancco.tree import Node
from triage.reports.normal import Report, UnreadableReport
from triage.reports.sniff import Sniff

KIND = "blancco.json"
_MARK = "blancco_data"


def recognises(sniff: Sniff) -> bool:
    value = sniff.json_or_none
    return isinstance(value, dict | list) and bool(tops(_root(value)))


def parse(sniff: Sniff) -> Report:
    """Raises SEVERAL_DEVICES, NO_DEVICE."""
    return one_of(tops(_root(sniff.json)), kind=KIND)


def _root(value: object) -> Node:
    node = Node()
    for inner in tree.of_json(value):
        node.add("report", inner)
    return node


def tops(root: Node, depth: int = 0) -> list[Node]:
    """Every node with a report in it: the report stands at most some levels down in what it was exported in."""
    if any(isinstance(inner, Node) for inner in root.get(_MARK, [])):
        return [root]
    if depth > 5:
        return []
    return [top for inner in root.values() for one in inner if isinstance(one, Node) for top in tops(one, depth + 1)]


def one_of(found: list[Node], *, kind: str) -> Report:
    """The only report. Raises SEVERAL_DEVICES for several; NO_DEVICE where it tells neither of a thing nor of a drive."""
    count = sum(len(top.nodes("blancco_data")) for top in found)
    if count > 1:
        raise UnreadableReport("SEVERAL_DEVICES", f"The file holds {count} reports; send one file for each.")
    report = hardware.report(found[0], kind=kind)
    if not (
        report.manufacturer or report.model or report.serial or report.media or report.erasures or report.identifiers
    ):
        raise UnreadableReport("NO_DEVICE", "The report describes no device and no drive.")
    return report
