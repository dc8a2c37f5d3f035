"""The words of a trade-in, where a fact that it shares with returns would speak of a return: nothing was sold, and nothing comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from revlog.common.words import Audience, Text
from revlog.custody.facts import Instead

STAFF, CUSTOMER, CLIENT = Audience.STAFF, Audience.CUSTOMER, Audience.CLIENT
REASON, RULE = "TRADE_IN", "tradein"

WORDS: Mapping[str, Mapping[Audience, Text]] = {
    "returns.rma_opened": {
        STAFF: _("Trade-in {number} agreed ({origin!w})."),
        CUSTOMER: _("You took our price."),
        CLIENT: _("Trade-in {number} agreed."),
    },
    "returns.rma_approved": {
        STAFF: _("Trade-in {number} may be handed in (version {rules} of the rules)."),
        CUSTOMER: _("You can hand it in."),
        CLIENT: _("Trade-in {number} may be handed in."),
    },
    "returns.rma_cancelled": {
        STAFF: _("Trade-in {number} called off."),
        CUSTOMER: _("You called the sale off."),
        CLIENT: _("Trade-in {number} called off."),
    },
    "returns.rma_expired": {
        STAFF: _("Nothing came in time; trade-in {number} given up."),
        CUSTOMER: _("Nothing reached us in time, so the sum isn't promised any more."),
        CLIENT: _("Nothing came in time; trade-in {number} given up."),
    },
    "returns.rma_closed": {
        STAFF: _("Trade-in {number} closed: {amount!m} {currency} paid."),
        CUSTOMER: _("Everything is settled."),
        CLIENT: _("Trade-in {number} closed: {amount!m} {currency} paid."),
    },
    "returns.unit_matched": {
        STAFF: _("Belongs to trade-in {number} (known by {how!w})."),
        CLIENT: _("Belongs to trade-in {number}."),
    },
    "returns.accepted": {
        STAFF: _("Accepted as trade-in ({moment!w})."),
        CUSTOMER: _("We checked it: it is what you told us, or we agreed on it."),
        CLIENT: _("Accepted as trade-in."),
    },
    "returns.return_refused": {
        STAFF: _("Not bought, to be sent to its owner: {reason}"),
        CUSTOMER: _("We don't buy it: {reason} We'll send it to you."),
        CLIENT: _("Not bought, to be sent to its owner: {reason}"),
    },
}


def words(kind: str) -> Instead:
    """The words of a kind for who declares it: those below for what a trade-in says, nothing for a return."""
    return lambda payload: WORDS[kind] if is_trade(payload) else None


def is_trade(payload: Mapping[str, Any]) -> bool:
    """Its own mark, or what only a trade-in has: the reason, or the rule by which it goes through."""
    reasons = payload.get("reasons") or [payload.get("reason")]
    return bool(payload.get("trade")) or reasons == [REASON] or payload.get("rule") == RULE
