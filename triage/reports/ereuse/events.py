"""A single event that Workbench sent apart from its snapshot: an erasure or a stress test without the device it belongs to.

The server knows from the address of the request what it belongs to; the file alone doesn't. So nothing here is a success.
"""

from __future__ import annotations

from triage.reports import values
from triage.reports.ereuse import erasures, workbench11
from triage.reports.normal import Report
from triage.reports.sniff import Sniff

KIND = "ereuse.events"


def recognises(sniff: Sniff) -> bool:
    top = sniff.document
    known = erasures.is_erasure(top) or workbench11.test_of(top) is not None
    return known and bool({"severity", "steps", "elapsed", "startTime"} & top.keys()) and "components" not in top


def parse(sniff: Sniff) -> Report:
    event = sniff.document
    test = workbench11.test_of(event)
    erasure = (
        erasures.erasure(event, device=None, model=None, serial=None, capacity=None)
        if erasures.is_erasure(event)
        else None
    )
    return Report(
        kind=KIND,
        tool="Workbench",
        erasures=() if erasure is None else (erasure,),
        tests=() if test is None else (test,),
        issued_at=values.moment(event.get("endTime")),
        warnings=("The event names neither device nor drive.",),
    )
