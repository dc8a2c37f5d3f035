"""Promises: what was sold to whom, what is warranted, by which rules we decide, at which prices, and what we wrote to people."""

from revlog.terms.models.agreements import Agreement, Lifecycle, Purchase
from revlog.terms.models.learned import Observation, PriceModel, Training
from revlog.terms.models.lists import PriceList
from revlog.terms.models.messages import Message
from revlog.terms.models.orders import Contact, Order, OrderLine, OrderSource, SoldSerial, Tax, Warranty, WarrantyKind
from revlog.terms.models.prices import Price
from revlog.terms.models.rules import RuleSet

__all__ = [
    "Agreement",
    "Contact",
    "Lifecycle",
    "Message",
    "Observation",
    "Order",
    "OrderLine",
    "OrderSource",
    "Price",
    "PriceList",
    "PriceModel",
    "Purchase",
    "RuleSet",
    "SoldSerial",
    "Tax",
    "Training",
    "Warranty",
    "WarrantyKind",
]
