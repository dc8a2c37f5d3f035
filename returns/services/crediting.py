"""Credit notes of the past taken over: the purchase behind each credited line found, and the return that it was written down as settled.

A match is the same customer and product at the latest earlier invoice with open quantity, and may take pieces of several lines. Open is
what was sold less what returns took already, whoever brought those. So the answer depends on what stands in the database and on the
order of the file alone: whether an import was stopped in between makes no difference.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import Q
from django.db.models.functions import Upper

from returns import facts
from returns.imports.judging import Document, Row
from returns.models import (
    CreditNote,
    ImportedMatch,
    ImportedRow,
    ImportRun,
    Origin,
    Outcome,
    Rma,
    RmaLine,
    RmaStatus,
    RowOutcome,
)
from returns.services import opening
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.terms.models import Order, OrderLine

Key = tuple[str, str]
"""Whose purchase it can be, a contact's id or an order's number, and the SKU."""


@dataclass(slots=True)
class Sold:
    """An order line from which pieces may be credited."""

    line: uuid.UUID
    order: uuid.UUID
    number: str
    contact: uuid.UUID
    ordered_at: datetime
    position: int
    open: int

    @property
    def age(self) -> tuple[datetime, int, str, int]:
        """The latest invoice is the largest; of one moment, the higher number; inside one, the first line."""
        return self.ordered_at, len(self.number), self.number, -self.position


@dataclass
class Credited:
    """What became of the credit notes of one batch."""

    kept: list[ImportedRow] = field(default_factory=list)
    matched: int = 0
    unmatched: int = 0
    refused: int = 0
    known: int = 0
    total: Decimal = Decimal(0)

    def keep(self, row: ImportedRow, amount: Decimal) -> None:
        self.kept.append(row)
        if row.outcome == RowOutcome.REFUSED:
            self.refused += 1
            return
        self.total += amount
        self.known += row.known
        if row.outcome == RowOutcome.MATCHED:
            self.matched += 1
        else:
            self.unmatched += 1


def customer(seller: uuid.UUID, number: str) -> uuid.UUID:
    """The contact that a seller's customer number means: the same one in every file of theirs, found without keeping the number."""
    return uuid.uuid5(seller, f"customer:{number}")


def kept(
    run: ImportRun, row: Row, outcome: RowOutcome, *, reason: str = "", told: str = "", note: CreditNote | None = None
) -> ImportedRow:
    return ImportedRow(
        run=run,
        note=note,
        line=row.line,
        outcome=outcome.value,
        reason=reason or row.reason,
        told=(told or row.told)[:200],
        document=row.document[:80],
        customer=row.customer,
        sku=row.sku,
        description=row.description,
        quantity=row.quantity,
        price=row.price,
        at=row.at,
        original=row.original[:80],
        why=row.why,
    )


def credit(
    notes: Sequence[tuple[int, Document]],
    *,
    run: ImportRun,
    placed: Mapping[uuid.UUID, int],
    hub: Hub | None,
    by: Actor,
    at: datetime,
) -> Credited:
    """Take over these credit notes, each with its place in the batch; ``placed`` holds the places of orders that the batch brought.

    In the caller's transaction, which holds the seller.
    """
    done = Credited()
    fresh, writer = [], Writer(run, hub, by, at)
    known = _known(run, [note for _place, note in notes])
    for place, note in notes:
        before = known.get(note.number.upper())
        if before is None:
            fresh.append((place, note))
        elif before.content == note.content():
            _say_again(done, run, note, before)
        else:
            for row in note.rows:
                done.keep(kept(run, row, RowOutcome.REFUSED, reason="other_content", told=note.number), Decimal(0))
    stock = Stock(run.seller_id, [note for _place, note in fresh], placed)
    for place, note in fresh:
        written = writer.begin(note)
        for row in note.rows:
            taken = stock.take(row, note, place)
            found = sum(pieces for _sold, pieces in taken)
            if found == row.quantity:
                entry = kept(run, row, RowOutcome.MATCHED, note=written)
            else:
                reason, told = stock.why(row, found, note=note, place=place)
                entry = kept(run, row, RowOutcome.UNMATCHED, reason=reason, told=told, note=written)
            entry.matched_quantity = found
            done.keep(entry, row.amount)
            writer.add(note, row, entry, taken)
    writer.write(done.kept)
    return done


def _known(run: ImportRun, notes: Sequence[Document]) -> dict[str, CreditNote]:
    numbers = [note.number.upper() for note in notes]
    rows = CreditNote.objects.alias(upper=Upper("number")).filter(seller=run.seller_id, upper__in=numbers)
    return {row.number.upper(): row for row in rows.prefetch_related("rows")}


