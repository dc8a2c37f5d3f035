"""Opening an RMA: what may come back of an order, on which terms, and the wish written down."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from returns import facts, policy, reasons
from returns.fraud.scoring import Score
from returns.models import Goods, Kind, Origin, Outcome, Rma, RmaLine, RmaStatus
from returns.models.rma import DEAD, NEW_ONE
from returns.policy import Answer, questions, ways
from returns.queries import whole
from returns.services import answering, approval, asking, foreseeing, overriding
from returns.services.answering import Footing, UnableToOpen
from returns.services.asking import Recipient, Wish
from returns.services.choosing import Choice
from returns.services.fraud import assessing
from returns.services.ways import spending
from returns.services.ways.choosing import Choice as Travel
from revlog.accounts import actors
from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Hub, Organization
from revlog.common import ids
from revlog.common.errors import NotAllowed, Reason
from revlog.common.rows import Joined, put
from revlog.custody.services import ledger
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts
from revlog.terms.models import Contact, Order, OrderLine

__all__ = ["Recipient", "UnableToOpen", "Wish"]

RULES = actors.system("returns.policy")
SENT_BY_ITSELF = frozenset({Origin.PORTAL.value, Origin.API.value})
"""Nobody of ours looks at these before a label is made."""


@dataclass(frozen=True)
class Returnable:
    """An order line as the first page of the portal shows it: how many are left, until when, and why not where nothing is."""

    line: OrderLine
    left: int
    blocked: str
    until: date | None
    only_when_faulty: bool = False


@dataclass(frozen=True)
class Quote:
    """What would become of the wishes: an answer for each, and the money in all."""

    lines: Sequence[tuple[OrderLine, Wish, Answer]]
    currency: str
    on: Footing
    instead: Mapping[uuid.UUID, Choice] = field(default_factory=dict)
    """What is sent instead, by the line that comes back: where it isn't the same again."""
    near: foreseeing.Near | None = None
    """The nearest of the sites that take it, where the rules ask for that one."""
    labels: int = 0
    """How many labels carriers were asked for these orders today, where no more may be without a person."""

    @property
    def amount(self) -> Decimal:
        """What is paid back when everything comes as sold; exchange and repair bring no money."""
        return sum(
            (
                (line.value - answer.taken_off) * wish.quantity
                for line, wish, answer in self.lines
                if wish.wanted == Outcome.REFUND
            ),
            Decimal(0),
        )

    @property
    def steps(self) -> int:
        """How many people have to approve it: as many as its strictest line asks for."""
        steps = max((answer.steps for _line, _wish, answer in self.lines), default=0)
        return max(steps, 1) if self.labels and self.comes_back else steps

    @property
    def comes_back(self) -> bool:
        return any(answer.goods == Goods.BACK for _line, _wish, answer in self.lines)

    @property
    def needs_person(self) -> bool:
        return self.steps > 0

    @property
    def hub(self) -> Hub:
        """Where it is to be sent: the site that the rules name for the first line for which they name one that works."""
        if self.near is not None:
            return self.near.hub
        for code in dict.fromkeys(answer.hub for _line, _wish, answer in self.lines if answer.hub):
            if (found := next((hub for hub in self.on.known.hubs if hub.code == code), None)) is not None:
                return found
        return self.on.hub

    @property
    def refund_on(self) -> str:
        """The latest of the moments that the rules name for its lines."""
        return policy.latest(answer.refund_on for _line, _wish, answer in self.lines)


def score_of(told: Quote, *, origin: str, gift: bool) -> Score | None:
    """What the risk rules make of all wishes together; None where there is nobody to score."""
    value = sum((line.value * wish.quantity for line, wish, _answer in told.lines), Decimal(0))
    listed = {name for line, _wish, _answer in told.lines for name in told.on.known.listed.get(line.pk, ())}
    reasons_told = [wish.reason for _line, wish, _answer in told.lines]
    return told.on.risk.score_of(reasons_told, value=value, origin=origin, gift=gift, lists=listed)


def taken(*orders: Order) -> dict[uuid.UUID, int]:
    """How many of each line are in returns that weren't refused, called off or given up; what never came may be announced again."""
    return taken_of(Q(order_line__order__in=orders))


