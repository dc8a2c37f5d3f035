"""The methods nwipe knows, by the label it prints. All of them overwrite; two only read."""

from __future__ import annotations

from enum import Enum


class Effect(Enum):
    OVERWRITES = "overwrites"
    ONLY_READS = "only reads"


EFFECTS: dict[str, Effect] = {
    "fill with zeros": Effect.OVERWRITES,
    "fill with ones": Effect.OVERWRITES,
    "quick erase": Effect.OVERWRITES,
    "zero fill": Effect.OVERWRITES,
    "rcmp tssit ops-ii": Effect.OVERWRITES,
    "dod short": Effect.OVERWRITES,
    "dod 5220.22-m": Effect.OVERWRITES,
    "dod 5220.22m": Effect.OVERWRITES,
    "gutmann wipe": Effect.OVERWRITES,
    "prng stream": Effect.OVERWRITES,
    "hmg is5 enhanced": Effect.OVERWRITES,
    "hmg infosec standard 5": Effect.OVERWRITES,
    "bruce schneier 7-pass": Effect.OVERWRITES,
    "bmb21-2019": Effect.OVERWRITES,
    "verify zeros (0x00)": Effect.ONLY_READS,
    "verify ones (0xff)": Effect.ONLY_READS,
    "verify blank": Effect.ONLY_READS,
    "verify only": Effect.ONLY_READS,
}


def label(printed: str) -> str:
    """The label with single blanks: nwipe pads some of them."""
    return " ".join(printed.split())


def effect(printed: str | None) -> Effect | None:
    """What the method does to the drive; None for a label that isn't known, whose runs can't be called erasures."""
    if printed is None:
        return None
    plain = label(printed).casefold()
    if plain in EFFECTS:
        return EFFECTS[plain]
    return Effect.ONLY_READS if plain.startswith("verify") else None
