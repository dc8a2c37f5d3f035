"""Proof of sale: which deliveries a business's lines came out of. Only what was delivered to that customer may come back, and of it only
what isn't on its way back already; a lot or serial that it never got is refused with the reason."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from returns import kits
from returns.models import BusinessLine, RmaLine, RmaUnit
from returns.models.rma import DEAD
from returns.services.business.lines import Told, wrong
from revlog.accounts.models import Organization
from revlog.common.errors import Reason
from revlog.devices import identifiers
from revlog.devices.models.device import Tracking
from revlog.terms.models import Order, OrderLine

MOST_ORDERS = 2000
"""Of a customer's deliveries, the newest; whoever returns older ones names the order."""


@dataclass(frozen=True, kw_only=True)
class Papers:
    """The numbers by which a customer says what it is about; empty ones leave it open."""

    po: str = ""
    invoice: str = ""
    delivery: str = ""
    order: str = ""

    @property
    def any(self) -> bool:
        return bool(self.po or self.invoice or self.delivery or self.order)

    def shown(self) -> str:
        return ", ".join(one for one in (self.po, self.invoice, self.delivery, self.order) if one)


@dataclass
class Piece:
    """So many of one order line that come back together: what becomes a line of the RMA."""

    line: OrderLine
    told: Told
    quantity: int
    rows: list[int]
    serials: list[str] = field(default_factory=list)
    lot: str = ""
    expires_on: date | None = None
    lot_sent: bool = True
    component: str = ""
    before: int = 0
    """Pieces of the component that came back earlier."""


@dataclass
class Gone:
    """What of an order line is in returns that weren't refused, called off or given up."""

    whole: int = 0
    parts: dict[str, int] = field(default_factory=dict)


def deliveries(customer: Organization, seller: Organization, papers: Papers) -> list[Order]:
    """The customer's orders with this seller that the papers name; all of them, newest first, where they name none."""
    rows = Order.objects.filter(customer=customer, seller=seller)
    for name, number in (
        ("po_number", papers.po),
        ("invoice_number", papers.invoice),
        ("delivery_number", papers.delivery),
        ("number", papers.order),
    ):
        if number:
            rows = rows.filter(**{f"{name}__iexact": number.strip()})
    return list(rows.select_related("seller", "contact").order_by("-ordered_at", "-id")[:MOST_ORDERS])


def gone(lines: Iterable[OrderLine]) -> dict[uuid.UUID, Gone]:
    """What came back, or is to, of these lines. Of a return that is complete only what came counts: the rest may be announced again."""
    ids = [line.pk for line in lines]
    found: dict[uuid.UUID, Gone] = defaultdict(Gone)
    rows = (
        RmaLine.objects.filter(order_line__in=ids)
        .exclude(rma__status__in=[status.value for status in DEAD])
        .exclude(settled_as="not_received")
        .select_related("business", "rma__business")
        .annotate(
            # What was not taken and went back may be announced once more.
            came=Sum(
                "units__counted",
                filter=Q(units__received_at__isnull=False) & ~Q(units__status__in=["refused", "sent_back"]),
            )
        )
    )
    for row in rows:
        own = getattr(row, "business", None)
        case = getattr(row.rma, "business", None)
        pieces = row.quantity
        if case is not None and case.complete_at is not None:
            pieces = row.came or 0
        taken = found[row.order_line_id]
        if own is not None and own.components:
            for part in own.components:
                sku = str(part["sku"]).upper()
                taken.parts[sku] = taken.parts.get(sku, 0) + pieces
        else:
            taken.whole += pieces
    return found


