"""Taking over past orders and returns from a file: in batches, each whole or not at all, so that it may be stopped or killed anywhere.

A batch is one transaction: the orders, the credit notes with their returns, every row that is kept, and the place up to which the file
is in. Whoever comes after a kill reads that place and goes on there. The same file and mapping for the same seller is the same import;
of another file, documents that stand here word for word are known and counted, and nothing of them is written again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from returns import facts
from returns.imports import judging, reading
from returns.imports import mapping as mappings
from returns.imports.judging import Document, Row
from returns.imports.mapping import Mapping
from returns.imports.reading import Source
from returns.models import ImportedRow, ImportRun, RowOutcome, RunStatus
from returns.services import answering, crediting
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import clock, ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody.models import Reaction
from revlog.custody.services import ledger
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts
from revlog.terms.models import Contact, Order, OrderSource
from revlog.terms.services import orders
from revlog.terms.services.new_orders import NewLine, NewOrder

BATCH_ROWS = 4_000
CHAIN = "import"
Progress = Callable[[int, int], object]
"""Called with the rows done and the rows of the file."""


class UnableToImport(DomainError):
    """The import can't begin or go on; nothing is half done."""

    code = "unable_to_import"


@dataclass(frozen=True)
class Batch:
    """Documents that go in together: those of the file from ``start`` on."""

    start: int
    documents: Sequence[Document]

    @property
    def rows(self) -> int:
        return sum(document.size for document in self.documents)


def seller_for(mapping: Mapping, *, code: str = "", by: Actor, at: datetime) -> Organization:
    """The organization that sold: the one with this code, else the one that the mapping names, which is made where it is missing.

    Raises BadInput, NotAllowed.
    """
    told = mapping.seller
    wanted = code or (told.code if told else "")
    if not wanted:
        raise BadInput(
            Reason("seller", _("Mapping %s names no seller; say whose orders these are.") % mapping.name, "seller")
        )
    found = Organization.objects.filter(code=wanted).first()
    if found is None and (told is None or told.code != wanted):
        raise BadInput(Reason("seller", _("There is no organization with the code “%s”.") % wanted, "seller"))
    if found is None and told is not None:
        if not by.is_operator:
            raise NotAllowed(Reason("not_allowed", _("You may import orders of your own organization alone.")))
        found, _made = Organization.objects.get_or_create(
            code=told.code,
            defaults={
                "id": ids.new(at),
                "name": told.name or told.code,
                "kind": told.kind,
                "country": told.country,
                "created_at": at,
            },
        )
    if found is None:  # pragma: no cover - one of the refusals above
        raise BadInput(Reason("seller", wanted))
    if refused := orders.reasons_against_importing(found, by=by):
        raise NotAllowed(refused)
    return found


