"""What people call the facts, outcomes and parameters of the rules for returns of businesses."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from returns.policy import business
from returns.policy.vocabulary import ACTIONS, DAYS
from returns.policy.vocabulary import FACTS as RETURN_FACTS
from returns.policy.vocabulary import PARAMETERS as RETURN_PARAMETERS
from revlog.terms import wording
from revlog.terms.wording import Vocabulary, Word

_SHARED = (
    "reason_group", "reason", "days_since_delivery", "price", "quantity", "category", "device_class", "lists"
)  # fmt: skip
FACTS: Mapping[str, Word] = {
    **{name: RETURN_FACTS[name] for name in _SHARED},
    "customer": Word(_("Customer, by its code")),
    "lot_sent": Word(_("The lot was sent to this customer"), "flag"),
    "expired": Word(_("Its date has passed"), "flag"),
    "case_value": Word(_("Value of the whole return"), "money"),
    "case_lines": Word(_("Lines of the return"), "number"),
    "referenced": Word(_("It names an order, invoice or delivery"), "flag"),
}
OUTCOMES: Mapping[str, Word] = {
    "allow": ACTIONS["allow"],
    "steps": Word(_("People who approve it"), "number", help=_("0, 1 or 2.")),
    "fee_percent": ACTIONS["fee_percent"],
}
PARAMETERS: Mapping[str, Word] = {
    "window_days": Word(_("May come back within"), "days", DAYS),
    "reviewed_above": Word(_("A person approves from above"), "money"),
    "twice_above": Word(_("Two people approve from above"), "money"),
    "hub": RETURN_PARAMETERS["hub"],
}
wording.register(business.OPENING, Vocabulary(FACTS, OUTCOMES, PARAMETERS))
