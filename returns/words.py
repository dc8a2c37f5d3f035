"""What people call reasons, outcomes, statuses and troubles of returns."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from returns import reasons
from revlog.common import words
from revlog.common.words import Audience

S, C = Audience.STAFF, Audience.CUSTOMER

words.add({f"reason.{code}": told for code, told in reasons.CODES.items()})
words.add({f"reason_group.{name}": told for name, told in reasons.GROUP_WORDS.items()})
words.add(
    {
        "wanted.refund": _("money back"),
        "wanted.exchange": _("exchange"),
        "wanted.repair": _("repair"),
        "rma.requested": {S: _("waits for approval"), C: _("we are looking at it")},
        "rma.approved": {S: _("approved"), C: _("ready to be sent")},
        "rma.handed_over": _("on its way"),
        "rma.arrived": {S: _("arrived"), C: _("with us")},
        "rma.closed": {S: _("closed"), C: _("settled")},
        "rma.refused": {S: _("refused"), C: _("not possible")},
        "rma.cancelled": _("called off"),
        "rma.expired": {S: _("never came"), C: _("closed")},
        "portal": _("by the customer"),
        "staff": _("by our support"),
        "rma_unit.expected": _("on its way"),
        "rma_unit.received": {S: _("received"), C: _("with us")},
        "rma_unit.accepted": _("accepted"),
        "rma_unit.refused": _("to be sent back"),
        "rma_unit.sent_back": _("sent back"),
        "rma_unit.not_received": _("never came"),
        "rma_unit.written_off": _("written off"),
        "refund.proposed": _("waits for a second person"),
        "refund.due": _("being paid"),
        "refund.paid": _("paid"),
        "refund.rejected": _("rejected"),
        "repair": _("repair"),
        "not_received": _("never came"),
        "graded": _("as sold"),
        "person": _("decided by a person"),
        "lost": _("lost with us"),
        "line": _("the line it must be"),
        "count": _("counting"),
        "unannounced_parcel": _("unannounced parcel"),
        "unannounced_unit": _("unannounced unit"),
        "wrong_serial": _("wrong serial"),
        "no_serial": _("serial unreadable"),
        "short_count": _("short count"),
        "over_count": _("too many"),
        "empty_box": _("empty box"),
        "overdue_rma": _("overdue return"),
        "refund_waiting": _("refund waits for approval"),
        "rma_waiting": _("return waits for approval"),
        "returns.policy": _("return rules"),
    }
)
