"""What a line would bring before it ships, asked of whoever reckons that; and the site to which bringing it costs us least."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from returns import reasons
from returns.models import Goods, Rma, RmaLine
from returns.policy import Answer, foreseen
from returns.policy.cases import Case
from revlog.accounts.models import Hub
from revlog.terms import foretelling
from revlog.terms import queries as terms
from revlog.terms.foretelling import Declared, Foretold, Spot
from revlog.terms.models import OrderLine, OrderSource
from revlog.terms.ruling import Ruling

NEAREST = "nearest"
"""Where rules name a site by this, it is the one to which the freight costs us least."""
Known = MutableMapping[Declared, Foretold | None]


def foresee(line: OrderLine, case: Case, *, hub: Hub, known: Known, at: datetime) -> Case:
    """The case with what it would bring; as it was where nobody knows, and where nothing of it comes or nothing is proved."""
    if case.reason in reasons.NOT_HERE or line.order.source == OrderSource.TOLD or line.product_id is None:
        return case
    asked = declared(line, case, hub=hub)
    if asked not in known:
        known[asked] = foretelling.foretell([asked], at=at)[0]
    told = known[asked]
    return case if told is None else replace(case, foreseen=foreseen.facts(told), foretold=told)


def declared(line: OrderLine, case: Case, *, hub: Hub) -> Declared:
    """What is told of a line, as the question has it."""
    order = line.order
    return Declared(
        device_class=line.device_class,
        product=line.product_id,
        variant=line.variant_id,
        quantity=case.quantity,
        condition=foreseen.condition(case.reason, case.answers),
        faults=foreseen.faults(case.reason),
        holds_data=foreseen.holds_data(line.device_class, case.answers),
        reason=case.reason,
        owner=order.seller_id,
        channel=order.channel,
        currency=line.currency,
        lies=lies(order.contact.country or order.seller.country, order.contact.address),
        goes=goes(hub),
    )


def lies(country: str, address: Sequence[str]) -> Spot:
    """Where it is: the country, and what is most likely the postal code of an address."""
    return Spot(country=country, postcode=_postcode(address))


def goes(hub: Hub) -> Spot:
    return Spot(country=hub.country, postcode=_postcode(hub.address), site=hub.pk)


def _postcode(address: Sequence[str]) -> str:
    def likely(code: str) -> tuple[int, int, str]:
        return (sum(letter.isdigit() for letter in code), -len(code), code)

    return max(terms.postcodes(address), key=likely, default="")


def keep(answers: Iterable[Answer], *, at: datetime) -> None:
    """The figures of what was foretold can be found again, for whoever asks why years later."""
    for told in {one.case.foretold.digest: one.case.foretold for one in answers if one.case.foretold}.values():
        foretelling.keep(told, at=at)


# The nearest site -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Near:
    """The site that was chosen, what bringing it to each costs, and why others were left out."""

    hub: Hub
    amounts: Sequence[tuple[str, Decimal, str]]
    """Code of a site, freight, and by what that is known; the cheapest first."""
    currency: str
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Code of a site -> ``class`` (it doesn't take such things) or ``data`` (it isn't secured)."""

    def kept(self) -> dict[str, Any]:
        rows = [{"site": code, "amount": str(amount), "by": by} for code, amount, by in self.amounts]
        return {"chosen": self.hub.code, "currency": self.currency, "freights": rows, "left_out": dict(self.left_out)}


def nearest(
    told: Sequence[tuple[OrderLine, object, Answer]], *, ruling: Ruling, hubs: Sequence[Hub], at: datetime
) -> Near | None:
    """The site that takes all that comes back and to which it costs us least; None where the rules don't ask for it.

    What may hold data goes to a secured site, where there is one. Of sites that cost the same, the first in the order of ``hubs``.
    """
    back = [(line, answer) for line, _wish, answer in told if answer.goods == Goods.BACK]
    named = next((answer.hub for _line, answer in back if answer.hub), ruling.parameters.get("hub"))
    if named != NEAREST or not back:
        return None
    takes: Mapping[str, Sequence[str]] = ruling.body.get("sites", {})
    classes = {line.device_class for line, _answer in back}
    secured = any(foreseen.holds_data(line.device_class, answer.case.answers) for line, answer in back) and any(
        hub.secured for hub in hubs
    )
    left_out = {hub.code: "class" for hub in hubs if not classes <= set(takes.get(hub.code, classes))}
    left_out |= {hub.code: "data" for hub in hubs if secured and not hub.secured and hub.code not in left_out}
    fits = [hub for hub in hubs if hub.code not in left_out]
    if not fits:
        return None
    line, answer = back[0]
    asked = replace(declared(line, answer.case, hub=fits[0]), quantity=sum(answer.case.quantity for _l, answer in back))
    freights = foretelling.freights(asked, [goes(hub) for hub in fits], at=at)
    if not freights:
        return None
    order = sorted(range(len(fits)), key=lambda place: (freights[place].amount, place))
    rows = [(fits[place].code, freights[place].amount, freights[place].by) for place in order]
    return Near(fits[order[0]], rows, line.currency, left_out)


def of_line(decision: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was foretold of a line when it was decided; empty where nothing was."""
    found = decision.get("foretold") or {}
    return found if isinstance(found, Mapping) else {}


def again(decision: Mapping[str, Any]) -> Foretold | None:
    """The same, reckoned anew from what was kept."""
    kept = of_line(decision)
    return foretelling.again(kept) if kept else None


def now(lines: Sequence[tuple[uuid.UUID, Declared]], *, at: datetime) -> dict[uuid.UUID, Foretold]:
    """What lines would bring as of now, by their id; those of which nobody knows are missing."""
    found = foretelling.foretell([asked for _pk, asked in lines], at=at)
    return {pk: told for (pk, _asked), told in zip(lines, found, strict=True) if told is not None}


def may_be_ours(line: RmaLine) -> bool:
    """Whether it is a thing that could come and be sold: no repair, nothing that never arrived, nothing that was only told of."""
    return (
        line.wanted not in foreseen.NEVER_OURS
        and line.reason not in reasons.NOT_HERE
        and line.order_line.order.source != OrderSource.TOLD
    )


def of_a_line(line: RmaLine, rma: Rma) -> Declared:
    """The question about a line that was announced."""
    sold = line.order_line
    return Declared(
        device_class=sold.device_class,
        product=sold.product_id,
        variant=sold.variant_id,
        quantity=line.quantity,
        condition=foreseen.condition(line.reason, line.answers),
        faults=foreseen.faults(line.reason),
        holds_data=foreseen.holds_data(sold.device_class, line.answers),
        reason=line.reason,
        owner=rma.seller_id,
        channel=sold.order.channel,
        currency=line.currency,
        lies=lies(rma.contact.country or rma.seller.country, rma.contact.address),
        goes=goes(rma.hub),
    )
