"""Where the price of a decision comes from, in a sentence, for a page and for the API. No database here."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.common.templatetags import ui
from revlog.common.words import word


def sentence(inputs: Mapping[str, Any], *, currency: str) -> str:
    """Of the inputs of a valuation: what one in its grade brings, and who says so. Empty where nobody does."""
    grade, told = _told(inputs)
    if not told:
        return ""
    start = _("%(grade)s: %(amount)s") % {"grade": word(f"grade.{grade}"), "amount": ui.money(told["amount"], currency)}
    return f"{start}, {said(told, currency=currency)}."


def _told(inputs: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The unit's grade, and the price of the book for it in any channel; of an earlier valuation the bare amount."""
    grade = str(inputs.get("grade", ""))
    quote: Mapping[str, Any] = (inputs.get("quotes") or {}).get("", {}).get(grade) or {}
    amount = (inputs.get("prices") or {}).get(grade)
    return grade, quote or ({"amount": amount} if amount is not None else {})


def said(told: Mapping[str, Any], *, currency: str) -> str:
    """Who says a price, how sure, and since when; without a full stop."""
    values = {
        "source": told.get("source") or "",
        "band": band(told, currency=currency),
        "since": told.get("since") or "",
    }
    if told.get("basis") == "learned":
        seen = int(told.get("observations") or 0)
        text = ngettext(
            "learned from %(seen)s sale or offer of its kind, four of five %(band)s (price model %(source)s)",
            "learned from %(seen)s sales and offers of its kind, four of five %(band)s (price model %(source)s)",
            seen,
        )
        return text % (values | {"seen": ui.number(seen)})
    if told.get("basis") == "set":
        return _("set by hand on %(since)s") % values
    if not told.get("basis"):
        return word("price_book")
    text = _("from the price list %(source)s of %(since)s") if values["source"] else _("from a price list of %(since)s")
    found = text % values
    return f"{found}, {_('four of five %s') % values['band']}" if told.get("low") and told.get("high") else found


def band(told: Mapping[str, Any], *, currency: str) -> str:
    if not told.get("low") or not told.get("high"):
        return ""
    return _("between %(low)s and %(high)s") % {
        "low": ui.money(Decimal(told["low"]), currency),
        "high": ui.money(Decimal(told["high"]), currency),
    }


def plain(inputs: Mapping[str, Any], *, currency: str) -> dict[str, Any]:
    """The same for machines: the amount, its band, from how many, who says so."""
    grade, told = _told(inputs)
    return {
        "from": str(inputs.get("price_from", "")),
        "grade": grade,
        "amount": told.get("amount"),
        "currency": currency,
        "low": told.get("low"),
        "high": told.get("high"),
        "observations": told.get("observations"),
        "model": told.get("source") if told.get("basis") == "learned" else None,
        "sentence": sentence(inputs, currency=currency),
    }
