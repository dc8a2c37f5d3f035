"""Streams of material and what may be done with them: European waste codes, recovery and disposal codes. No database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Stream:
    """``waste_code`` of the List of Waste (2000/532/EC), an asterisk marking hazardous waste; ``goes_in`` for what batches are made of."""

    code: str
    label: str | Promise
    waste_code: str
    goes_in: bool = False

    @property
    def is_hazardous(self) -> bool:
        return self.waste_code.endswith("*")


_streams = (
    Stream("it_mixed", _("mixed IT equipment"), "16 02 14", goes_in=True),
    Stream("it_hazardous", _("equipment with hazardous components"), "16 02 13*", goes_in=True),
    Stream("displays", _("displays"), "16 02 13*", goes_in=True),
    Stream("small_equipment", _("small equipment"), "16 02 14", goes_in=True),
    Stream("shredded_media", _("shredded storage"), "19 12 12", goes_in=True),
    Stream("accessories", _("cables and accessories"), "16 02 16", goes_in=True),
    Stream("ferrous", _("iron and steel"), "19 12 02"),
    Stream("aluminum", _("aluminum"), "19 12 03"),
    Stream("copper", _("copper"), "19 12 03"),
    Stream("boards", _("circuit boards"), "16 02 16"),
    Stream("plastics", _("plastics"), "19 12 04"),
    Stream("glass", _("glass"), "19 12 05"),
    Stream("batteries", _("batteries"), "16 06 05"),
    Stream("hazardous_components", _("hazardous components taken out"), "16 02 15*"),
    Stream("residue", _("residue"), "19 12 12"),
)
STREAMS: Mapping[str, Stream] = {each.code: each for each in _streams}
INPUTS = tuple(each for each in _streams if each.goes_in)


@dataclass(frozen=True)
class Treatment:
    """An operation of Directive 2008/98/EC. An *interim* one must be followed by another, so it doesn't count as recycled."""

    code: str
    label: str | Promise
    interim: bool = False

    @property
    def recovers(self) -> bool:
        return self.code.startswith("R")

    @property
    def counts(self) -> bool:
        """Whether it counts as recycling or other recovery of material: not as energy, not as a step on the way."""
        return self.recovers and not self.interim and self.code != "R1"


_treatments = (
    Treatment("R1", _("used as fuel")),
    Treatment("R3", _("plastics recycled")),
    Treatment("R4", _("metals recycled")),
    Treatment("R5", _("glass and minerals recycled")),
    Treatment("R12", _("sorted or dismantled before recovery"), interim=True),
    Treatment("R13", _("stored before recovery"), interim=True),
    Treatment("D1", _("landfill")),
    Treatment("D5", _("engineered landfill")),
    Treatment("D9", _("physico-chemical treatment")),
    Treatment("D10", _("incinerated")),
    Treatment("D13", _("blended before disposal"), interim=True),
    Treatment("D14", _("repackaged before disposal"), interim=True),
    Treatment("D15", _("stored before disposal"), interim=True),
)
TREATMENTS: Mapping[str, Treatment] = {each.code: each for each in _treatments}
