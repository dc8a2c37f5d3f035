"""Of what the law wants by a day."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class RefundWantedSoon(
    Fact,
    kind="returns.refund_wanted_soon",
    staff=_("The law wants the refund of line {position} by {day} ({source})."),
):
    """Said once, so many open days before."""

    line: str
    position: int
    day: str
    source: str


class RefundLate(
    Fact,
    kind="returns.refund_late",
    staff=_("The refund of line {position} is late: the law wanted it by {day} ({source})."),
):
    line: str
    position: int
    day: str
    source: str
