"""Selling: pools and the sale of single units from them, and lots that one buyer takes as a whole."""

from resale.models.lots import Lot, LotKey, LotOffer, LotState, LotUnit
from resale.models.selling import CHANNEL_CHOICES, Offer, Pool, PoolUnit, Sale, SaleState

__all__ = [
    "CHANNEL_CHOICES",
    "Lot",
    "LotKey",
    "LotOffer",
    "LotState",
    "LotUnit",
    "Offer",
    "Pool",
    "PoolUnit",
    "Sale",
    "SaleState",
]
