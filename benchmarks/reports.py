"""S9, S10: test reports accepted over the API, then read, matched and graded by two workers; units graded and decided."""

from __future__ import annotations

import json
import statistics
import time
import uuid
from datetime import UTC, datetime

from django.db import transaction

from benchmarks.api import key
from benchmarks.harness import Result
from benchmarks.servers import OURS, gunicorn, post_raw
from benchmarks.work import QUEUE, sent, two_workers, until
from revlog.accounts.actors import system
from revlog.accounts.models import Hub, Organization
from revlog.custody.models import Reaction
from revlog.custody.services import reactions, waking
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.devices.services import arrivals, standing
from triage.models import Decision, Grading, ReportStatus, TestReport
from triage.services import reports

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
    what = [
        arrivals.Description(device_class="laptop", manufacturer="Lenovo", model="ThinkPad T480", serial=serial)
        for serial in serials
    ]
    with transaction.atomic():
        made = arrivals.arrive_many(what=what, stay=stay, by=BY, at=at)
        standing.authorize_many(made, ground="title_is_ours", by=BY, at=at)
    return serials


def accept_and_read(count: int = 100) -> list[Result]:
    """Accepted over the API (kept, said on the ledger, answered 202); then read in the bounded child, matched and graded by two workers."""
    results = []
    headers = key() | {"Content-Type": "application/octet-stream"}
    for label, padding in (("small", 0), ("137 kB", 137_000)):
        accepted, read = [], []
        for _round in range(3):
            files = [_lshw(serial, f"D{serial}", padding) for serial in _units(count)]
            _forget_the_rest()
            with gunicorn("revlog.wsgi", ready="/api/v1/", environment=OURS) as (port, _pid):
                post_raw(port, "/api/v1/reports/", [b"smartctl 7.2"] * 8, headers)
                accepted.append(count / post_raw(port, "/api/v1/reports/", files, headers))
            with two_workers():
                sent("bench.nothing", [[]] * 20)
                began = time.perf_counter()
                waking.after_commit({"fast"})
                waking.after_commit({"fast"})
                until(lambda: not Reaction.objects.open().filter(queue="fast").exists(), pause=0.05)
                read.append(count / (time.perf_counter() - began))
            _graded(count)
        whole = statistics.median(1 / (1 / one + 1 / other) for one, other in zip(accepted, read, strict=True))
        results += [
            Result(f"S9 accept a report, {label}", "1/s", round(statistics.median(accepted), 1), None, None,
                   "" if padding else ">= 150", f"{min(accepted):.0f}-{max(accepted):.0f}; over the API, 4 clients, 2 workers"),
            Result(f"S9 read, match, grade, {label}", "1/s", round(statistics.median(read), 1), None, None,
                   ">= 40" if padding else "", f"{min(read):.0f}-{max(read):.0f}; two workers; {whole:.0f}/s with the accepting before it"),
        ]  # fmt: skip
    return results


def _forget_the_rest() -> None:
    """What other figures left to be done isn't work of this one."""
    Reaction.objects.open().update(done_at=datetime.now(UTC))


def _graded(count: int) -> None:
    """Every report of the round was matched, and its unit graded by it."""
    newest = TestReport.objects.order_by("-received_at")[:count]
    settled = [report.status for report in newest]
    graded = Grading.objects.filter(device__in=[report.device_id for report in newest]).count()
    if settled != [ReportStatus.INGESTED] * count or graded < count:
        raise RuntimeError(
            f"Of {count} reports, {settled.count(ReportStatus.INGESTED)} were matched and {graded} graded."
        )


def grade_and_decide(count: int = 100) -> list[Result]:
    """Graded on the report that is known, valued and sent on its way; the reference is as many messages that do nothing."""
    ours, bare = [], []
    with two_workers(queues=QUEUE):
        sent("bench.nothing", [[]] * 20)
        for _round in range(3):
            serials = _units(count)
            _forget_the_rest()
            for serial in serials:
                reports.receive(data=_lshw(serial, f"G{serial}"), name="x.json", via="api", by=BY, at=datetime.now(UTC))
            reactions.drain(at=datetime.now(UTC), queues=["fast"])
            units = Device.objects.filter(state=State.IN_TRIAGE, disposition="").order_by("-created_at")[:count]
            rows = [[str(unit)] for unit in units.values_list("pk", flat=True)]
            before = Decision.objects.count()
            ours.append(count / sent("bench.triage", rows))
            if Decision.objects.count() != before + count:
                raise RuntimeError("Not every unit was decided.")
            bare.append(1000 / sent("bench.nothing", [[]] * 1000))
    ratios = [one / other for one, other in zip(ours, bare, strict=True)]
    return [
        Result("S10 grade and decide a unit", "1/s", round(statistics.median(ours), 1), round(statistics.median(bare), 1),
               round(statistics.median(ratios), 3), ">= 100/s", f"{min(ours):.0f}-{max(ours):.0f}; two workers; reference: empty messages")
    ]  # fmt: skip
