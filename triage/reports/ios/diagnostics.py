"""``idevicediagnostics diagnostics`` and ``ioregentry``: mostly the battery alone, without the phone that it is in."""

from __future__ import annotations

from triage.reports import ios
from triage.reports.normal import Report
from triage.reports.sniff import Sniff


def recognises(sniff: Sniff) -> bool:
    return ios.is_diagnostics(ios.told_by(sniff))


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE."""
    return ios.report(sniff, kind=ios.DIAGNOSTICS)
