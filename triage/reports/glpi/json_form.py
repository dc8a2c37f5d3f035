"""The JSON of GLPI's inventory protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triage.reports import values
from triage.reports.glpi import inventory
from triage.reports.normal import Report, UnreadableReport
from triage.reports.sniff import Sniff

KIND = "glpi.json"
_SECTIONS = frozenset({"versionclient", "bios", "hardware", "network_device", "operatingsystem", "versionprovider"})
_MESSAGES = frozenset({"contact", "register", "get_params", "prolog", "setlog"})


def recognises(sniff: Sniff) -> bool:
    told = sniff.json_object
    if not any(isinstance(told.get(name), str) for name in ("deviceid", "action", "itemtype")):
        return False
    return bool(_SECTIONS & values.mapping(told.get("content")).keys()) or _is_message(told)


def _is_message(told: Mapping[str, Any]) -> bool:
    return "deviceid" in told and values.text(told.get("action")) in _MESSAGES


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE for a message of the agent and for an answer that describes no thing."""
    told = sniff.json_object
    content = values.mapping(told.get("content"))
    if not content:
        raise UnreadableReport(
            "NO_DEVICE", "This is a message of the agent to its server, not an inventory of a thing.", "line 1"
        )
    return inventory.report_of(
        content,
        itemtype=values.text(told.get("itemtype")),
        partial=told.get("partial") is True,
        kind=KIND,
    )
