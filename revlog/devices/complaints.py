"""What customers said of a unit, asked of whoever keeps it: the words stay where they are and are erased there.

A stage above says ``source(call)`` when the platform starts; ``words_of`` gathers what it tells. Nobody copies them: who reads them keeps
what they mean, and no more.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from revlog.devices.models import Device, Visit

Source = Callable[[Device, Visit], Sequence[str]]
_sources: list[Source] = []


def source(call: Source) -> Source:
    if call not in _sources:
        _sources.append(call)
    return call


def words_of(device: Device, visit: Visit | None) -> list[str]:
    """What was said of the unit for this stay, reason first; empty where nobody said anything."""
    if visit is None:
        return []
    return [told for call in _sources for told in call(device, visit) if told.strip()]


# Before anything has come ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Said:
    """What was said of one line of a return: what kind of thing it is, and the words."""

    line: uuid.UUID
    device_class: str
    words: Sequence[str]


Pointed = Sequence[tuple[str, float]]
"""Codes of faults with their probabilities, likeliest first."""
_of_returns: list[Callable[[uuid.UUID], Sequence[Said]]] = []
_pointing: list[Callable[[Sequence[uuid.UUID]], Mapping[uuid.UUID, Pointed]]] = []


def of_returns(call: Callable[[uuid.UUID], Sequence[Said]]) -> Callable[[uuid.UUID], Sequence[Said]]:
    """``call(return)`` tells what was said in a return that was announced."""
    _of_returns.append(call)
    return call


def said_in(announced: uuid.UUID) -> list[Said]:
    return [each for call in _of_returns for each in call(announced)]


def pointing(
    call: Callable[[Sequence[uuid.UUID]], Mapping[uuid.UUID, Pointed]],
) -> Callable[[Sequence[uuid.UUID]], Mapping[uuid.UUID, Pointed]]:
    """``call(lines)`` tells what the words of these lines were found to point to."""
    _pointing.append(call)
    return call


def pointed_to(lines: Sequence[uuid.UUID]) -> dict[uuid.UUID, Pointed]:
    """Line -> the faults its words point to; lines of which nothing is known aren't in it."""
    return {line: found for call in _pointing for line, found in call(lines).items()}
