"""Whether something may come back and on what terms: a case, what the rules in force make of it, and what the law adds. Pure.

A rule says in ``then`` what it gives. Everything but ``allow`` may be left out:

* ``allow``: whether it may come back at all; a rule that doesn't allow blocks, and its ``why`` is what the customer reads.
* ``window``: ``{"days": 30, "from": "delivery"}`` (or ``shipment``, ``order``): the rule holds only within it. A date that isn't known
  keeps the window open, and so does a season (``seasons``: bought from a day to a day, may come back until a day).
* ``approval``: ``auto``, ``person``, or ``two`` for two people one after the other.
* ``fee_percent``, ``fee_amount``: what one piece costs its sender; ``fee_payer`` is ``customer`` or ``seller``; ``fee_waived_for`` lists
  reasons or groups of reasons for which nothing is taken.
* ``bonus_percent``: what is added when store credit or another thing is taken.
* ``photos``: how many the customer has to send; ``questions``: which are asked (returns/policy/questions.py).
* ``outcomes``: what may be had for it; ``methods``: how it may travel, and what that costs (returns/policy/ways.py); ``hub``: where it
  goes; ``goods``: ``back``, or ``keep``, ``donate``, ``none`` when nothing has to come; ``refund_on``: the moment the money is due:
  ``handover`` (a carrier or a counter of ours says that it has it), ``receipt`` or ``acceptance``.

In the mode ``first`` the first rule that matches says it all. In ``collect`` all that match add up: one that blocks wins over all that
allow, and the first of them is named; the strictest ``approval`` and the largest ``photos`` win; fees and bonuses are summed;
``fee_waived_for`` and ``questions`` are joined; of ``outcomes`` and ``methods`` only what every rule offers is left; the latest
``refund_on`` wins (acceptance over receipt over handover); ``fee_payer``, ``hub`` and ``goods`` are the last rule's that says one.

The law (returns/policy/statutes.py) is a floor under all that: ``decide`` looks up what was in force on the day of the order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from returns import reasons
from returns.policy import cases, shipped, statutes, ways
from returns.policy import checking as policy_check
from returns.policy.cases import Case, History
from returns.policy.checking import GOODS, OUTCOMES
from returns.policy.statutes import Statute, Statutes
from revlog.common import money
from revlog.terms import conditions, ruling
from revlog.terms.ruling import Body, Decision, Kind, Rule, Ruling

__all__ = ["GOODS", "OUTCOMES", "Case", "History"]

KIND = "returns.policy"
SHIPPED = shipped.POLICY
WITH_BONUS = frozenset({"credit", "exchange"})
STRICTNESS = {"auto": 0, "person": 1, "two": 2}


# What is answered -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Yes or no, why, and on what terms; sums are for one piece.

    ``fee`` is what returning it costs and ``fee_payer`` whom: what is taken off the customer's money is ``taken_off``. ``bonus`` is what
    is added to it when store credit or another thing is wanted.
    """

    allowed: bool
    outcomes: Sequence[str]
    decision: Decision
    case: Case
    rights: Law
    steps: int = 0
    """How many people have to say yes first: 0 when the rules do, 1 or 2."""
    fee: Decimal = Decimal(0)
    fee_payer: str = "customer"
    bonus: Decimal = Decimal(0)
    photos: int = 0
    questions: Sequence[str] = ()
    methods: Sequence[str] = ()
    goods: str = "back"
    hub: str = ""
    refund_on: str = "acceptance"
    found: Ruling = field(repr=False, compare=False)
    said: str = ""
    """What is said instead of the rule's sentence, by whoever changed the answer."""

    @property
    def why(self) -> str:
        """As its reader's language has it."""
        if self.said:
            return self.said
        if self.allowed or not self.decision.outcome.get("allow"):
            return _(self.decision.why) if self.decision.why else ""
        if not self.outcomes:
            return _("The rules leave nothing that we could offer for it.")
        return _("For this reason we offer: %s.") % ", ".join(_words(one) for one in self.outcomes)

    @property
    def is_by_list(self) -> bool:
        """Whether the rule that decided compares on which lists the case is."""
        return bool(self.case.lists) and any(
            rule.id == self.decision.rule and "lists" in conditions.facts_of(rule.when)
            for rule in self.found.compiled.rules
        )

    @property
    def until(self) -> date | None:
        """The last day of the window, where the day it is counted from is known."""
        return _until(self.found, self.case, self.decision.outcome)

    @property
    def law(self) -> Mapping[str, Any]:
        """The statutes in force for it, as they are kept with the decision."""
        return self.rights.kept()

    @property
    def needs_person(self) -> bool:
        return self.steps > 0

    @property
    def taken_off(self) -> Decimal:
        return self.fee if self.fee_payer == "customer" else Decimal(0)

    def kept(self) -> dict[str, Any]:
        """As the RMA's line keeps it: what was decided by what, on which facts, and what followed."""
        until = self.until
        return self.decision.kept() | {
            "until": until.isoformat() if until else None,
            "inputs": {
                name: str(value) if isinstance(value, Decimal) else value
                for name, value in self.decision.inputs.items()
                if value is not None and value not in ("", [])
            },
            "terms": {
                "steps": self.steps,
                "fee": str(self.fee),
                "fee_payer": self.fee_payer,
                "bonus": str(self.bonus),
                "methods": list(self.methods),
                "goods": self.goods,
                "hub": self.hub,
                "refund_on": self.refund_on,
            },
            **({"foretold": self.case.foretold.kept()} if self.case.foretold is not None else {}),
            "law": dict(self.law),
            "law_days": None if self.case.law_from is None else (self.case.today - self.case.law_from).days,
        }


