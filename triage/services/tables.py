"""Tables of benches: which column means what is kept for each organization, and a table that is known becomes a report of each row.

The table is a report too: its bytes are kept as they came, and it says which of its lines can't be taken. Each row is kept as a report of
its own, read in the child and matched like any other.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.tables import UnreadableTable
from revlog.custody.services import ledger
from revlog.evidence.services import artifacts
from triage import facts, tables
from triage.models import ReportColumns, ReportStatus, TestReport
from triage.reports import encode
from triage.reports.normal import Report, UnreadableReport
from triage.reports.registry import TABLE
from triage.tables import Columns, Line, Table

MOST_SAVED = 100
LINES_TOLD = 20
UNREAD = frozenset({"UNKNOWN_FORMAT", "COMPRESSED", "NOT_TEXT"})
"""Reasons for which a table was refused whose columns nobody had named; a workbook is an archive to who doesn't know it."""


class UnableToKeepColumns(DomainError):
    """The columns can't be kept so."""

    code = "unable_to_keep_columns"


# Columns --------------------------------------------------------------------------------------------------------------------------------


def owner_of(report: TestReport) -> uuid.UUID | None:
    """Whose columns a report is read by: its sender's, and the operator's for what came in by the command line."""
    if report.organization_id is not None:
        return report.organization_id
    operator = Organization.objects.filter(kind=OrganizationKind.OPERATOR).order_by("created_at").first()
    return operator.pk if operator else None


def saved(organization: uuid.UUID | None) -> list[tuple[str, Columns]]:
    """What was said of this organization's tables, newest first."""
    if organization is None:
        return []
    rows = ReportColumns.objects.filter(organization_id=organization)[:MOST_SAVED]
    return [(row.name, Columns(row.columns)) for row in rows]


def may_keep(by: Actor) -> list[Reason]:
    if by.is_operator and by.may("triage.override"):
        return []
    return [Reason("not_allowed", _("This needs the right of a lead of triage."))]


def keep(*, organization: uuid.UUID, columns: Columns, name: str, by: Actor, at: datetime) -> ReportColumns:
    """Keep which column means what, for every table of this organization with the same header. Raises NotAllowed, BadInput."""
    if refused := may_keep(by):
        raise NotAllowed(refused)
    if found := columns.problems():
        raise BadInput(found)
    bare = " ".join(name.split())[:60]
    if not bare:
        raise BadInput(Reason("no_name", _("Give the table a name, such as that of the bench."), "name"))
    if len(columns.headings) > MOST_SAVED:
        raise BadInput(
            Reason("too_many", _("Say of at most %(most)s columns what they are.") % {"most": MOST_SAVED}, "columns")
        )
    with transaction.atomic():
        taken = {
            row.name: set(row.columns.values())
            for row in ReportColumns.objects.select_for_update().filter(organization_id=organization)
        }
        row, _made = ReportColumns.objects.update_or_create(
            organization_id=organization,
            name=_free(bare, set(columns.headings.values()), taken),
            defaults={"columns": dict(columns.headings), "saved_by": by.reference, "saved_at": at},
        )
    return row


def _free(name: str, headings: set[str], taken: Mapping[str, set[str]]) -> str:
    """The name, with a number where a table of other columns has it: two benches both send an export.csv."""
    found, number = name, 1
    while found in taken and taken[found] != headings:
        number += 1
        found = f"{name[:54]} ({number})"
    return found


def drop(columns: ReportColumns, *, by: Actor) -> None:
    """Tables with this header are not read any more; what was read stays. Raises NotAllowed."""
    if refused := may_keep(by):
        raise NotAllowed(refused)
    columns.delete()


# Taking a table in ------------------------------------------------------------------------------------------------------------------------


