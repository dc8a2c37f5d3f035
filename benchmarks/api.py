"""S3, S4, S5, S13, S17: the API under four clients and two workers, against bare Django REST framework on the same server."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import os
import statistics
import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from django.core.management import call_command
from django.db import connection, transaction
from psycopg2 import connect
from psycopg2.extras import execute_values

from benchmarks import moves as making
from benchmarks.harness import Result, compare
from benchmarks.servers import ROOT, Load, get, gunicorn, load, post, resident_mib
from revlog.accounts.models import Hub, Organization
from revlog.devices.models import Location
from revlog.devices.services import arrivals

PLACES = ("BENCH-A", "BENCH-B")
WSGI = {"DJANGO_SETTINGS_MODULE": "revlog.settings.dev", "REVLOG_LOG_LEVEL": "ERROR"}


def _key() -> str:
    with contextlib.redirect_stdout(io.StringIO()) as told:
        call_command("create_api_key", organization="operator", scopes="all")
    return told.getvalue().strip()


def _bare() -> dict[str, str]:
    """The bare application's tables, beside ours, owned by the owner's login."""
    environment = {
        "BARE_DATABASE_URL": os.environ["DATABASE_OWNER_URL"],
        "DJANGO_SETTINGS_MODULE": "benchmarks.bare.settings",
    }
    script = (
        "import django; django.setup(); from django.db import connection; from benchmarks.bare.app.models import Device, Event\n"
        "names = connection.introspection.table_names()\n"
        "with connection.schema_editor() as editor:\n"
        "    [editor.create_model(m) for m in (Device, Event) if m._meta.db_table not in names]"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=os.environ | environment, check=True)
    return environment


def _against(
    name: str, ours: Callable[[int], Load], bare: Callable[[int], Load], *, goal: str, rounds: int = 3
) -> list[Result]:
    """Both servers up at once, asked in turn."""
    with (
        gunicorn("revlog.wsgi", ready="/healthz", environment=WSGI) as (our_port, _pid),
        gunicorn("benchmarks.bare.app.wsgi", ready="/devices/", environment=_bare()) as (bare_port, _bare_pid),
    ):
        ours(our_port), bare(bare_port)
        pairs = [(ours(our_port), bare(bare_port)) for _ in range(rounds)]
    errors = sum(mine.errors + theirs.errors for mine, theirs in pairs)
    p95 = statistics.median(mine.p95_ms for mine, _ in pairs)
    return [
        Result(
            name=name,
            unit="1/s",
            ours=round(statistics.median(mine.rate for mine, _ in pairs), 1),
            reference=round(statistics.median(theirs.rate for _, theirs in pairs), 1),
            ratio=round(statistics.median(mine.rate / theirs.rate for mine, theirs in pairs), 3),
            goal=goal,
            note=f"p95 {p95:.0f} ms, {errors} errors",
        )
    ]


def create() -> list[Result]:
    headers = {"Authorization": f"Bearer {_key()}"}

    def ours(port: int) -> Load:
        def ask(link: http.client.HTTPConnection, number: int) -> int:
            body = {
                "arrived": True, "device_class": "laptop", "manufacturer": "Lenovo", "model": "ThinkPad T480",
                "serial": f"PF{uuid.uuid4().hex[:10].upper()}", "owner": "operator", "hub": "rotterdam", "why": "stock",
            }  # fmt: skip
            return post(link, "/api/v1/devices/", body, headers)[0]

        return load(port, ask)

    def bare(port: int) -> Load:
        def ask(link: http.client.HTTPConnection, number: int) -> int:
            body = {
                "tag": uuid.uuid4().hex[:20], "manufacturer": "Lenovo", "model": "ThinkPad T480",
                "serial": f"PF{uuid.uuid4().hex[:10].upper()}",
            }  # fmt: skip
            return post(link, "/devices/", body, {})[0]

        return load(port, ask)

    return _against("S3 create a unit over the API", ours, bare, goal=">= 0.5")


def look_up(count: int = 3000) -> list[Result]:
    headers = {"Authorization": f"Bearer {_key()}"}
    operator, hub = Organization.objects.get(code="operator"), Hub.objects.get(code="rotterdam")
    at = datetime.now(UTC)
    run = uuid.uuid4().hex[:6].upper()
    serials = [f"LK{run}{number:06d}" for number in range(count)]
    stay = arrivals.Stay(why="stock", owner=operator.id, hub=hub.id, custodian=operator.id)
    with transaction.atomic():
        for serial in serials:
            what = arrivals.Description(
                device_class="laptop", manufacturer="Lenovo", model="ThinkPad T480", serial=serial
            )
            arrivals.arrive(what=what, stay=stay, by=making.BY, at=at)
    _bare()
    with connect(os.environ["DATABASE_OWNER_URL"]) as link, link.cursor() as cursor:
        execute_values(
            cursor,
            "INSERT INTO bare_device (id, tag, manufacturer, model, serial, state, created_at) VALUES %s",
            [
                (str(uuid.uuid4()), uuid.uuid4().hex[:20], "Lenovo", "ThinkPad T480", serial, "RECEIVED", at)
                for serial in serials
            ],
        )

    def ours(port: int) -> Load:
        return load(port, lambda link, n: get(link, f"/api/v1/devices/lookup/?q={serials[n % count]}", headers)[0])

    def bare(port: int) -> Load:
        return load(port, lambda link, n: get(link, f"/devices/by-serial/{serials[n % count]}/", {})[0])

    return _against("S4 look a unit up by serial", ours, bare, goal=">= 0.7")


def move(count: int = 400) -> list[Result]:
    headers = {"Authorization": f"Bearer {_key()}"}
    with gunicorn("benchmarks.bare.app.wsgi", ready="/devices/", environment=_bare()) as (port, _pid):
        link = http.client.HTTPConnection("127.0.0.1", port)
        theirs = [
            json.loads(
                post(
                    link,
                    "/devices/",
                    {"tag": uuid.uuid4().hex[:20], "manufacturer": "x", "model": "y", "serial": "z"},
                    {},
                )[1]
            )["id"]
            for _ in range(count)
        ]
    mine = [str(unit) for unit in making.units(count)]
    hub = Hub.objects.get(code="rotterdam")
    for code in PLACES:
        Location.objects.get_or_create(hub=hub, code=code, defaults={"kind": "bin", "created_at": datetime.now(UTC)})

    def ours(port: int) -> Load:
        def ask(link: http.client.HTTPConnection, number: int) -> int:
            # Each client has units of its own and puts each to and fro between two places.
            client, turn = divmod(number, 10_000_000)
            unit = mine[client * (count // 4) + turn % (count // 4)]
            place = PLACES[turn // (count // 4) % 2]
            return post(link, f"/api/v1/devices/{unit}/moves/", {"move": "put", "location": place}, headers)[0]

        return load(port, ask)

    def bare(port: int) -> Load:
        return load(
            port, lambda link, n: post(link, f"/devices/{theirs[(n // 10_000_000 * 97 + n) % count]}/moves/", {}, {})[0]
        )

    return _against("S5 act on a unit over the API", ours, bare, goal=">= 0.5")


def bulk(count: int = 1000) -> list[Result]:
    """S13: orders' kind of work for units: taken in set by set, against COPY of the same rows."""
    operator, hub = Organization.objects.get(code="operator"), Hub.objects.get(code="rotterdam")
    stay = arrivals.Stay(why="stock", owner=operator.id, hub=hub.id, custodian=operator.id)

    def ours() -> int:
        at = datetime.now(UTC)
        run = uuid.uuid4().hex[:6].upper()
        with transaction.atomic():
            for number in range(count):
                what = arrivals.Description(
                    device_class="laptop", manufacturer="Lenovo", model="ThinkPad T480", serial=f"BK{run}{number:06d}"
                )
                arrivals.announce(what=what, stay=stay, by=making.BY, at=at)
        return count

    def reference() -> int:
        rows = [(str(uuid.uuid4()), "unit", 1, uuid.uuid4().hex * 2) for _ in range(count)]
        text = io.StringIO("".join("\t".join(map(str, row)) + "\n" for row in rows))
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMP TABLE IF NOT EXISTS copied (id uuid, kind text, head int, digest text, rest text)"
            )
            for _ in range(5):
                text.seek(0)
                cursor.copy_expert("COPY copied (id, kind, head, digest) FROM STDIN", text)
        return count

    return [
        compare(
            "S13 take in units in bulk",
            ours,
            reference,
            goal=">= 0.2",
            rounds=3,
            note="one by one in one transaction; no set-based import yet",
        )
    ]


def memory() -> list[Result]:
    key = {"Authorization": f"Bearer {_key()}"}
    with gunicorn("revlog.wsgi", ready="/healthz", environment=WSGI, workers=1) as (port, pid):
        load(port, lambda link, n: get(link, "/api/v1/devices/", key)[0], clients=2, seconds=2)
        ours = resident_mib(pid)
    with gunicorn("benchmarks.bare.app.wsgi", ready="/devices/", environment=_bare(), workers=1) as (port, pid):
        load(
            port,
            lambda link, n: post(
                link, "/devices/", {"tag": uuid.uuid4().hex[:20], "manufacturer": "x", "model": "y", "serial": "z"}, {}
            )[0],
            clients=2,
            seconds=2,
        )
        bare = resident_mib(pid)
    return [
        Result("S17 memory of a web worker", "MiB", round(ours, 1), round(bare, 1), round(ours / bare, 3), "<= 130 MiB")
    ]
