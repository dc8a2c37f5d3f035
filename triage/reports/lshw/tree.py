"""What an lshw tree says of a machine.

Sources that look alike and aren't: the chassis serial is the root's, the board's is the child "core"; memory is the sum of the
banks, for "System Memory" often has no size or counts a reserved part; a drive behind USB is no drive of the machine; an NVMe
drive's model and serial stand on the controller, its size on the namespaces; an empty card reader is a disk without a size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from triage.reports import values
from triage.reports.media import Found, merge, type_of_model
from triage.reports.normal import Battery, Component, Medium, MediumType, Report
from triage.reports.placeholders import clean, clean_serial

Node = Mapping[str, Any]

_MOST_NODES = 50_000
_MEMORY_BANK = re.compile(r"DIMM|DDR|SDRAM|RIMM|SIMM|Row of chips|DRAM|LPDDR|bank", re.IGNORECASE)
_NOT_MEMORY = re.compile(r"flash|cache|BIOS|firmware|\brom\b|nvram|video", re.IGNORECASE)
_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", re.IGNORECASE)
_KINDS = {
    "processor": "processor",
    "display": "graphics",
    "network": "network",
    "multimedia": "sound",
    "communication": "modem",
    "printer": "printer",
}


@dataclass(frozen=True)
class Place:
    """A node and the nodes above it, nearest last."""

    node: Node
    above: tuple[Node, ...]

    @property
    def parent(self) -> Node:
        return self.above[-1] if self.above else {}


def report(root: Node, *, kind: str) -> Report:
    """The tree as a report. Never raises, whatever the nodes hold."""
    places = list(walk(root))
    found = media(places)
    return Report(
        kind=kind,
        tool="lshw",
        manufacturer=clean(root.get("vendor")),
        model=model(root),
        serial=clean_serial(root.get("serial")),
        sku=clean(configuration(root).get("sku")),
        chassis=clean(configuration(root).get("chassis")),
        memory_bytes=memory(places),
        media=merge(found),
        components=components(root, places),
        battery=battery(places),
        macs=macs(places),
    )


def walk(root: Node) -> Iterator[Place]:
    """All nodes, in the order of the file, without recursion."""
    stack = [Place(root, ())]
    count = 0
    while stack and count < _MOST_NODES:
        place = stack.pop()
        count += 1
        yield place
        below = [child for child in values.items(place.node.get("children")) if isinstance(child, dict)]
        stack.extend(Place(child, (*place.above, place.node)) for child in reversed(below))


def configuration(node: Node) -> Node:
    return values.mapping(node.get("configuration"))


def model(root: Node) -> str | None:
    """The product without the stock-keeping unit that lshw puts in brackets behind it."""
    product, sku = values.text(root.get("product")), values.text(configuration(root).get("sku"))
    if product and sku:
        product = product.removesuffix(f"({sku})").strip()
    return clean(product)


def memory(places: Sequence[Place]) -> int | None:
    """Bytes of memory: the sum of the banks; without banks (virtual machines) the size of the system memory."""
    banks = [size for place in _banks(places) if (size := values.positive(place.node.get("size")))]
    if banks:
        return sum(banks)
    for place in places:
        described = values.text(place.node.get("description")) or ""
        if _class(place.node) == "memory" and described.lower() == "system memory":
            return values.positive(place.node.get("size"))
    for place in places:
        if _class(place.node) == "memory" and _id(place.node) == "memory" and not _NOT_MEMORY.search(_described(place)):
            return values.positive(place.node.get("size"))
    return None


def _banks(places: Sequence[Place]) -> Iterator[Place]:
    for place in places:
        if _class(place.node) != "memory" or _id(place.node) != "bank":
            continue
        if _NOT_MEMORY.search(_described(place)) or re.search(
            r"flash|cache", _text(place.parent, "description"), re.IGNORECASE
        ):
            continue
        yield place


def _class(node: Node) -> str:
    return _text(node, "class").lower()


def _id(node: Node) -> str:
    return _text(node, "id").split(":")[0].lower()


def _text(node: Node, name: str) -> str:
    return values.text(node.get(name)) or ""


def _described(place: Place) -> str:
    return _text(place.node, "description")


def _logical_names(node: Node) -> list[str]:
    return [name for item in values.items(node.get("logicalname")) if (name := values.text(item))]


def device_name(node: Node) -> str | None:
    names = [name for name in _logical_names(node) if name.startswith("/dev/")]
    disks = [
        name
        for name in names
        if re.fullmatch(r"/dev/(sd[a-z]+|hd[a-z]|vd[a-z]+|xvd[a-z]+|nvme\d+n\d+|mmcblk\d+|sr\d+)", name)
    ]
    return next(iter(disks or names), None)


def media(places: Sequence[Place]) -> list[Found]:
    """The drives, each with the name the system gave it; empty readers and the media inside a drive are not drives."""
    found: list[Found] = []
    spaces: dict[int, int] = {}
    for place in places:
        node = place.node
        if _class(node) != "disk" or _id(node) == "medium" or _class(place.parent) == "disk":
            continue
        name = device_name(node)
        if id(place.parent) in spaces:
            # Further namespaces of the same drive; its sensors and character devices are listed as disks, too.
            if name is not None and re.search(r"nvme\d+n\d+$", name):
                at = spaces[id(place.parent)]
                found[at] = _with_space(found[at], name, values.positive(node.get("size")))
            continue
        one = _drive(place, name)
        if one is None:
            continue
        if one.medium.type is MediumType.NVME:
            spaces[id(place.parent)] = len(found)
        found.append(one)
    return [*found, *_controllers_alone(places, spaces)]


def _with_space(found: Found, name: str, size: int | None) -> Found:
    total = (found.medium.capacity_bytes or 0) + (size or 0)
    return replace(found, device=found.device or name, medium=replace(found.medium, capacity_bytes=total or None))


def _drive(place: Place, name: str | None) -> Found | None:
    node, parent = place.node, place.parent
    kind, interface = _type(place, name)
    # What the node doesn't say of itself, an NVMe or MMC drive says one node up.
    upper = parent if kind in {MediumType.NVME, MediumType.EMMC} or interface == "mmc" else {}
    size = values.positive(node.get("size")) or values.positive(node.get("capacity")) or _size_inside(node)
    if kind is MediumType.USB and size is None:
        return None
    serial = clean_serial(node.get("serial")) or clean_serial(upper.get("serial"))
    if kind is MediumType.USB and serial is None:
        serial = clean_serial(parent.get("serial"))
    product = clean(node.get("product")) or clean(upper.get("product"))
    if product is None and size is None and serial is None and kind is not MediumType.OPTICAL:
        # Nothing in the slot of a reader, or a bay whose drive does not answer: the latter would have a name or a size.
        return None
    medium = Medium(
        model=product,
        serial=serial,
        capacity_bytes=None if kind is MediumType.OPTICAL else size,
        type=kind,
        manufacturer=clean(node.get("vendor")) or clean(upper.get("vendor")),
        firmware=clean(node.get("version")) or clean(upper.get("version")),
        interface=interface,
    )
    return Found(medium=medium, device=name)


def _size_inside(node: Node) -> int | None:
    sizes = [
        values.positive(child.get("size"))
        for child in values.mappings(node.get("children"))
        if _class(child) == "disk" and _id(child) == "medium"
    ]
    return next((size for size in sizes if size), None)


def _type(place: Place, name: str | None) -> tuple[MediumType, str | None]:
    """The type and the bus, from the bus above the drive first, then from what the drive says of itself."""
    node, described = place.node, _described(place)
    able = values.mapping(node.get("capabilities"))
    if _id(node) == "cdrom" or re.search(r"\b(DVD|CD|BD|Blu-?ray)\b", described) or "sr" in (name or "")[5:7]:
        return MediumType.OPTICAL, None
    if re.search(r"\btape\b", described, re.IGNORECASE) or _id(node) == "tape":
        return MediumType.TAPE, None
    if _behind_usb(place):
        return MediumType.USB, "usb"
    if "nvme" in (name or "") or re.search(r"nvme", f"{described} {_text(place.parent, 'description')}", re.IGNORECASE):
        return MediumType.NVME, "nvme"
    if "mmcblk" in (name or "") or _text(node, "businfo").startswith("mmc@"):
        boots = any(
            re.search(r"mmcblk\d+(boot|rpmb)", one)
            for sibling in values.mappings(place.parent.get("children"))
            for one in _logical_names(sibling)
        )
        return (MediumType.EMMC, "mmc") if boots else (MediumType.UNKNOWN, "mmc")
    interface = "ata" if described.startswith("ATA") else "scsi" if described.startswith("SCSI") else None
    if "virtio" in _text(node, "businfo") or "virtio" in described.lower():
        interface = "virtio"
    if any(re.fullmatch(r"\d+rpm", str(key)) for key in able):
        return MediumType.HDD, interface
    if "solid-state" in able or "solid state" in described.lower():
        return MediumType.SSD, interface
    return type_of_model(values.text(node.get("product"))), interface


def _behind_usb(place: Place) -> bool:
    return any(
        _text(node, "businfo").startswith("usb@") or _text(configuration(node), "driver") in {"usb-storage", "uas"}
        for node in (*place.above, place.node)
    )


def _controllers_alone(places: Sequence[Place], spaces: Mapping[int, int]) -> Iterator[Found]:
    """NVMe drives whose namespaces lshw did not list: only when the controller names a drive, not just a chip."""
    for place in places:
        node = place.node
        names = _logical_names(node)
        if (
            _class(node) != "storage"
            or id(node) in spaces
            or not any(re.match(r"/dev/nvme\d+$", name) for name in names)
        ):
            continue
        if serial := clean_serial(node.get("serial")):
            yield Found(
                device=names[0],
                medium=Medium(
                    model=clean(node.get("product")),
                    serial=serial,
                    type=MediumType.NVME,
                    manufacturer=clean(node.get("vendor")),
                    firmware=clean(node.get("version")),
                    interface="nvme",
                ),
            )


def components(root: Node, places: Sequence[Place]) -> tuple[Component, ...]:
    """Parts other than drives, in the order of the tree."""
    parts = [
        _component(
            "system",
            root,
            version=clean(root.get("version")),
            family=clean(configuration(root).get("family")),
            uuid=clean(configuration(root).get("uuid")),
        )
    ]
    for place in places:
        node, kind = place.node, _class(place.node)
        if _id(node) == "core" and place.above and place.parent is root:
            parts.append(_component("motherboard", node, version=clean(node.get("version"))))
        elif _id(node) == "firmware":
            parts.append(_component("firmware", node, version=clean(node.get("version")), date=clean(node.get("date"))))
        elif kind == "processor" and not node.get("disabled") and (node.get("product") or node.get("vendor")):
            cores = values.positive(configuration(node).get("cores"))
            part = _component("processor", node, cores=None if cores is None else str(cores))
            # What lshw calls a processor's serial is its family and stepping, the same for all of the type.
            parts.append(replace(part, serial=None))
        elif kind in _KINDS and kind != "processor" and node.get("product"):
            parts.append(_component(_KINDS[kind], node))
        elif kind == "power" and re.search("battery", f"{_id(node)} {_described(place)}", re.IGNORECASE):
            parts.append(_component("battery", node))
    parts += [
        _component("memory", place.node, size_bytes=str(size), form=clean(_described(place)))
        for place in _banks(places)
        if (size := values.positive(place.node.get("size")))
    ]
    return tuple(part for part in parts if part.manufacturer or part.model or part.serial or part.detail)


def _component(kind: str, node: Node, **detail: str | None) -> Component:
    return Component(
        kind=kind,
        manufacturer=clean(node.get("vendor")),
        model=model(node) if kind == "system" else clean(node.get("product")),
        serial=clean_serial(node.get("serial")),
        detail={name: value for name, value in detail.items() if value},
    )


def battery(places: Sequence[Place]) -> Battery | None:
    """lshw knows only the design capacity, in milliwatt hours."""
    for place in places:
        if _class(place.node) == "power" and re.search(
            "battery", f"{_id(place.node)} {_described(place)}", re.IGNORECASE
        ):
            design = values.positive(place.node.get("capacity"))
            serial = clean_serial(place.node.get("serial"))
            if design or serial:
                return Battery(design_mwh=design, serial=serial)
    return None


def macs(places: Sequence[Place]) -> tuple[str, ...]:
    """Hardware addresses of the network interfaces, lower case, each once; those behind USB are not the machine's."""
    seen: dict[str, None] = {}
    for place in places:
        serial = values.text(place.node.get("serial")) or ""
        if _class(place.node) == "network" and _MAC.fullmatch(serial) and not _behind_usb(place):
            seen.setdefault(serial.lower(), None)
    return tuple(mac for mac in seen if mac not in {"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"})
