"""What is in the range of a recall: one question to the database for all of its criteria, however many units there are.

Genealogy is followed both ways by what the ledger says: a unit is found by a part that was put into it, and a part, or the units that it
may have been put into, by the unit it was taken from. Of parts that lie in stock together nobody knows which is which: every unit that
got one between the day it came into stock and the day the stock was empty is counted in.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from returns.models import Criterion, Range
from revlog.devices import identifiers
from revlog.devices.journey import DEPARTED, ENDS, State

DEEPEST = 6
"""How often a part may have gone on from unit to unit before we give up following it."""

_ISSUED = """
    SELECT d.id AS device_id, st.payload->>'number' AS number FROM custody_entry iss
      JOIN devices_device d ON d.tag = iss.payload->>'tag'
     WHERE iss.chain_id = st.chain_id AND iss.kind = 'refurb.part_issued' AND iss.sequence > st.sequence
       AND iss.sequence <= COALESCE((
           SELECT min(z.sequence) FROM custody_entry z WHERE z.chain_id = st.chain_id AND z.sequence > st.sequence
              AND ((z.kind = 'refurb.part_issued' AND z.payload->>'on_hand' = '0')
                OR (z.kind = 'refurb.part_counted' AND z.payload->>'counted' = '0'))), 2147483647)"""
"""The units that got a part of a stock (``st`` is the entry by which it came in) before it was empty again."""

_TAKEN = f"""
    SELECT ch.id AS device_id, 'part_out' AS how, p.tag AS through
      FROM devices_device ch JOIN devices_device p ON p.id = ch.parent_id WHERE ch.parent_id = r.device_id
    UNION ALL
    SELECT m.became_id, 'part_out', p.tag FROM devices_medium m JOIN devices_device p ON p.id = m.device_id
     WHERE m.device_id = r.device_id AND m.became_id IS NOT NULL
    UNION ALL
    SELECT got.device_id, 'part_in', p.tag || ' ' || got.number
      FROM custody_entry st JOIN devices_device p ON p.id = r.device_id, LATERAL ({_ISSUED}) got
     WHERE st.kind = 'refurb.part_stocked' AND st.payload->>'parent_chain' = 'unit:' || r.device_id::text
