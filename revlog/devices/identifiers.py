"""Names of units: how each is recognised, checked and brought into the one form by which it is matched. No database."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from revlog.common import ids

TAG_PREFIX = "RL"
_UNIQUE_BY_NATURE = frozenset({"tag", "imei", "eid", "meid"})
_PLACEHOLDERS = re.compile(
    r"^(to be filled( by o\.?e\.?m\.?)?|default string|system serial number|not (specified|available|applicable)|none|n/?a|unknown"
    r"|o\.?e\.?m\.?|serial( number)?|x+|0+|\.+|-+|_+|1?0?123456789(0|abcdef)?|empty|invalid|redacted|null|undefined|chassis serial number"
    r"|base board serial number|asset[ -]?tag|no asset (tag|information)|all series|system (product name|manufacturer|version)|type1\w*)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Name:
    """An identifier ready to be kept or looked up. ``issuer`` is empty for what is unique by nature."""

    scheme: str
    normal_form: str
    printed: str
    issuer: str = ""

    @property
    def unique_by_nature(self) -> bool:
        return self.scheme in _UNIQUE_BY_NATURE


def is_placeholder(text: str) -> bool:
    """Whether a maker's text stands where a value should ("To Be Filled By O.E.M.", "0123456789", "xxxx")."""
    bare = text.strip()
    return not bare or bool(_PLACEHOLDERS.match(bare)) or (len(bare) > 2 and len(set(bare)) == 1)


def luhn(digits: str) -> bool:
    total = 0
    for place, letter in enumerate(reversed(digits)):
        value = int(letter) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def normal_serial(text: str) -> str:
    """A serial for matching: upper case, no white space; O and 0 stay apart, because makers use both."""
    return re.sub(r"\s+", "", text).upper()


def imei(text: str) -> Name | None:
    """15 digits with a valid check digit, or 16 digits of IMEISV, whose last two are a software version."""
    bare = re.sub(r"[\s/-]", "", text)
    if re.fullmatch(r"\d{15}", bare) and luhn(bare) and len(set(bare)) > 1:
        return Name("imei", bare, text.strip())
    return None


def tag(text: str) -> Name | None:
    form = ids.normal(text, TAG_PREFIX)
    return Name("tag", form, form) if form else None


def serial(text: str, maker: str = "") -> Name | None:
    if is_placeholder(text):
        return None
    form = normal_serial(text)
    return Name("serial", form[:120], text.strip()[:120], maker.strip().lower()[:120]) if len(form) >= 3 else None


def mac(text: str) -> Name | None:
    bare = re.sub(r"[^0-9A-Fa-f]", "", text).upper()
    if len(bare) != 12 or bare in {"0" * 12, "F" * 12}:
        return None
    return Name("mac", bare, text.strip())


def asset_tag(text: str, organization: uuid.UUID) -> Name | None:
    if is_placeholder(text):
        return None
    return Name("asset_tag", normal_serial(text)[:120], text.strip()[:120], str(organization))


def readings(text: str) -> list[Name]:
    """Everything that a scanned or typed code could be, the surest first; never empty for text of three letters or more."""
    found = [name for name in (tag(text), imei(text)) if name]
    if (address := mac(text)) and len(text.strip()) >= 12 and re.fullmatch(r"[0-9A-Fa-f:.\-]+", text.strip()):
        found.append(address)
    bare = text.strip()
    # Label prefixes of ANSI MH10.8.2: S serial, 1S machine type and serial (Lenovo: ten characters of type before the serial).
    if re.fullmatch(r"1S[0-9A-Z]{18}", bare.upper()):
        found.append(Name("serial", bare.upper()[12:], bare[12:]))
    if name := serial(bare):
        found.append(Name("serial", name.normal_form, name.printed))
        if re.fullmatch(r"S[0-9A-Z]{7,}", name.normal_form):
            found.append(Name("serial", name.normal_form[1:], name.printed[1:]))
        # Whose asset tag it is, a label doesn't say; a serial is surer.
        found.append(Name("asset_tag", name.normal_form, name.printed))
    return found
