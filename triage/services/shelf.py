"""What a unit is called in other grade books: reckoned with each grade, kept by the books' version, told again from what was kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction

from revlog.devices.journey import CLEARED, Data
from revlog.devices.models import Device
from revlog.terms.ruling import Ruling
from triage import books, condition
from triage.books import Book, Seen, Standing, telling
from triage.condition import Condition
from triage.judging import Judgement
from triage.models import Grading, KeptBooks

_kept: set[str] = set()


def standings(device_class: str, known: Condition, judged: Judgement, shelf: Ruling) -> list[Standing]:
    """What each book for this class makes of what is known of a unit."""
    return books.standings(books.shelf(shelf), seen(device_class, known, judged))


def seen(device_class: str, known: Condition, judged: Judgement) -> Seen:
    return Seen(
        device_class=device_class,
        condition=known,
        whole=judged.overall,
        axes=judged.axes,
        because=tuple(judged.blocked),
    )


def as_record(found: Sequence[Standing]) -> dict[str, str | None]:
    """Book -> the grade's code, as a grading keeps it: empty where it reaches none, None where it isn't judged."""
    return {one.book.code: one.code for one in found}


def as_fact(found: Sequence[Standing]) -> list[dict[str, str]]:
    """The grades that were reached, as the fact carries them for whoever sells by them."""
    return [
        {
            "book": one.book.code,
            "name": one.book.name,
            "version": one.book.version,
            "grade": one.grade.code,
            "called": one.grade.name,
        }
        for one in found
        if one.grade is not None and one.book.code != "house"
    ]


def keep(shelf: Ruling, *, at: datetime) -> str:
    """Keep the books by what they say, once; the digest they are kept under."""
    digest = books.made(shelf).digest
    if digest not in _kept:
        row = KeptBooks(digest=digest, number=shelf.version, body=dict(shelf.body), kept_at=at)
        KeptBooks.objects.bulk_create([row], ignore_conflicts=True)
        transaction.on_commit(lambda: _kept.add(digest))
    return digest


# Told again -----------------------------------------------------------------------------------------------------------------------------


def told(grading: Grading | None, device: Device) -> list[dict[str, Any]]:
    """What the books of its time make of a kept grade, each reason a sentence; empty for one from before books were kept.

    What was done about its data since counts: it is no look and no test, and a unit is seldom graded again for it.
    """
    if grading is None or grading.condition is None or grading.shelf_id is None:
        return []
    known = condition.read(grading.condition)
    now = _data_now(device)
    since = grading.visit_id == device.visit_id and now is not None and now != known.data
    if since and now is not None:
        known = replace(known, data=now)
    judged = Judgement(
        rubric=grading.rubric,
        overall=grading.overall,
        axes={axis: letter for axis in _AXES if (letter := getattr(grading, axis))},
        reasons=grading.reasons,
        blocked=grading.blocked,
    )
    found = books.standings(_shelf(grading.shelf_id), seen(device.device_class, known, judged))
    return [telling.as_data(one) | {"data_since": since} for one in found]


_AXES = ("function", "cosmetic", "battery", "storage", "completeness", "data")


def _data_now(device: Device) -> str | None:
    """What a book may be told of its data since the grade; None while it waits."""
    data = Data(device.data)
    if data == Data.NONE:
        return "none"
    return "cleared" if data in CLEARED else None


@lru_cache(maxsize=32)
def _shelf(digest: str) -> tuple[Book, ...]:
    """Kept books never change."""
    row = KeptBooks.objects.get(pk=digest)
    return books.shelf(Ruling(books.KIND, row.number, row.body))
