"""``lshw`` without an option: an indented text. Sizes are rounded there, so they are as good as the text prints them."""

from __future__ import annotations

import re
from typing import Any

from triage.reports import values
from triage.reports.lshw import tree
from triage.reports.normal import Report
from triage.reports.sniff import Sniff

KIND = "lshw.text"
_NODE = re.compile(r"^(?P<indent> *)\*-(?P<id>[\w:.-]+)(?P<mark> (?:DISABLED|UNCLAIMED|UNAVAILABLE))?\s*$")
_LINE = re.compile(r"^ +(?P<name>[a-z][a-z ]*): ?(?P<value>.*)$")
_SIZE = re.compile(r"^[\d.,]+ *[KMGTP]?i?B( |$)")
_CLASSES = {
    "memory": "memory", "bank": "memory", "cache": "memory", "firmware": "memory", "cpu": "processor", "core": "bus",
    "disk": "disk", "cdrom": "disk", "medium": "disk", "namespace": "disk", "tape": "disk", "nvme": "storage", "scsi": "storage",
    "sata": "storage", "ide": "storage", "raid": "storage", "storage": "storage", "network": "network", "display": "display",
    "multimedia": "multimedia", "battery": "power", "power": "power", "pci": "bridge", "isa": "bridge", "usb": "bus",
    "usbhost": "bus", "volume": "volume",
}  # fmt: skip


def recognises(sniff: Sniff) -> bool:
    lines = sniff.head.splitlines()
    return any(re.match(r" {2,}\*-core\s*$", line) for line in lines[:200]) and any(
        re.match(r" {4}(description|product|vendor): ", line) for line in lines[:30]
    )


def parse(sniff: Sniff) -> Report:
    root: dict[str, Any] = {"id": "system", "class": "system"}
    open_nodes: list[tuple[int, dict[str, Any]]] = [(-1, root)]
    for line in sniff.text.splitlines():
        if found := _NODE.match(line):
            indent = len(found["indent"])
            while len(open_nodes) > 1 and open_nodes[-1][0] >= indent:
                open_nodes.pop()
            name = found["id"]
            node: dict[str, Any] = {"id": name, "class": _CLASSES.get(name.split(":")[0], "generic")}
            if found["mark"] == " DISABLED":
                node["disabled"] = True
            open_nodes[-1][1].setdefault("children", []).append(node)
            if len(open_nodes) < 60:
                open_nodes.append((indent, node))
        elif pair := _LINE.match(line):
            _put(open_nodes[-1][1], pair["name"].strip(), pair["value"].strip())
    return tree.report(root, kind=KIND)


def _put(node: dict[str, Any], name: str, value: str) -> None:
    if name == "configuration":
        node["configuration"] = dict(re.findall(r"([\w.-]+)=(.*?)(?= [\w.-]+=|$)", value))
    elif name == "capabilities":
        node["capabilities"] = dict.fromkeys(value.split(), True)
    elif name == "logical name":
        node.setdefault("logicalname", []).append(value)
    elif name == "bus info":
        node["businfo"] = value
    elif name in {"size", "capacity"} and _SIZE.match(value):
        # Disks carry the decimal figure in brackets: 298GiB (320GB).
        decimal = re.search(r"\(([\d.,]+ *[KMGTP]?B)\)", value)
        node[name] = values.size(decimal[1]) if decimal else values.size(value)
    else:
        node.setdefault(name, value)
