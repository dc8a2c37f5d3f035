"""``system_profiler -json``: an object with a list for each data type, of the property list's names."""

from __future__ import annotations

import re

from triage.reports.normal import Report
from triage.reports.sniff import Sniff
from triage.reports.system_profiler import machine
from triage.reports.system_profiler.items import section

KIND = "system_profiler.json"
_TYPE = re.compile(r"SP[A-Za-z0-9]+DataType")


def recognises(sniff: Sniff) -> bool:
    told = sniff.json_object
    return bool(told) and all(_TYPE.fullmatch(name) for name in told)


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE when the data types describe no thing."""
    sections = {name: [section(name, rows)] for name, rows in sniff.json_object.items()}
    return machine.report_of(sections, kind=KIND)
