"""What the store answers to a scan. Importing the modules says it to the registry."""

from __future__ import annotations

from revlog.storage.floor import containers, counts, hazards, picks, places

__all__ = ["containers", "counts", "hazards", "picks", "places"]
