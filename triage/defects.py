"""What a person or a test can find wrong: one table of codes, each with the axis it weighs on, and where it can be, per class of thing.

The inspection form is made from it, the rubric weighs it, the bench repairs it, the decision counts it. No database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SEVERITIES = ("minor", "major", "critical")


class Axis(StrEnum):
    """What a defect weighs on. ``LOCK`` and ``HAZARD`` are no grades: they shut paths."""

    FUNCTION = "function"
    COSMETIC = "cosmetic"
    BATTERY = "battery"
    STORAGE = "storage"
    COMPLETENESS = "completeness"
    LOCK = "lock"
    HAZARD = "hazard"


@dataclass(frozen=True)
class Defect:
    code: str
    label: Promise
    axis: Axis
    classes: frozenset[str]
    """Classes of things that can have it; empty for all."""
    zones: tuple[str, ...] = ()
    severities: tuple[str, ...] = ("major",)
    """Those that can be chosen; one alone is implied."""


_COMPUTERS = frozenset({"laptop", "desktop", "server"})
_HAND = frozenset({"phone", "tablet"})
_SCREENS = frozenset({"laptop", "phone", "tablet", "monitor", "medical"})
_BATTERIES = frozenset({"laptop", "phone", "tablet", "medical"})
_POWERED = frozenset(
    {
        "laptop", "desktop", "server", "phone", "tablet", "storage", "monitor", "printer", "network", "medical", "appliance",
        "accessory", "part",
    }
)  # fmt: skip
_THINGS = _POWERED | {"other"}
_LAPTOP_ZONES = ("lid", "palmrest", "base", "screen_frame")
_HAND_ZONES = ("front", "back", "frame")
_BOX_ZONES = ("front", "top", "left", "right", "back_side", "base")
BODY_ZONES = {
    "laptop": _LAPTOP_ZONES,
    "phone": _HAND_ZONES,
    "tablet": _HAND_ZONES,
    "monitor": ("screen_frame", "back_side", "stand"),
    "medical": ("front", "top", "left", "right", "back_side", "base"),
    "apparel": ("front", "back", "sleeve", "seam"),
    **dict.fromkeys(("desktop", "server", "network", "appliance", "printer"), _BOX_ZONES),
}
WHOLE = ("body",)
ONLY_ON = {"screen": _SCREENS, "keyboard": frozenset({"laptop"}), "back": _HAND | {"apparel"}}
"""Places that only some classes have, whatever defect can be there."""

_all: Sequence[Defect] = (
    # Function
    Defect("does_not_work", _("does not work"), Axis.FUNCTION, _THINGS, severities=("critical",)),
    Defect("no_power", _("does not power on"), Axis.FUNCTION, _THINGS, severities=("critical",)),
    Defect("stress", _("fails under load"), Axis.FUNCTION, _COMPUTERS),
    Defect("memory", _("memory fault"), Axis.FUNCTION, _COMPUTERS),
    Defect("display", _("display fault"), Axis.FUNCTION, _SCREENS, ("screen",)),
    Defect("touch", _("touch fault"), Axis.FUNCTION, _HAND, ("screen",)),
    Defect("keyboard", _("keys fail or are missing"), Axis.FUNCTION, frozenset({"laptop"}), ("keyboard",)),
    Defect("trackpad", _("trackpad fault"), Axis.FUNCTION, frozenset({"laptop"}), ("palmrest",)),
    Defect("hinge", _("hinge loose or broken"), Axis.FUNCTION, frozenset({"laptop"}), ("hinge",)),
    Defect("port", _("a port fails"), Axis.FUNCTION, _POWERED - {"storage", "part"}, ("left", "right", "back_side")),
    Defect("audio", _("sound fault"), Axis.FUNCTION, _SCREENS | {"desktop"}),
    Defect("camera", _("camera fault"), Axis.FUNCTION, frozenset({"laptop", "phone", "tablet"}), ("front", "back")),
    Defect("connectivity", _("radio or network fault"), Axis.FUNCTION, _COMPUTERS | _HAND | {"network", "printer"}),
    Defect("bios", _("firmware fault"), Axis.FUNCTION, _COMPUTERS),
    Defect("power_adapter", _("charger missing or faulty"), Axis.COMPLETENESS, frozenset({"laptop", "monitor", "network"})),
    Defect("fan", _("fan noisy or stuck"), Axis.FUNCTION, _COMPUTERS),
    Defect("prints_badly", _("prints badly"), Axis.FUNCTION, frozenset({"printer"})),
    Defect("part_missing", _("a part is missing"), Axis.COMPLETENESS, frozenset()),
    # Cosmetic
    Defect("scratch", _("scratches"), Axis.COSMETIC, frozenset(), ("body",), SEVERITIES),
    Defect("dent", _("dents"), Axis.COSMETIC, _THINGS, ("body",), SEVERITIES),
    Defect("crack", _("crack"), Axis.COSMETIC, _THINGS, ("body", "screen"), ("major", "critical")),
    Defect("wear", _("shine, wear, worn print"), Axis.COSMETIC, frozenset(), ("body", "keyboard"), SEVERITIES),
    Defect("pixels", _("dead pixels or marks on the screen"), Axis.COSMETIC, _SCREENS, ("screen",), SEVERITIES),
    Defect("stain", _("stains, glue, labels"), Axis.COSMETIC, frozenset(), ("body",), SEVERITIES),
    Defect("tear", _("tear or open seam"), Axis.COSMETIC, frozenset({"apparel"}), ("body",), SEVERITIES),
    Defect("odor", _("smells"), Axis.COSMETIC, frozenset({"apparel", "accessory"}), (), ("major",)),
    # Battery
    Defect("battery_worn", _("battery worn"), Axis.BATTERY, _BATTERIES, (), ("minor", "major")),
    Defect("battery", _("battery fails its test"), Axis.BATTERY, _BATTERIES),
    Defect("battery_missing", _("battery missing"), Axis.BATTERY, _BATTERIES),
    # Storage
    Defect("drive_failing", _("drive failing"), Axis.STORAGE, _COMPUTERS | {"storage"}),
    Defect("drive_dead", _("drive does not answer"), Axis.STORAGE, _COMPUTERS | {"storage"}, (), ("critical",)),
    # What shuts paths
    Defect("locked", _("locked to an account, a company or a finder service"), Axis.LOCK, _COMPUTERS | _HAND),
    Defect("firmware_password", _("firmware password"), Axis.LOCK, _COMPUTERS),
    Defect("reported_stolen", _("reported lost or stolen"), Axis.LOCK, _COMPUTERS | _HAND),
    Defect("battery_swollen", _("battery swollen"), Axis.HAZARD, _BATTERIES | {"accessory", "part"}, (), ("critical",)),
    Defect("battery_leaking", _("battery leaks"), Axis.HAZARD, _BATTERIES | {"accessory", "part", "medical"}, (), ("critical",)),
    Defect("burnt", _("burnt or smells of burning"), Axis.HAZARD, _THINGS, (), ("critical",)),
    Defect("liquid", _("liquid inside"), Axis.HAZARD, _THINGS, (), ("critical",)),
    Defect("contaminated", _("contaminated (blood, mold, chemicals)"), Axis.HAZARD, frozenset(), (), ("critical",)),
)  # fmt: skip
DEFECTS: dict[str, Defect] = {each.code: each for each in _all}
ZONES = frozenset(
    {zone for zones in BODY_ZONES.values() for zone in zones}
    | {zone for defect in _all for zone in defect.zones}
    | set(WHOLE)
)
"""Every place that a defect can be at, or a photo be of."""

MEASURES: dict[str, dict[str, Promise]] = {
    "scratch": {
        "minor": _("seen, not felt"),
        "major": _("felt, the nail doesn't catch"),
        "critical": _("the nail catches"),
    },
    "dent": {"minor": _("up to 2 mm"), "major": _("2 to 10 mm"), "critical": _("over 10 mm, or it bends the housing")},
    "crack": {"major": _("a hairline, nothing is loose"), "critical": _("through, or pieces are loose")},
    "wear": {
        "minor": _("a shine, seen at 20 cm"),
        "major": _("seen at 50 cm"),
        "critical": _("print or coating is gone"),
    },
    "pixels": {
        "minor": _("one dead pixel, or a mark only on grey"),
        "major": _("two or three, or a mark seen in use"),
        "critical": _("more, lines, or burn-in on grey 50 %"),
    },
    "stain": {"minor": _("under 1 cm"), "major": _("1 to 5 cm"), "critical": _("larger, or it doesn't come off")},
    "tear": {"minor": _("up to 5 mm"), "major": _("up to 3 cm"), "critical": _("longer, or through a seam")},
    "battery_worn": {"minor": _("70 to 79 % of its capacity"), "major": _("under 70 %")},
}
"""How bad, by what can be seen, felt or measured: light of 600 to 1000 lx, ten seconds a face."""

HOLDING = frozenset({"battery_swollen", "battery_leaking", "burnt", "contaminated"})
"""Found, these put a safety hold on the unit: it goes on only after an assessor looked."""


def axis_of(code: str) -> Axis:
    """What a fault weighs on; one that another part of the platform named weighs on function."""
    found = DEFECTS.get(code)
    return found.axis if found else Axis.FUNCTION


def of_class(device_class: str) -> list[Defect]:
    """What can be wrong with such a thing, in the order of the form."""
    return [each for each in _all if not each.classes or device_class in each.classes]


def measure(code: str, severity: str) -> str:
    """By what a severity of this defect is told; empty where it is there or isn't."""
    return str(MEASURES.get(code, {}).get(severity, ""))


def zones_of(defect: Defect, device_class: str) -> tuple[str, ...]:
    """Where ``defect`` can be on such a thing; ``body`` stands for the faces that its class has."""
    zones: list[str] = []
    for zone in defect.zones:
        if device_class not in ONLY_ON.get(zone, {device_class}):
            continue
        zones += BODY_ZONES.get(device_class, WHOLE) if zone == "body" else (zone,)
    return tuple(dict.fromkeys(zones))
