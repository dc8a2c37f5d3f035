"""Countries by their two letters, named in a reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from babel import Locale
from django.utils.translation import get_language


def names(language: str = "") -> Mapping[str, str]:
    """Code -> name, in ``language`` (``de``, ``pt-br``), else in the one that is active."""
    told: Mapping[str, str] = Locale.parse((language or get_language() or "en").replace("-", "_")).territories
    return told


def name(code: str, language: str = "") -> str:
    """The country's name; a code that nobody knows stays as it is."""
    return str(names(language).get(code, code))
