"""What is answered to a wish: what an order's lines are decided on, read once, and what rules and law say to each."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from returns import policy, queries, reasons
from returns.figures import CLAIMS
from returns.fraud import rules as risk_rules
from returns.models import Goods, Kind, Origin, Outcome, RmaLine
from returns.policy import Answer, foreseen, questions, statutes
from returns.policy.cases import Case, History
from returns.policy.questions import Question
from returns.policy.statutes import Statute
from returns.queries import ground, travel, watching
from returns.queries.ground import Ground
from returns.services import foreseeing
from revlog.accounts.models import Hub, OrganizationKind
from revlog.common.errors import DomainError, Reason
from revlog.terms import queries as terms
from revlog.terms.models import Order, OrderLine, OrderSource
from revlog.terms.ruling import Ruling

FOR_RECIPIENTS = (Outcome.CREDIT.value, Outcome.EXCHANGE.value)


class UnableToOpen(DomainError):
    """This can't be announced as a return; each reason says for which line."""

    status = 422
    code = "unable_to_open"


@dataclass(frozen=True)
class Footing:
    """What every line of an order, and of those that come back with it, is decided on: read once, in a handful of queries."""

    order: Order
    ruling: Ruling
    law: statutes.Statutes
    questions: Ruling
    hub: Hub
    known: Ground
    history: History
    at: datetime
    law_from: Mapping[uuid.UUID, date | None] = field(default_factory=dict)
    """When the last thing of each order was delivered; None while something of it wasn't."""
    risk: watching.Watch = watching.BLIND
    """What the risk of a line is scored by; rules compare that as ``risk`` and ``risk_band``."""
    foretold: foreseeing.Known = field(default_factory=dict)
    """What was foretold of its lines so far: the same question is asked once."""


def hubs() -> QuerySet[Hub]:
    """Sites that take returns, as `Footing.known` has them."""
    rows = Hub.objects.filter(active=True, organization__kind=OrganizationKind.OPERATOR)
    return rows.order_by("-secured", "code")


def hub_for(hubs: Iterable[Hub], ruling: Ruling) -> Hub:
    """Where it is to be sent: the site that the rules name, else a secured one, since what comes may hold data."""
    named = ruling.parameters.get("hub")
    known = list(hubs)
    found = next((hub for hub in known if named and hub.code == named), None) or next(iter(known), None)
    if found is None:
        raise UnableToOpen(Reason("no_hub", _("There is no site that takes returns yet.")))
    return found


def rules_for(order: Order, *, at: datetime) -> Ruling:
    return terms.in_force(policy.KIND, at=at, organization=order.seller_id)


def footing(order: Order, *others: Order, at: datetime) -> Footing:
    """What the lines of an order, and of others that come back with it, are decided on. Raises UnableToOpen when no site takes returns."""
    seller = order.seller_id
    ruling, law, asked, claims, risks = terms.in_force_each(
        [
            (policy.KIND, seller),
            (statutes.KIND, None),
            (questions.KIND, seller),
            (CLAIMS.kind, None),
            (risk_rules.KIND, seller),
        ],
        at=at,
    )
    known = ground.read([order, *others], repeat_days=int(CLAIMS.read(claims)["repeat_days"]), at=at)
    hub = hub_for(known.hubs, ruling)
    history = queries.history_of(order, at=at)
    return Footing(
        order=order,
        ruling=ruling,
        law=statutes.read(law),
        questions=asked,
        hub=hub,
        known=known,
        history=history,
        at=at,
        law_from=_last_delivered([order, *others], known.lines.values(), hub),
        risk=watching.watch(order, history=history, ruling=risks, at=at),
    )


def _last_delivered(orders: Sequence[Order], lines: Iterable[OrderLine], hub: Hub) -> dict[uuid.UUID, date | None]:
    found: dict[uuid.UUID, list[datetime | None]] = {order.pk: [] for order in orders}
    whole = {order.pk: order.delivered_at for order in orders}
    for line in lines:
        found[line.order_id].append(line.delivered_at or whole[line.order_id])
    return {
        pk: None if None in days else hub.calendar.local(max(day for day in days if day)).date()
        for pk, days in found.items()
        if days
    }


