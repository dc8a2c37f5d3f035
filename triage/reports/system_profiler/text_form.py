"""The text of ``system_profiler``: headings and fields told apart by their indentation alone."""

from __future__ import annotations

import re

from triage.reports.normal import Report, UnreadableReport
from triage.reports.sniff import Sniff
from triage.reports.system_profiler import machine
from triage.reports.system_profiler.items import MOST_ITEMS, Item, fold

KIND = "system_profiler.text"
_LINE = re.compile(r"^( *)(\S[^:]*):(?: +(.*))?$")
_HEADING = re.compile(r"^( *)(\S.*):$")
_TYPES = {
    "hardware": "SPHardwareDataType", "network": "SPNetworkDataType", "software": "SPSoftwareDataType", "ata": "SPParallelATADataType",
    "parallelata": "SPParallelATADataType", "serialata": "SPSerialATADataType", "sata": "SPSerialATADataType",
    "satasataexpress": "SPSerialATADataType", "nvmexpress": "SPNVMeDataType", "nvme": "SPNVMeDataType", "sas": "SPSASDataType",
    "parallelscsi": "SPParallelSCSIDataType", "scsi": "SPParallelSCSIDataType", "usb": "SPUSBDataType", "firewire": "SPFireWireDataType",
    "fibrechannel": "SPFibreChannelDataType", "memory": "SPMemoryDataType", "power": "SPPowerDataType",
    "graphicsdisplays": "SPDisplaysDataType", "airport": "SPAirPortDataType", "wifi": "SPAirPortDataType",
    "ethernet": "SPEthernetDataType", "ethernetcards": "SPEthernetDataType", "bluetooth": "SPBluetoothDataType",
    "discburning": "SPDiscBurningDataType", "storage": "SPStorageDataType", "cardreader": "SPCardReaderDataType",
    "diagnostics": "SPDiagnosticsDataType", "applications": "SPApplicationsDataType", "thunderbolt": "SPThunderboltDataType",
    "thunderboltusb4": "SPThunderboltDataType", "pcicards": "SPPCIDataType", "pci": "SPPCIDataType", "agpcards": "SPPCIDataType",
    "printers": "SPPrintersDataType", "audio": "SPAudioDataType", "audiobuiltin": "SPAudioDataType", "modems": "SPModemDataType",
    "fonts": "SPFontsDataType", "frameworks": "SPFrameworksDataType", "extensions": "SPExtensionsDataType", "logs": "SPLogsDataType",
    "locations": "SPNetworkLocationDataType", "firewall": "SPFirewallDataType", "installations": "SPInstallHistoryDataType",
    "camera": "SPCameraDataType", "universalaccess": "SPUniversalAccessDataType", "accessibility": "SPUniversalAccessDataType",
    "preferencepanes": "SPPrefPaneDataType", "startupitems": "SPStartupItemDataType", "managedclient": "SPManagedClientDataType",
    "developer": "SPDeveloperToolsDataType", "controller": "SPiBridgeDataType", "secureelement": "SPSecureElementDataType",
    "applepay": "SPSecureElementDataType", "wwan": "SPWWANDataType", "displays": "SPDisplaysDataType",
    "hardwareraid": "SPHardwareRAIDDataType", "componentsinformation": "SPComponentDataType", "components": "SPComponentDataType",
}  # fmt: skip
_LONGEST = 2000
_WARNING = re.compile(r"system_profiler\[\d+")
_APPLICATION = re.compile(r"^\s+(?:Location: ['\"]?/.*\.app|64-Bit \(Intel\): )", re.MULTILINE)


def recognises(sniff: Sniff) -> bool:
    if sniff.looks_like_xml or sniff.looks_like_json:
        return False
    return _is_report(sniff) or _is_applications(sniff)


def _is_report(sniff: Sniff) -> bool:
    """Whether it starts with the heading of a data type, and with something below it."""
    lines = [line for line in sniff.head.splitlines() if line.strip() and not _WARNING.search(line)]
    if len(lines) < 2 or not re.match(r" {4,}\S", lines[1]):
        return False
    found = [one[2] for line in lines if not line[0].isspace() and (one := _HEADING.match(line.rstrip()))]
    # A generation whose first data type isn't known here still has others that are.
    known = sum(_type(name) is not None for name in found)
    return bool(found) and lines[0].rstrip() == f"{found[0]}:" and (_type(found[0]) is not None or known >= 3)


def _type(name: str) -> str | None:
    return _TYPES.get(fold(name))


def _is_applications(sniff: Sniff) -> bool:
    """A list of applications that somebody brought into YAML."""
    head = sniff.head[:8000]
    return len(_APPLICATION.findall(head)) >= 4 and len(re.findall(r"^\s+Last Modified: ", head, re.MULTILINE)) >= 2


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE when the data types describe no thing."""
    if _is_applications(sniff) and not _is_report(sniff):
        raise UnreadableReport("NO_DEVICE", "This is a list of applications, not a report of a Mac.", "line 1")
    sections: dict[str, list[Item]] = {}
    for root in _roots(sniff.text):
        if found := _type(root.name):
            sections.setdefault(found, []).append(root)
    return machine.report_of(sections, kind=KIND)


def _roots(text: str) -> list[Item]:
    roots: list[Item] = []
    above: list[tuple[int, Item]] = []
    count = 0
    for printed in text.splitlines():
        line = printed[:_LONGEST].rstrip()
        found = _HEADING.match(line) if line.endswith(":") else _LINE.match(line)
        if not found:
            continue
        count += 1
        if count > MOST_ITEMS:
            break
        indent = len(found[1])
        while above and above[-1][0] >= indent:
            above.pop()
        if found.re is _LINE:
            if above:
                above[-1][1].fields.setdefault(fold(found[2]), (found[3] or "")[:500])
            continue
        item = Item(found[2].strip()[:500])
        if above:
            above[-1][1].below.append(item)
        else:
            roots.append(item)
        above.append((indent, item))
    return roots
