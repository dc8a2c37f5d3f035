"""What people call orders' sources, warranties and rules."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.common import words

words.add(
    {
        "import": _("imported"),
        "api": _("by API"),
        "own": _("our own sale"),
        "exchange": _("exchange"),
        "statutory": _("legal guarantee"),
        "commercial": _("warranty"),
        "maker": _("maker's warranty"),
        "extended": _("extended warranty"),
        "terms.maker_warranty": _("makers' warranties"),
        "terms.rates": _("exchange rates"),
        "terms.vat": _("VAT: rates and who pays it"),
        "tax.standard": _("standard rate"),
        "tax.reduced": _("reduced rate"),
        "tax.reverse_charge": _("reverse charge"),
        "tax.intra_community": _("supply to another EU country"),
        "tax.export": _("export"),
        "tax.margin": _("margin scheme"),
        "tax.exempt": _("exempt"),
        "orders.custom_made": _("made to order"),
        "orders.perishable": _("perishable"),
        "orders.hygiene": _("unsealed hygiene goods"),
        "list.prices": _("prices for the book"),
        "list.observations": _("sales and offers to learn from"),
        "verdict.first": _("it is the first, and in force"),
        "verdict.better": _("it misses by less than the one before, and is in force"),
        "verdict.kept": _("it is not clearly better, and the one before stays in force"),
        "verdict.unreadable": _(
            "the one before was made with other libraries and can't be asked; this one is in force"
        ),
        "learning.unchanged": _("nothing was observed since"),
        "learning.too_few": _("too little was observed"),
        "learning.failed": _("it could not be learned"),
        "lot": _("in a lot"),
        "orders.media": _("unsealed audio, video or software"),
    }
)
