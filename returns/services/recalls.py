"""Recalls as campaigns: drafted by one, opened by another, widened by versions, closed when what can be done is done."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from returns.facts import recalls as facts
from returns.models import (
    Criterion,
    Range,
    Recall,
    RecallKind,
    RecallSerial,
    RecallStatus,
    RecallVersion,
    Remedy,
    Severity,
)
from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.facts import Fact
from revlog.custody.services import ledger
from revlog.devices import identifiers
from revlog.devices.models import Device, ProductModel, Variant
from revlog.devices.services import watching

PREFIX = "RC"
MOST_SERIALS = 200_000
TEXT_RANGES = (Range.LOT, Range.PART, Range.PART_SERIAL, Range.PART_LOT)


class UnableToRecall(DomainError):
    """The recall can't be opened, widened or closed (any more), or not by this person."""

    code = "unable_to_recall"


@dataclass(frozen=True, kw_only=True)
class NewCriterion:
    """One way to be in the range, as somebody tells it; ``problems`` says what is wrong with it."""

    range: str
    product: ProductModel | None = None
    variant: Variant | None = None
    parent: Device | None = None
    maker: str = ""
    text: str = ""
    first: str = ""
    last: str = ""
    made_from: date | None = None
    made_until: date | None = None
    with_parts: bool = False
    serials: Sequence[str] = field(default_factory=tuple)

    def problems(self) -> list[Reason]:
        if self.range not in Range.values:
            return [Reason("range", _("Say by what the units are known."), "range")]
        found: list[Reason] = []
        first, last = identifiers.normal_serial(self.first), identifiers.normal_serial(self.last)
        match self.range:
            case Range.MODEL if self.product is None:
                found.append(Reason("product", _("Choose the model."), "product"))
            case Range.VARIANT if self.variant is None:
                found.append(Reason("variant", _("Choose the variant."), "variant"))
            case Range.TAKEN_FROM if self.parent is None:
                found.append(Reason("parent", _("Scan the unit that the parts came from."), "parent"))
            case Range.BETWEEN:
                if not first or not last or len(first) != len(last):
                    found.append(Reason("between", _("First and last serial number have the same length."), "first"))
                elif first > last:
                    found.append(Reason("between", _("The first serial number comes before the last."), "first"))
            case Range.SERIALS:
                found += self._serial_problems()
            case Range.LOT | Range.PART | Range.PART_SERIAL | Range.PART_LOT if not self.text.strip():
                found.append(Reason("text", _("Enter the number of the lot or part."), "text"))
        if self.made_from and self.made_until and self.made_from > self.made_until:
            found.append(Reason("made", _("The first day of production comes before the last."), "made_from"))
        return found

    def _serial_problems(self) -> list[Reason]:
        if not self.serials:
            return [Reason("serials", _("The list names no serial number."), "serials")]
        if len(self.serials) > MOST_SERIALS:
            return [Reason("serials", _("A list has at most %s serial numbers.") % f"{MOST_SERIALS:,}", "serials")]
        wrong = [one for one in self.serials if identifiers.serial(one) is None]
        return [Reason("serials", _("“%s” is no serial number.") % one[:40], "serials") for one in wrong[:5]]


@dataclass(frozen=True, kw_only=True)
class NewRecall:
    """A recall as somebody drafts it."""

    title: str
    kind: str
    severity: str
    remedy: str
    why: str
    what_to_do: str
    issued_by: str
    reference: str = ""
    starts_on: date
    target_percent: int = 90
    target_on: date | None = None
    mock: bool = False
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    criteria: Sequence[NewCriterion] = field(default_factory=tuple)

    def problems(self) -> list[Reason]:
        found = [
            Reason(name, sentence, name)
            for name, value, sentence in (
                ("title", self.title, _("Give it a name.")),
                ("why", self.why, _("Say what is wrong, as owners read it.")),
                ("what_to_do", self.what_to_do, _("Say what the owner must do.")),
                ("issued_by", self.issued_by, _("Say who calls it back.")),
            )
            if not value.strip()
        ]
        known = (
            ("kind", self.kind, RecallKind.values),
            ("severity", self.severity, Severity.values),
            ("remedy", self.remedy, Remedy.values),
        )
        found += [
            Reason(name, _("Choose one of the list."), name) for name, value, values in known if value not in values
        ]
        if not 1 <= self.target_percent <= 100:
            found.append(Reason("target", _("The target is 1 to 100 percent."), "target_percent"))
        return found + criteria_problems(self.criteria)