def known(report: TestReport, data: bytes) -> Table | UnreadableReport | None:
    """The table in the bytes, where a saved mapping fits its header; why it can't be taken, where it does; None for anything else."""
    if not tables.looks_like_one(data) or not (said := saved(owner_of(report))):
        return None
    try:
        table = tables.known(tables.sheets_of(data), said)
        if table is None:
            return None
        if not (told := tables.lines(table)):
            return UnreadableReport("NO_ROWS", "The table names its columns and has no rows below them.")
    except UnreadableTable as error:
        return UnreadableReport("BAD_TABLE", error.sentence)
    if all(line.reason for line in told):
        return UnreadableReport(
            "NO_ROWS", f"No row of the table can be taken: {told[0].sentence}", f"line {told[0].line}"
        )
    return table


def reopened(report: TestReport, data: bytes) -> bool:
    """Take up a table that nobody knew how to read when it came, now that its columns are kept. Writes inside a transaction of its own."""
    if report.status != ReportStatus.REFUSED or report.reason_code not in UNREAD or known(report, data) is None:
        return False
    with transaction.atomic():
        row = TestReport.objects.select_for_update(no_key=True).get(pk=report.pk)
        if row.status != ReportStatus.REFUSED:
            return False
        row.status, row.settled_at, row.set_aside_at = ReportStatus.RECEIVED, None, None
        row.reason_code = row.reason = row.position = ""
        row.save()
    report.refresh_from_db()
    return True


def split(report: TestReport, table: Table, *, by: Actor, at: datetime) -> TestReport:
    """Make a report of each row that can be taken; they are read and matched by themselves. Call it holding the report's lock."""
    told = tables.lines(table)
    good, bad = [line for line in told if not line.reason], [line for line in told if line.reason]
    if report.meant_for_id is not None and len(good) > 1:
        raise UnreadableReport(
            "SEVERAL_DEVICES", f"The table is of {len(good)} units; bring it in under Reports, not on a unit's page."
        )
    for line in good:
        _row(report, line, table, by=by, at=at)
    report.kind, report.status, report.settled_at = TABLE, ReportStatus.SPLIT, at
    report.summary = encode.encode(Report(kind=TABLE, tool=table.name or None, warnings=tuple(_said(bad))))
    report.reason_code = "ROWS_REFUSED" if bad else ""
    report.reason = _summed(good, bad) if bad else ""
    report.position, report.candidates = "", []
    report.save()
    fact = facts.ReportSplit(
        report=str(report.id),
        digest=report.artifact_id,
        rows=len(good),
        refused=len(bad),
        lines=[line.line for line in bad[:100]] or None,
    )
    ledger.append(report.id, fact, by=by, at=at, owner=report.organization_id, hub=report.hub_id)
    return report


def _row(table: TestReport, line: Line, told: Table, *, by: Actor, at: datetime) -> TestReport:
    data = tables.document(line, mapping=told.name, file=table.artifact_id)
    row = TestReport(
        id=ids.new(at),
        name=table.name,
        via=table.via,
        organization_id=table.organization_id,
        by_operator=table.by_operator,
        hub_id=table.hub_id,
        hubs=table.hubs,
        sent_by=table.sent_by,
        meant_for_id=table.meant_for_id,
        part_of=table,
        line=line.line,
        received_at=at,
        artifact=artifacts.keep(data, media_type="application/json", at=at),
    )
    row.save(force_insert=True)
    fact = facts.ReportReceived(report=str(row.id), digest=row.artifact_id, via=row.via)
    ledger.begin("report", row.id, fact, by=by, at=at, owner=row.organization_id, hub=row.hub_id)
    return row


def _said(bad: Sequence[Line]) -> list[str]:
    told = [f"Line {line.line}: {line.sentence}" for line in bad[: tables.MOST_REFUSED]]
    return [*told, f"And {len(bad) - len(told)} more lines."] if len(bad) > len(told) else told


def _summed(good: Sequence[Line], bad: Sequence[Line]) -> str:
    numbers = ", ".join(str(line.line) for line in bad[:LINES_TOLD])
    more = ", …" if len(bad) > LINES_TOLD else ""
    lines = "line" if len(bad) == 1 else "lines"
    return f"{len(bad)} of {len(good) + len(bad)} rows can't be taken: {lines} {numbers}{more}."
