"""Another thing instead: what it costs more or less, whether it is in stock, and the order by which it is sent, once for a line.

The order's line carries the new thing's price; the customer pays it with the worth of what they gave back, the bonus of the rules, and a
charge for the rest. A thing replaced under warranty costs nothing, and the warranty goes on with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from returns import facts, policy
from returns.models import Charge, ChargeFor, ChargeStatus, Outcome, Rma, RmaLine, RmaUnit
from returns.services import approval, charges, owing
from revlog.accounts import actors
from revlog.common import money
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.devices.models.device import Tracking
from revlog.terms import queries as terms
from revlog.terms.models import Order, OrderLine, OrderSource, WarrantyKind
from revlog.terms.services import orders, warranties
from revlog.terms.services.new_orders import NewLine, NewOrder

RULES = actors.system("returns.rules")


# Sums -------------------------------------------------------------------------------------------------------------------------------


def price_of_new(line: RmaLine) -> Decimal:
    """What one piece of the new thing costs: the same again costs what was paid, a replacement under warranty nothing."""
    if line.wanted == Outcome.REPLACE:
        return Decimal(0)
    return line.price if line.new_variant_id is None or line.new_price is None else line.new_price


def owes(line: RmaLine, pieces: int) -> Decimal:
    """What the customer pays on top for so many pieces; below zero when the new thing is the cheaper one. The same again costs nothing."""
    if line.new_variant_id is None or line.wanted == Outcome.REPLACE:
        return Decimal(0)
    return (price_of_new(line) - line.per_piece - line.bonus) * pieces


def left_over(line: RmaLine, pieces: int) -> Decimal:
    """What the customer gets back when the new thing costs less than what they gave back is worth; a bonus is never paid out."""
    if line.new_variant_id is None or line.wanted == Outcome.REPLACE:
        return Decimal(0)
    return max((line.per_piece - price_of_new(line)) * pieces, Decimal(0))


def deposit_for(line: RmaLine) -> Decimal:
    """What is held until the old thing is here: with what is paid on top, the price of the new one."""
    return price_of_new(line) * line.quantity - max(owes(line, line.quantity), Decimal(0))


# Stock ------------------------------------------------------------------------------------------------------------------------------


def in_stock(line: RmaLine, rma: Rma) -> int | None:
    """How many of the other variant are free to be sent; None where nobody can say: it isn't our stock, or the same is sent again."""
    if line.new_variant_id is None or rma.seller_id != rma.hub.organization_id:
        return None
    rows = Device.objects.filter(variant=line.new_variant_id, state=State.TO_SELL.value, owner=rma.seller_id)
    return rows.exclude(allocations__released_at=None, allocations__isnull=False).count()


def _missing(rma: Rma, line: RmaLine, pieces: int, *, at: datetime) -> bool:
    """Whether it can't be sent now, said once: the customer may wait, or take money instead."""
    there = in_stock(line, rma)
    if there is None or there >= pieces:
        return False
    variant = line.new_variant
    approval.say(
        rma,
        facts.NewOneMissing(line=str(line.pk), position=line.position, sku=variant.sku if variant else ""),
        by=RULES,
        at=at,
        key=f"missing:{line.pk}",
    )
    return True


# The new one first ------------------------------------------------------------------------------------------------------------------


def ask_first(line: RmaLine, *, at: datetime) -> None:
    """For an exchange in advance: ask for the deposit, and for what the new one costs more; asked already (or held), nothing happens."""
    extra = owes(line, line.quantity)
    if (deposit := deposit_for(line)) > 0:
        charges.ask(line, purpose=ChargeFor.DEPOSIT, amount=deposit, at=at)
    if extra > 0:
        charges.ask(line, purpose=ChargeFor.DIFFERENCE, amount=extra, at=at)


def send_first(rma: Rma, line: RmaLine, units: Sequence[RmaUnit], *, at: datetime) -> None:
    """Order the new one as soon as the deposit is held (and the difference paid); from then on the customer has its days to hand in."""
    if line.exchange_id is not None or all(unit.is_settled for unit in units):
        return
    ask_first(line, at=at)
    deposit, extra = charges.standing(line, ChargeFor.DEPOSIT), charges.standing(line, ChargeFor.DIFFERENCE)
    if deposit is not None and deposit.status != ChargeStatus.HELD:
        return
    if extra is not None and extra.status != ChargeStatus.PAID:
        return
    if _missing(rma, line, line.quantity, at=at):
        return
    place(rma, line, line.quantity, at=at)
    days = int(terms.in_force(policy.KIND, at=at, organization=rma.seller_id).parameters.get("hand_in_days", 14))
    rma.hand_in_by = max(rma.hub.calendar.after_days(at, days), rma.hand_in_by or at)
    rma.save(update_fields=["hand_in_by"])


# When the old one is settled --------------------------------------------------------------------------------------------------------


