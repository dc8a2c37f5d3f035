"""smartctl's output for people (kind ``smartctl.text``), all versions from 5.3x, brought into the shape of its JSON.

The mapping is that of ``smartctl.json``. Numbers are read with any locale's thousands separators. The local time is left out:
its zone is an abbreviation that names no zone for sure. An output that was cut off after the verdict keeps it as a warning only,
since a drive that is about to die says PASSED too. Outputs of several drives in one file are refused with ``SEVERAL_DEVICES``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from triage.reports.normal import Report, UnreadableReport
from triage.reports.smartctl.drive import measured, report_of
from triage.reports.sniff import Sniff

KIND = "smartctl.text"

_BANNER = re.compile(r"^smartctl (?:version |pre-)?(\d+(?:\.\d+)+)\b.*\[", re.MULTILINE)
_INFORMATION = re.compile(r"^=== START OF INFORMATION SECTION ===\s*$", re.MULTILINE)
_SCAN = re.compile(r"^\S+ -d \S+ # .* device\s*$", re.MULTILINE)
_LOOKED_AT = 64 * 1024
_MOST_LINES = 20_000
_FIELD = re.compile(r"^\s*([A-Za-z][\w /.-]*?)\s*:\s+(.*\S)\s*$")
_NUMBER = re.compile(r"(\d(?:[\d.,' \u00a0\u202f\u2019]*\d)?)")
_ATTRIBUTE = re.compile(
    r"^\s*(\d{1,3}) (\S+)\s+(?:0x[0-9a-fA-F]{4}|[POSRCK+-]{6,8})\s+(\d{1,3}|---)\s+(?:\d{1,3}|---)\s+(?:\d{1,3}|---)\s+"
    r"(?:(?:Pre-fail|Old_age)\s+(?:Always|Offline)\s+)?(-|FAILING_NOW|In_the_past|NOW|Past)\s+(\S.*)$"
)
_NO_HEADING = "INFORMATION"
_OLD_DEVICE = re.compile(r"(\S.{0,7}?) +(\S.*?) +Version: *(\S*)$")
_COUNTERS = re.compile(r"^(read|write|verify):\s+(\d.*\S)\s*$")
_SELF_TEST = re.compile(r"^#\s*\d+\s{1,2}(\S.*?)\s{2,}(\S.*?)\s{2,}")
_TROUBLE = re.compile(
    r"^(?:Smartctl open device: .* failed|Read Device Identity failed|.*: Unable to detect device type|Smartctl: .*"
    r"|.*: Unknown USB bridge|A mandatory SMART command failed|Short INQUIRY response|Read .* failed: ).*",
)
# Anything else (UNKNOWN, a word that was cut) is no verdict.
_FAILING = re.compile(r"FAIL|THRESHOLD|IMPENDING|EXCEEDED|WARNING")
_TEXTS = {
    "device model": "model_name",
    "model number": "model_name",
    "model family": "model_family",
    "serial number": "serial_number",
    "firmware version": "firmware_version",
    "vendor": "scsi_vendor",
    "product": "scsi_product",
    "revision": "scsi_revision",
}
_LOG_NUMBERS = {
    "available spare": "available_spare",
    "available spare threshold": "available_spare_threshold",
    "percentage used": "percentage_used",
    "power on hours": "power_on_hours",
    "media and data integrity errors": "media_errors",
}
_FAILED_WHEN = {"FAILING_NOW": "now", "NOW": "now", "In_the_past": "past", "Past": "past"}


def recognises(sniff: Sniff) -> bool:
    """Whether the text begins with smartctl's banner or has its information section. Never raises."""
    try:
        head = sniff.text[:_LOOKED_AT]
    except UnreadableReport:
        return False
    return not sniff.looks_like_json and any(sign.search(head) for sign in (_BANNER, _INFORMATION, _SCAN))


