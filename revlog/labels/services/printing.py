"""Printing labels: the first of a thing is free, each further one has a reason that stands on the thing's chain."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Station
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, NotFound, Reason
from revlog.custody.facts import Fact
from revlog.custody.services import ledger
from revlog.evidence.services import artifacts
from revlog.labels import facts, registry
from revlog.labels.drawing import layout, pdf, zpl
from revlog.labels.drawing.shapes import STOCKS, Label, Stock
from revlog.labels.models import OPEN_FOR, JobStatus, Printer, PrintItem, PrintJob, Reprint, Way
from revlog.labels.registry import Kind, Thing

CHAIN = "print_job"
MOST = 300
MOST_COPIES = 20


class UnableToPrint(DomainError):
    """The labels can't be printed like this."""

    code = "unable_to_print"


def things(kind: Kind, texts: Sequence[str], *, variant: str = "", by: Actor) -> list[Thing]:
    """What these codes name, those that stand for several taken apart. Raises NotFound that names those that nobody knows."""
    if not kind.may(by):
        raise NotAllowed(Reason("not_allowed", _("You don't print these labels.")))
    wanted = registry.spread(kind, by, [one.replace("\0", "").strip()[:200] for one in texts if one.strip()][:MOST])
    if not wanted:
        raise BadInput(Reason("nothing", _("Say whose labels are to be printed."), "things"))
    if len(wanted) > MOST:
        raise BadInput(Reason("too_many", _("At most %s labels are printed at once.") % MOST, "things"))
    found = list(kind.find(by, wanted, variant))
    if len(found) < len(wanted):
        unknown = [one for one in wanted if not kind.find(by, [one], variant)]
        if unknown:
            raise NotFound(Reason("unknown", _("Nobody here knows %s.") % ", ".join(unknown[:5]), "things"))
    if against := kind.against(found):
        raise UnableToPrint(against)
    return found


def printed(kind: Kind, found: Sequence[Thing], variant: str) -> set[uuid.UUID]:
    """Which of them have this label already."""
    rows = PrintItem.objects.filter(kind=kind.name, variant=variant, void=False, thing__in=[one.id for one in found])
    return set(rows.values_list("thing", flat=True))


def suiting(printers: Sequence[Printer], label: Label) -> Printer | None:
    """The printer for a label: the smallest stock that bears it; a coloured mark only where it comes out whole."""
    fit = [
        one
        for one in printers
        if one.loaded.width >= label.least[0]
        and one.loaded.height >= label.least[1]
        and (not label.colour or one.way == Way.BROWSER or one.red_border)
    ]
    return min(fit, key=lambda one: (one.loaded.width * one.loaded.height, one.name), default=None)


def of_station(station: Station | None) -> list[Printer]:
    return list(station.printers.filter(active=True).order_by("name")) if station is not None else []


def reasons_against_printing(
    kind: Kind, found: Sequence[Thing], *, printer: Printer | None, stock: Stock, copies: int, reason: str, again: bool
) -> list[Reason]:
    """Every reason why these can't be printed so."""
    refused: list[Reason] = []
    if not 1 <= copies <= MOST_COPIES:
        refused.append(Reason("copies", _("From 1 to %s copies are printed.") % MOST_COPIES, "copies"))
    if again and reason not in Reprint.values:
        refused.append(Reason("no_reason", _("It was printed before. Say why it is printed again."), "reason"))
    stored = [one for one in found if one.stored is not None]
    if stored and len(found) > 1:
        refused.append(
            Reason("stored", _("A carrier's own label is printed by itself: %s.") % stored[0].name, "things")
        )
    if stored and printer is not None and printer.way != Way.BROWSER:
        refused.append(
            Reason("stored", _("The carrier gave its label as a PDF. Print it from the browser."), "printer")
        )
    try:
        for one in found:
            if one.stored is None:
                layout.marks(one.label, stock)
                if printer is not None and printer.way != Way.BROWSER:
                    zpl.draw(one.label, stock, dpi=printer.dpi, red_stock=printer.red_border)
    except BadInput as trouble:
        refused.extend(Reason(why.code, why.sentence, "printer") for why in trouble.reasons)
    return refused


