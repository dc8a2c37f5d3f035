"""The raw outputs that a snapshot carries, put together into one report.

Where they disagree: the firmware's table (dmidecode) names the machine, lshw and inxi fill what it leaves out; smartctl, which asks
the drive itself, names the drives, and lshw says which of them only hang on USB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from triage.reports import registry, values
from triage.reports.dmidecode import parts
from triage.reports.dmidecode.table import Table
from triage.reports.ereuse import inxi
from triage.reports.hwinfo import drives
from triage.reports.lshw import json_form, tree
from triage.reports.media import Found, merge
from triage.reports.normal import Battery, Component, Report, Test, UnreadableReport
from triage.reports.placeholders import clean, clean_serial
from triage.reports.sniff import Sniff

Value: TypeAlias = Any  # whatever a foreign file holds

_MOST_DRIVES = 200


@dataclass
class Evidence:
    """The outputs by tool, and what of them could not be read."""

    dmi: Table
    lshw: list[tree.Place]
    inxi: inxi.Machine
    smart: list[Mapping[str, Any]]
    hwinfo: str
    warnings: list[str] = field(default_factory=list)


def evidence(outputs: Mapping[str, Any]) -> Evidence:
    """The outputs, each as text or as JSON, in the names that the generations used."""
    warnings: list[str] = []
    table = Table(outputs.get("dmidecode"))
    root = json_form.root_of(_loaded(outputs.get("lshw"), "lshw", warnings))
    machine = inxi.Machine(_loaded(outputs.get("inxi"), "inxi", warnings))
    smart = _loaded(outputs.get("smart") or outputs.get("smartctl"), "smartctl", warnings)
    return Evidence(
        dmi=table,
        lshw=list(tree.walk(root)) if root else [],
        inxi=machine,
        smart=list(_smart_outputs(smart, warnings))[:_MOST_DRIVES],
        hwinfo=outputs["hwinfo"] if isinstance(outputs.get("hwinfo"), str) else "",
        warnings=warnings,
    )


def _loaded(value: object, name: str, warnings: list[str]) -> Value:
    """JSON that stands as text inside the JSON. What can't be read is left out with a warning: the rest is still evidence."""
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    try:
        return Sniff(value.encode("utf-8", "replace")).json
    except UnreadableReport as error:
        warnings.append(f"The output of {name} could not be read: {error.sentence}")
        return None


def _smart_outputs(value: object, warnings: list[str]) -> Iterator[Mapping[str, Any]]:
    for item in values.items(value):
        one = _loaded(item, "smartctl", warnings)
        if isinstance(one, dict) and one:
            yield one


def report(outputs: Mapping[str, Any], *, kind: str) -> Report:
    """Raises NO_DEVICE when no output says anything of a machine or a drive."""
    found = evidence(outputs)
    system, root = found.dmi.system, found.lshw[0].node if found.lshw else {}
    media, tests = _media(found)
    result = Report(
        kind=kind,
        manufacturer=clean(system.get("Manufacturer")) or clean(root.get("vendor")) or found.inxi.manufacturer(),
        model=clean(system.get("Product Name")) or tree.model(root) or found.inxi.model(),
        serial=clean_serial(system.get("Serial Number")) or clean_serial(root.get("serial")) or found.inxi.serial(),
        sku=clean(system.get("SKU Number")) or clean(tree.configuration(root).get("sku")),
        chassis=clean(found.dmi.chassis.get("Type"))
        or clean(tree.configuration(root).get("chassis"))
        or found.inxi.chassis(),
        asset_tag=clean_serial(found.dmi.chassis.get("Asset Tag")),
        memory_bytes=found.dmi.memory() or tree.memory(found.lshw) or found.inxi.memory(),
        media=media,
        components=_components(found),
        tests=tests,
        battery=_battery(found),
        macs=tree.macs(found.lshw) or found.inxi.macs(),
        identifiers=parts.identifiers(found.dmi),
        firmware=parts.firmware(found.dmi),
        warnings=tuple(found.warnings),
    )
    if not (system or found.lshw or found.inxi.sections or media):
        raise UnreadableReport("NO_DEVICE", "The snapshot carries no output that describes a machine.")
    return result


def _media(found: Evidence) -> tuple[tuple[Any, ...], tuple[Test, ...]]:
    smart: list[Found] = []
    tests: list[Test] = []
    for one in found.smart:
        try:
            report = registry.format_of("smartctl.json").parse(Sniff.holding(one))
        except UnreadableReport as error:
            found.warnings.append(f"One output of smartctl could not be used: {error.sentence}")
            continue
        device = values.text(values.mapping(one.get("device")).get("name"))
        smart += [
            Found(device=device, medium=medium) for medium in report.media if medium.serial or medium.capacity_bytes
        ]
        tests += report.tests
    seen = merge(smart, tree.media(found.lshw), found.inxi.media())
    return seen or merge(drives.media(found.hwinfo)), tuple(tests)


def _components(found: Evidence) -> tuple[Component, ...]:
    """From each tool the kinds it knows best; lshw for what the firmware doesn't list."""
    known = parts.components(found.dmi)
    for others in (tree.components(found.lshw[0].node, found.lshw) if found.lshw else (), found.inxi.components()):
        kinds = {part.kind for part in known}
        known += [part for part in others if part.kind not in kinds]
    return tuple(known)


def _battery(found: Evidence) -> Battery | None:
    """inxi measures the battery; the firmware only knows how it left the factory."""
    return found.inxi.battery() or parts.battery(found.dmi) or tree.battery(found.lshw)
