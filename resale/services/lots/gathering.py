"""Putting a lot together: opening it, what goes in by hand or by its rule, and what is taken out before it is awarded."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, OuterRef, QuerySet
from django.utils.translation import gettext as _

from resale import facts
from resale.models import Lot, LotKey, LotState, LotUnit
from returns.facts import UnsoldSentOn
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.facts import Fact
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.classes import CLASSES
from revlog.devices.journey import State
from revlog.devices.models import Allocation, Device
from revlog.devices.models.device import GRADED, Tracking
from revlog.devices.services import moves, standing
from revlog.terms import instructions
from revlog.terms import queries as terms
from revlog.terms.instructions import NONE, Instructions

PREFIX = "LT"
MOST_UNITS = 500
LIQUIDATE = "way_out.liquidate"
"""How the fact names the way of unsold goods that are to be sold in a lot."""


class UnableToLot(DomainError):
    """This can't be put in, taken out, offered, awarded or sold (any more)."""

    code = "unable_to_lot"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a lot gathers of what is for sale at its site: all that is said must hold. ``by_itself`` takes new ones as they come."""

    classes: Sequence[str] = ()
    grades: Sequence[str] = ()
    days: int = 0
    """For sale at least so long."""
    unsold: bool = False
    """Only what was found unsold and is to be sold in a lot."""
    by_itself: bool = False

    def problems(self) -> list[Reason]:
        found = [
            Reason("classes", _("There is no class %s.") % one, "classes") for one in self.classes if one not in CLASSES
        ]
        found += [
            Reason("grades", _("There is no grade %s.") % one, "grades") for one in self.grades if one not in GRADED
        ]
        if not 0 <= self.days <= 3650:
            found.append(Reason("days", _("Days are a number from 0 to 3650."), "days"))
        if self.by_itself and not (self.classes or self.grades or self.days or self.unsold):
            found.append(Reason("rule", _("A lot that gathers by itself says what it takes."), "by_itself"))
        return found

    def plain(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "classes": list(self.classes),
            "grades": list(self.grades),
            "days": self.days,
            "unsold": self.unsold,
            "by_itself": self.by_itself,
        }
        return {name: value for name, value in told.items() if value}

    @classmethod
    def of(cls, lot: Lot) -> Rule:
        return cls(**lot.rule)


def may(by: Actor) -> None:
    if not by.is_operator or not by.may("resale.lots"):
        raise NotAllowed(Reason("not_allowed", _("Lots need the right to make them up and sell them.")))


def say(lot: Lot, fact: Fact, *, by: Actor, at: datetime) -> Entry:
    return ledger.append(lot.pk, fact, by=by, at=at, owner=lot.owner_id, hub=lot.hub_id)


def say_to_us(lot: Lot, fact: Fact, *, by: Actor, at: datetime) -> Entry:
    """What a buyer said is for those who sell alone: whose goods they are reads the award, not who offered what."""
    return ledger.append(lot.pk, fact, by=by, at=at, hub=lot.hub_id)


def lock(lot: Lot, *, also: Sequence[uuid.UUID] = ()) -> tuple[Lot, list[LotUnit], dict[uuid.UUID, Device]]:
    """What is in it (and ``also`` these) by key, then the lot itself. Refuses where more came into it before it was locked;
    who puts something in isn't in the way of others who do."""
    known = LotUnit.objects.filter(lot=lot.pk, left_at=None).values_list("device_id", flat=True)
    devices = {one.pk: one for one in moves.take(sorted({*known, *also}))}
    row = (
        Lot.objects.select_for_update(no_key=True, of=("self",))
        .select_related("owner", "hub__organization", "buyer")
        .get(pk=lot.pk)
    )
    inside = list(row.units.filter(left_at=None).order_by("position"))
    if not also and any(one.device_id not in devices for one in inside):
        raise UnableToLot(Reason("moved", _("What is in %s changed just now; look at it again.") % row.number))
    return row, inside, devices


def wrong_state(lot: Lot) -> Reason:
    told = {"number": lot.number, "state": word(f"lot_state.{lot.state}")}
    return Reason("state", _("%(number)s is %(state)s.") % told)