def parse(sniff: Sniff) -> Report:
    """The report of one drive; raises UnreadableReport NO_DEVICE or SEVERAL_DEVICES."""
    text = sniff.text.replace("\r\n", "\n").replace("\r", "\n")
    starts = [found.start() for found in _INFORMATION.finditer(text)]
    if len(starts) > 1:
        raise UnreadableReport(
            "SEVERAL_DEVICES",
            "The text holds several outputs of smartctl; send one file for each drive.",
            f"line {text.count(chr(10), 0, starts[1]) + 1}",
        )
    answer = _answer(text)
    if not starts and _SCAN.search(text):
        answer["devices"] = []
    verdict = answer.get("smart_status")
    was_cut = verdict is not None and answer.get("model_name") and not measured(answer)
    if was_cut and verdict == {"passed": True}:
        # The drive's word alone proves nothing, and what would have proven it is not there.
        del answer["smart_status"]
        answer["smartctl"]["messages"].append(_message("the drive passed, but the output ends before its measurements"))
    return report_of(answer, kind=KIND)


def _message(text: str) -> dict[str, str]:
    return {"severity": "error", "string": text}


def _answer(text: str) -> dict[str, Any]:
    """The output in the shape of smartctl's JSON, as far as it is read here."""
    banner = _BANNER.search(text)
    answer: dict[str, Any] = {
        "smartctl": {"version": banner[1].split(".") if banner else [], "messages": []},
        "device": {},
    }
    # Version 5 printed what SCSI drives say of themselves without a heading.
    reader = _Reader(answer, "" if _INFORMATION.search(text) else _NO_HEADING)
    for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]:
        reader.take(line[:1000])
    return answer


