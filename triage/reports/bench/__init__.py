"""One row of a bench's table, with its cells under the fields that a saved mapping gave them (``triage/tables.py`` writes it)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from triage.reports import identifiers, locks, mobile, values
from triage.reports.media import type_of_model
from triage.reports.normal import (
    Battery,
    Component,
    Firmware,
    IdentifierKind,
    Lock,
    LockKind,
    Medium,
    MediumType,
    Report,
    Test,
    UnreadableReport,
    Verdict,
)
from triage.reports.placeholders import clean, clean_serial
from triage.reports.sniff import Sniff

KIND = "bench.row"
MARK = "revlog_row"
Cells = Mapping[str, Any]

_LIST = re.compile(r"\s*[,;|/]\s*")
_PASSED = frozenset(
    {
        "pass",
        "passed",
        "ok",
        "yes",
        "good",
        "works",
        "working",
        "true",
        "1",
        "successful",
        "y",
        "ja",
        "oui",
        "si",
        "gut",
        "bon",
    }
)
_FAILED = frozenset(
    {"fail", "failed", "nok", "no", "bad", "broken", "defective", "false", "0", "unsuccessful", "n", "nein", "non", "defekt", "not ok"}
)  # fmt: skip
_LOCKS = (
    (LockKind.ACTIVATION, "lock_activation"),
    (LockKind.MDM, "lock_mdm"),
    (LockKind.CARRIER, "lock_carrier"),
    (LockKind.STOLEN, "stolen"),
)
_TYPES = {one.value: one for one in MediumType}
TEST = "test:"


def recognises(sniff: Sniff) -> bool:
    return MARK in sniff.json_object and isinstance(sniff.json_object.get("cells"), dict)


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE for a row that names nothing."""
    row = sniff.json_object
    told = values.mapping(row.get("cells"))
    parts = tuple(_parts(told))
    report = Report(
        kind=KIND,
        tool=clean(row.get("mapping")),
        manufacturer=clean(told.get("manufacturer")),
        model=clean(told.get("model")),
        serial=clean_serial(told.get("serial")),
        sku=clean(told.get("sku")),
        chassis=clean(told.get("kind")) or mobile.chassis(clean(told.get("model"))),
        asset_tag=clean_serial(told.get("asset_tag")),
        memory_bytes=values.size(told.get("memory"), binary=True),
        media=tuple(_media(told)),
        components=parts,
        tests=tuple(_tests(told)),
        battery=_battery(told),
        macs=tuple(mac for mac in [clean_serial(told.get("mac"))] if mac),
        identifiers=identifiers.identifiers(
            (IdentifierKind.IMEI, text) for name in ("imei", "imei2") for text in _split(told.get(name))
        ),
        locks=tuple(_locks(told)),
        firmware=Firmware(version=version) if (version := clean(told.get("system"))) else None,
        inspection=_inspection(told),
        warnings=tuple(_warnings(told)),
    )
    if not (report.serial or report.asset_tag or report.identifiers or any(medium.serial for medium in report.media)):
        raise UnreadableReport(
            "NO_DEVICE", "The row names neither a serial, an asset tag, an IMEI nor a drive.", f"line {row.get('line')}"
        )
    return report


def _split(value: object) -> list[str]:
    line = clean(value)
    return [one for one in _LIST.split(line) if clean(one)][:300] if line else []


def _media(told: Cells) -> Iterator[Medium]:
    model, serial = clean(told.get("drive_model")), clean_serial(told.get("drive_serial"))
    capacity = values.size(told.get("storage"))
    if model or serial or capacity:
        stated = (clean(told.get("drive_type")) or "").lower()
        yield Medium(
            model=model, serial=serial, capacity_bytes=capacity, type=_TYPES.get(stated) or type_of_model(model)
        )


def _parts(told: Cells) -> Iterator[Component]:
    if model := clean(told.get("processor")):
        yield Component(kind="processor", model=model)


def _battery(told: Cells) -> Battery | None:
    battery = Battery(
        health_percent=mobile.percent(told.get("battery_health")),
        cycles=values.positive(told.get("battery_cycles")),
        serial=clean_serial(told.get("battery_serial")),
    )
    return battery if battery != Battery() else None


def _locks(told: Cells) -> Iterator[Lock]:
    for kind, name in _LOCKS:
        if found := locks.lock(kind, clean(told.get(name))):
            yield found


def _tests(told: Cells) -> Iterator[Test]:
    """Failed ones first, so that a test that stands in both lists fails."""
    yield from mobile.tests(_split(told.get("failed")), Verdict.FAIL)
    yield from mobile.tests(_split(told.get("passed")), Verdict.PASS)
    for name, value in told.items():
        if name.startswith(TEST) and (word := clean(value)):
            bare = " ".join(word.lower().split())
            verdict = Verdict.PASS if bare in _PASSED else Verdict.FAIL if bare in _FAILED else Verdict.UNKNOWN
            code = mobile.slug(name.removeprefix(TEST))
            if code:
                yield Test(code=code, verdict=verdict, detail=word[:100])


def _inspection(told: Cells) -> dict[str, str]:
    stated = {"appearance": clean(told.get("appearance")), "working": clean(told.get("works"))}
    return {name: text for name, text in stated.items() if text}


def _warnings(told: Cells) -> Iterator[str]:
    sku = clean(told.get("gtin"))
    if sku and not identifiers.gtin(re.sub(r"[\s-]", "", sku)):
        yield f"The GTIN {sku[:60]} fails its own check."