def amount_problem(amount: Decimal | None, name: str) -> list[Reason]:
    if amount is None or (
        amount.is_finite() and 0 < amount < Decimal(10) ** 9 and amount == amount.quantize(Decimal("0.01"))
    ):
        return []
    return [Reason(name, _("An amount is like 1200.50, and more than nothing."), name)]


def open_lot(
    *,
    name: str,
    hub: Hub,
    owner: Organization,
    key: str = LotKey.VALUE,
    rule: Rule | None = None,
    asking: Decimal | None = None,
    reserve: Decimal | None = None,
    by: Actor,
    at: datetime,
) -> Lot:
    """Begin a lot of what is ``owner``'s at ``hub``. Nothing is in it yet."""
    may(by)
    if not Hub.objects.visible_to(by).filter(pk=hub.pk).exists():
        raise NotAllowed(Reason("not_allowed", _("This is at a site where you don't work.")))
    found = [*amount_problem(asking, "asking"), *amount_problem(reserve, "reserve"), *(rule.problems() if rule else [])]
    if not name.strip():
        found.append(Reason("name", _("Give it a name that buyers understand."), "name"))
    if key not in LotKey.values:
        found.append(Reason("key", _("Say how the proceeds are spread."), "key"))
    if asking is not None and reserve is not None and not found and reserve > asking:
        found.append(Reason("reserve", _("The reserve isn't above the asking price."), "reserve"))
    if found:
        raise BadInput(found)
    with transaction.atomic():
        row = Lot(
            id=ids.new(at),
            number=ids.code(PREFIX),
            name=name.strip()[:120],
            owner=owner,
            hub=hub,
            key=key,
            rule=rule.plain() if rule else {},
            currency=settings.BASE_CURRENCY,
            asking=asking,
            reserve=reserve,
            opened_at=at,
            opened_by=by.reference,
        )
        fact = facts.LotOpened(number=row.number, name=row.name, spread=f"lot_key.{row.key}")
        ledger.begin("lot", row.pk, fact, by=by, at=at, owner=owner.pk, hub=hub.pk)
        row.save(force_insert=True)
    return row


# What goes in ---------------------------------------------------------------------------------------------------------------------------


def list_value(device: Device, currency: str, *, at: datetime) -> Decimal:
    """What all its pieces are listed at: by the price book, else for what they were bought, else as they were valued."""
    if device.grade in GRADED:
        price = terms.expected_price(
            grade=device.grade,
            at=at,
            variant=device.variant_id,
            product=device.product_id,
            organization=device.owner_id,
            currency=currency,
        )
        if price is not None:
            return price.amount * device.quantity
    if (cost := cost_of(device, currency)) is not None:
        return cost
    if device.expected_value is not None and device.currency == currency:
        return max(Decimal(0), device.expected_value).quantize(Decimal("0.01"))
    return Decimal(0)


def cost_of(device: Device, currency: str) -> Decimal | None:
    bought = getattr(device, "purchase", None)
    return bought.price * device.quantity if bought is not None and bought.currency == currency else None


def reasons_against_putting(
    device: Device, lot: Lot, *, promised_to: str = "", told: Instructions = NONE
) -> list[Reason]:
    """Why this unit can't be in this lot: its owner's contract, where and whose it is, what holds it, and to whom it is promised."""
    found = [instructions.refusal(told.lot)] if told.lot else []
    if State(device.state) != State.TO_SELL:
        found.append(Reason("not_for_sale", _("it is not for sale")))
    if device.owner_id != lot.owner_id:
        found.append(Reason("other_owner", _("it belongs to somebody else than the lot")))
    if device.hub_id != lot.hub_id:
        found.append(Reason("elsewhere", _("it is at another site")))
    if device.tracking == Tracking.WEIGHED:
        found.append(Reason("weighed", _("what is weighed isn't sold in a lot of units")))
    if promised_to and promised_to != lot.taker:
        found.append(Reason("promised", _("it is promised to somebody")))
    if not found:
        found += moves.reasons_against(device, moves.SELL)
    return found


