"""Numbers that nobody may buy: lists of lost, stolen and blocked things, brought in as files, asked before a sum is promised and paid.

A list has a name, and a new file of that name replaces it: what it no longer holds is lifted. Another source (a registry that is asked
over the net, say) is another function in ``SOURCES``; each answers with the first entry that it knows for one of the names.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from returns.models import BlockedNumber
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.devices import identifiers
from revlog.devices.identifiers import Name

LONGEST = 25 * 1024 * 1024


@dataclass(frozen=True)
class Listed:
    source: str
    why: str
    scheme: str


def _in_files(names: Sequence[Name]) -> Listed | None:
    forms = [name.normal_form for name in names if name.scheme in {"imei", "serial"}]
    row = BlockedNumber.objects.filter(normal_form__in=forms, lifted_at=None).order_by("listed_at").first()
    return Listed(row.source, row.why, row.scheme) if row is not None else None


SOURCES: tuple[Callable[[Sequence[Name]], Listed | None], ...] = (_in_files,)


def look_up(names: Sequence[Name]) -> Listed | None:
    """What a list says of one of these names; None when none knows any."""
    return next((found for source in SOURCES if names and (found := source(names)) is not None), None)


def of_text(text: str) -> Listed | None:
    return look_up(identifiers.readings(text)) if text.strip() else None


@dataclass(frozen=True)
class Imported:
    listed: int
    lifted: int
    refused: int


def import_list(data: bytes, *, source: str, by: Actor, at: datetime) -> Imported:
    """Replace the list ``source`` by a CSV of ``number`` and, where it says so, ``why``; the first row names the columns.

    Raises BadInput for a file that is none. Rows whose number is no number are counted as refused.
    """
    if not by.may("returns.approve"):
        raise NotAllowed(Reason("not_allowed", _("Bringing in a list needs the right to approve returns.")))
    name = " ".join(source.split())[:60]
    if not name:
        raise BadInput(Reason("source", _("Say what the list is called."), "source"))
    if len(data) > LONGEST:
        raise BadInput(Reason("file", _("The file is larger than 25 MB."), "file"))
    try:
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
        if not rows.fieldnames or "number" not in [one.strip().lower() for one in rows.fieldnames]:
            raise BadInput(Reason("file", _("The file has no column called number."), "file"))
        wanted, refused = _read(rows)
    except (UnicodeDecodeError, csv.Error):
        raise BadInput(Reason("file", _("That is no CSV file in UTF-8."), "file")) from None
    with transaction.atomic():
        old = BlockedNumber.objects.filter(source=name)
        lifted = old.filter(lifted_at=None).exclude(normal_form__in=list(wanted)).update(lifted_at=at)
        known = set(old.values_list("scheme", "normal_form"))
        old.filter(normal_form__in=list(wanted)).update(lifted_at=None)
        fresh = [
            BlockedNumber(scheme=scheme, normal_form=form, source=name, why=why, listed_at=at)
            for form, (scheme, why) in wanted.items()
            if (scheme, form) not in known
        ]
        BlockedNumber.objects.bulk_create(fresh, batch_size=1000)
    return Imported(len(wanted), lifted, refused)


def _read(rows: csv.DictReader[str]) -> tuple[dict[str, tuple[str, str]], int]:
    wanted: dict[str, tuple[str, str]] = {}
    refused = 0
    for row in rows:
        told = {
            str(key).strip().lower(): (value or "")
            for key, value in row.items()
            if key is not None and isinstance(value, str | None)
        }
        name = identifiers.imei(told.get("number", "")) or identifiers.serial(told.get("number", ""))
        if name is None:
            refused += 1
        else:
            wanted[name.normal_form] = (name.scheme, " ".join(told.get("why", "").split())[:120])
    return wanted, refused