def _say_again(done: Credited, run: ImportRun, note: Document, before: CreditNote) -> None:
    """Its rows, with what became of them when they came first. Rows of one SKU and quantity are alike: any stands for any."""
    earlier: dict[tuple[str, int | None], list[ImportedRow]] = defaultdict(list)
    for one in before.rows.all():
        earlier[one.sku, one.quantity].append(one)
    for row in note.rows:
        same = earlier[row.sku, row.quantity].pop()
        again = kept(run, row, RowOutcome(same.outcome), reason=same.reason, told=same.told)
        again.matched_quantity, again.known = same.matched_quantity, True
        done.keep(again, row.amount)


class Stock:
    """What the customers of some credit notes had bought of what they gave back, and how much of it is open."""

    def __init__(
        self, seller: uuid.UUID, notes: Iterable[Document], placed: Mapping[uuid.UUID, int], *, strictly: bool = False
    ) -> None:
        self.seller = seller
        self.strictly = strictly
        """A purchase of the very moment of its credit isn't earlier: nothing says any more which of the two came first."""
        self.placed = placed
        self.sold: dict[Key, list[Sold]] = defaultdict(list)
        rows = [row for note in notes for row in note.rows]
        wanted = {key for row in rows if (key := self._key(row)) is not None}
        contacts = {customer(seller, row.customer) for row in rows if row.customer and not row.original}
        numbers = {row.original.upper() for row in rows if row.original}
        skus = {row.sku for row in rows}
        if contacts:
            self._read(Q(order__contact__in=contacts), skus, wanted)
        if numbers:
            orders = Order.objects.alias(upper=Upper("number")).filter(seller=seller, upper__in=numbers)
            self._read(Q(order__in=list(orders.values_list("pk", flat=True))), skus, wanted, by_number=True)
        self._open()

    def _key(self, row: Row) -> Key | None:
        if row.original:
            return f"#{row.original.upper()}", row.sku
        return (str(customer(self.seller, row.customer)), row.sku) if row.customer else None

    def _read(self, where: Q, skus: set[str], wanted: set[Key], *, by_number: bool = False) -> None:
        rows = OrderLine.objects.filter(where, order__seller=self.seller, sku__in=skus).values_list(
            "pk",
            "order_id",
            "order__number",
            "order__contact_id",
            "order__ordered_at",
            "position",
            "quantity",
            "sku",
        )
        for pk, order, number, contact, ordered_at, position, quantity, sku in rows:
            key = (f"#{number.upper()}" if by_number else str(contact), sku)
            if key in wanted:
                self.sold[key].append(Sold(pk, order, number, contact, ordered_at, position, quantity))

    def _open(self) -> None:
        """Less what returns took. The orders are held, since somebody may announce a return of one at this moment."""
        lines = {one.line: one for found in self.sold.values() for one in found}
        orders = sorted({one.order for one in lines.values()} - set(self.placed))
        if orders:
            list(
                Order.objects.select_for_update(no_key=True)
                .filter(pk__in=orders)
                .order_by("pk")
                .values_list("pk", flat=True)
            )
        for line, quantity in opening.taken_of(Q(order_line__in=list(lines))).items():
            lines[line].open -= quantity
        for found in self.sold.values():
            found.sort(key=lambda one: one.age, reverse=True)

    def _earlier(self, row: Row, note: Document, place: int) -> list[Sold]:
        key = self._key(row)
        return [
            one
            for one in (self.sold.get(key, []) if key else [])
            if one.ordered_at <= note.at
            and self.placed.get(one.order, -1) < place
            and (not self.strictly or row.original or one.ordered_at < note.at)
        ]

    def take(self, row: Row, note: Document, place: int) -> list[tuple[Sold, int]]:
        """Pieces of the row, from the latest earlier invoices that have some open."""
        left, taken = row.quantity, []
        for one in self._earlier(row, note, place):
            pieces = min(left, one.open)
            if pieces > 0:
                one.open -= pieces
                left -= pieces
                taken.append((one, pieces))
            if not left:
                break
        return taken

    def why(self, row: Row, found: int, *, note: Document, place: int) -> tuple[str, str]:
        """Why the row isn't matched, and what that speaks of."""
        if found:
            return "bought_less", f"{found:,}"
        if self._earlier(row, note, place):
            return "credited_before", ""
        if row.original:
            return "no_such_order", row.original
        return ("never_bought", "") if row.customer else ("no_customer", "")


