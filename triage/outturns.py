"""What came of decisions, over a window: by path, by class, by line, and the worst misses. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.accounts.actors import Actor
from revlog.common import money
from revlog.common.templatetags import ui
from revlog.common.words import word
from revlog.devices import classes
from revlog.terms import queries as terms
from triage import figures, measuring
from triage.figures import Figures
from triage.measuring import Case, Measured, Mended
from triage.models import Outturn, OutturnQuerySet, RepairDone
from triage.outturning import FREIGHT, HOLDING, MATERIAL, SALE, WORK

ZERO = Decimal(0)
WORST = 20


@dataclass(frozen=True, kw_only=True)
class Total:
    """Decisions of one kind together, per unit: ``bias`` is what they brought more than expected, ``miss`` how far they were off."""

    key: str
    n: int
    expected: Decimal
    came: Decimal
    bias: Decimal
    miss: Decimal
    late: Decimal | None

    @property
    def few(self) -> bool:
        return self.n < measuring.ENOUGH


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the sums, per unit."""

    key: str
    expected: Decimal
    came: Decimal
    bias: Decimal
    miss: Decimal


def since(actor: Actor, days: int, *, at: datetime) -> OutturnQuerySet:
    """The outturns that this person may see of stays that ended in the last ``days``; all of them for nought."""
    rows = Outturn.objects.visible_to(actor)
    return rows.filter(ended_at__gt=at - timedelta(days=days), ended_at__lte=at) if days else rows


def _mean(values: Sequence[Decimal]) -> Decimal:
    return money.rounded(sum(values, ZERO) / len(values), "EUR") if values else ZERO


def total(key: str, rows: Sequence[Outturn]) -> Total:
    late = [Decimal(row.late) for row in rows if row.late is not None]
    return Total(
        key=key,
        n=len(rows),
        expected=_mean([row.expected for row in rows]),
        came=_mean([row.came for row in rows]),
        bias=_mean([row.miss for row in rows]),
        miss=_mean([abs(row.miss) for row in rows]),
        late=(sum(late, ZERO) / len(late)).quantize(Decimal("0.1")) if late else None,
    )


