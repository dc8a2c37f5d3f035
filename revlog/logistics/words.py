"""What people call directions, conditions and statuses of parcels."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.common import words

words.add(
    {
        "inbound": _("to us"),
        "outbound": _("from us"),
        "intact": _("intact"),
        "damaged": _("damaged"),
        "empty": _("empty"),
        "parcel.announced": _("announced"),
        "parcel.in_transit": _("on its way"),
        "parcel.arrived": _("arrived"),
        "parcel.done": _("unpacked"),
        "parcel.handed_over": _("handed over"),
        "parcel.cancelled": _("cancelled"),
    }
)
