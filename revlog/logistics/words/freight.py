"""What people call contracts with carriers, their rates, bills and claims."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.common import words

words.add(
    {
        "rate_unit.parcel": _("parcel"),
        "rate_unit.kg": _("kilogram"),
        "rate_unit.pallet": _("pallet"),
        "rate_unit.km": _("kilometre"),
        "rate_unit.flat": _("shipment"),
        "rate_basis.shipment": _("a shipment"),
        "rate_basis.parcel": _("a parcel"),
        "rate_basis.hour": _("an hour"),
        "rate_basis.time": _("each time"),
        "rate_basis.percent": _("of the carriage"),
        "extra.waiting": _("waiting"),
        "extra.second_attempt": _("second attempt"),
        "extra.hazardous": _("hazardous goods"),
        "extra.signature": _("signature"),
        "extra.remote": _("remote area"),
        "extra.tail_lift": _("tail lift"),
        "extra.toll": _("toll"),
        "extra.return_to_sender": _("back to the sender"),
        "extra.label": _("label"),
        "extra.other": _("other charge"),
        "accrual.open": _("not billed yet"),
        "accrual.unrated": _("without a price"),
        "accrual.billed": _("billed"),
        "accrual.cancelled": _("called off"),
        "exception.carriage_unrated": _("carriage without a price"),
        "card.draft": _("being drafted"),
        "card.published": _("published"),
        "card.in_force": _("in force"),
        "card.to_come": _("to come"),
        "card.over": _("over"),
        "freight_book.ours": _("ours"),
        "freight_book.owner": _("of whose the goods are"),
        "regime.cmr": _("CMR: by road between countries"),
        "regime.hgb": _("by road within Germany (HGB)"),
        "regime.montreal_22": _("Montreal Convention, until 27 December 2024: 22 SDR"),
        "regime.montreal": _("Montreal Convention: 26 SDR"),
        "regime.own": _("as agreed"),
    }
)
