"""Pages and scores of returns beside 100,000 past ones: what a person waits for, and what each announcement costs."""

from __future__ import annotations

import contextlib
import os
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from django.db import connection, transaction
from psycopg2 import connect

from benchmarks import policy
from benchmarks.harness import Result
from returns import queries
from returns.models import PersonKey, Review, Rma
from returns.queries import fraud, inbox
from returns.services.fraud import assessing, linking
from revlog.accounts import actors
from revlog.common import clock

ROUNDS = 5
SCORED = 200
PEOPLE, DOORS, OFFICE = 40_000, 60_000, 500
"""So many e-mails and addresses among the contacts of the past, and so many contacts that share one door."""
FILL = (
    # Some people have several contacts, some doors several people, and one door an office.
    f"""UPDATE terms_contact c SET email = 'buyer' || mod(o.n, {PEOPLE}) || '@example.com',
            address = jsonb_build_array('Kade ' || CASE WHEN o.n < {OFFICE} THEN 7 ELSE mod(o.n, {DOORS}) END, '3011 AA Rotterdam')
        FROM (SELECT contact_id, (row_number() OVER (ORDER BY id))::int n FROM returns_rma WHERE number LIKE 'RULES-%') o
        WHERE o.contact_id = c.id""",
    # Of a hundred: eighty-eight are closed, four on the dock, three to come, one to be approved, four ended otherwise.
    """UPDATE returns_rma r SET status = CASE WHEN o.n < 88 THEN 'closed' WHEN o.n < 92 THEN 'arrived' WHEN o.n < 95 THEN 'approved'
            WHEN o.n < 96 THEN 'requested' WHEN o.n < 98 THEN 'expired' ELSE 'cancelled' END,
            hand_in_by = r.opened_at + interval '14 days', arrived_at = CASE WHEN o.n < 92 THEN r.opened_at + interval '4 days' END,
            closed_at = CASE WHEN o.n < 88 THEN r.opened_at + interval '9 days' END, opened_by = 'guest:rma', refund_on = 'acceptance'
        FROM (SELECT id, mod(abs(hashtext(id::text)), 100) n FROM returns_rma WHERE number LIKE 'RULES-%') o WHERE o.id = r.id""",
    """UPDATE returns_rmaline l SET settled_at = r.closed_at,
            settled_as = CASE WHEN r.status = 'closed' THEN 'refund' ELSE 'not_received' END,
            settled_amount = CASE WHEN r.status = 'closed' THEN l.price ELSE 0 END
        FROM returns_rma r WHERE r.id = l.rma_id AND r.status IN ('closed', 'expired')""",
    """INSERT INTO returns_rmaunit (id, line_id, position, quantity, serial, status, received_at, received_by, matched_by,
            settled_by, settled_why)
        SELECT gen_random_uuid(), l.id, 1, 1, 'S' || r.number, CASE r.status WHEN 'closed' THEN 'accepted' WHEN 'arrived' THEN 'received'
            WHEN 'expired' THEN 'not_received' ELSE 'expected' END, r.arrived_at, '', 'serial', '', ''
        FROM returns_rmaline l JOIN returns_rma r ON r.id = l.rma_id WHERE r.status NOT IN ('requested', 'cancelled')""",
    """INSERT INTO returns_review (rma_id, points, band, version, status, held, opened_at, decide_by, decided_by, decided_at,
            decided_why, before, was_held)
        SELECT r.id, o.points, o.band, 1, o.status, o.status = 'open' AND o.band = 'hold', r.opened_at,
            r.opened_at + interval '10 days', '',
            CASE WHEN o.status <> 'open' AND o.status <> 'watched' THEN r.opened_at + interval '3 days' END, '', '', o.band = 'hold'
        FROM returns_rma r CROSS JOIN LATERAL (SELECT mod(abs(hashtext(r.number)), 1000) n) d CROSS JOIN LATERAL (
            SELECT CASE WHEN n < 20 THEN 80 WHEN n < 40 THEN 50 ELSE mod(n, 30) END points,
                CASE WHEN n < 20 THEN 'hold' WHEN n < 40 THEN 'look' ELSE 'auto' END band,
                CASE WHEN n < 2 THEN 'open' WHEN n < 8 THEN 'confirmed' WHEN n < 40 THEN 'cleared' ELSE 'watched' END status) o""",
    """INSERT INTO returns_assessment (rma_id, number, points, band, version, signals, cause, made_at)
        SELECT v.rma_id, n, v.points, v.band, 1, jsonb_build_array(jsonb_build_object('code', 'same_address', 'points', v.points,
            'counted', v.points, 'group', 'links', 'why', 'Several other accounts have the same address.', 'facts', '{}'::jsonb)),
            'returns.rma_opened', now() FROM returns_review v CROSS JOIN generate_series(1, 2) n""",
    """INSERT INTO returns_discrepancy (id, kind, hub_id, rma_id, unit_id, expected, found, money_at_risk, currency, raised_by,
            raised_at, due_at, resolved_by, resolved_at, resolution)
        SELECT gen_random_uuid(), CASE WHEN o.n < 10 THEN 'empty_box' ELSE 'wrong_serial' END, r.hub_id, r.id, u.id, 'A', 'B', l.price,
            'EUR',
            '', r.opened_at, r.opened_at + interval '2 days', '', CASE WHEN r.status = 'closed' THEN r.closed_at END, ''
        FROM returns_rma r JOIN returns_rmaline l ON l.rma_id = r.id JOIN returns_rmaunit u ON u.line_id = l.id
        CROSS JOIN LATERAL (SELECT mod(abs(hashtext(r.number || 'd')), 1000) n) o WHERE o.n < 40 AND r.status IN ('closed', 'arrived')""",
    """INSERT INTO returns_refund (id, line_id, unit_id, amount, deduction, currency, status, method, proposed_by, proposed_at,
            approved_by, why, provider, reference, attempt, why_failed, deductions)
        SELECT gen_random_uuid(), l.id, u.id, l.price, 0, 'EUR', CASE WHEN v.held THEN 'held' WHEN r.status = 'closed' THEN 'paid'
            ELSE 'proposed' END, 'original', '', r.opened_at, '', '', 'bench', 'paid', 1, '', '[]'::jsonb
        FROM returns_rma r JOIN returns_rmaline l ON l.rma_id = r.id JOIN returns_rmaunit u ON u.line_id = l.id
        JOIN returns_review v ON v.rma_id = r.id WHERE v.held OR r.status = 'closed' OR mod(abs(hashtext(r.number || 'p')), 100) = 0""",
    """INSERT INTO returns_casemessage (id, rma_id, by_customer, written_by, text, written_at, read_at)
        SELECT gen_random_uuid(), id, true, '', 'Where is it?', opened_at, CASE WHEN status = 'closed' THEN closed_at END
        FROM returns_rma WHERE mod(abs(hashtext(number || 'm')), 50) = 0""",
)  # fmt: skip


