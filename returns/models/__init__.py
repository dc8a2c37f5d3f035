"""Returns: what a customer announced, what stood on the dock, where the two differ, and the money that follows."""

from returns.models.money import Payout, Refund, RefundStatus
from returns.models.rma import Origin, Outcome, Rma, RmaLine, RmaParcel, RmaStatus, RmaUnit, UnitStatus
from returns.models.trouble import Attempts, Discrepancy, Trouble

__all__ = [
    "Attempts",
    "Discrepancy",
    "Origin",
    "Outcome",
    "Payout",
    "Refund",
    "RefundStatus",
    "Rma",
    "RmaLine",
    "RmaParcel",
    "RmaStatus",
    "RmaUnit",
    "Trouble",
    "UnitStatus",
]
