"""What people call counts, their states, and what they find."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.common import words
from revlog.storage.models import CountState, CountWhy, DifferenceKind, DifferenceOutcome

words.add({f"count.{one.value}": one.label for one in CountState})
words.add({f"count_why.{one.value}": one.label for one in CountWhy})
words.add({f"difference.{one.value}": one.label for one in DifferenceKind})
words.add({f"difference_outcome.{one.value}": one.label for one in DifferenceOutcome})
words.add(
    {
        "exception.count_differs": _("count that differs"),
        "exception.count_overdue": _("place not counted in time"),
    }
)