def by(rows: Iterable[Outturn], key: Callable[[Outturn], str]) -> list[Total]:
    """Totals by path or class, the most first."""
    found: dict[str, list[Outturn]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return sorted((total(name, kept) for name, kept in found.items()), key=lambda one: (-one.n, one.key))


def lines(rows: Sequence[Outturn]) -> list[Line]:
    """The lines that books know, expected and real, per unit."""
    pairs: dict[str, Callable[[Outturn], tuple[Decimal, Decimal]]] = {
        SALE: lambda row: (row.expected_sale, row.sold_for + row.channel_fee),
        WORK: lambda row: (row.expected_work, row.labor + row.parts),
        MATERIAL: lambda row: (row.expected_material, row.material),
        FREIGHT: lambda row: (row.expected_freight, row.freight),
        HOLDING: lambda row: (row.expected_holding, row.holding),
    }
    found = []
    for key, of in pairs.items():
        both = [of(row) for row in rows]
        if any(expected or came for expected, came in both):
            found.append(
                Line(
                    key=key,
                    expected=_mean([expected for expected, _came in both]),
                    came=_mean([came for _expected, came in both]),
                    bias=_mean([came - expected for expected, came in both]),
                    miss=_mean([abs(came - expected) for expected, came in both]),
                )
            )
    return found


def worst(rows: OutturnQuerySet) -> list[Outturn]:
    """Those that were off most, either way."""
    kept = rows.filter(checked=True).select_related(
        "device__product", "device__owner", "device__hub", "device__location"
    )
    return sorted(kept, key=lambda row: (-abs(row.miss), str(row.pk)))[:WORST]


def in_force(*, at: datetime) -> Figures:
    """Everybody's figures, against which the measured ones stand."""
    return figures.figures_of(terms.in_force(figures.KIND, at=at))


def measured(rows: OutturnQuerySet, *, at: datetime) -> list[Measured]:
    """The planning figures that these outturns can check."""
    cases = [
        Case(
            disposition=row.disposition, device_class=row.device_class, end=row.end, channel=row.channel, again=row.again,
            days=row.days, sold_for=row.sold_for, channel_fee=row.channel_fee, planned_price=row.planned_price,
        )
        for row in rows
    ]  # fmt: skip
    mended = [
        Mended(fault=fault, device_class=kind, minutes=minutes, parts=parts)
        for fault, kind, minutes, parts in RepairDone.objects.filter(outturn__in=rows).values_list(
            "fault", "device_class", "minutes", "parts"
        )
    ]
    return measuring.measured(cases, mended, in_force(at=at))


# In words -------------------------------------------------------------------------------------------------------------------------------


def sentence(row: Outturn) -> str:
    """What became of it, in one sentence."""
    told = {
        "expected": ui.money(row.expected, row.currency),
        "came": ui.money(row.came, row.currency),
        "end": word(f"state.{row.end}"),
    }
    when = _when(row.late)
    if not row.checked:
        text = _("Expected %(expected)s; what it brings where it went isn't in our books. It was %(end)s") % told
    else:
        text = _("Expected %(expected)s, brought %(came)s: %(end)s") % told
    return f"{text} {when}." if when else f"{text}."


def _when(late: int | None) -> str:
    if late is None:
        return ""
    if late > 0:
        return ngettext("%s day later than planned", "%s days later than planned", late) % ui.number(late)
    if late < 0:
        return ngettext("%s day sooner than planned", "%s days sooner than planned", -late) % ui.number(-late)
    return _("on the day that was planned")


def name_of(one: Measured) -> str:
    """A measured figure as people call it."""
    if one.table.startswith("repairs"):
        own = one.table.partition(".")[2]
        told = {"fault": word(one.name), "kind": str(classes.of(own).label) if own else ""}
        return _("Mending: %(fault)s (%(kind)s)") % told if own else _("Mending: %(fault)s") % told
    labels = {
        "channel_days": _("Days until it is sold: %s"),
        "channel_fee": _("What the channel takes: %s"),
        "monthly_decay": _("What the price loses in a month: %s"),
        "days": _("Days until the end: %s"),
    }
    alone = {
        "yield": _("Repairs that reach their grade"),
        "as_is_discount": _("What a buyer pays of the grade's price, as it is"),
    }
    if one.table in alone:
        return alone[one.table]
    if one.table == "monthly_decay":
        return labels[one.table] % str(classes.of(one.name).label)
    return labels[one.table] % word(f"{'disposition' if one.table == 'days' else 'channel'}.{one.name}")


COLUMNS = (
    "unit", "path", "class", "decided", "ended", "end", "again", "checked", "currency", "expected", "came", "miss", "days", "planned_days",
    "channel", "expected_sale", "sold_for", "channel_fee", "expected_work", "labor", "parts", "expected_material", "material",
    "expected_freight", "freight", "expected_holding", "holding", "planned", "other",
)  # fmt: skip


def cells(rows: OutturnQuerySet) -> Iterator[list[object]]:
    """The rows of the CSV, as ``COLUMNS`` names them."""
    for row in rows.select_related("device").iterator(chunk_size=2000):
        yield [
            row.device.tag, row.disposition, row.device_class, row.decided_at.isoformat(), row.ended_at.isoformat(), row.end,
            "yes" if row.again else "no", "yes" if row.checked else "no", row.currency, row.expected, row.came, row.miss, row.days,
            "" if row.planned_days is None else row.planned_days, row.channel, row.expected_sale, row.sold_for, row.channel_fee,
            row.expected_work, row.labor, row.parts, row.expected_material, row.material, row.expected_freight, row.freight,
            row.expected_holding, row.holding, row.planned, row.other,
        ]  # fmt: skip
