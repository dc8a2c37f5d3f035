"""What Apple's names of models say by themselves."""

from __future__ import annotations

import re

_IDENTIFIER = re.compile(
    r"(?:i?Mac(?:Book|Pro|mini|BookPro|BookAir)?|Power(?:Mac|Book)|RackMac|Xserve|iBook|ADP)\d+,\d+"
)
_SHAPES = (
    (r"macbook|powerbook|ibook", "Notebook"),
    (r"imac|emac", "All in One"),
    (r"mac\s?mini", "Mini PC"),
    (r"xserve|rackmac", "Rack Mount Chassis"),
    (r"power\s?mac\sg|mac\s?pro", "Tower"),
    (r"mac\sstudio", "Desktop"),
)


def maker(identifier: str | None) -> str | None:
    """Apple, where the identifier ("MacBookPro12,1") is one of Apple's; a virtual machine's isn't."""
    return "Apple" if identifier and _IDENTIFIER.fullmatch(identifier) else None


def chassis(*names: str | None) -> str | None:
    """The form that a name or identifier says; "PowerMac4,1" and "Mac14,2" were given to several forms."""
    told = " ".join(name for name in names if name).lower()
    return next((form for words, form in _SHAPES if re.search(words, told)), None)
