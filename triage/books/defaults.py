"""The shipped books: starting points, each with where its content comes from and how sure that is. An operator publishes its own shelf.

Distances and "visible" of the publishers' texts are answered by our severities (light: seen, not felt; clear: felt; severe: the nail
catches); where one ends is this platform's reading, and said so in ``source``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop as _

VERSION = "2026-1"

Asked = dict[str, Any]


def _none(of: str, on: str = "") -> Asked:
    return {"worst": "none", "of": of} | ({"on": on} if on else {})


def _light(of: str, on: str = "") -> Asked:
    return {"worst": "minor", "of": of} | ({"on": on} if on else {})


def _not_severe(of: str, on: str = "") -> Asked:
    return {"worst": "major", "of": of} | ({"on": on} if on else {})


def _grade(code: str, name: str, asks: list[Asked], means: str = "") -> dict[str, Any]:
    return {"code": code, "name": name, "means": means, "asks": asks}


_GRADED = [
    "laptop", "desktop", "server", "phone", "tablet", "storage", "monitor", "printer", "network", "appliance", "accessory", "part",
    "apparel",
]  # fmt: skip
_ELECTRONICS = ["laptop", "desktop", "server", "phone", "tablet", "monitor", "printer", "network", "appliance"]
_CONSUMER = ["laptop", "desktop", "phone", "tablet", "monitor"]

_WORKS = [_none("function"), _none("storage"), _none("battery"), _none("lock"), _none("hazard")]
"""Everything works, nothing shuts it, nothing is dangerous: what each refurbished sale promises."""

_HOUSE = {
    "name": _("House grades"),
    "publisher": "",
    "edition": VERSION,
    "source": _("Follows our own rubric: the grade as a whole."),
    "certainty": "own",
    "classes": _GRADED,
    "grades": [
        _grade("NEW", _("Sealed"), [{"axis": "whole", "least": "NEW"}], _("The maker's seal is unbroken.")),
        _grade("A", _("Like new"), [{"axis": "whole", "least": "A"}], _("Works fully; marks hardly to be seen.")),
        _grade("B", _("Light wear"), [{"axis": "whole", "least": "B"}], _("Works fully; light marks.")),
        _grade("C", _("Visible wear"), [{"axis": "whole", "least": "C"}], _("Clear marks, or one small fault.")),
        _grade("D", _("Defective or for parts"), [], _("Something doesn't work, is missing or broken.")),
    ],
}

_BACK_MARKET_LEAST = [
    {"battery": 80}, *_WORKS, _light("cosmetic", "screen"), _not_severe("cosmetic", "keyboard"), _not_severe("cosmetic", "housing"),
]  # fmt: skip
_BACK_MARKET = {
    "name": "Back Market",
    "publisher": "Back Market",
    "edition": "2026",
    "source": _(
        "Terms of its grades, read second-hand: 80 % battery for all. That Premium asks for 90 % is reported and not confirmed, and that "
        "its parts are the maker's own isn't judged here. Which severity a viewing distance answers to is our reading."
    ),
    "certainty": "secondary",
    "classes": _CONSUMER,
    "needs": ["tested", "looked_at"],
    "grades": [
        _grade("premium", "Premium", [{"battery": 90}, *_WORKS, _none("cosmetic")], _("Flawless screen and housing.")),
        _grade(
            "excellent",
            "Excellent",
            [{"battery": 80}, *_WORKS, _none("cosmetic", "screen"), _light("cosmetic"), {"most": 3, "of": "cosmetic"}],
            _("No scratch on the screen; marks that can't be seen from 20 cm."),
        ),
        _grade(
            "good",
            "Good",
            [{"battery": 80}, *_WORKS, _none("cosmetic", "screen"), _light("cosmetic")],
            _("No scratch on the screen; marks that can't be seen from 50 cm."),
        ),
        _grade(
            "fair",
            "Fair",
            _BACK_MARKET_LEAST,
            _("Light scratches on the screen; visible scratches and dents elsewhere."),
        ),
    ],
}

_NO_DISPLAY = [_none("display"), _not_severe("pixels")]
_CTIA = {
    "name": _("CTIA cosmetic scale"),
    "publisher": "CTIA",
    "edition": _("since 2019"),
    "source": _(
        "Wireless device grading scales, read second-hand. The functional scale from 0 to 9 isn't given: only its 0 could be confirmed. "
        "Which of our severities is light or aggressive wear is our reading."
    ),
    "certainty": "secondary",
    "classes": ["phone", "tablet"],
    "needs": ["looked_at"],
    "grades": [
        _grade("A", _("A, like new"), [_none("cosmetic"), *_NO_DISPLAY], _("Like new.")),
        _grade("B", _("B, light wear"), [_light("cosmetic"), _none("crack"), *_NO_DISPLAY], _("Light wear and tear.")),
        _grade("C", _("C, more wear"), [_none("crack"), *_NO_DISPLAY], _("More aggressive wear and tear.")),
        _grade("D", _("D, cracked glass"), [*_NO_DISPLAY], _("Heavy damage with cracks of the cover lens.")),
        _grade("E", _("E, broken display"), [], _("Heavy damage with damage inside the display.")),
    ],
}

_R2_SOURCE = _(
    "R2 equipment categories 1.2, read second-hand; your own categories with a written cross-reference are allowed too. C7 and C9 depend "
    "on a seller's warranty and F5 and F6 on software and the maker's parts: they are declared by whoever refurbished it, not given here."
)
_R2_COSMETIC = {
    "name": _("R2 cosmetic categories"),
    "publisher": "SERI",
    "edition": "REC 1.2",
    "source": _R2_SOURCE,
    "certainty": "secondary",
    "classes": _ELECTRONICS,
    "needs": ["looked_at"],
    "unjudged": _("C0, not categorized"),
    "grades": [
        _grade("C8", _("C8, unused"), [{"sealed": True}], _("New, out of the box.")),
        _grade(
            "C6",
            _("C6, used excellent"),
            [_none("cosmetic"), _none("completeness"), _none("hinge"), _none("hazard")],
            _("Light blemishes only, labels of others removed."),
        ),
        _grade(
            "C5",
            _("C5, used very good"),
            [_light("cosmetic"), _none("dent"), _none("crack"), _none("completeness"), _none("hinge"), _none("hazard")],
            _("Minor scratches."),
        ),
        _grade(
            "C4",
            _("C4, used good"),
            [_light("cosmetic"), _none("crack"), _none("completeness"), _none("hinge"), _none("hazard")],
            _("No missing parts, small dents."),
        ),
        _grade(
            "C3",
            _("C3, used fair"),
            [_not_severe("cosmetic"), _none("hazard")],
            _("Moderate use; lesser parts missing."),
        ),
        _grade("C2", _("C2, used poor"), [_none("hazard")], _("Heavy use; may need repair.")),
        _grade("C1", _("C1, damaged"), [], _("Not reusable; for materials recovery.")),
    ],
}

_SAFE = [{"tested": True}, {"cleared": True}, _none("lock"), _none("hazard"), {"battery": 50}]
_KEY_FUNCTIONS = [
    _none(code)
    for code in (
        "does_not_work",
        "no_power",
        "stress",
        "memory",
        "display",
        "touch",
        "keyboard",
        "trackpad",
        "prints_badly",
    )
]
_R2_FUNCTION = {
    "name": _("R2 functioning categories"),
    "publisher": "SERI",
    "edition": "REC 1.2",
    "source": _R2_SOURCE,
    "certainty": "secondary",
    "classes": _ELECTRONICS,
    "grades": [
        _grade(
            "F4",
            _("F4, hardware functional"),
            [*_SAFE, _none("function"), _none("storage"), _none("battery")],
            _("All hardware tested, no defects; no software."),
        ),
        _grade(
            "F3",
            _("F3, key functions working"),
            [*_SAFE, *_KEY_FUNCTIONS, _none("storage")],
            _("What an ordinary user expects works."),
        ),
        _grade(
            "controlled", _("Controlled stream"), [], _("Not yet tested, cleared and working: it stays controlled.")
        ),
    ],
}

_UNCERTAIN_CHANNEL = _(
    "Names of the channel's grades as known in the trade; what each asks for changes and wasn't read in the channel's own text. Set it to "
    "what you agreed."
)
_EBAY = {
    "name": "eBay Refurbished",
    "publisher": "eBay",
    "edition": "2026",
    "source": _UNCERTAIN_CHANNEL,
    "certainty": "uncertain",
    "classes": _CONSUMER,
    "needs": ["tested", "looked_at"],
    "grades": [
        _grade(
            "excellent",
            "Excellent - Refurbished",
            [{"battery": 80}, *_WORKS, _none("cosmetic", "screen"), _light("cosmetic"), {"most": 2, "of": "cosmetic"}],
            _("Like new, with hardly any sign of use."),
        ),
        _grade(
            "very_good", "Very Good - Refurbished", [{"battery": 80}, *_WORKS, _light("cosmetic")], _("Light wear.")
        ),
        _grade("good", "Good - Refurbished", [{"battery": 80}, *_WORKS, _not_severe("cosmetic")], _("Visible wear.")),
        _grade("parts", "For parts or not working", [_none("hazard")], _("Sold as it is, with its faults told.")),
    ],
}
_RENEWED = {
    "name": "Amazon Renewed",
    "publisher": "Amazon",
    "edition": "2026",
    "source": _(
        "A battery over 80 % of new was read second-hand; 90 % for Premium and what each grade allows are known in the trade only. Set it "
        "to what you agreed."
    ),
    "certainty": "uncertain",
    "classes": _CONSUMER,
    "needs": ["tested", "looked_at"],
    "grades": [
        _grade("premium", "Premium", [{"battery": 90}, *_WORKS, _none("cosmetic")], _("No mark to be seen at 30 cm.")),
        _grade(
            "excellent", "Excellent", [{"battery": 81}, *_WORKS, _none("cosmetic")], _("No mark to be seen at 30 cm.")
        ),
        _grade(
            "good",
            "Good",
            [{"battery": 81}, *_WORKS, _none("cosmetic", "screen"), _light("cosmetic")],
            _("Light scratches, hardly to be seen at 30 cm."),
        ),
        _grade(
            "acceptable",
            "Acceptable",
            [{"battery": 81}, *_WORKS, _not_severe("cosmetic")],
            _("Scratches that are seen."),
        ),
    ],
}

BOOKS: Mapping[str, Mapping[str, Any]] = {
    "house": _HOUSE,
    "backmarket": _BACK_MARKET,
    "ctia": _CTIA,
    "r2_cosmetic": _R2_COSMETIC,
    "r2_function": _R2_FUNCTION,
    "ebay": _EBAY,
    "amazon_renewed": _RENEWED,
}
