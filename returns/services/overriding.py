"""Overriding the return rules for one customer: more than they give, never less; with a reason, a limit, and a name."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from returns import facts, parameters
from returns.models import Rma, RmaLine
from returns.policy import Answer
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.custody.services import ledger
from revlog.terms import queries as terms
from revlog.terms.models import Contact, Order, OrderLine
from revlog.terms.services import orders

RULE = "override"
WHY = gettext_noop("We agreed to it, although the rules don't ask us to.")
"""What the customer reads; the reason of whoever overrode is for colleagues."""


@dataclass(frozen=True, kw_only=True)
class Override:
    """Somebody takes it on themselves: what the rules block is allowed and, with ``waive_fee``, costs nothing.

    There is no way to give less by it: what the law or the rules give stays given.
    """

    why: str
    by: str
    waive_fee: bool = False


def person(by: Actor, *, why: str, waive_fee: bool = False) -> Override:
    """``by`` overrides, for this reason."""
    return Override(why=" ".join(why.split())[:300], by=by.reference, waive_fee=waive_fee)


def demand(overrides: Iterable[Override | None], *, orders: Iterable[Order], by: Actor) -> None:
    """Raises NotAllowed or BadInput unless ``by`` may override for these orders' sellers, as themselves, and says why."""
    told = [one for one in overrides if one is not None]
    if not told:
        return
    ours = by.is_operator or all(order.seller_id in by.stands_for for order in orders)
    if not by.may("returns.override") or not ours or any(one.by != by.reference for one in told):
        raise NotAllowed(Reason("not_allowed", _("Overriding the return rules needs the right to do so.")))
    if any(not one.why for one in told):
        raise BadInput(Reason("no_reason", _("Say why the rules are overridden; colleagues read it."), "override"))


def applied(
    answer: Answer, line: OrderLine, *, override: Override | None, wanted: str, quantity: int, at: datetime
) -> Answer:
    """What is answered when the rules are overridden; the same where they give it anyway, or where nothing was sent yet.

    Above the limit of the figures it waits for another person.
    """
    if override is None or answer.decision.inputs.get("sent") is False:
        return answer
    blocked = not answer.allowed
    waived = answer.taken_off * quantity if override.waive_fee else Decimal(0)
    if not blocked and not waived:
        return answer
    value = line.value * quantity if blocked else waived
    rate = terms.rate(line.currency, at=at)
    above = rate is None or value * rate > parameters.in_force(at).override_value
    kept = {
        "by": override.by,
        "why": override.why,
        "was": answer.decision.rule,
        "blocked": blocked,
        "fee_waived": str(waived),
        "value": str(value),
        "above": above,
    }
    outcome = {**answer.decision.outcome, "allow": True, "override": kept}
    return replace(
        answer,
        allowed=True,
        said=_(WHY),
        outcomes=tuple(dict.fromkeys([*answer.outcomes, wanted])),
        steps=max(answer.steps, 1) if above else answer.steps,
        fee=Decimal(0) if override.waive_fee else answer.fee,
        decision=replace(answer.decision, rule=RULE, rules=(*answer.decision.rules, RULE), outcome=outcome, why=WHY),
    )


def of_line(line: RmaLine) -> Mapping[str, Any]:
    """What was overridden of a line; empty when nothing was."""
    found = line.decision.get("outcome", {}).get("override", {}) if line.decision.get("rule") == RULE else {}
    return found if isinstance(found, Mapping) else {}


def tell(rma: Rma, lines: Iterable[RmaLine], *, by: Actor, at: datetime) -> None:
    """Say of each line what was overridden and what it costs; the reason stays with the line."""
    for line in lines:
        if not (kept := of_line(line)):
            continue
        ledger.append(
            rma.pk,
            facts.RulesOverridden(
                number=rma.number,
                line=str(line.pk),
                position=line.position,
                was=str(kept["was"]),
                blocked=bool(kept["blocked"]),
                fee_waived=str(kept["fee_waived"]),
                value=str(kept["value"]),
                currency=line.currency,
                above=bool(kept["above"]),
            ),
            by=by,
            at=at,
            owner=rma.seller_id,
            hub=rma.hub_id,
        )


@orders.also_erase
def erase_reasons(contact: Contact, *, by: Actor, at: datetime) -> list[uuid.UUID]:
    """What somebody wrote of a person as the reason for an override goes with the person; that it was overridden stays true."""
    for line in RmaLine.objects.filter(rma__contact=contact, decision__rule=RULE):
        line.decision = {
            **line.decision,
            "outcome": {**line.decision["outcome"], "override": {**of_line(line), "why": ""}},
        }
        line.save(update_fields=["decision"])
    return []


def reasons_against_approving(rma: Rma, *, by: Actor) -> list[Reason]:
    """Why ``by`` can't approve what was overridden: above the limit it takes somebody with the right to overrides of any value."""
    if by.may("returns.override_any") or not any(of_line(line).get("above") for line in rma.lines.all()):
        return []
    return [
        Reason(
            "override", _("The rules were overridden for more than support may by itself; a lead has to approve it.")
        )
    ]
