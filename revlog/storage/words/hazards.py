"""What people call dangers, verdicts and what they rest on."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.common import words
from revlog.storage.models import Basis, HazardKind, HazardState, LookState, Verdict

words.add({f"danger.{one.value}": one.label for one in HazardKind})
words.add({f"hazard_state.{one.value}": one.label for one in HazardState})
words.add({f"verdict.{one.value}": one.label for one in Verdict})
words.add({f"basis.{one.value}": one.label for one in Basis})
words.add({f"look.{one.value}": one.label for one in LookState})
words.add(
    {
        "assessed": _("assessed"),
        "exception.hazard": _("hazard"),
        "exception.reinspection": _("container to inspect again"),
    }
)
