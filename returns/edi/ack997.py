"""Transaction set 997, functional acknowledgment: that each set of an interchange could be read. Pure.

It says nothing of what was asked for: whether a return is agreed to is said by the 180 that answers it. Since an interchange is taken whole
or not at all, what is acknowledged is always accepted; one that can't be read is refused where it is brought, with the segment at fault.
"""

from __future__ import annotations

from returns.edi.x12 import Group, Interchange, Segment, TransactionSet

SET = "997"
GROUP = "FA"
ACCEPTED = "A"


def write(told: Interchange) -> tuple[TransactionSet, ...]:
    """An acknowledgment for each group of ``told``, under control numbers of their own."""
    return tuple(
        TransactionSet(code=SET, control=f"{place:04d}", segments=tuple(_of(group)))
        for place, group in enumerate(told.groups, 1)
    )


def _of(group: Group) -> list[Segment]:
    count = str(len(group.sets))
    found = [Segment("AK1", (group.code, group.control))]
    for one in group.sets:
        found += [Segment("AK2", (one.code, one.control)), Segment("AK5", (ACCEPTED,))]
    # Sets that GE said there are, sets that came, sets that were accepted.
    return [*found, Segment("AK9", (ACCEPTED, count, count, count))]
