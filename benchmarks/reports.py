"""S9, S10: test reports accepted, and read, matched, graded and decided, through the stages' own services."""

from __future__ import annotations

import json
import time
import uuid
from datetime import UTC, datetime

from benchmarks.harness import Result
from revlog.accounts.actors import system
from revlog.accounts.models import Hub, Organization
from revlog.custody.services import reactions
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.devices.services import arrivals, standing
from triage.services import disposition, reports

BY = system("bench")


def _lshw(serial: str, drive: str, padding: int = 0) -> bytes:
    """A small machine as ``lshw -json`` prints it; ``padding`` bytes of further nodes make it as long as real ones."""
    filler = [{"id": f"generic:{n}", "class": "generic", "description": "x" * 200} for n in range(padding // 260)]
    return json.dumps(
        {
            "id": "bench", "class": "system", "claimed": True, "description": "Notebook", "product": "20L5 (LENOVO_MT_20L5)",
            "vendor": "LENOVO", "version": "ThinkPad T480", "serial": serial,
            "children": [
                {"id": "core", "class": "bus", "children": [
                    {"id": "memory", "class": "memory", "description": "System Memory", "units": "bytes", "size": 17179869184},
                    {"id": "disk", "class": "disk", "description": "ATA Disk", "product": "SAMSUNG MZ7LN256", "vendor": "Samsung",
                     "serial": drive, "units": "bytes", "size": 256060514304, "logicalname": "/dev/sda"},
                    *filler,
                ]},
            ],
        }
    ).encode()  # fmt: skip


def _units(count: int) -> list[str]:
    operator, hub = Organization.objects.get(code="operator"), Hub.objects.get(code="rotterdam")
    at = datetime.now(UTC)
    run = uuid.uuid4().hex[:6].upper()
    stay = arrivals.Stay(why="stock", owner=operator.id, hub=hub.id, custodian=operator.id)
    serials = [f"RP{run}{number:05d}" for number in range(count)]
    for serial in serials:
        what = arrivals.Description(device_class="laptop", manufacturer="Lenovo", model="ThinkPad T480", serial=serial)
        device = arrivals.arrive(what=what, stay=stay, by=BY, at=at)
        standing.authorize(device, ground="title_is_ours", by=BY, at=at)
    return serials


def accept_and_read(count: int = 150) -> list[Result]:
    """Accepted: kept and said on the ledger. Read: parsed in the bounded child, matched, described, graded."""
    results = []
    for label, padding in (("small", 0), ("137 kB", 137_000)):
        serials = _units(count)
        files = [_lshw(serial, f"D{serial}", padding) for serial in serials]
        start = time.perf_counter()
        for number, data in enumerate(files):
            reports.receive(data=data, name=f"{number}.json", via="api", by=BY, at=datetime.now(UTC))
        accepted = count / (time.perf_counter() - start)
        start = time.perf_counter()
        reactions.drain(at=datetime.now(UTC), queues=["fast"])
        read = count / (time.perf_counter() - start)
        goal = ">= 150/s" if not padding else ""
        results.append(
            Result(f"S9 accept a report, {label}", "1/s", round(accepted, 1), None, None, goal, "one process")
        )
        results.append(
            Result(
                f"S9 read, match, grade, {label}",
                "1/s",
                round(read, 1),
                None,
                None,
                ">= 40/s on two" if padding else "",
                "one process",
            )
        )
    return results


def grade_and_decide(count: int = 150) -> list[Result]:
    """The unit decided by what is proposed, reports and grades being there."""
    for serial in _units(count):
        reports.receive(data=_lshw(serial, f"G{serial}"), name="x.json", via="api", by=BY, at=datetime.now(UTC))
    reactions.drain(at=datetime.now(UTC), queues=["fast"])
    units = list(Device.objects.filter(state=State.IN_TRIAGE, disposition="").order_by("-created_at")[:count])
    start = time.perf_counter()
    for device in units:
        disposition.decide(device=device, by=BY, at=datetime.now(UTC))
    took = time.perf_counter() - start
    return [
        Result("S10 decide a unit", "1/s", round(len(units) / took, 1), None, None, ">= 100/s on two", "one process")
    ]
