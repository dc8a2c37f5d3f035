"""Scanners are keyboards: one that is set to another country's layout garbles what it types. What was meant is found again here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

# What a key gives on that layout, against what the scanner (set to the US layout) meant by it; plain, then with shift.
_FRENCH = {
    **dict(zip("&é\"'(-è_çà", "1234567890", strict=True)),
    **dict(zip("1234567890", "!@#$%^&*()", strict=True)),
    ")": "-", "°": "_", "=": "=", "+": "+",
    "a": "q", "q": "a", "z": "w", "w": "z", "A": "Q", "Q": "A", "Z": "W", "W": "Z",
    "m": ";", "M": ":", ",": "m", "?": "M", ";": ",", ".": "<", ":": ".", "/": ">", "!": "/", "§": "?",
    "ù": "'", "%": '"', "^": "[", "$": "]", "*": "\\",
}  # fmt: skip
_GERMAN = {
    "z": "y", "y": "z", "Z": "Y", "Y": "Z", "ß": "-", "?": "_", "´": "=", "`": "+",
    "ü": "[", "Ü": "{", "+": "]", "*": "}", "ö": ";", "Ö": ":", "ä": "'", "Ä": '"', "-": "/", "_": "?",
    "/": "&", "(": "*", ")": "(", "=": ")", "&": "^", '"': "@", "§": "#", ";": "<", ":": ">", "#": "\\", "'": "|",
}  # fmt: skip
LAYOUTS: Mapping[str, Mapping[str, str]] = {"fr": _FRENCH, "de": _GERMAN}
# Letters that no code of ours, of a maker or of a carrier has: a layout gave them.
_TELLING = {"fr": frozenset("éèçàù§²°&\"'"), "de": frozenset("ßüÜöÖäÄ§´")}


def meant(text: str) -> Iterator[tuple[str, str]]:
    """``(layout, text)`` for each layout that may have garbled ``text``: surest first, nothing for what looks untouched."""
    for layout, keys in LAYOUTS.items():
        if set(text) & _TELLING[layout]:
            yield layout, "".join(keys.get(letter, letter) for letter in text)
    if not set(text) & (_TELLING["fr"] | _TELLING["de"]) and set(text.upper()) & set("YZ"):
        # Of the German layout only Y and Z show in letters and digits; a sharp s stands where a dash was meant.
        yield "de", text.translate(str.maketrans("yzYZ", "zyZY"))
