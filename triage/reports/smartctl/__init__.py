"""``smartctl -j`` output (kind ``smartctl.json``): ATA, NVMe and SCSI drives, direct, behind USB bridges and RAID cards.
``text_form`` reads the output for people (kind ``smartctl.text``) into the same shape.

A report of smartctl is of one drive, and a drive is a device of its own here: the report's ``manufacturer``, ``model`` and
``serial`` are the drive's, and ``media`` holds exactly that drive.

What goes where
---------------
* ``model``: ``model_name``, else ``scsi_model_name``, else the product. ``serial``: ``serial_number``; ``REDACTED`` is none.
* ``manufacturer``: the vendor field if it names a maker (``ATA`` does not), else by the model's form, else by the family in
  smartmontools' database (never one that names a controller: "SandForce Driven SSDs"), from the table in ``makers``.
* ``capacity_bytes``: an NVMe drive's total capacity, else ``user_capacity``, else the sum of the namespaces. A total that
  is larger than what the host sees is the drive's.
* ``type``: NVMe by the protocol, also behind USB; SCSI tapes and optical drives by their device type; else by the rotation
  rate (0 is solid state); where that is missing, by TRIM, by wear or by spin-up attributes; else unknown.
* ``health``: ``passed`` is the drive's own verdict and stands beside the counts, which often say more. Reallocated is
  attribute 5, pending 197, uncorrectable the larger of 187 and 198, or the SCSI error counters' uncorrected ones. Raw values
  that pack several numbers give a count only where the printed form shows it, else ``None`` and a warning. Wear is NVMe's
  ``percentage_used``, the endurance indicator of ATA or SCSI, or 100 less a normalised wear attribute of a solid-state drive.
* ``tests``: ``smart.status``, and ``smart.self-test`` for the latest self-test in the log.
* ``issued_at``: ``local_time``.

Refused with ``NO_DEVICE``: lists of devices (``--scan``) and answers that neither name a drive nor measure it, with smartctl's
own error message if it gave one. Error messages beside a drive become warnings.
"""

from __future__ import annotations

from triage.reports import values
from triage.reports.normal import Report
from triage.reports.smartctl.drive import report_of
from triage.reports.sniff import Sniff

KIND = "smartctl.json"
_PROTOCOLS = {"ata", "nvme", "scsi"}
_ABOUT_SMARTCTL = {"version", "argv", "exit_status", "svn_revision", "platform_info", "build_info", "messages"}


def recognises(sniff: Sniff) -> bool:
    """Whether the answer has smartctl's own header, or the drive's header that stands in every answer. YAML (``-j=y``) is read alike."""
    report = sniff.document
    if _ABOUT_SMARTCTL & set(values.mapping(report.get("smartctl"))):
        return True
    device = values.mapping(report.get("device"))
    protocol = values.text(device.get("protocol"))
    return "info_name" in device or bool(protocol and protocol.lower() in _PROTOCOLS and "type" in device)


def parse(sniff: Sniff) -> Report:
    """The report of one drive; raises UnreadableReport NO_DEVICE when the file names and measures none."""
    return report_of(sniff.document, kind=KIND)
