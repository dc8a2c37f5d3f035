"""Why a row of an imported file was refused, or a credited one found no purchase: the codes, and the sentences people read."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REFUSED: Mapping[str, Promise] = {
    "cells": _("The row has more or fewer cells than the first line names."),
    "document": _("“%(told)s” can't be the number of an order."),
    "sku": _("“%(told)s” can't be a SKU."),
    "date": _("“%(told)s” is no date as the mapping writes them."),
    "in_future": _("It is dated %(told)s, which is still to come."),
    "returned_before_ordered": _("It came back before it was ordered, which can't be; ordered and returned: %(told)s."),
    "contradiction": _("It says both that it came back and that it didn't: %(told)s."),
    "quantity": _("“%(told)s” is no quantity from 1 to 100,000."),
    "price": _("“%(told)s” is no price."),
    "negative_price": _("Its price is below zero: %(told)s."),
    "price_too_fine": _("Its price has a fraction of a cent that would be lost: %(told)s."),
    "unknown_reason": _("The mapping doesn't know the reason “%(told)s”."),
    "other_customer": _("The rest of its document is another customer's: %(told)s."),
    "too_many_lines": _("Its document has more than %(told)s lines."),
    "other_content": _("%(told)s is here already and says something else; importing changes nothing that stands."),
    "write_off": _("Pieces went, and nobody bought or returned them: a write-off of stock."),
    "stock_movement": _("Nobody bought it and nothing was paid: a movement of stock."),
    "adjustment": _("An entry of the books, not a sale."),
    "not_a_sale": _("The mapping says that it is no sale."),
}
OF_MAPPINGS = frozenset({"write_off", "stock_movement", "adjustment", "not_a_sale", "negative_price"})
"""The reasons that a mapping may give."""
UNMATCHED: Mapping[str, Promise] = {
    "no_customer": _("It names no customer, so nobody's purchase can be meant."),
    "never_bought": _("This customer hadn't bought it before, as far as the files go back."),
    "credited_before": _("All that this customer had bought of it was credited before."),
    "bought_less": _("Of these, %(told)s were bought before and not credited yet; the rest weren't."),
    "no_such_order": _("Order %(told)s doesn't stand here with this product."),
}
_ALL: Mapping[str, Promise] = {**REFUSED, **UNMATCHED}


def sentence(reason: str, told: str) -> str:
    """The reason in words. Raises KeyError for a code that isn't one."""
    return str(_ALL[reason]) % {"told": told}