def taken_of(lines: Q) -> dict[uuid.UUID, int]:
    """The same for the order lines that ``lines`` picks by their RMA lines."""
    rows = (
        RmaLine.objects.filter(lines)
        .exclude(rma__status__in=[status.value for status in DEAD])
        .order_by()
        .values("order_line")
        .annotate(total=Sum("quantity"), lost=Sum("quantity", filter=Q(settled_as="not_received"), default=0))
    )
    return {row["order_line"]: row["total"] - row["lost"] for row in rows}


def returnable(order: Order, *, at: datetime, on: Footing | None = None, for_staff: bool = False) -> list[Returnable]:
    """Each line of an order: may it come back, until when, and if not, why; as the customer reads it, or our own people."""
    on = on or answering.footing(order, at=at)
    gone = on.known.taken
    found = []
    for line in [one for one in on.known.lines.values() if one.order_id == order.pk]:
        left = line.quantity - gone.get(line.pk, 0)
        plain = answering.answer_for(line, on=on, reason="CHANGED_MIND")
        faulty = answering.answer_for(line, on=on, reason="NOT_AS_DESCRIBED")
        blocked = ""
        if order.is_trade_in:
            blocked = _("This was offered to us, not bought. It can't be returned.")
        elif left < 1:
            blocked = _("It was announced already.") if for_staff else _("You announced this already.")
        elif not plain.allowed and not faulty.allowed:
            blocked = plain.why
        found.append(Returnable(line, left, blocked, plain.until, only_when_faulty=not plain.allowed and not blocked))
    return found


def quote(
    order: Order,
    wishes: Sequence[Wish],
    *,
    others: Sequence[Order] = (),
    origin: str = Origin.PORTAL.value,
    gift: bool = False,
    at: datetime,
) -> Quote:
    """What would become of these wishes, for lines of ``order`` and of ``others`` that come back with it.

    Raises UnableToOpen with every reason, each naming its line.
    """
    orders = [order, *others]
    on = answering.footing(*orders, at=at)
    gone, lines = on.known.taken, on.known.lines
    value: dict[Kind, Decimal] = dict.fromkeys(Kind, Decimal(0))
    for wish in wishes:
        if wish.line in lines:
            value[kind_of(wish)] += lines[wish.line].value * wish.quantity
    wrong = reasons_against_together(order, others)
    told: list[tuple[OrderLine, Wish, Answer]] = []
    instead: dict[uuid.UUID, Choice] = {}
    if not wishes:
        wrong.append(Reason("nothing", _("Choose at least one thing."), "lines"))
    if len({wish.line for wish in wishes}) != len(wishes):
        wrong.append(Reason("twice", _("A line is named twice."), "lines"))
    for place, wish in enumerate(wishes):
        line = lines.get(wish.line)
        found = asking.wrong_with(wish, line, gone)
        if line is not None and not found:
            answer = answering.answer_for(
                line,
                on=on,
                reason=wish.reason,
                wanted=wish.wanted,
                answers=wish.answers,
                quantity=wish.quantity,
                value=value[kind_of(wish)],
                origin=origin,
                kind=kind_of(wish).value,
                gift=gift,
            )
            answer = overriding.applied(
                answer, line, override=wish.override, wanted=wish.wanted, quantity=wish.quantity, at=at
            )
            wanted, other = asking.instead_of(line, wish, at=at)
            asked = answering.questions_for(line, on=on, reason=wish.reason, answer=answer)
            kept = replace(wanted, answers=questions.given(asked, wish.answers))
            found = asking.wrong_answers(line, kept, answer, asked, origin)
            if other is not None:
                instead[line.pk] = other
            if (kept.new_variant is not None and other is None) or (gift and other and other.more_than(line) > 0):
                found.append(Reason("new_variant", _("This can't be had instead (any more)."), "new_variant"))
            if answer.allowed and not found:
                told.append((line, kept, asking.looked_at(answer, kept, origin)))
        wrong += [Reason(one.code, one.sentence, f"lines[{place}].{one.field}") for one in found]
    if wrong:
        raise UnableToOpen(wrong)
    labels = spending.used_up(on, orders) if origin in SENT_BY_ITSELF else 0
    return Quote(
        told, order.currency, on, instead, foreseeing.nearest(told, ruling=on.ruling, hubs=on.known.hubs, at=at), labels
    )


