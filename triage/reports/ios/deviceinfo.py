"""``ideviceinfo``, as text and with ``-x``: which phone it is, its numbers, its system, its state of activation."""

from __future__ import annotations

from triage.reports import ios
from triage.reports.normal import Report
from triage.reports.sniff import Sniff


def recognises(sniff: Sniff) -> bool:
    return ios.is_info(ios.told_by(sniff))


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE."""
    return ios.report(sniff, kind=ios.INFO)
