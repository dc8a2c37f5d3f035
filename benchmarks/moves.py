"""S1, S2: one ledgered move, and a thousand, against psycopg2 doing the same locks and the same writes by hand."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime
from itertools import cycle

from django.db import connection, transaction
from django.test import override_settings
from psycopg2.extras import execute_values

from benchmarks.harness import Result, compare
from revlog.accounts.actors import system
from revlog.accounts.models import Hub, Organization
from revlog.devices import facts
from revlog.devices.models import Device
from revlog.devices.services import arrivals, moves

BY = system("bench")


def units(count: int) -> list[uuid.UUID]:
    at = datetime.now(UTC)
    operator = Organization.objects.get(code="operator")
    hub = Hub.objects.get(code="rotterdam")
    what = arrivals.Description(device_class="monitor", manufacturer="Dell", model="U2419H")
    stay = arrivals.Stay(why="stock", owner=operator.id, hub=hub.id, custodian=operator.id)
    with transaction.atomic():
        made = arrivals.arrive_many(what=[what] * count, stay=stay, by=BY, at=at)
        moves.advance_many(
            made,
            moves.TO_TRIAGE,
            facts=[facts.SentToTriage(reason="bench")] * count,
            by=BY,
            at=at,
        )
    return [device.id for device in made]


def _back_and_forth() -> tuple[moves.Move, ...]:
    return (moves.TO_RETURN, moves.TO_TRIAGE)


def _digest(payload: dict[str, object], previous: str) -> str:
    return hashlib.sha256((json.dumps(payload, sort_keys=True, separators=(",", ":")) + previous).encode()).hexdigest()


def _by_hand(unit: uuid.UUID, target: str, before: str) -> None:
    """The reference: the same locking select and the same four writes (five with the mark of the log), nothing else."""
    at = datetime.now(UTC)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.state, c.head_sequence, c.head_digest FROM devices_device d JOIN custody_chain c ON c.id = d.id "
            "WHERE d.id = %s FOR NO KEY UPDATE",
            [unit],
        )
        _state, head, previous = cursor.fetchone()
        payload: dict[str, object] = {"reason": "bench", "state_from": before, "state_to": target}
        digest = _digest(payload, previous)
        cursor.execute(
            "INSERT INTO custody_entry (chain_id, sequence, kind, version, occurred_at, recorded_at, actor, key, payload, previous, digest)"
            " VALUES (%s, %s, 'devices.sent_to_triage', 1, %s, %s, 'system:bench', '', %s, %s, %s) RETURNING id",
            [unit, head + 1, at, at, json.dumps(payload), previous, digest],
        )
        (entry,) = cursor.fetchone()
        cursor.execute("INSERT INTO custody_unplaced (entry_id) VALUES (%s)", [entry])
        cursor.execute(
            "UPDATE custody_chain SET head_sequence = %s, head_digest = %s WHERE id = %s", [head + 1, digest, unit]
        )
        cursor.execute(
            "UPDATE devices_device SET state = %s, state_since = %s, state_sequence = %s WHERE id = %s",
            [target, at, head + 1, unit],
        )


@override_settings(WAKE_WORKERS=False)
def one_at_a_time(count: int = 300) -> Result:
    """Without the message to the workers, which is sent after the commit and isn't the act."""
    mine, theirs = units(count), units(count)
    my_moves, their_moves = cycle(_back_and_forth()), cycle(_back_and_forth())

    def ours() -> int:
        move = next(my_moves)
        for unit in mine:
            with transaction.atomic():
                device = moves.take_one(unit)
                moves.advance(device, move, fact=facts.SentToTriage(reason="bench"), by=BY, at=datetime.now(UTC))
        return count

    def reference() -> int:
        move = next(their_moves)
        before = "IN_TRIAGE" if move is moves.TO_RETURN else "TO_RETURN"
        for unit in theirs:
            _by_hand(unit, move.target.value, before)
        return count

    return compare("S1 one ledgered move", ours, reference, goal=">= 0.6")


@override_settings(WAKE_WORKERS=False)
def a_thousand(count: int = 1000) -> Result:
    mine, theirs = units(count), units(count)
    my_moves, their_moves = cycle(_back_and_forth()), cycle(_back_and_forth())

    def ours() -> int:
        with transaction.atomic():
            moves.advance_many(
                moves.take(mine),
                next(my_moves),
                facts=[facts.SentToTriage(reason="bench")] * count,
                by=BY,
                at=datetime.now(UTC),
            )
        return count

    def reference() -> int:
        move = next(their_moves)
        before = "IN_TRIAGE" if move is moves.TO_RETURN else "TO_RETURN"
        at = datetime.now(UTC)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT d.id, c.head_sequence, c.head_digest FROM devices_device d JOIN custody_chain c ON c.id = d.id "
                "WHERE d.id = ANY(%s) ORDER BY d.id FOR NO KEY UPDATE",
                [theirs],
            )
            rows = []
            for unit, head, previous in cursor.fetchall():
                payload: dict[str, object] = {"reason": "bench", "state_from": before, "state_to": move.target.value}
                rows.append((unit, head + 1, json.dumps(payload), previous, _digest(payload, previous)))
            ids = execute_values(
                cursor.cursor,
                "INSERT INTO custody_entry (chain_id, sequence, kind, version, occurred_at, recorded_at, actor, key, payload, previous,"
                " digest) VALUES %s RETURNING id",
                [(u, s, "devices.sent_to_triage", 1, at, at, "system:bench", "", p, v, d) for u, s, p, v, d in rows],
                page_size=count,
                fetch=True,
            )
            execute_values(cursor.cursor, "INSERT INTO custody_unplaced (entry_id) VALUES %s", ids, page_size=count)
            execute_values(
                cursor.cursor,
                "UPDATE custody_chain c SET head_sequence = v.s, head_digest = v.d FROM (VALUES %s) AS v (id, s, d) WHERE c.id = v.id",
                [(u, s, d) for u, s, _p, _v, d in rows],
                page_size=count,
            )
            execute_values(
                cursor.cursor,
                "UPDATE devices_device d SET state = v.state, state_since = v.at, state_sequence = v.s"
                " FROM (VALUES %s) AS v (id, state, at, s) WHERE d.id = v.id",
                [(u, move.target.value, at, s) for u, s, _p, _v, _d in rows],
                page_size=count,
            )
        return count

    return compare(
        "S2 a thousand at once", ours, reference, goal=">= 0.4", note=f"{Device.objects.count()} units in the table"
    )
