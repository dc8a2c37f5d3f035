"""What is shipped about dangers: first steps, the assessor's clock, criteria and what each class asks for in transport. Data, no database.

Sites say their own steps and clocks (``HazardSteps``). The rules of transport are those of ADR 2025 and 49 CFR; each says its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from revlog.storage.models import HazardKind, Verdict


@dataclass(frozen=True)
class First:
    """What is done first, in order, and within how many minutes an assessor looks."""

    steps: tuple[Promise, ...]
    minutes: int


_LEAVE = _("Leave it where it is. Nobody moves it by hand.")
_BOX = _("Wear gloves and goggles. Put the fire-resistant container over it, or lift it in with the tongs.")
_AIR = _("Open doors and windows.")
_AWAY = _("Keep others 5 m away.")
_TELL = _("The safety assessor has been told. Stay in sight until they come.")
_FIRE = _("If there is fire or smoke, leave and call the fire brigade: 112.")

FIRST: Mapping[HazardKind, First] = {
    HazardKind.SWOLLEN: First((_("Don't press, charge or switch it on."), _LEAVE, _BOX, _AIR, _AWAY, _TELL), 60),
    HazardKind.HOT: First((_FIRE, _AWAY, _AIR, _("No water on it while it is plugged in."), _TELL), 15),
    HazardKind.LEAKING: First((_("Don't touch what runs out."), _LEAVE, _AIR, _("Put absorbent around it."), _TELL), 60),
    HazardKind.WATER: First((_("Switch nothing on. Pull plugs only with dry hands."), _LEAVE, _AWAY, _TELL), 120),
    HazardKind.GLASS: First(
        (_("Wear cut-proof gloves and a mask."), _("A tube or lamp: don't sweep. Open the windows and leave the room for 15 minutes."),
         _AWAY, _TELL), 120,
    ),
    HazardKind.POWDER: First(
        (_("Don't touch, smell or sweep it."), _("Cover it, switch fans off and close the door."), _AWAY,
         _("Wash your hands."), _TELL), 30,
    ),
    HazardKind.OTHER: First((_LEAVE, _AWAY, _AIR, _TELL), 60),
}  # fmt: skip

BATTERIES = frozenset({"laptop", "phone", "tablet", "medical"})
"""Classes of things of which HAZARD alone means the battery."""
FAULTS: Mapping[str, HazardKind] = {
    "battery_swollen": HazardKind.SWOLLEN,
    "battery_leaking": HazardKind.LEAKING,
    "burnt": HazardKind.HOT,
}
"""Faults that inspections find and that are dangers."""


@dataclass(frozen=True)
class Criterion:
    text: Promise
    source: str
    critical: bool = False


CRITERIA: Mapping[str, Criterion] = {
    "leaked": Criterion(_("electrolyte leaked or vented"), "ADR SP 376; 49 CFR 173.185(f)"),
    "swollen": Criterion(_("swollen"), "ADR SP 376; 49 CFR 173.185(f)"),
    "damaged": Criterion(_("physical or mechanical damage"), "ADR SP 376; 49 CFR 173.185(f)"),
    "unknown": Criterion(_("can't be diagnosed"), "ADR SP 376"),
    "heat": Criterion(_("abnormal temperature"), "ADR SP 376; 49 CFR 173.185(f)"),
    "circuit": Criterion(_("short or open circuit"), "ADR SP 376; 49 CFR 173.185(f)"),
    "recalled": Criterion(_("recalled for safety reasons"), "ADR SP 376; IATA SP A154"),
    "water": Criterion(_("water got in"), "ADR SP 376"),
    "charge": Criterion(_("fails to charge"), "ADR SP 376"),
    "disassembles": Criterion(_("liable to disassemble rapidly"), "ADR SP 376 (critical)", critical=True),
    "reacts": Criterion(_("liable to react dangerously"), "ADR SP 376 (critical)", critical=True),
    "flames": Criterion(_("liable to flame or to heat up dangerously"), "ADR SP 376 (critical)", critical=True),
    "gases": Criterion(_("liable to give off toxic, corrosive or flammable gases"), "ADR SP 376 (critical)", critical=True),
}  # fmt: skip

GOODS: Mapping[str, Promise] = {
    "": _("no battery in it"),
    "UN3481": _("UN 3481, lithium ion batteries in or with equipment"),
    "UN3480": _("UN 3480, lithium ion batteries"),
    "UN3091": _("UN 3091, lithium metal batteries in or with equipment"),
    "UN3090": _("UN 3090, lithium metal batteries"),
    "UN3552": _("UN 3552, sodium ion batteries in or with equipment"),
    "UN3551": _("UN 3551, sodium ion batteries"),
}
_MARKS = {
    "UN3481": "DAMAGED/DEFECTIVE LITHIUM-ION BATTERIES",
    "UN3480": "DAMAGED/DEFECTIVE LITHIUM-ION BATTERIES",
    "UN3091": "DAMAGED/DEFECTIVE LITHIUM METAL BATTERIES",
    "UN3090": "DAMAGED/DEFECTIVE LITHIUM METAL BATTERIES",
    "UN3552": "DAMAGED/DEFECTIVE SODIUM ION BATTERIES",
    "UN3551": "DAMAGED/DEFECTIVE SODIUM ION BATTERIES",
}


@dataclass(frozen=True)
class Packing:
    """What a class asks for before it travels: one of the instructions, and what else is true."""

    instructions: tuple[str, ...]
    rules: tuple[Promise, ...]


PACKING: Mapping[Verdict, Packing] = {
    Verdict.UNDAMAGED: Packing((), (_("Packed like any other."),)),
    Verdict.DAMAGED: Packing(
        ("P908", "LP904"),
        (
            _("Each in an inner packaging of its own that is not metal, in cushioning that doesn't burn and absorbs (P 908, LP 904)."),
            _("US: an outer packaging of packing group I, one inner packaging in each (49 CFR 173.185(f))."),
            _("By road, rail or sea; never by air (IATA SP A154)."),
        ),
    ),
    Verdict.CRITICAL: Packing(
        ("P911", "LP906"),
        (
            _("A packaging tested against heat, flame and gas (P 911, LP 906), or as the authority says."),
            _("Kept apart from everything that burns until it is packed; nobody works on it."),
            _("By road, rail or sea; never by air (IATA SP A154)."),
        ),
    ),
}  # fmt: skip


def mark(goods: str) -> str:
    """What is written on the packaging."""
    return _MARKS.get(goods, "HAZARDOUS WASTE")


def criterion_told(cited: str) -> str | None:
    """A criterion as a fact holds it, ``leaked (ADR SP 376)``, in words."""
    name, _space, source = cited.partition(" (")
    return f"{CRITERIA[name].text} ({source}" if name in CRITERIA else None


def packing(verdict: Verdict) -> str:
    return "/".join(PACKING[verdict].instructions)