"""  # noqa: S608 - our own words
"""What was taken out of the unit ``r`` and travels as a unit, and the units that its parts may have been put into."""

PLACE = """CASE
    WHEN EXISTS (SELECT 1 FROM returns_rmaunit ru WHERE ru.device_id = d.id AND ru.status IN ('expected', 'received', 'refused'))
        THEN 'rma'
    WHEN d.state = 'EXPECTED' THEN 'expected' WHEN d.state = 'SOLD' THEN 'sold' WHEN d.state = 'DEPLOYED' THEN 'deployed'
    WHEN d.state IN ('RESTOCKED', 'DONATED', 'RETURNED') THEN 'elsewhere'
    WHEN d.state IN ('RECYCLED', 'WRITTEN_OFF', 'NOT_RECEIVED') THEN 'gone'
    WHEN d.state = 'TO_REFURBISH' THEN 'repair' ELSE 'stock' END"""
PLACES = ("stock", "repair", "rma", "expected", "sold", "deployed", "elsewhere", "gone")


@dataclass(frozen=True)
class Asked:
    """A piece of SQL with its values."""

    sql: str
    params: tuple[Any, ...]


def _and(*parts: Asked | None) -> Asked:
    kept = [part for part in parts if part is not None]
    return Asked("".join(f" AND {part.sql}" for part in kept), tuple(v for part in kept for v in part.params))


def _made(criterion: Criterion) -> Asked | None:
    """Known to have been made at another time is out; not known is in."""
    told = []
    values: list[Any] = []
    if criterion.made_from:
        told.append("d.made_on >= %s")
        values.append(criterion.made_from)
    if criterion.made_until:
        told.append("d.made_on <= %s")
        values.append(criterion.made_until)
    return Asked(f"(d.made_on IS NULL OR ({' AND '.join(told)}))", tuple(values)) if told else None


def _product(criterion: Criterion) -> Asked | None:
    return Asked("d.product_id = %s", (criterion.product_id,)) if criterion.product_id else None


def _seeds(criterion: Criterion, only: Sequence[uuid.UUID] | None) -> list[Asked]:
    """``(criterion, device, how, through, is it found itself)`` of one criterion; ``only`` looks at these units alone."""
    scope = Asked("d.id = ANY(%s)", (list(only),)) if only is not None else None
    also = _and(_made(criterion), _product(criterion) if criterion.range != Range.MODEL else None, scope)
    text = criterion.text.strip().upper()
    issuer = Asked("i.issuer IN (%s, '')", (criterion.maker,)) if criterion.maker else None

    def asked(how: str, through: str, tail: str, *params: object, hit: bool = True) -> Asked:
        begin = (
            f"SELECT %s::uuid AS criterion_id, d.id AS device_id, '{how}' AS how, {through} AS through, {hit} AS hit "
        )
        return Asked(begin + tail + also.sql, (criterion.pk, *params, *also.params))

    identified = "FROM devices_identifier i JOIN devices_device d ON d.id = i.device_id WHERE "
    match criterion.range:
        case Range.MODEL:
            return [asked("model", "''", "FROM devices_device d WHERE d.product_id = %s", criterion.product_id)]
        case Range.VARIANT:
            return [asked("variant", "''", "FROM devices_device d WHERE d.variant_id = %s", criterion.variant_id)]
        case Range.LOT:
            return [asked("lot", "d.lot", "FROM devices_device d WHERE d.lot <> '' AND upper(d.lot) = %s", text)]
        case Range.SERIALS:
            told = _and(issuer)
            return [
                asked(
                    "serials",
                    "i.printed",
                    "FROM returns_recallserial s JOIN devices_identifier i ON i.normal_form = s.normal_form "
                    "AND i.scheme IN ('serial', 'imei') JOIN devices_device d ON d.id = i.device_id "
                    f"WHERE s.criterion_id = %s{told.sql}",
                    criterion.pk,
                    *told.params,
                )
            ]
        case Range.BETWEEN:
            told = _and(issuer)
            return [
                asked(
                    "between",
                    "i.printed",
                    identified + "i.normal_form BETWEEN %s AND %s AND i.scheme = 'serial' "
                    f"AND length(i.normal_form) = %s{told.sql}",
                    criterion.first,
                    criterion.last,
                    len(criterion.first),
                    *told.params,
                )
            ]
        case Range.PART:
            by_chain = (
                "FROM custody_entry e JOIN devices_device d ON d.id = e.chain_id WHERE e.kind = 'refurb.part_used'"
            )
            taken = "FROM custody_entry e JOIN devices_device d ON d.tag = e.payload->>'became' WHERE e.kind = 'refurb.part_harvested'"
            medium = "FROM devices_medium m JOIN devices_device d ON d.id = m.device_id WHERE upper(m.model) = %s"
            return [
                asked("part", "e.payload->>'number'", by_chain + " AND upper(e.payload->>'number') = %s", text),
                asked("part", "e.payload->>'number'", taken + " AND upper(e.payload->>'number') = %s", text),
                asked("part", "m.model", medium + " AND m.state <> 'REMOVED'", text),
            ]
        case Range.PART_SERIAL:
            spelled = list({criterion.text.strip(), text, criterion.text.strip().lower()})
            medium = "FROM devices_medium m JOIN devices_device d ON d.id = m.device_id WHERE m.serial = ANY(%s)"
            loose = "i.normal_form = %s AND i.scheme = 'serial' AND d.device_class IN ('part', 'storage')"
            return [
                asked("part_serial", "m.serial", medium + " AND m.state <> 'REMOVED'", spelled),
                asked("part_serial", "i.printed", identified + loose, identifiers.normal_serial(criterion.text)),
            ]
        case Range.PART_LOT:
            stocked = (
                f"FROM custody_entry st, LATERAL ({_ISSUED}) got JOIN devices_device d ON d.id = got.device_id "
                "WHERE st.kind = 'refurb.lot_stocked' AND upper(st.payload->>'lot') = %s"
            )
            return [asked("part_lot", "got.number || ' ' || (st.payload->>'lot')", stocked, text)]
        case _:
            return [
                asked("taken_from", "d.tag", "FROM devices_device d WHERE d.id = %s", criterion.parent_id, hit=False)
            ]


def devices(criteria: Sequence[Criterion], *, only: Sequence[uuid.UUID] | None = None) -> Asked:
    """The units in the range, each once: ``(criterion_id, device_id, how, through)``. Give criteria with their version's recall.

    ``only`` asks about these units alone, whatever a part of them came from.
    """
    scope = ancestors(only) if only is not None else None
    seeds = [seed for criterion in criteria for seed in _seeds(criterion, scope)]
    follow = [criterion.pk for criterion in criteria if criterion.with_parts or criterion.range == Range.TAKEN_FROM]
    last = "AND r.device_id = ANY(%s)" if only is not None else ""
    sql = f"""
        WITH RECURSIVE seed AS ({" UNION ALL ".join(seed.sql for seed in seeds)}),
        reach (criterion_id, device_id, how, through, hit, depth) AS (
            SELECT criterion_id, device_id, how::text, through::text, hit, 0 FROM seed
            UNION
            SELECT r.criterion_id, t.device_id, t.how, t.through, true, r.depth + 1
              FROM reach r, LATERAL ({_TAKEN}) t WHERE r.depth < {DEEPEST} AND r.criterion_id = ANY(%s)
        )
        SELECT DISTINCT ON (r.device_id) r.criterion_id, r.device_id, r.how, r.through
          FROM reach r WHERE r.hit {last} ORDER BY r.device_id, r.depth, r.criterion_id, r.through
    """  # noqa: S608 - pieces of ours, values apart
    params = tuple(value for seed in seeds for value in seed.params)
    return Asked(sql, (*params, follow, *([list(only)] if only is not None else [])))


_UP = f"""
    WITH RECURSIVE up (device_id, depth) AS (
        SELECT unnest(%s::uuid[]), 0
        UNION
        SELECT x.origin, up.depth + 1 FROM up, LATERAL (
            SELECT d.parent_id AS origin FROM devices_device d WHERE d.id = up.device_id AND d.parent_id IS NOT NULL
            UNION ALL
            SELECT m.device_id FROM devices_medium m WHERE m.became_id = up.device_id
            UNION ALL
            SELECT substr(st.payload->>'parent_chain', 6)::uuid FROM custody_entry used
              JOIN custody_entry st ON st.chain_id = substr(used.payload->>'part', 6)::uuid AND st.kind = 'refurb.part_stocked'
             WHERE used.chain_id = up.device_id AND used.kind = 'refurb.part_used' AND st.payload ? 'parent_chain'
        ) x WHERE up.depth < {DEEPEST}
    ) SELECT DISTINCT device_id FROM up