def case_for(
    line: OrderLine,
    *,
    on: Footing,
    reason: str,
    wanted: str = "",
    answers: Mapping[str, str] | None = None,
    quantity: int = 1,
    value: Decimal | None = None,
    origin: str = Origin.PORTAL.value,
    kind: str = Kind.RETURN.value,
    gift: bool = False,
) -> Case:
    """What is known of one line, as rules compare it."""
    order, calendar = line.order, on.hub.calendar
    delivered, shipped = line.delivered, line.shipped
    law_from = on.law_from.get(order.pk)
    if line.counts_from and delivered and reasons.group(reason) == "remorse":
        delivered = line.counts_from
        law_from = law_from and calendar.local(delivered).date()
    listed = on.known.listed.get(line.pk, ())
    score = on.risk.score_of(
        [reason], value=line.value * quantity if value is None else value, origin=origin, gift=gift, lists=listed
    )
    return Case(
        reason=reason,
        wanted=wanted,
        kind=kind,
        today=calendar.local(on.at).date(),
        ordered_on=calendar.local(order.ordered_at).date(),
        shipped_on=calendar.local(shipped).date() if shipped else None,
        delivered_on=calendar.local(delivered).date() if delivered else None,
        law_from=law_from,
        sent=delivered is not None or shipped is not None,
        category=line.category,
        device_class=line.device_class,
        sku=line.sku,
        product=_product_code(line),
        tags=sorted({*order.tags, *line.tags}),
        channel=order.channel,
        price=line.value,
        priced=order.source != OrderSource.TOLD,
        quantity=quantity,
        value=value,
        country=order.contact.country or order.seller.country,
        warranty=line.pk in on.known.warranted,
        repeat_repair=bool(line.serials) and line.pk in on.known.repaired,
        origin=origin,
        gift=gift,
        risk=None if score is None else score.points,
        risk_band=None if score is None else score.band,
        history=on.history,
        lists=listed,
        answers=answers or {},
    )


def _product_code(line: OrderLine) -> str:
    """How the catalog names what was sold: maker and model."""
    return f"{line.product.manufacturer} {line.product.name}" if line.product is not None else ""


def answer_for(
    line: OrderLine,
    *,
    on: Footing,
    reason: str,
    wanted: str = "",
    answers: Mapping[str, str] | None = None,
    quantity: int = 1,
    value: Decimal | None = None,
    origin: str = Origin.PORTAL.value,
    kind: str = Kind.RETURN.value,
    gift: bool = False,
) -> Answer:
    """What the rules in force say to one line; without ``wanted``, what may be had for it."""
    case = case_for(
        line,
        on=on,
        reason=reason,
        wanted=wanted,
        answers=answers,
        quantity=quantity,
        value=value,
        origin=origin,
        kind=kind,
        gift=gift,
    )
    answer = policy.decide(on.ruling, case, currency=line.currency, law=on.law)
    if wanted not in foreseen.NEVER_OURS and foreseen.matters(on.ruling, answer.decision.inputs, _by_rules(answer)):
        case = foreseeing.foresee(line, case, hub=on.hub, known=on.foretold, at=on.at)
        if case.foretold is not None:
            answer = policy.decide(on.ruling, case, currency=line.currency, law=on.law)
    answer = _coming(answer, line)
    answer = _without_it(_with_address(answer, line), reason, wanted)
    if reason in reasons.MAY_BURN and answer.allowed:
        # Whatever the rules say, nobody packs what may burn before a person has said how.
        answer = replace(answer, steps=max(answer.steps, 1))
    if line.order.source == OrderSource.TOLD:
        # Nothing of it is proved: whatever the rules say, a person looks at it.
        answer = replace(answer, steps=max(answer.steps, 1))
    return _to_recipient(answer, wanted) if gift else answer


def _by_rules(answer: Answer) -> str:
    """The rule that decided before the law did, if it did."""
    return answer.decision.rules[0] if answer.decision.rules else ""


