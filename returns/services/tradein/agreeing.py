"""A quote is accepted: who sells, how they are paid, what they declare; from here it is a return of the kind *trade*."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts as returns_facts
from returns import iban, sealing
from returns.facts import tradein as facts
from returns.models import (
    Charity,
    Kind,
    Origin,
    Outcome,
    PayoutAccount,
    Rma,
    RmaLine,
    RmaStatus,
    TradeIn,
    TradeInPayout,
    TradeInStatus,
)
from returns.policy import tradein as policy
from returns.policy import tradein_law
from returns.policy.tradein_law import Law
from returns.services import answering, approval
from returns.services.tradein import blocking, quoting
from returns.services.tradein.quoting import UnableToQuote
from revlog.accounts import actors
from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.common.words import word
from revlog.custody.services import ledger
from revlog.evidence.models import Attachment
from revlog.evidence.services import artifacts
from revlog.terms import queries as terms
from revlog.terms.models import Order, OrderSource
from revlog.terms.models.orders import TRADED_IN
from revlog.terms.services import orders
from revlog.terms.services.new_orders import NewLine, NewOrder

BUYING = actors.system("returns.tradein")
CLOCK = actors.system("returns.clock")
ORIGINS = {"portal": Origin.PORTAL, "kiosk": Origin.PORTAL, "staff": Origin.STAFF, "api": Origin.API}
RULE = "tradein"


@dataclass(frozen=True, kw_only=True)
class Seller:
    """Who sells, and how they want to be paid. ``declared`` says that they read the declaration and that it is so."""

    name: str
    email: str
    address: Sequence[str] = field(default_factory=tuple)
    country: str
    language: str = "en"
    payout: str = TradeInPayout.BANK.value
    iban: str = ""
    holder: str = ""
    charity: uuid.UUID | None = None
    """Whom the sum is given to, where ``payout`` is *charity*."""
    business: bool = False
    declared: bool = False


def law_for(country: str, *, hub: Hub | None = None, at: datetime) -> Law:
    """What the law asks for a seller of this country; at a site that is known also what the one of its country asks."""
    site = hub.country if hub is not None else ""
    return tradein_law.at_site(terms.in_force(tradein_law.KIND, at=at), country, site, at.date())


def reasons_against_accepting(row: TradeIn, seller: Seller, *, by: Actor, at: datetime) -> list[Reason]:
    """Everything that is missing or wrong, each beside its field."""
    found = []
    own = by.kind == ActorKind.GUEST and f"tradein:{row.pk}" in by.scope
    if not own and not by.may("returns.open"):
        found.append(Reason("not_allowed", _("Only whoever asked for the quote accepts it.")))
    if row.status not in {TradeInStatus.QUOTED, TradeInStatus.RECYCLE}:
        found.append(Reason("wrong_status", _("This quote is %s.") % word(f"tradein.{row.status}")))
    elif row.valid_until is not None and at >= row.valid_until:
        found.append(Reason("lapsed", _("This quote has run out. Ask for a new one; it takes a minute.")))
    if not seller.name.strip():
        found.append(Reason("name", _("We need the name of who sells it."), "name"))
    try:
        validate_email(seller.email.strip())
    except ValidationError:
        found.append(Reason("email", _("We need an e-mail that we can write to."), "email"))
    if not any(line.strip() for line in seller.address):
        found.append(Reason("address", _("We need your address, for the purchase document."), "address"))
    if len(seller.country) != 2 or not seller.country.isalpha():
        found.append(Reason("country", _("A country is written in two letters, like NL."), "country"))
    paid = row.status != TradeInStatus.RECYCLE
    if paid and seller.payout not in TradeInPayout.values:
        found.append(Reason("payout", _("Choose how you want to be paid."), "payout"))
    if paid and seller.payout == TradeInPayout.BANK and iban.normal(seller.iban) is None:
        found.append(Reason("iban", _("This is no IBAN. Look at it once more; one digit is wrong or missing."), "iban"))
    if paid and seller.payout == TradeInPayout.CHARITY and _charity(seller, at=at) is None:
        found.append(Reason("charity", _("Choose whom you want to give it to."), "payout"))
    if not seller.declared:
        found.append(Reason("declared", _("Confirm that it is yours to sell."), "declared"))
    if blocking.of_text(row.serial) is not None:
        found.append(
            Reason(
                "blocked", _("This number is on a list of lost, stolen or blocked things. We can't buy it."), "serial"
            )
        )
    return found


def _charity(seller: Seller, *, at: datetime) -> Charity | None:
    if seller.payout != TradeInPayout.CHARITY or seller.charity is None:
        return None
    return Charity.objects.on(at.date()).filter(pk=seller.charity).first()


def accept(row: TradeIn, seller: Seller, *, by: Actor, at: datetime) -> Rma:
    """Take the quote: the thing is expected, its label is made, and the sum is promised for what was told of it.

    Said again (a double click, two tabs), the return that stands. Raises BadInput for what is missing, UnableToQuote when it is too late.
    """
    with transaction.atomic():
        found = quoting.lock(row.pk)
        if found.rma_id is not None:
            return Rma.objects.get(pk=found.rma_id)
        if wrong := reasons_against_accepting(found, seller, by=by, at=at):
            late = any(one.code in {"wrong_status", "lapsed", "not_allowed"} for one in wrong)
            raise UnableToQuote(wrong) if late else BadInput(wrong)
        if found.status == TradeInStatus.RECYCLE:
            # Nothing is paid, so nobody needs to know how.
            found.amount, seller = Decimal(0), replace(seller, payout="", iban="", holder="", charity=None)
        order = _order(found, seller, at=at)
        rma = _open(found, order, seller, by=by, at=at)
        law = law_for(seller.country.upper(), hub=rma.hub, at=at)
        found.contact, found.rma, found.payout = order.contact, rma, seller.payout
        found.charity = _charity(seller, at=at)
        found.business, found.country = seller.business, seller.country.upper()
        found.status, found.accepted_at, found.declared_at = TradeInStatus.ACCEPTED, at, at
        found.save()
        if seller.payout == TradeInPayout.BANK:
            number = iban.normal(seller.iban) or ""
            holder = " ".join((seller.holder or seller.name).split())[:120]
            PayoutAccount.objects.create(
                trade_in=found, sealed=sealing.seal(f"{number}\n{holder}"), tail=number[-4:], told_at=at
            )
        quoting.say(
            found,
            facts.TradeInAccepted(
                rma=str(rma.pk),
                rma_number=rma.number,
                amount=str(found.amount),
                currency=found.currency,
                payout=f"payout.{seller.payout or 'none'}",
                business=seller.business,
                law=law.id,
                law_version=law.version,
            ),
            by=by,
            at=at,
        )
        rules = quoting.rules_for(found.buyer_id, at=at)
        until = rma.hub.calendar.after_days(at, policy.days(rules, "ship_days"))
        approval.put_through(rma, rule=RULE, version=found.rules, hand_in_by=until, by=BUYING, at=at)
    return rma


def _order(row: TradeIn, seller: Seller, *, at: datetime) -> Order:
    """What they tell of, as the one line of an order that was only told: its price is the sum that is promised."""
    language = seller.language if seller.language in dict(settings.LANGUAGES) else "en"
    if row.contact is not None:
        contact = row.contact
        contact.email, contact.name = seller.email.strip().lower(), " ".join(seller.name.split())[:200]
        contact.address = [line.strip()[:200] for line in seller.address if line.strip()][:8]
        contact.country, contact.language = seller.country.upper(), language
        contact.save(update_fields=["email", "name", "address", "country", "language"])
    line = NewLine(
        sku=row.variant.sku if row.variant is not None else "TRADE-IN",
        description=row.what,
        price=row.amount or Decimal(0),
        device_class=row.device_class,
        serials=(row.serial,) if row.serial else (),
    )
    day = min(at, row.made_at)
    placed = orders.place(
        NewOrder(
            number=row.number,
            contact=row.contact,
            email=seller.email,
            name=seller.name,
            address=[one.strip()[:200] for one in seller.address if one.strip()][:8],
            country=seller.country.upper(),
            language=language,
            currency=row.currency,
            ordered_at=day,
            delivered_at=day,
            reference=f"{TRADED_IN}{row.pk}",
            lines=[line],
        ),
        seller=row.buyer,
        source=OrderSource.TOLD,
        by=BUYING,
        at=at,
    )
    if row.product_id is not None and row.variant_id is None:
        placed.lines.update(product=row.product_id)
    return placed


def _hub(row: TradeIn) -> Hub:
    """The store where it was quoted, when it can take things in; else the site that takes returns."""
    if row.hub is not None and answering.hubs().filter(pk=row.hub.pk).exists():
        return row.hub
    found = answering.hubs().order_by("-secured", "code").first()
    if found is None:
        raise UnableToQuote(Reason("no_hub", _("There is no site that takes returns yet.")))
    return found


def _open(row: TradeIn, order: Order, seller: Seller, *, by: Actor, at: datetime) -> Rma:
    credit = seller.payout == TradeInPayout.CREDIT
    sold = order.lines.get()
    rma = Rma(
        id=ids.new(at),
        number=ids.code("RMA"),
        order=order,
        seller=row.buyer,
        contact=order.contact,
        hub=_hub(row),
        kind=Kind.TRADE.value,
        origin=ORIGINS.get(row.channel, Origin.PORTAL).value,
        status=RmaStatus.REQUESTED.value,
        opened_by=by.reference,
        opened_at=at,
        currency=row.currency,
    )
    line = RmaLine(
        id=ids.new(at),
        rma=rma,
        order_line=sold,
        position=1,
        quantity=1,
        price=row.amount or Decimal(0),
        bonus=row.uplift if credit else Decimal(0),
        currency=row.currency,
        reason="TRADE_IN",
        answers=dict(row.answers),
        wanted=(Outcome.CREDIT if credit else Outcome.REFUND).value,
        decision={"kind": policy.KIND, "version": row.rules, "rule": RULE, "why": ""},
    )
    ledger.begin(
        "rma",
        rma.id,
        returns_facts.RmaOpened(
            number=rma.number,
            order=str(order.pk),
            origin=rma.origin,
            lines=1,
            quantity=1,
            reasons=[line.reason],
            wanted=[line.wanted],
            waits=False,
        ),
        by=by,
        at=at,
        owner=row.buyer_id,
        hub=rma.hub_id,
    )
    rma.save(force_insert=True)
    line.save(force_insert=True)
    for one in Attachment.objects.filter(chain_id=row.pk, use=quoting.PHOTO, artifact__erased_at=None):
        artifacts.attach(one.artifact, chain=rma.pk, use=quoting.PHOTO, audience="customer", by=by, at=at)
    return rma


# Accounts ---------------------------------------------------------------------------------------------------------------------------

KEEP_ACCOUNT = timedelta(days=30)
"""How long after the payment the account is kept: a transfer may come back."""


def account_of(row: TradeIn, *, by: Actor) -> tuple[str, str] | None:
    """IBAN and holder, for who pays; None when there is none (any more). Raises NotAllowed."""
    if not by.may("returns.refund"):
        raise UnableToQuote(Reason("not_allowed", _("Seeing an account needs the right to approve refunds.")))
    if row.charity is not None:
        return iban.grouped(row.charity.iban), row.charity.organization.name
    found = PayoutAccount.objects.filter(trade_in=row, erased_at=None).first()
    number, _line, holder = sealing.read(found.sealed if found is not None else "").partition("\n")
    return (iban.grouped(number), holder) if number else None


def erase_account(row: TradeIn, *, at: datetime) -> bool:
    """Forget the account; what was paid stays in the books."""
    done = PayoutAccount.objects.filter(trade_in=row, erased_at=None).update(sealed="", tail="", erased_at=at)
    return bool(done)
