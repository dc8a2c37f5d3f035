"""How much packaging is where: with partners (since when, what is overdue, how much gets lost) and at sites, and which carton fits."""

from __future__ import annotations

import uuid
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Sum

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.storage.models import PackagingAccount, PackagingKind, PackagingMove, PackagingMoveKind, PackagingType

_BACK = frozenset({PackagingMoveKind.BACK, PackagingMoveKind.BACK_DAMAGED})


def type_name(code: str) -> str | None:
    return PackagingType.objects.filter(code=code).values_list("name", flat=True).first()


@dataclass
class Balance:
    """One kind of packaging with one partner."""

    account: PackagingAccount
    given: int = 0
    back: int = 0
    damaged: int = 0
    lost: int = 0
    balance: int = 0
    """What the partner has; below nothing, what we owe."""
    overdue: int = 0
    oldest: datetime | None = None
    """Since when the longest one is out."""
    dwell_days: float | None = None
    """How long those that came back were out, on average."""

    @property
    def deposit(self) -> Decimal:
        """What of the deposit stands for what the partner has."""
        return self.account.deposit_each * self.balance

    @property
    def at_risk(self) -> Decimal:
        """What is to be charged should the overdue ones not come back."""
        return self.account.price_each * self.overdue

    @property
    def loss_percent(self) -> Decimal | None:
        return (Decimal(self.lost) * 100 / self.given).quantize(Decimal("0.1")) if self.given else None


@dataclass
class Statement:
    """A partner's balance, kind by kind, and the moves behind it, newest first, each with what was left after it."""

    partner: Organization
    balances: list[Balance]
    lines: list[Line] = field(default_factory=list)

    @property
    def deposit(self) -> Decimal:
        return sum((one.deposit for one in self.balances), Decimal(0))


@dataclass(frozen=True)
class Line:
    move: PackagingMove
    left: int


@dataclass(frozen=True)
class Stock:
    """What of a kind a site has."""

    type: PackagingType
    hub: Hub
    ready: int
    dirty: int
    damaged: int


def _accounts(by: Actor) -> Iterable[PackagingAccount]:
    return PackagingAccount.objects.visible_to(by).exclude(partner=None).select_related("type", "partner")


def balances(by: Actor, *, at: datetime, partner: Organization | None = None) -> list[Balance]:
    """Every account with what stands on it, by the partner's name."""
    accounts = {one.pk: one for one in _accounts(by) if partner is None or one.partner_id == partner.pk}
    moves: dict[uuid.UUID, list[PackagingMove]] = defaultdict(list)
    for move in PackagingMove.objects.filter(account__in=accounts).order_by("occurred_at", "id"):
        moves[move.account_id].append(move)
    return [_balance(account, moves[key], at=at) for key, account in accounts.items()]


def _balance(account: PackagingAccount, moves: Iterable[PackagingMove], *, at: datetime) -> Balance:
    """What comes back is what went out first."""
    told = Balance(account)
    out: deque[list[object]] = deque()
    days = Decimal(0)
    for move in moves:
        told.balance += move.at_partner
        if move.kind == PackagingMoveKind.GIVEN:
            told.given += move.quantity
            out.append([move.occurred_at, move.quantity])
            continue
        if move.kind in _BACK:
            told.back += move.quantity
            told.damaged += move.quantity if move.kind == PackagingMoveKind.BACK_DAMAGED else 0
        told.lost += {PackagingMoveKind.LOST: 1, PackagingMoveKind.FOUND: -1}.get(move.kind, 0) * move.quantity  # type: ignore[call-overload]
        left = -move.at_partner
        while left > 0 and out:
            since, count = out[0]
            taken = min(left, int(count))  # type: ignore[call-overload]
            if move.kind in _BACK:
                days += Decimal((move.occurred_at - since).total_seconds()) * taken / 86400  # type: ignore[operator]
            left -= taken
            if taken == count:
                out.popleft()
            else:
                out[0][1] = int(count) - taken  # type: ignore[call-overload]
    told.dwell_days = float(round(days / told.back, 1)) if told.back else None
    limit = at - timedelta(days=account.days)
    for since, count in out:
        told.oldest = told.oldest or since  # type: ignore[assignment]
        told.overdue += int(count) if since < limit else 0  # type: ignore[call-overload, operator]
    return told


def statement(partner: Organization, by: Actor, *, at: datetime) -> Statement:
    found = Statement(partner, balances(by, at=at, partner=partner))
    left: dict[uuid.UUID, int] = defaultdict(int)
    rows = PackagingMove.objects.filter(account__in=[one.account.pk for one in found.balances])
    for move in rows.select_related("type", "hub").order_by("occurred_at", "id"):
        left[move.account_id] += move.at_partner
        found.lines.append(Line(move, left[move.account_id]))
    found.lines.reverse()
    return found


def stock(by: Actor) -> list[Stock]:
    """What is at one's sites: ready, to be cleaned, damaged."""
    hubs = {one.pk: one for one in Hub.objects.worked_by(by)}
    types = {one.pk: one for one in PackagingType.objects.all()}
    rows = (
        PackagingMove.objects.filter(hub__in=hubs)
        .order_by()
        .values("hub", "type")
        .annotate(Sum("ready"), Sum("dirty"), Sum("damaged"))
    )
    found = [
        Stock(types[row["type"]], hubs[row["hub"]], row["ready__sum"], row["dirty__sum"], row["damaged__sum"])
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.hub.name, one.type.kind, one.type.name))


def at_site(type: PackagingType, hub: Hub) -> Stock:
    told = PackagingMove.objects.filter(hub=hub, type=type).aggregate(Sum("ready"), Sum("dirty"), Sum("damaged"))
    return Stock(type, hub, told["ready__sum"] or 0, told["dirty__sum"] or 0, told["damaged__sum"] or 0)


def cartons_for(hubs: Iterable[Hub], *, sides: tuple[int, int, int]) -> list[Stock]:
    """Kept cartons in which something of these sides (in millimetres) fits, however it is turned; the smallest first."""
    wanted = sorted(sides)
    keys = {one.pk: one for one in hubs}
    found = []
    for type in PackagingType.objects.filter(kind=PackagingKind.CARTON, active=True).exclude(length_mm=None):
        inside = sorted((type.length_mm or 0, type.width_mm or 0, type.height_mm or 0))
        if all(room >= need for room, need in zip(inside, wanted, strict=True)):
            found += [one for hub in keys.values() if (one := at_site(type, hub)).ready > 0]
    return sorted(found, key=lambda one: (one.type.volume, one.hub.name))
