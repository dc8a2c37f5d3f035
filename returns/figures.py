"""The figures of claims, repeat repairs and what comes after returns, published like any other rules."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from revlog.devices import classes
from revlog.terms.parameters import Figures

CLAIMS = Figures("returns.claims", {"answer_days": 30, "repeat_days": 90}, {"answer_days": 3650, "repeat_days": 3650})
"""``answer_days``: how long a supplier may take; ``repeat_days``: how soon after our repair a unit that is here again counts as one."""

AFTER = Figures(
    "returns.after",
    {"ask_after_days": 2, "change_days": 7, "repeat_days": 60, "warn_days": 3},
    {"ask_after_days": 365, "change_days": 365, "repeat_days": 3650, "warn_days": 20},
)
"""How many days after its end a customer is asked how a return went, how long they may change what they said, and how soon after it an
order counts as bought again. ``warn_days``: how many open days of its site before the law wants a refund the inbox says so."""
VENDORS = Figures(
    "returns.vendors",
    {"answer_days": 14, "remind_days": 3, "credit_days": 30, "lapse_days": 3},
    {"answer_days": 3650, "remind_days": 3650, "credit_days": 3650, "lapse_days": 3650},
)
"""``answer_days``: how long a supplier may take to say whether they take it, where the agreement with them names no days;
``remind_days``: how long before that day they are reminded; ``credit_days``: how long to credit what was shipped;
``lapse_days``: how long before its last day an authorization stands in the inbox."""

PHOTOS = Figures(
    "returns.receiving_photos",
    {
        "received": 0, "over": 1, "damaged": 1, "empty_box": 1, "wrong_serial": 1, "wrong_item": 1, "unannounced": 1,
        "found": 1, "short": 0, "differs": 1, "from_value": 1000, "photos_from_value": 1,
        **{f"class_{code}": 0 for code in classes.CLASSES},
    },
    {"from_value": 1_000_000, **dict.fromkeys(("photos_from_value", "damaged", "received", "found"), 12)},
)  # fmt: skip
"""How many photos a thing needs when it is unpacked: by what it was found to be, by its class, and by what it was sold for."""


def photos_wanted(outcome: str, *, device_class: str, value: Decimal | None, at: datetime) -> int:
    """The most that a rule in force asks for."""
    told = PHOTOS.in_force(at)
    wanted = [told.get(outcome, Decimal(0)), told.get(f"class_{device_class}", Decimal(0))]
    if value is not None and value >= told["from_value"]:
        wanted.append(told["photos_from_value"])
    return int(max(wanted))
