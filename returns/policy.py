"""Whether something may come back: the return rules as shipped, what the law adds to any rules, and the deciding itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from returns import reasons
from revlog.common import money
from revlog.common.errors import Reason
from revlog.terms import ruling
from revlog.terms.ruling import Body, Decision, Kind, Ruling

KIND = "returns.policy"
OUTCOMES = ("refund", "exchange", "repair")
STATUTORY_DAYS = 14
"""Directive 2011/83/EU, Article 9: a consumer who bought at a distance may withdraw without a reason."""
EXEMPT = ("custom_made", "perishable", "hygiene", "media")
"""Article 16: what the law itself leaves out of withdrawal."""
EU = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)

SHIPPED: Body = {
    "mode": "first",
    "parameters": {
        "window_days": 30,
        "statutory_days": STATUTORY_DAYS,
        "guarantee_days": 730,
        "hand_in_days": 14,
        "grace_days": 14,
        "check_days": 5,
        "excluded": list(EXEMPT),
        "refund_on": "acceptance",
    },
    "rules": [
        {
            "id": "came_back_by_itself",
            "when": {"fact": "origin", "op": "in", "value": ["undeliverable", "refused"]},
            "then": {"allow": True, "approval": "auto", "outcomes": ["refund", "exchange"]},
            "why": gettext_noop("The parcel came back undelivered."),
        },
        {
            "id": "not_sent_yet",
            "when": {"fact": "sent", "op": "==", "value": False},
            "then": {"allow": False},
            "why": gettext_noop("It hasn't been sent yet."),
        },
        {
            "id": "not_safe",
            "when": {"fact": "reason_group", "op": "==", "value": "safety"},
            "then": {"allow": True, "approval": "person", "outcomes": ["refund", "exchange"]},
            "why": gettext_noop("What isn't safe comes back at any time; we first say how to pack it."),
        },
        {
            "id": "excluded_goods",
            "when": {
                "all": [
                    {"fact": "reason_group", "op": "==", "value": "remorse"},
                    {"fact": "category", "op": "in", "value": {"param": "excluded"}},
                ]
            },
            "then": {"allow": False},
            "why": gettext_noop("Goods of this kind can come back only when something is wrong with them."),
        },
        {
            "id": "wrong_in_window",
            "when": {
                "all": [
                    {"fact": "reason_group", "op": "in", "value": ["fault", "mismatch", "fulfilment"]},
                    {
                        "any": [
                            {"fact": "days_since_delivery", "op": "missing"},
                            {"fact": "days_since_delivery", "op": "<=", "value": {"param": "window_days"}},
                        ]
                    },
                ]
            },
            "then": {"allow": True, "approval": "auto", "outcomes": ["refund", "exchange", "repair"]},
            "why": gettext_noop("It is within the return window."),
        },
        {
            "id": "in_window",
            "when": {
                "any": [
                    {"fact": "days_since_delivery", "op": "missing"},
                    {"fact": "days_since_delivery", "op": "<=", "value": {"param": "window_days"}},
                ]
            },
            "then": {"allow": True, "approval": "auto", "outcomes": ["refund", "exchange"]},
            "why": gettext_noop("It is within the return window."),
        },
        {
            "id": "guarantee",
            "when": {
                "all": [
                    {"fact": "reason_group", "op": "in", "value": ["fault", "mismatch"]},
                    {
                        "any": [
                            {"fact": "warranty", "op": "==", "value": True},
                            {"fact": "days_since_delivery", "op": "<=", "value": {"param": "guarantee_days"}},
                        ]
                    },
                ]
            },
            "then": {"allow": True, "approval": "person", "outcomes": ["repair", "exchange"]},
            "why": gettext_noop("The return window has ended, but the guarantee holds."),
        },
        {
            "id": "too_late",
            "then": {"allow": False},
            "why": gettext_noop("The return window has ended."),
        },
    ],
}


def _check(body: Body) -> list[Reason]:
    found: list[Reason] = []
    parameters = body.get("parameters", {})
    found += [
        Reason("days", f"{name} is a whole number of days.", f"body.parameters.{name}")
        for name in ("window_days", "statutory_days", "guarantee_days", "hand_in_days", "check_days", "grace_days")
        if name in parameters and (not isinstance(parameters[name], int) or not 0 <= parameters[name] <= 36500)
    ]
    if isinstance(floor := parameters.get("statutory_days", STATUTORY_DAYS), int) and floor < STATUTORY_DAYS:
        found.append(
            Reason(
                "statutory",
                f"The law gives consumers {STATUTORY_DAYS} days; rules can't give fewer.",
                "body.parameters.statutory_days",
            )
        )
    if parameters.get("refund_on", "acceptance") not in {"acceptance", "receipt"}:
        found.append(Reason("refund_on", "Money is due on acceptance or on receipt.", "body.parameters.refund_on"))
    for place, rule in enumerate(body.get("rules", [])):
        then = rule.get("then", {})
        if not isinstance(then.get("allow"), bool):
            found.append(Reason("allow", "Each rule says whether it allows.", f"body.rules[{place}].then.allow"))
        if set(then.get("outcomes", [])) - set(OUTCOMES):
            found.append(
                Reason("outcomes", f"Outcomes are {', '.join(OUTCOMES)}.", f"body.rules[{place}].then.outcomes")
            )
        fee = ruling.number(then.get("fee_percent", 0))
        if fee is None or not 0 <= fee <= 100:
            found.append(Reason("fee", "A fee is 0 to 100 percent.", f"body.rules[{place}].then.fee_percent"))
    return found


POLICY = ruling.register(Kind(KIND, SHIPPED, _check))


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is known when somebody asks. ``delivered_on`` and ``today`` are days at the place of delivery; None is not known."""

    reason: str
    wanted: str
    today: date
    delivered_on: date | None
    sent: bool
    category: str = ""
    device_class: str = "other"
    price: Decimal = Decimal(0)
    country: str = ""
    warranty: bool = False
    origin: str = "portal"

    @property
    def days(self) -> int | None:
        return None if self.delivered_on is None else (self.today - self.delivered_on).days

    def inputs(self) -> Mapping[str, Any]:
        return {
            "reason": self.reason,
            "reason_group": reasons.group(self.reason),
            "wanted": self.wanted,
            "days_since_delivery": self.days,
            "sent": self.sent,
            "category": self.category,
            "device_class": self.device_class,
            "price": self.price,
            "country": self.country,
            "consumer_law": "eu" if self.country in EU else "",
            "warranty": self.warranty,
            "origin": self.origin,
        }


