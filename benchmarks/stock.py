"""As many units as a figure is asked at, loaded set by set; thrown away with the benchmarks' database.

Each has its names (tag, serial, an IMEI for one in ten), its chain, its visit and its first entry. Only the digests are made up: nothing
here is verified. Foreign keys and plain indexes are dropped for the load and made again after it, as for any load of this size.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice

from django.db import transaction
from psycopg2 import connect, extensions

from benchmarks import moves as making
from benchmarks.servers import make_bare_tables
from revlog.accounts.models import Hub, Organization
from revlog.common import ids
from revlog.devices import identifiers
from revlog.devices.models import Device
from revlog.devices.services import arrivals

TABLES = ("custody_chain", "custody_entry", "devices_visit", "devices_device", "devices_identifier")
UNIT, VISIT, DIGEST = "md5('unit' || n)::uuid", "md5('visit' || n)::uuid", "md5('d' || n) || md5('e' || n)"
DEVICE = {
    "id": UNIT, "tag": "s.tag", "serial": "s.serial", "visit_id": VISIT, "created_at": "t.created_at - n * interval '1 second'",
}  # fmt: skip
OF_PATTERN = "FROM devices_device t, stock_names s WHERE t.id = '{pattern}'"
LOADS = (
    f"""INSERT INTO custody_chain (id, kind, head_sequence, head_digest) SELECT {UNIT}, 'unit', 1, {DIGEST} FROM stock_names""",
    f"""INSERT INTO custody_entry (chain_id, sequence, kind, version, occurred_at, recorded_at, actor, key, payload, previous, digest,
                                   owner_id, hub_id)
        SELECT {UNIT}, 1, e.kind, e.version, e.occurred_at, e.recorded_at, e.actor, '', e.payload, e.previous, {DIGEST}, e.owner_id,
               e.hub_id
        FROM custody_entry e, stock_names s WHERE e.chain_id = '{{pattern}}' AND e.sequence = 1""",
    f"""INSERT INTO devices_device ({{columns}}) SELECT {{values}} {OF_PATTERN}""",
    f"""INSERT INTO devices_visit (id, device_id, number, why, owner_id, reference, opened_at, received_at, route, outcome)
        SELECT {VISIT}, {UNIT}, 1, 'stock', t.owner_id, '', t.created_at, t.created_at, '', '' {OF_PATTERN}""",
    f"""INSERT INTO devices_identifier (device_id, scheme, issuer, normal_form, printed, added_at)
        SELECT {UNIT}, i.scheme, i.issuer, i.form, i.form, t.created_at FROM devices_device t, stock_names s,
               LATERAL (VALUES ('tag', '', s.tag), ('serial', 'lenovo', s.serial), ('imei', '', s.imei)) AS i (scheme, issuer, form)
        WHERE t.id = '{{pattern}}' AND (i.scheme <> 'imei' OR n % 10 = 0)""",
    """INSERT INTO bare_device (id, tag, manufacturer, model, serial, state, created_at)
       SELECT md5('bare' || n)::uuid, tag, 'Lenovo', 'ThinkPad T480', serial, 'RECEIVED', now() FROM stock_names""",
)


def serial(number: int) -> str:
    return f"STOCK{number:08d}"


def tag(number: int) -> str:
    letters = ""
    for _ in range(7):
        number, rest = divmod(number, len(ids.ALPHABET))
        letters = ids.ALPHABET[rest] + letters
    letters += ids.check_character(letters)
    return f"RL-{letters[:4]}-{letters[4:]}"


def imei(number: int) -> str:
    """Noted for every tenth unit."""
    body = f"35{number:012d}"
    return next(body + last for last in "0123456789" if identifiers.luhn(body + last))


def count() -> int:
    """How many were loaded."""
    newest = Device.objects.filter(serial__startswith="STOCK").order_by("created_at").values_list("serial", flat=True)
    return int(newest[0].removeprefix("STOCK")) if newest.exists() else 0


def upto(most: int) -> float:
    """Load what is missing to ``most`` units; how many seconds it took."""
    make_bare_tables()
    first = count() + 1
    start = time.perf_counter()
    if first > most:
        return 0.0
    operator, hub = Organization.objects.get(code="operator"), Hub.objects.get(code="rotterdam")
    what = arrivals.Description(device_class="laptop", manufacturer="Lenovo", model="ThinkPad T480")
    stay = arrivals.Stay(why="stock", owner=operator.id, hub=hub.id, custodian=operator.id)
    with transaction.atomic():
        pattern = arrivals.arrive(what=what, stay=stay, by=making.BY, at=datetime.now(UTC))
    columns = [field.column for field in Device._meta.concrete_fields]
    told = {
        "pattern": pattern.id, "columns": ", ".join(columns),
        "values": ", ".join(DEVICE.get(column, f"t.{column}") for column in columns),
    }  # fmt: skip
    with connect(os.environ["DATABASE_OWNER_URL"]) as link, link.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'; SET synchronous_commit = off")
        cursor.execute("CREATE TEMP TABLE stock_names (n int, tag text, serial text, imei text) ON COMMIT DROP")
        names = (f"{n}\t{tag(n)}\t{serial(n)}\t{imei(n)}\n" for n in range(first, most + 1))
        while rows := "".join(islice(names, 50_000)):
            cursor.copy_expert("COPY stock_names FROM STDIN", io.StringIO(rows))
        with _bare_of_indexes(cursor) if most - first > 50_000 else _bare_of_triggers(cursor):
            for place, load in enumerate(LOADS):
                print(
                    f"\rLoading {most:,} units, step {place + 1} of {len(LOADS)} ", end="", file=sys.stderr, flush=True
                )
                cursor.execute(load.format(**told))
            print("\rMaking the indexes again          ", end="", file=sys.stderr, flush=True)
        cursor.execute("ANALYZE " + ", ".join((*TABLES, "bare_device")))
    print(f"\r{most:,} units after {time.perf_counter() - start:.0f} s            ", file=sys.stderr)
    return time.perf_counter() - start


@contextmanager
def _bare_of_triggers(cursor: extensions.cursor) -> Iterator[None]:
    """The rules about single acts are about acts, and this is none."""
    for table in TABLES:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in TABLES:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@contextmanager
def _bare_of_indexes(cursor: extensions.cursor) -> Iterator[None]:
    with _bare_of_triggers(cursor):
        cursor.execute(
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
            [list(TABLES)],
        )
        keys = cursor.fetchall()
        cursor.execute(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
            "WHERE NOT i.indisunique AND i.indrelid::regclass::text = ANY(%s)",
            [list(TABLES)],
        )
        indexes = cursor.fetchall()
        for table, name, _definition in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
