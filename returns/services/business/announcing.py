"""Announcing a return of a business: hundreds of lines in one case, all or none, every mistake named by its line."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts, kits
from returns.facts import business as business_facts
from returns.models import BusinessCase, BusinessLine, ListedKind, Origin, Outcome, Rma, RmaLine, RmaStatus
from returns.models.rma import DEAD
from returns.policy import business as business_rules
from returns.policy.business import Permit, Wanted
from returns.policy.trying import plain
from returns.queries import lists
from returns.services import approval
from returns.services.business import lines as tables
from returns.services.business.finding import Finder, Papers, Piece, days_since
from returns.services.business.lines import MOST_LINES, Told, wrong
from returns.services.opening import UnableToOpen, lock_orders
from revlog.accounts import actors
from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Hub, Organization, OrganizationKind
from revlog.common import ids
from revlog.common.errors import NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.services import ledger
from revlog.terms import queries as terms
from revlog.terms.models import Order

RULES = actors.system("returns.policy")
MOST_SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """What a business says: by which papers, in how many boxes, and the lines."""

    customer: Organization
    seller: Organization
    papers: Papers = field(default_factory=Papers)
    reference: str = ""
    boxes: int | None = None
    lines: Sequence[Told] = ()

    def content(self) -> str:
        told = [
            [
                one.sku, one.quantity, one.lot, str(one.expires_on or ""), one.serial, one.reason, str(one.price or ""), one.component,
                one.order,
            ]
            for one in self.lines
        ]  # fmt: skip
        papers = [self.papers.po, self.papers.invoice, self.papers.delivery, self.papers.order, self.boxes]
        return hashlib.sha256(json.dumps([papers, told]).encode()).hexdigest()


@dataclass(frozen=True)
class Proposed:
    """What would become of it: each line with what it came out of and what the rules say, and how many people approve it."""

    pieces: Sequence[tuple[Piece, Permit]]
    orders: Sequence[Order]
    hub: Hub
    currency: str
    steps: int

    @property
    def amount(self) -> Decimal:
        return sum((worth_of(piece, permit) for piece, permit in self.pieces), Decimal(0))

    @property
    def quantity(self) -> int:
        return sum(piece.quantity for piece, _permit in self.pieces)


def worth_of(piece: Piece, permit: Permit) -> Decimal:
    """What a piece of the return brings when it comes as announced."""
    if piece.component:
        return kits.worth(
            piece.line.price, piece.line.components, piece.component, before=piece.before, pieces=piece.quantity
        )
    return (piece.line.price - permit.fee) * piece.quantity


def reasons_against_announcing(customer: Organization, seller: Organization, *, by: Actor) -> list[Reason]:
    """Why this person may not announce returns of this customer to this seller."""
    if by.kind == ActorKind.SYSTEM:
        return []
    if by.may("returns.open") and (by.is_operator or seller.pk in by.stands_for):
        return []
    if by.organization_id == customer.pk and (by.may("returns.open") or by.may("client.request")):
        return []
    return [Reason("not_allowed", _("Announcing a return needs the right to do so for this customer."))]


def may_accept_lots(by: Actor) -> bool:
    """Whether they may accept a lot that was never sent: a person of ours who approves returns, nobody of the customer."""
    return by.is_operator and by.may("returns.approve")


def propose(told: Announcement, *, by: Actor, at: datetime) -> Proposed:
    """What would become of it; nothing is written. Raises UnableToOpen with every reason, each with its line."""
    if found := reasons_against_announcing(told.customer, told.seller, by=by):
        raise NotAllowed(found)
    return _proposed(told, by=by, at=at)


def _proposed(told: Announcement, *, by: Actor, at: datetime) -> Proposed:
    mistakes = _wrong_with(told)
    finder = Finder(told.customer, told.seller, told.papers, may_accept=may_accept_lots(by))
    if told.papers.any and not finder.orders:
        mistakes.append(
            Reason("no_papers", _("This customer has no delivery under %s.") % told.papers.shown(), "papers")
        )
    elif not mistakes:
        for one in told.lines:
            mistakes += tables.problems(one) or finder.add(one)
    pieces = list(finder.pieces.values())
    if len({piece.line.currency for piece in pieces}) > 1:
        mistakes.append(Reason("currency", _("What comes back together was paid in one currency."), "lines"))
    if len(pieces) > MOST_LINES:
        mistakes.append(Reason("too_many", _("A return has at most %s lines; split it.") % f"{MOST_LINES:,}", "lines"))
    if mistakes:
        raise UnableToOpen(mistakes[:MOST_SHOWN])
    ruling = terms.in_force(business_rules.OPENING, at=at, organization=told.seller.pk)
    value = sum((piece.line.price * piece.quantity for piece in pieces if not piece.component), Decimal(0))
    value += sum(
        (
            kits.worth(
                piece.line.price, piece.line.components, piece.component, before=piece.before, pieces=piece.quantity
            )
            for piece in pieces
            if piece.component
        ),
        Decimal(0),
    )
    judged: list[tuple[Piece, Permit]] = []
    listed = _listed(told.seller, pieces, at=at)
    for piece in pieces:
        permit = business_rules.permit(
            ruling,
            Wanted(
                customer=told.customer.code,
                reason=piece.told.reason,
                price=piece.line.price,
                quantity=piece.quantity,
                category=piece.line.category,
                device_class=piece.line.device_class,
                days=days_since(piece.line, at=at),
                lot_sent=piece.lot_sent,
                expired=piece.expires_on is not None and piece.expires_on < at.date(),
                case_value=value,
                case_lines=len(pieces),
                referenced=told.papers.any,
                lists=listed[id(piece)],
            ),
            currency=piece.line.currency,
        )
        if not permit.allowed:
            mistakes.append(
                wrong(piece.rows[0], f"{piece.line.description}: {permit.why}", "reason", "not_allowed_by_rules")
            )
        judged.append((piece, permit))
    if mistakes:
        raise UnableToOpen(mistakes[:MOST_SHOWN])
    used = {piece.line.order_id for piece in pieces}
    return Proposed(
        pieces=judged,
        orders=[order for order in finder.orders if order.pk in used],
        hub=_hub(ruling.parameters.get("hub")),
        currency=pieces[0].line.currency,
        steps=max(permit.steps for _piece, permit in judged),
    )


def _listed(seller: Organization, pieces: Sequence[Piece], *, at: datetime) -> dict[int, list[str]]:
    """The seller's lists on which each piece is, by its order, product or serial numbers; one query for all of them."""
    subjects = {
        id(piece): [
            (ListedKind.ORDER.value, piece.line.order.number.upper()),
            (ListedKind.PRODUCT.value, piece.line.sku.upper()),
            *((ListedKind.SERIAL.value, lists.subject_of(seller.pk, "serial", one)) for one in piece.serials),
        ]
        for piece in pieces
    }
    every = {one for rows in subjects.values() for one in rows}
    found = lists.on_lists(
        seller.pk,
        day=at.date(),
        orders=[text for kind, text in every if kind == ListedKind.ORDER],
        products=[text for kind, text in every if kind == ListedKind.PRODUCT],
        serials=[text for kind, text in every if kind == ListedKind.SERIAL],
    )
    return {key: sorted({name for one in rows for name in found.get(one, ())}) for key, rows in subjects.items()}


