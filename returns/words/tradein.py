"""What people call quotes, payouts, documents and the VAT of bought things."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.common import words
from revlog.common.words import Audience

S, C = Audience.STAFF, Audience.CUSTOMER

words.add(
    {
        "rma_kind.trade": _("trade-in"),
        "trade": _("trade-in"),
        "tradein": _("trade-in"),
        "tradein.asked": {S: _("waits for our price"), C: _("we are working out a price")},
        "tradein.quoted": _("quoted"),
        "tradein.accepted": _("accepted"),
        "tradein.declined": {S: _("not wanted"), C: _("ended by you")},
        "tradein.lapsed": _("ran out"),
        "tradein.refused": _("not bought"),
        "tradein.recycle": {S: _("worth nothing, may be recycled"), C: _("we recycle it for free")},
        "tradein_by.portal": _("on the web"),
        "tradein_by.kiosk": _("at a kiosk"),
        "tradein_by.staff": _("by our staff"),
        "tradein_by.api": _("by API"),
        "payout.bank": _("bank transfer"),
        "payout.credit": _("store credit"),
        "payout.charity": _("a gift to a charity"),
        "payout.none": _("nothing, it is recycled"),
        "payouts.drawn": _("waiting for a second person"),
        "payouts.released": _("released, at the bank"),
        "payouts.done": _("done"),
        "payouts.dropped": _("dropped"),
        "payout_transfer.listed": _("in the file"),
        "payout_transfer.paid": _("paid"),
        "payout_transfer.bounced": _("came back"),
        "payout_transfer.dropped": _("waits for another file"),
        "payout_waiting": _("sellers wait for their money"),
        "document.identity_card": _("identity card"),
        "document.passport": _("passport"),
        "document.driving_licence": _("driving licence"),
        "document.residence_permit": _("residence permit"),
        "scheme.imei": _("IMEI"),
        "scheme.serial": _("serial number"),
        "returns.tradein": _("trade-in prices and questions"),
        "returns.tradein_law": _("what the law asks of buyers of used things"),
        "tradein_asked": _("trade-in waits for a price"),
        "tradein_identity": _("trade-in without a document"),
        "tradein_blocked": _("trade-in on a blocked list"),
    }
)
