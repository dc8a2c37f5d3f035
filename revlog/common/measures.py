"""Weights in whole grams, sizes in bytes, and how both are written."""

from __future__ import annotations

from decimal import Decimal


def kilograms(grams: int) -> Decimal:
    return (Decimal(grams) / 1000).quantize(Decimal("0.001"))


def grams(kilos: Decimal) -> int:
    """Whole grams of ``kilos``; scales finer than a gram are rounded to it."""
    return int((kilos * 1000).to_integral_value())


def size(number: int | None) -> str:
    """Bytes in the drive makers' decimal units: 256060514304 is ``256 GB``."""
    if number is None:
        return "—"
    value = Decimal(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} TB".replace(".0 ", " ")


def memory(number: int | None) -> str:
    """Bytes of RAM in binary units, as sellers write them: 17179869184 is ``16 GB``."""
    if number is None:
        return "—"
    gib = Decimal(number) / (1 << 30)
    return f"{gib:.0f} GB" if gib >= 1 else f"{Decimal(number) / (1 << 20):.0f} MB"


def span(seconds: float) -> str:
    """A length of time as ``2 h 10 min`` or ``3 d 4 h``."""
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"
