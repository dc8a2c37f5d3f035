"""How things lie: what a place may hold, containers, counts and picks."""

from __future__ import annotations

from revlog.storage.models.containers import Container, ContainerKind, ContainerState, Seal

__all__ = ["Container", "ContainerKind", "ContainerState", "Seal"]
