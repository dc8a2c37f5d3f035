"""``lshw -xml``: the same tree with elements for properties, in a ``list`` in newer versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from triage.reports.lshw import json_form, tree
from triage.reports.normal import Report, UnreadableReport
from triage.reports.sniff import Sniff

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

KIND = "lshw.xml"


def recognises(sniff: Sniff) -> bool:
    root = sniff.xml_or_none
    return root is not None and any(node.get("class") for node in _tops(root))


def parse(sniff: Sniff) -> Report:
    """Raises NO_SYSTEM as for the JSON form."""
    root = json_form.root_of([_node(element) for element in _tops(sniff.xml)])
    if root is None:
        raise UnreadableReport("NO_SYSTEM", "The lshw output has no system node; run lshw without -class.", "line 1")
    return tree.report(root, kind=KIND)


def _tops(root: Element) -> list[Element]:
    if root.tag == "node":
        return [root]
    return [element for element in root if element.tag == "node"] if root.tag == "list" else []


def _node(element: Element) -> dict[str, Any]:
    """An element as the JSON form would have it. Depth is bounded by the sniff, so recursion is."""
    node: dict[str, Any] = {name: element.get(name) for name in ("id", "class") if element.get(name)}
    for inner in element:
        if inner.tag == "node":
            node.setdefault("children", []).append(_node(inner))
        elif inner.tag == "configuration":
            node["configuration"] = {item.get("id"): item.get("value") for item in inner if item.get("id")}
        elif inner.tag == "capabilities":
            node["capabilities"] = {item.get("id"): item.text or True for item in inner if item.get("id")}
        elif inner.tag in node:
            # Several logical names stand as several elements.
            before = node[inner.tag]
            node[inner.tag] = [*before, inner.text] if isinstance(before, list) else [before, inner.text]
        elif not len(inner):
            node[inner.tag] = inner.text
    node.setdefault("claimed", element.get("claimed") == "true")
    return node