def ask(
    kind: Kind,
    found: Sequence[Thing],
    *,
    hub: Hub,
    station: Station | None = None,
    printer: Printer | None = None,
    stock: str = "",
    variant: str = "",
    copies: int = 1,
    start: int = 1,
    reason: str = "",
    automatic: bool = False,
    by: Actor,
    at: datetime,
) -> PrintJob:
    """Print the labels of these things, at ``printer`` or as a PDF in the browser of who asks.

    Raises UnableToPrint with every reason; where one was printed before, a reason is needed, and each such thing's chain says so.
    """
    if not kind.may(by) or not hub.is_worked_by(by):
        raise NotAllowed(Reason("not_allowed", _("You don't print these labels.")))
    if printer is not None and (printer.hub_id != hub.pk or not printer.active):
        raise BadInput(Reason("printer", _("This printer is at another site, or gone."), "printer"))
    paper = printer.loaded if printer is not None else STOCKS.get(stock or kind.stock)
    if paper is None:
        raise BadInput(Reason("stock", _("Choose what the labels are printed on."), "stock"))
    variant = kind.variant(variant)
    try:
        with transaction.atomic():
            before = printed(kind, found, variant)
            if refused := reasons_against_printing(
                kind, found, printer=printer, stock=paper, copies=copies, reason=reason, again=bool(before)
            ):
                raise UnableToPrint(refused)
            return _make(kind, found, before, hub=hub, station=station, printer=printer, paper=paper, variant=variant,
                         copies=copies, start=start, reason=reason if before else "", automatic=automatic, by=by, at=at)  # fmt: skip
    except IntegrityError:
        # Somebody else printed one of them at the same moment.
        raise UnableToPrint(
            Reason("no_reason", _("It was printed before. Say why it is printed again."), "reason")
        ) from None


def _make(
    kind: Kind, found: Sequence[Thing], before: set[uuid.UUID], *, hub: Hub, station: Station | None, printer: Printer | None,
    paper: Stock, variant: str, copies: int, start: int, reason: str, automatic: bool, by: Actor, at: datetime,
) -> PrintJob:  # fmt: skip
    named = printer.name if printer is not None else None
    again = [one for one in found if one.id in before]
    if again:
        fact: Fact = facts.LabelReprinted(
            label=f"label.{kind.name}", reason=f"reprint.{reason}", copies=copies, printer=named
        )
        kind.say(again, fact, by, at)
    waits = printer is not None and printer.way == Way.NETWORK
    row = PrintJob.objects.create(
        id=ids.new(at), hub=hub, station=station, printer=printer, kind=kind.name, stock=paper.name, copies=copies,
        start=start, reason=reason, automatic=automatic, status=JobStatus.QUEUED if waits else JobStatus.MADE,
        asked_by=by.reference, asked_at=at, ended_at=None if waits else at,
    )  # fmt: skip
    PrintItem.objects.bulk_create(
        [
            PrintItem(
                job=row, kind=kind.name, thing=one.id, name=one.name[:60], variant=variant, again=one.id in before
            )
            for one in found
        ]
    )
    asked = facts.PrintAsked(
        label=f"label.{kind.name}", things=len(found), copies=copies, printer=named,
        reason=f"reprint.{reason}" if reason else None,
    )  # fmt: skip
    ledger.begin(CHAIN, row.pk, asked, by=by, at=at, hub=hub.pk)
    return row


def drawn(job: PrintJob, *, by: Actor | None = None) -> list[Thing]:
    """The things of a job as they are now. ``by`` sees only what they may see; none is the platform itself, which sends."""
    items = list(job.items.all())
    kind = registry.KINDS[job.kind]
    actor = by or actors.system("labels")
    found = list(kind.find(actor, [str(one.thing) for one in items], items[0].variant if items else ""))
    if len(found) < len(items):
        raise UnableToPrint(
            ngettext(
                "%s thing of this job isn't here any more.",
                "%s things of this job aren't here any more.",
                len(items) - len(found),
            )
            % (len(items) - len(found))
        )
    if against := kind.against(found):
        raise UnableToPrint(against)
    return found


