"""What came of decisions, over a window: by path, by class, by line, and the worst misses. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, DecimalField, F
from django.db.models.functions import Abs
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.accounts.actors import Actor
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
CENT = Decimal("0.01")
WORST = 20
MOST_MEASURED = 20_000
"""Figures are measured by the newest of these: nobody learns more from older ones, and a page holds no more."""


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


_MISS = F("came") - F("expected")


def _cents(value: Decimal | None) -> Decimal:
    return (value or ZERO).quantize(CENT)


def _total(key: str, told: Mapping[str, Any]) -> Total:
    late = told["late"]
    return Total(
        key=key,
        n=told["n"],
        expected=_cents(told["mean_expected"]),
        came=_cents(told["mean_came"]),
        bias=_cents(told["bias"]),
        miss=_cents(told["off"]),
        late=None if late is None else Decimal(late).quantize(Decimal("0.1")),
    )


_SUMS = {
    "n": Count("pk"),
    "mean_expected": Avg("expected"),
    "mean_came": Avg("came"),
    "bias": Avg(_MISS),
    "off": Avg(Abs(_MISS)),
    "late": Avg(F("days") - F("planned_days"), output_field=DecimalField()),
}


def total(rows: OutturnQuerySet) -> Total:
    """All of them together; only those of which the books say what they brought."""
    return _total("", rows.filter(checked=True).order_by().aggregate(**_SUMS))


def by(rows: OutturnQuerySet, column: str) -> list[Total]:
    """Totals by ``disposition`` or ``device_class``, the most first."""
    found = rows.filter(checked=True).order_by().values(column).annotate(**_SUMS).order_by("-n", column)
    return [_total(str(told[column]), told) for told in found]


_LINES: Mapping[str, tuple[Any, Any]] = {
    SALE: (F("expected_sale"), F("sold_for") + F("channel_fee")),
    WORK: (F("expected_work"), F("labor") + F("parts")),
    MATERIAL: (F("expected_material"), F("material")),
    FREIGHT: (F("expected_freight"), F("freight")),
    HOLDING: (F("expected_holding"), F("holding")),
}


def lines(rows: OutturnQuerySet) -> list[Line]:
    """The lines that books know, expected and real, per unit; those of which there is nothing are left out."""
    found = []
    for key, (expected, came) in _LINES.items():
        told = (
            rows.filter(checked=True)
            .order_by()
            .aggregate(one=Avg(expected), other=Avg(came), bias=Avg(came - expected), off=Avg(Abs(came - expected)))
        )
        if told["one"] or told["other"]:
            found.append(
                Line(
                    key=key,
                    expected=_cents(told["one"]),
                    came=_cents(told["other"]),
                    bias=_cents(told["bias"]),
                    miss=_cents(told["off"]),
                )
            )
    return found


def worst(rows: OutturnQuerySet) -> list[Outturn]:
    """Those that were off most, either way."""
    kept = rows.filter(checked=True).select_related(
        "device__product", "device__owner", "device__hub", "device__location"
    )
    return list(kept.annotate(off=Abs(_MISS)).order_by("-off", "id")[:WORST])


def in_force(*, at: datetime) -> Figures:
    """Everybody's figures, against which the measured ones stand."""
    return figures.figures_of(terms.in_force(figures.KIND, at=at))


def measured(rows: OutturnQuerySet, *, at: datetime) -> list[Measured]:
    """The planning figures that these outturns can check."""
    newest = rows.order_by("-ended_at", "-id")[:MOST_MEASURED]
    cases = [
        Case(
            disposition=disposition, device_class=kind, end=end, channel=channel, again=again, days=days, sold_for=sold_for,
            channel_fee=fee, planned_price=planned,
        )
        for disposition, kind, end, channel, again, days, sold_for, fee, planned in newest.values_list(
            "disposition", "device_class", "end", "channel", "again", "days", "sold_for", "channel_fee", "planned_price"
        ).iterator(chunk_size=2000)
    ]  # fmt: skip
    repairs = RepairDone.objects.filter(outturn__in=rows.order_by().values("pk")).order_by("-outturn__ended_at", "pk")
    mended = [
        Mended(fault=fault, device_class=kind, minutes=minutes, parts=parts)
        for fault, kind, minutes, parts in repairs.values_list("fault", "device_class", "minutes", "parts")[
            :MOST_MEASURED
        ]
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
