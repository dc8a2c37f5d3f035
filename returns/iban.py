"""International bank account numbers: whether one can be right. Pure.

ISO 13616: country, two check digits, the country's own account number; the whole is 1 modulo 97. The lengths are those of the registry.
"""

from __future__ import annotations

import re

LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21, "CR": 22,
    "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22,
    "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30,
    "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31,
    "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip


def normal(text: str) -> str | None:
    """The number without spaces, in capitals; None when it can't be one."""
    bare = re.sub(r"[\s-]", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]+", bare) or LENGTHS.get(bare[:2]) != len(bare):
        return None
    turned = bare[4:] + bare[:4]
    digits = "".join(str(int(letter, 36)) for letter in turned)
    return bare if int(digits) % 97 == 1 else None


def grouped(iban: str) -> str:
    """As it is printed: in groups of four."""
    return " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))
