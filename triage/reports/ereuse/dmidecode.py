"""The text of ``dmidecode``: structures with a title, and lines of ``Name: value`` below it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from triage.reports import values
from triage.reports.normal import Battery, Component
from triage.reports.placeholders import clean, clean_serial

_HANDLE = re.compile(r"^Handle 0x[0-9A-Fa-f]+(?:, DMI type (\d+))?", re.ASCII)
_OLD_TYPE = re.compile(r"^\s+DMI type (\d+), ", re.ASCII)
_LINE = re.compile(r"^[\t ]+([^:\t][^:]*):\s?(.*)$")
_MOST_STRUCTURES = 5000


@dataclass
class Structure:
    type: int | None
    title: str = ""
    values: dict[str, str] = field(default_factory=dict)


class Table:
    """A decoded table. Structures may be missing or doubled; virtual machines and cut output have few of them."""

    def __init__(self, text: object) -> None:
        self.structures = list(_structures(text)) if isinstance(text, str) else []

    def all(self, title: str) -> list[dict[str, str]]:
        return [structure.values for structure in self.structures if structure.title == title]

    def first(self, title: str) -> dict[str, str]:
        return next(iter(self.all(title)), {})

    @property
    def system(self) -> dict[str, str]:
        return self.first("System Information")

    @property
    def chassis(self) -> dict[str, str]:
        return self.first("Chassis Information")

    def memory(self) -> int | None:
        """Bytes of the installed modules; flash chips that firmware lists beside them don't count."""
        sizes = [size for module in self.modules() if (size := values.size(module.get("Size"), binary=True))]
        return sum(sizes) or None

    def modules(self) -> list[dict[str, str]]:
        return [
            module
            for module in self.all("Memory Device")
            if values.size(module.get("Size"), binary=True)
            and module.get("Type", "").strip().lower() not in {"flash", "rom"}
        ]

    def components(self) -> list[Component]:
        parts = []
        for title, kind in (("System Information", "system"), ("Base Board Information", "motherboard")):
            parts += [
                _component(kind, one, "Product Name", Version="version", Family="family") for one in self.all(title)[:1]
            ]
        parts += [
            Component(
                kind="firmware",
                manufacturer=clean(one.get("Vendor")),
                detail=_detail(one, Version="version", **{"Release Date": "date"}),
            )
            for one in self.all("BIOS Information")[:1]
        ]
        for one in self.all("Processor Information"):
            if "unpopulated" not in one.get("Status", "").lower():
                parts.append(_component("processor", one, "Version", **{"Core Count": "cores"}))
        for one in self.modules():
            part = _component("memory", one, "Part Number", **{"Form Factor": "form", "Type": "type"})
            part.detail["size_bytes"] = str(values.size(one.get("Size"), binary=True))
            parts.append(part)
        parts += [_component("battery", one, "Name") for one in self.all("Portable Battery")]
        return [part for part in parts if part.manufacturer or part.model or part.serial or part.detail]

    def battery(self) -> Battery | None:
        """The design capacity; dmidecode knows nothing of the battery's state."""
        for one in self.all("Portable Battery"):
            found = re.match(r"(\d+) mWh", one.get("Design Capacity", ""))
            serial = clean_serial(one.get("Serial Number") or one.get("SBDS Serial Number"))
            if found or serial:
                return Battery(design_mwh=values.positive(found[1]) if found else None, serial=serial)
        return None


def _component(kind: str, one: dict[str, str], model: str, **detail: str) -> Component:
    return Component(
        kind=kind,
        manufacturer=clean(one.get("Manufacturer")),
        model=clean(one.get(model)),
        serial=clean_serial(one.get("Serial Number")),
        detail=_detail(one, **detail),
    )


def _detail(one: dict[str, str], **names: str) -> dict[str, str]:
    return {name: value for source, name in names.items() if (value := clean(one.get(source)))}


def _structures(text: str) -> Iterator[Structure]:
    current: Structure | None = None
    count = 0
    for line in text.splitlines():
        if found := _HANDLE.match(line):
            if current is not None:
                yield current
            count += 1
            if count > _MOST_STRUCTURES:
                return
            current = Structure(type=values.whole(found[1]))
        elif current is None or not line.strip():
            continue
        elif found := _OLD_TYPE.match(line):
            # Before version 2.9 the type stood on a line of its own, and the title was indented.
            current.type = values.whole(found[1])
        elif not current.title and (":" not in line or not line[0].isspace()):
            current.title = line.strip()
        elif pair := _LINE.match(line):
            current.values.setdefault(pair[1].strip(), pair[2].strip())
    if current is not None:
        yield current
