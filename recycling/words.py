"""What people call streams, treatments and the states of a batch."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from recycling.streams import STREAMS, TREATMENTS
from revlog.common import words

words.add({each.code: each.label for each in STREAMS.values()})
words.add({f"treatment.{each.code}": each.label for each in TREATMENTS.values()})
words.add(
    {
        "batch.open": _("being filled"),
        "batch.weighed": _("weighed in"),
        "batch.closed": _("closed"),
        "recycling.parameters": _("recycling rules"),
        "provisional": _("provisional"),
        "final_weight": _("final"),
        "exception.batch_late": _("batch open for long"),
        "exception.weight_to_accept": _("corrected weight to accept"),
        "exception.batch_out_of_balance": _("batch out of balance"),
    }
)
