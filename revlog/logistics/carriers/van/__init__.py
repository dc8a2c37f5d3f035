"""Our own van: its parcels have our numbers, and its driver says that they were picked up (revlog/logistics/services/pickups.py)."""

from __future__ import annotations

from revlog.logistics.carriers.any import AT_ONCE, book, cancel, find, track

__all__ = ["AT_ONCE", "book", "cancel", "find", "track"]
