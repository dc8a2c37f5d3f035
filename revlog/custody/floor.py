"""What the ledger tells the floor: who else has been at a thing since a moment."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from revlog.custody import since
from revlog.scanning import conflicts


@conflicts.story
def told(thing: uuid.UUID, at: datetime, by: str) -> dict[str, Any] | None:
    entry = since.others(thing, since=at, by=by)
    return since.story(entry) if entry is not None else None
