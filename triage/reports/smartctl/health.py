"""What a drive says of its own health, out of smartctl's JSON. A count is taken only where the report documents it as one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from triage.reports import values
from triage.reports.normal import Health, Test, Verdict

_CRITICAL_BITS = (
    "spare capacity below threshold",
    "temperature outside its limits",
    "reliability degraded by media or internal errors",
    "media is read-only",
    "volatile memory backup failed",
    "persistent memory region unreliable",
)
# Bits of smartctl's exit status that speak of the drive (the lower three speak of the call).
_EXIT_BITS = (
    (3, "SMART status: the drive is failing."),
    (4, "A prefailure attribute is at or below its threshold."),
    (5, "An attribute was at or below its threshold in the past."),
    (6, "The drive's error log holds errors."),
    (7, "The self-test log holds errors."),
)
_WEAR = re.compile(
    r"media_wearout|wear_?level|ssd_life_left|percent_life|remaining_?life|lifetime_?remain|life_?left|drive_life|life_remain",
    re.IGNORECASE,
)
# Where a drive has several, these say it best.
_WEAR_FIRST = (233, 231, 202, 169, 177)
_LEADING = re.compile(r"(\d{1,15})(?![\d.])", re.ASCII)
_WORD = 2**32


def health_of(report: Mapping[str, Any], *, rotating: bool | None) -> Health:
    """The health of the one drive of the report; None for what it doesn't say."""
    attributes = attributes_of(report)
    nvme = values.mapping(report.get("nvme_smart_health_information_log"))
    warnings: list[str] = []
    reallocated = _count(attributes.get(5), warnings)
    pending = _count(_named(attributes.get(197), "pend"), warnings)
    offline = _count(_named(attributes.get(198), "uncor"), warnings)
    reported = _count(_named(attributes.get(187), "uncor"), warnings)
    uncorrected = [number for number in (offline, reported, _scsi_uncorrected(report)) if number is not None]
    warnings += _critical(report, nvme)
    warnings += _failed_attributes(attributes)
    exit_status = values.whole(values.mapping(report.get("smartctl")).get("exit_status")) or 0
    warnings += [sentence for bit, sentence in _EXIT_BITS if exit_status >> bit & 1]
    if crc := _count(_named(attributes.get(199), "crc"), []):
        warnings.append(f"{crc} transfer (CRC) errors: the cable or the connector may be at fault.")
    return Health(
        passed=passed(report),
        reallocated=reallocated,
        pending=pending,
        uncorrectable=max(uncorrected, default=None),
        media_errors=_natural(nvme.get("media_errors")),
        grown_defects=_natural(report.get("scsi_grown_defect_list")),
        wear_percent=_wear(report, attributes, nvme, rotating=rotating),
        power_on_hours=_hours(report, nvme),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def passed(report: Mapping[str, Any]) -> bool | None:
    verdict = values.mapping(report.get("smart_status")).get("passed")
    return verdict if isinstance(verdict, bool) else None


def tests_of(report: Mapping[str, Any]) -> tuple[Test, ...]:
    """``smart.status``: the drive's own verdict. ``smart.self-test``: its latest finished self-test, if the log was asked for."""
    verdict = {True: Verdict.PASS, False: Verdict.FAIL, None: Verdict.UNKNOWN}[passed(report)]
    tests = [Test(code="smart.status", verdict=verdict, detail="the drive's overall SMART verdict")]
    for entry in _self_tests(report):
        ended = values.mapping(entry.get("status")).get("passed")
        if isinstance(ended, bool):
            detail = values.text(values.mapping(entry.get("type")).get("string")) or ""
            tests.append(Test(code="smart.self-test", verdict=Verdict.PASS if ended else Verdict.FAIL, detail=detail))
            break
    return tuple(tests)


def attributes_of(report: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """The ATA attributes by id; of an id that stands there twice, the first."""
    table: dict[int, Mapping[str, Any]] = {}
    for row in values.mappings(values.mapping(report.get("ata_smart_attributes")).get("table")):
        number = values.whole(row.get("id"))
        if number is not None:
            table.setdefault(number, row)
    return table


def _natural(value: object) -> int | None:
    number = values.whole(value)
    return number if number is not None and number >= 0 else None


def _named(row: Mapping[str, Any] | None, part: str) -> Mapping[str, Any] | None:
    """The row, if its name says that this maker counts that here: ids below the standard ones differ between makers."""
    name = values.text(row.get("name")) if row else None
    return row if name and part in name.lower() else None


def _count(row: Mapping[str, Any] | None, warnings: list[str]) -> int | None:
    """The raw value as a count. Makers pack several numbers into its 48 bits; the printed form tells which is the count."""
    if row is None:
        return None
    raw = values.mapping(row.get("raw"))
    value = _natural(raw.get("value"))
    printed = values.text(raw.get("string"))
    leading = _LEADING.match(printed) if printed else None
    if value is None:
        return None
    # A value of one word packs nothing, whatever the printed form; all bits set is how drives say "not counted".
    if value < 0xFFFF or (value < _WORD - 1 and (leading is None or int(leading[1]) == value)):
        return value
    if leading is not None:
        number = int(leading[1])
        if number < _WORD - 1 and number in {value & 0xFFFF, value & 0xFFFFFFFF}:
            return number
    name = values.text(row.get("name")) or "an attribute"
    warnings.append(f"The raw value of {name} packs several numbers or none; no count is taken from it.")
    return None


def _scsi_uncorrected(report: Mapping[str, Any]) -> int | None:
    log = values.mapping(report.get("scsi_error_counter_log"))
    counts = [
        _natural(values.mapping(log.get(kind)).get("total_uncorrected_errors")) for kind in ("read", "write", "verify")
    ]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _hours(report: Mapping[str, Any], nvme: Mapping[str, Any]) -> int | None:
    hours = _natural(values.mapping(report.get("power_on_time")).get("hours"))
    return hours if hours is not None else _natural(nvme.get("power_on_hours"))


def _wear(
    report: Mapping[str, Any],
    attributes: dict[int, Mapping[str, Any]],
    nvme: Mapping[str, Any],
    *,
    rotating: bool | None,
) -> int | None:
    """Percent of the rated writes used up: may pass 100. Normalised attributes count down from 100."""
    for value in (
        nvme.get("percentage_used"),
        values.mapping(report.get("endurance_used")).get("current_percent"),
        report.get("scsi_percentage_used_endurance_indicator"),
        _statistic(report, "Percentage Used Endurance Indicator"),
    ):
        number = _natural(value)
        if number is not None and number <= 255:
            return number
    if rotating:
        return None
    named = {number: row for number, row in attributes.items() if _WEAR.search(values.text(row.get("name")) or "")}
    for number in (*_WEAR_FIRST, *named):
        left = _natural(named[number].get("value")) if number in named else None
        if left is not None and left <= 100:
            return 100 - left
    return None


def _statistic(report: Mapping[str, Any], name: str) -> object:
    for page in values.mappings(values.mapping(report.get("ata_device_statistics")).get("pages")):
        for row in values.mappings(page.get("table")):
            if row.get("name") == name and values.mapping(row.get("flags")).get("valid") is not False:
                return row.get("value")
    return None


def _critical(report: Mapping[str, Any], nvme: Mapping[str, Any]) -> list[str]:
    bits = _natural(nvme.get("critical_warning"))
    if bits is None:
        bits = _natural(values.mapping(values.mapping(report.get("smart_status")).get("nvme")).get("value")) or 0
    found = [f"Critical warning: {words}." for bit, words in enumerate(_CRITICAL_BITS) if bits >> bit & 1]
    spare, threshold = _natural(nvme.get("available_spare")), _natural(nvme.get("available_spare_threshold"))
    if spare is not None and threshold is not None and spare < threshold and not bits & 1:
        found.append("Critical warning: spare capacity below threshold.")
    return found


def _failed_attributes(attributes: dict[int, Mapping[str, Any]]) -> Iterator[str]:
    for row in attributes.values():
        when = values.text(row.get("when_failed"))
        name = values.text(row.get("name")) or "An attribute"
        if when and when.lower() in {"now", "failing_now"}:
            yield f"{name} is at or below its threshold now."
        elif when and when != "-":
            yield f"{name} was at or below its threshold in the past."


def _self_tests(report: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    log = values.mapping(report.get("ata_smart_self_test_log"))
    for form in ("extended", "standard"):
        yield from values.mappings(values.mapping(log.get(form)).get("table"))
    for row in values.mappings(values.mapping(report.get("nvme_self_test_log")).get("table")):
        ended = values.whole(values.mapping(row.get("self_test_result")).get("value"))
        if ended is not None and ended in {0, 5, 6, 7}:
            yield {"status": {"passed": ended == 0}, "type": values.mapping(row.get("self_test_code"))}