def criteria_problems(criteria: Sequence[NewCriterion]) -> list[Reason]:
    if not criteria:
        return [Reason("no_range", _("Say which units are affected."), "criteria")]
    return [
        Reason(one.code, one.sentence, f"criteria[{place}].{one.field}")
        for place, criterion in enumerate(criteria)
        for one in criterion.problems()
    ]


def serials_in(data: bytes | str) -> list[str]:
    """The serial numbers of a list: one a line, or the column ``serial`` of a CSV file (else its first column)."""
    text = data.decode("utf-8-sig", errors="replace") if isinstance(data, bytes) else data
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else "\t" if "\t" in first else ","
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
    if not rows:
        return []
    head = [cell.lower() for cell in rows[0]]
    names = [
        name
        for name in ("serial", "serial number", "serial_number", "serialnumber", "s/n", "sn", "imei")
        if name in head
    ]
    column = head.index(names[0]) if names else 0
    return list(dict.fromkeys(row[column] for row in rows[1 if names else 0 :] if len(row) > column and row[column]))


def _may(by: Actor) -> None:
    if not by.may("returns.recall"):
        raise NotAllowed(Reason("not_allowed", _("Recalls need the right to run them.")))


def lock(recall: uuid.UUID) -> Recall:
    return Recall.objects.select_for_update(no_key=True).get(pk=recall)


def say(recall: Recall, fact: Fact, *, by: Actor, at: datetime, key: str = "") -> None:
    ledger.append(recall.pk, fact, by=by, at=at, key=key)


def draft(new: NewRecall, *, by: Actor, at: datetime) -> Recall:
    """Write a recall down, for another person to open."""
    _may(by)
    if problems := new.problems():
        raise BadInput(problems)
    recall = Recall(
        id=ids.new(at),
        number=ids.code(PREFIX),
        title=new.title.strip()[:120],
        kind=new.kind,
        severity=new.severity,
        remedy=new.remedy,
        mock=new.mock,
        why=new.why.strip()[:600],
        what_to_do=new.what_to_do.strip()[:600],
        translations=_translations(new),
        issued_by=new.issued_by.strip()[:120],
        reference=new.reference.strip()[:60],
        starts_on=new.starts_on,
        target_percent=new.target_percent,
        target_on=new.target_on,
        drafted_by=by.reference,
        drafted_at=at,
    )
    with transaction.atomic():
        ledger.begin(
            "recall",
            recall.id,
            facts.RecallDrafted(
                number=recall.number,
                recall_kind=f"recall_kind.{recall.kind}",
                severity=f"severity.{recall.severity}",
                remedy=recall.remedy,
                mock=recall.mock,
            ),
            by=by,
            at=at,
        )
        recall.save(force_insert=True)
        _write_version(recall, 1, new.criteria, why="", by=by, at=at)
    return recall


def _translations(new: NewRecall) -> dict[str, dict[str, str]]:
    lengths = {"title": 120, "why": 600, "what_to_do": 600}
    kept = {
        language: {name: told[name].strip()[:most] for name, most in lengths.items() if told.get(name, "").strip()}
        for language, told in new.translations.items()
        if language in dict(settings.LANGUAGES)
    }
    return {language: told for language, told in kept.items() if told}


def _write_version(
    recall: Recall, number: int, criteria: Sequence[NewCriterion], *, why: str, by: Actor, at: datetime
) -> RecallVersion:
    version = RecallVersion.objects.create(
        recall=recall, number=number, why=why.strip()[:300], drafted_by=by.reference, drafted_at=at
    )
    for told in criteria:
        row = Criterion.objects.create(
            id=ids.new(at),
            version=version,
            range=told.range,
            product=told.product,
            variant=told.variant,
            parent=told.parent,
            maker=told.maker.strip().lower()[:120],
            text=told.text.strip()[:120],
            first=identifiers.normal_serial(told.first)[:120],
            last=identifiers.normal_serial(told.last)[:120],
            made_from=told.made_from,
            made_until=told.made_until,
            with_parts=told.with_parts,
        )
        forms = {identifiers.normal_serial(one)[:120] for one in told.serials} if told.range == Range.SERIALS else set()
        RecallSerial.objects.bulk_create(
            [RecallSerial(criterion=row, normal_form=form) for form in sorted(forms)], batch_size=5000
        )
    return version