def reasons_against_together(order: Order, others: Sequence[Order]) -> list[Reason]:
    """Why these orders can't come back in one case: it is one person's, goes to one seller, and is paid in one currency."""
    found = []
    if any(one.is_trade_in for one in (order, *others)):
        found.append(Reason("trade_in", _("This was offered to us, not bought. It can't be returned."), "lines"))
    if any(one.seller_id != order.seller_id for one in others):
        found.append(Reason("seller", _("What comes back together was bought from one seller."), "lines"))
    if any(one.currency != order.currency for one in others):
        found.append(Reason("currency", _("What comes back together was paid in one currency."), "lines"))
    if any(one.contact_id != order.contact_id and not _same_person(one, order) for one in others):
        found.append(Reason("person", _("What comes back together was bought by one person."), "lines"))
    return found


def _same_person(one: Order, other: Order) -> bool:
    return bool(one.contact.email) and one.contact.email == other.contact.email


def reasons_against_opening(order: Order, *, gift: bool = False, by: Actor) -> list[Reason]:
    """Why this person may not announce a return of this order; who got it as a gift may do so as a gift alone."""
    if gift and f"gift:{order.pk}" in by.scope:
        return []
    if by.kind == ActorKind.SYSTEM or f"order:{order.pk}" in by.scope:
        return []
    if by.may("returns.open") and (by.is_operator or order.seller_id in by.stands_for):
        return []
    if by.may("returns.receive") and by.is_operator:
        return []
    return [Reason("not_allowed", _("Opening a return needs the right to open one for this seller."))]


def reasons_against_recipient(recipient: Recipient, told: Quote) -> list[Reason]:
    """What we still must know of who gives a gift back; the buyer's address isn't theirs to use."""
    sent = any(wish.wanted in NEW_ONE for _line, wish, _answer in told.lines)
    if sent and not any(line.strip() for line in recipient.address):
        return [Reason("address", _("Say where the other one is to be sent."), "address")]
    return []


_LOCKED = Joined(
    Order,
    {"seller": Organization, "contact": Contact},
    "t.id = ANY(%(orders)s)",
    takes={"orders": "uuid[]"},
    order="t.id",
    lock=True,
)


def lock_orders(*orders: Order) -> list[Order]:
    """The same, fresh and locked, in the order they were given: two who announce the same thing meet here."""
    found = {row.pk: row for row in _LOCKED.all(orders=[order.pk for order in orders])}
    return [found[order.pk] for order in orders]


def open_rma(
    *,
    order: Order,
    wishes: Sequence[Wish],
    others: Sequence[Order] = (),
    origin: Origin = Origin.PORTAL,
    recipient: Recipient | None = None,
    by: Actor,
    at: datetime,
) -> Rma:
    """`open_rmas` where all wishes are of one kind; of a return and a claim, the return."""
    return open_rmas(order=order, wishes=wishes, others=others, origin=origin, recipient=recipient, by=by, at=at)[0]


def kind_of(wish: Wish) -> Kind:
    return kind_for(wish.reason)


def kind_for(reason: str) -> Kind:
    """A claim when the delivery was at fault, else a return."""
    return Kind.CLAIM if reason in reasons.CLAIMS else Kind.RETURN


