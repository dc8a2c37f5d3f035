"""Taking in a client's manifest: in batches, each whole or not at all, so that it may be stopped or killed anywhere and go on.

A batch is one transaction: the units, what allows what becomes of them, every row with what became of it, and the place up to which the
file is in. The same file again finds everything known. A row that can't be taken is kept as it was sent, with its reason, so that a
corrected file brings in just those.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from itad import facts
from itad.manifests import judging, refusals
from itad.manifests.columns import Columns
from itad.manifests.judging import Judged
from itad.manifests.refusals import MOST_WARNINGS
from itad.models import ManifestMapping, ManifestRow, ManifestRun, ManifestStatus
from itad.services import announcing
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import cells, clock, ids, tables
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody.facts import Fact
from revlog.custody.models import Entry, Reaction
from revlog.custody.services import ledger
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts

BATCH_ROWS = 500
CHAIN = "manifest"
OPEN = (ManifestStatus.RUNNING.value, ManifestStatus.STOPPED.value)
Progress = Callable[[int, int], object]
"""Called with the rows done and the rows of the file."""


class UnableToTakeIn(DomainError):
    """The manifest can't be begun or go on; nothing is half done."""

    code = "unable_to_take_in"


def may_send(by: Actor, client: Organization) -> list[Reason]:
    """Why this person can't send in this client's lists: the operator's people may, and the client's own."""
    own = by.is_operator or (by.organization_id is not None and by.organization_id == client.pk)
    if own and (by.may("itad.manifest") or (by.is_operator and by.may("itad.jobs"))):
        return []
    return [Reason("not_allowed", _("This needs the right to send in the list of what is coming."))]


def reasons_against_beginning(client: Organization, hub: Hub, *, here: bool, contract: str, by: Actor) -> list[Reason]:
    if found := may_send(by, client):
        return found
    if client.is_operator:
        found.append(Reason("own", _("A client job is for another organization."), "client"))
    if not client.active:
        found.append(Reason("not_active", _("%s is no client any more.") % client.name, "client"))
    if not hub.active or (by.is_operator and not hub.is_worked_by(by)):
        found.append(Reason("hub", _("Choose a site in which you work."), "hub"))
    if (here or contract.strip()) and not (by.is_operator and by.may("itad.jobs")):
        # What is here, and what may be done with it, the operator says.
        found.append(Reason("not_allowed", _("This needs the right to open client jobs.")))
    return found


# Columns --------------------------------------------------------------------------------------------------------------------------------


def saved_columns(client: Organization) -> list[Columns]:
    """What was said of this client's earlier files, newest first."""
    return [Columns(row.columns) for row in ManifestMapping.objects.filter(client=client)[:20]]


def save_columns(client: Organization, columns: Columns, *, name: str, by: Actor, at: datetime) -> ManifestMapping:
    """Keep which column means what, for the next file of this client. Raises BadInput."""
    if found := columns.problems():
        raise BadInput(found)
    if refused := may_send(by, client):
        raise NotAllowed(refused)
    row, _made = ManifestMapping.objects.update_or_create(
        client=client,
        name=(name.strip() or "list")[:60],
        defaults={"columns": dict(columns.headings), "saved_by": by.reference, "saved_at": at},
    )
    return row


def read(data: bytes, *, client: Organization, columns: Columns | None = None) -> Judged:
    """The whole file as it would be taken in. Raises UnreadableTable."""
    return judging.judged(tables.read(data), columns=columns, saved=saved_columns(client))


# The run --------------------------------------------------------------------------------------------------------------------------------


