"""What things sold for and are offered at: noted from our own sales, and taken from lists of the market; each once.

Beside what every list names (``services/lists.py``) a line says its ``date``; it may say ``id`` (the source's own name for it), ``kind``
(``sale`` or ``offer``; an offer where it doesn't say), ``channel``, ``currency``, ``battery`` (percent) and ``months`` (how old it was).
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.devices.models import ProductModel, Variant
from revlog.terms.models import Observation
from revlog.terms.models.learned import Seen
from revlog.terms.services import lists
from revlog.terms.services.lists import Taken
from revlog.terms.services.pricebook import may_set

OURS = "our sales"
"""The source of what we sold ourselves."""
NEEDED = (*lists.NEEDED, "date")
COLUMNS = (*NEEDED, "id", "kind", "variant", "channel", "currency", "battery", "months")
MOST_MONTHS = 600
MOST_OWN = 120


def note_sale(
    *,
    own: str,
    product: ProductModel | uuid.UUID,
    variant: Variant | uuid.UUID | None,
    grade: str,
    channel: str,
    amount: Decimal,
    currency: str,
    battery: int | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """One of our units was sold at ``at``. Told twice, noted once."""
    row = Observation(
        id=ids.new(at),
        product_id=product.pk if isinstance(product, ProductModel) else product,
        variant_id=variant.pk if isinstance(variant, Variant) else variant,
        grade=grade,
        channel=channel,
        amount=amount,
        currency=currency,
        sold_on=at.astimezone(UTC).date(),
        battery=battery,
        kind=Seen.SALE,
        source=OURS,
        own=own[:MOST_OWN],
        noted_by=by.reference,
        noted_at=at,
    )
    Observation.objects.bulk_create([row], ignore_conflicts=True)


def take_back(*, own: str, at: datetime) -> None:
    """A sale of ours came to nothing: what it was to bring teaches nothing any more."""
    Observation.objects.filter(source=OURS, own=own[:MOST_OWN], void_at=None).update(void_at=at)


def import_observations(
    path: Path,
    *,
    source: str,
    currency: str = "EUR",
    by: Actor,
    at: datetime,
    progress: Callable[[int, int], object] = lambda done, whole: None,
) -> Taken:
    """Take a CSV file of sales or offers. ``progress`` hears bytes done and bytes of the file. Raises NotAllowed, BadInput for no list."""
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
    """Take an open file; with ``keep=False`` it is only looked through. ``Taken.new`` counts what wasn't known yet."""
    if not may_set(by):
        raise NotAllowed(Reason("not_allowed", _("Teaching prices needs the right to set them.")))
    source = source.strip()[:60]
    if not source or source == OURS:
        raise BadInput(Reason("source", _("Say whose sales or offers these are."), "source"))
    told, seen = Taken(), Counter[str]()
    read = partial(_read, currency=currency, at=at)
    for portion in lists.portions(raw, read, needed=NEEDED, known=COLUMNS, told=told):
        rows = [
            Observation(
                id=ids.new(at),
                product_id=made["product"],
                variant_id=made["variant"],
                source=source,
                own=_own(cells, seen),
                noted_by=by.reference,
                noted_at=at,
                **{name: value for name, value in made.items() if name not in {"product", "variant"}},
            )
            for _line, cells, made in portion
        ]
        if keep:
            told.new += _keep(rows, source=source)
        progress()
    return told


def _own(cells: Mapping[str, str], seen: Counter[str]) -> str:
    """The source's name for a line, or one made of what it says and the how manieth it is that says so: the same file, the same names."""
    if named := cells.get("id", ""):
        return named if len(named) <= MOST_OWN else hashlib.sha256(named.encode()).hexdigest()
    text = "\x1f".join(f"{name}={value}" for name, value in sorted(cells.items()) if value)
    digest = hashlib.sha256(text.encode()).hexdigest()
    seen[digest] += 1
    return f"{digest}:{seen[digest]}"


def _keep(rows: list[Observation], *, source: str) -> int:
    """A portion, whole or not at all; how many of it were new."""
    with transaction.atomic():
        known = set(
            Observation.objects.filter(source=source, own__in=[row.own for row in rows]).values_list("own", flat=True)
        )
        fresh = {row.own: row for row in rows if row.own not in known}
        Observation.objects.bulk_create(fresh.values(), batch_size=1_000, ignore_conflicts=True)
        return len(fresh)


def _read(cells: Mapping[str, str], catalog: lists.Catalog, *, currency: str, at: datetime) -> dict[str, Any] | str:
    """The line as an observation's fields, or the sentence that says why it is none."""
    common = lists.common_of(cells, catalog, currency=currency)
    if isinstance(common, str):
        return common
    amount = lists.amount_of(cells.get("amount", ""), rounded=True)
    if not isinstance(amount, Decimal):
        return _("%(value)s is no amount (%(column)s).") % {"value": (amount or "")[:20], "column": "amount"}
    if not amount:
        return _("There is no amount.")
    day = lists.day_of(cells.get("date", ""))
    if not isinstance(day, date):
        return _("%s is no date; write it like 2026-01-31.") % (day or "")[:20]
    if day > at.date():
        return _("%s hasn't come yet.") % day.isoformat()
    kind = cells.get("kind", "").lower() or Seen.OFFER.value
    if kind not in Seen.values:
        return _("%s is neither a sale nor an offer.") % kind[:20]
    battery, months = (_whole(cells.get(name, ""), most) for name, most in (("battery", 100), ("months", MOST_MONTHS)))
    if isinstance(battery, str):
        return _("%s is no share of a battery.") % battery[:20]
    if isinstance(months, str):
        return _("%s is no age in months.") % months[:20]
    return {**common, "amount": amount, "sold_on": day, "kind": kind, "battery": battery, "months": months}


def _whole(text: str, most: int) -> int | str | None:
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 and int(text) <= most else text
