"""Which shipment or parcel a line of a bill is for, and what is thought of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Q
from django.db.models.functions import Upper

from revlog.common import money
from revlog.logistics.freight import billing, rating
from revlog.logistics.freight.billing import Known, Read, Tolerance, Verdict
from revlog.logistics.models import Accrual, AccrualStatus, Bill, BillLine, BillStatus, Parcel, RateCard
from revlog.logistics.queries import contracts as reads

DAYS = timedelta(days=1)


@dataclass(frozen=True)
class Found:
    accrual: Accrual
    parcel: Parcel | None = None


def match(bill: Bill, line: Read) -> tuple[Found | None, Verdict]:
    """By tracking number, else by reference, else by day and weight where these mean one shipment alone."""
    found = _find(bill, line)
    card = found.accrual.card if found is not None else reads.card_on(bill.contract, line.shipped_on or bill.dated)
    tolerance = (
        Tolerance(card.tolerance_percent, card.tolerance_amount, card.tolerance_weight)
        if card is not None
        else Tolerance(Decimal(0), Decimal(0), Decimal(0))
    )
    known = None
    if found is not None:
        known = Known(_expected(found, line, card), _grams(found), _before(found, line))
    return found, billing.judge(line, known, tolerance, bill.contract.currency)


def _find(bill: Bill, line: Read) -> Found | None:
    accruals = Accrual.objects.filter(contract__carrier=bill.carrier).exclude(status=AccrualStatus.CANCELLED)
    accruals = accruals.select_related("card__contract", "contract", "shipment")
    hubs = [one.pk for one in bill.contract.hubs.all()]
    if hubs:
        accruals = accruals.filter(hub__in=hubs)
    if line.tracking:
        parcel = (
            Parcel.objects.alias(bare=Upper("tracking"))
            .filter(bare=line.tracking, shipment__accruals__in=accruals)
            .first()
        )
        if parcel is not None:
            accrual = accruals.filter(shipment=parcel.shipment_id).order_by("leg__number").first()
            return Found(accrual, parcel) if accrual is not None else None
        leg = accruals.filter(leg__reference__iexact=line.tracking).first()
        if leg is not None:
            return Found(leg)
    if line.reference:
        by_reference = accruals.filter(
            Q(shipment__number__iexact=line.reference)
            | Q(leg__reference__iexact=line.reference)
            | Q(shipment__parcels__booking__reference__iexact=line.reference)
        )
        if (accrual := by_reference.order_by("leg__number").first()) is not None:
            return Found(accrual)
    if line.tracking or line.reference or line.shipped_on is None or line.grams is None:
        return None
    begin = datetime.combine(line.shipped_on, time(), UTC)
    near = int(line.grams * Decimal("0.05")) + 50
    rows = accruals.filter(
        handed_over_at__gte=begin - timedelta(hours=12), handed_over_at__lt=begin + DAYS + timedelta(hours=12),
        grams__gte=line.grams - near, grams__lte=line.grams + near, bill_lines=None,
    )[:2]  # fmt: skip
    return Found(rows[0]) if len(rows) == 1 else None


def _expected(found: Found, line: Read, card: RateCard | None) -> Decimal | None:
    accrual = found.accrual
    if not line.charge:
        return accrual.amount if found.parcel is None else _share(accrual, found.parcel)
    extra = next((one for one in card.rates.extras if one.code == line.charge), None) if card is not None else None
    if extra is None or card is None:
        return None
    pieces = 1 if found.parcel is not None else accrual.parcels
    return rating.extra_amount(card.rates, extra, Decimal(1), pieces=pieces, carriage=accrual.amount)


def _share(accrual: Accrual, parcel: Parcel) -> Decimal:
    """What of a shipment's cost is this parcel's: by weight, to the cent."""
    rows = list(accrual.shipment.parcels.exclude(status="cancelled").order_by("number"))
    card = accrual.card
    weights = [one.grams or (card.assumed_grams if card is not None else 1) for one in rows]
    shares = money.divide(accrual.amount, weights, accrual.contract.currency) if rows else []
    return next((share for one, share in zip(rows, shares, strict=True) if one.pk == parcel.pk), accrual.amount)


def _grams(found: Found) -> int:
    if found.parcel is None:
        return found.accrual.grams
    card = found.accrual.card
    return found.parcel.grams or (card.assumed_grams if card is not None else 0)


def _before(found: Found, line: Read) -> str:
    """The bill that had the same already: the same charge for the same parcel, or for the whole shipment."""
    rows = BillLine.objects.filter(accrual=found.accrual, charge=line.charge).exclude(bill__status=BillStatus.VOID)
    if found.parcel is not None:
        rows = rows.filter(Q(parcel=found.parcel) | Q(parcel=None))
    if line.charge:
        rows = rows.filter(amount=line.amount, shipped_on=line.shipped_on)
    # What was disputed and never paid may be billed again.
    rows = rows.exclude(decision="dispute", paid=0, settled_at__isnull=False)
    before = rows.select_related("bill").order_by("bill__entered_at", "position").first()
    return before.bill.theirs if before is not None else ""
