"""Drafted rubrics and grade books tried on units that were graded: on the condition vector kept with each grade, portion by portion."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from revlog.devices.classes import CLASSES
from revlog.devices.models import Device
from revlog.terms import queries as terms
from revlog.terms.ruling import Ruling
from revlog.terms.trying import Again, Asked, Named, Rows, Rulings, Saying, Subject, register
from triage import books, condition, judging, rubrics, trying
from triage.books import Book, Seen
from triage.models import Grading
from triage.rubrics import AXES, Rubric

MOST_PRICED = 5000
"""So many models' prices are held at a time."""


def last_of_each_stay() -> QuerySet[Grading]:
    """The grade that counted at last on each stay: a unit is one case a stay."""
    later = Grading.objects.filter(device=OuterRef("device"), visit=OuterRef("visit"), at__gt=OuterRef("at"))
    return Grading.objects.filter(~Exists(later))


# Rubrics --------------------------------------------------------------------------------------------------------------------------------


def _graded_again(rows: Rows, asked: Asked, rulings: Rulings) -> Iterator[Again]:
    known: dict[tuple[int, str], Rubric | None] = {}
    prices = Prices(asked.at)

    def rubric(found: Ruling, device_class: str) -> Rubric | None:
        key = (id(found), device_class)
        if key not in known:
            known[key] = rubrics.of_class(found, device_class)
        return known[key]

    for pk, owner, device_class, product, variant, told in rows:
        if told is None:
            yield Again(pk)
            continue
        now, then = rulings.of(owner, asked)
        seen = condition.read(told)
        before = trying.by_rubric(judging.judge(seen, rubric(now, device_class)))
        after = before if then is now else trying.by_rubric(judging.judge(seen, rubric(then, device_class)))
        if after is not before and asked.rule_set.version is None:
            after = replace(after, rubric="draft")
        changed, currency = trying.change(before, after), settings.BASE_CURRENCY
        if before.grade != after.grade and product is not None:
            values = prices.of(product, variant, before.grade, after.grade)
            if values is not None:
                currency = values[0]
                before, after = replace(before, value=values[1]), replace(after, value=values[2])
        yield Again(pk, currency, changed, before, after, (trying.cell(device_class, before, after),))


class Prices:
    """What the price book expects of a model in two grades, as far as it knows both in one currency."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.known: dict[tuple[uuid.UUID, uuid.UUID | None], Mapping[str, tuple[str, Decimal]]] = {}

    def of(
        self, product: uuid.UUID, variant: uuid.UUID | None, before: str, after: str
    ) -> tuple[str, Decimal, Decimal] | None:
        key = (product, variant)
        if key not in self.known:
            if len(self.known) >= MOST_PRICED:
                self.known.clear()
            found = terms.expected_prices(at=self.at, product=product, variant=variant)
            self.known[key] = {grade: (row.currency, row.amount) for grade, row in found.items()}
        first, second = self.known[key].get(before), self.known[key].get(after)
        if first is None or second is None or first[0] != second[0]:
            return None
        return first[0], first[1], second[1]


# Grade books ----------------------------------------------------------------------------------------------------------------------------


def _called_again(rows: Rows, asked: Asked, rulings: Rulings) -> Iterator[Again]:
    for pk, owner, device_class, told, whole, blocked, *letters in rows:
        if told is None:
            yield Again(pk)
            continue
        now, then = rulings.of(owner, asked)
        seen = Seen(
            device_class=device_class,
            condition=condition.read(told),
            whole=whole,
            axes={axis: letter for axis, letter in zip(AXES, letters, strict=True) if letter},
            because=blocked,
        )
        before = _called(now, seen)
        after = before if then is now else _called(then, seen)
        changed, differing = trying.change_of_books(before, after)
        before, after = replace(before, differing=differing), replace(after, differing=differing)
        yield Again(pk, settings.BASE_CURRENCY, changed, before, after, trying.cells_of_books(before, after))


def _called(found: Ruling, seen: Seen) -> trying.Called:
    shelf: tuple[Book, ...] = books.shelf(found)
    version = books.defaults.VERSION if found.rule_set is None else str(found.version or "draft")
    return trying.by_books(books.standings(shelf, seen), version)


# How they are called --------------------------------------------------------------------------------------------------------------------


def named(pks: Collection[uuid.UUID]) -> Iterator[tuple[uuid.UUID, Named]]:
    rows = Grading.objects.filter(pk__in=pks).select_related("device__owner", "device__product")
    for row in rows:
        device: Device = row.device
        url = reverse("triage_unit", args=[device.tag])
        yield (
            row.pk,
            Named(device.tag, url, device.owner.name, device.owner.code, device.face, settings.BASE_CURRENCY),
        )


def _class_name(code: str) -> str:
    found = CLASSES.get(code)
    return capfirst(str(found.label)) if found else code


_LIMITS = (
    _("Each unit counts once a stay, by its last grade and what was known of it then."),
    _("Units that were graded before what was known was kept can't be graded again here."),
)
_OWNER, _EVERYBODY = _("Owner"), _("all owners")

RUBRICS = register(
    rubrics.KIND,
    Subject(
        cases=last_of_each_stay,
        opened="at",
        seller="device__owner",
        fields=(
            "pk", "device__owner_id", "device__device_class", "device__product_id", "device__variant_id", "condition"
        ),
        decide=_graded_again,
        changes=trying.CHANGES,
        named=named,
        saying=Saying(
            case=_("Unit"),
            before=_(
                "Each unit that was graded in the period is graded again on what was known of it: by the rules in force, and by "
                "the draft. No unit changes."
            ),
            limits=(
                *_LIMITS,
                _("Values are the price book's of today, of units whose grade changes and whose model has a price in both grades."),
            ),
            counts=(
                ("NEW", _("Sealed")), ("A", "A"), ("B", "B"), ("C", "C"), ("D", "D"), ("U", _("Not tested")), ("NA", _("No rubric")),
                ("priced", _("Of those whose grade changes, with a price in both")),
            ),
            sums=(("value", _("Expected by the price book, of units whose grade changes")),),
            sides=("rule", "grade", "value"),
            says=trying.says,
            whose=_OWNER,
            everybody=_EVERYBODY,
            afterwards="triage_regrades",
            group=_class_name,
            cell=trying.cell_name,
        ),
    ),
)  # fmt: skip

SHELVES = register(
    books.KIND,
    Subject(
        cases=last_of_each_stay,
        opened="at",
        seller="device__owner",
        fields=("pk", "device__owner_id", "device__device_class", "condition", "overall", "blocked", *AXES),
        decide=_called_again,
        changes=trying.OF_BOOKS,
        named=named,
        saying=Saying(
            case=_("Unit"),
            before=_(
                "Each unit that was graded in the period is looked up again on what was known of it: in the books in force, and in "
                "those of the draft. No unit changes."
            ),
            limits=_LIMITS,
            counts=(("judged", _("Grades reached in books")), ("without", _("Without a grade in a book"))),
            sums=(),
            sides=("rule", "grades"),
            says=trying.says_books,
            whose=_OWNER,
            everybody=_EVERYBODY,
            afterwards="triage_regrades",
            group=trying.book_name,
            cell=trying.cell_name,
        ),
    ),
)
