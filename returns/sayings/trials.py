"""What a trial says of each kind of rules: what is counted, what money it comes to, and each side of a change in words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from returns import policy
from returns.fraud import rules as risk_rules
from returns.fraud import scoring
from returns.policy import business as business_rules
from returns.policy import explaining
from returns.policy import tradein as tradein_rules
from returns.policy import unsold as unsold_rules
from revlog.common.templatetags.ui import money
from revlog.common.words import word
from revlog.terms.trying import SUBJECTS, Labels, Saying

Told = Mapping[str, Any]


def side(kind: str, told: Told, currency: str) -> dict[str, str]:
    """One side of a change: what it comes to, the rule or rules, and their sentences."""
    rules = told["rule"] if isinstance(told["rule"], list) else [told["rule"]]
    whys = told["why"] if isinstance(told["why"], list) else [told["why"]]
    return {
        "says": SUBJECTS[kind].saying.says(told, currency),
        "rule": ", ".join(explaining.name_of(rule.removeprefix("question:")) for rule in rules) or _("no rule"),
        "why": " ".join(_(one) for one in whys if one),
    }


def cell(value: object) -> str:
    """A value as a file has it."""
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


# Each kind ----------------------------------------------------------------------------------------------------------------------------


def _return(told: Told, currency: str) -> str:
    if not told["allowed"]:
        return _("refused")
    parts = [_("allowed")]
    if told["steps"]:
        parts.append(_("approved by two people") if told["steps"] > 1 else _("approved by a person"))
    # A business is credited, a person paid back.
    back, fee, bonus = (Decimal(told.get(name, 0)) for name in ("back", "fee", "bonus"))
    credit = Decimal(told.get("credit", 0))
    if back:
        parts.append(_("%s paid back") % money(back, currency))
    if credit:
        parts.append(_("%s credited") % money(credit, currency))
    if fee:
        parts.append(_("fee %s") % money(fee, currency))
    if bonus:
        parts.append(_("bonus %s") % money(bonus, currency))
    if told.get("goods", "back") != "back":
        parts.append(_("nothing has to come back"))
    return ", ".join(parts)


def _risk(told: Told, currency: str) -> str:
    if told["band"] == scoring.AUTO:
        return str(_("nobody looks, score %s") % told["points"])
    days = str(ngettext("%s day", "%s days", told["days"]) % told["days"])
    if told["band"] == scoring.HOLD:
        return _("%(sum)s held for at most %(days)s, score %(score)s") % {
            "sum": money(Decimal(told["value"]), currency),
            "days": days,
            "score": told["points"],
        }
    return _("a person looks within %(days)s, score %(score)s") % {"days": days, "score": told["points"]}


def _tradein(told: Told, currency: str) -> str:
    if told["ends"] == tradein_rules.BUY:
        parts = [_("%s offered") % money(Decimal(told["amount"]), currency)]
        if Decimal(told["uplift"]):
            parts.append(_("%s more as store credit") % money(Decimal(told["uplift"]), currency))
        parts.append(_("grade %s") % told["grade"])
        if told["paid"]:
            parts.append(_("%s paid after inspection") % money(Decimal(told["paid"]), currency))
        return ", ".join(parts)
    return {
        tradein_rules.RECYCLE: _("worth nothing, may be recycled"),
        tradein_rules.STOP: _("not bought"),
        tradein_rules.ASK: _("a person sets the sum"),
    }[told["ends"]]


def _unsold(told: Told, currency: str) -> str:
    if told["unsold"] == "no":
        return _("not unsold")
    goods = word(f"unsold.{told['unsold']}")
    if not told["way"]:
        return _("%s, no way is open") % goods
    return _("%(goods)s: %(way)s for %(sum)s") % {
        "goods": goods,
        "way": word(f"way_out.{told['way']}"),
        "sum": money(Decimal(told["net"]), currency),
    }


_REFUSED_AT_ONCE = gettext_lazy("Wishes that were refused at once left no case, so they aren't among these.")
_ALLOWED: Labels = (
    ("allowed", gettext_lazy("Allowed")),
    ("refused", gettext_lazy("Refused")),
    ("approvals", gettext_lazy("Approvals by people")),
)

SAYINGS: Mapping[str, Saying] = {
    policy.KIND: Saying(
        case=gettext_lazy("Return"),
        before=gettext_lazy(
            "Each return of the period is decided again: by the rules in force, and by the draft. "
            "Nothing happens to the returns."
        ),
        limits=(_REFUSED_AT_ONCE,),
        counts=(*_ALLOWED, ("labels", gettext_lazy("Labels"))),
        sums=(
            ("back", gettext_lazy("Paid back, in money or credit")),
            ("fee", gettext_lazy("Fees kept")),
            ("bonus", gettext_lazy("Bonuses given")),
        ),
        sides=("rule", "allowed", "steps", "goods", "back", "fee", "bonus", "why"),
        says=_return,
    ),
    risk_rules.KIND: Saying(
        case=gettext_lazy("Return"),
        before=gettext_lazy(
            "Each return of the period that was scored is scored again: by the rules in force, and by the draft. "
            "Nothing happens to the returns, and no money is held or paid."
        ),
        limits=(
            gettext_lazy("The highest score that a return had on its way counts."),
            gettext_lazy(
                "Days are those in which a person decides; the law's day and an inspection may end a hold before."
            ),
        ),
        counts=(
            ("looked", gettext_lazy("A person looks")),
            ("held", gettext_lazy("Money is held")),
            ("days", gettext_lazy("Days of holds, at most")),
        ),
        sums=(("held", gettext_lazy("Money held")),),
        sides=("rule", "band", "points", "value", "days", "why"),
        says=_risk,
    ),
    tradein_rules.KIND: Saying(
        case=gettext_lazy("Quote"),
        before=gettext_lazy(
            "Each quote of the period is made again for the same answers and prices: by the rules in force, and by "
            "the draft. No promise changes."
        ),
        limits=(gettext_lazy("Whether more or fewer people would have taken another sum, nobody can say."),),
        counts=(
            (tradein_rules.BUY, gettext_lazy("Quoted a sum")),
            (tradein_rules.RECYCLE, gettext_lazy("Worth nothing")),
            (tradein_rules.STOP, gettext_lazy("Not bought")),
            (tradein_rules.ASK, gettext_lazy("A person sets the sum")),
            ("inspected", gettext_lazy("Inspected, of those quoted a sum")),
        ),
        sums=(
            ("offered", gettext_lazy("Offered")),
            ("accepted", gettext_lazy("Of it, to those who took the quote")),
            ("uplift", gettext_lazy("More, if all of them take store credit")),
            ("paid", gettext_lazy("Paid after inspection")),
        ),
        sides=("rule", "ends", "grade", "amount", "uplift", "paid", "why"),
        says=_tradein,
    ),
    business_rules.OPENING: Saying(
        case=gettext_lazy("Return"),
        before=gettext_lazy(
            "Each line that a business announced in the period is decided again: by the rules in force, and by the "
            "draft. Nothing happens to the returns."
        ),
        limits=(_REFUSED_AT_ONCE,),
        counts=_ALLOWED,
        sums=(
            ("credit", gettext_lazy("To be credited, when it comes as announced")),
            ("fee", gettext_lazy("Fees kept")),
        ),
        sides=("rule", "allowed", "steps", "credit", "fee", "why"),
        says=_return,
    ),
    unsold_rules.KIND: Saying(
        case=gettext_lazy("Unit"),
        before=gettext_lazy(
            "Each unit that was last looked at in the period is judged again: by the rules in force, and by the "
            "draft. Nothing is sent on."
        ),
        limits=(
            gettext_lazy("Sales are those counted in the days that held at the look; other days would count others."),
            gettext_lazy("What is on hold or promised to somebody counts as free to go."),
        ),
        counts=(
            ("unsold", gettext_lazy("Unsold")),
            *((way, capfirst(label)) for way, label in unsold_rules.WAY_WORDS.items()),
            ("stuck", gettext_lazy("No way is open")),
        ),
        sums=(
            ("value", gettext_lazy("Paid for what is unsold")),
            ("net", gettext_lazy("Its best ways bring")),
        ),
        sides=("rule", "unsold", "way", "net", "value", "why"),
        says=_unsold,
    ),
}
