"""Whether a drive was erased, by Blancco's word. The word is "Successful"; it counts only when everything around it says the same: the
standard, the rounds, both counts of errors at nought, sectors for the whole drive, both times, no hidden area, and a drive with a serial
that the hardware part knows too. What the drive's own command did, the report only claims: that is for a person to accept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from triage.reports import values
from triage.reports.blancco.tree import Node
from triage.reports.normal import Erasure, ErasureOutcome, Medium
from triage.reports.placeholders import clean, clean_serial

_SECTORS = (512, 4096)
_FAILED = re.compile(r"fail|error|unsuccess|not.?successful|exception", re.IGNORECASE)
_NO_AREA = re.compile(r"no|none|0|not\b|erased|removed|false|disabled")
_WITHOUT_HIDDEN_AREA = ("NVME", "SAS", "SCSI", "FC", "MMC", "EMMC", "UFS")
_ABORTED = re.compile(r"abort|cancel|interrupt|stopp", re.IGNORECASE)


def erasures(data: Node, media: Sequence[Medium]) -> tuple[Erasure, ...]:
    """Every erasure of the report; several of one drive stand in their order."""
    found = [node for part in data.nodes("blancco_erasure_report") for node in part.nodes("erasures", "erasure")]
    return tuple(_erasure(node, media) for node in found[:500])


def _erasure(told: Node, media: Sequence[Medium]) -> Erasure:
    target = told.node("target")
    serial = clean_serial(target.text("serial", "serial_number", "imei"))
    medium = next((one for one in media if serial and one.serial and one.serial.casefold() == serial.casefold()), None)
    capacity = values.size(target.text("capacity", "size")) or (medium.capacity_bytes if medium else None)
    state = told.text("state", "status", "result") or ""
    errors, failed = told.number("total_errors", "errors"), told.number("failed_sectors")
    counted = bool(errors or failed)
    doubts = tuple(_doubts(told, state=state, serial=serial, medium=medium, media=media, capacity=capacity))
    if _ABORTED.search(state):
        outcome = ErasureOutcome.ABORTED
    elif _FAILED.search(state) or counted:
        outcome = ErasureOutcome.FAILED
    else:
        outcome = ErasureOutcome.UNKNOWN if doubts else ErasureOutcome.SUCCESS
    return Erasure(
        device=target.text("target_id"),
        model=target.text("model"),
        serial=serial,
        method=told.text("erasure_standard_name", "erasure_standard", "standard"),
        rounds=values.positive(told.number("total_erasure_rounds", "rounds")),
        verification=clean(told.text("verification", "verification_level", "verified")),
        bytes_total=capacity,
        bytes_erased=capacity if _covers(told, capacity) else None,
        pass_errors=errors,
        verify_errors=told.number("verification_errors"),
        hidden_area=hidden_area(told, medium),
        started_at=values.moment(told.text("start_time", "started")),
        ended_at=values.moment(told.text("end_time", "ended")),
        outcome=outcome,
        doubts=doubts,
    )


def _doubts(
    told: Node, *, state: str, serial: str | None, medium: Medium | None, media: Sequence[Medium], capacity: int | None
) -> Iterator[str]:
    if state.strip().lower() != "successful":
        yield (
            f"Blancco's word on the erasure is {state[:60]}." if state else "The report gives no state of the erasure."
        )
    if not serial:
        yield "The erasure names no drive by its serial."
    elif media and medium is None:
        yield "The drive that was erased isn't among the drives of the hardware part."
    if told.text("erasure_standard_name", "erasure_standard", "standard") is None:
        yield "The report doesn't name the standard of the erasure."
    errors, failed = told.number("total_errors", "errors"), told.number("failed_sectors")
    if errors is None or failed is None:
        yield "The report doesn't count errors and failed sectors."
    elif errors or failed:
        yield f"Errors were counted: {errors}, and {failed} failed sectors."
    if not values.positive(told.number("total_erasure_rounds", "rounds")):
        yield "The report counts no round of the erasure."
    if values.positive(told.number("remapped_sectors", "reallocated_sectors")):
        yield "The drive has sectors that were set aside and not erased."
    yield from _hidden(told, medium)
    yield from _times(told)
    yield from _sectors(told, capacity)


def hidden_area(told: Node, medium: Medium | None) -> str | None:
    """``detected``, ``none``, ``not applicable``; None where neither the report nor the kind of drive tells."""
    words = [
        word.lower() for name in ("hpa", "dco", "hpa_status", "dco_status", "hidden_areas") if (word := told.text(name))
    ]
    if any(not _NO_AREA.match(word) for word in words):
        return "detected"
    if words:
        return "none"
    bus = (medium.interface or "" if medium else "").upper()
    return "not applicable" if bus.startswith(_WITHOUT_HIDDEN_AREA) else None


def _hidden(told: Node, medium: Medium | None) -> Iterator[str]:
    area = hidden_area(told, medium)
    if area == "detected":
        yield "The report says of a hidden area that it is there."
    elif area is None:
        yield "The report says nothing of a hidden area (HPA or DCO)."


def _times(told: Node) -> Iterator[str]:
    start, end = (_moment(told.text(name, other)) for name, other in (("start_time", "started"), ("end_time", "ended")))
    if start is None or end is None:
        yield "The erasure has no start or no end."
    elif (end.tzinfo is None) == (start.tzinfo is None) and end < start:
        yield "The erasure ends before it starts."


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip()[:40]) if text else None
    except ValueError:
        return None


def _covers(told: Node, capacity: int | None) -> bool:
    """Whether the sectors that were overwritten are the whole drive, in sectors of either size."""
    cleaned = told.number("cleaned_sectors") or 0
    return bool(capacity) and any(cleaned * size >= (capacity or 0) for size in _SECTORS)


def _sectors(told: Node, capacity: int | None) -> Iterator[str]:
    if capacity is None:
        yield "The report doesn't tell the drive's capacity."
    elif told.number("cleaned_sectors"):
        if not _covers(told, capacity):
            yield "Fewer sectors were cleaned than the drive has."
    elif told.number("firmware_rounds"):
        yield "The drive's own command erased it; the report doesn't show how far it reached."
    else:
        yield "The report counts no sector that was cleaned."