"""  # noqa: S608 - our own words


def ancestors(devices: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """These units, and all that something in them may have been taken out of."""
    with connection.cursor() as cursor:
        cursor.execute(_UP, [list(devices)])
        return [row[0] for row in cursor.fetchall()]


_NO_DEVICE = """NOT EXISTS (SELECT 1 FROM devices_identifier i WHERE i.normal_form = s.normal_form AND i.scheme IN ('serial', 'imei'))"""
_LEFT = """l.quantity - cardinality(l.serials)
    - (SELECT count(*) FROM devices_allocation a JOIN devices_device d ON d.id = a.device_id
        WHERE a.taker = 'order_line:' || l.id::text AND d.serial = '')
    - (SELECT COALESCE(sum(u.quantity), 0) FROM returns_rmaunit u JOIN returns_rmaline rl ON rl.id = u.line_id
        WHERE rl.order_line_id = l.id AND u.serial = '' AND u.device_id IS NOT NULL AND u.status <> 'not_received')"""
"""How many of a line have no number that we know and are no devices of ours."""


def sold(criteria: Sequence[Criterion]) -> Asked | None:
    """What was sold in the range and is no device of ours: ``(criterion_id, order_line_id, serial, quantity, how)``."""
    parts: list[Asked] = []
    for criterion in criteria:
        lines = {
            Range.MODEL: Asked("l.product_id = %s", (criterion.product_id,)),
            Range.VARIANT: Asked("l.variant_id = %s", (criterion.variant_id,)),
        }.get(Range(criterion.range))
        begin = (  # pieces of ours, values apart
            "SELECT %s::uuid AS criterion_id, l.id AS order_line_id, {} AS quantity, "  # noqa: S608
            f"'{criterion.range}' AS how FROM terms_orderline l"
        )
        if lines is not None:
            named = begin.format("s.printed AS serial, 1")
            parts.append(
                Asked(
                    f"{named} JOIN terms_soldserial s ON s.order_line_id = l.id WHERE {lines.sql} AND {_NO_DEVICE}",
                    (criterion.pk, *lines.params),
                )
            )
            rest = begin.format(f"'' AS serial, ({_LEFT})")
            parts.append(
                Asked(
                    f"{rest} WHERE {lines.sql} AND l.quantity > cardinality(l.serials)", (criterion.pk, *lines.params)
                )
            )
        elif criterion.range in {Range.SERIALS, Range.BETWEEN}:
            product = _and(Asked("l.product_id = %s", (criterion.product_id,)) if criterion.product_id else None)
            named = begin.format("s.printed AS serial, 1") + " JOIN terms_soldserial s ON s.order_line_id = l.id"
            if criterion.range == Range.SERIALS:
                wanted = Asked(
                    "JOIN returns_recallserial w ON w.normal_form = s.normal_form WHERE w.criterion_id = %s",
                    (criterion.pk,),
                )
            else:
                wanted = Asked(
                    "WHERE s.normal_form BETWEEN %s AND %s AND length(s.normal_form) = %s",
                    (criterion.first, criterion.last, len(criterion.first)),
                )
            parts.append(
                Asked(
                    f"{named} {wanted.sql}{product.sql} AND {_NO_DEVICE}",
                    (criterion.pk, *wanted.params, *product.params),
                )
            )
    if not parts:
        return None
    union = " UNION ALL ".join(part.sql for part in parts)
    return Asked(
        f"SELECT DISTINCT ON (order_line_id, serial) criterion_id, order_line_id, serial, quantity, how FROM ({union}) x "  # noqa: S608
        "WHERE quantity > 0 ORDER BY order_line_id, serial, criterion_id",
        tuple(value for part in parts for value in part.params),
    )


AWAY = sorted(state.value for state in DEPARTED | ENDS | {State.EXPECTED})
"""States in which somebody else has the unit, and may be written to."""
SOLD_AS = """
    SELECT COALESCE(
        (SELECT substr(a.taker, 12)::uuid FROM devices_allocation a
          WHERE a.device_id = d.id AND a.taker LIKE 'order_line:%%' AND d.state = 'SOLD' ORDER BY a.since DESC LIMIT 1),
        (SELECT rl.order_line_id FROM returns_rmaunit u JOIN returns_rmaline rl ON rl.id = u.line_id
          WHERE u.device_id = d.id AND u.status IN ('expected', 'received', 'refused') LIMIT 1),
        (SELECT s.order_line_id FROM devices_identifier i JOIN terms_soldserial s ON s.normal_form = i.normal_form
           JOIN terms_orderline l ON l.id = s.order_line_id JOIN terms_order o ON o.id = l.order_id
          WHERE i.device_id = d.id AND i.scheme IN ('serial', 'imei') ORDER BY o.ordered_at DESC LIMIT 1)
    ) AS line_id"""
"""The order line as which a unit (``d``) was last sold."""


def insert_devices(criteria: Sequence[Criterion], *, only: Sequence[uuid.UUID] | None = None) -> Asked:
    """Puts down what isn't on the recall's list yet. Further values: recall, version, at, by."""
    found = devices(criteria, only=only)
    sql = f"""
        INSERT INTO returns_recallunit (id, recall_id, version, criterion_id, device_id, order_line_id, contact_id, serial, quantity,
            how, through, place, found_at, found_by, answer, located_by, located_where, made, made_by, made_why)
        SELECT md5(%s::text || d.id::text)::uuid, %s, %s, f.criterion_id, d.id, sold.line_id,
               CASE WHEN d.state = ANY(%s) THEN o.contact_id END, '', GREATEST(d.quantity, 1), f.how,
               left(COALESCE(f.through, ''), 120), {PLACE}, %s, %s, '', '', '', '', '', ''
          FROM ({found.sql}) f JOIN devices_device d ON d.id = f.device_id
          LEFT JOIN LATERAL ({SOLD_AS}) sold ON true
          LEFT JOIN terms_orderline l ON l.id = sold.line_id LEFT JOIN terms_order o ON o.id = l.order_id
         WHERE d.state <> 'NOT_RECEIVED'
        ON CONFLICT DO NOTHING RETURNING id
    """  # noqa: S608 - pieces of ours, values apart
    return Asked(sql, found.params)


def insert_sold(criteria: Sequence[Criterion]) -> Asked | None:
    found = sold(criteria)
    if found is None:
        return None
    sql = f"""
        INSERT INTO returns_recallunit (id, recall_id, version, criterion_id, order_line_id, contact_id, serial, quantity,
            how, through, place, found_at, found_by, answer, located_by, located_where, made, made_by, made_why)
        SELECT md5(%s::text || f.order_line_id::text || f.serial)::uuid, %s, %s, f.criterion_id, f.order_line_id, o.contact_id, f.serial,
               f.quantity, f.how, '', 'sold', %s, %s, '', '', '', '', '', ''
          FROM ({found.sql}) f JOIN terms_orderline l ON l.id = f.order_line_id JOIN terms_order o ON o.id = l.order_id
        ON CONFLICT DO NOTHING RETURNING id
    """  # noqa: S608 - pieces of ours, values apart
    return Asked(sql, found.params)


ADOPT = """
    UPDATE returns_recallunit u SET device_id = i.device_id
      FROM devices_identifier i JOIN devices_device d ON d.id = i.device_id
     WHERE u.recall_id = %s AND u.device_id IS NULL AND u.serial <> '' AND d.state <> 'NOT_RECEIVED'
       AND i.normal_form = terms_normal_serial(u.serial) AND i.scheme IN ('serial', 'imei')
       AND NOT EXISTS (SELECT 1 FROM returns_recallunit o WHERE o.recall_id = u.recall_id AND o.device_id = i.device_id)
"""
"""A sold thing that became a device of ours since: the same row goes on."""