def send(rma: Rma, line: RmaLine, units: Sequence[RmaUnit], pieces: int, *, at: datetime) -> bool:
    """Do what is left for a line whose units are settled, ``pieces`` of it ours; False while the customer or the stock is waited for."""
    if line.wanted == Outcome.ADVANCE and line.exchange_id is not None:
        _after_advance(rma, line, units, pieces, at=at)
        return True
    _no_deposit(line, at=at)
    paid = charges.standing(line, ChargeFor.DIFFERENCE)
    extra = max(owes(line, pieces), Decimal(0)) if pieces else Decimal(0)
    if paid is not None and paid.status == ChargeStatus.ASKED and paid.amount != extra:
        charges.drop(paid, why=_("another sum is due"), at=at)
        paid = None
    if extra > 0 and paid is None and line.exchange_id is None:
        charges.ask(line, purpose=ChargeFor.DIFFERENCE, amount=extra, at=at)
        return False
    if paid is not None and paid.status == ChargeStatus.ASKED:
        return False
    if pieces and line.exchange_id is None:
        if _missing(rma, line, pieces, at=at):
            return False
        place(rma, line, pieces, at=at)
    back = (paid.amount if paid is not None else Decimal(0)) - extra + (left_over(line, pieces) if pieces else 0)
    if back > 0:
        owing.due_for_line(line, rma, amount=back, at=at)
    return True


def _no_deposit(line: RmaLine, *, at: datetime) -> None:
    """What came back needs no deposit (any more)."""
    deposit = charges.standing(line, ChargeFor.DEPOSIT)
    if deposit is not None and deposit.status == ChargeStatus.ASKED:
        charges.drop(deposit, why=_("What you returned is settled."), at=at)
    elif deposit is not None and deposit.status == ChargeStatus.HELD:
        charges.decide(deposit, keep=Decimal(0), why=_("What you returned is settled."), at=at)


def _after_advance(rma: Rma, line: RmaLine, units: Sequence[RmaUnit], pieces: int, *, at: datetime) -> None:
    """The new one is out: the deposit goes back for what came back, and is kept for what didn't, or was refused."""
    deposit = charges.standing(line, ChargeFor.DEPOSIT)
    if deposit is not None and deposit.status == ChargeStatus.HELD:
        charges.decide(deposit, keep=_share(deposit, line.quantity - pieces, line.quantity), why=_why(units), at=at)
    if pieces and (back := left_over(line, pieces)) > 0:
        owing.due_for_line(line, rma, amount=back, at=at)


def _share(deposit: Charge, missing: int, total: int) -> Decimal:
    return money.rounded(deposit.amount * missing / total, deposit.currency)


def _why(units: Sequence[RmaUnit]) -> str:
    """What the customer reads of their deposit."""
    kept = [unit for unit in units if unit.status in {"not_received", "sent_back"}]
    if not kept:
        return _("What you returned is here.")
    said = " ".join(dict.fromkeys(unit.settled_why for unit in kept if unit.status == "sent_back" and unit.settled_why))
    return said or _("It never came back to us.")


# The order --------------------------------------------------------------------------------------------------------------------------


def place(rma: Rma, line: RmaLine, quantity: int, *, at: datetime) -> Order:
    """The order of the new thing: one like any other, so that sales fills it as it fills all orders."""
    order = orders.place(
        NewOrder(
            number=f"{rma.number}-X{line.position}",
            contact=rma.contact,
            currency=line.currency,
            ordered_at=at,
            reference=f"rma_line:{line.pk}",
            lines=[_new_line(line, quantity)],
        ),
        seller=rma.seller,
        source=OrderSource.EXCHANGE,
        by=RULES,
        at=at,
    )
    line.exchange = order
    line.save(update_fields=["exchange"])
    approval.say(rma, facts.ExchangeOrdered(line=str(line.pk), order=order.number), by=RULES, at=at)
    if line.wanted == Outcome.REPLACE:
        _warranty_goes_on(rma, line, order.lines.get(), at=at)
    return order


def _new_line(line: RmaLine, quantity: int) -> NewLine:
    """What is sent. A replacement is free, and stands for what was paid for the first: so much comes back when it comes back."""
    sold, variant = line.order_line, line.new_variant
    free = line.wanted == Outcome.REPLACE
    worth = line.price if free else None
    counts_from = (sold.counts_from or sold.delivered) if free else None
    if variant is not None:
        return NewLine(
            sku=variant.sku,
            description=str(variant)[:200],
            quantity=quantity,
            price=price_of_new(line),
            worth=worth,
            counts_from=counts_from,
            device_class=variant.product.device_class,
            tracking=Tracking.SERIALIZED.value,
        )
    return NewLine(
        sku=sold.sku,
        description=sold.description,
        quantity=quantity,
        price=price_of_new(line),
        worth=worth,
        counts_from=counts_from,
        device_class=sold.device_class,
        category=sold.category,
        tracking=sold.tracking,
    )


def _warranty_goes_on(rma: Rma, line: RmaLine, new: OrderLine, *, at: datetime) -> None:
    """What was left of the warranty of the old thing, or of the legal guarantee from its delivery, is promised for the new one."""
    today = rma.hub.calendar.local(at).date()
    old = terms.warranty_of(line.order_line, at=at)
    if old is not None:
        kind, until = WarrantyKind(old.kind), old.ends_on
    else:
        kind, until = WarrantyKind.STATUTORY, _guaranteed_until(rma, line, at=at)
    if until > today:
        warranties.grant(order_line=new, kind=kind, starts_on=today, until=until, by=RULES, at=at)


def _guaranteed_until(rma: Rma, line: RmaLine, *, at: datetime) -> date:
    months = int(line.decision.get("law", {}).get("guarantee", {}).get("months", 0) or 24)
    delivered = line.order_line.delivered or line.order_line.order.ordered_at
    return warranties.after_months(rma.hub.calendar.local(delivered).date(), months)
