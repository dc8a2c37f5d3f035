"""Levels, techniques and media: what reaches what. NIST SP 800-88 and IEEE 2883 in one table; no database, no clock.

A technique reaches a level on a kind of medium, or nothing at all. Software that overwrites reaches *Clear*, whatever its menu calls
the pattern: it can't reach what the drive hides from it (spare blocks, remapped sectors), so it is never called *Purge*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How well data is gone. Each level reaches what the ones before it reach."""

    CLEAR = "clear"
    PURGE = "purge"
    DESTROY = "destroy"

    @property
    def rank(self) -> int:
        return list(Level).index(self)

    def reaches(self, required: Level) -> bool:
        return self.rank >= required.rank

    @property
    def next(self) -> Level | None:
        """Where a failure escalates to; one way, and nothing comes after Destroy."""
        levels = list(Level)
        return levels[self.rank + 1] if self.rank + 1 < len(levels) else None


MAGNETIC = frozenset({"hdd"})
FLASH_DRIVES = frozenset({"ssd", "nvme"})
SOLDERED = frozenset({"emmc", "ufs"})
REWRITABLE = MAGNETIC | FLASH_DRIVES | SOLDERED | {"usb", "unknown"}
ALL = REWRITABLE | {"optical", "tape"}


@dataclass(frozen=True)
class Technique:
    """One way to sanitize. ``reaches`` maps a kind of medium to the level; a kind that is missing is not reached at all."""

    code: str
    reaches: Mapping[str, Level]
    by_report: bool = False
    """Proved by the tool's own report, which comes in through triage."""
    by_hand: bool = False
    """Directed here and recorded by a person, with a photo of the outcome."""
    destructive: bool = False


def _on(level: Level, kinds: frozenset[str]) -> dict[str, Level]:
    return dict.fromkeys(kinds, level)


_all = (
    Technique("overwrite", _on(Level.CLEAR, REWRITABLE | {"tape"}), by_report=True),
    # The maker's reset is no substitute where software can erase and record (R2v3 formal interpretation 1): phones alone.
    Technique("factory_reset", _on(Level.CLEAR, SOLDERED), by_hand=True),
    Technique("degauss", _on(Level.PURGE, MAGNETIC | {"tape"})),
    Technique("shred", _on(Level.DESTROY, ALL), destructive=True),
    Technique("disintegrate", _on(Level.DESTROY, ALL), destructive=True),
    Technique("pulverize", _on(Level.DESTROY, ALL), destructive=True),
    Technique("incinerate", _on(Level.DESTROY, ALL), destructive=True),
    Technique("melt", _on(Level.DESTROY, ALL), destructive=True),
)
TECHNIQUES: Mapping[str, Technique] = {technique.code: technique for technique in _all}
DESTRUCTIVE = tuple(technique.code for technique in _all if technique.destructive)
"""Bending, drilling and crushing are not among them: what is left can still be read in a laboratory."""


def reached(technique: str, kind: str) -> Level | None:
    """The level that ``technique`` reaches on a medium of ``kind``, or None when it erases nothing there."""
    found = TECHNIQUES.get(technique)
    return found.reaches.get(kind) if found else None
