"""What ITAD keeps of its own: wiping (attempts, logs set aside, exceptions, policies) and clients' manifests."""

from __future__ import annotations

from itad.models.manifests import ManifestMapping, ManifestRow, ManifestRun, ManifestStatus, RowOutcome
from itad.models.wiping import (
    OPEN,
    ExceptionKind,
    JobQuerySet,
    JobState,
    PolicyChoice,
    SanitizationJob,
    SetAside,
    SupervisedException,
    plain_photo,
)

__all__ = [
    "OPEN",
    "ExceptionKind",
    "JobQuerySet",
    "JobState",
    "ManifestMapping",
    "ManifestRow",
    "ManifestRun",
    "ManifestStatus",
    "PolicyChoice",
    "RowOutcome",
    "SanitizationJob",
    "SetAside",
    "SupervisedException",
    "plain_photo",
]
