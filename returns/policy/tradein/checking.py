"""What must be true of trade-in rules before they can be published. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from returns.policy import questions
from returns.policy.tradein.shipped import DAYS, GRADES, PERCENTS, SUMS
from revlog.common.errors import Reason
from revlog.terms import ruling
from revlog.terms.ruling import Body


def check(body: Body) -> list[Reason]:
    parameters = body.get("parameters", {})
    found = questions.check(body) + _wrong_parameters(parameters)
    if found:
        return found
    for place, question in enumerate(body.get("questions", [])):
        for choice in question.get("choices", ()):
            found += _wrong_effect(choice, f"body.questions[{place}].choices.{choice['id']}")
    for place, row in enumerate(body.get("findings", [])):
        where = f"body.findings[{place}]"
        if not isinstance(row, Mapping) or not isinstance(row.get("id"), str) or not isinstance(row.get("codes"), list):
            found.append(Reason("finding", f"{where} has an id and a list of codes.", where))
        else:
            found += _wrong_effect(row, where)
    for place, rule in enumerate(body.get("rules", [])):
        then = rule.get("then", {})
        for name in ("margin_percent", "recovery_margin_percent"):
            margin = ruling.number(ruling.filled(then.get(name, 0), parameters) or 0)
            if margin is None or not 0 <= margin <= 100:
                found.append(Reason("percent", "A margin is 0 to 100 percent.", f"body.rules[{place}].then.{name}"))
        if "stop" in then and not str(then["stop"] or "").strip():
            where = f"body.rules[{place}].then.stop"
            found.append(Reason("stop", "What isn't bought says why, in words that the seller reads.", where))
    return found


def _wrong_parameters(parameters: Mapping[str, Any]) -> list[Reason]:
    found = []
    for name in PERCENTS:
        value = ruling.number(parameters.get(name, 0))
        if value is None or not 0 <= value <= 100:
            found.append(Reason("percent", f"{name} is 0 to 100 percent.", f"body.parameters.{name}"))
    for name in DAYS:
        days = parameters.get(name, 1)
        if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= 365:
            found.append(Reason("days", f"{name} is 1 to 365 days.", f"body.parameters.{name}"))
    for name in SUMS:
        value = ruling.number(parameters.get(name, 0))
        if value is None or value < 0:
            found.append(Reason("amount", f"{name} is an amount of zero or more.", f"body.parameters.{name}"))
    if parameters.get("best_grade", "A") not in GRADES:
        found.append(Reason("grade", f"The best grade is one of {', '.join(GRADES)}.", "body.parameters.best_grade"))
    return found


def _wrong_effect(row: Mapping[str, Any], where: str) -> list[Reason]:
    found = []
    if row.get("grade") is not None and row["grade"] not in GRADES:
        found.append(Reason("grade", f"The grade of an answer is one of {', '.join(GRADES)}.", f"{where}.grade"))
    percent, amount = ruling.number(row.get("percent") or 0), ruling.number(row.get("amount") or 0)
    if percent is None or not 0 <= percent <= 100:
        found.append(Reason("percent", "What an answer costs is 0 to 100 percent.", f"{where}.percent"))
    if amount is None or amount < 0:
        found.append(Reason("amount", "What an answer costs is zero or more.", f"{where}.amount"))
    if (percent or amount) and not str(row.get("why") or "").strip():
        found.append(Reason("no_why", "What costs something says why, in words that the seller reads.", f"{where}.why"))
    return found
