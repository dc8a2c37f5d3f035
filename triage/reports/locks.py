"""What a tool's word says of a lock. A word that isn't known is unknown, never open."""

from __future__ import annotations

import re

from triage.reports import values
from triage.reports.normal import Lock, LockKind, LockState


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OPEN = _words(
    """off unlocked unlock no false disabled disable 0 clean clear inactive open none good good_standing not_locked not_blacklisted
    not_reported not_found not_enrolled not_managed not_supervised not_rooted sim_unlocked factory_unlocked not_detected
    unenrolled carrier_unlocked free not_jailbroken"""
)
_LOCKED = _words(
    """on locked lock yes true enabled enable 1 active blacklisted blocked reported lost stolen lost_or_stolen bad found enrolled managed
    supervised rooted jailbroken sim_locked carrier_locked detected financed unpaid reported_stolen reported_lost fraud barred"""
)
_NOTHING = frozenset({"", "n_a", "na", "null", "not_applicable"})


def state(value: object) -> LockState | None:
    """Locked, open or unknown; None where nothing is said."""
    if isinstance(value, bool):
        return LockState.LOCKED if value else LockState.OPEN
    line = values.text(value)
    word = re.sub(r"[^a-z0-9]+", "_", (line or "").lower()).strip("_")
    if word in _NOTHING:
        return None
    if word in _OPEN:
        return LockState.OPEN
    return LockState.LOCKED if word in _LOCKED else LockState.UNKNOWN


def lock(kind: LockKind, value: object, *, detail: str | None = None) -> Lock | None:
    """The lock that a tool speaks of. A word that isn't understood is kept as its detail."""
    found = state(value)
    if found is None:
        return None
    told = values.text(value, longest=100) if found is LockState.UNKNOWN else None
    return Lock(kind=kind, state=found, detail=detail or told or "")