def _whole_left(line: OrderLine, taken: Gone) -> int:
    """Kits of which a part is gone can't come back whole."""
    broken = max(
        (-(-taken.parts.get(str(part["sku"]).upper(), 0) // int(part["quantity"])) for part in line.components),
        default=0,
    )
    return line.quantity - taken.whole - broken


class Finder:
    """Gives each told line the order lines that it came out of, first delivered first, and keeps count of what is left."""

    def __init__(self, customer: Organization, seller: Organization, papers: Papers, *, may_accept: bool) -> None:
        self.papers, self.may_accept = papers, may_accept
        self.orders = deliveries(customer, seller, papers)
        rows = OrderLine.objects.filter(order__in=self.orders).select_related("order", "product", "variant__product")
        self.lines = sorted(rows, key=lambda one: (one.delivered or one.order.ordered_at, one.order_id, one.position))
        self.gone = gone(self.lines)
        self.by_sku: dict[str, list[OrderLine]] = defaultdict(list)
        self.by_serial: dict[str, OrderLine] = {}
        for line in self.lines:
            self.by_sku[line.sku.upper()].append(line)
            for serial in line.serials:
                self.by_serial[identifiers.normal_serial(serial)] = line
        self.coming = self._coming()
        self.pieces: dict[tuple[object, ...], Piece] = {}
        self.named: dict[str, int] = {}

    def _coming(self) -> dict[str, str]:
        """Serial -> number of the return that it is in already."""
        rows = BusinessLine.objects.filter(line__order_line__in=[one.pk for one in self.lines if one.serials])
        rows = rows.exclude(line__rma__status__in=[status.value for status in DEAD]).exclude(
            line__settled_as="not_received"
        )
        found = {
            identifiers.normal_serial(serial): number
            for serials, number in rows.values_list("serials", "line__rma__number")
            for serial in serials
        }
        others = RmaUnit.objects.filter(line__order_line__in=[one.pk for one in self.lines if one.serials])
        others = others.exclude(serial="").exclude(line__rma__status__in=[status.value for status in DEAD])
        for serial, number in others.exclude(status="not_received").values_list("serial", "line__rma__number"):
            found.setdefault(identifiers.normal_serial(serial), number)
        return found

    # One line ---------------------------------------------------------------------------------------------------------------------

    def add(self, told: Told) -> list[Reason]:
        """Find what a line came out of. Empty when it was found; else every reason why not."""
        if told.serial:
            return self._by_serial(told)
        lines = [one for one in self.by_sku.get(told.sku.upper(), ()) if self._named_by(told, one)]
        if not lines:
            return [wrong(told.row, self._never_sent(told), "sku", "not_sold")]
        delivered = [one for one in lines if one.delivered is not None]
        if not delivered:
            return [wrong(told.row, _("%s has not been delivered yet.") % told.sku, "sku", "not_delivered")]
        if told.component:
            return self._component(told, delivered)
        if all(one.tracking == Tracking.SERIALIZED and one.serials for one in delivered):
            return [
                wrong(
                    told.row,
                    _("Name the serial numbers of %s: we know which ones were sold.") % told.sku,
                    "serial",
                    "no_serial",
                )
            ]
        return self._counted(told, delivered)

    def _named_by(self, told: Told, line: OrderLine) -> bool:
        if not told.order:
            return True
        order = line.order
        numbers = (order.number, order.po_number, order.invoice_number, order.delivery_number)
        return told.order.upper() in {number.upper() for number in numbers if number}

    def _never_sent(self, told: Told) -> str:
        where = told.order or self.papers.shown()
        what = told.serial or told.sku
        if where:
            return _("%(what)s isn't in what we delivered under %(papers)s.") % {"what": what, "papers": where}
        return _("We never delivered %s to this customer.") % what

    def _by_serial(self, told: Told) -> list[Reason]:
        key = identifiers.normal_serial(told.serial)
        line = self.by_serial.get(key)
        if line is None or not self._named_by(told, line):
            return [wrong(told.row, self._never_sent(told), "serial", "not_sold")]
        if told.sku and told.sku.upper() != line.sku.upper():
            return [
                wrong(
                    told.row,
                    _("%(serial)s is %(sku)s, not %(told)s.")
                    % {"serial": told.serial, "sku": line.sku, "told": told.sku},
                    "sku",
                )
            ]
        if line.delivered is None:
            return [wrong(told.row, _("%s has not been delivered yet.") % told.serial, "serial", "not_delivered")]
        if (earlier := self.named.setdefault(key, told.row)) != told.row:
            return [
                wrong(
                    told.row,
                    _("%(serial)s stands in line %(line)s already.") % {"serial": told.serial, "line": earlier},
                    "serial",
                    "twice",
                )
            ]
        if key in self.coming:
            return [
                wrong(
                    told.row,
                    _("%(serial)s is in return %(number)s already.")
                    % {"serial": told.serial, "number": self.coming[key]},
                    "serial",
                    "taken",
                )
            ]
        piece = self._piece(line, told, lot=line.lot, lot_sent=True)
        piece.quantity += 1
        piece.serials.append(told.serial.strip())
        return []

    def _counted(self, told: Told, lines: Sequence[OrderLine]) -> list[Reason]:
        chosen, lot_sent = list(lines), True
        if told.lot:
            tracked = [one for one in lines if one.lot]
            chosen = [one for one in lines if one.lot.upper() == told.lot.upper()] or [
                one for one in lines if not one.lot
            ]
            if not chosen:
                sent = ", ".join(dict.fromkeys(one.lot for one in tracked))
                sentence = _("Lot %(lot)s of %(sku)s was never sent to this customer; sent were %(sent)s.") % {
                    "lot": told.lot, "sku": told.sku, "sent": sent,
                }  # fmt: skip
                if not told.wrong_lot:
                    return [wrong(told.row, sentence, "lot", "wrong_lot")]
                if not self.may_accept:
                    more = _("Only a person of ours can accept it all the same.")
                    return [wrong(told.row, f"{sentence} {more}", "wrong_lot", "wrong_lot")]
                chosen, lot_sent = list(lines), False
        if lot_sent and told.lot and told.expires_on:
            dated = [one.expires_on for one in chosen if one.expires_on]
            if dated and told.expires_on not in dated:
                return [
                    wrong(
                        told.row,
                        _("Lot %(lot)s expires on %(sent)s, not on %(told)s.")
                        % {"lot": told.lot, "sent": dated[0].isoformat(), "told": told.expires_on.isoformat()},
                        "expires",
                        "wrong_expiry",
                    )
                ]
        left = [(one, _whole_left(one, self.gone[one.pk]) - self._assigned(one)) for one in chosen]
        return self._spread(told, [(one, count) for one, count in left if count > 0], lot_sent=lot_sent)

    def _spread(
        self, told: Told, left: Sequence[tuple[OrderLine, int]], *, lot_sent: bool, component: str = ""
    ) -> list[Reason]:
        """Take the pieces out of lines, first delivered first; nothing when there aren't enough."""
        total = sum(count for _line, count in left)
        what = component or (f"{told.sku} ({told.lot})" if told.lot else told.sku)
        if total < 1:
            return [wrong(told.row, _("All of %s came back already, or is on its way.") % what, "quantity", "taken")]
        if told.quantity > total:
            return [
                wrong(
                    told.row,
                    ngettext(
                        "Of %(what)s only %(left)s can still come back.",
                        "Of %(what)s only %(left)s can still come back.",
                        total,
                    )
                    % {"what": what, "left": f"{total:,}"},
                    "quantity",
                    "too_many",
                )
            ]
        wanted = told.quantity
        for line, count in left:
            taken = min(count, wanted)
            if taken < 1:
                break
            lot = (told.lot or line.lot) if not component else ""
            self._piece(line, told, lot=lot, lot_sent=lot_sent, component=component).quantity += taken
            wanted -= taken
        return []

    def _component(self, told: Told, lines: Sequence[OrderLine]) -> list[Reason]:
        fitting = [one for one in lines if kits.part(one.components, told.component) is not None]
        if not fitting:
            return [
                wrong(
                    told.row,
                    _("%(part)s is no part of %(kit)s.") % {"part": told.component, "kit": told.sku},
                    "component",
                    "no_part",
                )
            ]
        left = []
        for line in fitting:
            part = kits.part(line.components, told.component) or {}
            taken, sku = self.gone[line.pk], str(part["sku"]).upper()
            mine = [piece for piece in self.pieces.values() if piece.line.pk == line.pk]
            whole = sum(piece.quantity for piece in mine if not piece.component)
            apart = sum(piece.quantity for piece in mine if piece.component.upper() == sku)
            pieces = (line.quantity - taken.whole - whole) * int(part["quantity"]) - taken.parts.get(sku, 0) - apart
            if pieces > 0:
                left.append((line, pieces))
        named = kits.part(fitting[0].components, told.component) or {}
        return self._spread(told, left, lot_sent=True, component=str(named["sku"]))

    def _assigned(self, line: OrderLine) -> int:
        """Whole pieces of a line that this return takes; a kit of which it takes a part is no longer whole."""
        mine = [piece for piece in self.pieces.values() if piece.line.pk == line.pk]
        whole = sum(piece.quantity for piece in mine if not piece.component)
        broken = 0
        for piece in mine:
            if piece.component and (part := kits.part(line.components, piece.component)) is not None:
                broken = max(broken, -(-piece.quantity // int(part["quantity"])))
        return whole + broken

    def _piece(self, line: OrderLine, told: Told, *, lot: str, lot_sent: bool, component: str = "") -> Piece:
        """The piece that this belongs to: the same of one line told twice is one, so that nothing doubles."""
        key = (line.pk, told.reason, told.price, lot.upper(), lot_sent, component.upper())
        piece = self.pieces.get(key)
        if piece is None:
            before = self.gone[line.pk].parts.get(component.upper(), 0) if component else 0
            piece = self.pieces[key] = Piece(
                line=line,
                told=told,
                quantity=0,
                rows=[],
                lot=lot,
                expires_on=told.expires_on or (line.expires_on if lot_sent and not component else None),
                lot_sent=lot_sent,
                component=component,
                before=before,
            )
        if told.row not in piece.rows:
            piece.rows.append(told.row)
        return piece


def days_since(line: OrderLine, *, at: datetime) -> int | None:
    return None if line.delivered is None else (at.date() - line.delivered.date()).days
