"""The text of ``ioreg``: a tree of entries, each with its properties in braces."""

from __future__ import annotations

import re

from triage.reports.ioreg import entries, machine
from triage.reports.normal import Report
from triage.reports.sniff import Sniff

KIND = "ioreg.text"


def recognises(sniff: Sniff) -> bool:
    return bool(re.match(r"[| ]*\+-o \S.*<class \w+", sniff.head))


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE when the entries are of no Mac and of no battery, screen or drive."""
    return machine.report_of(entries.of_text(sniff.text), kind=KIND)
