"""Claims to carriers: prepared with their limit and clock, filed, answered, and what was paid in the book, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, NotFound, Reason
from revlog.custody.facts import Fact
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.services import money
from revlog.evidence.models import Artifact
from revlog.logistics.facts import claims as facts
from revlog.logistics.freight import exchange, liability
from revlog.logistics.models import (
    Accrual,
    CarrierClaim,
    CarrierClaimStatus,
    ClaimKind,
    Contract,
    Delivery,
    Discrepancy,
    Parcel,
    RateCard,
    Shipment,
)
from revlog.logistics.queries import contracts as reads

PREFIX = "CC"
S = CarrierClaimStatus
"""What a claim is, in short."""


class UnableToClaimFromCarrier(DomainError):
    """This can't be claimed, filed or closed (any more)."""

    code = "unable_to_claim_from_carrier"


def _require(by: Actor, *, money_too: bool = False) -> None:
    if not by.is_operator or not (by.may("money.post") or (not money_too and by.may("logistics.carriers"))):
        raise NotAllowed(
            Reason("not_allowed", _("Claims to carriers need the right to keep carriers, or to post costs and income."))
        )


def contract_of(shipment: Shipment, since: datetime) -> tuple[Contract, RateCard] | None:
    """By which contract it travelled, and what that said of liability then."""
    day = shipment.hub.calendar.local(since).date()
    accrual = Accrual.objects.filter(shipment=shipment).select_related("contract").order_by("leg__number").first()
    contract = accrual.contract if accrual is not None else None
    if contract is None and shipment.carrier_id is not None:
        contract = reads.contract_for(shipment.carrier_id, shipment.hub_id, shipment.direction, day)
    card = reads.card_on(contract, day) if contract is not None else None
    return (contract, card) if contract is not None and card is not None else None


def draft(
    shipment: Shipment, *, parcel: Parcel | None = None, kind: str, apparent: bool, since: datetime, grams: int, value: Decimal,
    text: str, delivery: Delivery | None = None, discrepancy: Discrepancy | None = None, evidence: Sequence[Artifact] = (),
    by: Actor, at: datetime,
) -> CarrierClaim:  # fmt: skip
    """Prepare a claim: no more than the carrier is liable for by weight. The clock is that of the contract's rules."""
    _require(by)
    if not shipment.hub.is_worked_by(by):
        raise NotFound(Reason("not_found", _("There is no such shipment.")))
    found = contract_of(shipment, since)
    wrong = []
    if found is None:
        wrong.append(Reason("no_contract", _("There is no contract by which it travelled."), "shipment"))
    if kind not in ClaimKind.values:
        wrong.append(Reason("kind", _("Say what happened."), "kind"))
    if not 0 < grams < 100_000_000:
        wrong.append(Reason("grams", _("Say what weighs what is damaged or lost."), "grams"))
    if not value.is_finite() or not 0 < value < 10**8:
        wrong.append(Reason("value", _("An amount is like 120.50, and more than nothing."), "value"))
    if not text.strip():
        wrong.append(Reason("text", _("Say what happened, as the carrier reads it."), "text"))
    if since > at:
        wrong.append(Reason("since", _("This day is to come."), "since"))
    if wrong or found is None:
        raise BadInput(wrong)
    contract, card = found
    rule = liability.Rule(card.sdr_per_kg, card.apparent_days, card.hidden_days, card.delay_days, card.loss_days)
    most = liability.limit(grams, sdr_per_kg=card.sdr_per_kg, sdr_rate=card.sdr_rate, currency=contract.currency)
    row = CarrierClaim(
        id=ids.new(at), number=ids.code(PREFIX), contract=contract, carrier=contract.carrier, hub=shipment.hub, shipment=shipment,
        parcel=parcel, delivery=delivery, discrepancy=discrepancy, kind=kind, apparent=apparent, since=since,
        notice_by=liability.notice_by(kind, apparent=apparent, since=since, rule=rule), grams=grams,
        value=value.quantize(Decimal("0.01")), limit=most, claimed=min(value.quantize(Decimal("0.01")), most), regime=card.regime,
        sdr_per_kg=card.sdr_per_kg, sdr_rate=card.sdr_rate, text=" ".join(text.split())[:500], drafted_by=by.reference,
        drafted_at=at,
    )  # fmt: skip
    with transaction.atomic():
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise UnableToClaimFromCarrier(Reason("again", _("A claim about this is open already."))) from error
        row.evidence.set(evidence)
        fact = facts.CarrierClaimDrafted(
            number=row.number, carrier=row.carrier.code, shipment=shipment.number, what=f"claim_kind.{kind}",
            claimed=str(row.claimed), currency=contract.currency, notice_by=row.notice_by.isoformat(),
        )  # fmt: skip
        ledger.begin("carrier_claim", row.pk, fact, by=by, at=at, owner=row.hub.organization_id, hub=row.hub_id)
    return row


