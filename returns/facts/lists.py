"""Of the lists that return rules read: what was put on one and taken off. Of a customer neither says who, nor why."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class Listed(
    Fact,
    kind="returns.listed",
    staff=_("Put on the list “{name}” from {since!d}[ until {until!d}]: {what!w}[ {subject}]."),
):
    name: str
    what: str
    """listed.customer, listed.serial, listed.product, listed.order."""
    since: str
    until: str | None = None
    subject: str | None = None
    """The number of it; of a customer nothing."""
    rma: str | None = None
    """The return at which it was decided."""


class Unlisted(
    Fact,
    kind="returns.unlisted",
    staff=_("Taken off the list “{name}”: {what!w}[ {subject}]."),
):
    name: str
    what: str
    subject: str | None = None
    erased: bool = False
    """Whether it ended because the person was erased."""