def _wrong_with(told: Announcement) -> list[Reason]:
    found = []
    if not told.lines:
        found.append(Reason("nothing", _("There are no lines in it."), "lines"))
    if len(told.lines) > MOST_LINES:
        found.append(Reason("too_many", _("A return has at most %s lines; split it.") % f"{MOST_LINES:,}", "lines"))
    if told.customer.pk == told.seller.pk or told.customer.kind == OrganizationKind.OPERATOR:
        found.append(Reason("customer", _("Name the business that gives something back."), "customer"))
    for name, text in (
        ("reference", told.reference),
        ("po", told.papers.po),
        ("invoice", told.papers.invoice),
        ("delivery", told.papers.delivery),
        ("order", told.papers.order),
    ):
        if len(text) > 60 or not text.isprintable():
            found.append(Reason(name, _("A number of a paper has at most 60 characters."), name))
    if told.boxes is not None and not 1 <= told.boxes <= 10_000:
        found.append(Reason("boxes", _("Say in how many boxes it comes: 1 to 10,000."), "boxes"))
    return found


def _hub(code: object) -> Hub:
    hubs = Hub.objects.filter(active=True, organization__kind=OrganizationKind.OPERATOR)
    named = hubs.filter(code=str(code)).first() if code else None
    found = named or hubs.order_by("-secured", "code").first()
    if found is None:
        raise UnableToOpen(Reason("no_hub", _("There is no site that takes returns yet.")))
    return found


def announce(told: Announcement, *, origin: Origin = Origin.STAFF, by: Actor, at: datetime) -> Rma:
    """Write the return down, all of it or nothing; approve it in the same act when the rules ask nobody.

    The same under the customer's own number gives the one that stands. Raises UnableToOpen with every reason, NotAllowed.
    """
    if found := reasons_against_announcing(told.customer, told.seller, by=by):
        raise NotAllowed(found)
    with transaction.atomic():
        # One announcement of a customer after the other: what two of them take must not be taken twice.
        Organization.objects.select_for_update(no_key=True).get(pk=told.customer.pk)
        known = _known(told)
        if known is not None:
            return known
        proposed = _proposed(told, by=by, at=at)
        lock_orders(*proposed.orders)
        # What was found is looked up again now that nobody else can take of it.
        proposed = _proposed(told, by=by, at=at)
        rma = _write(told, proposed, origin=origin, by=by, at=at)
        if proposed.steps == 0:
            first = proposed.pieces[0][1].decision
            approval.put_through(rma, rule=first.rule, version=first.version, by=RULES, at=at)
    return rma


