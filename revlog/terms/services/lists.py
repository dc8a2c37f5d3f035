"""Lists with a header, read line by line: what prices and observations that come in a file have in common.

A line names a model of the catalog (``maker``, ``model``; an alias does), perhaps a variant (``variant``: its name, SKU or GTIN), a
``grade`` and an ``amount``. One that can't be taken is told with its number and reason; the others are taken all the same.
"""

from __future__ import annotations

import csv
import itertools
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import IO, Any

from django.utils.translation import gettext as _

from revlog.common.errors import BadInput, Reason
from revlog.devices.models import ProductModel, Variant
from revlog.devices.models.device import GRADES

NEEDED = ("maker", "model", "grade", "amount")
PORTION = 5_000
MOST_TOLD = 1_000
MOST_AMOUNT = Decimal(10) ** 9
_GRADES = frozenset(dict(GRADES))
Cells = Mapping[str, str]
Read = Callable[[Cells, "Catalog"], "dict[str, Any] | str"]
"""A line's cells as fields, or the sentence that says why it is none."""


@dataclass(frozen=True)
class Refused:
    """A line that wasn't taken. Lines count from 1, the header's."""

    line: int
    sentence: str


@dataclass
class Taken:
    """What became of a list. ``new`` counts what wasn't known before, where that is asked.

    ``refused`` holds the first ``MOST_TOLD``; ``refused_count`` counts all."""

    lines: int = 0
    taken: int = 0
    new: int = 0
    refused_count: int = 0
    refused: list[Refused] = field(default_factory=list)

    def refuse(self, line: int, sentence: str) -> None:
        self.refused_count += 1
        if len(self.refused) < MOST_TOLD:
            self.refused.append(Refused(line, sentence))


def portions(
    raw: IO[bytes], read: Read, *, needed: Sequence[str], known: Sequence[str], told: Taken
) -> Iterator[Sequence[tuple[int, Cells, dict[str, Any]]]]:
    """The good lines of a file with what was read of each, portion by portion; ``told`` counts them all. Raises BadInput for no list."""
    catalog = Catalog.read()
    with _readable():
        for portion in _portions(_rows(_lines(raw), needed, known)):
            found = []
            for line, cells in portion:
                told.lines += 1
                made = read(cells, catalog)
                if isinstance(made, str):
                    told.refuse(line, made)
                else:
                    found.append((line, cells, made))
                    told.taken += 1
            yield found


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(Reason("unreadable", _("The file can't be read: %s") % error, "file")) from error


def _lines(raw: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(raw):
        text = line.decode("utf-8-sig" if number == 0 else "utf-8")
        if "\0" in text:
            raise BadInput(
                Reason("unreadable", _("Line %s holds characters that no text can hold.") % (number + 1), "file")
            )
        yield text


def _rows(lines: Iterator[str], needed: Sequence[str], known: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    first = next(lines, "")
    mark = max(",;\t", key=first.count)
    header = [name.strip().lower() for name in next(csv.reader([first], delimiter=mark), [])]
    if missing := [name for name in needed if name not in header]:
        text = _("The list lacks the columns %s.") % ", ".join(missing)
        raise BadInput(Reason("columns", text, "file"))
    if unknown := [name for name in header if name not in known]:
        text = _("Nothing reads the columns %(unknown)s; known are %(known)s.")
        told = {"unknown": ", ".join(unknown)[:200], "known": ", ".join(known)}
        raise BadInput(Reason("columns", text % told, "file"))
    reader = csv.reader(lines, delimiter=mark)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num + 1, {name: cell.strip() for name, cell in zip(header, cells, strict=False)}


def _portions(rows: Iterator[tuple[int, dict[str, str]]]) -> Iterator[list[tuple[int, dict[str, str]]]]:
    while portion := list(itertools.islice(rows, PORTION)):
        yield portion


@dataclass(frozen=True)
class Catalog:
    """The catalog by name: models by maker and name or alias, variants of a model by name, SKU or GTIN. In lower case."""

    models: Mapping[tuple[str, str], frozenset[uuid.UUID]]
    variants: Mapping[tuple[uuid.UUID, str], frozenset[uuid.UUID]]

    @classmethod
    def read(cls) -> Catalog:
        models, variants = defaultdict(set), defaultdict(set)
        for pk, maker, name, aliases in ProductModel.objects.values_list("pk", "manufacturer", "name", "aliases"):
            for one in {name.lower(), *(str(alias).lower() for alias in aliases)}:
                models[maker.lower(), one].add(pk)
        for pk, product, name, sku, gtin in Variant.objects.values_list("pk", "product_id", "name", "sku", "gtin"):
            for one in {name.lower(), sku.lower(), gtin} - {""}:
                variants[product, one].add(pk)
        return cls(
            {name: frozenset(found) for name, found in models.items()},
            {name: frozenset(found) for name, found in variants.items()},
        )


# A line -------------------------------------------------------------------------------------------------------------------------------


def common_of(cells: Cells, catalog: Catalog, *, currency: str) -> dict[str, Any] | str:
    """Model, variant, grade, channel and currency of a line, or the sentence that says what of them is wrong."""
    models = catalog.models.get((cells.get("maker", "").lower(), cells.get("model", "").lower()), frozenset())
    if len(models) != 1:
        named = f"{cells.get('maker', '')} {cells.get('model', '')}".strip()[:80]
        return (_("The catalog has no model %s.") if not models else _("The catalog has several models %s.")) % named
    (product,) = models
    variant = None
    if named := cells.get("variant", ""):
        variants = catalog.variants.get((product, named.lower()), frozenset())
        if len(variants) != 1:
            return _("This model has no variant %s.") % named[:80]
        (variant,) = variants
    grade, channel = cells.get("grade", "").upper(), cells.get("channel", "")
    if grade not in _GRADES:
        return _("There is no grade %s.") % grade[:20]
    if len(channel) > 24:
        return _("A channel's name has at most 24 letters.")
    money = cells.get("currency", "").upper() or currency
    if len(money) != 3 or not money.isascii() or not money.isalpha():
        return _("%s is no currency.") % money[:20]
    return {"product": product, "variant": variant, "grade": grade, "channel": channel, "currency": money}


def amount_of(text: str, *, rounded: bool = False) -> Decimal | str | None:
    """An amount to the cent, None where nothing stands, the text itself where it is none. ``rounded`` takes finer ones to the cent."""
    if not text:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        return text
    if (
        not found.is_finite()
        or not 0 <= found < MOST_AMOUNT
        or not (rounded or found == found.quantize(Decimal("0.01")))
    ):
        return text
    return found.quantize(Decimal("0.01"))


def day_of(text: str) -> date | str | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text