def _lock(claim: CarrierClaim, *status: str, by: Actor) -> CarrierClaim:
    rows = CarrierClaim.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "contract", "carrier", "hub", "shipment"
    )
    found = rows.filter(pk=claim.pk).first()
    if found is None or not CarrierClaim.objects.visible_to(by).filter(pk=claim.pk).exists():
        raise NotFound(Reason("not_found", _("There is no such claim.")))
    if found.status not in status:
        told = {"number": found.number, "status": found.get_status_display()}
        raise UnableToClaimFromCarrier(Reason("status", _("Claim %(number)s is %(status)s.") % told))
    return found


def _say(row: CarrierClaim, fact: Fact, *, by: Actor, at: datetime) -> Entry:
    return ledger.append(row.pk, fact, by=by, at=at, owner=row.hub.organization_id, hub=row.hub_id)


def file(claim: CarrierClaim, *, by: Actor, at: datetime) -> CarrierClaim:
    """The carrier is told: its letter is mailed, and the clock stops. Filed late, that is said."""
    _require(by)
    with transaction.atomic():
        row = _lock(claim, S.DRAFT, by=by)
        row.status, row.filed_by, row.filed_at = S.FILED, by.reference, at
        row.save()
        fact = facts.CarrierClaimFiled(number=row.number, carrier=row.carrier.code, late=at > row.notice_by)
        _say(row, fact, by=by, at=at)
    return row


def answer(
    claim: CarrierClaim, *, offered: Decimal, text: str, theirs: str = "", by: Actor, at: datetime
) -> CarrierClaim:
    """What the carrier says: it offers all, some or nothing."""
    _require(by)
    with transaction.atomic():
        row = _lock(claim, S.FILED, S.ANSWERED, by=by)
        if not offered.is_finite() or not 0 <= offered <= row.claimed:
            raise BadInput(Reason("offered", _("Between nothing and what was claimed."), "offered"))
        row.status, row.offered, row.answered_at = S.ANSWERED, offered.quantize(Decimal("0.01")), at
        row.answer, row.theirs = text.strip()[:500], theirs.strip()[:60] or row.theirs
        row.save()
        fact = facts.CarrierClaimAnswered(number=row.number, offered=str(row.offered), currency=row.contract.currency)
        _say(row, fact, by=by, at=at)
    return row


def pay(claim: CarrierClaim, *, paid: Decimal, by: Actor, at: datetime) -> CarrierClaim:
    """The money came: it stands as recovery in the book that bore the carriage, once."""
    _require(by, money_too=True)
    with transaction.atomic():
        row = _lock(claim, S.FILED, S.ANSWERED, by=by)
        if not paid.is_finite() or not 0 < paid <= row.claimed:
            raise BadInput(Reason("paid", _("More than nothing, and no more than was claimed."), "paid"))
        row.status, row.paid, row.closed_by, row.closed_at = S.PAID, paid.quantize(Decimal("0.01")), by.reference, at
        row.save()
        currency = row.contract.currency
        entry = _say(
            row, facts.CarrierClaimPaid(number=row.number, paid=str(row.paid), currency=currency), by=by, at=at
        )
        accrual = Accrual.objects.filter(shipment=row.shipment, contract=row.contract).select_related("party").first()
        money.post(
            entry=entry, account="freight_claim", amount=row.paid, currency=currency, book=accrual.book if accrual else "ours",
            party=(accrual.party if accrual else None) or row.carrier.organization, at=at, key=f"carrier_claim:{row.pk}:paid",
            rate=exchange.rate(currency, at=at) or Decimal(1),
        )  # fmt: skip
    return row


def close(claim: CarrierClaim, *, rejected: bool, reason: str, by: Actor, at: datetime) -> CarrierClaim:
    """The carrier pays nothing (``rejected``), or we give it up; with the reason."""
    _require(by)
    if not reason.strip():
        raise BadInput(Reason("reason", _("Say why."), "reason"))
    with transaction.atomic():
        row = _lock(claim, *((S.FILED, S.ANSWERED) if rejected else (S.DRAFT, S.FILED, S.ANSWERED)), by=by)
        row.status = S.REJECTED if rejected else S.GIVEN_UP
        row.answer, row.closed_by, row.closed_at = reason.strip()[:500], by.reference, at
        row.save()
        _say(row, facts.CarrierClaimClosed(number=row.number, what=f"carrier_claim.{row.status}"), by=by, at=at)
    return row