def _coming(answer: Answer, line: OrderLine) -> Answer:
    """What may burn or is recalled comes back, whatever the rules say of keeping it or giving it away."""
    if answer.goods not in foreseen.STAY:
        return answer
    if answer.case.reason in reasons.MAY_BURN or travel.is_recalled(line.pk):
        return replace(answer, goods=Goods.BACK.value, steps=max(answer.steps, 1))
    return answer


def _with_address(answer: Answer, line: OrderLine) -> Answer:
    """Whoever is refused because of a list reads so, and whom to write to if that is wrong."""
    if answer.allowed or not answer.is_by_list:
        return answer
    email = line.order.seller.email
    told = (
        _("If you think that is wrong, write to %s. A person looks at it.") % email
        if email
        else _("If you think that is wrong, write to us. A person looks at it.")
    )
    return replace(answer, said=f"{answer.why} {told}")


def _without_it(answer: Answer, reason: str, wanted: str) -> Answer:
    """Of what never arrived nothing comes back, whatever the rules say; and what doesn't come can't be repaired or sent for in advance."""
    goods = Goods.NONE.value if reason in reasons.NOT_HERE else answer.goods
    if goods == Goods.BACK:
        return answer
    outcomes = tuple(one for one in answer.outcomes if one not in {Outcome.REPAIR, Outcome.ADVANCE})
    answer = replace(answer, goods=goods, outcomes=outcomes)
    if answer.allowed and wanted in {Outcome.REPAIR, Outcome.ADVANCE}:
        return replace(
            answer, allowed=False, said=_("Nothing comes back for this, so it can't be repaired or exchanged.")
        )
    return answer


def _to_recipient(answer: Answer, wanted: str) -> Answer:
    """Who got it as a gift has paid nothing: whatever the rules say, they get store credit or another thing, never the buyer's money."""
    outcomes = tuple(one for one in answer.outcomes if one in FOR_RECIPIENTS)
    if not answer.outcomes or (answer.allowed and (wanted in outcomes or (not wanted and outcomes))):
        return replace(answer, outcomes=outcomes)
    return replace(
        answer,
        allowed=False,
        outcomes=outcomes,
        said=_("A gift comes back for store credit or another thing. Money goes back only to who bought it."),
    )


def questions_for(
    line: OrderLine,
    *,
    on: Footing,
    reason: str,
    wanted: str = "",
    answers: Mapping[str, str] | None = None,
    answer: Answer | None = None,
) -> list[Question]:
    """What is asked of a line that comes back for this reason: by the questions' own rows, and by what the return rules ask besides.

    An answer may lead to another rule that asks something more; asked again with the answers so far, that is among them.
    """
    decided = answer or answer_for(line, on=on, reason=reason, wanted=wanted, answers=answers)
    return questions.asked(on.questions, reason=reason, device_class=line.device_class, named=decided.questions)


def is_withdrawal(line: RmaLine) -> bool:
    """Whether a line is a withdrawal by the law that was in force for its order: then only what is beyond trying it out costs anything."""
    return withdrawal_of(line) is not None


def withdrawal_of(line: RmaLine) -> Statute | None:
    """The right by which a line is a withdrawal; None where it isn't one."""
    rma, sold = line.rma, line.order_line
    calendar, delivered = rma.hub.calendar, sold.delivered
    bought = calendar.local(sold.order.ordered_at).date()
    country = sold.order.contact.country or sold.order.seller.country
    statute = statutes.read(terms.in_force(statutes.KIND, at=rma.opened_at)).of("withdrawal", country, bought)
    if statute is None or sold.order.channel in rules_for(sold.order, at=rma.opened_at).parameters.get(
        "business_channels", ()
    ):
        return None
    case = Case(
        reason=line.reason,
        wanted=line.wanted,
        kind=rma.kind,
        today=calendar.local(rma.opened_at).date(),
        ordered_on=bought,
        delivered_on=calendar.local(delivered).date() if delivered else None,
        sent=True,
        category=sold.category,
    )
    return statute if policy.may_withdraw(case, statute) else None
