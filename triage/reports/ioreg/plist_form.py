"""``ioreg -a``: the registry as a property list."""

from __future__ import annotations

import re

from triage.reports import plists
from triage.reports.ioreg import entries, machine
from triage.reports.normal import Report
from triage.reports.sniff import Sniff

KIND = "ioreg.xml"
_KEY = re.compile(r"<key>IO(ObjectClass|RegistryEntry\w+|PlatformSerialNumber|PlatformUUID|Class|ProviderClass)</key>")


def recognises(sniff: Sniff) -> bool:
    if not sniff.looks_like_xml or "<plist" not in sniff.head or "_dataType" in sniff.head:
        return False
    return bool(_KEY.search(sniff.head) or _KEY.search(sniff.text)) and plists.root_of(sniff) is not None


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE when the entries are of no Mac and of no battery, screen or drive."""
    return machine.report_of(entries.of_plist(plists.root_of(sniff)), kind=KIND)
