"""Looking again for the purchases of credited rows that weren't matched: later files, or the shop, may have brought the orders.

Once: what was found stays found, and only rows that still lack pieces are looked at, under the lock that every import of the seller takes.
Batch by batch, each whole or not at all, so that it may be killed anywhere; whoever comes next goes on with what is left.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from returns import facts
from returns import reasons as words
from returns.imports import judging
from returns.imports.judging import Document, Row
from returns.models import ImportedRow, ImportRun, RowOutcome
from returns.services import importing
from returns.services.crediting import Sold, Stock, Writer
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common.errors import NotAllowed, Reason
from revlog.custody.services import ledger
from revlog.terms.services import orders

BATCH_ROWS = 1_000


@dataclass(frozen=True)
class Again:
    """What came of looking again."""

    rows: int = 0
    """Rows that are matched whole now."""
    pieces: int = 0
    amount: Decimal = Decimal(0)


@dataclass
class _Found:
    """A row, and what of the pieces that it still lacked was found."""

    entry: ImportedRow
    row: Row
    note: Document
    taken: list[tuple[Sold, int]]

    @property
    def pieces(self) -> int:
        return sum(pieces for _sold, pieces in self.taken)


def reasons_against_matching_again(seller: Organization, *, by: Actor) -> list[Reason]:
    if refused := orders.reasons_against_importing(seller, by=by):
        return refused
    if not _lacking(seller).exists():
        return [Reason("nothing_unmatched", _("There are no unmatched rows whose purchase could be found."))]
    return []


def match_again(seller: Organization, *, run: ImportRun | None = None, by: Actor, at: datetime) -> Again:
    """Look for the purchases of all unmatched rows of ``seller``, ``run`` being the import that brought new orders. Raises NotAllowed."""
    if refused := orders.reasons_against_importing(seller, by=by):
        raise NotAllowed(refused)
    done = Again()
    waiting = list(_lacking(seller).values_list("pk", flat=True))
    for start in range(0, len(waiting), BATCH_ROWS):
        new = _batch(seller.pk, waiting[start : start + BATCH_ROWS], run=run, by=by, at=at)
        done = Again(done.rows + new.rows, done.pieces + new.pieces, done.amount + new.amount)
    return done


def behind(run: uuid.UUID, *, at: datetime) -> Again:
    """The same, by the worker, behind an import that is done."""
    found = ImportRun.objects.select_related("seller").get(pk=run)
    return match_again(found.seller, run=found, by=importing.WORKER, at=at)


def _lacking(seller: Organization) -> QuerySet[ImportedRow]:
    """Rows of credit notes that lack pieces and say whose purchase it can be, in the order in which they were credited."""
    rows = ImportedRow.objects.filter(run__seller=seller, outcome=RowOutcome.UNMATCHED, note__isnull=False)
    named = ~Q(customer="") | ~Q(original="") | Q(reason="no_such_order")
    return rows.filter(named).order_by("note__credited_at", "note__number", "line", "pk")


@transaction.atomic
def _batch(seller: uuid.UUID, waiting: Sequence[int], *, run: ImportRun | None, by: Actor, at: datetime) -> Again:
    held = Organization.objects.select_for_update(no_key=True).get(pk=seller)
    rows = list(
        _lacking(held).filter(pk__in=waiting).select_related("run", "note").select_for_update(no_key=True, of=("self",))
    )
    found = _search(held, rows)
    if not found:
        return Again()
    hub = importing.hub_of(held, at=at)
    by_run: dict[uuid.UUID, list[_Found]] = defaultdict(list)
    for one in found:
        by_run[one.entry.run_id].append(one)
    for told in by_run.values():
        writer = Writer(told[0].entry.run, hub, by, at)
        for one in told:
            _mark(one.entry, one.pieces, run=run, at=at)
            writer.add(one.note, one.row, one.entry, one.taken)
        writer.write([])
    copies = _copies(held, [one.entry for one in found])
    ImportedRow.objects.bulk_update(
        [*(one.entry for one in found), *copies],
        ["outcome", "reason", "told", "matched_quantity", "matched_at", "matched_by"],
        batch_size=1000,
    )
    for old, told in by_run.items():
        new = _sum(told)
        ledger.append(
            old,
            facts.ImportMatchedLater(
                rows=new.rows,
                pieces=new.pieces,
                amount=str(new.amount),
                currency=told[0].entry.run.currency,
                run=str(run.pk) if run else "",
            ),
            by=by,
            at=at,
            owner=seller,
        )
    return _sum(found)


def _search(seller: Organization, rows: Sequence[ImportedRow]) -> list[_Found]:
    """The pieces that can be taken now, the earliest credit first, as if its file came now."""
    told = [(entry, *_as_told(entry)) for entry in rows]
    stock = Stock(seller.pk, [note for _entry, _row, note in told], {}, strictly=True)
    found = [_Found(entry, row, note, stock.take(row, note, 0)) for entry, row, note in told]
    return [one for one in found if one.taken]


def _as_told(entry: ImportedRow) -> tuple[Row, Document]:
    """The row as its file told it, with the pieces that it lacks; and the note by itself."""
    if entry.note is None or entry.quantity is None or entry.price is None:  # pragma: no cover - rows of a note say all
        raise ValueError(entry.pk)
    row = Row(
        line=entry.line,
        document=entry.document,
        sku=entry.sku,
        description=entry.description,
        quantity=entry.quantity - entry.matched_quantity,
        price=_plain(entry.price),
        at=entry.at,
        customer=entry.customer,
        original=entry.original or (entry.told if entry.reason == "no_such_order" else ""),
        why=entry.why or words.NOT_STATED,
    )
    return row, Document(entry.note.number, entry.note.credited_at, credit=True, rows=[replace(row)])


def _plain(price: Decimal) -> Decimal:
    """With cents, as files have it; four places only where it has them."""
    cents = price.quantize(judging.CENT)
    return cents if cents == price else price


def _mark(entry: ImportedRow, pieces: int, *, run: ImportRun | None, at: datetime) -> None:
    entry.matched_quantity += pieces
    entry.matched_at, entry.matched_by = at, run
    if entry.matched_quantity == entry.quantity:
        entry.outcome, entry.reason, entry.told = RowOutcome.MATCHED.value, "", ""
    else:
        entry.reason, entry.told = "bought_less", f"{entry.matched_quantity:,}"


def _copies(seller: Organization, found: Sequence[ImportedRow]) -> list[ImportedRow]:
    """Rows of later files that said the same credit again: they say the same now too. Rows of one SKU and quantity are alike."""
    told = ImportedRow.objects.filter(run__seller=seller, known=True, outcome=RowOutcome.UNMATCHED)
    told = told.filter(sku__in={one.sku for one in found}, document__in=_written({one.document for one in found}))
    alike: dict[tuple[str, str, int | None], dict[uuid.UUID, list[ImportedRow]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for one in told.order_by("run", "-line"):
        alike[_alike(one)][one.run_id].append(one)
    changed: list[ImportedRow] = []
    for entry in found:
        for same in alike[_alike(entry)].values():
            if same:
                copy = same.pop()
                for name in ("outcome", "reason", "told", "matched_quantity", "matched_at", "matched_by"):
                    setattr(copy, name, getattr(entry, name))
                changed.append(copy)
    return changed


def _alike(entry: ImportedRow) -> tuple[str, str, int | None]:
    return entry.document.upper(), entry.sku, entry.quantity


def _written(documents: Iterable[str]) -> set[str]:
    """The ways in which files write these numbers: capitals don't matter."""
    return {form for one in documents for form in (one, one.upper(), one.lower())}


def _sum(found: Sequence[_Found]) -> Again:
    return Again(
        rows=sum(one.entry.outcome == RowOutcome.MATCHED for one in found),
        pieces=sum(one.pieces for one in found),
        amount=sum((one.row.price * one.pieces for one in found), Decimal(0)),
    )