def prepared() -> float:
    """Fill the past once; how long the digests of its people took."""
    if not Rma.objects.filter(number="RULES-000000").exists():
        policy.past(clock.now())
    if not Review.objects.exists():
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in FILL:
                cursor.execute(statement)
    start = time.perf_counter()
    linking.build(at=clock.now(), anew=True)
    took = time.perf_counter() - start
    if not PersonKey.objects.exists():
        raise RuntimeError("Nobody has a digest.")
    return took


def _vacuum() -> None:
    """What an install does by itself, in time: so that plans know the tables, and indexes alone answer what they can."""
    with contextlib.closing(connect(os.environ["DATABASE_OWNER_URL"])) as link:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def slowest(acts: list[Callable[[], object]]) -> tuple[float, float]:
    """Milliseconds of the one in the middle, and of the slowest, each done twice and the second time counted."""
    found = []
    for act in acts:
        act()
        start = time.perf_counter()
        act()
        found.append(1000 * (time.perf_counter() - start))
    return statistics.median(found), max(found)


def asked() -> dict[str, list[Callable[[], object]]]:
    """What is measured, by its name; each of several acts of a kind."""
    at, by = clock.now(), actors.system("bench")
    some = list(
        Rma.objects.select_related("order__contact", "contact", "hub").order_by("id")[:: policy.CASES // SCORED]
    )
    since = at - timedelta(days=90)
    scored = partial(assessing.score_of, at=at)
    lists = partial(fraud.queue, by), partial(fraud.counts, by), partial(fraud.cleared_share, by, since=since)
    pages = partial(queries.listed, by, status="open"), partial(queries.listed, by), partial(queries.counts, by)
    return {
        "score": [partial(scored, rma) for rma in some],
        "history": [partial(queries.history_of, rma.order, at=at) for rma in some],
        "links": [partial(fraud.links, rma) for rma in some[:40]],
        "queue": [partial(_all, lists)] * ROUNDS,
        "decided": [partial(fraud.queue, by, status="confirmed")] * ROUNDS,
        "inbox": [partial(inbox.exceptions, by, at=at)] * ROUNDS,
        "list": [partial(_all, pages)] * ROUNDS,
        "search": [partial(queries.listed, by, text=rma.order.number) for rma in some[:10]],
    }


def _all(acts: Sequence[Callable[[], object]]) -> None:
    for act in acts:
        act()


def pages() -> list[Result]:
    """In one process, by the queries that pages and workers ask; the page itself isn't drawn."""
    seconds = prepared()
    _vacuum()
    rows = [
        Result("digests of the people of 100,000 returns", "s", round(seconds, 1), None, None, "", "once; resumable")
    ]
    for name, acts in asked().items():
        middle, most = slowest(acts)
        goal = "< 50" if name in {"score", "history"} else "< 500"
        note = f"the slowest of {len(acts)}: {most:.1f}; beside {Rma.objects.count():,} returns"
        rows.append(Result(f"returns, {name}", "ms", round(middle, 1), None, None, goal, note))
    return rows