def amend(recall: Recall, *, criteria: Sequence[NewCriterion], why: str, by: Actor, at: datetime) -> RecallVersion:
    """Draft a wider range, for another person to open. What was in the range stays in it."""
    _may(by)
    problems = criteria_problems(criteria)
    if not why.strip():
        problems.append(Reason("no_reason", _("Say why the range grows."), "why"))
    if problems:
        raise BadInput(problems)
    with transaction.atomic():
        row = lock(recall.pk)
        if row.status != RecallStatus.OPEN:
            raise UnableToRecall(Reason("not_running", _("%(number)s is %(status)s.") % _told(row)))
        number = row.version + 1
        try:
            with transaction.atomic():
                version = _write_version(row, number, criteria, why=why, by=by, at=at)
        except IntegrityError as error:
            raise UnableToRecall(
                Reason("drafted", _("Another version is drafted already; it has to be opened first."))
            ) from error
        say(
            row, facts.RecallAmended(number=row.number, edition=number, why=why.strip().rstrip(".")[:300]), by=by, at=at
        )
    return version


def _told(recall: Recall) -> dict[str, str]:
    return {"number": recall.number, "status": word(f"recall.{recall.status}")}


def reasons_against_opening(recall: Recall, *, by: Actor) -> list[Reason]:
    """Why ``by`` can't open the drafted version; feeds the button."""
    version = recall.versions.filter(opened_at=None).first()
    if recall.status not in {RecallStatus.DRAFT, RecallStatus.OPEN} or version is None:
        return [Reason("nothing_to_open", _("There is no draft of %(number)s to open.") % _told(recall))]
    return separations.reasons_against("recall_opening", doer=[version.drafted_by], by=by)


def open_version(recall: Recall, *, by: Actor, at: datetime) -> Recall:
    """Open what another person drafted: the recall itself, or a wider range of it. The search begins by itself."""
    _may(by)
    with transaction.atomic():
        row = lock(recall.pk)
        if found := reasons_against_opening(row, by=by):
            raise UnableToRecall(found)
        version = row.versions.get(opened_at=None)
        version.opened_by, version.opened_at = by.reference, at
        version.save(update_fields=["opened_by", "opened_at"])
        if row.status == RecallStatus.DRAFT:
            row.open()
            row.opened_at = at
        row.version = version.number
        row.located_at = None
        row.save()
        if not row.mock:
            watching.look_out(f"recall:{row.pk}", at=at)
        say(row, facts.RecallOpened(number=row.number, edition=row.version, mock=row.mock), by=by, at=at)
    return row


def drop(recall: Recall, *, reason: str, by: Actor, at: datetime) -> Recall:
    """A draft that is not to be opened after all."""
    _may(by)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it is dropped."), "reason"))
    with transaction.atomic():
        row = lock(recall.pk)
        if row.status != RecallStatus.DRAFT:
            raise UnableToRecall(Reason("not_a_draft", _("%(number)s is %(status)s.") % _told(row)))
        row.drop()
        row.closed_by, row.closed_at, row.closed_why = by.reference, at, reason.strip()[:300]
        row.save()
        say(row, facts.RecallDropped(number=row.number, reason=row.closed_why.rstrip(".")), by=by, at=at)
    return row


def reasons_against_closing(recall: Recall, *, by: Actor) -> list[Reason]:
    """A real recall ends when every unit is done or known not to be reachable; a mock one when every unit is located."""
    if recall.status != RecallStatus.OPEN:
        return [Reason("not_running", _("%(number)s is %(status)s.") % _told(recall))]
    if recall.versions.filter(opened_at=None).exists():
        return [Reason("drafted", _("Another version is drafted already; it has to be opened first."))]
    if recall.swept_at is None:
        return [Reason("searching", _("The search is still going on."))]
    if recall.mock:
        left = recall.units.filter(located_at=None).count()
        words = _("%s units are not located yet.")
    else:
        left = recall.units.open().count()
        words = _("%s units are still open: settle each, or say that its owner can't be reached.")
    return [Reason("open_units", words % f"{left:,}")] if left else []


def close(recall: Recall, *, reason: str, by: Actor, at: datetime) -> Recall:
    """The campaign ends. Units that turn up later are held by nobody any more, but their page still says that they were recalled."""
    _may(by)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say what came of it."), "reason"))
    with transaction.atomic():
        row = lock(recall.pk)
        if found := reasons_against_closing(row, by=by):
            raise UnableToRecall(found)
        row.close()
        watching.stop(f"recall:{row.pk}")
        row.closed_by, row.closed_at, row.closed_why = by.reference, at, reason.strip()[:300]
        row.save()
        units = row.units.all()
        say(
            row,
            facts.RecallClosed(
                number=row.number,
                found=units.count(),
                done=(
                    units.exclude(located_at=None) if row.mock else units.exclude(made__in=["", "unreachable"])
                ).count(),
                reason=row.closed_why.rstrip("."),
            ),
            by=by,
            at=at,
        )
    return row
