"""What customers said of a unit, asked of whoever keeps it: the words stay where they are and are erased there.

A stage above says ``source(call)`` when the platform starts; ``words_of`` gathers what it tells. Nobody copies them: who reads them keeps
what they mean, and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
