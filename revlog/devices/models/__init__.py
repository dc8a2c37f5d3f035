"""The thing: what it is (catalog), which one (device, identifiers), its stays with us (visits), and what hangs on it."""

from revlog.devices.models.catalog import ProductModel, Variant
from revlog.devices.models.device import Device, DeviceQuerySet, Identifier, Lookout, Visit, WaitingFor
from revlog.devices.models.places import Hazard, Location, LocationKind, Purpose
from revlog.devices.models.records import (
    Allocation,
    Decontamination,
    DecontaminationMethod,
    Fault,
    Hold,
    HoldKind,
    Medium,
    MediumState,
    NumberConflict,
    Posting,
)
from revlog.devices.models.tacs import Tac

__all__ = [
    "Allocation",
    "Decontamination",
    "DecontaminationMethod",
    "Device",
    "DeviceQuerySet",
    "Fault",
    "Hazard",
    "Hold",
    "HoldKind",
    "Identifier",
    "Location",
    "LocationKind",
    "Lookout",
    "Medium",
    "MediumState",
    "NumberConflict",
    "Posting",
    "ProductModel",
    "Purpose",
    "Tac",
    "Variant",
    "Visit",
    "WaitingFor",
]