def fitting(lot: Lot, *, at: datetime) -> QuerySet[Device]:
    """What the lot's rule would take now: for sale, free, of its owner, at its site."""
    rule = Rule.of(lot)
    promised = Allocation.objects.filter(device=OuterRef("pk"), released_at=None)
    rows = (
        Device.objects.filter(
            state=State.TO_SELL,
            owner=lot.owner_id,
            hub=lot.hub_id,
            holds=[],
            state_since__lte=at - timedelta(days=rule.days),
        )
        .filter(~Exists(promised))
        .exclude(quantity=0)
        .exclude(tracking=Tracking.WEIGHED)
        .exclude(authority="")
    )
    if rule.classes:
        rows = rows.filter(device_class__in=rule.classes)
    if rule.grades:
        rows = rows.filter(grade__in=rule.grades)
    if rule.unsold:
        said = Entry.objects.filter(
            chain_id=OuterRef("pk"), kind=UnsoldSentOn.kind, payload__way=LIQUIDATE,
            occurred_at__gte=OuterRef("visit__opened_at"),
        )  # fmt: skip
        rows = rows.filter(Exists(said))
    return rows.order_by("state_since", "id")


def put(
    lot: Lot, devices: Sequence[Device], *, values: Mapping[uuid.UUID, Decimal] | None = None, by: Actor, at: datetime
) -> list[LotUnit]:
    """Put these in by hand, all or none; every unit's reasons are named first. ``values`` lists one at another value."""
    may(by)
    return _put(lot, devices, values=values or {}, by_rule=False, by=by, at=at)


def gather(lot: Lot, *, by: Actor, at: datetime) -> list[LotUnit]:
    """Put in what the lot's rule takes now and nothing stands against."""
    may(by)
    if not lot.rule:
        raise UnableToLot(Reason("no_rule", _("%s has no rule; units are put in by hand.") % lot.number))
    room = MOST_UNITS - lot.units.filter(left_at=None).count()
    found = list(fitting(lot, at=at)[: max(0, room) + MOST_UNITS])
    told = instructions.of([one.pk for one in found], at=at)
    fits = [one for one in found if not reasons_against_putting(one, lot, told=told[one.pk])][: max(0, room)]
    return _put(lot, fits, values={}, by_rule=True, by=by, at=at) if fits else []


def gather_one(device: Device, *, by: Actor, at: datetime) -> LotUnit | None:
    """A unit that has just come to be sold goes into the oldest lot that takes such by itself; None where there is none."""
    waiting = Lot.objects.filter(state=LotState.OPEN, owner=device.owner_id, hub=device.hub_id, rule__by_itself=True)
    lots = list(waiting.order_by("opened_at", "id"))
    if lots and instructions.of_one(device.pk, at=at).lot:
        return None
    for lot in lots:
        if lot.units.filter(left_at=None).count() < MOST_UNITS and fitting(lot, at=at).filter(pk=device.pk).exists():
            return _put(lot, [device], values={}, by_rule=True, by=by, at=at)[0]
    return None


