"""What is known of a unit's data, from its class and its media. A pure function; UNKNOWN counts as present."""

from __future__ import annotations

from collections.abc import Iterable

from revlog.devices.classes import DeviceClass, Holds
from revlog.devices.journey import Data

OPEN = frozenset({"UNKNOWN", "PRESENT"})


def known(kind: DeviceClass, media: Iterable[str], *, seen_without: bool) -> Data:
    """The unit's data state.

    ``media`` are the states of every medium ever seen in it; ``seen_without`` says that somebody recorded, with a photo, that it
    holds none (bay empty, maker's seal unbroken). A medium that is MISSING was in it once and isn't now: it is answered for elsewhere,
    but it doesn't make the unit clear by itself.
    """
    states = list(media)
    inside = [state for state in states if state not in {"REMOVED", "MISSING"}]
    if "PRESENT" in inside:
        return Data.PRESENT
    if "UNKNOWN" in inside:
        return Data.UNKNOWN
    if inside and set(inside) == {"UNUSED"}:
        # The maker's seal is unbroken: nobody has put anything on it.
        return Data.NONE
    if inside:
        return Data.SANITIZED if "SANITIZED" in inside else Data.DESTROYED
    if kind.holds is Holds.NEVER or seen_without or "REMOVED" in states:
        # Every drive that was seen was taken out, in a recorded act that also looked at the bay.
        return Data.NONE
    return Data.UNKNOWN
