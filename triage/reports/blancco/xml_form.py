"""Blancco's export as XML: ``entries`` and ``entry`` by name."""

from __future__ import annotations

from triage.reports.blancco import tree
from triage.reports.blancco.json_form import one_of, tops
from triage.reports.normal import Report
from triage.reports.sniff import Sniff

KIND = "blancco.xml"


def recognises(sniff: Sniff) -> bool:
    root = sniff.xml_or_none if "blancco" in sniff.head else None
    return root is not None and bool(tops(tree.of_xml(root)))


def parse(sniff: Sniff) -> Report:
    """Raises SEVERAL_DEVICES, NO_DEVICE."""
    return one_of(tops(tree.of_xml(sniff.xml)), kind=KIND)
