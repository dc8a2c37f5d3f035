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
        "orders.custom_made": _("made to order"),
        "orders.perishable": _("perishable"),
        "orders.hygiene": _("unsealed hygiene goods"),
        "orders.media": _("unsealed audio, video or software"),
    }
)
