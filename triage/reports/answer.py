"""The line that ``ingest_report --json`` prints for a file, whatever became of it."""

from __future__ import annotations

from typing import Any

from triage import grading
from triage.reports.normal import Report, UnreadableReport


def answer(report: Report, *, file: str, status: str = "parsed", reason: str | None = None) -> dict[str, Any]:
    """The line of a report that was read. ``status`` is parsed, ingested or unmatched; what isn't known is null."""
    return {
        "file": file,
        "status": status,
        "kind": report.kind,
        "manufacturer": report.manufacturer,
        "model": report.model,
        "serial": report.serial,
        "memory_bytes": report.memory_bytes,
        "media": [
            {
                "model": medium.model,
                "serial": medium.serial,
                "capacity_bytes": medium.capacity_bytes,
                "type": medium.type.value,
            }
            for medium in report.media
        ],
        "erasures": [
            {
                "device": erasure.device,
                "serial": erasure.serial,
                "method": erasure.method,
                "bytes_total": erasure.bytes_total,
                "bytes_erased": erasure.bytes_erased,
                "outcome": erasure.outcome.value,
            }
            for erasure in report.erasures
        ],
        "grade": grading.preview(report),
        "reason": reason,
    }


def refusal(error: UnreadableReport, *, file: str) -> dict[str, Any]:
    """The line of a file that was not read: the same keys, ``reason`` as ``CODE: sentence (place)``."""
    return {
        "file": file,
        "status": "refused",
        "kind": None,
        "manufacturer": None,
        "model": None,
        "serial": None,
        "memory_bytes": None,
        "media": [],
        "erasures": [],
        "grade": None,
        "reason": str(error),
    }
