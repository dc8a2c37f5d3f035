"""What is known of a unit in stock, as the rules compare it, and what each way out of it would bring."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from returns.models import RtvStatus, UnsoldLook, VendorReturnLine, WayOut
from returns.policy import unsold as unsold_rules
from returns.policy.trying import plain
from returns.queries import quotas
from revlog.common.errors import Reason
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.devices.models.device import GRADED, Tracking
from revlog.devices.services import moves
from revlog.terms import agreeing, ruling
from revlog.terms import queries as terms
from revlog.terms.agreeing import Goods, Quota, VendorTerms
from revlog.terms.models import Agreement, Lifecycle, Price, Purchase
from revlog.terms.ruling import Ruling

IN_STOCK = (State.IN_TRIAGE, State.TO_SELL, State.TO_RESTOCK)
"""Where a unit can lie unsold: what is being worked on isn't, nor what has a way out already."""


# What is known of a unit --------------------------------------------------------------------------------------------------------------


@dataclass
class Books:
    """What a sweep reads once for all units: rules, agreements and their quotas, sales and stock per model, market lives."""

    on: date
    ruling: Ruling
    agreements: dict[uuid.UUID, Agreement]
    says: dict[uuid.UUID, VendorTerms] = field(default_factory=dict)
    quotas: dict[uuid.UUID, Quota] = field(default_factory=dict)
    sold: dict[uuid.UUID | None, int] = field(default_factory=dict)
    here: dict[uuid.UUID | None, int] = field(default_factory=dict)
    lives: dict[uuid.UUID, Lifecycle] = field(default_factory=dict)
    refused: dict[uuid.UUID, str] = field(default_factory=dict)
    """What its vendor refused before, by the number of that return."""
    expected: dict[tuple[uuid.UUID, uuid.UUID | None, str], dict[str, Price]] = field(default_factory=dict)
    """What a grade of a model and variant is expected to bring, once it was asked for."""


def books(*, at: datetime) -> Books:
    rules = terms.in_force(unsold_rules.KIND, at=at)
    days = int(rules.parameters.get("sold_days", unsold_rules.SHIPPED["parameters"]["sold_days"]))
    gone = Device.objects.filter(state=State.SOLD, state_since__gte=at - timedelta(days=days), state_since__lte=at)
    kept = Books(on=at.date(), ruling=rules, agreements=terms.agreements_on(at.date()))
    for supplier, row in kept.agreements.items():
        kept.says[supplier] = row.says
        kept.quotas[supplier] = quotas.quota(row, on=at.date())
    kept.sold = dict(gone.order_by().values_list("product").annotate(n=Sum("quantity")))
    on_hand = Device.objects.filter(state__in=[one.value for one in IN_STOCK]).order_by()
    kept.here = dict(on_hand.values_list("product").annotate(n=Sum("quantity")))
    kept.lives = {row.product_id: row for row in Lifecycle.objects.all()}
    kept.refused = dict(
        VendorReturnLine.objects.filter(rtv__status=RtvStatus.REFUSED)
        .order_by("rtv__answered_at")
        .values_list("device", "rtv__number")
    )
    return kept


def purchase_of(device: Device) -> Purchase | None:
    return getattr(device, "purchase", None)


def is_sealed(device: Device, bought: Purchase | None) -> bool:
    return device.grade == "NEW" or bool(bought and bought.sealed)


def goods_of(device: Device, reason: str, bought: Purchase | None) -> Goods:
    """The unit as an agreement looks at it."""
    return Goods(
        device_class=device.device_class,
        model=device.product.name if device.product else device.model,
        reason=reason,
        sealed=is_sealed(device, bought),
        grade=device.grade,
        bought_on=bought.bought_on if bought else None,
        received_on=bought.received_on if bought else None,
        has_papers=bool(bought and bought.order_number),
    )


def facts_of(device: Device, kept: Books) -> dict[str, Any]:
    """What the rules look at; what isn't known is left out, and no rule matches it."""
    bought = purchase_of(device)
    stay = device.visit
    began = (stay.received_at or stay.opened_at).date() if stay else device.created_at.date()
    if bought is not None and stay is not None and stay.why == "stock":
        began = min(began, bought.received_on or bought.bought_on)
    here, sold = kept.here.get(device.product_id, device.quantity), kept.sold.get(device.product_id, 0)
    found: dict[str, Any] = {
        "days_in_stock": (kept.on - began).days,
        "sold": sold,
        "on_hand": here,
        "sell_through": str((Decimal(100) * sold / max(1, here + sold)).quantize(Decimal("0.1"))),
        "category": device.device_class,
        "model": device.product.name if device.product else device.model,
        "grade": device.grade,
        "sealed": is_sealed(device, bought),
        "quantity": device.quantity,
        "obsolete": False,
        "has_successor": False,
    }
    life = kept.lives.get(device.product_id) if device.product_id else None
    if life is not None:
        found["obsolete"] = life.obsolete_since is not None and life.obsolete_since <= kept.on
        found["has_successor"] = life.successor_id is not None
        if life.season_ends_on is not None:
            found["days_after_season"] = (kept.on - life.season_ends_on).days
    if bought is not None:
        found["value"] = str(bought.price * device.quantity)
        found["supplier"] = bought.supplier.code
        if bought.expires_on is not None:
            found["days_to_expiry"] = (bought.expires_on - kept.on).days
    return found


