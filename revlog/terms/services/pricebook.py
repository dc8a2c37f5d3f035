"""Price lists taken into the price book: read line by line, in portions each of which is whole, and once more without change.

Beside what every list names (``services/lists.py``) a line may name ``channel``, ``currency``, ``date`` (from when it holds), ``low``,
``high`` (the 10 and 90 % marks) and ``observations``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import NotAllowed, Reason
from revlog.terms.models import Price
from revlog.terms.models.prices import Basis
from revlog.terms.services import lists
from revlog.terms.services.lists import NEEDED, Taken

COLUMNS = (*NEEDED, "variant", "channel", "currency", "date", "low", "high", "observations")
KEY = ("product", "variant", "grade", "organization", "channel", "currency", "valid_from")
CHANGED = ("amount", "low", "high", "observations", "source", "basis", "set_by", "learned_by", "ends_at")


def may_set(by: Actor) -> bool:
    return by.may("terms.edit") or by.may("resale.price")


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
    whole = path.stat().st_size
    with path.open("rb") as raw:
        return take(raw, source=source, currency=currency, by=by, at=at, progress=lambda: progress(raw.tell(), whole))


def take(
    raw: IO[bytes],
    *,
    source: str,
    currency: str = "EUR",
    keep: bool = True,
    by: Actor,
    at: datetime,
    progress: Callable[[], object] = lambda: None,
) -> Taken:
    """Take an open file; with ``keep=False`` it is only looked through, and nothing changes."""
    if not may_set(by):
        raise NotAllowed(Reason("not_allowed", _("Setting prices needs the right to set them.")))
    told = Taken()
    read = partial(_read, currency=currency, at=at)
    for portion in lists.portions(raw, read, needed=NEEDED, known=COLUMNS, told=told):
        # Twice the same line: the later one counts, as it would in the next file.
        found = {tuple(made[name] for name in KEY if name != "organization"): made for _line, _cells, made in portion}
        if keep:
            _keep(found.values(), source=source, by=by, at=at)
        progress()
    return told


def _read(cells: Mapping[str, str], catalog: lists.Catalog, *, currency: str, at: datetime) -> dict[str, Any] | str:
    """The line as a price's fields, or the sentence that says why it is none."""
    common = lists.common_of(cells, catalog, currency=currency)
    if isinstance(common, str):
        return common
    amounts = {name: lists.amount_of(cells.get(name, "")) for name in ("amount", "low", "high")}
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
    day = lists.day_of(cells.get("date", ""))
    if isinstance(day, str):
        return _("%s is no date; write it like 2026-01-31.") % day[:20]
    return {
        **common,
        "organization": None,
        # A line without a day holds from today, so that the same file once more is the same lines.
        "valid_from": datetime.combine(day or at.astimezone(UTC).date(), time(), UTC),
        "observations": int(seen) if seen else None,
        **amounts,
    }


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