def latest(moments: Iterable[str]) -> str:
    """The last of some moments at which money is due: who promises less binds all."""
    named = set(moments)
    return next((one for one in policy_check.MOMENTS if one in named), "acceptance")


# Combining --------------------------------------------------------------------------------------------------------------------------


def _prepare(body: Body) -> Body:
    """A rule with a window matches only within it: written out as a condition, so that it is tried and explained like any other."""
    if not any("window" in rule.get("then", {}) for rule in body.get("rules", [])):
        return body
    parameters = body.get("parameters", {})
    return dict(body) | {"rules": [_windowed(rule, parameters) for rule in body["rules"]]}


def _windowed(rule: Mapping[str, Any], parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    window = rule.get("then", {}).get("window")
    if not isinstance(window, Mapping):
        return rule
    told = _window(window, parameters)
    fact = f"days_since_{told[1]}"
    within = {
        "any": [
            {"fact": fact, "op": "<=", "value": window.get("days")},
            {"fact": fact, "op": "missing"},
            {"fact": "in_season", "op": "==", "value": True},
        ]
    }
    when = rule.get("when")
    return dict(rule) | {"when": within if when is None else {"all": [when, within]}}


def _window(window: Mapping[str, Any], parameters: Mapping[str, Any]) -> tuple[int, str]:
    days = ruling.filled(window.get("days"), parameters)
    return int(days or 0), str(ruling.filled(window.get("from"), parameters) or "delivery")


def _combine(matched: Sequence[Rule]) -> tuple[Mapping[str, Any], Rule]:
    """All that match in ``collect`` mode, as the module says."""
    blocking = next((rule for rule in matched if rule.then.get("allow") is False), None)
    allowing = [rule for rule in matched if rule.then.get("allow") is True]
    found = ruling.added(matched)
    if allowing or blocking:
        found["allow"] = blocking is None
    for name in ("fee_percent", "fee_amount", "bonus_percent", *ways.FEES):
        told = [ruling.number(rule.then[name]) or Decimal(0) for rule in matched if name in rule.then]
        if told:
            found[name] = str(sum(told, Decimal(0)))
    approvals = [str(rule.then["approval"]) for rule in matched if "approval" in rule.then]
    if approvals:
        found["approval"] = max(approvals, key=lambda one: STRICTNESS.get(one, 1))
    if photos := [int(rule.then["photos"]) for rule in matched if "photos" in rule.then]:
        found["photos"] = max(photos)
    for name in ("questions", "fee_waived_for"):
        if name in found:
            found[name] = list(dict.fromkeys(found[name]))
    for name in ("outcomes", "methods"):
        told_lists = [rule.then[name] for rule in matched if name in rule.then]
        if told_lists:
            found[name] = [one for one in told_lists[0] if all(one in others for others in told_lists)]
    if moments := [str(rule.then["refund_on"]) for rule in matched if "refund_on" in rule.then]:
        found["refund_on"] = latest(moments)
    windows = [rule.then["window"] for rule in allowing if "window" in rule.then]
    if windows:
        found["window"] = max(windows, key=lambda one: int(one.get("days") or 0))
    return found, blocking or (allowing[0] if allowing else matched[-1])


POLICY = ruling.register(
    Kind(
        KIND,
        SHIPPED,
        policy_check.check,
        prepare=_prepare,
        combine=_combine,
        trials="trials_of_draft",
        told=True,
        # Whom we suspect, what we give without seeing the goods, and from which sum on.
        untold=frozenset({"risk", "lists", "kept_before", "value"}),
    )
)


# Deciding ---------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Law:
    """What was in force for a case: the rows, where there are any and whoever bought is a consumer."""

    version: int
    withdrawal: Statute | None
    guarantee: Statute | None

    @property
    def jurisdiction(self) -> str:
        known = self.withdrawal or self.guarantee
        return known.jurisdiction if known else ""

    def kept(self) -> dict[str, Any]:
        rows = {row.right: row.kept() for row in (self.withdrawal, self.guarantee) if row is not None}
        return {"version": self.version} | rows if rows else {}


_SHIPPED_LAW = statutes.read(Ruling(statutes.KIND, 0, statutes.SHIPPED))


def law_for(found: Ruling, case: Case, known: Statutes | None = None) -> Law:
    rows = known or _SHIPPED_LAW
    if case.channel and case.channel in found.parameters.get("business_channels", ()):
        return Law(rows.version, None, None)
    bought = case.ordered_on or case.today
    return Law(
        rows.version,
        rows.of("withdrawal", case.country, bought),
        rows.of("guarantee", case.country, bought),
    )


def decide(found: Ruling, case: Case, *, currency: str = "EUR", law: Statutes | None = None) -> Answer:
    """Decide one line by the rules in force, and by what the law gives whatever they say."""
    rights = law_for(found, case, law)
    decision = _by_law(case, rights, ruling.decide(found, case.inputs(found.body, rights.jurisdiction)))
    decision = _by_recall(case, decision)
    return answered(found, case, decision, rights, currency=currency)


def answered(found: Ruling, case: Case, decision: Decision, rights: Law, *, currency: str) -> Answer:
    """The outcome of the rules as terms: sums rounded, words in the reader's language."""
    then = decision.outcome
    allow = bool(then.get("allow"))
    outcomes = _outcomes(then) if allow else ()
    allowed = allow and bool(outcomes) and (not case.wanted or case.wanted in outcomes)
    fee, payer = fee_of(then, case.reason, case.price)
    bonus = ruling.number(then.get("bonus_percent") or 0) or Decimal(0)
    goods = str(then.get("goods") or "back")
    return Answer(
        allowed=allowed,
        outcomes=outcomes,
        decision=decision,
        case=case,
        rights=rights,
        found=found,
        steps=STRICTNESS.get(str(then.get("approval") or "auto"), 1) if allow else 0,
        fee=money.rounded(fee, currency) if fee else fee,
        fee_payer=payer,
        bonus=money.rounded(case.price * bonus / 100, currency) if bonus and case.wanted in WITH_BONUS else Decimal(0),
        photos=int(then.get("photos") or 0),
        questions=tuple(then.get("questions") or ()),
        methods=tuple(then.get("methods") or ()),
        goods=goods,
        hub=str(then.get("hub") or ""),
        refund_on=str(then.get("refund_on") or found.parameters.get("refund_on", "acceptance")),
    )


def _outcomes(then: Mapping[str, Any]) -> tuple[str, ...]:
    offered = then.get("outcomes", OUTCOMES)
    return tuple(one for one in OUTCOMES if one in offered)


def fee_of(then: Mapping[str, Any], reason: str, price: Decimal) -> tuple[Decimal, str]:
    """What returning one piece costs, never more than it was sold for, and who pays that."""
    payer = str(then.get("fee_payer") or "customer")
    waived = then.get("fee_waived_for") or ()
    if reason in waived or reasons.group(reason) in waived:
        return Decimal(0), payer
    if not then.get("fee_percent") and not then.get("fee_amount"):
        return Decimal(0), payer
    percent = ruling.number(then.get("fee_percent") or 0) or Decimal(0)
    amount = ruling.number(then.get("fee_amount") or 0) or Decimal(0)
    return min(price * percent / 100 + amount, price), payer


def _words(outcome: str) -> str:
    return {
        "refund": _("money back"),
        "credit": _("store credit"),
        "exchange": _("exchange"),
        "advance": _("exchange, the new one first"),
        "repair": _("repair"),
        "replace": _("replacement under warranty"),
    }[outcome]


def _until(found: Ruling, case: Case, then: Mapping[str, Any]) -> date | None:
    parameters = found.parameters
    window = then.get("window") or {"days": parameters.get("window_days", 30), "from": parameters.get("window_from")}
    days, anchor = _window(window, parameters)
    begins = {"order": case.ordered_on, "shipment": case.shipped_on}.get(anchor, case.delivered_on)
    if begins is None:
        return None
    season = cases.season_until(found.body, case.ordered_on, case.today)
    ends = begins + timedelta(days=days)
    return max(ends, season) if season is not None else ends


# The law ----------------------------------------------------------------------------------------------------------------------------


def _by_law(case: Case, rights: Law, decision: Decision) -> Decision:
    if rights.withdrawal is not None and may_withdraw(case, rights.withdrawal):
        return _withdrawal(case, decision)
    if rights.guarantee is not None and (held := _guaranteed(case, rights.guarantee)):
        return _guarantee(case, decision, money_back=held == "reject")
    return decision


def may_withdraw(case: Case, statute: Statute) -> bool:
    """Whether it is sent back within the days in which the law asks for no reason."""
    if not statute.days or not case.sent or case.kind != "return" or case.category in statute.exempt:
        return False
    if reasons.group(case.reason) != "remorse":
        return False
    counted = {"order": case.ordered_on, "shipment": case.shipped_on}.get(
        statute.counted_from, case.law_from or case.delivered_on
    )
    return counted is None or (case.today - counted).days <= statute.days


def _withdrawal(case: Case, decision: Decision) -> Decision:
    """It can't be ruled away: within its days it is allowed, needs nobody's consent, no fee, no photo and no answer."""
    then = decision.outcome
    fee, payer = fee_of(then, case.reason, case.price)
    costs = fee > 0 and payer == "customer"
    asks = bool(then.get("photos")) or bool(then.get("questions"))
    free = bool(then.get("allow")) and then.get("approval", "auto") == "auto" and not costs and not asks
    if free and "refund" in _outcomes(then):
        return decision
    allowed = then.get("allow") and set(_outcomes(then))
    outcomes = [one for one in OUTCOMES if one == "refund" or (allowed and one in allowed)]
    names = ("bonus_percent", "methods", *ways.FEES, "hub", "refund_on")
    kept = {name: then[name] for name in names if name in then}
    return replace(
        decision,
        rule="statutory_withdrawal",
        rules=(*decision.rules, "statutory_withdrawal"),
        outcome=kept | {"allow": True, "approval": "auto", "outcomes": outcomes, "fee_percent": 0},
        why=gettext_noop("The law lets you withdraw from what you bought at a distance."),
    )


def _guaranteed(case: Case, statute: Statute) -> str:
    """``reject`` while the money may be asked back at once, ``repair`` while it has to be put right; empty when neither."""
    if not case.sent or reasons.group(case.reason) not in {"fault", "mismatch"}:
        return ""
    begins = case.delivered_on or case.shipped_on or case.ordered_on
    months = statute.second_hand_months if case.is_second_hand else statute.months
    if begins is None or case.today > months_after(begins, months):
        return ""
    return "reject" if (case.today - begins).days <= statute.reject_days else "repair"


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last one."""
    year, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + year, month + 1, 1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def _guarantee(case: Case, decision: Decision, *, money_back: bool) -> Decision:
    """What was wrong at delivery is put right at no cost; how, and after whose look, the rules may say."""
    then = decision.outcome
    offered = list(_outcomes(then)) if then.get("allow") else []
    due = ["refund"] if money_back else ["repair", "replace", "exchange", "refund"]
    fee, payer = fee_of(then, case.reason, case.price)
    costs = fee > 0 and payer == "customer"
    if then.get("allow") and not costs and any(one in offered for one in due):
        return decision
    outcomes = [one for one in OUTCOMES if one in offered or one in (due if money_back else ["repair", "replace"])]
    approval = then.get("approval", "auto") if then.get("allow") else "person"
    terms = dict(then) | {"allow": True, "approval": approval, "outcomes": outcomes, "fee_percent": 0, "fee_amount": 0}
    return replace(
        decision,
        rule="statutory_guarantee",
        rules=(*decision.rules, "statutory_guarantee"),
        outcome=terms,
        why=gettext_noop("The law gives you a guarantee, and it still holds."),
    )


def _by_recall(case: Case, decision: Decision) -> Decision:
    """What is recalled comes back whatever the rules say: at any time, at no cost, for the remedy that the recall names."""
    if case.origin != "recall":
        return decision
    return replace(
        decision,
        rule="recalled",
        rules=(*decision.rules, "recalled"),
        outcome={"allow": True, "approval": "auto", "outcomes": list(OUTCOMES), "refund_on": "receipt"},
        why=gettext_noop("It is recalled, so it comes back at no cost."),
    )
