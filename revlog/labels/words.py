"""What people call labels, printers and why one is printed again."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.common import words
from revlog.labels.models import JobStatus, Reprint, Way

words.add({f"print_status.{one.value}": one.label for one in JobStatus})
words.add({f"reprint.{one.value}": one.label for one in Reprint})
words.add({f"printer_way.{one.value}": one.label for one in Way})
words.add(
    {
        "label.unit": _("unit"),
        "label.place": _("place"),
        "label.container": _("container"),
        "label.rma": _("return"),
        "label.bag": _("bag"),
        "label.order": _("shipping, of an order"),
        "label.parcel": _("shipping"),
        "label.pallet": _("shipping, for a container"),
        "label.lithium": _("lithium battery mark"),
        "label.class_9a": _("class 9A"),
        "label.damaged": _("damaged battery"),
    }
)