def _known(told: Announcement) -> Rma | None:
    if not told.reference:
        return None
    case = BusinessCase.objects.filter(customer=told.customer, reference=told.reference).select_related("rma").first()
    if case is None:
        return None
    if case.rma.status in {status.value for status in DEAD}:
        raise UnableToOpen(
            Reason(
                "ended",
                _("%(reference)s is return %(number)s, which is %(status)s. Announce it under another number.")
                % {
                    "reference": told.reference,
                    "number": case.rma.number,
                    "status": word(f"rma.{case.rma.status}"),
                },
                "reference",
            )
        )
    if case.content != told.content():
        raise UnableToOpen(
            Reason(
                "other_content",
                _("%(reference)s is return %(number)s already and says something else.")
                % {"reference": told.reference, "number": case.rma.number},
                "reference",
            )
        )
    return case.rma


def _write(told: Announcement, proposed: Proposed, *, origin: Origin, by: Actor, at: datetime) -> Rma:
    order = proposed.orders[0]
    rma = Rma(
        id=ids.new(at),
        number=ids.code("RMA"),
        order=order,
        seller=told.seller,
        contact=order.contact,
        hub=proposed.hub,
        origin=origin.value,
        status=RmaStatus.REQUESTED.value,
        opened_by=by.reference,
        opened_at=at,
        currency=proposed.currency,
        steps=proposed.steps,
    )
    rows, own = [], []
    for position, (piece, permit) in enumerate(proposed.pieces, 1):
        amount = worth_of(piece, permit)
        row = RmaLine(
            id=ids.new(at),
            rma=rma,
            order_line=piece.line,
            position=position,
            quantity=piece.quantity,
            price=piece.line.price if not piece.component else (amount / piece.quantity).quantize(Decimal("0.01")),
            fee=permit.fee if not piece.component else Decimal(0),
            currency=piece.line.currency,
            reason=piece.told.reason,
            wanted=Outcome.ACCOUNT.value,
            decision=permit.decision.kept() | {"until": None},
        )
        rows.append(row)
        own.append(
            BusinessLine(
                line=row,
                lot=piece.lot,
                expires_on=piece.expires_on,
                serials=piece.serials,
                claimed=piece.told.price,
                components=[{"sku": piece.component, "quantity": piece.quantity, "before": piece.before}]
                if piece.component
                else [],
                lot_sent=piece.lot_sent,
                why_accepted=piece.told.wrong_lot if not piece.lot_sent else "",
                accepted_by=by.reference if not piece.lot_sent else "",
                inputs=plain(permit.decision.inputs),
            )
        )
    ledger.begin(
        "rma",
        rma.id,
        facts.RmaOpened(
            number=rma.number,
            order=str(order.pk),
            origin=origin.value,
            lines=len(rows),
            quantity=proposed.quantity,
            reasons=sorted({row.reason for row in rows}),
            wanted=[Outcome.ACCOUNT.value],
            waits=proposed.steps > 0,
        ),
        by=by,
        at=at,
        owner=told.seller.pk,
        hub=rma.hub_id,
    )
    rma.save(force_insert=True)
    RmaLine.objects.bulk_create(rows, batch_size=500)
    BusinessCase.objects.create(
        rma=rma,
        customer=told.customer,
        reference=told.reference,
        po_number=told.papers.po,
        invoice_number=told.papers.invoice,
        delivery_number=told.papers.delivery,
        boxes_announced=told.boxes,
        content=told.content(),
    )
    BusinessLine.objects.bulk_create(own, batch_size=500)
    approval.say(
        rma,
        business_facts.BusinessAnnounced(
            customer=told.customer.code,
            lines=len(rows),
            quantity=proposed.quantity,
            reference=told.reference or None,
            po=told.papers.po or None,
            invoice=told.papers.invoice or None,
            delivery=told.papers.delivery or None,
            wrong_lots=sum(not one.lot_sent for one in own),
            steps=proposed.steps,
        ),
        by=by,
        at=at,
    )
    return rma


def customers(seller: Organization) -> list[Organization]:
    """The businesses that bought from a seller."""
    bought = Order.objects.filter(seller=seller).exclude(customer=None).values("customer")
    return list(Organization.objects.filter(pk__in=bought, active=True).order_by("name"))


def sellers(customer: uuid.UUID | None) -> list[Organization]:
    """Those that a business bought from."""
    return list(Organization.objects.filter(orders__customer=customer, active=True).distinct().order_by("name"))


__all__ = ["Announcement", "Papers", "Proposed", "announce", "customers", "propose", "sellers", "worth_of"]
