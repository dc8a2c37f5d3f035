"""workbench-script (2024 on): outputs under ``data``, or as the evidence of a verifiable credential, signed or on its way there.

A credential's proof is not checked here, and the report says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from triage.reports import values
from triage.reports.ereuse import raw, windows
from triage.reports.normal import Erasure, Report
from triage.reports.sniff import Sniff

KIND = "ereuse.workbench-script"
_OUTPUTS = frozenset({"dmidecode", "inxi", "smartctl"})


def recognises(sniff: Sniff) -> bool:
    top = sniff.document
    if "credentialSubject" in top:
        return bool(_OUTPUTS & _evidence(top).keys()) or bool(_OUTPUTS & _data(top).keys())
    if "device" in top and "components" in top:
        return False
    data = _data(top)
    if {"lshw", "hwinfo"} & data.keys():
        return False
    if _OUTPUTS & data.keys():
        return True
    return windows.recognises(data) or _about(top).get("software") == "workbench-script"


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE when no output describes a machine."""
    top = sniff.document
    outputs = {**_data(top), **_evidence(top)}
    about = _about(top)
    report = windows.report(outputs, kind=KIND) if windows.recognises(outputs) else raw.report(outputs, kind=KIND)
    warnings = report.warnings
    if top.get("proof"):
        warnings += ("The credential is signed; its proof was not checked.",)
    return replace(
        report,
        tool=values.text(about.get("software")) or "workbench-script",
        tool_version=values.text(about.get("version")),
        issued_at=values.moment(about.get("timestamp"))
        or values.moment(top.get("issuanceDate"))
        or values.moment(top.get("validFrom")),
        erasures=(*report.erasures, *_erasures(about, outputs)),
        warnings=warnings,
    )


def _about(top: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object that says who wrote the snapshot and when: the credential's subject, the wrapped snapshot, or the top."""
    subject = values.mapping(top.get("credentialSubject"))
    if subject:
        return subject
    inner = values.mapping(top.get("data"))
    return inner if "data" in inner else top


def _data(top: Mapping[str, Any]) -> Mapping[str, Any]:
    """The outputs, however many envelopes called ``data`` stand around them."""
    data = values.mapping(values.mapping(top.get("credentialSubject")).get("data")) or values.mapping(top.get("data"))
    for _ in range(3):
        if not isinstance(data.get("data"), dict):
            break
        data = data["data"]
    return data


def _evidence(top: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of a credential's evidence by the operation that made them."""
    found: dict[str, Any] = {}
    for item in values.mappings(top.get("evidence")):
        if name := values.text(item.get("operation")):
            found.setdefault(name.lower(), item.get("output"))
    return found


def _erasures(about: Mapping[str, Any], outputs: Mapping[str, Any]) -> Iterator[Erasure]:
    """The script keeps only what the wiping commands printed. That names no drive, no bytes and no end."""
    for item in [*values.items(about.get("erase")), *values.items(outputs.get("erase"))]:
        lines = [line for line in (values.text(one) for one in values.items(item)) if line]
        if lines:
            yield Erasure(doubts=("The snapshot holds only the printed output of a wiping command.",))