def open_rmas(
    *,
    order: Order,
    wishes: Sequence[Wish],
    others: Sequence[Order] = (),
    origin: Origin = Origin.PORTAL,
    recipient: Recipient | None = None,
    choice: Travel | None = None,
    by: Actor,
    at: datetime,
) -> list[Rma]:
    """Write the wishes down, what is claimed apart from what is given back; what the rules allow is approved in the same act.

    Both are opened or neither. Raises UnableToOpen, NotAllowed. Wishes may name lines of ``others`` too; ``order`` is the one that the
    RMA names first. Two who announce the same thing at once meet at the orders: the second is told that it was announced already. With a
    ``recipient`` it is a gift that comes back, and theirs. ``choice`` is how it is to travel.
    """
    gift = recipient is not None
    if found := [reason for one in (order, *others) for reason in reasons_against_opening(one, gift=gift, by=by)]:
        raise NotAllowed(found)
    overriding.demand((wish.override for wish in wishes), orders=(order, *others), by=by)
    with transaction.atomic():
        locked, *rest = lock_orders(order, *others)
        told = quote(locked, wishes, others=rest, origin=origin.value, gift=gift, at=at)
        if recipient is not None and (wrong := reasons_against_recipient(recipient, told)):
            raise UnableToOpen(wrong)
        rmas = []
        for kind in Kind:
            lines = [one for one in told.lines if kind_of(one[1]) == kind]
            if not lines:
                continue
            part = replace(told, lines=lines)
            way = choice.name if choice is not None and choice.name in ways.METHODS else ""
            rma = _write(locked, part, origin=origin, kind=kind, recipient=recipient, way=way, by=by, at=at)
            assessing.announced(rma, score_of(part, origin=origin.value, gift=gift), at=at)
            if not part.needs_person:
                first = lines[0][2].decision
                approval.put_through(rma, rule=first.rule, version=first.version, choice=choice, by=RULES, at=at)
            rmas.append(whole.forget(rma))
    return rmas


def _contact(order: Order, recipient: Recipient | None, at: datetime) -> Contact:
    """Whose return it is: the buyer, or who got it as a gift, as a person of their own."""
    if recipient is None:
        return order.contact
    return Contact.objects.create(
        id=ids.new(at),
        email=recipient.email.strip().lower(),
        name=" ".join(recipient.name.split())[:200],
        address=[line.strip()[:200] for line in recipient.address if line.strip()][:8],
        country=order.contact.country,
        language=recipient.language,
        created_at=at,
    )


def _write(
    order: Order,
    told: Quote,
    *,
    origin: Origin,
    kind: Kind,
    recipient: Recipient | None,
    way: str = "",
    by: Actor,
    at: datetime,
) -> Rma:
    rma = Rma(
        id=ids.new(at),
        number=ids.code("RMA"),
        order=order,
        seller=order.seller,
        contact=_contact(order, recipient, at),
        hub=told.hub,
        kind=kind.value,
        origin=origin.value,
        gift=recipient is not None,
        status=RmaStatus.REQUESTED.value,
        opened_by=by.reference,
        opened_at=at,
        currency=order.currency,
        refund_on=told.refund_on,
        steps=told.steps,
        way=way,
    )
    lines = [
        RmaLine(
            id=ids.new(at),
            rma=rma,
            order_line=line,
            position=place,
            quantity=wish.quantity,
            price=line.value,
            goods=answer.goods,
            fee=answer.taken_off,
            bonus=answer.bonus,
            currency=line.currency,
            reason=wish.reason,
            note=" ".join(wish.note.split())[:1000],
            answers=dict(wish.answers),
            wanted=wish.wanted,
            new_variant_id=wish.new_variant,
            new_price=told.instead[line.pk].price if line.pk in told.instead else None,
            decision=answer.kept()
            | ({"labels": told.labels} if told.labels else {})
            | ({"site": told.near.kept()} if told.near is not None and answer.goods == Goods.BACK else {}),
        )
        for place, (line, wish, answer) in enumerate(told.lines, 1)
    ]
    foreseeing.keep((answer for _line, _wish, answer in told.lines), at=at)
    ledger.begin(
        "rma",
        rma.id,
        facts.RmaOpened(
            number=rma.number,
            order=str(order.pk),
            origin=origin.value,
            lines=len(lines),
            quantity=sum(line.quantity for line in lines),
            reasons=[line.reason for line in lines],
            wanted=[line.wanted for line in lines],
            waits=told.needs_person,
        ),
        by=by,
        at=at,
        owner=order.seller_id,
        hub=rma.hub_id,
    )
    put(rma, *lines)
    whole.know_lines(rma, lines)
    overriding.tell(rma, lines, by=by, at=at)
    wanted = [digest for _line, wish, _answer in told.lines for digest in wish.photos][:20]
    for artifact in Artifact.objects.filter(Q(digest__in=wanted)):
        artifacts.attach(artifact, chain=rma.id, use="photo_customer", audience="customer", by=by, at=at)
    return rma
