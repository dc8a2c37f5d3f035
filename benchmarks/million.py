"""S6, S8, the board and the queries of pages, with a million units in the database.

The units stand in every state, eight of ten with us, as the read side would have folded them: the rows of the board are made by SQL from
the units, their count by hour by the follower's own function. Nothing of it is on the ledger but each unit's first entry.

`tests/prove/test_million.py` calls ``main`` in the environment of a platform's services.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from benchmarks import stock
from benchmarks.servers import OURS, get, gunicorn, make_bare_tables

TIMES = 60
EMPTIED = OURS | {"DJANGO_SETTINGS_MODULE": "benchmarks.emptied_settings"}
STATES = (
    "RECEIVED", "IN_TRIAGE", "TO_SANITIZE", "TO_REFURBISH", "TO_HARVEST", "TO_SELL", "TO_RESTOCK", "TO_RETURN", "SOLD", "RECYCLED",
)  # fmt: skip
STATE = f"(ARRAY[{', '.join(repr(one) for one in STATES)}])[1 + n % 10]"
SINCE = "(now() - ((n::bigint * 7919) % 7776000) * interval '1 second')"
AXES = {"state": STATE, "state_since": SINCE, "data": "'NONE'", "grade": "'B'"}
QUEUED = """
INSERT INTO reporting_queued (id, device_id, hub_id, owner_id, device_class, state, clock, since, due_at, hour)
SELECT gen_random_uuid(), d.id, d.hub_id, d.owner_id, d.device_class, d.state, d.clock, d.state_since, d.due,
       coalesce(date_trunc('hour', d.due AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', %s)
FROM (SELECT u.*, (ARRAY['ours', 'ours', 'ours', 'ours', 'ours', 'customer', 'client', 'part'])[1 + abs(hashtext(id::text)) %% 8] AS clock,
             CASE WHEN abs(hashtext(id::text)) %% 8 <> 5 THEN state_since + (1 + abs(hashtext(tag)) %% 100) * interval '24 hours' END AS due
      FROM devices_device u WHERE hub_id IS NOT NULL AND state <> ALL(%s)) AS d
"""
ACTS = """
INSERT INTO reporting_act (id, device_id, ordinal, act, at, actor, owner_id, hub_id, device_class)
SELECT gen_random_uuid(), d.id, 1,
       (ARRAY['received', 'put_away', 'graded', 'wiped', 'refurbished', 'sent_out'])[1 + abs(hashtext(d.tag)) %% 6],
       now() - (abs(hashtext(d.tag)) %% 172800) * interval '1 second',
       'user:' || (ARRAY[%s])[1 + abs(hashtext(d.tag)) %% 4], d.owner_id, d.hub_id, d.device_class
FROM (SELECT * FROM devices_device WHERE hub_id IS NOT NULL LIMIT 60000) AS d
"""


def fill(units: int) -> float:
    """So many units, and the board's rows of them; how many seconds it took."""
    from django.db import connection
    from psycopg2 import connect

    from reporting.models import NEVER, Queued
    from reporting.services import projections
    from revlog.accounts.models import User

    start = time.perf_counter()
    stock.DEVICE.update(AXES)
    stock.upto(units)
    people = ", ".join(f"'{pk}'" for pk in User.objects.order_by("email").values_list("pk", flat=True)[:4])
    with connection.cursor() as cursor:
        cursor.execute(QUEUED, [NEVER, ["SOLD", "RECYCLED", "EXPECTED"]])
        cursor.execute(ACTS.replace("%s", people).replace("%%", "%"))
    projections.tally(Queued.objects.values_list("hub_id", "state", "clock", "hour").distinct())
    with contextlib.closing(connect(os.environ["DATABASE_OWNER_URL"])) as link:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return time.perf_counter() - start


# Asking -----------------------------------------------------------------------------------------------------------------------------


class Person:
    """Somebody signed in on a connection that stays open."""

    def __init__(self, port: int, name: str) -> None:
        from django.conf import settings
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.sessions.backends.db import SessionStore

        from revlog.accounts.services import people

        user = people.demo_user(name)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        self.cookies = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.token = ""

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        self.link.request("GET", path, headers={"Cookie": self.cookies} | (headers or {}))
        answer = self.link.getresponse()
        for name, value in answer.getheaders():
            if name == "Set-Cookie" and value.startswith("csrftoken"):
                self.token = value.partition("=")[2].partition(";")[0]
                self.cookies = f"{self.cookies.partition('; csrf')[0]}; csrftoken={self.token}"
        return answer.status, answer.read()

    def post(self, path: str, body: dict[str, str]) -> int:
        headers = {
            "Cookie": self.cookies, "X-CSRFToken": self.token, "Content-Type": "application/x-www-form-urlencoded",
            "HX-Request": "true",
        }  # fmt: skip
        self.link.request("POST", path, urlencode(body), headers)
        answer = self.link.getresponse()
        answer.read()
        return answer.status


def _timed(act: Callable[[int], int], times: int = TIMES) -> list[float]:
    """Milliseconds of each; an answer of an error ends the measurement."""
    found = []
    for n in range(-3, times):
        start = time.perf_counter()
        status = act(n)
        if status >= 400:
            raise RuntimeError(f"Answered {status}, so nothing was measured.")
        if n >= 0:
            found.append(1000 * (time.perf_counter() - start))
    return found


def p95(times: list[float]) -> float:
    return round(statistics.quantiles(times, n=20)[-1], 1)


def _in_turn(sides: dict[str, Callable[[int], int]], rounds: int = 3) -> dict[str, list[float]]:
    """Each of them in turn, several rounds: the machine drifts."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _round in range(rounds):
        for name, act in sides.items():
            found[name] += _timed(act, TIMES // rounds)
    return found


def pages_of_units(port: int, bare_port: int, deepest: int) -> dict[str, Any]:
    """S6: a page of 50 of a state's units, the first and the one at row 50,000, against a bare keyset list of as many."""
    from benchmarks import api

    headers = api.key()
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    bare = http.client.HTTPConnection("127.0.0.1", bare_port, timeout=60)

    first = "/api/v1/devices/?state=IN_TRIAGE&limit=50"
    deep = api.page_at(port, first, deepest, headers)
    found = _in_turn(
        {
            "first": lambda _n: get(link, first, headers)[0],
            "deep": lambda _n: get(link, deep, headers)[0],
            "bare": lambda _n: get(bare, "/devices/?state=RECEIVED", {})[0],
        }
    )
    middle = {name: statistics.median(times) for name, times in found.items()}
    return {
        "first_p95_ms": p95(found["first"]), "deep_p95_ms": p95(found["deep"]), "bare_p95_ms": p95(found["bare"]),
        "deep_to_first": round(middle["deep"] / middle["first"], 2), "to_bare": round(middle["bare"] / middle["first"], 2),
    }  # fmt: skip


def scans(port: int, units: int) -> dict[str, Any]:
    """S8: from a scan to its answer, against a signed-in view that does nothing."""
    ines = Person(port, "ines")
    ines.get("/floor/")
    tags = [stock.tag(1 + (n * 7919) % units) for n in range(TIMES * 2)]
    turn = iter(range(10**9))

    def scan(_n: int) -> int:
        return ines.post("/floor/scan", {"code": tags[next(turn) % len(tags)], "key": f"bench-{time.time_ns():020}"})

    found = _in_turn({"scan": scan, "empty": lambda _n: ines.get("/empty/")[0]})
    return {
        "scan_p95_ms": p95(found["scan"]),
        "empty_p95_ms": p95(found["empty"]),
        "ratio": round(p95(found["scan"]) / p95(found["empty"]), 2),
    }


def boards(port: int) -> dict[str, Any]:
    """The board, its part that asks again, the wall, and the list behind its largest figures."""
    aisha = Person(port, "aisha")
    found = _in_turn(
        {
            "board": lambda _n: aisha.get("/board/")[0],
            "asked again": lambda _n: aisha.get("/board/", {"HX-Request": "true"})[0],
            "wall": lambda _n: aisha.get("/board/wall/")[0],
            "all units": lambda _n: aisha.get("/board/queue/")[0],
            "late units": lambda _n: aisha.get("/board/queue/?clock=ours&late=late")[0],
            "work": lambda _n: aisha.get("/board/work/?act=received")[0],
        },
        rounds=2,
    )
    return {f"{name}_p95_ms": p95(times) for name, times in found.items()}


PAGES = {
    "board": ("aisha", "/board/"),
    "wall": ("aisha", "/board/wall/"),
    "units of a queue": ("aisha", "/board/queue/?state=IN_TRIAGE"),
    "late units": ("aisha", "/board/queue/?clock=ours&late=late"),
    "work of today": ("aisha", "/board/work/?act=received"),
    "parcels not unpacked": ("aisha", "/board/alarms/parcels/"),
    "hand over": ("aisha", "/board/hand-over/"),
    "teams and shifts": ("aisha", "/settings/shifts/"),
    "floor": ("ines", "/floor/"),
    "dock plan": ("aisha", "/docks/"),
    "receiving": ("ines", "/receiving/"),
    "containers": ("ines", "/store/containers/"),
    "pick lists": ("aisha", "/store/picks/"),
    "packaging": ("aisha", "/store/packaging/"),
    "places": ("aisha", "/settings/places/"),
    "a unit": ("ines", "UNIT"),
}


def page_queries() -> dict[str, int]:
    """How many questions each page of the floor and its leads asks of the database, with the million in it."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from revlog.accounts.services import people

    found = {}
    for name, (who, path) in PAGES.items():
        client = Client()
        client.force_login(people.demo_user(who))
        address = path if path != "UNIT" else f"/unit/{stock.tag(7)}/"
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            status = client.get(address).status_code
        if status != 200:
            raise RuntimeError(f"{address} answered {status}.")
        found[name] = len(seen.captured_queries)
    return found


@contextlib.contextmanager
def _servers() -> Iterator[tuple[int, int]]:
    with (
        gunicorn("revlog.wsgi", ready="/healthz", environment=EMPTIED) as (ours, _pid),
        gunicorn("benchmarks.bare.app.wsgi", ready="/devices/", environment=make_bare_tables()) as (bare, _bare),
    ):
        yield ours, bare


def main(units: int) -> None:
    """Measure, and print what was found as one line of JSON; Django is set up by then."""
    from django.conf import settings

    from benchmarks import api

    settings.ALLOWED_HOSTS = ["*"]
    told: dict[str, Any] = {"units": units, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    told["seconds_to_fill"] = round(fill(units), 1)
    with _servers() as (port, bare_port):
        told["board"] = boards(port)
        told["S6"] = pages_of_units(port, bare_port, min(api.DEEP, units // 20))
        told["S8"] = scans(port, units)
    told["queries"] = page_queries()
    print(json.dumps(told))
