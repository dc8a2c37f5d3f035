"""What can be said of moving many things at once."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class UnitsPut(Fact, kind="storage.units_put", staff=_("{units:unit|units} put in {place}[, out of {before}].")):
    """On the place's chain: one entry an act, with the Merkle root over the digests of the units' own entries."""

    place: str
    hub: str
    units: int
    root: str
    before: str | None = None


class UnitsTakenOut(Fact, kind="storage.units_taken_out", staff=_("{units:unit|units} moved from {place} to {after}.")):
    """On the chain of the place that was emptied."""

    place: str
    hub: str
    units: int
    root: str
    after: str
