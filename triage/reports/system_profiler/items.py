"""The one tree into which the three forms are brought: items with a name, fields by their folded names, and items below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from triage.reports import values

_PREFIX = re.compile(r"^_?(?:sp[a-z]+_|[a-z]_(?=[a-z]))|^_+", re.IGNORECASE)
_NOT_FOLDED = re.compile(r"[^a-z0-9]+")
VOLUMES = frozenset({"volumes", "volumesanonymous", "partitions"})
MOST_ITEMS = 100_000


@dataclass
class Item:
    name: str
    fields: dict[str, str] = field(default_factory=dict)
    below: list[Item] = field(default_factory=list)

    def get(self, *names: str) -> str | None:
        """The first of the fields that holds anything."""
        return next((value for name in names if (value := self.fields.get(name))), None)

    def has(self, *names: str) -> bool:
        return any(name in self.fields for name in names)

    def child(self, *names: str) -> Item:
        """The item below of one of these folded names, or an empty one."""
        return next((one for one in self.below if fold(one.name) in names), Item(""))

    def walk(self) -> Iterator[Item]:
        """This item and those below it, in the order of the report, without volumes."""
        waiting, count = [self], 0
        while waiting and count < MOST_ITEMS:
            one = waiting.pop()
            count += 1
            yield one
            waiting.extend(each for each in reversed(one.below) if fold(each.name) not in VOLUMES)


Sections = Mapping[str, list[Item]]
"""The items of each data type (``SPHardwareDataType``)."""


READ = frozenset(
    f"SP{name}DataType"
    for name in (
        "AirPort", "CardReader", "Diagnostics", "DiscBurning", "Displays", "Ethernet", "FireWire", "Hardware", "Memory", "NVMe", "Network",
        "ParallelATA", "ParallelSCSI", "Power", "SAS", "SerialATA", "Storage", "USB",
    )
)  # fmt: skip
"""Data types of which something is read; applications and logs make most of a whole report and are nothing of the Mac."""


def section(name: str, rows: object) -> Item:
    """A data type with its items; of one that isn't read, only whether it has any."""
    told = values.mappings(rows)
    if name not in READ:
        return Item(name, below=[Item("") for _ in list(told)[:1]])
    return Item(name, below=[of_value("", one) for one in told])


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """A field's name without the decoration that the property list gives it: "_spdisplays_resolution" is "resolution"."""
    return _NOT_FOLDED.sub("", _PREFIX.sub("", name.lower()))


def of_value(name: str, told: Mapping[str, Any]) -> Item:
    """The item of a property list's or JSON's object. Depth is bounded by the sniff, so recursion is."""
    item = Item(values.text(told.get("_name")) or name)
    for key, value in told.items():
        if key == "_name":
            continue
        if isinstance(value, dict):
            item.below.append(of_value(key, value))
        elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
            inner = [of_value("", one) for one in values.mappings(value)]
            if key == "_items":
                item.below.extend(inner)
            else:
                item.below.append(Item(key, below=inner))
        elif (text := values.text(value[0] if isinstance(value, list) and value else value)) is not None:
            item.fields.setdefault(fold(key), text)
        elif isinstance(value, bool):
            item.fields.setdefault(fold(key), "yes" if value else "no")
    return item
