"""Several reports and looks of one unit in one stay, merged into one picture: each field with all that was said and by whom.

Nothing is averaged and nothing overwritten in silence. Which value of a field counts follows a stated precedence: what a person settled,
what a person saw, what the unit is on record as, what a person stated at the station, a test of the part itself, an inventory. Where two
of one rank differ, a reading counts by the worse value, identity by the first; a tool that measures again replaces its own reading alone.
The losing values stay. Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from triage.merging import drives, fields
from triage.merging.choosing import Known
from triage.merging.fields import share_of
from triage.merging.picture import (
    DANGERS,
    FOR_A_PERSON,
    IDENTITY,
    INTERNAL,
    NOT_SEEN,
    PASSED,
    Drive,
    Field,
    Flaw,
    Look,
    Picture,
    Rank,
    Ruling,
    Source,
    Told,
    Value,
)

__all__ = [
    "DANGERS", "FOR_A_PERSON", "IDENTITY", "INTERNAL", "NOT_SEEN", "PASSED", "Drive", "Field", "Flaw", "Look", "Picture", "Rank", "Ruling",
    "Source", "Told", "Value", "merge", "share_of",
]  # fmt: skip


def merge(
    told: Sequence[Told],
    *,
    looks: Sequence[Look] = (),
    flaws: Sequence[Flaw] = (),
    record: Mapping[str, Sequence[str]] | None = None,
    removed: frozenset[str] = frozenset(),
    repaired: Mapping[str, datetime] | None = None,
    settled: Mapping[str, Ruling] | None = None,
) -> Picture:
    """One picture of all that was said. ``told`` stands oldest first.

    ``record`` are the names the unit is known by (serial, imei, ...), ``removed`` the serials of drives taken out with a record,
    ``repaired`` says per axis when a fault of it was last mended: a reading taken before speaks of a part that may be gone.
    """
    known = Known(
        told=told,
        looks=sorted(looks, key=lambda one: one.at),
        flaws=[flaw for flaw in flaws if flaw.source != "report"],
        record=record or {},
        repaired=repaired or {},
        settled=settled or {},
    )
    found, of_drives = drives.merged(known, removed)
    all_of = [
        *fields.identity(known),
        *fields.build(known),
        *of_drives,
        *fields.battery(known),
        *fields.locks(known),
        *fields.tests(known),
        *fields.stated(known),
    ]
    return Picture(fields=tuple(all_of), drives=found)
