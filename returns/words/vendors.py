"""What people call what is said of unsold goods, of returns to suppliers and of corrective actions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from returns.models.vendors import ActionStatus, RtvStatus, UnsoldClass, UnsoldStatus, WayOut
from revlog.common import words

words.add({f"unsold.{one.value}": one.label for one in UnsoldClass})
words.add({f"unsold_status.{one.value}": one.label for one in UnsoldStatus})
words.add({f"way_out.{one.value}": one.label for one in WayOut})
words.add({f"rtv.{one.value}": one.label for one in RtvStatus})
words.add({f"action.{one.value}": one.label for one in ActionStatus})
words.add(
    {
        "unsold.defective": _("defective"),
        "unsold.": _("unsold"),
        "way_line.credit": _("credit of the vendor"),
        "way_line.handling": _("handling"),
        "way_line.carriage": _("carriage"),
        "way_line.proceeds": _("proceeds of the lot"),
        "exception.unsold": _("unsold goods"),
        "exception.rtv_unanswered": _("vendor return without an answer"),
        "exception.rtv_lapsing": _("authorization that lapses"),
        "exception.rtv_uncredited": _("vendor return without its credit"),
        "exception.action_due": _("corrective action due"),
        "returns.unsold": _("unsold goods"),
        "returns.vendors": _("deadlines of vendor returns"),
    }
)