def reasons_against_opening(job: PrintJob, *, by: Actor, at: datetime) -> list[Reason]:
    if job.status != JobStatus.MADE:
        return [Reason("at_printer", _("This job went to a printer."))]
    if job.asked_by != by.reference or at - job.asked_at > OPEN_FOR:
        return [
            Reason("over", _("A file can be opened for 15 minutes by who asked for it. Print it again with a reason."))
        ]
    return []


def opened(job: PrintJob, *, by: Actor, at: datetime) -> tuple[bytes, str]:
    """The file of a job that was given to the browser, with its media type. Raises UnableToPrint, also when its time is over."""
    if found := reasons_against_opening(job, by=by, at=at):
        raise UnableToPrint(found)
    return file_of(drawn(job, by=by), job, at=at)


def file_of(found: Sequence[Thing], job: PrintJob, *, at: datetime) -> tuple[bytes, str]:
    if len(found) == 1 and (own := found[0].stored) is not None:
        return artifacts.read(own), own.media_type
    stock = STOCKS[job.stock]
    if job.printer is not None and job.printer.way == Way.FILE:
        return zpl_of(found, job).encode(), "text/plain; charset=utf-8"
    labels = [one.label for one in found for _copy in range(job.copies)]
    title = _("Labels") if len(found) > 1 else found[0].name
    return pdf.draw(labels, stock, start=job.start, title=title, at=at), "application/pdf"


def zpl_of(found: Sequence[Thing], job: PrintJob) -> str:
    printer = job.printer
    return zpl.many(
        [one.label for one in found], STOCKS[job.stock], dpi=printer.dpi if printer else 203, copies=job.copies,
        red_stock=printer.red_border if printer else False,
    )  # fmt: skip


@transaction.atomic
def retry(job: PrintJob, *, by: Actor, at: datetime) -> PrintJob:
    """Send a job that failed once more. Raises UnableToPrint where it waits or was sent."""
    row = lock(job.pk)
    if not row.hub.is_worked_by(by) or not registry.KINDS[row.kind].may(by):
        raise NotAllowed(Reason("not_allowed", _("You don't print these labels.")))
    if row.status != JobStatus.FAILED or row.printer is None or not row.printer.active:
        raise UnableToPrint(_("Only what failed is sent again, and only where its printer still is."))
    same = PrintItem.objects.filter(
        kind=row.kind, variant__in=row.items.values("variant"), thing__in=row.items.values("thing")
    )
    # Other failed jobs of these things may be sent again at the same moment: the items in one order, then what stands.
    list(same.filter(void=True).select_for_update(no_key=True).order_by("id"))
    elsewhere = same.filter(void=False).exclude(job=row)
    try:
        with transaction.atomic():
            row.items.filter(thing__in=elsewhere.values("thing")).update(again=True)
            row.items.update(void=False)
    except IntegrityError:
        told = _("Somebody else printed one of them at the same moment. Send it again.")
        raise UnableToPrint(Reason("at_once", told)) from None
    row.status, row.attempts, row.why, row.ended_at = JobStatus.QUEUED, 0, "", None
    row.save(update_fields=["status", "attempts", "why", "ended_at"])
    head = ledger.head_of(row.pk)
    ledger.append(row.pk, facts.PrintAskedAgain(attempt=head.sequence), by=by, at=at, hub=row.hub_id)
    return row


def lock(id: uuid.UUID) -> PrintJob:
    return PrintJob.objects.select_for_update(no_key=True, of=("self",)).select_related("hub", "printer").get(pk=id)


def on_receipt(text: str, *, station: Station | None, by: Actor, at: datetime) -> PrintJob | None:
    """The label of what was received at ``station``, where one of its printers prints on receipt and it has none yet."""
    asked = [one for one in of_station(station) if one.on_receipt]
    if station is None or not asked:
        return None
    label_kind = registry.KINDS["unit"]
    found = list(label_kind.find(by, [text], ""))
    printer = suiting(asked, found[0].label) if found else None
    if printer is None or printed(label_kind, found, label_kind.variant("")):
        return None
    return ask(label_kind, found, hub=station.hub, station=station, printer=printer, automatic=True, by=by, at=at)
