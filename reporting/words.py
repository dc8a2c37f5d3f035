"""What people call books and what stands in them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.common import words

words.add(
    {
        "reporting.accounts": _("chart of accounts"),
        "reporting.targets": _("how long a unit may stay in a state"),
        "reporting.dwell": _("dwell alarms"),
        "act.received": _("received"),
        "act.put_away": _("put away"),
        "act.graded": _("graded"),
        "act.wiped": _("wiped"),
        "act.refurbished": _("refurbished"),
        "act.sent_out": _("sent out"),
        "hand_over.given": _("handed over"),
        "hand_over.taken": _("taken over"),
        "book.ours": _("ours"),
        "book.client": _("our clients'"),
        "book.seller": _("the sellers'"),
    }
)
