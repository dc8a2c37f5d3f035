"""The XML of the agents before GLPI's JSON: ``REQUEST`` with its ``CONTENT``, of computers and of things on the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from triage.reports import values
from triage.reports.glpi import inventory
from triage.reports.normal import Report, UnreadableReport
from triage.reports.sniff import Sniff

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Value: TypeAlias = Any  # whatever a foreign file holds

KIND = "glpi.xml"
_NOT_READ = frozenset(
    {
        "SOFTWARES",
        "PROCESSES",
        "ENVS",
        "USERS",
        "LOCAL_USERS",
        "LOCAL_GROUPS",
        "LICENSEINFOS",
        "SIMCARDS",
        "DRIVES",
        "PORTS",
    }
)
"""Sections whose elements are lists of what is not the thing, or somebody's. (``PORTS`` of a computer are its sockets.)"""
_NAMES = {"macaddr": "mac", "serialnumber": "serial", "macaddress": "mac", "otherserial": "assettag"}


def recognises(sniff: Sniff) -> bool:
    root = sniff.xml_or_none
    if root is None or root.tag not in {"REQUEST", "REPLY"}:
        return False
    return root.tag == "REPLY" or any(child.tag in {"CONTENT", "QUERY", "DEVICEID"} for child in root)


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE for a message without an inventory, SEVERAL_DEVICES for a scan that saw several things."""
    root = sniff.xml
    content = root.find("CONTENT")
    if content is None or not len(content):
        raise UnreadableReport(
            "NO_DEVICE", "This is a message between the agent and its server, not an inventory of a thing.", "line 1"
        )
    told = {name: value for name, value in _members(content).items() if value is not None}
    # VMware hosts, printers and switches that one agent asked stand in one file, each an element of its own.
    devices = [one for one in values.items(told.pop("device", None)) if isinstance(one, dict)]
    if len(devices) > 1:
        raise UnreadableReport(
            "SEVERAL_DEVICES", f"The file holds {len(devices)} things; send one file for each.", "line 1"
        )
    if devices:
        told |= _network(devices[0])
    return inventory.report_of(told, itemtype=values.text(root.findtext("ITEMTYPE")), partial=False, kind=KIND)


def _members(element: Element) -> dict[str, Value]:
    """The members of an element by their names in lower case; those that repeat are lists. Depth is bounded by the sniff."""
    members: dict[str, list[Value]] = {}
    for child in element:
        if child.tag in _NOT_READ and element.tag == "CONTENT":
            continue
        members.setdefault(child.tag.lower(), []).append(_members(child) if len(child) else (child.text or "").strip())
    plain = {name: found[0] if len(found) == 1 else found for name, found in members.items()}
    for old, new in _NAMES.items():
        if old in plain:
            plain.setdefault(new, plain[old])
    return plain


def _network(device: Mapping[str, Value]) -> dict[str, Value]:
    """An asked device in the JSON's shape; a scan (``NETDISCOVERY``) has its few facts without ``INFO``."""
    info = values.mapping(device.get("info")) or device
    components = values.mapping(device.get("components")).get("component")
    ports = values.mapping(device.get("ports")).get("port")
    return {
        "network_device": info,
        "network_components": components,
        "network_ports": ports,
        "firmwares": device.get("firmwares"),
        "modems": device.get("modems"),
        "error": device.get("error"),
    }
