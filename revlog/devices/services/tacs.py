"""Lists of type allocation codes: brought in as they are published, with the lines that are none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from revlog.devices.models import Tac

BATCH = 2_000


@dataclass
class Loaded:
    """What became of a list: codes kept, lines refused, and codes that it gives to two makers, which are left out."""

    kept: int = 0
    refused: list[int] = field(default_factory=list)
    contradicting: list[str] = field(default_factory=list)


def load(rows: Iterable[tuple[int, str, str, str]], *, source: str, at: datetime) -> Loaded:
    """Keep a list of (line, code, manufacturer, model); a code that is known already is what this list says."""
    found: dict[str, Tac] = {}
    loaded = Loaded()
    for line, code, manufacturer, model in rows:
        if not re.fullmatch(r"\d{8}", code, re.ASCII) or not manufacturer.strip():
            loaded.refused.append(line)
            continue
        known = found.get(code)
        if known is not None and known.manufacturer.casefold() != manufacturer.strip()[:120].casefold():
            loaded.contradicting.append(code)
            continue
        if known is None:
            found[code] = Tac(
                code=code,
                manufacturer=manufacturer.strip()[:120],
                model=model.strip()[:200],
                source=source[:120],
                loaded_at=at,
            )
    wrong = set(loaded.contradicting)
    kept = [one for code, one in found.items() if code not in wrong]
    with transaction.atomic():
        Tac.objects.bulk_create(
            kept,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["manufacturer", "model", "source", "loaded_at"],
        )
    loaded.kept = len(kept)
    return loaded


def of(imei: str) -> Tac | None:
    """What the code of an IMEI (its digits) was given to, where a list says so."""
    return Tac.objects.filter(pk=imei[:8]).first() if len(imei) >= 14 else None
