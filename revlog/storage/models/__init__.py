"""How things lie: what a place may hold, containers, counts and picks."""

from __future__ import annotations

from revlog.storage.models.containers import Container, ContainerKind, ContainerState, Seal
from revlog.storage.models.counts import (
    Count,
    CountState,
    CountWhy,
    Difference,
    DifferenceKind,
    DifferenceOutcome,
    Seen,
    Walk,
)
from revlog.storage.models.hazards import (
    Basis,
    FrozenPlace,
    HazardCase,
    HazardKind,
    HazardState,
    HazardSteps,
    HazardUnit,
    LookState,
    Reinspection,
    Verdict,
)
from revlog.storage.models.packaging import (
    PackagingAccount,
    PackagingKind,
    PackagingMove,
    PackagingMoveKind,
    PackagingType,
)
from revlog.storage.models.picks import Pick, PickList, PickListState, PickState, PickTarget, ShortReason

__all__ = [
    "Basis",
    "Container",
    "ContainerKind",
    "ContainerState",
    "Count",
    "CountState",
    "CountWhy",
    "Difference",
    "DifferenceKind",
    "DifferenceOutcome",
    "FrozenPlace",
    "HazardCase",
    "HazardKind",
    "HazardState",
    "HazardSteps",
    "HazardUnit",
    "LookState",
    "PackagingAccount",
    "PackagingKind",
    "PackagingMove",
    "PackagingMoveKind",
    "PackagingType",
    "Pick",
    "PickList",
    "PickListState",
    "PickState",
    "PickTarget",
    "Reinspection",
    "Seal",
    "Seen",
    "ShortReason",
    "Verdict",
    "Walk",
]