def begin(
    *,
    source: Source,
    mapping: Mapping,
    seller: Organization,
    artifact: Artifact | None = None,
    by: Actor,
    at: datetime,
) -> ImportRun:
    """The import of this file by this mapping for this seller: the one that stands, wherever it is, else a new one at its start."""
    if refused := orders.reasons_against_importing(seller, by=by):
        raise NotAllowed(refused)
    digest = source.digest
    found = ImportRun.objects.filter(seller=seller, file_digest=digest, mapping_digest=mapping.digest).first()
    if found is not None:
        return found
    run = ImportRun(
        id=ids.new(at),
        seller=seller,
        file_name=source.name[-200:],
        file_digest=digest,
        mapping_name=mapping.name[:80],
        mapping_digest=mapping.digest,
        mapping_text=mapping.text,
        currency=mapping.currency,
        artifact=artifact,
        started_by=by.reference,
        started_at=at,
        moved_at=at,
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
            ledger.begin(
                CHAIN,
                run.pk,
                facts.ImportStarted(
                    seller=seller.code, file=digest, mapping=run.mapping_name, mapping_digest=mapping.digest
                ),
                by=by,
                at=at,
                owner=seller.pk,
            )
    except IntegrityError:  # two began it at once: there is one
        return ImportRun.objects.get(seller=seller, file_digest=digest, mapping_digest=mapping.digest)
    return run


def carry_on(
    run: ImportRun,
    *,
    source: Source,
    mapping: Mapping,
    progress: Progress | None = None,
    most: timedelta | None = None,
    by: Actor,
    at: datetime,
) -> ImportRun:
    """Import what is left of the file, batch by batch, until it is done, somebody asks to stop, or ``most`` has gone by.

    Raises UnreadableFile, UnableToImport; what was imported before stays. A refusal that a person has to read is kept on the run.
    """
    if run.status == RunStatus.DONE:
        return run
    if (run.file_digest, run.mapping_digest) != (source.digest, mapping.digest):
        raise UnableToImport(
            Reason("other_file", _("This is not the file and mapping that the import began with."), "file")
        )
    started = clock.now()
    found = judging.documents(reading.table(source, mapping), mapping, at=run.started_at)
    rows = sum(document.size for document in found)
    hub = hub_of(run.seller, at=at) if any(document.credit and document.rows for document in found) else None
    for batch in batches(found, run.position):
        run = _take(run, batch, rows=rows, last=len(found), mapping=mapping, hub=hub, by=by)
        if progress is not None:
            progress(run.rows_done, run.rows)
        if run.status != RunStatus.RUNNING or (most is not None and clock.now() - started >= most):
            break
    return run


def batches(found: Sequence[Document], position: int) -> Iterator[Batch]:
    """The documents behind ``position``, so many together as make up a batch; there is always a last one, if only to say "done"."""
    start, size = position, 0
    for place in range(position, len(found)):
        size += found[place].size
        if size >= BATCH_ROWS or place == len(found) - 1:
            yield Batch(start, found[start : place + 1])
            start, size = place + 1, 0
    if position >= len(found):
        yield Batch(position, [])


def hub_of(seller: Organization, *, at: datetime) -> Hub:
    """Where such returns would have come to: an RMA names a site, also one whose goods never came here."""
    order = Order(seller=seller)
    return answering.hub_for(answering.hubs(), answering.rules_for(order, at=at))


@transaction.atomic
def _take(
    run: ImportRun, batch: Batch, *, rows: int, last: int, mapping: Mapping, hub: Hub | None, by: Actor
) -> ImportRun:
    """One batch, or nothing of it. Raises UnableToImport when another process has taken it."""
    # As every import of orders: one of a seller after the other, and each import by one process at a time.
    seller = Organization.objects.select_for_update(no_key=True).get(pk=run.seller_id)
    held = ImportRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    held.seller = seller
    if held.position != batch.start or held.status == RunStatus.DONE:
        raise UnableToImport(Reason("moved", _("Another process is at this import; it goes on without you.")))
    at = clock.now()
    if held.status == RunStatus.STOPPED:
        return held
    if held.stop_asked:
        return _stopped(held, by=by, at=at)
    held.status, held.problem, held.rows = RunStatus.RUNNING.value, "", rows
    _write(held, batch.documents, mapping=mapping, hub=hub, by=by, at=at)
    held.position += len(batch.documents)
    held.rows_done += batch.rows
    held.moved_at = at
    if held.position >= last:
        held.status, held.finished_at = RunStatus.DONE.value, at
        ledger.append(held.pk, _finished(held), by=by, at=at, key="finished", owner=seller.pk)
    held.save()
    return held


def _finished(run: ImportRun) -> facts.ImportFinished:
    return facts.ImportFinished(
        order_lines=run.order_lines,
        return_lines=run.return_lines,
        matched=run.matched,
        unmatched=run.unmatched,
        refused=run.refused,
        order_total=str(run.order_total),
        return_total=str(run.return_total),
        currency=run.currency,
    )


def _write(
    run: ImportRun, found: Sequence[Document], *, mapping: Mapping, hub: Hub | None, by: Actor, at: datetime
) -> None:
    """The documents of a batch, orders first; the counts of the run go on with them."""
    refused = [crediting.kept(run, row, RowOutcome.REFUSED) for document in found for row in document.refused]
    sales = [(place, one) for place, one in enumerate(found) if one.rows and not one.credit]
    told = {one.number.upper(): (place, one, order_of(one, run, mapping)) for place, one in sales}
    known = orders.of_numbers([one.number for _place, one in sales], seller=run.seller)
    other = {number for number, row in known.items() if row.content != told[number][2].content()}
    for number in other:
        _place, document, _order = told.pop(number)
        refused += [
            crediting.kept(run, row, RowOutcome.REFUSED, reason="other_content", told=document.number)
            for row in document.rows
        ]
    _keep_customers(
        [(order.contact, document) for number, (_place, document, order) in told.items() if number not in known],
        at=at,
    )
    done = orders.write(
        [order for _place, _document, order in told.values()],
        {number: row for number, row in known.items() if number not in other},
        seller=run.seller,
        source=OrderSource.IMPORT,
        by=by,
        at=at,
        past=True,
    )
    for number, (_place, document, _order) in told.items():
        run.order_lines += len(document.rows)
        run.order_total += sum((row.amount for row in document.rows), Decimal(0))
        run.known += len(document.rows) if number in known else 0
    credited = crediting.credit(
        [(place, one) for place, one in enumerate(found) if one.rows and one.credit],
        run=run,
        placed={order.pk: told[order.number.upper()][0] for order in done.placed},
        hub=hub,
        by=by,
        at=at,
    )
    ImportedRow.objects.bulk_create(refused, batch_size=1000)
    run.return_lines += credited.matched + credited.unmatched
    run.matched += credited.matched
    run.unmatched += credited.unmatched
    run.known += credited.known
    run.return_total += credited.total
    run.refused += len(refused) + credited.refused


def order_of(document: Document, run: ImportRun, mapping: Mapping) -> NewOrder:
    """A document as an order. A customer whose number is told is one contact of the seller; nobody else's order tells whose it was."""
    first = document.rows[0]
    days = mapping.delivered_after_days
    return NewOrder(
        number=document.number,
        contact=Contact(pk=crediting.customer(run.seller_id, first.customer)) if first.customer else None,
        country=first.country,
        language=mapping.language,
        currency=mapping.currency,
        ordered_at=document.at,
        shipped_at=None if days is None else document.at,
        delivered_at=None if days is None else document.at + timedelta(days=days),
        lines=[_line(row, mapping) for row in sorted(document.rows, key=lambda row: row.line)],
    )


def _line(row: Row, mapping: Mapping) -> NewLine:
    return NewLine(
        sku=row.sku,
        description=row.description,
        quantity=row.quantity,
        price=row.price,
        device_class=mapping.device_class,
        category=row.category,
        tracking=mapping.tracking,
    )


def _keep_customers(told: Sequence[tuple[Contact | None, Document]], *, at: datetime) -> None:
    """The contacts of these orders that aren't here yet. No e-mail is known of them, so no guest can come in by one."""
    wanted: dict[uuid.UUID, str] = {}
    for contact, document in told:
        if contact is not None:
            wanted.setdefault(contact.pk, document.rows[0].country)
    here = set(Contact.objects.filter(pk__in=list(wanted)).values_list("pk", flat=True))
    Contact.objects.bulk_create(
        [Contact(id=pk, country=country, created_at=at) for pk, country in wanted.items() if pk not in here],
        ignore_conflicts=True,
    )


# Stopping and going on --------------------------------------------------------------------------------------------------------------


def reasons_against_stopping(run: ImportRun, *, by: Actor) -> list[Reason]:
    if refused := orders.reasons_against_importing(run.seller, by=by):
        return refused
    if run.status == RunStatus.DONE:
        return [Reason("done", _("This import is done."))]
    if run.status == RunStatus.STOPPED or run.stop_asked:
        return [Reason("stopped", _("This import is stopped already."))]
    return []


def reasons_against_going_on(run: ImportRun, *, by: Actor) -> list[Reason]:
    if refused := orders.reasons_against_importing(run.seller, by=by):
        return refused
    if run.status == RunStatus.DONE:
        return [Reason("done", _("This import is done."))]
    return []


def ask_to_stop(run: ImportRun, *, by: Actor, at: datetime) -> ImportRun:
    """Have whoever is at it stop behind the batch at hand. Raises UnableToImport."""
    with transaction.atomic():
        held = ImportRun.objects.select_for_update(no_key=True, of=("self",)).select_related("seller").get(pk=run.pk)
        if refused := reasons_against_stopping(held, by=by):
            raise UnableToImport(refused)
        if is_still(held, at=at):  # nobody is there to stop; a worker that comes to it finds it stopped
            return _stopped(held, by=by, at=at)
        held.stop_asked = True
        held.save(update_fields=["stop_asked"])
    return held


def stopped(run: ImportRun, *, problem: str = "", by: Actor, at: datetime) -> ImportRun:
    """Note that whoever was at it has stopped; what is in stays in."""
    with transaction.atomic():
        held = ImportRun.objects.select_for_update(no_key=True).get(pk=run.pk)
        if held.status == RunStatus.DONE:
            return held
        held.problem = problem[:1000]
        return _stopped(held, by=by, at=at)


def _stopped(held: ImportRun, *, by: Actor, at: datetime) -> ImportRun:
    if held.status != RunStatus.STOPPED:
        ledger.append(held.pk, facts.ImportStopped(rows=held.rows_done), by=by, at=at, owner=held.seller_id)
    held.status, held.stop_asked, held.moved_at = RunStatus.STOPPED.value, False, at
    held.save()
    return held


def go_on(run: ImportRun, *, by: Actor, at: datetime) -> ImportRun:
    """Take the stop back, so that ``carry_on`` goes on. Raises UnableToImport."""
    with transaction.atomic():
        held = ImportRun.objects.select_for_update(no_key=True, of=("self",)).select_related("seller").get(pk=run.pk)
        if refused := reasons_against_going_on(held, by=by):
            raise UnableToImport(refused)
        held.status, held.stop_asked, held.problem, held.moved_at = RunStatus.RUNNING.value, False, "", at
        held.save()
    return held


def figures(run: ImportRun) -> dict[str, Any]:
    """What the command ends with: counts of rows, totals to the cent."""
    return {
        "order_lines": run.order_lines,
        "return_lines": run.return_lines,
        "matched": run.matched,
        "unmatched": run.unmatched,
        "refused": run.refused,
        "order_total": str(run.order_total.quantize(judging.CENT)),
        "return_total": str(run.return_total.quantize(judging.CENT)),
    }


# In the browser: the file is kept, and a worker does it -----------------------------------------------------------------------------


IDLE = timedelta(seconds=90)
"""Who hasn't moved for so long isn't at it any more: a batch takes a second or two."""
TURN = timedelta(seconds=40)
"""How long a worker stays at one import before it lets others come; below the time for which it holds its work."""
WORKER = actors.system("returns.importing")


def is_idle(run: ImportRun, *, at: datetime) -> bool:
    """Whether nobody is at it, nor will be: stopped, or begun by somebody who is gone and not waiting for a worker."""
    if run.status == RunStatus.RUNNING:
        return is_still(run, at=at) and not _waits_for_a_worker(run)
    return run.status == RunStatus.STOPPED


def is_still(run: ImportRun, *, at: datetime) -> bool:
    """Whether nothing of it went in for a while."""
    return at - run.moved_at > IDLE


def _waits_for_a_worker(run: ImportRun) -> bool:
    asked = Reaction.objects.open().filter(entry__chain_id=run.pk, entry__kind=facts.ImportAsked.kind)
    return asked.exists()


def ask(*, data: bytes, name: str, mapping: Mapping, seller: Organization, by: Actor, at: datetime) -> ImportRun:
    """Have a worker import this file, from where it is; a file that was imported already is only found again.

    Raises UnreadableFile, TooLarge, NotAllowed.
    """
    source = reading.unpacked(data, name=name)
    rows = len(reading.table(source, mapping).rows)  # what is no table is told at once, to the one who sent it
    if refused := orders.reasons_against_importing(seller, by=by):
        raise NotAllowed(refused)
    kept = artifacts.keep(data, media_type="application/octet-stream", at=at, limit="table")
    with transaction.atomic():
        run = begin(source=source, mapping=mapping, seller=seller, artifact=kept, by=by, at=at)
        under_way = bool(run.rows) and not is_idle(run, at=at)
        if run.artifact_id is None or not run.rows:
            run.artifact, run.rows = run.artifact or kept, run.rows or rows
            run.save(update_fields=["artifact", "rows"])
        if run.status == RunStatus.DONE or under_way:
            return run
        return ask_to_go_on(run, by=by, at=at)


def reasons_against_asking(run: ImportRun, *, by: Actor) -> list[Reason]:
    """Why no worker can go on with it."""
    found = reasons_against_going_on(run, by=by)
    if not found and run.artifact_id is None:
        found = [
            Reason(
                "no_file", _("Its file is with whoever began it on the command line; the same command goes on there.")
            )
        ]
    return found


def ask_to_go_on(run: ImportRun, *, by: Actor, at: datetime) -> ImportRun:
    """Have a worker go on. Raises UnableToImport."""
    if refused := reasons_against_asking(run, by=by):
        raise UnableToImport(refused)
    with transaction.atomic():
        held = go_on(run, by=by, at=at)
        ledger.append(held.pk, facts.ImportAsked(rows=held.rows_done), by=by, at=at, owner=held.seller_id)
    return held


def work(run: uuid.UUID, *, at: datetime) -> Callable[[], object] | None:
    """One turn of a worker. What it returns asks for the next one, with the note that this one is done; None when there is none.

    Raises UnableToImport when another is at it: then it is looked at again later.
    """
    found = ImportRun.objects.select_related("seller", "artifact").filter(pk=run).first()
    if found is None or found.artifact is None or found.status != RunStatus.RUNNING:
        return None
    try:
        mapping = mappings.parse(found.mapping_text.encode(), name=found.mapping_name)
        source = reading.unpacked(artifacts.read(found.artifact), name=found.file_name)
        found = carry_on(found, source=source, mapping=mapping, most=TURN, by=WORKER, at=at)
    except UnableToImport as refusal:
        if any(reason.code == "moved" for reason in refusal.reasons):
            raise
        return _given_up(found, refusal)
    except DomainError as refusal:
        return _given_up(found, refusal)
    if found.status != RunStatus.RUNNING:
        return None
    rows = found.rows_done
    return lambda: ledger.append(
        run, facts.ImportAsked(rows=rows), by=WORKER, at=clock.now(), key=f"asked:{rows}", owner=found.seller_id
    )


def _given_up(run: ImportRun, refusal: DomainError) -> Callable[[], object]:
    return lambda: stopped(run, problem=refusal.sentence, by=WORKER, at=clock.now())