@dataclass(frozen=True)
class Answer:
    """Yes or no, and why: ``needs_person`` when somebody has to say yes first. ``fee`` is what is taken off one piece."""

    allowed: bool
    needs_person: bool
    outcomes: Sequence[str]
    why: str
    decision: Decision
    fee: Decimal = Decimal(0)
    until: date | None = None
    """The last day of the window, where delivery is known."""

    def kept(self) -> dict[str, Any]:
        return self.decision.kept() | {"until": self.until.isoformat() if self.until else None}


def decide(found: Ruling, case: Case, *, currency: str = "EUR") -> Answer:
    """Decide one line by the rules in force, and by what the law gives whatever they say."""
    decision = ruling.decide(found, case.inputs())
    decision = _by_law(found, case, decision)
    then = decision.outcome
    outcomes = tuple(one for one in OUTCOMES if one in then.get("outcomes", OUTCOMES))
    allowed = bool(then.get("allow"))
    why = _(decision.why) if decision.why else ""
    if allowed and case.wanted not in outcomes:
        allowed = False
        why = _("For this reason we offer: %s.") % ", ".join(_words(one) for one in outcomes)
    percent = ruling.number(then.get("fee_percent", 0)) or Decimal(0)
    return Answer(
        allowed=allowed,
        needs_person=then.get("approval", "auto") != "auto",
        outcomes=outcomes if then.get("allow") else (),
        why=why,
        decision=decision,
        fee=money.rounded(case.price * percent / 100, currency),
        until=_until(found, case),
    )


def _words(outcome: str) -> str:
    return {"refund": _("money back"), "exchange": _("exchange"), "repair": _("repair")}[outcome]


def _withdrawable(found: Ruling, case: Case) -> bool:
    days = case.days
    floor = max(int(found.parameters.get("statutory_days", STATUTORY_DAYS)), STATUTORY_DAYS)
    return (
        case.country in EU
        and case.sent
        and case.category not in EXEMPT
        and reasons.group(case.reason) == "remorse"
        and (days is None or days <= floor)
    )


def _by_law(found: Ruling, case: Case, decision: Decision) -> Decision:
    """Withdrawal can't be ruled away: within its days it is allowed, needs nobody's consent and costs no fee."""
    if not _withdrawable(found, case):
        return decision
    then = decision.outcome
    fair = (
        then.get("allow") and then.get("approval", "auto") == "auto" and not ruling.number(then.get("fee_percent", 0))
    )
    if fair and "refund" in then.get("outcomes", OUTCOMES):
        return decision
    outcomes = [one for one in OUTCOMES if one == "refund" or (then.get("allow") and one in then.get("outcomes", ()))]
    return replace(
        decision,
        rule="statutory_withdrawal",
        rules=(*decision.rules, "statutory_withdrawal"),
        outcome={"allow": True, "approval": "auto", "outcomes": outcomes, "fee_percent": 0},
        why=gettext_noop("The law lets you withdraw within 14 days."),
    )


def _until(found: Ruling, case: Case) -> date | None:
    if case.delivered_on is None:
        return None
    return case.delivered_on + timedelta(days=int(found.parameters.get("window_days", 30)))