class _Reader:
    """Takes the lines one by one. What a line means depends on the section it stands in."""

    def __init__(self, answer: dict[str, Any], section: str) -> None:
        self.answer = answer
        self.section = section

    def take(self, line: str) -> None:
        plain = line.strip()
        if plain.startswith("=== START OF "):
            self.section = plain
            return
        if self._verdict(plain) or self._row(line):
            return
        if _TROUBLE.match(plain):
            self.answer["smartctl"]["messages"].append(_message(plain))
        field = _FIELD.match(line)
        if field:
            name, value = field[1].lower(), field[2]
            if "INFORMATION" in self.section:
                self._identity(name, value)
            if "INFORMATION" not in self.section or self.section == _NO_HEADING:
                self._log(name, value)
        elif plain.startswith("number of hours powered up"):
            self._hours(plain.partition("=")[2])
        elif plain.startswith("Accumulated power on time, hours:minutes"):
            self._hours(plain.split("hours:minutes")[1])

    def _verdict(self, plain: str) -> bool:
        for start in ("SMART overall-health self-assessment test result:", "SMART Health Status:"):
            if plain.startswith(start):
                word = plain.removeprefix(start).strip().rstrip("!").upper()
                if word in {"PASSED", "OK"} or _FAILING.search(word):
                    self.answer["smart_status"] = {"passed": word in {"PASSED", "OK"}}
                return True
        return False

    def _row(self, line: str) -> bool:
        if found := _ATTRIBUTE.match(line):
            table = self.answer.setdefault("ata_smart_attributes", {}).setdefault("table", [])
            table.append(_attribute(found))
            number, name, printed = found[1], found[2].lower(), found[5]
            if number == "9" and "hour" in name and (hours := re.match(r"\d{1,7}(?=\D|$)", printed)):
                self.answer.setdefault("power_on_time", {"hours": int(hours[0])})
            return True
        if found := _COUNTERS.match(line):
            last = found[2].split()[-1]
            if last.isdecimal():
                log = self.answer.setdefault("scsi_error_counter_log", {})
                log[found[1]] = {"total_uncorrected_errors": int(last[:18])}
            return True
        if found := _SELF_TEST.match(line):
            status = found[2].lower()
            if status.startswith(("completed", "failed")):
                passed = "failure" not in status and not status.startswith("failed")
                table = (
                    self.answer.setdefault("ata_smart_self_test_log", {})
                    .setdefault("standard", {})
                    .setdefault("table", [])
                )
                table.append({"type": {"string": found[1]}, "status": {"passed": passed, "string": found[2]}})
            return True
        return False

    def _identity(self, name: str, value: str) -> None:
        answer = self.answer
        if name == "device" and (old := _OLD_DEVICE.match(value)):
            # "Device: SEAGATE  ST373207LC  Version: D701": vendor, product and revision in one line.
            name, value = "product", old[2]
            answer.update(scsi_vendor=old[1], scsi_revision=old[3])
        if name in _TEXTS:
            answer.setdefault(_TEXTS[name], value)
        if name in {"device model", "ata version is"}:
            answer["device"]["protocol"] = "ATA"
        elif name in {"nvme version", "total nvm capacity"} or (name == "model number"):
            answer["device"]["protocol"] = "NVMe"
        elif name in {"vendor", "product"}:
            answer["device"]["protocol"] = "SCSI"
        self._figures(name, value)

    def _figures(self, name: str, value: str) -> None:
        answer = self.answer
        if name == "user capacity":
            answer["user_capacity"] = {"bytes": _size(value)}
        elif name == "total nvm capacity":
            answer["nvme_total_capacity"] = _size(value)
        elif name.startswith("namespace ") and name.endswith(" size/capacity"):
            answer.setdefault("nvme_namespaces", []).append({"size": {"bytes": _size(value)}})
        elif name == "rotation rate":
            answer["rotation_rate"] = 0 if value.lower().startswith("solid") else _first(value)
        elif name == "device type":
            answer["device_type"] = {"name": value}
        elif name == "transport protocol":
            answer["scsi_transport_protocol"] = {"name": value}
        elif name == "trim command" and value.lower().startswith("available"):
            answer["trim"] = {"supported": True}
        elif name == "sata version is":
            answer["sata_version"] = {"string": value}

    def _log(self, name: str, value: str) -> None:
        answer = self.answer
        if name in _LOG_NUMBERS and answer["device"].get("protocol") != "ATA":
            answer.setdefault("nvme_smart_health_information_log", {}).setdefault(_LOG_NUMBERS[name], _first(value))
        elif name == "critical warning" and re.fullmatch(r"0x[0-9a-fA-F]{1,4}", value):
            answer.setdefault("nvme_smart_health_information_log", {})["critical_warning"] = int(value, 16)
        elif name == "elements in grown defect list":
            answer["scsi_grown_defect_list"] = _first(value)
        elif name == "percentage used endurance indicator":
            answer["scsi_percentage_used_endurance_indicator"] = _first(value)

    def _hours(self, printed: str) -> None:
        if found := re.match(r"\s*(\d{1,7})", printed):
            self.answer.setdefault("power_on_time", {"hours": int(found[1])})


def _attribute(found: re.Match[str]) -> dict[str, Any]:
    number, name, value, when, printed = found.groups()
    leading = re.match(r"\d{1,18}(?![\d.])", printed)
    return {
        "id": int(number),
        "name": name,
        "value": int(value) if value.isdecimal() else None,
        "when_failed": _FAILED_WHEN.get(when, ""),
        "raw": {"value": int(leading[0]) if leading else None, "string": printed},
    }


def _digits(value: str) -> Iterator[str]:
    return (sign for sign in value if sign.isdecimal() and sign.isascii())


def _first(value: str) -> int | None:
    """The number at the start: "47,396", "3%", "7200 rpm"."""
    found = _NUMBER.match(value.strip())
    digits = "".join(_digits(found[1])) if found else ""
    return int(digits[:18]) if digits else None


def _size(value: str) -> int | None:
    """Bytes: "500,107,862,016 bytes [500 GB]"; the separators are those of whatever locale the tool ran in."""
    exact = re.split(r"bytes|\[", value, maxsplit=1)[0]
    digits = "".join(_digits(exact))
    return int(digits) if 0 < len(digits) <= 18 else None
