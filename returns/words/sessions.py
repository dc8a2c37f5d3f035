"""What people call what happens in receiving sessions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from returns.models.checks import CheckKind, CheckState
from returns.models.sessions import Against, SessionStatus, Unpacked
from revlog.common import words

PARTS = {
    "charger": _("charger"),
    "cable": _("cable"),
    "case": _("case"),
    "pen": _("pen"),
    "tray": _("SIM tray"),
    "stand": _("stand"),
    "rails": _("rack rails"),
    "keys": _("keys"),
}
"""What can belong to a thing, by the code that is scanned or tapped."""
BELONGS = {
    "laptop": ("charger",), "desktop": ("cable",), "phone": ("cable", "tray"), "tablet": ("charger", "pen"),
    "monitor": ("cable", "stand"), "server": ("cable", "rails", "keys"), "printer": ("cable",),
    "network": ("charger",), "storage": ("case",),
}  # fmt: skip
"""What usually comes with a thing of a class."""

words.add({f"against.{one.value}": one.label for one in Against})
words.add({f"session.{one.value}": one.label for one in SessionStatus})
words.add({f"unpacked.{one.value}": one.label for one in Unpacked})
words.add({f"check.{one.value}": one.label for one in CheckKind})
words.add({f"check_state.{one.value}": one.label for one in CheckState})
words.add({f"belongs.{code}": label for code, label in PARTS.items()})
words.add(
    {
        "weighed.scale": _("by the scale"),
        "weighed.hand": _("typed by hand"),
        "exception.session_open": _("receiving not closed"),
        "exception.session_unsigned": _("received, not signed for"),
        "returns.receiving_photos": _("photos when unpacking"),
        "wrong_item": _("wrong item"),
        "over": _("more than announced"),
        "missing": _("missing in the delivery"),
        "found_property": _("found property"),
    }
)
