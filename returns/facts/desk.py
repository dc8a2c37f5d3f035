"""Of the support desk: cases, what fixed it, and rules set aside."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from revlog.custody.facts import Fact


class CaseOpened(
    Fact,
    kind="returns.case_opened",
    staff=_("Support case {number} opened ({channel!w})."),
    client=_("Support case {number} opened ({channel!w})."),
):
    number: str
    channel: str
    order: str | None = None
    rma: str | None = None
    """The return that the customer asked about: one more contact for it."""


class CaseClosed(
    Fact,
    kind="returns.case_closed",
    staff=_("Support case {number} closed ({result!w}), {minutes:minute|minutes}[, {cost!m} {currency}]."),
    client=_("Support case {number} closed ({result!w})."),
):
    number: str
    channel: str
    result: str
    minutes: int
    measured: int
    """What the clock said; ``minutes`` differ where a person put them right."""
    cost: str
    currency: str
    desk: str | None = None
    """Code of the organization whose people did the work."""
    order: str | None = None
    rma: str | None = None


class FixedWithoutReturn(
    Fact,
    kind="returns.fixed_without_return",
    staff=_("Line {position} works again[ after {minutes:minute|minutes} of support]; nothing has to come back."),
    client=_("Line {position} works again; nothing has to come back."),
):
    """On the order's chain: a return that there was no need for. Without a case the customer did it, by our steps in the portal."""

    case: str | None = None
    line: str
    position: int
    reason: str | None = None
    tree: str | None = None
    """The troubleshooting tree that led there, and the version of the trees."""
    rules: int | None = None
    minutes: int | None = None


class RulesOverridden(
    Fact,
    kind="returns.rules_overridden",
    staff=_("The rules were overridden for line {position} (they said: {was!w}), worth {value!m} {currency}."),
    client=_("The rules were overridden for line {position}, worth {value!m} {currency}."),
):
    """On the RMA's chain; who did it is the entry's actor, why is kept with the line."""

    number: str
    line: str
    position: int
    was: str
    """The rule that decided before."""
    blocked: bool
    """True where the rules allowed it not at all, or not for this wish."""
    fee_waived: str
    value: str
    """What was given beyond the rules: the price where they blocked, else the fee."""
    currency: str
    above: bool
    """True where it was more than one person may, and another had to approve."""


class GoodsDecided(
    Fact,
    kind="returns.goods_decided",
    staff=_("A person decided for line {position}: {now!w}. Before: {was!w}."),
    client=_("A person decided for line {position}: {now!w}."),
):
    """Whether the thing itself comes back, by a person and against the rules; why is kept with the line."""

    number: str
    line: str
    position: int
    was: str
    """goods.back, goods.keep or goods.donate, as ``now``."""
    now: str