# What each way would bring --------------------------------------------------------------------------------------------------------------


def against_any(device: Device, *, promised: bool) -> list[Reason]:
    """What stands against every way out: holds, promises, and that it isn't in stock any more."""
    found = []
    if State(device.state) not in IN_STOCK:
        found.append(Reason("wrong_state", _("it isn't in stock any more")))
    if not device.authority:
        found.append(Reason("no_authority", _("it isn't ours to send away")))
    if found:
        return found
    if reason := next((one for one in moves.reasons_against(device, moves.TO_RETURN) if one.code == "on_hold"), None):
        found.append(reason)
    if promised:
        found.append(Reason("promised", _("it is promised to somebody")))
    return found


def expected_of(device: Device, kept: Books, currency: str, *, at: datetime) -> Decimal | None:
    """What one in its grade is expected to bring, where a price is known in this currency."""
    if device.product_id is None or device.grade not in GRADED:
        return None
    key = (device.product_id, device.variant_id, currency)
    if key not in kept.expected:
        kept.expected[key] = terms.expected_prices(
            at=at, product=device.product_id, variant=device.variant_id, currency=currency, learned=False
        )
    row = kept.expected[key].get(device.grade)
    return row.amount if row is not None else None


def sums_of(
    device: Device, unsold: str, allowed: Sequence[str], kept: Books, *, promised: bool, at: datetime
) -> list[unsold_rules.Sum]:
    """Every way that the rule names with its sum, and what stands against it."""
    bought = purchase_of(device)
    supplier = bought.supplier_id if bought else None
    says = kept.says.get(supplier) if supplier else None
    currency = bought.currency if bought else device.currency
    credit = says.expected(bought.price, device.quantity, currency) if says and bought else None
    expected = expected_of(device, kept, currency, at=at)
    always = against_any(device, promised=promised)
    found = []
    for way in (one for one in unsold_rules.WAYS if one in allowed):
        lines = unsold_rules.reckon(
            way,
            pieces=device.quantity,
            price=bought.price if bought else None,
            expected=expected,
            credit=credit,
            pays_carriage=says is None or says.carriage_paid_by == "us",
            parameters=kept.ruling.parameters,
            currency=currency,
        )
        against = [*always]
        if way == WayOut.VENDOR:
            against += against_vendor(device, unsold, bought, kept, credit=credit)
        elif way == WayOut.LIQUIDATE and is_ungraded(device):
            against.append(Reason("not_graded", _("it has no grade")))
        found.append(unsold_rules.Sum(way, lines, against))
    return found


def is_ungraded(device: Device) -> bool:
    """Whether nobody could sell it in a lot, since no grade says what it is."""
    return device.tracking == Tracking.SERIALIZED and device.grade not in GRADED


def against_vendor(
    device: Device, unsold: str, bought: Purchase | None, kept: Books, *, credit: Decimal | None
) -> list[Reason]:
    """Why the vendor doesn't take it: nobody knows whose it was, no agreement, its terms, or its quota."""
    if bought is None:
        return [Reason("no_supplier", _("nobody noted of whom it was bought"))]
    says = kept.says.get(bought.supplier_id)
    if says is None:
        return [Reason("no_agreement", _("there is no agreement with %s") % bought.supplier.name)]
    found = agreeing.reasons_against(says, goods_of(device, unsold, bought), on=kept.on)
    if device.pk in kept.refused:
        found.append(Reason("refused", _("its vendor refused it (%s)") % kept.refused[device.pk]))
    quota = kept.quotas[bought.supplier_id]
    if not found and not quota.has_room(bought.price * device.quantity, device.quantity):
        found.append(Reason("quota", _("the quota of this period is used up")))
    return found


# What is kept of a look -----------------------------------------------------------------------------------------------------------------


def look_at(device: Device, decided: ruling.Decision, kept: Books, *, at: datetime) -> UnsoldLook:
    """What the rules compared of a unit, and what its ways are reckoned from: so that other rules can be tried on it later."""
    bought = purchase_of(device)
    says = kept.says.get(bought.supplier_id) if bought else None
    currency = bought.currency if bought else device.currency
    credit = says.expected(bought.price, device.quantity, currency) if says and bought else None
    against: dict[str, Any] = {}
    # An agreement may tell classes apart: what it says of each is kept, since other rules may call the unit something else.
    vendor = {
        one: [reason.code for reason in found]
        for one in unsold_rules.CLASSES
        if (found := against_vendor(device, one, bought, kept, credit=credit))
    }
    if vendor:
        against[WayOut.VENDOR.value] = vendor
    if is_ungraded(device):
        against[WayOut.LIQUIDATE.value] = ["not_graded"]
    unsold = str(decided.outcome.get("unsold", "no"))
    return UnsoldLook(
        device=device,
        inputs=plain(decided.inputs),
        sums=plain(
            {
                "pieces": device.quantity,
                "price": bought.price if bought else None,
                "expected": expected_of(device, kept, currency, at=at),
                "credit": credit,
                "carriage": says is None or says.carriage_paid_by == "us",
                "currency": currency,
                "against": against,
            }
        ),
        unsold="" if unsold == "no" else unsold,
        version=decided.version,
        seen_at=at,
    )


def keep_looks(rows: Sequence[UnsoldLook]) -> None:
    """Write down the newest look at each unit."""
    UnsoldLook.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["device"],
        update_fields=["inputs", "sums", "unsold", "version", "seen_at"],
    )
