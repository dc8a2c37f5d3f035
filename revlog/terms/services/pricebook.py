"""Price lists taken into the price book: read line by line, in portions each of which is whole, and once more without change.

A line names a model of the catalog (``maker``, ``model``; an alias does), perhaps a variant (``variant``: its name, SKU or GTIN), the
``grade`` and the ``amount``; it may name ``channel``, ``currency``, ``date`` (from when it holds), ``low``, ``high`` (the 10 and 90 %
marks) and ``observations``. A line that can't be taken is told with its number and reason; the others are taken all the same.
"""

from __future__ import annotations

import csv
import itertools
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.devices.models import ProductModel, Variant
from revlog.devices.models.device import GRADES
from revlog.terms.models import Price
from revlog.terms.models.prices import Basis

NEEDED = ("maker", "model", "grade", "amount")
COLUMNS = (*NEEDED, "variant", "channel", "currency", "date", "low", "high", "observations")
PORTION = 5_000
MOST_TOLD = 1_000
MOST_AMOUNT = Decimal(10) ** 9
KEY = ("product", "variant", "grade", "organization", "channel", "currency", "valid_from")
CHANGED = ("amount", "low", "high", "observations", "source", "basis", "set_by")
_GRADES = frozenset(dict(GRADES))


@dataclass(frozen=True)
class Refused:
    """A line that wasn't taken. Lines count from 1, the header's."""

    line: int
    sentence: str


@dataclass
class Taken:
    """What became of a list. ``refused`` holds the first ``MOST_TOLD``; ``refused_count`` counts all."""

    lines: int = 0
    taken: int = 0
    refused_count: int = 0
    refused: list[Refused] = field(default_factory=list)

    def refuse(self, line: int, sentence: str) -> None:
        self.refused_count += 1
        if len(self.refused) < MOST_TOLD:
            self.refused.append(Refused(line, sentence))


def import_prices(
    path: Path,
    *,
    source: str,
    currency: str = "EUR",
    by: Actor,
    at: datetime,
    progress: Callable[[int, int], object] = lambda done, whole: None,
) -> Taken:
    """Take a CSV file into the book. ``progress`` hears bytes done and bytes of the file. Raises NotAllowed, BadInput for no list."""
    if not by.may("terms.edit") and not by.may("resale.price"):
        raise NotAllowed(Reason("not_allowed", _("Setting prices needs the right to set them.")))
    told, catalog, whole = Taken(), _Catalog.read(), path.stat().st_size
    try:
        with path.open("rb") as raw:
            lines = _lines(raw)
            for portion in _portions(_rows(lines)):
                found = {}
                for line, cells in portion:
                    told.lines += 1
                    read = _read(cells, catalog, currency=currency, at=at)
                    if isinstance(read, str):
                        told.refuse(line, read)
                    else:
                        # Twice the same line: the later one counts, as it would in the next file.
                        found[
                            tuple(read[name] for name in KEY[:3]), read["channel"], read["currency"], read["valid_from"]
                        ] = read
                        told.taken += 1
                _keep(found.values(), source=source, by=by, at=at)
                progress(raw.tell(), whole)
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(Reason("unreadable", _("The file can't be read: %s") % error, "file")) from error
    return told


def _lines(raw: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(raw):
        text = line.decode("utf-8-sig" if number == 0 else "utf-8")
        if "\0" in text:
            raise BadInput(
                Reason("unreadable", _("Line %s holds characters that no text can hold.") % (number + 1), "file")
            )
        yield text


def _rows(lines: Iterator[str]) -> Iterator[tuple[int, dict[str, str]]]:
    first = next(lines, "")
    mark = max(",;\t", key=first.count)
    header = [name.strip().lower() for name in next(csv.reader([first], delimiter=mark), [])]
    if missing := [name for name in NEEDED if name not in header]:
        text = _("The list lacks the columns %s.") % ", ".join(missing)
        raise BadInput(Reason("columns", text, "file"))
    if unknown := [name for name in header if name not in COLUMNS]:
        text = _("Nothing reads the columns %(unknown)s; known are %(known)s.")
        told = {"unknown": ", ".join(unknown)[:200], "known": ", ".join(COLUMNS)}
        raise BadInput(Reason("columns", text % told, "file"))
    reader = csv.reader(lines, delimiter=mark)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num + 1, {name: cell.strip() for name, cell in zip(header, cells, strict=False)}


def _portions(rows: Iterator[tuple[int, dict[str, str]]]) -> Iterator[list[tuple[int, dict[str, str]]]]:
    while portion := list(itertools.islice(rows, PORTION)):
        yield portion


# A line -------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Catalog:
    """The catalog by name: models by maker and name or alias, variants of a model by name, SKU or GTIN. In lower case."""

    models: Mapping[tuple[str, str], frozenset[uuid.UUID]]
    variants: Mapping[tuple[uuid.UUID, str], frozenset[uuid.UUID]]

    @classmethod
    def read(cls) -> _Catalog:
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


def _read(cells: Mapping[str, str], catalog: _Catalog, *, currency: str, at: datetime) -> dict[str, Any] | str:
    """The line as a price's fields, or the sentence that says why it is none."""
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
    amounts = {name: _amount(cells.get(name, "")) for name in ("amount", "low", "high")}
    for name, amount in amounts.items():
        if isinstance(amount, str):
            return _("%(value)s is no amount (%(column)s).") % {"value": amount[:20], "column": name}
    amount, low, high = amounts.values()
    if amount is None:
        return _("There is no amount.")
    if (low is not None and low > amount) or (high is not None and high < amount):  # type: ignore[operator]
        return _("The amount doesn't lie between low and high.")
    seen = cells.get("observations", "")
    if seen and not (seen.isascii() and seen.isdecimal() and len(seen) < 9):
        return _("%s is no number of sales.") % seen[:20]
    day = _day(cells.get("date", ""))
    if isinstance(day, str):
        return _("%s is no date; write it like 2026-01-31.") % day[:20]
    return {
        "product": product,
        "variant": variant,
        "grade": grade,
        "channel": channel,
        "organization": None,
        # A line without a day holds from today, so that the same file once more is the same lines.
        "valid_from": datetime.combine(day or at.astimezone(UTC).date(), time(), UTC),
        "currency": money,
        "observations": int(seen) if seen else None,
        **amounts,
    }


def _amount(text: str) -> Decimal | str | None:
    """An amount to the cent, None where nothing stands, the text itself where it is none."""
    if not text:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        return text
    if not found.is_finite() or not 0 <= found < MOST_AMOUNT or found != found.quantize(Decimal("0.01")):
        return text
    return found.quantize(Decimal("0.01"))


def _day(text: str) -> date | str | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _keep(lines: Iterable[Mapping[str, Any]], *, source: str, by: Actor, at: datetime) -> None:
    """A portion, whole or not at all; a line of the same day replaces what stood there."""
    rows = [
        Price(
            id=ids.new(at),
            product_id=line["product"],
            variant_id=line["variant"],
            basis=Basis.IMPORTED,
            source=source[:60],
            set_by=by.reference,
            created_at=at,
            **{name: line[name] for name in _SAME},
        )
        for line in lines
    ]
    with transaction.atomic():
        Price.objects.bulk_create(
            rows, batch_size=1_000, update_conflicts=True, unique_fields=list(KEY), update_fields=list(CHANGED)
        )


_SAME = ("grade", "channel", "valid_from", "currency", "observations", "amount", "low", "high")