class Writer:
    """Collects what a batch of credit notes writes, and writes it set-based: one return for each note that was matched in any part."""

    def __init__(self, run: ImportRun, hub: Hub | None, by: Actor, at: datetime) -> None:
        self.run, self.hub, self.by, self.at = run, hub, by, at
        self.notes: list[CreditNote] = []
        self.rmas: dict[tuple[str, uuid.UUID], Rma] = {}
        self.lines: dict[uuid.UUID, list[RmaLine]] = defaultdict(list)
        self.names: dict[uuid.UUID, str] = {}
        self.matches: list[ImportedMatch] = []

    def begin(self, note: Document) -> CreditNote:
        written = CreditNote(
            id=ids.new(self.at),
            run=self.run,
            seller_id=self.run.seller_id,
            number=note.number,
            content=note.content(),
            credited_at=note.at,
        )
        self.notes.append(written)
        return written

    def add(self, note: Document, row: Row, entry: ImportedRow, taken: Iterable[tuple[Sold, int]]) -> None:
        for sold, pieces in taken:
            rma = self._rma(note, sold)
            line = RmaLine(
                id=ids.new(self.at),
                rma=rma,
                order_line_id=sold.line,
                position=len(self.lines[rma.pk]) + 1,
                quantity=pieces,
                price=row.price,
                currency=self.run.currency,
                reason=row.why,
                wanted=Outcome.REFUND.value,
                settled_at=note.at,
                settled_as="refund",
                settled_amount=row.price * pieces,
            )
            self.lines[rma.pk].append(line)
            self.matches.append(ImportedMatch(row=entry, rma_line=line))

    def _rma(self, note: Document, sold: Sold) -> Rma:
        # A note may credit things of several orders in one return, as a customer may send them back in one.
        key = (note.number, sold.contact)
        if key not in self.rmas:
            if self.hub is None:  # pragma: no cover - asked before anything is imported
                raise RuntimeError("There is no site that takes returns.")
            self.rmas[key] = Rma(
                id=ids.new(self.at),
                number=ids.code("RMA"),
                order_id=sold.order,
                seller_id=self.run.seller_id,
                contact_id=sold.contact,
                hub=self.hub,
                origin=Origin.IMPORT.value,
                status=RmaStatus.CLOSED.value,
                opened_by=self.by.reference,
                opened_at=note.at,
                decided_by=self.by.reference,
                decided_at=note.at,
                closed_at=note.at,
                currency=self.run.currency,
            )
            self.names[self.rmas[key].pk] = note.number
        return self.rmas[key]

    def write(self, rows: Sequence[ImportedRow]) -> None:
        CreditNote.objects.bulk_create(self.notes, batch_size=1000)
        ImportedRow.objects.bulk_create(rows, batch_size=1000)
        rmas = list(self.rmas.values())
        Rma.objects.bulk_create(rmas, batch_size=1000)
        RmaLine.objects.bulk_create([line for rma in rmas for line in self.lines[rma.pk]], batch_size=1000)
        ImportedMatch.objects.bulk_create(self.matches, batch_size=1000)
        ledger.write_many([self._entry(rma) for rma in rmas], opening="rma")

    def _entry(self, rma: Rma) -> Entry:
        lines = self.lines[rma.pk]
        entry = ledger.draft(
            ledger.Head(id=rma.pk, kind="rma"),
            facts.ReturnImported(
                number=rma.number,
                order=str(rma.order_id),
                note=self.names[rma.pk],
                lines=len(lines),
                quantity=sum(line.quantity for line in lines),
                reasons=[line.reason for line in lines],
                amount=str(sum((line.settled_amount or Decimal(0) for line in lines), Decimal(0))),
                currency=rma.currency,
                run=str(self.run.pk),
            ),
            by=self.by,
            at=rma.opened_at,
        )
        entry.owner_id, entry.hub_id = rma.seller_id, rma.hub_id
        return entry


def forget(contact: uuid.UUID) -> int:
    """Take the number of a person who was erased off the rows that imports kept. Returns how many rows that were."""
    sellers = ImportRun.objects.order_by().values_list("seller", flat=True).distinct()
    changed = 0
    for seller in sellers:
        rows = ImportedRow.objects.filter(run__seller=seller)
        numbers = rows.exclude(customer="").order_by().values_list("customer", flat=True).distinct()
        for number in [one for one in numbers if customer(seller, one) == contact]:
            rows.filter(reason="other_customer", told=number).update(told="")
            changed += rows.filter(customer=number).update(customer="")
    return changed