def _put(
    lot: Lot, devices: Sequence[Device], *, values: Mapping[uuid.UUID, Decimal], by_rule: bool, by: Actor, at: datetime
) -> list[LotUnit]:
    if not devices:
        raise BadInput(Reason("nothing", _("Name at least one unit."), "units"))
    wanted = sorted({one.pk for one in devices})
    with transaction.atomic():
        row, inside, taken = lock(lot, also=wanted)
        if row.state != LotState.OPEN:
            raise UnableToLot(wrong_state(row))
        if len(inside) + len(wanted) > MOST_UNITS:
            raise UnableToLot(Reason("full", _("A lot has at most %s lines.") % MOST_UNITS))
        rows = {one.pk: one for one in Device.objects.filter(pk__in=wanted).select_related("purchase")}
        promised = dict(
            Allocation.objects.filter(device__in=wanted, released_at=None).values_list("device_id", "taker")
        )
        known = {one.device_id for one in inside}
        told_of = instructions.of(wanted, at=at)
        found: list[Reason] = []
        for pk in wanted:
            against = reasons_against_putting(taken[pk], row, promised_to=promised.get(pk, ""), told=told_of[pk])
            if pk in known:
                against.append(Reason("inside", _("it is in this lot already")))
            if pk in values and not (values[pk].is_finite() and 0 <= values[pk] < Decimal(10) ** 9):
                against.append(Reason("value", _("its list value is no amount")))
            if against:
                told = {"tag": taken[pk].tag, "why": ", ".join(one.sentence for one in against)}
                found.append(Reason(against[0].code, _("%(tag)s can't go into this lot: %(why)s") % told))
        if found:
            raise UnableToLot(found)
        last = row.units.aggregate(last=Max("position"))["last"] or 0
        made = [
            LotUnit(
                id=ids.new(at), lot=row, position=place, device=taken[pk], quantity=taken[pk].quantity,
                value=values.get(pk, list_value(rows[pk], row.currency, at=at)), cost=cost_of(rows[pk], row.currency),
                entered_at=at, entered_by=by.reference,
            )
            for place, pk in enumerate(wanted, last + 1)
        ]  # fmt: skip
        for one in made:
            standing.promise(taken[one.device_id], taker=row.taker, label=row.number, by=by, at=at)
            fact = facts.LotJoined(
                lot=str(row.pk), number=row.number, name=row.name, value=str(one.value), currency=row.currency
            )
            moves.note(taken[one.device_id], fact=fact, by=by, at=at)
        try:
            with transaction.atomic():
                LotUnit.objects.bulk_create(made)
        except IntegrityError as error:
            raise UnableToLot(Reason("elsewhere", _("One of them is in another lot already."))) from error
        tags = [taken[one.device_id].tag for one in made]
        say(row, facts.LotGathered(number=row.number, units=len(made), by_rule=by_rule, tags=tags), by=by, at=at)
    return made


# What comes out -------------------------------------------------------------------------------------------------------------------------


def reasons_against_taking_out(lot: Lot) -> list[Reason]:
    """Why nothing can be taken out of it now: what was awarded is the buyer's as it was listed."""
    return [] if lot.state in {LotState.OPEN, LotState.OFFERED} else [wrong_state(lot)]


def take_out(unit: LotUnit, *, reason: str, by: Actor, at: datetime) -> LotUnit:
    """Take one out before the award: it is free for sale again. A list that buyers have has a new edition then."""
    may(by)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it is taken out."), "reason"))
    with transaction.atomic():
        row, inside, devices = lock(unit.lot)
        if found := reasons_against_taking_out(row):
            raise UnableToLot(found)
        one = next((each for each in inside if each.pk == unit.pk), None)
        if one is None:
            raise UnableToLot(Reason("gone", _("It isn't in this lot any more.")))
        device, why = devices[one.device_id], " ".join(reason.split())[:300]
        let_go(row, one, device, reason=why, by=by, at=at)
        if row.state == LotState.OFFERED:
            Lot.objects.filter(pk=row.pk).update(edition=F("edition") + 1, document=None)
            fact = facts.LotChanged(number=row.number, edition=row.edition + 1, tag=device.tag, reason=why.rstrip("."))
            say(row, fact, by=by, at=at)
    return one


def let_go(lot: Lot, unit: LotUnit, device: Device, *, reason: str, by: Actor, at: datetime) -> None:
    """A taken unit is in the lot no more, and promised to nobody."""
    unit.left_at, unit.left_why, unit.is_open, unit.share = at, reason, False, None
    unit.save(update_fields=["left_at", "left_why", "is_open", "share"])
    promise = Allocation.objects.filter(device=device, released_at=None, taker=lot.taker).first()
    if promise is not None:
        standing.release_promise(device, promise, label=lot.number, reason=reason, by=by, at=at)
    fact = facts.LotLeft(lot=str(lot.pk), number=lot.number, reason=reason.rstrip("."))
    moves.note(device, fact=fact, by=by, at=at)
