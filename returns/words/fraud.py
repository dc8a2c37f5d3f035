"""What people call risk scores, their bands, and where a closer look stands."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from returns.fraud import rules
from returns.models.fraud import ReviewStatus
from revlog.common import words
from revlog.common.words import Audience

S, C = Audience.STAFF, Audience.CUSTOMER

words.add({f"review.{one.value}": one.label for one in ReviewStatus})
words.add({f"risk_group.{name}": told for name, told in rules.GROUP_WORDS.items()})
words.add(
    {
        "risk.auto": _("nothing to look at"),
        "risk.look": _("a person looks"),
        "risk.hold": _("money waits"),
        "returns.risk": _("risk signals"),
        "refund.held": {S: _("held until somebody has looked"), C: _("we look at it closely before refunding")},
        "not_given": {S: _("nothing given"), C: _("we couldn't pay it back")},
        "risk_key.address": _("the same address"),
        "risk_key.mailbox": _("the same mailbox"),
        "risk_key.payment": _("the same payment"),
        "exception.review_open": _("return to look at closely"),
        "exception.review_late": _("closer look almost overdue"),
    }
)