def _digest_of(columns: Columns | None, hub: Hub, contract: str, reference: str, *, here: bool) -> str:
    said = [dict(columns.headings) if columns else None, str(hub.pk), contract, reference, here]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def begin(
    *,
    data: bytes,
    name: str,
    client: Organization,
    hub: Hub,
    columns: Columns | None = None,
    mapping_name: str = "",
    contract: str = "",
    reference: str = "",
    here: bool = False,
    artifact: Artifact | None = None,
    by: Actor,
    at: datetime,
) -> ManifestRun:
    """Begin to take in this file, or give back the one that was begun with it and isn't done. Raises BadInput, NotAllowed."""
    contract, reference = contract.strip()[:60], reference.strip()[:50]
    if refused := reasons_against_beginning(client, hub, here=here, contract=contract, by=by):
        raise (NotAllowed if refused[0].code == "not_allowed" else BadInput)(refused)
    digest = hashlib.sha256(data).hexdigest()
    reading = _digest_of(columns, hub, contract, reference, here=here)
    same = ManifestRun.objects.filter(client=client, file_digest=digest, reading_digest=reading, status__in=OPEN)
    if (found := same.first()) is not None:
        return found
    run = ManifestRun(
        id=ids.new(at), client=client, hub=hub, file_name=name[-200:], file_digest=digest,
        columns=dict(columns.headings) if columns else {}, mapping_name=mapping_name[:60], reading_digest=reading,
        contract=contract, reference=reference, here=here, artifact=artifact, started_by=by.reference, started_at=at,
        moved_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            run.save(force_insert=True)
            told = [f"{field}={heading}" for field, heading in run.columns.items()]
            fact = facts.ManifestStarted(client=client.code, file=digest, columns=told, reference=reference or None)
            ledger.begin(CHAIN, run.pk, fact, by=by, at=at, owner=client.pk, hub=hub.pk)
    except IntegrityError:  # two began it at once: there is one
        return same.get()
    return run


def carry_on(
    run: ManifestRun,
    *,
    data: bytes,
    progress: Progress | None = None,
    most: timedelta | None = None,
    now: Callable[[], datetime] = clock.now,
    by: Actor,
    at: datetime,
) -> ManifestRun:
    """Take in what is left of the file, batch by batch, until it is done, somebody asks to stop, or ``most`` has gone by.

    Raises UnreadableTable, UnableToTakeIn; what was taken before stays.
    """
    if run.status == ManifestStatus.DONE:
        return run
    if run.file_digest != hashlib.sha256(data).hexdigest():
        raise UnableToTakeIn(Reason("other_file", _("This is not the file that was begun with."), "file"))
    started = clock.now()
    found = read(data, client=run.client, columns=Columns(run.columns) if run.columns else None)
    if progress is not None:
        progress(run.position, len(found.lines))
    while True:
        run = _take(run, found, start=run.position, by=by, at=now())
        if progress is not None:
            progress(run.position, run.rows)
        if run.status != ManifestStatus.RUNNING or (most is not None and clock.now() - started >= most):
            return run


def one_at_a_time(client: Organization) -> Organization:
    """Hold the client until the end of the transaction: two files may name the same thing, and files are counted."""
    return Organization.objects.select_for_update(no_key=True).get(pk=client.pk)


@transaction.atomic
def _take(run: ManifestRun, found: Judged, *, start: int, by: Actor, at: datetime) -> ManifestRun:
    """One batch, or nothing of it. Raises UnableToTakeIn when another process has taken it."""
    client = one_at_a_time(run.client)
    held = (
        ManifestRun.objects.select_for_update(no_key=True, of=("self",))
        .select_related("hub__organization")
        .get(pk=run.pk)
    )
    held.client = client
    if held.position != start or held.status not in OPEN:
        raise UnableToTakeIn(Reason("moved", _("Another process is at this manifest; it goes on without you.")))
    if held.status == ManifestStatus.STOPPED:
        return held
    if held.stop_asked:
        return _stopped(held, by=by, at=at)
    lines = found.lines[start : start + BATCH_ROWS]
    rows = announcing.take(held, lines, by=by, at=at)
    ManifestRow.objects.bulk_create(rows, batch_size=500)
    held.rows, held.problem = len(found.lines), ""
    held.warnings = [list(one) for one in found.warnings[:MOST_WARNINGS]]
    held.heads = {part.sheet.name: list(part.head.names) for part in found.parts}
    held.position += len(lines)
    for row in rows:
        setattr(held, row.outcome, getattr(held, row.outcome) + 1)
        if row.outcome == "created":
            held.units += len(row.devices) or 1
    held.moved_at = at
    if held.position >= held.rows:
        held.status, held.finished_at = ManifestStatus.DONE.value, at
        fact = facts.ManifestTaken(
            rows=held.rows, created=held.created, matched=held.matched, refused=held.refused, units=held.units
        )
        _say(held, fact, key="taken", by=by, at=at)
    held.save()
    return held


def _say(run: ManifestRun, fact: Fact, *, key: str = "", by: Actor, at: datetime) -> Entry:
    """On the list's own chain, for its client and for who works at its site."""
    return ledger.append(run.pk, fact, by=by, at=at, key=key, owner=run.client_id, hub=run.hub_id)


# Stopping and going on ------------------------------------------------------------------------------------------------------------------


def reasons_against_stopping(run: ManifestRun, *, by: Actor) -> list[Reason]:
    if refused := may_send(by, run.client):
        return refused
    if run.status != ManifestStatus.RUNNING or run.stop_asked:
        return [Reason("stopped", _("It isn't under way (any more)."))]
    return []


def reasons_against_going_on(run: ManifestRun, *, by: Actor) -> list[Reason]:
    if refused := may_send(by, run.client):
        return refused
    if run.status == ManifestStatus.DONE:
        return [Reason("done", _("It is done."))]
    if run.artifact_id is None:
        told = _("Its file is with whoever began it on the command line; the same command goes on there.")
        return [Reason("no_file", told)]
    return []


def ask_to_stop(run: ManifestRun, *, by: Actor, at: datetime) -> ManifestRun:
    """Have whoever is at it stop behind the batch at hand. Raises UnableToTakeIn."""
    with transaction.atomic():
        held = _held(run)
        if refused := reasons_against_stopping(held, by=by):
            raise UnableToTakeIn(refused)
        if is_still(held, at=at):  # nobody is there to stop
            return _stopped(held, by=by, at=at)
        held.stop_asked = True
        held.save(update_fields=["stop_asked"])
    return held


def stopped(run: ManifestRun, *, problem: str = "", by: Actor, at: datetime) -> ManifestRun:
    """Note that whoever was at it has stopped; what is in stays in."""
    with transaction.atomic():
        held = _held(run)
        if held.status == ManifestStatus.DONE:
            return held
        held.problem = problem[:1000]
        return _stopped(held, by=by, at=at)


def _held(run: ManifestRun) -> ManifestRun:
    return (
        ManifestRun.objects.select_for_update(no_key=True, of=("self",)).select_related("client", "hub").get(pk=run.pk)
    )


def _stopped(held: ManifestRun, *, by: Actor, at: datetime) -> ManifestRun:
    if held.status != ManifestStatus.STOPPED:
        _say(held, facts.ManifestStopped(rows=held.position), by=by, at=at)
    held.status, held.stop_asked, held.moved_at = ManifestStatus.STOPPED.value, False, at
    held.save()
    return held


def go_on(run: ManifestRun, *, at: datetime) -> ManifestRun:
    """Take a stop back, so that ``carry_on`` goes on."""
    with transaction.atomic():
        held = _held(run)
        if held.status == ManifestStatus.DONE:
            return held
        held.status, held.stop_asked, held.problem, held.moved_at = ManifestStatus.RUNNING.value, False, "", at
        held.save()
    return held


def figures(run: ManifestRun) -> dict[str, Any]:
    """What the command ends with, but for the time that it took."""
    return {"rows": run.rows, "created": run.created, "matched": run.matched, "refused": run.refused}


# Over the API, and in the browser once its columns were looked at (``drafts``): the file is kept, and a worker does it -------------------

MOST_ROWS_SENT = 20_000
"""Rows of a file whose columns are looked at on a page; longer ones are taken in on the command line."""
IDLE = timedelta(seconds=90)
"""Who hasn't moved for so long isn't at it any more: a batch takes a second or two."""
TURN = timedelta(seconds=40)
"""How long a worker stays at one before it lets others come; below the time for which it holds its work."""
WORKER = actors.system("itad.manifests")


def is_still(run: ManifestRun, *, at: datetime) -> bool:
    return at - run.moved_at > IDLE


def is_idle(run: ManifestRun, *, at: datetime) -> bool:
    """Whether nobody is at it, nor will be."""
    if run.status == ManifestStatus.RUNNING:
        asked = Reaction.objects.open().filter(entry__chain_id=run.pk, entry__kind=facts.ManifestAsked.kind)
        return is_still(run, at=at) and not asked.exists()
    return run.status == ManifestStatus.STOPPED


MOST_AT_ONCE = 20
"""Lists of one client that are being taken in at a time, of those that programs send."""
SAME_FOR = timedelta(hours=24)
"""How long a file that is done is known when it is sent again by a program that didn't hear the answer."""


def send(
    *,
    data: bytes,
    name: str,
    client: Organization,
    hub: Hub,
    mapping: str = "",
    reference: str = "",
    by: Actor,
    at: datetime,
) -> ManifestRun:
    """Have a worker take in a file at which nobody looks first.

    It is read by the columns saved under ``mapping``, else by those that fit, else by its headings. The same file, read alike for the
    same site and job, is the run that is open or was done within a day. Raises UnreadableTable, BadInput, NotAllowed, UnableToTakeIn.
    """
    if refused := reasons_against_beginning(client, hub, here=False, contract="", by=by):
        raise (NotAllowed if refused[0].code == "not_allowed" else BadInput)(refused)
    saved = ManifestMapping.objects.filter(client=client)
    named = saved.filter(name=mapping).first() if mapping else None
    if mapping and named is None:
        raise BadInput(Reason("unknown_mapping", _("No columns are saved under the name %s.") % mapping, "mapping"))
    sheets = tables.read(data, most_rows=MOST_ROWS_SENT)
    found = judging.judged(sheets, columns=Columns(named.columns) if named else None, saved=saved_columns(client))
    columns = found.parts[0].columns
    used = named or next((row for row in saved[:20] if row.columns == columns.headings), None)
    reference = reference.strip()[:50]
    same = ManifestRun.objects.filter(
        client=client,
        file_digest=hashlib.sha256(data).hexdigest(),
        reading_digest=_digest_of(columns, hub, "", reference, here=False),
    )
    known = same.filter(Q(status__in=OPEN) | Q(status=ManifestStatus.DONE, finished_at__gt=at - SAME_FOR)).first()
    if known is not None:
        return known
    with transaction.atomic():
        one_at_a_time(client)
        going = ManifestRun.objects.filter(client=client, status=ManifestStatus.RUNNING)
        if going.count() >= MOST_AT_ONCE:
            told = _("%s lists of this client are being taken in; send this one when one of them is done.")
            raise UnableToTakeIn(Reason("too_many_lists", told % MOST_AT_ONCE))
        kept = artifacts.keep(data, media_type="application/octet-stream", at=at, limit="table")
        begun = begin(
            data=data, name=name, client=client, hub=hub, columns=columns, mapping_name=used.name if used else "",
            reference=reference, artifact=kept, by=by, at=at,
        )  # fmt: skip
        return ask_to_go_on(begun, by=by, at=at)


def contents(run: ManifestRun) -> bytes:
    """The file itself. Raises UnableToTakeIn, Gone."""
    if run.artifact is None:
        raise UnableToTakeIn(reasons_against_going_on(run, by=WORKER))
    return artifacts.read(run.artifact)


def ask_to_go_on(run: ManifestRun, *, by: Actor, at: datetime) -> ManifestRun:
    """Have a worker go on. Raises UnableToTakeIn."""
    if refused := reasons_against_going_on(run, by=by):
        raise UnableToTakeIn(refused)
    with transaction.atomic():
        held = go_on(run, at=at)
        _say(held, facts.ManifestAsked(rows=held.position), by=by, at=at)
    return held


def work(run: uuid.UUID, *, at: datetime) -> Callable[[], object] | None:
    """One turn of a worker. What it returns asks for the next one, with the note that this one is done; None when there is none.

    Raises UnableToTakeIn when another is at it: then it is looked at again later.
    """
    found = ManifestRun.objects.select_related("client", "artifact").filter(pk=run).first()
    if found is None or found.artifact is None or found.status != ManifestStatus.RUNNING:
        return None
    held = found
    try:
        held = carry_on(found, data=artifacts.read(found.artifact), most=TURN, by=WORKER, at=at)
    except UnableToTakeIn as refusal:
        if any(reason.code == "moved" for reason in refusal.reasons):
            raise
        problem = refusal.sentence
        return lambda: stopped(found, problem=problem, by=WORKER, at=clock.now())
    except DomainError as refusal:
        problem = refusal.sentence
        return lambda: stopped(found, problem=problem, by=WORKER, at=clock.now())
    if held.status != ManifestStatus.RUNNING:
        return None
    asked = facts.ManifestAsked(rows=held.position)
    return lambda: _say(held, asked, key=f"asked:{held.position}", by=WORKER, at=clock.now())


def name_for(client: Organization) -> str:
    """A name under which columns that were only guessed are kept, which takes nobody's place."""
    taken = set(ManifestMapping.objects.filter(client=client).values_list("name", flat=True))
    return next(
        name for number in range(1, len(taken) + 2) if (name := f"list {number}" if number > 1 else "list") not in taken
    )


def refused_csv(run: ManifestRun) -> str:
    """The refused rows under the headings of the file, with where each stood and why: mended, they are a file to send in."""
    names = list(dict.fromkeys(name for head in run.heads.values() for name in head))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([cells.safe(name) for name in names] + [_("Stood on line"), _("Why it was refused")])
    for row in refused_rows(run):
        told = dict(zip(run.heads.get(row.sheet, names), row.cells, strict=False))
        where = f"{row.sheet} {row.line}".strip()
        writer.writerow(
            [cells.safe(told.get(name, "")) for name in names]
            + [cells.safe(where), refusals.refused(row.reason, row.told)]
        )
    return out.getvalue()


def refused_rows(run: ManifestRun) -> Sequence[ManifestRow]:
    """The rows that weren't taken, in the order of the file."""
    return list(run.kept.filter(outcome="refused").order_by("id"))
