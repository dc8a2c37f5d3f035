"""What people call the ways and states of a sale."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from resale.channels import CHANNELS
from resale.models import LotKey, LotState
from revlog.common import words

words.add({each.code: each.label for each in CHANNELS.values()})
words.add({f"lot_state.{one.value}": one.label for one in LotState})
words.add({f"lot_key.{one.value}": one.label for one in LotKey})
words.add(
    {
        "sale.sold": _("to pick"),
        "sale.picked": _("to ship"),
        "sale.shipped": _("shipped"),
        "sale.cancelled": _("cancelled"),
        "resale.parameters": _("selling rules"),
        "exception.unpooled": _("for sale and in no pool"),
        "exception.unpriced": _("pool without an offer"),
        "exception.ship_late": _("sold and not shipped"),
        "lot_left": _("taken out"),
        "exception.lot_undecided": _("offers for a lot that nobody decided about"),
        "exception.lot_unshipped": _("lot awarded and not shipped"),
        "exception.sale_broken": _("sold and not for sale any more"),
    }
)
